#pragma once
// DeviceMessage: a message that an application posts for one device, as the contract's fields say it, after
// they were checked, and what became of it (MessageView). Plain values; who checks is api, who keeps is
// Delivery. Instants that leave the server are UTC.

#include "base/bytes.hpp"
#include "base/message.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::delivery {

enum class ContentKind : std::uint8_t {
    text,  ///< `message` was a JSON string: `content` is its characters
    json,  ///< any other JSON value: `content` is its compact text
};
enum class Encoding : std::uint8_t { none, base64 };
enum class PayloadFormat : std::uint8_t { standard, raw };
enum class TopicKind : std::uint8_t {
    system,  ///< $oc/devices/{device_id}/sys/messages/down: subscribed implicitly
    user,    ///< `topic`: $oc/devices/{device_id}/user/...
    full,    ///< `topic_full_name`
};

struct UserProperty {
    std::string key;
    std::string value;
    friend bool operator==(const UserProperty&, const UserProperty&) = default;
};
struct MessageProperties {
    std::optional<std::string> correlation_data;
    std::optional<std::string> response_topic;
    std::vector<UserProperty> user_properties;
    friend bool operator==(const MessageProperties&, const MessageProperties&) = default;
};

struct DeviceMessage {
    std::string message_id;  ///< 1..128 of [A-Za-z0-9_-]
    std::optional<std::string> name;
    ContentKind content_kind = ContentKind::text;
    std::string content;
    std::optional<Encoding> encoding;  ///< optional fields are as the application gave them
    std::optional<PayloadFormat> payload_format;
    TopicKind topic_kind = TopicKind::system;
    std::string topic;  ///< the complete Topic Name it goes to
    std::optional<MessageProperties> properties;
    Seconds ttl{24 * 3600};  ///< 0: only for a device that is there now
    /// Whether two posts with one message_id are one post repeated.
    friend bool operator==(const DeviceMessage&, const DeviceMessage&) = default;
};

/// On the wire PENDING, DELIVERED, FAILED, TIMEOUT.
enum class MessageStatus : std::uint8_t { pending, delivered, failed, timeout };

/// Why a message waits, or what ended it. Closed list: API, trace, event, metric.
enum class Cause : std::uint8_t {
    // it waits
    offline,                   ///< the device has no connection
    queued_behind,             ///< earlier messages of the device go first
    not_subscribed,            ///< nobody subscribed to its topic (IOTDA.014112)
    send_quota_exhausted,      ///< the device's Receive Maximum is in flight
    socket_full,               ///< the device does not read fast enough
    awaiting_acknowledgement,  ///< sent, the PUBACK has not come
    // it is done
    acknowledged,              ///< PUBACK: delivered
    handed_over,               ///< QoS 0, with the kernel: delivered
    refused_by_device,         ///< PUBACK with a reason code of 0x80 or more
    expired,                   ///< its ttl ran out
    device_offline,            ///< ttl 0 and no connection (IOTDA.014016)
    topic_not_subscribed,      ///< ttl 0 and no subscription (IOTDA.014112)
    packet_too_large,          ///< larger than the device's Maximum Packet Size
    queue_full,                ///< pushed out by a newer one (policy drop_oldest)
    cancelled,                 ///< deleted through the API
    device_deleted,
    count_,
};

[[nodiscard]] std::string_view to_string(MessageStatus status);  ///< "PENDING", ...
[[nodiscard]] std::string_view to_string(Cause cause);

/// A message and what is known of it.
struct MessageView {
    DeviceMessage message;
    MessageStatus status = MessageStatus::pending;
    Cause cause = Cause::offline;
    std::uint8_t refusal_code = 0;  ///< the PUBACK's, with refused_by_device
    std::uint32_t attempts = 0;     ///< times it was sent
    std::optional<std::uint32_t> place;  ///< pending: how many of the device's go before it
    WallTime accepted_at{};
    WallTime expires_at{};
    std::optional<WallTime> sent_at;  ///< last time; unknown after a restart
    std::optional<WallTime> finished_at;
};

/// One step in the life of a message.
struct TraceEvent {
    enum class Step : std::uint8_t {
        accepted,
        durable,
        queued,
        paused,
        sent,
        connection_lost,
        acknowledged,
        expired,
        dropped,
        cancelled,
    };
    WallTime at{};
    Step step = Step::accepted;
    Cause cause = Cause::offline;
    std::uint8_t reason_code = 0;
};
[[nodiscard]] std::string_view to_string(TraceEvent::Step step);

/// Makes the bytes that the device gets. Implemented by api, which knows JSON.
class PayloadComposer {
public:
    virtual ~PayloadComposer() = default;
    /// Standard envelope, raw text or decoded base64, as encoding and format say. Threads: any.
    virtual void compose(const DeviceMessage& message, std::string& payload) const = 0;
};

}  // namespace holdfast::delivery
