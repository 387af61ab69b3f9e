#include "support/client_packets.hpp"

namespace test_support {

using namespace holdfast;
using codec::ProtocolVersion;

namespace {

std::optional<std::string_view> view(const std::optional<std::string>& text) {
    return text ? std::optional<std::string_view>{*text} : std::nullopt;
}
std::optional<ByteView> bytes(const std::optional<std::string>& text) {
    return text ? std::optional<ByteView>{as_bytes(*text)} : std::nullopt;
}
std::vector<codec::UserProperty> views(const StringPairs& pairs) {
    std::vector<codec::UserProperty> list;
    for (const auto& [name, value] : pairs) list.push_back({name, value});
    return list;
}

/// `user_properties` keeps the views alive.
template <class Properties>
void copy(const MessageProperties& from, Properties& to,
          const std::vector<codec::UserProperty>& user_properties) {
    to.payload_format_indicator = from.payload_format_indicator;
    to.message_expiry_interval = from.message_expiry_interval;
    to.content_type = view(from.content_type);
    to.response_topic = view(from.response_topic);
    to.correlation_data = bytes(from.correlation_data);
    to.user_properties = codec::UserProperties{std::span{user_properties}};
}

}  // namespace

// --- CONNECT

ConnectPacket& ConnectPacket::clean_start(bool value) {
    packet_.clean_start = value;
    return *this;
}
ConnectPacket& ConnectPacket::keep_alive(std::uint16_t seconds) {
    packet_.keep_alive = seconds;
    return *this;
}
ConnectPacket& ConnectPacket::session_expiry(std::uint32_t seconds) {
    packet_.properties.session_expiry_interval = seconds;
    return *this;
}
ConnectPacket& ConnectPacket::receive_maximum(std::uint16_t value) {
    packet_.properties.receive_maximum = value;
    return *this;
}
ConnectPacket& ConnectPacket::maximum_packet_size(std::uint32_t value) {
    packet_.properties.maximum_packet_size = value;
    return *this;
}
ConnectPacket& ConnectPacket::topic_alias_maximum(std::uint16_t value) {
    packet_.properties.topic_alias_maximum = value;
    return *this;
}
ConnectPacket& ConnectPacket::request_response_information() {
    packet_.properties.request_response_information = true;
    return *this;
}
ConnectPacket& ConnectPacket::no_problem_information() {
    packet_.properties.request_problem_information = false;
    return *this;
}
ConnectPacket& ConnectPacket::user_property(std::string name, std::string value) {
    user_properties_.emplace_back(std::move(name), std::move(value));
    return *this;
}
ConnectPacket& ConnectPacket::authentication(std::string method, std::string data) {
    authentication_method_ = std::move(method);
    authentication_data_ = std::move(data);
    return *this;
}
ConnectPacket& ConnectPacket::user_name(std::string value) {
    user_name_ = std::move(value);
    return *this;
}
ConnectPacket& ConnectPacket::password(std::string value) {
    password_ = std::move(value);
    return *this;
}
ConnectPacket& ConnectPacket::will(std::string topic, std::string payload, int qos) {
    will_ = Will{};
    will_->topic = std::move(topic);
    will_->payload = std::move(payload);
    will_->qos = qos;
    return *this;
}
ConnectPacket& ConnectPacket::will_retain() {
    will_.value().retain = true;
    return *this;
}
ConnectPacket& ConnectPacket::will_delay(std::uint32_t seconds) {
    will_.value().delay = seconds;
    return *this;
}
ConnectPacket& ConnectPacket::will_properties(MessageProperties properties) {
    will_.value().properties = std::move(properties);
    return *this;
}

void ConnectPacket::write(ByteBuffer& out, ProtocolVersion version) const {
    codec::Connect packet = packet_;
    packet.version = version;
    packet.client_id = client_id_;
    packet.user_name = view(user_name_);
    packet.password = bytes(password_);
    const auto user_properties = views(user_properties_);
    packet.properties.user_properties = codec::UserProperties{std::span{user_properties}};
    packet.properties.authentication_method = view(authentication_method_);
    if (!authentication_data_.empty()) {
        packet.properties.authentication_data = as_bytes(authentication_data_);
    }
    std::vector<codec::UserProperty> will_user_properties;
    if (will_) {
        will_user_properties = views(will_->properties.user_properties);
        codec::Will will;
        will.topic = will_->topic;
        will.payload = as_bytes(will_->payload);
        will.qos = static_cast<QoS>(will_->qos);
        will.retain = will_->retain;
        will.properties.will_delay_interval = will_->delay;
        copy(will_->properties, will.properties, will_user_properties);
        packet.will = will;
    }
    codec::encode(out, packet);
}

// --- PUBLISH

PublishPacket& PublishPacket::qos1(PacketId packet_id) {
    packet_.qos = QoS::at_least_once;
    packet_.packet_id = packet_id;
    return *this;
}
PublishPacket& PublishPacket::qos2(PacketId packet_id) {
    packet_.qos = QoS::exactly_once;
    packet_.packet_id = packet_id;
    return *this;
}
PublishPacket& PublishPacket::dup() {
    packet_.dup = true;
    return *this;
}
PublishPacket& PublishPacket::retain() {
    packet_.retain = true;
    return *this;
}
PublishPacket& PublishPacket::expiry(std::uint32_t seconds) {
    properties_.message_expiry_interval = seconds;
    return *this;
}
PublishPacket& PublishPacket::alias(std::uint16_t value) {
    packet_.properties.topic_alias = value;
    return *this;
}
PublishPacket& PublishPacket::subscription_identifier(std::uint32_t value) {
    packet_.properties.subscription_identifier = value;
    return *this;
}
PublishPacket& PublishPacket::content_type(std::string value) {
    properties_.content_type = std::move(value);
    return *this;
}
PublishPacket& PublishPacket::response_topic(std::string value) {
    properties_.response_topic = std::move(value);
    return *this;
}
PublishPacket& PublishPacket::correlation_data(std::string value) {
    properties_.correlation_data = std::move(value);
    return *this;
}
PublishPacket& PublishPacket::payload_format(bool is_utf8) {
    properties_.payload_format_indicator = is_utf8;
    return *this;
}
PublishPacket& PublishPacket::user_property(std::string name, std::string value) {
    properties_.user_properties.emplace_back(std::move(name), std::move(value));
    return *this;
}

void PublishPacket::write(ByteBuffer& out, ProtocolVersion version) const {
    codec::Publish packet = packet_;
    packet.topic = topic_;
    packet.payload = as_bytes(payload_);
    const auto user_properties = views(properties_.user_properties);
    copy(properties_, packet.properties, user_properties);
    codec::encode(out, version, packet);
}

// --- SUBSCRIBE, UNSUBSCRIBE, PINGREQ

SubscribePacket& SubscribePacket::id(PacketId packet_id) {
    packet_id_ = packet_id;
    return *this;
}
SubscribePacket& SubscribePacket::identifier(std::uint32_t value) {
    identifier_ = value;
    return *this;
}
SubscribePacket& SubscribePacket::also(std::string filter, int qos) {
    requests_.push_back({std::move(filter), {.maximum_qos = static_cast<QoS>(qos)}});
    return *this;
}
SubscribePacket& SubscribePacket::no_local() {
    requests_.back().options.no_local = true;
    return *this;
}
SubscribePacket& SubscribePacket::retain_as_published() {
    requests_.back().options.retain_as_published = true;
    return *this;
}
SubscribePacket& SubscribePacket::retain_handling(int value) {
    requests_.back().options.retain_handling = static_cast<RetainHandling>(value);
    return *this;
}

void SubscribePacket::write(ByteBuffer& out, ProtocolVersion version) const {
    std::vector<codec::SubscriptionRequest> requests;
    for (const Request& request : requests_) requests.push_back({request.filter, request.options});
    codec::encode_subscribe(out, version, packet_id_, requests, identifier_);
}

UnsubscribePacket& UnsubscribePacket::id(PacketId packet_id) {
    packet_id_ = packet_id;
    return *this;
}
UnsubscribePacket& UnsubscribePacket::also(std::string filter) {
    filters_.push_back(std::move(filter));
    return *this;
}

void UnsubscribePacket::write(ByteBuffer& out, ProtocolVersion version) const {
    const std::vector<std::string_view> filters(filters_.begin(), filters_.end());
    codec::encode_unsubscribe(out, version, packet_id_, filters);
}

void PingreqPacket::write(ByteBuffer& out, ProtocolVersion) const {
    codec::encode(out, codec::Pingreq{});
}

}  // namespace test_support
