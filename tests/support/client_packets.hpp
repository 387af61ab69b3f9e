#pragma once
// What a client sends, as a test writes it: connect("pump-7").clean_start(false).will("gone", "pump-7").
// Each builder owns its strings and writes itself in the version of the connection that sends it;
// what a version lacks it leaves out. Defaults: MQTT's own, Packet Identifier 1, clean start.

#include "codec/codec.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test_support {

using StringPairs = std::vector<std::pair<std::string, std::string>>;

/// The properties that a PUBLISH and a Will have in common.
struct MessageProperties {
    std::optional<bool> payload_format_indicator;
    std::optional<std::uint32_t> message_expiry_interval;
    std::optional<std::string> content_type;
    std::optional<std::string> response_topic;
    std::optional<std::string> correlation_data;
    StringPairs user_properties;
};

class ConnectPacket {
public:
    explicit ConnectPacket(std::string client_id) : client_id_(std::move(client_id)) {}

    ConnectPacket& clean_start(bool value = true);
    ConnectPacket& keep_alive(std::uint16_t seconds);
    ConnectPacket& session_expiry(std::uint32_t seconds);
    ConnectPacket& receive_maximum(std::uint16_t value);
    ConnectPacket& maximum_packet_size(std::uint32_t value);
    ConnectPacket& topic_alias_maximum(std::uint16_t value);
    ConnectPacket& request_response_information();
    ConnectPacket& no_problem_information();
    ConnectPacket& user_property(std::string name, std::string value);
    ConnectPacket& authentication(std::string method, std::string data = {});
    ConnectPacket& user_name(std::string value);
    ConnectPacket& password(std::string value);

    ConnectPacket& will(std::string topic, std::string payload, int qos = 0);
    ConnectPacket& will_retain();
    ConnectPacket& will_delay(std::uint32_t seconds);
    ConnectPacket& will_properties(MessageProperties properties);

    void write(holdfast::ByteBuffer& out, holdfast::codec::ProtocolVersion version) const;

private:
    struct Will {
        std::string topic;
        std::string payload;
        int qos = 0;
        bool retain = false;
        std::uint32_t delay = 0;
        MessageProperties properties;
    };

    std::string client_id_;
    holdfast::codec::Connect packet_;  ///< what needs no memory of its own
    StringPairs user_properties_;
    std::optional<std::string> authentication_method_;
    std::string authentication_data_;
    std::optional<std::string> user_name_;
    std::optional<std::string> password_;
    std::optional<Will> will_;
};

class PublishPacket {
public:
    PublishPacket(std::string topic, std::string payload)
        : topic_(std::move(topic)), payload_(std::move(payload)) {}

    PublishPacket& qos1(holdfast::PacketId packet_id = 1);
    PublishPacket& qos2(holdfast::PacketId packet_id = 1);
    PublishPacket& dup();
    PublishPacket& retain();
    PublishPacket& expiry(std::uint32_t seconds);
    PublishPacket& alias(std::uint16_t value);
    PublishPacket& subscription_identifier(std::uint32_t value);
    PublishPacket& content_type(std::string value);
    PublishPacket& response_topic(std::string value);
    PublishPacket& correlation_data(std::string value);
    PublishPacket& payload_format(bool is_utf8);
    PublishPacket& user_property(std::string name, std::string value);

    void write(holdfast::ByteBuffer& out, holdfast::codec::ProtocolVersion version) const;

private:
    std::string topic_;
    std::string payload_;
    holdfast::codec::Publish packet_;
    MessageProperties properties_;
};

class SubscribePacket {
public:
    SubscribePacket(std::string filter, int qos) { also(std::move(filter), qos); }

    SubscribePacket& id(holdfast::PacketId packet_id);
    SubscribePacket& identifier(std::uint32_t value);
    /// One more filter; the options below belong to the last one named.
    SubscribePacket& also(std::string filter, int qos = 0);
    SubscribePacket& no_local();
    SubscribePacket& retain_as_published();
    SubscribePacket& retain_handling(int value);

    void write(holdfast::ByteBuffer& out, holdfast::codec::ProtocolVersion version) const;

private:
    struct Request {
        std::string filter;
        holdfast::SubscriptionOptions options;
    };
    std::vector<Request> requests_;
    std::uint32_t identifier_ = 0;
    holdfast::PacketId packet_id_ = 1;
};

class UnsubscribePacket {
public:
    explicit UnsubscribePacket(std::string filter) { also(std::move(filter)); }

    UnsubscribePacket& id(holdfast::PacketId packet_id);
    UnsubscribePacket& also(std::string filter);

    void write(holdfast::ByteBuffer& out, holdfast::codec::ProtocolVersion version) const;

private:
    std::vector<std::string> filters_;
    holdfast::PacketId packet_id_ = 1;
};

/// A packet whose codec struct needs no strings, or only literals.
template <class Packet>
class PlainPacket {
public:
    explicit PlainPacket(const Packet& packet) : packet_(packet) {}
    PlainPacket& session_expiry(std::uint32_t seconds) {
        packet_.session_expiry_interval = seconds;
        return *this;
    }
    /// `text` outlives the packet: a literal.
    PlainPacket& reason_string(std::string_view text) {
        packet_.reason_string = text;
        return *this;
    }
    PlainPacket& method(std::string_view text) {
        packet_.authentication_method = text;
        return *this;
    }
    PlainPacket& data(std::string_view text) {
        packet_.authentication_data = holdfast::as_bytes(text);
        return *this;
    }
    void write(holdfast::ByteBuffer& out, holdfast::codec::ProtocolVersion version) const {
        holdfast::codec::encode(out, version, packet_);
    }

private:
    Packet packet_;
};

struct PingreqPacket {
    void write(holdfast::ByteBuffer& out, holdfast::codec::ProtocolVersion version) const;
};

inline ConnectPacket connect(std::string client_id) { return ConnectPacket{std::move(client_id)}; }
inline PublishPacket publish(std::string topic, std::string payload = {}) {
    return {std::move(topic), std::move(payload)};
}
inline SubscribePacket subscribe(std::string filter, int qos = 0) {
    return {std::move(filter), qos};
}
inline UnsubscribePacket unsubscribe(std::string filter) {
    return UnsubscribePacket{std::move(filter)};
}
inline PingreqPacket pingreq() { return {}; }

using holdfast::codec::ReasonCode;
inline PlainPacket<holdfast::codec::Puback> puback(holdfast::PacketId packet_id,
                                                   ReasonCode reason = ReasonCode::success) {
    return PlainPacket{holdfast::codec::Puback{.packet_id = packet_id, .reason = reason}};
}
inline PlainPacket<holdfast::codec::Pubrec> pubrec(holdfast::PacketId packet_id,
                                                   ReasonCode reason = ReasonCode::success) {
    return PlainPacket{holdfast::codec::Pubrec{.packet_id = packet_id, .reason = reason}};
}
inline PlainPacket<holdfast::codec::Pubrel> pubrel(holdfast::PacketId packet_id,
                                                   ReasonCode reason = ReasonCode::success) {
    return PlainPacket{holdfast::codec::Pubrel{.packet_id = packet_id, .reason = reason}};
}
inline PlainPacket<holdfast::codec::Pubcomp> pubcomp(holdfast::PacketId packet_id,
                                                     ReasonCode reason = ReasonCode::success) {
    return PlainPacket{holdfast::codec::Pubcomp{.packet_id = packet_id, .reason = reason}};
}
inline PlainPacket<holdfast::codec::Disconnect> disconnect(
    ReasonCode reason = ReasonCode::success) {
    return PlainPacket{holdfast::codec::Disconnect{.reason = reason}};
}
inline PlainPacket<holdfast::codec::Auth> auth(ReasonCode reason) {
    return PlainPacket{holdfast::codec::Auth{.reason = reason}};
}

}  // namespace test_support
