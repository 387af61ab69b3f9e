#include "unit/codec/wire_table.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;

namespace {

std::string reasons_by_type(Sender sender, ProtocolVersion version) {
    std::string text;
    for (unsigned type = 0; type < 16; ++type) {
        const std::vector<Byte> bytes{static_cast<Byte>(type << 4), 0};
        const AnyDecoded decoded = decode_any(sender, version, frame_of(bytes));
        const bool is_wrong_role = decoded.packet.has_error() &&
                                   decoded.packet.error().reason == ReasonCode::protocol_error;
        text += is_wrong_role ? 'x' : '.';
    }
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decoding_any_packet)

BOOST_AUTO_TEST_CASE(packets_of_the_wrong_role_are_protocol_errors) {
    BOOST_TEST(reasons_by_type(Sender::client, ProtocolVersion::v5) == "..x......x.x.x..");
    BOOST_TEST(reasons_by_type(Sender::client, ProtocolVersion::v3_1_1) == "..x......x.x.x..");
    BOOST_TEST(reasons_by_type(Sender::server, ProtocolVersion::v5) == ".x......x.x.x...");
    BOOST_TEST(reasons_by_type(Sender::server, ProtocolVersion::v3_1_1) == ".x......x.x.x.x.");
}

BOOST_AUTO_TEST_CASE(the_reserved_type_is_malformed) {
    for (const Sender sender : {Sender::client, Sender::server}) {
        BOOST_TEST(decoded_text(sender, ProtocolVersion::v5, "00 00") == "malformed_packet");
        BOOST_TEST(decoded_text(sender, ProtocolVersion::v3_1_1, "0F 00") == "malformed_packet");
    }
}

BOOST_AUTO_TEST_CASE(connect_says_its_version_itself) {
    BOOST_TEST(
        decoded_text(Sender::client, ProtocolVersion::v5, "10 [ ('MQTT') 04 02 0000 ('a') ]") ==
        "CONNECT version=4 clean_start keep_alive=0 client_id='a'");
}

BOOST_AUTO_TEST_SUITE_END()
