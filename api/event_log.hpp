#pragma once
// EventLog: keeps what happened, in order, until it is too old or too much: the store's event_queue. An
// event's position is its identifier and the cursor of whoever reads, the same after a restart. The status
// of messages comes in with the change itself, in one batch; everything else in a batch of its own.
// Nothing is made or kept while nobody wants it: asking costs one atomic read. What is read is durable, and
// has everything before it: positions taken by other threads and not yet durable hold up those behind.
// Limits: EventSettings; the oldest go. Errors: an event that the store cannot keep is counted and lost,
// unless it came in with a change of a message, which then failed, too.
// Threads: sinks any; one mutex, taken with any other held, takes none itself. The rest: home's.
// Lifetime: store, executors, clock outlive it; it outlives Delivery and the store's answers.

#include "api/event_json.hpp"
#include "api/event_settings.hpp"
#include "api/platform_event.hpp"
#include "base/environment.hpp"
#include "base/telemetry.hpp"
#include "delivery/status_recorder.hpp"
#include "store/catalogue.hpp"
#include "store/store.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

namespace holdfast::api {

/// One bit for each PlatformEventKind.
using EventKinds = std::uint32_t;
[[nodiscard]] constexpr EventKinds kinds_of(PlatformEventKind kind) {
    return EventKinds{1} << static_cast<unsigned>(kind);
}
inline constexpr EventKinds all_event_kinds = kinds_of(PlatformEventKind::count_) - 1;

struct EventLogTotals {
    std::uint64_t appended = 0;
    std::uint64_t failed = 0;     ///< the store could not keep them
    std::uint64_t forgotten = 0;  ///< too old, or too many
    std::uint64_t kept = 0;
    std::uint64_t kept_bytes = 0;
};

class EventLog final : public PlatformEventSink, public delivery::StatusRecorder {
public:
    struct Context {
        store::Store& store;
        store::Catalogue& catalogue;
        store::Executor& home;
        const Clock& clock;
        EventSink& events;
        const EventSettings& settings;
    };
    explicit EventLog(Context context);

    // --- What comes in

    [[nodiscard]] bool wants(PlatformEventKind kind) const override {
        return (wanted_.load(std::memory_order_relaxed) & kinds_of(kind)) != 0;
    }
    void on_platform_event(PlatformEvent event) override;

    [[nodiscard]] bool wants_status() const override {
        return wants(PlatformEventKind::device_message_status_updated);
    }
    [[nodiscard]] store::Position record(const delivery::StatusRecord& record,
                                         store::Batch& batch) override;
    void on_settled(const delivery::RecordedPositions& positions) override;
    void on_presence(std::string_view device_id, bool is_online, WallTime at);

    /// What the active rules are about.
    void set_rule_kinds(EventKinds kinds);
    [[nodiscard]] bool wants_anything() const {
        return wanted_.load(std::memory_order_relaxed) != 0;
    }

    // --- What is read

    struct Page {
        std::vector<LoggedEvent> events;
        store::Position looked_through{};  ///< nothing more is up to here
        bool is_last = true;               ///< nothing more can be read now
    };
    using PageRead = std::function<void(std::error_code, Page)>;
    /// Of the events behind `after` as many as make a page, with what the catalogue knows of their devices.
    void read(store::Position after, std::size_t events_max, PageRead done);
    /// The last one that can be read; before_first: none ever was.
    [[nodiscard]] store::Position last() const;
    /// What is before it is gone; behind last(): nothing is there.
    [[nodiscard]] store::Position first() const;

    /// `act` runs, not inside a call, after events became readable, as long as the watch lives.
    using Watch = std::shared_ptr<const std::function<void()>>;
    [[nodiscard]] Watch watch(std::function<void()> act);
    /// Nobody waits for events any more: the server ends.
    void end_waiting();
    [[nodiscard]] bool has_ended_waiting() const { return has_ended_; }

    /// Looks for what is there. Before anything is read.
    void start();
    /// Lets the oldest go, if it must. Now and then.
    void trim();

    [[nodiscard]] EventLogTotals totals() const;

private:
    struct Open {
        store::Position position;
        bool is_settled = false;
    };

    [[nodiscard]] store::Position take_position();
    [[nodiscard]] bool settle(store::Position position);
    void notify();
    void wake();
    void on_marks(std::error_code error, const store::MarkPage& page);
    [[nodiscard]] Page page_of(const store::QueuePage& records, store::Position after,
                               store::Position readable);
    void complete(const std::shared_ptr<Page>& page, std::size_t index, const PageRead& done);
    void tell(Severity severity, std::string_view name, const std::string& detail,
              std::uint64_t count);

    store::Store& store_;
    store::Catalogue& catalogue_;
    store::Executor& home_;
    const Clock& clock_;
    EventSink& events_;
    const EventSettings& settings_;
    std::atomic<EventKinds> wanted_;

    mutable std::mutex mutex_;
    store::Position next_;      ///< guarded, as the next two
    store::Position readable_;  ///< everything up to here is settled
    std::deque<Open> open_;     ///< behind that, without gaps

    store::Position first_{};  ///< on home, as what follows
    bool is_trimming_ = false;
    bool has_ended_ = false;
    std::vector<std::weak_ptr<const std::function<void()>>> watchers_;
    std::atomic<bool> is_watched_{false};
    std::atomic<bool> is_notifying_{false};
    std::atomic<std::uint64_t> appended_{0};
    std::atomic<std::uint64_t> failed_{0};
    std::atomic<std::uint64_t> forgotten_{0};
};

}  // namespace holdfast::api
