#include "api/event_log.hpp"

#include "api/event_record.hpp"
#include "base/error.hpp"
#include "delivery/stored_message_id.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace holdfast::api {

using delivery::event_queue;
using store::Position;

namespace {

constexpr std::size_t page_bytes_max = 1024 * 1024;
/// Settled in one batch; more in the next.
constexpr std::size_t trimmed_max = store::page_records_max;

Position behind(Position position) { return Position{static_cast<std::uint64_t>(position) + 1}; }

store::ValuePtr value_of(store::Bytes bytes) {
    return std::make_shared<const store::BytesValue>(std::move(bytes));
}

}  // namespace

EventLog::EventLog(Context context)
    : store_(context.store),
      catalogue_(context.catalogue),
      home_(context.home),
      clock_(context.clock),
      events_(context.events),
      settings_(context.settings),
      wanted_(context.settings.keep_all ? all_event_kinds : 0),
      next_(behind(store_.last_position(event_queue))),
      readable_(store_.last_position(event_queue)),
      first_(next_) {}

// --- What comes in

void EventLog::set_rule_kinds(EventKinds kinds) {
    wanted_.store(settings_.keep_all ? all_event_kinds : kinds, std::memory_order_relaxed);
}

Position EventLog::take_position() {
    const std::scoped_lock lock{mutex_};
    const Position position = next_;
    next_ = behind(next_);
    open_.push_back({position, false});
    return position;
}

/// True: more can be read now. With the lock held.
bool EventLog::settle(Position position) {
    const auto found = std::ranges::lower_bound(open_, position, {}, &Open::position);
    CHECK(found != open_.end() && found->position == position);
    found->is_settled = true;
    const bool is_news = open_.front().is_settled;
    while (!open_.empty() && open_.front().is_settled) {
        readable_ = open_.front().position;
        open_.pop_front();
    }
    return is_news;
}

void EventLog::on_platform_event(PlatformEvent event) {
    if (!wants(event.kind)) return;
    const Position position = take_position();
    store::Batch batch;
    batch.append(event_queue, position, value_of(encode_event_record(event)), event_mark(event.at));
    store_.commit(std::move(batch), home_, [this, position](std::error_code error) {
        if (error) {
            failed_.fetch_add(1, std::memory_order_relaxed);
            tell(Severity::error, "event_lost", error.message(), 1);
        }
        on_settled({position});
    });
}

Position EventLog::record(const delivery::StatusRecord& record, store::Batch& batch) {
    // In a gateway's queue are messages of devices behind it.
    const delivery::StoredMessageId id = delivery::parse_stored_message_id(record.message_id);
    delivery::StatusRecord shown = record;
    shown.message_id = id.message_id;
    if (!id.object_device_id.empty()) shown.device_id = id.object_device_id;
    const Position position = take_position();
    batch.append(event_queue, position, value_of(encode_status_record(shown)), event_mark(shown.at));
    return position;
}

void EventLog::on_presence(std::string_view device_id, bool is_online, WallTime at) {
    if (!wants(PlatformEventKind::device_status_updated)) return;
    PlatformEvent event;
    event.kind = PlatformEventKind::device_status_updated;
    event.subject.device_id = device_id;
    event.at = at;
    event.body = device_status_body(is_online, at);
    on_platform_event(std::move(event));
}

void EventLog::on_settled(const delivery::RecordedPositions& positions) {
    bool is_news = false;
    {
        const std::scoped_lock lock{mutex_};
        for (const Position position : positions) is_news = settle(position) || is_news;
    }
    appended_.fetch_add(positions.size(), std::memory_order_relaxed);
    if (is_news) notify();
}

void EventLog::notify() {
    if (!is_watched_.load(std::memory_order_relaxed)) return;
    if (is_notifying_.exchange(true)) return;
    home_.post([this] {
        is_notifying_.store(false);
        wake();
    });
}

void EventLog::wake() {
    std::erase_if(watchers_, [](const auto& watcher) { return watcher.expired(); });
    is_watched_.store(!watchers_.empty());
    const auto watchers = watchers_;  // one may end, or begin another
    for (const auto& watcher : watchers) {
        if (const Watch watch = watcher.lock()) (*watch)();
    }
}

void EventLog::end_waiting() {
    has_ended_ = true;
    wake();
}

// --- What is read

Position EventLog::last() const {
    const std::scoped_lock lock{mutex_};
    return readable_;
}

Position EventLog::first() const { return first_; }

void EventLog::read(Position after, std::size_t events_max, PageRead done) {
    const Position readable = last();
    if (after >= readable) return done({}, {{}, after, true});
    store_.read_queue(event_queue, after, {events_max, page_bytes_max}, home_,
                      [this, after, readable, done = std::move(done)](
                          std::error_code error, const store::QueuePage& records) {
                          if (error) return done(error, {{}, after, true});
                          complete(std::make_shared<Page>(page_of(records, after, readable)), 0,
                                   done);
                      });
}

EventLog::Page EventLog::page_of(const store::QueuePage& records, Position after,
                                 Position readable) {
    Page page;
    page.looked_through = after;
    for (const store::QueuedRecord& record : records.records) {
        if (record.position > readable) break;
        page.looked_through = record.position;
        auto event = decode_event_record(record.bytes);
        if (event) {
            page.events.push_back({record.position, *std::move(event)});
        } else {
            tell(Severity::error, "event_unreadable",
                 event_id(record.position) + ": " + to_string(event.error()), 1);
        }
    }
    const bool is_through = records.records.empty() || records.records.back().position >= readable;
    page.is_last = is_through || records.is_last;
    return page;
}

EventLog::Watch EventLog::watch(std::function<void()> act) {
    auto watch = std::make_shared<const std::function<void()>>(std::move(act));
    watchers_.emplace_back(watch);
    is_watched_.store(true);
    return watch;
}

/// Whoever noticed an event may have known its device only by name.
void EventLog::complete(const std::shared_ptr<Page>& page, std::size_t index,
                        const PageRead& done) {
    const auto take = [page](std::size_t at, const store::Device& device) {
        PlatformEventSubject& subject = page->events[at].event.subject;
        subject.app_id = device.app_id;
        subject.product_id = device.product_id;
        subject.node_id = device.node_id;
        subject.gateway_id = device.gateway_id;
    };
    for (; index < page->events.size(); ++index) {
        const PlatformEventSubject& subject = page->events[index].event.subject;
        if (subject.device_id.empty() || !subject.product_id.empty()) continue;
        if (const store::DevicePtr cached = catalogue_.cached_device(subject.device_id)) {
            take(index, *cached);
            continue;
        }
        return catalogue_.find_device(
            subject.device_id, home_,
            [this, page, index, done, take](std::error_code error, const store::DevicePtr& found) {
                if (!error && found)
                    take(index, *found);  // else it is gone, and what is known is told
                complete(page, index + 1, done);
            });
    }
    done({}, std::move(*page));
}

// --- What goes

void EventLog::start() {
    store_.read_marks(event_queue, store::before_first, 1, home_,
                      [this](std::error_code error, const store::MarkPage& page) {
                          if (error || page.records.empty()) return;
                          first_ = std::min(first_, page.records.front().position);
                      });
}

void EventLog::trim() {
    if (is_trimming_ || store_.level(event_queue).records == 0) return;
    is_trimming_ = true;
    store_.read_marks(event_queue, store::before_first, trimmed_max, home_,
                      [this](std::error_code error, const store::MarkPage& page) {
                          is_trimming_ = false;
                          on_marks(error, page);
                      });
}

void EventLog::on_marks(std::error_code error, const store::MarkPage& page) {
    if (error) return;  // later
    const store::Level level = store_.level(event_queue);
    const WallTime oldest = clock_.wall_now() - settings_.age_max;
    const Position readable = last();
    std::size_t records = level.records;
    std::size_t bytes = level.bytes;
    std::uint64_t pushed_out = 0;
    store::Batch batch;
    for (const store::MarkedPosition& mark : page.records) {
        const bool is_too_much = records > settings_.events_max || bytes > settings_.bytes_max;
        if (!is_too_much && event_time(mark.mark) >= oldest) break;
        if (mark.position > readable) break;
        if (is_too_much) ++pushed_out;
        batch.settle(event_queue, mark.position);
        records -= 1;
        bytes -= std::min(bytes, mark.bytes);
        first_ = behind(mark.position);
    }
    if (batch.empty()) return;
    forgotten_.fetch_add(batch.changes().size(), std::memory_order_relaxed);
    const bool is_more = batch.changes().size() == page.records.size() && !page.is_last;
    if (pushed_out != 0) {
        tell(Severity::warning, "events_pushed_out",
             "[events] events_max or bytes_max: the oldest events went before their time",
             pushed_out);
    }
    store_.commit(std::move(batch), home_, {});
    if (is_more) trim();
}

EventLogTotals EventLog::totals() const {
    const store::Level level = store_.level(event_queue);
    return {.appended = appended_.load(std::memory_order_relaxed),
            .failed = failed_.load(std::memory_order_relaxed),
            .forgotten = forgotten_.load(std::memory_order_relaxed),
            .kept = level.records,
            .kept_bytes = level.bytes};
}

void EventLog::tell(Severity severity, std::string_view name, const std::string& detail,
                    std::uint64_t count) {
    Event event;
    event.severity = severity;
    event.name = name;
    event.detail = detail;
    event.count = count;
    events_.on_event(event);
}

}  // namespace holdfast::api
