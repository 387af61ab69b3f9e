#pragma once
// Delivery: the device queues. Accepts messages for devices, keeps them in the store, hands them to the
// device's live session through its DeviceFeed, expires them, and knows what became of each. Promises:
// design, section 4: FIFO per device, at least once, DELIVERED only when it is true and durable.
//
// A device is named by the number that the catalogue gave it, never used again; its queue in the store is
// queue_of(number). Threads: any shard; each queue has a short mutex, taken after a session's. `done`
// runs once on the shard of the call's Turn, in a turn, without a lock, perhaps inside the call; it may call.

#include "base/environment.hpp"
#include "base/telemetry.hpp"
#include "base/turn.hpp"
#include "delivery/device_message.hpp"
#include "delivery/live_session.hpp"
#include "delivery/settings.hpp"
#include "delivery/status_recorder.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace holdfast::delivery {

/// Session queues have the numbers without the highest bit; the last ones are reserved.
[[nodiscard]] constexpr store::QueueId queue_of(std::uint64_t device_number) {
    return static_cast<store::QueueId>(device_number | std::uint64_t{1} << 63);
}

struct DeviceRef {
    std::uint64_t number = 0;
    std::string_view device_id;
};

/// Why a post was refused. Nothing was kept.
struct QueueFull {
    std::size_t depth = 0;
    std::size_t bytes = 0;
    Seconds oldest_age{0};
    bool by_bytes = false;
};
struct DuplicateMessageId {};               ///< with another body
struct StoreFailed { std::error_code error; };
using AcceptOutcome = std::variant<MessageView, QueueFull, DuplicateMessageId, StoreFailed>;

struct ListQuery {
    std::optional<MessageStatus> status;
    std::string after_message_id;  ///< marker: the last one of the page before; empty: from the newest
    std::size_t count_max = 1'000;
};
struct ListPage {
    std::vector<MessageView> messages;  ///< newest first
    bool is_last = true;
};

struct DeliveryLevels {
    std::uint64_t devices_with_messages = 0;
    std::uint64_t waiting_messages = 0;  ///< accepted and not finished, what is in flight included
    std::uint64_t waiting_bytes = 0;
};

class Delivery {
public:
    struct Context {
        store::Store& store;
        const DeliverySettings& settings;
        const Clock& clock;
        EventSink& events;
        const PayloadComposer& composer;
        StatusRecorder* recorder = nullptr;    ///< null: nobody keeps what became of messages
        PresenceListener* presence = nullptr;  ///< null: nobody wants to know of connections
    };
    explicit Delivery(Context context);
    /// Calls that are not answered yet never are: what they hold is destroyed here.
    ~Delivery();
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    /// Learns from the store which messages wait and when they expire; loads none of them.
    void restore(Turn& turn, std::function<void(std::error_code)> done);

    // --- For applications

    /// Keeps the message, then hands it on. Answers when it is durable and the device has acknowledged
    /// it, or has no way to now, or acknowledgement_wait is over. The same id and the same message again:
    /// the first one's state.
    void accept(DeviceRef device, DeviceMessage message, Turn& turn,
                std::function<void(AcceptOutcome)> done);
    void list(DeviceRef device, ListQuery query, Turn& turn,
              std::function<void(std::error_code, ListPage)> done);
    void find(DeviceRef device, std::string message_id, Turn& turn,
              std::function<void(std::error_code, std::optional<MessageView>)> done);
    /// Ends one that waits (cancelled), forgets one that is finished. False: there is none.
    void cancel(DeviceRef device, std::string message_id, Turn& turn,
                std::function<void(std::error_code, bool)> done);
    void trace(DeviceRef device, std::string message_id, Turn& turn,
               std::function<void(std::error_code, std::optional<std::vector<TraceEvent>>)> done);
    /// The device is deleted: what waits fails (device_deleted), then everything is forgotten.
    void remove_device(DeviceRef device, Turn& turn, std::function<void(std::error_code)> done);

    // --- For the device's session

    [[nodiscard]] DeviceFeedPtr feed(DeviceRef device);

    // --- Time: messages whose ttl ends, posts that have waited long enough

    void on_deadline(Turn& turn);
    [[nodiscard]] Instant next_deadline() const;

    [[nodiscard]] DeliveryLevels levels() const;

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace holdfast::delivery
