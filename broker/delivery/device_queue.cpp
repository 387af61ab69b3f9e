#include "delivery/device_queue.hpp"

#include "base/error.hpp"
#include "delivery/device_message_record.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast::delivery {

namespace {

/// Records are read in such pages to load a queue.
constexpr store::PageLimits load_page{.records_max = 256, .bytes_max = 1024 * 1024};

}  // namespace

DeviceQueue::DeviceQueue(DeliveryCorePtr core, std::uint64_t number)
    : DeviceQueueTables(core->settings.system_topic_qos), core_(std::move(core)), number_(number) {}

DeviceQueue::~DeviceQueue() {
    core_->loaded_messages.fetch_sub(counted_loaded_, std::memory_order_relaxed);
}

void DeviceQueue::set_restored(std::size_t messages, std::size_t bytes, Instant earliest_expiry) {
    const std::scoped_lock lock{mutex_};
    count_level(static_cast<std::int64_t>(messages), static_cast<std::int64_t>(bytes));
    earliest_expiry_ = earliest_expiry;
    schedule();
}

void DeviceQueue::set_device_id(std::string_view device_id) {
    const std::scoped_lock lock{mutex_};
    if (device_id_.empty()) device_id_ = device_id;
}

// --- Small things

WallTime DeviceQueue::wall(const Turn& turn) const { return core_->offset().to_wall(turn.now); }

void DeviceQueue::note(Position position, TraceEvent::Step step, Cause cause, const Turn& turn,
                       std::uint8_t reason_code) {
    trace_.add({.position = position,
                .at = turn.now,
                .step = step,
                .cause = cause,
                .reason_code = reason_code});
}

/// The first words of every answer of the store, with the lock held. False: nobody needs it any more.
bool DeviceQueue::begin_completion() {
    --open_calls_;
    return !core_->is_closed.load(std::memory_order_acquire);
}

void DeviceQueue::count_level(std::int64_t messages, std::int64_t bytes) {
    const bool had_messages = counted_messages_ > 0;
    counted_messages_ += messages;
    counted_bytes_ += bytes;
    const bool has_messages = counted_messages_ > 0;
    // Unsigned arithmetic goes round, so that adding a negative number subtracts.
    core_->waiting_messages.fetch_add(static_cast<std::uint64_t>(messages),
                                      std::memory_order_relaxed);
    core_->waiting_bytes.fetch_add(static_cast<std::uint64_t>(bytes), std::memory_order_relaxed);
    if (has_messages && !had_messages) core_->devices_with_messages.fetch_add(1);
    if (!has_messages && had_messages) core_->devices_with_messages.fetch_sub(1);
}

/// Brings the limit of loaded messages up to what the tables hold now.
void DeviceQueue::count_loaded() {
    const std::size_t loaded =
        waiting_.count() + ending_.size() + finished_.size() + trace_.count();
    if (loaded == counted_loaded_) return;
    core_->loaded_messages.fetch_add(loaded - counted_loaded_, std::memory_order_relaxed);
    counted_loaded_ = loaded;
}

/// Tells the deadlines when something is due earlier than they know. Later is not worth the while:
/// on_deadline() finds nothing to do and sets the next one.
void DeviceQueue::schedule() {
    // A queue that cannot be loaded now is not to be asked about its messages either.
    const bool must_wait = load_ == Load::not_loaded && retry_at_ != never;
    const Instant wanted =
        must_wait ? retry_at_ : std::min({earliest_expiry_, earliest_answer_, retry_at_});
    if (wanted >= scheduled_) return;
    core_->deadlines.set(number_, scheduled_, wanted);
    scheduled_ = wanted;
}

// --- Loading

/// Acts in a turn of the same shard once the queue is loaded; perhaps at once.
void DeviceQueue::when_loaded(Turn& turn, Deferred act) {
    {
        const std::scoped_lock lock{mutex_};
        if (!is_loaded(turn)) {
            deferred_.emplace_back(&turn, std::move(act));
            return;
        }
        ++open_calls_;
    }
    act({});
    end_call();
}

/// What an open call found in the tables stays there: the queue is not unloaded.
void DeviceQueue::end_call() {
    const std::scoped_lock lock{mutex_};
    --open_calls_;
}

/// Begins to load it if it is not.
bool DeviceQueue::is_loaded(Turn& turn) {
    if (load_ != Load::not_loaded) return load_ == Load::loaded;
    next_position_ = after_position(core_->store.last_position(id()));
    if (core_->store.level(id()).records == 0) {
        load_ = Load::loaded;
        return true;
    }
    load_ = Load::loading;
    sent_at_load_ = store::before_first;
    read_load_page(store::before_first, turn);
    return false;
}

void DeviceQueue::read_load_page(Position after, Turn& turn) {
    ++open_calls_;
    core_->store.read_queue(
        id(), after, load_page, *turn.executor,
        [self = Self{this}, &turn](std::error_code error, store::QueuePage page) {
            self->on_load_page(error, page, turn);
        });
}

void DeviceQueue::on_load_page(std::error_code error, store::QueuePage& page, Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        if (!begin_completion()) return;
        if (error) {
            fail_load(error, turn, effects);
        } else {
            const WallOffset offset = core_->offset();
            for (const store::QueuedRecord& record : page.records) take_loaded(record, offset);
            if (page.is_last) {
                finish_load(turn, effects);
            } else {
                read_load_page(page.records.back().position, turn);
            }
        }
    }
    effects.run(turn);
}

void DeviceQueue::take_loaded(const store::QueuedRecord& queued, WallOffset offset) {
    const auto record = decode_device_message_record(queued.bytes);
    const auto mark = decode_mark(queued.mark);
    if (record.has_error() || !mark) {
        const std::string detail =
            record.has_error() ? to_string(record.error()) : "the mark is of an unknown kind";
        return tell_unreadable(detail);
    }
    if (device_id_.empty()) device_id_ = record->device_id;
    const DeviceMessage& message = record->message;
    if (const auto* finished = std::get_if<FinishedMark>(&*mark)) {
        finished_.push_back({queued.position, *finished, hash_of_id(message.message_id)});
        return;
    }
    const PendingMark& pending = std::get<PendingMark>(*mark);
    WaitingMessage entry;
    entry.position = queued.position;
    entry.set_expires_at(offset.to_instant(pending.expires_at));
    entry.attempts = pending.attempts;
    entry.is_marked_sent = pending.is_sent;
    entry.is_durable = true;
    entry.is_only_now = message.ttl == Seconds{0};
    entry.id_hash = hash_of_id(message.message_id);
    entry.bytes = static_cast<std::uint32_t>(queued.bytes.size());
    entry.topic = topics_.add(message.topic, message.topic_kind == TopicKind::system);
    entry.accepted_at_seconds = seconds_of(record->accepted_at);
    waiting_.add(entry);
    if (pending.is_sent) sent_at_load_ = queued.position;
}

void DeviceQueue::tell_unreadable(std::string_view why) {
    core_->events.on_event({.severity = Severity::error,
                            .name = "device_message_unreadable",
                            .client_id = device_id_,
                            .address = {},
                            .reason = {},
                            .clause = {},
                            .detail = why,
                            .topic = {},
                            .count = 1});
}

void DeviceQueue::finish_load(Turn& turn, Effects& effects) {
    load_ = Load::loaded;
    count_loaded();
    std::ranges::stable_sort(
        finished_, {}, [](const FinishedMessage& message) { return message.mark.finished_at; });
    earliest_expiry_ = never;
    for (WaitingMessage& entry : waiting_) {
        entry.is_perhaps_sent = entry.position <= sent_at_load_;
        earliest_expiry_ = std::min(earliest_expiry_, entry.expires_at());
    }
    // What waits according to the marks and cannot be read waits no more.
    const auto messages = static_cast<std::int64_t>(waiting_.count());
    if (counted_messages_ > messages) {
        turn.counters.add(Counter::device_messages_unreadable,
                          static_cast<std::uint64_t>(counted_messages_ - messages));
    }
    count_level(messages - counted_messages_,
                static_cast<std::int64_t>(waiting_.bytes()) - counted_bytes_);
    for (auto& [caller, act] : deferred_) {
        ++open_calls_;
        effects.answer(*caller, [self = Self{this}, act = std::move(act)] {
            act({});
            self->end_call();
        });
    }
    deferred_.clear();
    refill(turn);
    schedule();
}

void DeviceQueue::fail_load(std::error_code error, Turn& turn, Effects& effects) {
    load_ = Load::not_loaded;
    waiting_ = {};
    finished_.clear();
    topics_.forget_messages();
    for (auto& [caller, act] : deferred_) {
        effects.answer(*caller, [act = std::move(act), error] { act(error); });
    }
    deferred_.clear();
    retry_later(turn);
}

// --- Time

void DeviceQueue::on_deadline(Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        scheduled_ = never;
        const bool is_retry = retry_at_ <= turn.now;
        if (is_retry) retry_at_ = never;
        const bool has_work = session_ || earliest_expiry_ <= turn.now;
        if (load_ == Load::not_loaded && has_work) static_cast<void>(is_loaded(turn));
        if (load_ == Load::loaded) {
            if (earliest_expiry_ <= turn.now) expire(turn);
            if (is_retry || earliest_answer_ <= turn.now) answer_late(turn, effects);
            if (is_retry) retry_endings(turn);
            refill(turn);
        }
        if (load_ == Load::loading) return;  // finish_load() or fail_load() sets the next one
        schedule();
    }
    effects.run(turn);
}

bool DeviceQueue::unload_if_idle() {
    const std::unique_lock lock{mutex_, std::try_to_lock};
    if (!lock || load_ != Load::loaded) return false;
    if (waiting_.empty() && ending_.empty()) trace_ = {};
    count_loaded();
    if (session_ || open_calls_ > 0) return false;
    if (!waiters_.empty() || !ending_.empty() || !in_flight_.empty()) return false;
    load_ = Load::not_loaded;
    waiting_ = {};
    finished_ = {};
    ending_ = {};
    topics_.forget_messages();
    trace_ = {};
    names_ = {};
    window_ = {};
    window_bytes_ = 0;
    cursor_ = sent_bound_ = store::before_first;
    earliest_answer_ = never;
    count_loaded();
    return true;
}

/// What callers gave us may own anything, this queue included: it is destroyed without the lock.
void DeviceQueue::close() {
    decltype(waiters_) waiters;
    decltype(deferred_) deferred;
    std::vector<EndingMessage::Canceller> cancellers;
    LiveSessionPtr session;
    const std::scoped_lock lock{mutex_};  // released first
    waiters.swap(waiters_);
    deferred.swap(deferred_);
    session.swap(session_);
    for (auto& [position, ending] : ending_) {
        std::ranges::move(std::exchange(ending.cancellers, {}), std::back_inserter(cancellers));
    }
    has_next_.store(false, std::memory_order_relaxed);
}

bool DeviceQueue::is_empty_and_idle() {
    const std::unique_lock lock{mutex_, std::try_to_lock};
    return lock && load_ == Load::not_loaded && !session_ && counted_messages_ == 0 &&
           scheduled_ == never && open_calls_ == 0;
}

}  // namespace holdfast::delivery
