#pragma once
// ApplicationMessage: what a PUBLISH carries, immutable, in one allocation, shared by reference count
// among every subscriber, the retained table and the store. Payload and topic are copied once, from
// the socket buffer into here. Threads: the count is atomic, everything else never changes.

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace holdfast {

class ApplicationMessage;
using MessagePtr = boost::intrusive_ptr<const ApplicationMessage>;

/// What a message is made of; the views are copied.
struct MessageParts {
    std::string_view topic;
    ByteView payload;
    /// MQTT 5 properties that are passed on unaltered, already in wire form: Payload Format Indicator,
    /// Content Type, Response Topic, Correlation Data, User Properties in order. Neither Message
    /// Expiry Interval nor Topic Alias nor Subscription Identifiers.
    ByteView properties;
    QoS qos = QoS::at_most_once;
    bool retain = false;
    Instant accepted_at{};
    Instant expires_at = never;
    SessionNumber publisher = SessionNumber::none;  ///< for No Local; none: the server itself
};

class ApplicationMessage {
public:
    [[nodiscard]] static MessagePtr create(const MessageParts& parts);

    [[nodiscard]] std::string_view topic() const {
        return {reinterpret_cast<const char*>(tail() + properties_space()), topic_bytes_};
    }
    [[nodiscard]] ByteView properties() const {
        if (!has_properties_) return {};
        return {tail() + sizeof(std::uint32_t), properties_bytes()};
    }
    [[nodiscard]] ByteView payload() const {
        return {tail() + properties_space() + topic_bytes_, payload_bytes_};
    }
    [[nodiscard]] QoS qos() const { return qos_; }
    [[nodiscard]] bool retain() const { return retain_; }
    [[nodiscard]] Instant accepted_at() const { return accepted_at_; }
    [[nodiscard]] Instant expires_at() const { return expires_at_; }
    [[nodiscard]] bool is_expired(Instant now) const { return expires_at_ <= now; }
    [[nodiscard]] SessionNumber publisher() const { return SessionNumber{publisher_}; }
    /// Memory this message holds: header, topic, properties, payload. What queue_bytes_max counts.
    [[nodiscard]] std::size_t footprint() const {
        return sizeof(ApplicationMessage) + properties_space() + topic_bytes_ + payload_bytes_;
    }

    ApplicationMessage(const ApplicationMessage&) = delete;
    ApplicationMessage& operator=(const ApplicationMessage&) = delete;

private:
    explicit ApplicationMessage(const MessageParts& parts);
    ~ApplicationMessage() = default;
    [[nodiscard]] const Byte* tail() const { return reinterpret_cast<const Byte*>(this + 1); }

    friend void intrusive_ptr_add_ref(const ApplicationMessage* message) noexcept {
        message->references_.fetch_add(1, std::memory_order_relaxed);
    }
    friend void intrusive_ptr_release(const ApplicationMessage* message) noexcept {
        if (message->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(message);
    }
    static void destroy(const ApplicationMessage* message) noexcept;

    [[nodiscard]] std::uint32_t properties_bytes() const {
        std::uint32_t bytes = 0;
        std::memcpy(&bytes, tail(), sizeof bytes);
        return bytes;
    }
    [[nodiscard]] std::size_t properties_space() const {
        return has_properties_ ? sizeof(std::uint32_t) + properties_bytes() : 0;
    }

    // Behind the object: the properties, if there are any, led by their length; the topic; the payload.
    mutable std::atomic<std::uint32_t> references_{0};
    std::uint32_t payload_bytes_;
    Instant accepted_at_;
    Instant expires_at_;
    std::uint64_t publisher_ : 44;  ///< ten thousand new sessions a second for 55 years
    std::uint64_t topic_bytes_ : 16;
    QoS qos_ : 2;
    bool retain_ : 1;
    bool has_properties_ : 1;
};
static_assert(sizeof(ApplicationMessage) == 32, "a million messages wait in memory");

}  // namespace holdfast
