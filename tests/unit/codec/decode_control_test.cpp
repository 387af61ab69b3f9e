#include "unit/codec/wire_table.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr auto v3_1_1 = ProtocolVersion::v3_1_1;
constexpr auto v5 = ProtocolVersion::v5;

std::string text_of(ProtocolVersion version, const std::string& bytes) {
    return decoded_text(Sender::client, version, bytes);
}

/// The reason codes that the packet accepts, in the bytes before the code.
std::string accepted_reasons(std::string_view notation) {
    std::string accepted;
    for (unsigned code = 0; code < 256; ++code) {
        auto bytes = bytes_of(notation);
        bytes.push_back(static_cast<Byte>(code));
        bytes[1] = static_cast<Byte>(bytes.size() - 2);
        if (bytes[0] == 0xF0) {
            for (const unsigned byte : {0x04U, 0x15U, 0x00U, 0x01U, 0x6DU}) {
                bytes.push_back(static_cast<Byte>(byte));
            }
            bytes[1] = static_cast<Byte>(bytes.size() - 2);
        }
        const AnyDecoded decoded = decode_any(Sender::client, v5, frame_of(bytes));
        if (decoded.packet) accepted += hex_of(ByteView{{static_cast<Byte>(code)}}) + " ";
    }
    return accepted;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decoding_acknowledgements)

BOOST_AUTO_TEST_CASE(each_has_its_own_reason_codes,
                     *label("MQTT5-3.4.2-1") * label("MQTT5-3.5.2-1") * label("MQTT5-3.6.2-1") *
                         label("MQTT5-3.7.2-1")) {
    BOOST_TEST(accepted_reasons("40 00 000A") == "00 10 80 83 87 90 91 97 99 ");
    BOOST_TEST(accepted_reasons("50 00 000A") == "00 10 80 83 87 90 91 97 99 ");
    BOOST_TEST(accepted_reasons("62 00 000A") == "00 92 ");
    BOOST_TEST(accepted_reasons("70 00 000A") == "00 92 ");
    check_refusals("MQTT5-3.4.2-1");
    check_refusals("MQTT5-3.5.2-1");
    check_refusals("MQTT5-3.6.2-1");
    check_refusals("MQTT5-3.7.2-1");
}

BOOST_AUTO_TEST_CASE(each_has_the_listed_flags,
                     *label("MQTT5-2.1.3-1") * label("MQTT3-2.2.2-1") * label("MQTT3-2.2.2-2") *
                         label("MQTT5-3.6.1-1") * label("MQTT3-3.6.1-1")) {
    check_refusals("MQTT5-2.1.3-1");
    check_refusals("MQTT3-2.2.2-1");
    check_refusals("MQTT5-3.6.1-1");
    check_refusals("MQTT3-3.6.1-1");
    for (const unsigned type : {4U, 5U, 6U, 7U}) {
        for (unsigned flags = 0; flags < 16; ++flags) {
            std::vector<Byte> bytes{static_cast<Byte>(type << 4 | flags), 2, 0, 1};
            const bool is_listed = flags == (type == 6 ? 2U : 0U);
            for (const ProtocolVersion version : {v3_1_1, v5}) {
                const AnyDecoded decoded = decode_any(Sender::client, version, frame_of(bytes));
                BOOST_TEST(decoded.packet.has_value() == is_listed);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(identifier_0_is_refused, *label("MQTT5-2.2.1-5") * label("MQTT3-2.3.1-6")) {
    check_refusals("MQTT5-2.2.1-5");
    check_refusals("MQTT3-2.3.1-6");
    for (const std::string type : {"40", "50", "62", "70"}) {
        BOOST_TEST(text_of(v5, type + " 02 0000") == "protocol_error");
        BOOST_TEST(text_of(v3_1_1, type + " 02 0000") == "protocol_error");
    }
}

BOOST_AUTO_TEST_CASE(reason_and_properties_may_be_left_out_in_mqtt_5_only) {
    for (const auto& [type, name] :
         {std::pair{"40", "PUBACK"}, {"50", "PUBREC"}, {"62", "PUBREL"}, {"70", "PUBCOMP"}}) {
        const std::string first{type};
        const std::string text = std::string{name} + " id=10 success";
        BOOST_TEST(text_of(v5, first + " 02 000A") == text);
        BOOST_TEST(text_of(v5, first + " 03 000A 00") == text);
        BOOST_TEST(text_of(v5, first + " 04 000A 00 00") == text);
        BOOST_TEST(text_of(v3_1_1, first + " 02 000A") == text);
        BOOST_TEST(text_of(v3_1_1, first + " 03 000A 00") == "malformed_packet");
        BOOST_TEST(text_of(v3_1_1, first + " 01 0A") == "malformed_packet");
    }
}

BOOST_AUTO_TEST_CASE(user_properties_are_bounded) {
    const auto bytes = bytes_of("40 [ 000A 00 [26 ('k') ('v') 26 ('k') ('v')] ]");
    BOOST_TEST(decode_puback(v5, frame_of(bytes), {.user_properties_max = 2}).has_value());
    const auto refused = decode_puback(v5, frame_of(bytes), {.user_properties_max = 1});
    BOOST_TEST_REQUIRE(refused.has_error());
    BOOST_TEST((refused.error().reason == ReasonCode::quota_exceeded));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(decoding_disconnect_and_auth)

BOOST_AUTO_TEST_CASE(disconnect_has_its_own_reason_codes, *label("MQTT5-3.14.2-1")) {
    BOOST_TEST(accepted_reasons("E0 00") ==
               "00 04 80 81 82 83 87 89 8B 8C 8D 8E 8F 90 93 94 95 96 97 98 99 9A 9B 9C 9D 9E 9F "
               "A0 A1 A2 ");
    check_refusals("MQTT5-3.14.2-1");
}

BOOST_AUTO_TEST_CASE(disconnect_has_no_flags, *label("MQTT5-3.14.1-1") * label("MQTT3-3.14.1-1")) {
    check_refusals("MQTT5-3.14.1-1");
    check_refusals("MQTT3-3.14.1-1");
}

BOOST_AUTO_TEST_CASE(a_server_names_no_session_expiry, *label("MQTT5-3.14.2-2")) {
    check_refusals("MQTT5-3.14.2-2");
    BOOST_TEST(text_of(v5, "E0 [ 00 [11 00000001] ]") ==
               "DISCONNECT success session_expiry_interval=1");
}

BOOST_AUTO_TEST_CASE(auth_has_its_own_reason_codes, *label("MQTT5-3.15.2-1")) {
    BOOST_TEST(accepted_reasons("F0 00") == "00 18 19 ");
    check_refusals("MQTT5-3.15.2-1");
}

BOOST_AUTO_TEST_CASE(auth_has_no_flags, *label("MQTT5-3.15.1-1")) {
    check_refusals("MQTT5-3.15.1-1");
}

BOOST_AUTO_TEST_CASE(auth_is_unknown_before_mqtt_5) {
    for (const ProtocolVersion version : {ProtocolVersion::v3_1, v3_1_1}) {
        BOOST_TEST(text_of(version, "F0 [ 18 [15 ('m')] ]") == "malformed_packet");
    }
}

BOOST_AUTO_TEST_SUITE_END()
