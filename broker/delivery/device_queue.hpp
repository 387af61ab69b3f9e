#pragma once
// DeviceQueue: the messages of one device, from their acceptance until they are forgotten, and the feed
// from which the device's session pulls. Owns what is known of each message; the records are the store's.
//
// State of a message: its mark (device_mark.hpp). Nothing is written when it is sent. Instead, before a
// message goes out, some durable mark at or behind it has the bit `sent`, which means: this message and
// every earlier one were perhaps sent. A message that goes straight from its post to the session has the
// bit in its own record (if that is lost in a crash, so is the message); a page read for a drain is
// released once its last message has the bit. When the bearer ends, the bit moves to the nearest earlier
// message, sent or not, since the session may have it any time; when the session detaches, the marks are
// made exact. So after a crash nothing that was sent goes out without DUP, and at most one window
// (64 messages) has DUP without need.
//
// A queue is loaded (its records are read) at its first use, and unloaded when idle (Delivery decides).
// Threads: any; one mutex, taken after a session's, before those of deadlines, StatusRecorder and store.
// Positions that the session sees carry in their upper 16 bits which session they were given to: a late
// word of one that was replaced is told from that of its successor.
// Limitations: positions have 48 bits; a queue of n messages is read whole (n records) to be loaded.

#include "delivery/delivery_core.hpp"
#include "delivery/device_queue_tables.hpp"
#include "delivery/effects.hpp"

#include <atomic>
#include <mutex>

namespace holdfast::delivery {

class DeviceQueue final : public DeviceFeed, private DeviceQueueTables {
public:
    DeviceQueue(DeliveryCorePtr core, std::uint64_t number);
    ~DeviceQueue() override;

    /// What the store's marks say about a queue that is not loaded.
    void set_restored(std::size_t messages, std::size_t bytes, Instant earliest_expiry);
    void set_device_id(std::string_view device_id);

    // --- For applications (delivery.hpp)
    void accept(DeviceMessage message, Turn& turn, std::function<void(AcceptOutcome)> done);
    void list(ListQuery query, Turn& turn, ListDone done);
    void find(std::string message_id, Turn& turn, FindDone done);
    void cancel(std::string message_id, Turn& turn, CancelDone done);
    void trace(std::string message_id, Turn& turn, TraceDone done);
    void remove(Turn& turn, RemoveDone done);

    // --- DeviceFeed (live_session.hpp)

    void attach(LiveSession& session, std::vector<FeedSubscription> subscriptions,
                Turn& turn) override;
    void detach(LiveSession& session, Turn& turn) override;
    void on_subscribed(const FeedSubscription& subscription, Turn& turn) override;
    void on_unsubscribed(std::string_view filter, Turn& turn) override;
    [[nodiscard]] QoS subscribed_qos(std::string_view topic) override;
    [[nodiscard]] bool has_next() const override {
        return has_next_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::optional<FeedItem> next(Turn& turn) override;
    void on_paused(Cause why) override;
    void on_acknowledged(store::Position position, std::uint8_t reason_code, Turn& turn) override;
    void on_handed_over(store::Position position, Turn& turn) override;
    void on_too_large(store::Position position, Turn& turn) override;
    void on_lost(store::Position position, Turn& turn) override;
    [[nodiscard]] bool wants_again(store::Position position, Turn& turn) override;

    // --- For Delivery
    void on_deadline(Turn& turn);
    /// Forgets what can be loaded again and, in any case, steps of what has ended. False: it is needed now.
    bool unload_if_idle();
    void close();  ///< the engine ends: lets go of the session and of all callers, unanswered
    /// Nothing would be lost with this object.
    [[nodiscard]] bool is_empty_and_idle();

private:
    using OnFailure = EndingMessage::OnFailure;
    using Self = boost::intrusive_ptr<DeviceQueue>;  ///< of an answer of the store

    // Loading (device_queue.cpp)
    void when_loaded(Turn& turn, Deferred act);
    [[nodiscard]] bool is_loaded(Turn& turn);
    void read_load_page(Position after, Turn& turn);
    void on_load_page(std::error_code error, store::QueuePage& page, Turn& turn);
    void take_loaded(const store::QueuedRecord& record, WallOffset offset);
    void tell_unreadable(std::string_view why);
    void finish_load(Turn& turn, Effects& effects);
    void fail_load(std::error_code error, Turn& turn, Effects& effects);
    void schedule();
    void count_level(std::int64_t messages, std::int64_t bytes);
    void count_loaded();
    [[nodiscard]] store::QueueId id() const { return queue_of(number_); }
    [[nodiscard]] bool begin_completion();
    void end_call();
    [[nodiscard]] WallTime wall(const Turn& turn) const;
    void note(Position position, TraceEvent::Step step, Cause cause, const Turn& turn,
              std::uint8_t reason_code = 0);

    // Accepting (device_queue_accept.cpp)
    void consider(const PostPtr& post, Effects& effects);
    [[nodiscard]] std::optional<Position> find_twin(const Post& post);
    void read_twin(const PostPtr& post, Position twin);
    void on_twin_read(const PostPtr& post, Position twin, std::error_code error,
                      std::vector<FoundRecord> found);
    void answer_with_twin(const PostPtr& post, FoundRecord& twin, Effects& effects);
    void keep(const PostPtr& post, Effects& effects);
    void append_waiting(WaitingMessage& entry, WallTime expires_at, store::ValuePtr value,
                        const Post& post, QueueCommit& commit, Effects& effects);
    void append_failed(const WaitingMessage& entry, Cause cause, store::ValuePtr value,
                       const Post& post, QueueCommit& commit);
    void accept_loaded(const PostPtr& post, std::error_code error);
    [[nodiscard]] std::optional<QueueFull> make_room(std::size_t bytes, Turn& turn,
                                                     QueueCommit& commit);
    void add_waiter(Position position, const PostPtr& post, WallTime accepted_at,
                    WallTime expires_at);
    void answer(const Waiter& waiter, Position position, Effects& effects);
    void answer_late(Turn& turn, Effects& effects);
    void answer_waiters(Position position, Effects& effects);
    void answer_some(std::optional<Position> position, Instant now, Effects& effects);
    void fail_waiters(Position position, std::error_code error, Effects& effects);
    static void refuse(const PostPtr& post, AcceptOutcome outcome, Effects& effects);

    // Draining (device_queue_drain.cpp)
    void push_directly(const WaitingMessage& entry, const Post& post, Instant now);
    void rewind(Position to);
    void refill(Turn& turn);
    void on_window_page(std::uint64_t number, Position asked, std::error_code error,
                        const store::QueuePage& page, Turn& turn);
    void take_window_page(Position asked, const store::QueuePage& page, Turn& turn,
                          Effects& effects);
    [[nodiscard]] std::vector<ReadyMessage> compose_page(const store::QueuePage& page, Turn& turn,
                                                         Effects& effects);
    void give_up(Position position, std::string_view why, Turn& turn, Effects& effects);
    [[nodiscard]] store::Mark pending_mark_of(const WaitingMessage& entry) const;
    [[nodiscard]] FeedItem send_first(WaitingMessage& entry, Turn& turn);
    void take_all_back(Turn& turn);
    void on_window_marked(std::uint64_t number, std::error_code error,
                          std::vector<ReadyMessage> ready, Turn& turn);
    void publish(std::vector<ReadyMessage> ready, Effects& effects);
    void update_has_next(Effects& effects);
    void drop_from_window(Position position);
    void retry_later(const Turn& turn);
    void take_back(WaitingMessage& entry, const Turn& turn);
    void make_marks_exact(Turn& turn);
    void end_only_now(Turn& turn);
    void tell_presence(bool is_online, const Turn& turn);

    // Finishing (device_queue_finish.cpp)
    EndingMessage& begin_finish(Position position, Cause cause, std::uint8_t reason_code,
                                Turn& turn, QueueCommit& commit);
    void finish(Position position, Cause cause, std::uint8_t reason_code, Turn& turn);
    void move_sent_mark(const WaitingMessage& entry, store::Batch& batch);
    void forget_overflow(Turn& turn, store::Batch& batch, std::size_t more);
    void commit(QueueCommit commit, Turn& turn);
    void on_committed(std::optional<Position> appended, const Positions& finished,
                      std::error_code error, Turn& turn);
    void on_end_durable(Position position, Turn& turn, Effects& effects);
    void on_forgotten(const std::vector<EndingMessage::Canceller>& cancellers,
                      std::error_code error, Turn& turn);
    void on_append_durable(Position position, Turn& turn, Effects& effects);
    void undo_append(Position position, std::error_code error, Effects& effects);
    void undo_finish(Position position, std::error_code error, Turn& turn, Effects& effects);
    void complete(Position position, Turn& turn, Effects& effects);
    void tell_end(const EndingMessage& ending, Turn& turn, Effects& effects);
    void expire(Turn& turn);
    void retry_endings(Turn& turn);

    [[nodiscard]] std::vector<Position> unnamed(const std::vector<Position>& positions);
    [[nodiscard]] std::vector<Position> unnamed_victims(const DeviceMessage& message);
    void learn_names(std::vector<Position> positions, Turn& turn, NamesLearned then);
    [[nodiscard]] MessageName take_name(Position position);
    void record(const MessageName& name, std::string_view topic, const FinishedMark& mark,
                QueueCommit& commit);
    void record_end(const EndingMessage& ending, QueueCommit& commit);

    // Views (device_queue_views.cpp)
    [[nodiscard]] std::optional<MessageView> view_of(FoundRecord& found);
    void list_before(const ListQuery& query, std::optional<Position> marker, Turn& turn,
                     const ListDone& done);
    [[nodiscard]] ListPage page_of(std::vector<FoundRecord> found,
                                   std::optional<MessageStatus> status, bool is_last);
    [[nodiscard]] std::vector<TraceEvent> trace_of(const FoundRecord& found);

    // Finding, cancelling, deleting (device_queue_cancel.cpp)
    void read_records(std::vector<Position> wanted, Turn& turn, RecordsRead done);
    void resolve(std::string message_id, Turn& turn, Resolved done);
    void resolve_loaded(const std::string& message_id, Turn& turn, const Resolved& done);
    void cancel_found(const FoundRecord& found, Turn& turn, const CancelDone& done);
    void forget(const FinishedMessage& message, Turn& turn, const CancelDone& done);
    void remove_loaded(Turn& turn, const RemoveDone& done);
    void drop(std::vector<FoundRecord> found, Turn& turn, const RemoveDone& done);
    void on_dropped(const std::vector<FoundRecord>& found, std::error_code error, Turn& turn);
    void forget_everything(Turn& turn, Effects& effects);
    void answer_deleted(Position position, Turn& turn, Effects& effects);

    const DeliveryCorePtr core_;
    const std::uint64_t number_;
    std::atomic<bool> has_next_{false};

    std::mutex mutex_;  ///< guards the tables
};

}  // namespace holdfast::delivery
