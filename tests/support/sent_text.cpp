#include "support/sent_text.hpp"

#include "codec/property.hpp"
#include "support/packet_text.hpp"
#include "support/wire.hpp"

#include <algorithm>
#include <concepts>

namespace test_support {

using namespace holdfast;
using namespace holdfast::codec;

namespace {

constexpr std::size_t shown_bytes_max = 40;

std::string shown(std::string_view text) {
    const bool is_plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
    if (text.size() > shown_bytes_max) return "<" + std::to_string(text.size()) + " bytes>";
    if (is_plain) return std::string{text};
    std::string hex = hex_of(as_bytes(text));
    std::erase(hex, ' ');
    return "'" + hex + "'";
}

class Line {
public:
    explicit Line(std::string_view first) : text_(first) {}

    void word(std::string_view value) { text_.append(" ").append(value); }
    void flag(std::string_view name, bool is_set) {
        if (is_set) word(name);
    }
    void text(std::string_view name, std::string_view value) {
        word(name);
        text_.append("=").append(value);
    }
    template <std::integral T>
    void field(std::string_view name, std::optional<T> value) {
        if (value) text(name, std::to_string(*value));
    }
    void field(std::string_view name, std::optional<std::string_view> value) {
        if (value) text(name, shown(*value));
    }
    void field(const UserProperties& properties) {
        properties.for_each([this](const UserProperty& property) {
            word(shown(property.name));
            text_.append(":").append(shown(property.value));
        });
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
};

std::string id_text(PacketId packet_id) { return std::to_string(packet_id); }

/// All of them; the decoder keeps the first.
std::vector<std::string> subscription_identifiers(ProtocolVersion version, const Frame& frame,
                                                  const Publish& packet) {
    std::vector<std::string> identifiers;
    if (packet.properties.subscription_identifier == 0) return identifiers;
    Reader in{frame.body, version};
    (void)in.unchecked_string();
    if (packet.qos != QoS::at_most_once) (void)in.u16();
    PropertyReader properties{in, PacketType::publish, unlimited};
    while (properties.next()) {
        switch (find_property(static_cast<std::uint32_t>(properties.id()))->type) {
            case PropertyType::byte: (void)in.u8(); break;
            case PropertyType::two_byte_integer: (void)in.u16(); break;
            case PropertyType::four_byte_integer: (void)in.u32(); break;
            case PropertyType::variable_byte_integer:
                identifiers.push_back(std::to_string(in.variable_byte_integer()));
                break;
            default: (void)in.binary();
        }
    }
    return identifiers;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text = "[";
    for (const std::string& part : parts) {
        if (text.size() > 1) text += ",";
        text += part;
    }
    return text + "]";
}

struct SentText {
    ProtocolVersion version;
    const Frame& frame;

    std::string operator()(const Connack& packet) const {
        Line line{"CONNACK"};
        line.flag("session_present", packet.session_present);
        line.word(to_string(packet.reason));
        line.field("expiry", packet.session_expiry_interval);
        line.field("client_id", packet.assigned_client_identifier);
        line.field("keep_alive", packet.server_keep_alive);
        line.field("response_information", packet.response_information);
        line.field("server_reference", packet.server_reference);
        line.field("authentication_method", packet.authentication_method);
        line.field(packet.user_properties);
        return line.take();
    }

    std::string operator()(const Publish& packet) const {
        const PublishProperties& properties = packet.properties;
        Line line{"PUBLISH"};
        line.word("q" + std::to_string(to_number(packet.qos)));
        line.flag("dup", packet.dup);
        line.flag("retain", packet.retain);
        if (packet.packet_id != 0) line.text("id", id_text(packet.packet_id));
        line.text("topic", shown(packet.topic));
        line.text("payload", shown(as_text(packet.payload)));
        line.field("expiry", properties.message_expiry_interval);
        line.field("alias", properties.topic_alias);
        const auto identifiers = subscription_identifiers(version, frame, packet);
        if (!identifiers.empty()) line.text("sub", joined(identifiers));
        line.field("format", properties.payload_format_indicator);
        line.field("content_type", properties.content_type);
        line.field("response_topic", properties.response_topic);
        if (properties.correlation_data) {
            line.text("correlation", shown(as_text(*properties.correlation_data)));
        }
        line.field(properties.user_properties);
        return line.take();
    }

    template <PacketType Type>
    std::string operator()(const Acknowledgement<Type>& packet) const {
        Line line{to_string(Type)};
        line.text("id", id_text(packet.packet_id));
        if (packet.reason != ReasonCode::success) line.word(to_string(packet.reason));
        line.field(packet.user_properties);
        return line.take();
    }

    std::string operator()(const Suback& packet) const {
        std::vector<std::string> reasons;
        for (const ReasonCode reason : packet.reasons) {
            const auto number = static_cast<unsigned>(reason);
            reasons.push_back(number < 3 ? std::to_string(number) : std::string{to_string(reason)});
        }
        return "SUBACK id=" + id_text(packet.packet_id) + " " + joined(reasons);
    }

    std::string operator()(const Unsuback& packet) const {
        std::vector<std::string> reasons;
        for (const ReasonCode reason : packet.reasons) reasons.emplace_back(to_string(reason));
        const std::string text = "UNSUBACK id=" + id_text(packet.packet_id);
        return version == ProtocolVersion::v5 ? text + " " + joined(reasons) : text;
    }

    std::string operator()(const Disconnect& packet) const {
        Line line{"DISCONNECT"};
        line.word(to_string(packet.reason));
        line.field("expiry", packet.session_expiry_interval);
        line.field("server_reference", packet.server_reference);
        line.field(packet.user_properties);
        return line.take();
    }

    template <class Packet>
    std::string operator()(const Packet& packet) const {
        return to_text(packet);
    }
};

template <class Describe>
std::string described(ProtocolVersion version, const Frame& frame, const Describe& describe) {
    const AnyDecoded decoded = decode_any(Sender::server, version, frame);
    if (decoded.packet.has_error()) {
        return "UNREADABLE " + hex_of(frame.body) + ": " +
               std::string{decoded.packet.error().cause};
    }
    return describe(*decoded.packet);
}

}  // namespace

std::string sent_text(ProtocolVersion version, const Frame& frame) {
    return described(version, frame, [&](const Packet& packet) {
        return std::visit(SentText{version, frame}, packet);
    });
}

std::string full_text(ProtocolVersion version, const Frame& frame) {
    return described(version, frame, [](const Packet& packet) { return to_text(packet); });
}

}  // namespace test_support
