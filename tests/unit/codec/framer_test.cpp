#include "codec/framer.hpp"

#include "base/limits.hpp"
#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;
using boost::unit_test::label;

namespace {

/// "size first-byte body" of a whole frame, "incomplete expected-size", or the reason.
std::string frame(std::string_view notation, std::size_t packet_bytes_max = unlimited) {
    const std::vector<Byte> bytes = bytes_of(notation);
    const Decoded<Frame> found = next_frame(bytes, packet_bytes_max);
    if (found.has_error()) return std::string{to_string(found.error().reason)};
    if (found->size == 0) return "incomplete " + std::to_string(found->expected_size);
    return std::to_string(found->size) + " " + hex_of(ByteView{&found->first_byte, 1}) + " " +
           hex_of(found->body);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(framer)

BOOST_AUTO_TEST_CASE(a_whole_packet_is_found) {
    BOOST_TEST(frame("C0 00") == "2 C0 ");
    BOOST_TEST(frame("40 02 00 0A") == "4 40 00 0A");
}

BOOST_AUTO_TEST_CASE(what_follows_the_packet_is_not_touched) {
    BOOST_TEST(frame("C0 00 C0 00") == "2 C0 ");
    BOOST_TEST(frame("40 02 00 0A FF") == "4 40 00 0A");
}

BOOST_AUTO_TEST_CASE(an_incomplete_packet_says_how_large_it_will_be) {
    BOOST_TEST(frame("") == "incomplete 0");
    BOOST_TEST(frame("30") == "incomplete 0");
    BOOST_TEST(frame("30 80") == "incomplete 0");
    BOOST_TEST(frame("30 8080 80") == "incomplete 0");
    BOOST_TEST(frame("30 05") == "incomplete 7");
    BOOST_TEST(frame("30 05 01 02 03 04") == "incomplete 7");
    BOOST_TEST(frame("30 8001") == "incomplete 131");
    BOOST_TEST(frame("30 FFFFFF7F 00") == "incomplete 268435460");
}

BOOST_AUTO_TEST_CASE(the_type_and_flags_are_those_of_the_first_byte) {
    const std::vector<Byte> bytes = bytes_of("3D 00");
    const Decoded<Frame> found = next_frame(bytes, unlimited);
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_TEST((found->type() == PacketType::publish));
    BOOST_TEST(found->flags() == 0x0D);
}

BOOST_AUTO_TEST_CASE(a_remaining_length_of_five_bytes_is_malformed) {
    BOOST_TEST(frame("30 80808080") == "malformed_packet");
    BOOST_TEST(frame("30 FFFFFFFF 01") == "malformed_packet");
}

BOOST_AUTO_TEST_CASE(a_remaining_length_has_the_fewest_bytes, *label("MQTT5-1.5.5-1")) {
    BOOST_TEST(frame("C0 8000") == "malformed_packet");
    BOOST_TEST(frame("30 858000") == "malformed_packet");
    BOOST_TEST(frame("30 80808000") == "malformed_packet");
}

BOOST_AUTO_TEST_CASE(a_packet_of_the_maximum_size_passes_and_a_larger_one_does_not,
                     *label("MQTT5-3.2.2-15")) {
    BOOST_TEST(frame("30 02 00 00", 4) == "4 30 00 00");
    BOOST_TEST(frame("30 03 00 00 00", 4) == "packet_too_large");
}

BOOST_AUTO_TEST_CASE(a_packet_is_too_large_as_soon_as_its_length_is_known) {
    BOOST_TEST(frame("30", 4) == "incomplete 0");
    BOOST_TEST(frame("30 03", 4) == "packet_too_large");
    BOOST_TEST(frame("30 FFFFFF", 4) == "incomplete 0");
    BOOST_TEST(frame("30 FFFFFF7F", 1000) == "packet_too_large");
}

BOOST_AUTO_TEST_SUITE_END()
