#pragma once
// DeviceWorld: the delivery engine without its machine: a store, one shard whose tasks run when the test
// says so, time that passes when the test says so, and devices that pull. FakeDevice is the LiveSession.
// After each run() the accounting equation of messages for devices is checked. Threads: none.

#include "delivery/delivery.hpp"
#include "support/failing_store.hpp"
#include "support/manual_executor.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace test_support {

class FakeClock final : public holdfast::Clock {
public:
    [[nodiscard]] holdfast::Instant now() const override { return current; }
    [[nodiscard]] holdfast::WallTime wall_now() const override {
        return holdfast::WallTime{holdfast::Milliseconds{1'700'000'000'000}} +
               (current - holdfast::Instant{}) + jump;
    }
    holdfast::Instant current{holdfast::Milliseconds{1'000'000}};
    holdfast::Milliseconds jump{0};  ///< of the wall clock
};

/// The payload is the content.
class ContentComposer final : public holdfast::delivery::PayloadComposer {
public:
    void compose(const holdfast::delivery::DeviceMessage& message,
                 std::string& payload) const override {
        payload = message.content;
    }
};

/// Events of a kind as sentences: "warning queue_full m1: PENDING to FAILED".
class EventSentences final : public holdfast::EventSink {
public:
    [[nodiscard]] bool wants(holdfast::Severity) const override { return true; }
    void on_event(const holdfast::Event& event) override;
    [[nodiscard]] bool has(std::string_view sentence) const;
    std::vector<std::string> sentences;
};

class DeviceWorld;

/// A device with its session. What it receives is told as text: the content, `*` for DUP, `/0` for
/// QoS 0. It answers only when the test says so, but for `answers`.
class FakeDevice final : public holdfast::delivery::LiveSession {
public:
    explicit FakeDevice(DeviceWorld& world, std::uint64_t device_number = 7);
    ~FakeDevice();
    FakeDevice(const FakeDevice&) = delete;
    FakeDevice& operator=(const FakeDevice&) = delete;

    void attach(std::vector<holdfast::delivery::FeedSubscription> subscriptions = {});
    /// The connection is lost; the session stays.
    void detach();
    /// The session ends, after detach() or without.
    void end();
    /// A new connection of the same session: asks for each message in flight whether to send it again.
    void resume(std::vector<holdfast::delivery::FeedSubscription> subscriptions = {});
    void subscribe(std::string filter, holdfast::QoS qos = holdfast::QoS::at_least_once);
    void unsubscribe(std::string_view filter);
    void pull();
    /// PUBACK for the oldest in flight.
    void acknowledge(std::uint8_t reason_code = 0);
    void acknowledge_all();

    void on_feed_ready(holdfast::Turn& turn) override;

    /// What came since the last call, separated by spaces.
    [[nodiscard]] std::string received();
    struct InFlight {
        holdfast::delivery::FeedItem item;
        std::string content;
    };
    std::vector<InFlight> in_flight;  ///< QoS 1
    std::size_t quota = 65'535;
    bool answers = false;  ///< at once
    bool is_attached = false;
    const std::uint64_t number;
    std::optional<holdfast::delivery::FeedItem> last;
    holdfast::delivery::DeviceFeedPtr feed;

private:
    void keep() const noexcept override { ++references_; }
    void let_go() const noexcept override { --references_; }
    void take(const holdfast::delivery::FeedItem& item, bool dup);

    DeviceWorld& world_;
    std::string received_;
    mutable int references_ = 0;
};

/// What a StatusRecorder was told, as it comes out of the store.
class RecordingRecorder final : public holdfast::delivery::StatusRecorder,
                                public holdfast::delivery::PresenceListener {
public:
    [[nodiscard]] bool wants_status() const override { return is_wanted; }
    [[nodiscard]] holdfast::store::Position record(const holdfast::delivery::StatusRecord& record,
                                                   holdfast::store::Batch& batch) override;
    void on_settled(const holdfast::delivery::RecordedPositions& positions) override {
        open -= positions.size();
    }
    void on_presence(std::uint64_t, std::string_view device_id, bool is_online,
                     holdfast::WallTime) override {
        presence += std::string{device_id} + (is_online ? " on, " : " off, ");
    }
    std::string presence;
    bool is_wanted = false;
    std::size_t open = 0;
    std::uint64_t last = 0;
};

class DeviceWorld {
public:
    explicit DeviceWorld(holdfast::delivery::DeliverySettings the_settings = {});
    ~DeviceWorld();
    DeviceWorld(const DeviceWorld&) = delete;
    DeviceWorld& operator=(const DeviceWorld&) = delete;

    /// Tasks of the shard until there are none.
    void run();
    void advance(holdfast::Milliseconds time);
    /// The process ends at this instant, whatever was on its way, and starts again.
    void restart();

    [[nodiscard]] static holdfast::delivery::DeviceRef ref(std::uint64_t number);
    [[nodiscard]] static holdfast::delivery::DeviceMessage message(std::string_view id);
    /// A post: its answer is in `answer_of()` once there is one. The content is the id.
    std::size_t post(holdfast::delivery::DeviceMessage message, std::uint64_t number = 7);
    std::size_t post(std::string_view id, std::uint64_t number = 7) {
        return post(message(id), number);
    }
    /// "PENDING offline", "queue full", "duplicate", "store failed"; empty: none yet.
    [[nodiscard]] std::string answer_of(std::size_t post) const;
    /// Post, run, answer.
    [[nodiscard]] std::string posted(holdfast::delivery::DeviceMessage message,
                                     std::uint64_t number = 7);
    [[nodiscard]] std::string posted(std::string_view id, std::uint64_t number = 7) {
        return posted(message(id), number);
    }
    /// The same words of a message as find() sees it; "none".
    [[nodiscard]] std::string state_of(std::string_view id, std::uint64_t number = 7);
    [[nodiscard]] std::optional<holdfast::delivery::MessageView> view_of(std::string_view id,
                                                                         std::uint64_t number = 7);
    /// Identifiers, newest first, separated by spaces.
    [[nodiscard]] std::string listed(holdfast::delivery::ListQuery query = {},
                                     std::uint64_t number = 7);
    [[nodiscard]] bool cancel(std::string_view id, std::uint64_t number = 7);
    [[nodiscard]] std::uint64_t count(holdfast::Counter counter) const {
        return counters.get(counter);
    }
    void check_equation() const;
    /// "m1 offline, m1 acknowledged": what is recorded in the store; and nothing is open.
    [[nodiscard]] std::string recorded();

    holdfast::delivery::DeliverySettings settings;
    FakeClock clock;
    ContentComposer composer;
    EventSentences events;
    ManualExecutor executor;
    FailingStore store;
    holdfast::Counters counters;
    std::unique_ptr<holdfast::Turn> turn;
    std::unique_ptr<holdfast::delivery::Delivery> delivery;
    std::vector<std::optional<holdfast::delivery::AcceptOutcome>> outcomes;
    std::vector<FakeDevice*> devices;  ///< those that exist
    RecordingRecorder recorder;        ///< wants nothing at first

private:
    void start();
    std::uint64_t base_ = 0;  ///< what was counted by earlier processes, as waiting then
};

[[nodiscard]] std::string to_text(const holdfast::delivery::MessageView& view);

}  // namespace test_support
