// Random packets of every type, encoded and decoded again. HOLDFAST_SEED and HOLDFAST_STEPS choose
// another run.

#include "codec/codec.hpp"

#include "support/packet_text.hpp"
#include "support/random_topics.hpp"
#include "unit/codec/wire_table.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <random>
#include <string>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;

namespace {

constexpr ProtocolVersion versions[] = {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1,
                                        ProtocolVersion::v5};

/// Makes packets; what they point into lives as long as this.
class RandomPackets {
public:
    explicit RandomPackets(std::uint64_t seed) : random_(seed), topics_(seed) {}

    ProtocolVersion version() { return versions[below(3)]; }
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
    bool chance() { return below(2) == 0; }

    Connect connect(ProtocolVersion version) {
        Connect packet;
        packet.version = version;
        packet.clean_start = chance();
        packet.keep_alive = number<std::uint16_t>();
        packet.client_id = text();
        if (chance()) packet.will = will(version);
        if (chance()) packet.user_name = text();
        const bool may_have_password = packet.user_name || version == ProtocolVersion::v5;
        if (may_have_password && chance()) packet.password = binary();
        if (version != ProtocolVersion::v5) return packet;
        ConnectProperties& properties = packet.properties;
        properties.session_expiry_interval = maybe<std::uint32_t>();
        properties.receive_maximum = maybe<std::uint16_t>(1);
        properties.maximum_packet_size = maybe<std::uint32_t>(1);
        properties.topic_alias_maximum = maybe<std::uint16_t>();
        properties.request_response_information = chance();
        properties.request_problem_information = chance();
        properties.user_properties = user_properties();
        if (chance()) {
            properties.authentication_method = text();
            if (chance()) properties.authentication_data = binary();
        }
        return packet;
    }

    Publish publish(ProtocolVersion version, Sender sender) {
        Publish packet;
        packet.qos = qos();
        packet.dup = packet.qos != QoS::at_most_once && chance();
        packet.retain = chance();
        if (packet.qos != QoS::at_most_once) packet.packet_id = packet_id();
        packet.topic = keep(topics_.name());
        packet.payload = binary();
        if (version != ProtocolVersion::v5) return packet;
        PublishProperties& properties = packet.properties;
        fill(properties);
        properties.topic_alias = maybe<std::uint16_t>(1);
        if (properties.topic_alias && chance()) packet.topic = {};
        if (sender == Sender::server && chance()) {
            properties.subscription_identifier = 1 + number<std::uint32_t>() % 268'435'455;
        }
        properties.has_forwarded = properties.payload_format_indicator || properties.content_type ||
                                   properties.response_topic || properties.correlation_data ||
                                   !properties.user_properties.empty();
        return packet;
    }

    template <class Acknowledgement>
    Acknowledgement acknowledgement(ProtocolVersion version) {
        Acknowledgement packet;
        packet.packet_id = packet_id();
        if (version != ProtocolVersion::v5) return packet;
        constexpr bool is_release = Acknowledgement::type == PacketType::pubrel ||
                                    Acknowledgement::type == PacketType::pubcomp;
        if (chance()) {
            packet.reason =
                is_release ? ReasonCode::packet_identifier_not_found : ReasonCode::not_authorized;
        }
        explain(packet);
        return packet;
    }

    Connack connack(ProtocolVersion version) {
        Connack packet;
        packet.session_present = version != ProtocolVersion::v3_1 && chance();
        if (!packet.session_present && chance()) packet.reason = ReasonCode::not_authorized;
        if (version != ProtocolVersion::v5) return packet;
        packet.session_expiry_interval = maybe<std::uint32_t>();
        packet.receive_maximum = maybe<std::uint16_t>(1);
        if (chance()) packet.maximum_qos = chance() ? QoS::at_most_once : QoS::at_least_once;
        packet.retain_available = maybe_flag();
        packet.maximum_packet_size = maybe<std::uint32_t>(1);
        packet.assigned_client_identifier = maybe_text();
        packet.topic_alias_maximum = maybe<std::uint16_t>();
        packet.wildcard_subscription_available = maybe_flag();
        packet.subscription_identifiers_available = maybe_flag();
        packet.shared_subscription_available = maybe_flag();
        packet.server_keep_alive = maybe<std::uint16_t>();
        packet.response_information = maybe_text();
        packet.server_reference = maybe_text();
        packet.authentication_method = maybe_text();
        if (chance()) packet.authentication_data = binary();
        explain(packet);
        return packet;
    }

    template <class Answer>
    Answer answer(ProtocolVersion version, ReasonCode another) {
        Answer packet;
        packet.packet_id = packet_id();
        auto& reasons = reasons_.emplace_back(1 + below(20));
        for (ReasonCode& reason : reasons) reason = chance() ? ReasonCode::success : another;
        const bool has_reasons = version == ProtocolVersion::v5 || std::is_same_v<Answer, Suback>;
        if (has_reasons) packet.reasons = reasons;
        if (version == ProtocolVersion::v5) explain(packet);
        return packet;
    }

    Disconnect disconnect(ProtocolVersion version, Sender sender) {
        Disconnect packet;
        if (version != ProtocolVersion::v5) return packet;
        if (chance()) packet.reason = ReasonCode::server_busy;
        if (sender == Sender::client) packet.session_expiry_interval = maybe<std::uint32_t>();
        packet.server_reference = maybe_text();
        explain(packet);
        return packet;
    }

    Auth auth() {
        Auth packet;
        packet.reason =
            chance() ? ReasonCode::re_authenticate : ReasonCode::continue_authentication;
        packet.authentication_method = text();
        if (chance()) packet.authentication_data = binary();
        explain(packet);
        return packet;
    }

    std::vector<SubscriptionRequest> requests(ProtocolVersion version) {
        std::vector<SubscriptionRequest> all(1 + below(5));
        for (SubscriptionRequest& request : all) {
            request.filter = keep(topics_.filter());
            request.options.maximum_qos = qos();
            if (version != ProtocolVersion::v5) continue;
            request.options.no_local = chance();
            request.options.retain_as_published = chance();
            request.options.retain_handling = static_cast<RetainHandling>(below(3));
        }
        return all;
    }

    PacketId packet_id() { return number<std::uint16_t>(1); }
    std::uint32_t subscription_identifier() {
        return chance() ? 0 : 1 + number<std::uint32_t>() % 268'435'455;
    }

private:
    /// Small and large numbers alike.
    template <class Number>
    Number number(Number smallest = 0) {
        const auto value = static_cast<Number>(random_() >> (random_() % 64));
        return value < smallest ? smallest : value;
    }
    template <class Number>
    std::optional<Number> maybe(Number smallest = 0) {
        return chance() ? std::nullopt : std::optional{number<Number>(smallest)};
    }
    std::optional<bool> maybe_flag() { return chance() ? std::nullopt : std::optional{chance()}; }
    std::optional<std::string_view> maybe_text() {
        return chance() ? std::nullopt : std::optional{text()};
    }
    QoS qos() { return static_cast<QoS>(below(3)); }
    std::string_view keep(std::string value) { return texts_.emplace_back(std::move(value)); }
    std::string_view text() {
        static const std::string pieces[] = {"a", "Z", "/", " ", "\xC3\xA4", "\xF0\x9F\x98\x80"};
        std::string value;
        const std::size_t most = below(10) == 0 ? 200 : 10;
        for (std::size_t more = below(most); more > 0; --more) {
            value += pieces[below(std::size(pieces))];
        }
        return keep(value);
    }
    ByteView binary() {
        const std::size_t most = below(50) == 0 ? 20'000 : 200;
        std::string value(below(most), '\0');
        for (char& c : value) c = static_cast<char>(random_());
        return as_bytes(keep(value));
    }
    UserProperties user_properties() {
        auto& list = lists_.emplace_back(chance() ? 0 : below(4));
        for (UserProperty& property : list) property = {text(), text()};
        return UserProperties{std::span<const UserProperty>{list}};
    }
    template <class Packet>
    void explain(Packet& packet) {
        packet.reason_string = maybe_text();
        packet.user_properties = user_properties();
    }
    template <class Properties>
    void fill(Properties& properties) {
        properties.payload_format_indicator = maybe_flag();
        properties.message_expiry_interval = maybe<std::uint32_t>();
        properties.content_type = maybe_text();
        if (chance()) properties.response_topic = keep(topics_.name());
        if (chance()) properties.correlation_data = binary();
        properties.user_properties = user_properties();
    }
    Will will(ProtocolVersion version) {
        Will made;
        made.topic = keep(topics_.name());
        made.payload = binary();
        made.qos = qos();
        made.retain = chance();
        if (version != ProtocolVersion::v5) return made;
        made.properties.will_delay_interval = number<std::uint32_t>();
        fill(made.properties);
        return made;
    }

    std::mt19937_64 random_;
    RandomTopics topics_;
    std::deque<std::string> texts_;
    std::deque<std::vector<UserProperty>> lists_;
    std::deque<std::vector<ReasonCode>> reasons_;
};

void check_there_and_back(Sender sender, ProtocolVersion version, const Packet& packet) {
    ByteBuffer out;
    encode_any(out, version, packet);
    const std::vector<Byte> bytes(out.begin(), out.end());
    const AnyDecoded decoded = decode_any(sender, version, frame_of(bytes));
    const std::string expected = to_text(packet);
    BOOST_TEST_REQUIRE(decoded.packet.has_value(), expected);
    BOOST_TEST_REQUIRE(to_text(*decoded.packet) == expected);
}

Packet from_server(RandomPackets& make, ProtocolVersion version) {
    switch (make.below(6)) {
        case 0: return make.connack(version);
        case 1: return make.publish(version, Sender::server);
        case 2: return make.answer<Suback>(version, ReasonCode::granted_qos_2);
        case 3: return make.answer<Unsuback>(version, ReasonCode::no_subscription_existed);
        case 4: return make.disconnect(ProtocolVersion::v5, Sender::server);
        default: return make.acknowledgement<Puback>(version);
    }
}

Packet from_client(RandomPackets& make, ProtocolVersion version) {
    switch (make.below(7)) {
        case 0: return make.connect(version);
        case 1: return make.publish(version, Sender::client);
        case 2: return make.acknowledgement<Pubrec>(version);
        case 3: return make.acknowledgement<Pubrel>(version);
        case 4: return make.acknowledgement<Pubcomp>(version);
        case 5: return make.disconnect(version, Sender::client);
        default: return make.auth();
    }
}

/// SUBSCRIBE and UNSUBSCRIBE are encoded from lists, not from packets.
void check_requests(RandomPackets& make, ProtocolVersion version) {
    const auto requests = make.requests(version);
    const std::uint32_t identifier =
        version == ProtocolVersion::v5 ? make.subscription_identifier() : 0;
    ByteBuffer out;
    encode_subscribe(out, version, make.packet_id(), requests, identifier);
    const std::vector<Byte> bytes(out.begin(), out.end());
    const Decoded<Subscribe> packet = decode_subscribe(version, frame_of(bytes), {});
    BOOST_TEST_REQUIRE(packet.has_value());
    BOOST_TEST_REQUIRE(packet->subscription_identifier == identifier);
    BOOST_TEST_REQUIRE(packet->filter_count == requests.size());
    std::size_t at = 0;
    packet->for_each([&](const SubscriptionRequest& request) {
        BOOST_TEST_REQUIRE(request.filter == requests[at].filter);
        BOOST_TEST_REQUIRE((request.options == requests[at].options));
        ++at;
    });
    check_there_and_back(Sender::client, version, Packet{*packet});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(random_packets)

BOOST_AUTO_TEST_CASE(what_is_encoded_is_decoded_as_the_same_packet) {
    const std::uint64_t seed = number_from_environment("HOLDFAST_SEED", 1);
    const std::uint64_t steps = number_from_environment("HOLDFAST_STEPS", 5'000);
    for (std::uint64_t step = 0; step < steps; ++step) {
        BOOST_TEST_CONTEXT("HOLDFAST_SEED=" << seed + step << " HOLDFAST_STEPS=1") {
            RandomPackets make{seed + step};
            const ProtocolVersion version = make.version();
            const Packet sent = from_client(make, version);
            const bool is_auth = std::holds_alternative<Auth>(sent);
            check_there_and_back(Sender::client, is_auth ? ProtocolVersion::v5 : version, sent);
            const Packet received = from_server(make, version);
            const bool is_disconnect = std::holds_alternative<Disconnect>(received);
            check_there_and_back(Sender::server, is_disconnect ? ProtocolVersion::v5 : version,
                                 received);
            check_requests(make, version);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
