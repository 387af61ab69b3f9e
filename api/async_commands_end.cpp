// What becomes of commands: answers, acknowledgements, deadlines, the end of their device; what an earlier
// process left of them; and how long those that are over are kept.

#include "api/async_commands.hpp"

#include "api/json_body.hpp"
#include "api/json_text.hpp"
#include "api/stored_documents.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::api {

using store::DocumentKind;
using store::DocumentPtr;
using Status = AsyncCommandStatus;

namespace {

constexpr Seconds look_interval{1};
constexpr Seconds trim_interval{60};
/// Removed at once.
constexpr std::size_t trimmed_max = 10'000;
/// Devices looked at together.
constexpr std::size_t trimmed_devices_max = 100;

/// What is left of a time that began at `from`; all of it at most, wherever the clock was set meanwhile.
Milliseconds left_of(Seconds time, WallTime from, WallTime now) {
    return std::clamp(from + time - now, Milliseconds{0}, Milliseconds{time});
}

void set_answer(AsyncCommand& command, const DeviceReply& reply, WallTime now) {
    command.answered_at = now;
    const auto answer = parse_json(reply.payload);
    if (reply.kind != ReplyKind::answered || !answer || !answer->is_object()) {
        command.status = Status::failed;
        return set_error(command, ReplyKind::unreadable);
    }
    command.status = says_done(answer->get_object()) ? Status::successful : Status::failed;
    command.result = compact_json(reply.payload);
    if (command.result.size() <= command_result_bytes_max) return;
    command.result.clear();
    set_error(command, ReplyKind::unreadable);
    command.error_msg = "the device has answered, with more than is kept of an answer: " +
                        std::to_string(command_result_bytes_max) + " bytes";
}

store::DocumentQuery commands_query() {
    store::DocumentQuery query;
    query.kind = DocumentKind::async_command;
    return query;
}

}  // namespace

// --- The start

Result<void> AsyncCommands::load() {
    store::DocumentQuery query = commands_query();
    query.name_prefix = name_prefix_of_commands(true);
    return visit_all(context_.catalogue.documents(), query,
                     [this](const DocumentPtr& document) { restore(async_command_of(*document)); });
}

void AsyncCommands::restore(const AsyncCommand& command) {
    const auto live = std::make_shared<Live>();
    live->id = command.command_id;
    live->device = command.device_number;
    live->expire_time = command.draft.expire_time;
    live->is_delivered = command.status == Status::delivered;
    Entry& entry = devices_[live->device];
    entry.device_id = command.device_id;
    entry.connected_id = command.connected_id;
    by_connection_[entry.connected_id].insert(live->device);
    enter(live);
    const WallTime wall = context_.clock.wall_now();
    const Instant now = context_.clock.now();
    if (command.status == Status::pending) {
        set_deadline(*live, now + left_of(live->expire_time, command.created_at, wall));
        return add_pending(live);
    }
    // Perhaps it was sent, and never again is it: its answer may still come.
    live->stage = Stage::sent;
    ++entry.unanswered;
    const WallTime sent_at = command.sent_at.value_or(command.created_at);
    set_deadline(*live, now + left_of(context_.settings.answer_timeout, sent_at, wall));
}

// --- What devices say

void AsyncCommands::on_connection_begun(std::string_view device_id) {
    if (pending_.load() == 0) return;
    context_.home.post([this, connected_id = std::string{device_id}] {
        const auto found = by_connection_.find(connected_id);
        if (found == by_connection_.end()) return;
        const auto devices = found->second;  // one may go meanwhile
        for (const std::uint64_t device : devices) {
            const auto entry = devices_.find(device);
            if (entry == devices_.end()) continue;
            entry->second.not_before = {};
            entry->second.failures = 0;
            pump(device);
        }
    });
}

bool AsyncCommands::on_answer(std::string_view device_id, std::string_view request_id,
                              DeviceReply reply) {
    if (live_.load() == 0 || !is_command_id(request_id)) return false;
    context_.home.post([this, device_id = std::string{device_id}, id = std::string{request_id},
                        reply = std::move(reply)] { take_answer(device_id, id, reply); });
    return true;
}

void AsyncCommands::on_acknowledged(std::string_view device_id, std::string_view topic,
                                    bool is_refused) {
    if (live_.load() == 0) return;
    const std::string_view id = find_command_id(topic);
    if (id.empty()) return;
    context_.home.post([this, device_id = std::string{device_id}, id = std::string{id},
                        is_refused] { take_acknowledgement(device_id, id, is_refused); });
}

/// Null: there is none, or not from that connection, or it is over.
AsyncCommands::LivePtr AsyncCommands::find_sent(const std::string& device_id,
                                                const std::string& id) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end() || found->second->stage != Stage::sent) return nullptr;
    const bool is_its = devices_.at(found->second->device).connected_id == device_id;
    return is_its ? found->second : nullptr;
}

void AsyncCommands::take_answer(const std::string& device_id, const std::string& id,
                                const DeviceReply& reply) {
    const LivePtr live = find_sent(device_id, id);
    if (!live) {
        return context_.turns.enter(
            [](Turn& turn) { turn.counters.add(Counter::device_answers_unknown); });
    }
    finish(live, [reply, now = context_.clock.wall_now()](AsyncCommand& command) {
        set_answer(command, reply, now);
    });
}

void AsyncCommands::take_acknowledgement(const std::string& device_id, const std::string& id,
                                         bool is_refused) {
    const LivePtr live = find_sent(device_id, id);
    if (!live || live->is_delivered) return;
    if (is_refused) {
        return finish(live, [](AsyncCommand& command) {
            command.status = Status::failed;
            command.error_code = "IOTDA.014195";
            command.error_msg = "The device refused the command.";
        });
    }
    live->is_delivered = true;
    const auto mark = [now = context_.clock.wall_now()](AsyncCommand& command) {
        command.status = Status::delivered;
        command.delivered_at = now;
    };
    // Where it cannot be kept, it is SENT as before; its end is what counts.
    context_.catalogue.documents().change(
        DocumentKind::async_command, live->id, document_change(mark), context_.home,
        [this](std::error_code error, const DocumentPtr& document) {
            if (!error) tell(async_command_of(*document));
        });
}

// --- The end

void AsyncCommands::on_deadline(const LivePtr& live) {
    if (live->stage == Stage::pending) {  // while it is being sent, nobody looks
        remove_pending(devices_.at(live->device), *live);
        return finish(live, [](AsyncCommand& command) { command.status = Status::expired; });
    }
    if (live->stage != Stage::sent) return;
    context_.turns.enter(
        [](Turn& turn) { turn.counters.add(Counter::device_requests_unanswered); });
    finish(live, [](AsyncCommand& command) {
        command.status = Status::timeout;
        set_error(command, ReplyKind::too_late);
    });
}

void AsyncCommands::finish(const LivePtr& live, Change change) {
    const bool was_sent = live->stage != Stage::pending;
    live->stage = Stage::ending;
    leave_line(*live);
    // It is in nobody's way until that is kept: what its device has to answer is one less.
    Entry& entry = devices_.at(live->device);
    if (was_sent) --entry.unanswered;
    ++entry.ending;
    keep(live, std::move(change), [this, live](AsyncCommand command) {
        --devices_.at(live->device).ending;
        leave(*live);
        tell(command);
        answer(live, {.kind = {}, .command = std::move(command), .error = {}});
        untrimmed_.insert(live->device);
        pump(live->device);
        release(live->device);
    });
}

/// Then `kept`, with the command as it is; unless it is gone by then.
void AsyncCommands::keep(const LivePtr& live, Change change, Kept kept) {
    context_.catalogue.documents().change(
        DocumentKind::async_command, live->id, document_change(change), context_.home,
        [this, live, change, kept](std::error_code error, const DocumentPtr& document) {
            if (live->stage == Stage::forgotten) return;
            if (!error) return kept(async_command_of(*document));
            if (error == store::CatalogueError::not_found) return drop(live);
            unkept_.emplace_back([this, live, change, kept] {
                if (live->stage != Stage::forgotten) keep(live, change, kept);
            });
        });
}

/// Its document is gone.
void AsyncCommands::drop(const LivePtr& live) {
    const auto found = devices_.find(live->device);
    if (found != devices_.end()) {
        leave_line(*live);
        if (live->stage == Stage::ending) --found->second.ending;
    }
    live->stage = Stage::forgotten;
    leave(*live);
    answer(live, {.kind = AsyncAcceptance::Kind::device_gone, .command = {}, .error = {}});
    pump(live->device);
    release(live->device);
}

void AsyncCommands::forget_device(std::uint64_t number) {
    const auto found = devices_.find(number);
    if (found == devices_.end()) return;
    pending_.fetch_sub(found->second.pending.size());
    for (const std::string& id : std::set<std::string>{found->second.ids}) {
        const LivePtr live = by_id_.at(id);
        live->stage = Stage::forgotten;
        leave(*live);
        answer(live, {.kind = AsyncAcceptance::Kind::device_gone, .command = {}, .error = {}});
    }
    const auto of_connection = by_connection_.find(found->second.connected_id);
    of_connection->second.erase(number);
    if (of_connection->second.empty()) by_connection_.erase(of_connection);
    devices_.erase(found);
}

void AsyncCommands::tell(const AsyncCommand& command) {
    constexpr auto kind = PlatformEventKind::device_command_status_updated;
    if (!context_.events.wants(kind)) return;
    PlatformEvent event;
    event.kind = kind;
    event.subject.device_id = command.device_id;  // whoever reads it knows the rest
    event.at = context_.clock.wall_now();
    event.body = command_status_body(command);
    context_.events.on_platform_event(std::move(event));
}

void AsyncCommands::answer(const LivePtr& live, AsyncAcceptance acceptance) {
    const Accepted done = std::exchange(live->done, {});
    if (done) done(std::move(acceptance));
}

// --- What is due

void AsyncCommands::on_tick(Instant now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const LivePtr live = by_id_.at(deadlines_.begin()->second);
        deadlines_.erase(deadlines_.begin());
        on_deadline(live);
    }
    if (now < next_look_) return;
    next_look_ = now + look_interval;
    try_again();
    trim(now);
}

void AsyncCommands::try_again() {
    for (const auto& change : std::exchange(unkept_, {})) change();
    for (const std::uint64_t device : std::exchange(later_, {})) {
        pump(device);
        const auto found = devices_.find(device);
        const bool is_early = found != devices_.end() && !found->second.pending.empty() &&
                              context_.clock.now() < found->second.not_before;
        if (is_early) later_.insert(device);
    }
}

void AsyncCommands::trim(Instant now) {
    if (is_trimming_) return;
    trim_devices();
    if (now < next_trim_) return;
    next_trim_ = now + trim_interval;
    trim_old();
}

/// Of devices whose commands have ended, those that are too many.
void AsyncCommands::trim_devices() {
    for (std::size_t count = 0; count < trimmed_devices_max && !untrimmed_.empty(); ++count) {
        store::DocumentQuery query = commands_query();
        query.parent = parent_of_commands(*untrimmed_.begin());
        query.name_prefix = name_prefix_of_commands(false);
        query.paging = {
            .marker = {}, .offset = context_.settings.finished_max, .limit = trimmed_max};
        context_.catalogue.documents().remove_listed(std::move(query), context_.home,
                                                     [](std::error_code, std::size_t) {});
        untrimmed_.erase(untrimmed_.begin());
    }
}

/// Of all devices, those that are too old.
void AsyncCommands::trim_old() {
    store::DocumentQuery query = commands_query();
    query.name_prefix = name_prefix_of_commands(false);
    query.created_until = context_.clock.wall_now() - context_.settings.finished_age_max;
    query.paging.limit = trimmed_max;
    is_trimming_ = true;
    context_.catalogue.documents().remove_listed(
        std::move(query), context_.home, [this](std::error_code error, std::size_t removed) {
            is_trimming_ = false;
            if (!error && removed == trimmed_max) next_trim_ = {};  // there are more
        });
}

}  // namespace holdfast::api
