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

/// The codes that a server's packet accepts in its byte `at`.
std::string accepted_codes(ProtocolVersion version, std::string_view notation, std::size_t at) {
    std::string accepted;
    for (unsigned code = 0; code < 256; ++code) {
        auto bytes = bytes_of(notation);
        bytes[at] = static_cast<Byte>(code);
        const AnyDecoded decoded = decode_any(Sender::server, version, frame_of(bytes));
        if (decoded.packet) accepted += hex_of(ByteView{{static_cast<Byte>(code)}}) + " ";
    }
    return accepted;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decoding_as_a_client)

BOOST_AUTO_TEST_CASE(connack_has_its_own_reason_codes,
                     *label("MQTT5-3.2.2-8") * label("MQTT3-3.2.2-6")) {
    BOOST_TEST(accepted_codes(v5, "20 03 00 00 00", 3) ==
               "00 80 81 82 83 84 85 86 87 88 89 8A 8C 90 95 97 99 9A 9B 9C 9D 9F ");
    BOOST_TEST(accepted_codes(v3_1_1, "20 02 00 00", 3) == "00 01 02 03 04 05 ");
}

BOOST_AUTO_TEST_CASE(connack_has_one_acknowledge_flag, *label("MQTT5-3.2.2-1")) {
    BOOST_TEST(accepted_codes(v5, "20 03 00 00 00", 2) == "00 01 ");
    check_refusals("MQTT5-3.2.2-1");
}

BOOST_AUTO_TEST_CASE(a_refusal_has_no_session_present,
                     *label("MQTT5-3.2.2-6") * label("MQTT3-3.2.2-4")) {
    check_refusals("MQTT5-3.2.2-6");
    check_refusals("MQTT3-3.2.2-4");
}

BOOST_AUTO_TEST_CASE(suback_has_its_own_reason_codes,
                     *label("MQTT5-3.9.3-2") * label("MQTT3-3.9.3-2")) {
    BOOST_TEST(accepted_codes(v5, "90 04 00 01 00 00", 5) ==
               "00 01 02 80 83 87 8F 91 97 9E A1 A2 ");
    BOOST_TEST(accepted_codes(v3_1_1, "90 03 00 01 00", 4) == "00 01 02 80 ");
}

BOOST_AUTO_TEST_CASE(unsuback_has_its_own_reason_codes, *label("MQTT5-3.11.3-2")) {
    BOOST_TEST(accepted_codes(v5, "B0 04 00 01 00 00", 5) == "00 11 80 83 87 8F 91 ");
}

BOOST_AUTO_TEST_CASE(reason_codes_outlive_the_decoder) {
    const auto bytes = bytes_of("90 06 00 01 00 00 01 87");
    const AnyDecoded decoded = decode_any(Sender::server, v5, frame_of(bytes));
    BOOST_TEST_REQUIRE(decoded.packet.has_value());
    const auto& suback = std::get<Suback>(*decoded.packet);
    BOOST_TEST(suback.reasons.size() == 3U);
    BOOST_TEST((suback.reasons[2] == ReasonCode::not_authorized));
}

BOOST_AUTO_TEST_SUITE_END()
