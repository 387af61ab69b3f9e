#include "support/packet_text.hpp"

#include <concepts>
#include <optional>

namespace test_support {

using namespace holdfast;
using namespace holdfast::codec;

namespace {

constexpr std::string_view digits = "0123456789ABCDEF";

std::string hex(Byte byte) { return {digits[byte >> 4], digits[byte & 0x0F]}; }

class Line {
public:
    explicit Line(std::string_view first) : text_(first) {}

    void flag(std::string_view name, bool is_set) {
        if (is_set) text_.append(" ").append(name);
    }
    void number(std::string_view name, std::uint64_t value) {
        text_.append(" ").append(name).append("=").append(std::to_string(value));
    }
    void number_unless_0(std::string_view name, std::uint64_t value) {
        if (value != 0) number(name, value);
    }
    void text(std::string_view name, std::string_view value) {
        text_.append(" ").append(name).append("=").append(quoted(value));
    }
    void bytes(std::string_view name, ByteView value) {
        text_.append(" ").append(name).append("=");
        for (const Byte byte : value) text_.append(hex(byte));
    }
    void word(std::string_view value) { text_.append(" ").append(value); }

    template <std::integral T>
    void field(std::string_view name, std::optional<T> value) {
        if (value) number(name, static_cast<std::uint64_t>(*value));
    }
    void field(std::string_view name, std::optional<QoS> value) {
        if (value) number(name, to_number(*value));
    }
    void field(std::string_view name, std::optional<std::string_view> value) {
        if (value) text(name, *value);
    }
    void field(std::string_view name, std::optional<ByteView> value) {
        if (value) bytes(name, *value);
    }
    void field(const UserProperties& properties) {
        properties.for_each([this](const UserProperty& property) {
            text_.append(" ").append(quoted(property.name));
            text_.append(":").append(quoted(property.value));
        });
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    static std::string quoted(std::string_view value) {
        std::string result = "'";
        for (const char c : value) {
            const bool is_plain = c >= ' ' && c <= '~' && c != '\\' && c != '\'';
            result += is_plain ? std::string(1, c) : "\\" + hex(static_cast<Byte>(c));
        }
        return result + "'";
    }

    std::string text_;
};

void add(Line& line, const ConnectProperties& from) {
    line.field("session_expiry_interval", from.session_expiry_interval);
    line.field("receive_maximum", from.receive_maximum);
    line.field("maximum_packet_size", from.maximum_packet_size);
    line.field("topic_alias_maximum", from.topic_alias_maximum);
    line.flag("request_response_information", from.request_response_information);
    line.flag("no_problem_information", !from.request_problem_information);
    line.field(from.user_properties);
    line.field("authentication_method", from.authentication_method);
    line.field("authentication_data", from.authentication_data);
}

void add(Line& line, const Will& will) {
    line.text("will_topic", will.topic);
    line.number("qos", to_number(will.qos));
    line.flag("retain", will.retain);
    line.number_unless_0("will_delay_interval", will.properties.will_delay_interval);
    line.field("payload_format_indicator", will.properties.payload_format_indicator);
    line.field("message_expiry_interval", will.properties.message_expiry_interval);
    line.field("content_type", will.properties.content_type);
    line.field("response_topic", will.properties.response_topic);
    line.field("correlation_data", will.properties.correlation_data);
    line.field(will.properties.user_properties);
    line.bytes("will_payload", will.payload);
}

template <class Packet>
void add_explanation(Line& line, const Packet& packet) {
    line.field("reason_string", packet.reason_string);
    line.field(packet.user_properties);
}

std::string text(const Connect& packet) {
    Line line{"CONNECT"};
    line.number("version", static_cast<std::uint64_t>(packet.version));
    line.flag("clean_start", packet.clean_start);
    line.number("keep_alive", packet.keep_alive);
    add(line, packet.properties);
    line.text("client_id", packet.client_id);
    if (packet.will) add(line, *packet.will);
    line.field("user_name", packet.user_name);
    line.field("password", packet.password);
    return line.take();
}

std::string text(const Connack& packet) {
    Line line{"CONNACK"};
    line.flag("session_present", packet.session_present);
    line.word(to_string(packet.reason));
    line.field("session_expiry_interval", packet.session_expiry_interval);
    line.field("receive_maximum", packet.receive_maximum);
    line.field("maximum_qos", packet.maximum_qos);
    line.field("retain_available", packet.retain_available);
    line.field("maximum_packet_size", packet.maximum_packet_size);
    line.field("assigned_client_identifier", packet.assigned_client_identifier);
    line.field("topic_alias_maximum", packet.topic_alias_maximum);
    add_explanation(line, packet);
    line.field("wildcard_subscription_available", packet.wildcard_subscription_available);
    line.field("subscription_identifiers_available", packet.subscription_identifiers_available);
    line.field("shared_subscription_available", packet.shared_subscription_available);
    line.field("server_keep_alive", packet.server_keep_alive);
    line.field("response_information", packet.response_information);
    line.field("server_reference", packet.server_reference);
    line.field("authentication_method", packet.authentication_method);
    line.field("authentication_data", packet.authentication_data);
    return line.take();
}

std::string text(const Publish& packet) {
    const PublishProperties& properties = packet.properties;
    Line line{"PUBLISH"};
    line.flag("dup", packet.dup);
    line.number("qos", to_number(packet.qos));
    line.flag("retain", packet.retain);
    line.text("topic", packet.topic);
    line.number_unless_0("id", packet.packet_id);
    line.field("payload_format_indicator", properties.payload_format_indicator);
    line.field("message_expiry_interval", properties.message_expiry_interval);
    line.field("topic_alias", properties.topic_alias);
    line.field("response_topic", properties.response_topic);
    line.field("correlation_data", properties.correlation_data);
    line.field(properties.user_properties);
    line.number_unless_0("subscription_identifier", properties.subscription_identifier);
    line.field("content_type", properties.content_type);
    line.flag("forwarded", properties.has_forwarded);
    line.bytes("payload", packet.payload);
    return line.take();
}

template <PacketType Type>
std::string text(const Acknowledgement<Type>& packet) {
    Line line{to_string(Type)};
    line.number("id", packet.packet_id);
    line.word(to_string(packet.reason));
    add_explanation(line, packet);
    return line.take();
}

std::string text(const Subscribe& packet) {
    Line line{"SUBSCRIBE"};
    line.number("id", packet.packet_id);
    line.number_unless_0("subscription_identifier", packet.subscription_identifier);
    line.field(packet.user_properties);
    line.number("filters", packet.filter_count);
    packet.for_each([&line](const SubscriptionRequest& request) {
        line.text("filter", request.filter);
        line.number("qos", to_number(request.options.maximum_qos));
        line.flag("no_local", request.options.no_local);
        line.flag("retain_as_published", request.options.retain_as_published);
        line.number_unless_0("retain_handling",
                             static_cast<std::uint64_t>(request.options.retain_handling));
    });
    return line.take();
}

std::string text(const Unsubscribe& packet) {
    Line line{"UNSUBSCRIBE"};
    line.number("id", packet.packet_id);
    line.field(packet.user_properties);
    line.number("filters", packet.filter_count);
    packet.for_each([&line](std::string_view filter) { line.text("filter", filter); });
    return line.take();
}

template <class Packet>
std::string answer_text(std::string_view name, const Packet& packet) {
    Line line{name};
    line.number("id", packet.packet_id);
    add_explanation(line, packet);
    for (const ReasonCode reason : packet.reasons) line.word(to_string(reason));
    return line.take();
}

std::string text(const Suback& packet) { return answer_text("SUBACK", packet); }
std::string text(const Unsuback& packet) { return answer_text("UNSUBACK", packet); }
std::string text(const Pingreq&) { return "PINGREQ"; }
std::string text(const Pingresp&) { return "PINGRESP"; }

std::string text(const Disconnect& packet) {
    Line line{"DISCONNECT"};
    line.word(to_string(packet.reason));
    line.field("session_expiry_interval", packet.session_expiry_interval);
    add_explanation(line, packet);
    line.field("server_reference", packet.server_reference);
    return line.take();
}

std::string text(const Auth& packet) {
    Line line{"AUTH"};
    line.word(to_string(packet.reason));
    line.field("authentication_method", packet.authentication_method);
    line.field("authentication_data", packet.authentication_data);
    add_explanation(line, packet);
    return line.take();
}

}  // namespace

std::string to_text(const Packet& packet) {
    return std::visit([](const auto& one) { return text(one); }, packet);
}

}  // namespace test_support
