#include "api/shadows.hpp"

#include <limits>

namespace holdfast::api {

using store::Document;
using store::DocumentKind;
using store::DocumentPtr;

namespace {

constexpr DocumentKind kind = DocumentKind::device_shadow;
constexpr Seconds write_interval{1};
constexpr std::size_t writes_max = 64;

Document document_of(std::uint64_t number, const std::string& device_id, const Shadow& shadow) {
    return {.kind = kind,
            .id = std::to_string(number),
            .parent = {},
            .name = device_id,
            .body = shadow.to_json(),
            .secret = {},
            .created_at = {}};
}

std::error_code put(const Shadow& shadow, Document& document) {
    std::string body = shadow.to_json();
    if (body.size() > shadow_bytes_max) return std::make_error_code(shadow_too_large);
    document.body = std::move(body);
    return {};
}

store::DocumentChange merging(const Shadow& reported) {
    return [reported](Document& document) {
        Shadow shadow = Shadow::parse(document.body);
        shadow.merge_reported(reported);
        return put(shadow, document);
    };
}

std::size_t bytes_of(const std::vector<ReportedService>& services) {
    std::size_t bytes = 0;
    for (const ReportedService& each : services) {
        bytes += each.service_id.size() + each.properties.size();
    }
    return bytes;
}

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

}  // namespace

// --- What devices report

bool Shadows::on_reported(const ShadowOwner& owner, const std::vector<ReportedService>& services,
                          Instant now) {
    const std::scoped_lock lock{mutex_};
    Collected& collected = collected_[owner.number];
    const std::size_t bytes = bytes_of(services);
    if (collected.bytes + bytes > shadow_bytes_max) {
        // Most of it is the same properties again.
        collected.bytes = collected.fresh.to_json().size();
        if (collected.bytes + bytes > shadow_bytes_max) return false;
    }
    collected.bytes += bytes;
    collected.device_id = owner.device_id;
    collected.fresh.merge_reported(services);
    if (!collected.is_due) schedule(owner.number, collected, now + write_interval);
    return true;
}

void Shadows::schedule(std::uint64_t number, Collected& collected, Instant at) {
    collected.is_due = true;
    due_.emplace_back(at, number);
}

void Shadows::on_deadline(Turn& turn) {
    struct Write {
        std::uint64_t number;
        std::string device_id;
        Shadow reported;
    };
    std::vector<Write> begun;
    {
        const std::scoped_lock lock{mutex_};
        now_ = turn.now;
        while (!due_.empty() && due_.front().first <= turn.now && writes_ < writes_max) {
            const std::uint64_t number = due_.front().second;
            due_.pop_front();
            const auto found = collected_.find(number);
            if (found == collected_.end()) continue;
            Collected& collected = found->second;
            collected.is_due = false;
            if (collected.is_writing) {
                schedule(number, collected, turn.now + write_interval);
                continue;
            }
            collected.writing = std::exchange(collected.fresh, {});
            collected.bytes = 0;
            collected.is_writing = true;
            ++writes_;
            begun.push_back({number, collected.device_id, collected.writing});
        }
    }
    for (Write& each : begun) {
        write(each.number, std::move(each.device_id), std::move(each.reported), *turn.executor);
    }
}

void Shadows::write(std::uint64_t number, std::string device_id, Shadow reported,
                    store::Executor& executor) {
    const auto on_added = [this, number, &executor](std::error_code error, const DocumentPtr&) {
        on_written(number, error, executor);
    };
    Document fresh = document_of(number, device_id, reported);
    documents_.change(kind, std::to_string(number), merging(reported), executor,
                      [this, fresh = std::move(fresh), on_added, number, &executor](
                          std::error_code error, const DocumentPtr&) {
                          if (error != store::CatalogueError::not_found) {
                              return on_written(number, error, executor);
                          }
                          documents_.add(fresh, any_number, executor, on_added);
                      });
}

/// What could not be written is tried again, beneath what has been reported since.
void Shadows::on_written(std::uint64_t number, std::error_code error, store::Executor& executor) {
    bool is_forgotten = false;
    {
        const std::scoped_lock lock{mutex_};
        --writes_;
        const auto found = collected_.find(number);
        if (found == collected_.end()) return;
        Collected& collected = found->second;
        collected.is_writing = false;
        Shadow written = std::exchange(collected.writing, {});
        is_forgotten = collected.is_forgotten;
        if (error && error != shadow_too_large && !is_forgotten) {
            written.merge_reported(collected.fresh);
            collected.fresh = std::move(written);
            if (!collected.is_due) schedule(number, collected, now_ + write_interval);
        } else if (is_forgotten || collected.fresh.empty()) {
            collected_.erase(found);
        }
    }
    if (!is_forgotten) return;
    documents_.remove(kind, std::to_string(number), executor, [](std::error_code) {});
}

void Shadows::forget(std::uint64_t number) {
    const std::scoped_lock lock{mutex_};
    const auto found = collected_.find(number);
    if (found == collected_.end()) return;
    if (!found->second.is_writing) {
        collected_.erase(found);
        return;
    }
    found->second.fresh = {};
    found->second.is_forgotten = true;
}

void Shadows::write_all(store::Executor& executor) {
    const std::scoped_lock lock{mutex_};
    for (auto& [number, collected] : collected_) {
        if (collected.is_forgotten) continue;
        Shadow all = collected.writing;
        all.merge_reported(collected.fresh);
        // One of the two does it: which, is known only when nobody can be told any more.
        documents_.change(kind, std::to_string(number), merging(all), executor,
                          [](std::error_code, const DocumentPtr&) {});
        documents_.add(document_of(number, collected.device_id, all), any_number, executor,
                       [](std::error_code, const DocumentPtr&) {});
    }
    collected_.clear();
    due_.clear();
}

// --- What applications and devices ask

void Shadows::add_collected(std::uint64_t number, Shadow& shadow) {
    const std::scoped_lock lock{mutex_};
    const auto found = collected_.find(number);
    if (found == collected_.end()) return;
    shadow.merge_reported(found->second.writing);
    shadow.merge_reported(found->second.fresh);
}

void Shadows::find(std::uint64_t number, store::Executor& executor, const Done& done) {
    documents_.find(kind, std::to_string(number), executor,
                    [this, number, done](std::error_code error, const DocumentPtr& found) {
                        if (error && error != store::CatalogueError::not_found) {
                            return done(error, {});
                        }
                        Shadow shadow = found ? Shadow::parse(found->body) : Shadow{};
                        add_collected(number, shadow);
                        done({}, std::move(shadow));
                    });
}

void Shadows::desire(const ShadowOwner& owner, const std::vector<DesiredUpdate>& updates,
                     const std::string& time, store::Executor& executor, const Done& done) {
    const auto change = [updates, time](Document& document) {
        Shadow shadow = Shadow::parse(document.body);
        if (!apply(updates, time, shadow)) return std::make_error_code(version_conflict);
        return put(shadow, document);
    };
    const auto answer = [this, number = owner.number, done](std::error_code error,
                                                            const DocumentPtr& changed) {
        if (error) return done(error, {});
        Shadow shadow = Shadow::parse(changed->body);
        add_collected(number, shadow);
        done({}, std::move(shadow));
    };
    const auto begin_anew = [this, owner, updates, time, &executor, done]() {
        desire(owner, updates, time, executor, done);
    };
    documents_.change(
        kind, std::to_string(owner.number), change, executor,
        [this, owner, change, answer, begin_anew, &executor](std::error_code error,
                                                             const DocumentPtr& changed) {
            if (error != store::CatalogueError::not_found) return answer(error, changed);
            Document first = document_of(owner.number, owner.device_id, {});
            if (const std::error_code refused = change(first)) return answer(refused, nullptr);
            documents_.add(first, any_number, executor,
                           [answer, begin_anew](std::error_code failed, const DocumentPtr& added) {
                               // A report was written meanwhile: there is something to change.
                               if (failed == store::CatalogueError::already_exists) {
                                   return begin_anew();
                               }
                               answer(failed, added);
                           });
        });
}

void Shadows::remove(std::uint64_t number, const std::optional<std::string>& service_id,
                     store::Executor& executor, const store::Answered& done) {
    const auto answer = [done](std::error_code error) {
        done(error == store::CatalogueError::not_found ? std::error_code{} : error);
    };
    {
        const std::scoped_lock lock{mutex_};
        if (const auto found = collected_.find(number); found != collected_.end()) {
            if (service_id) {
                found->second.fresh.remove(*service_id);
            } else {
                found->second.fresh = {};
            }
        }
    }
    if (!service_id) return documents_.remove(kind, std::to_string(number), executor, answer);
    documents_.change(
        kind, std::to_string(number),
        [service_id](Document& document) {
            Shadow shadow = Shadow::parse(document.body);
            shadow.remove(*service_id);
            return put(shadow, document);
        },
        executor, [answer](std::error_code error, const DocumentPtr&) { answer(error); });
}

}  // namespace holdfast::api
