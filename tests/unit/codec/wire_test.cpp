#include "codec/wire.hpp"

#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr auto v5 = ProtocolVersion::v5;

/// The integer, or what is wrong with it.
std::string integer(std::string_view notation) {
    const std::vector<Byte> bytes = bytes_of(notation);
    Reader in{bytes, v5};
    const std::uint32_t value = in.variable_byte_integer();
    if (in.failed()) return std::string{in.violation().cause};
    return std::to_string(value) + " " + std::to_string(in.left());
}

std::string written(std::size_t value) {
    Byte bytes[4];
    Writer to{bytes};
    to.variable_byte_integer(value);
    return hex_of({bytes, to.position()});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire)

BOOST_AUTO_TEST_CASE(variable_byte_integers_are_read_up_to_four_bytes) {
    BOOST_TEST(integer("00") == "0 0");
    BOOST_TEST(integer("7F") == "127 0");
    BOOST_TEST(integer("8001") == "128 0");
    BOOST_TEST(integer("FF7F") == "16383 0");
    BOOST_TEST(integer("808001") == "16384 0");
    BOOST_TEST(integer("FFFF7F") == "2097151 0");
    BOOST_TEST(integer("80808001") == "2097152 0");
    BOOST_TEST(integer("FFFFFF7F 55") == "268435455 1");
    BOOST_TEST(integer("FFFFFFFF") == rules::integer_too_long.cause);
    BOOST_TEST(integer("8080808001") == rules::integer_too_long.cause);
    BOOST_TEST(integer("80") == rules::cut_short.cause);
    BOOST_TEST(integer("") == rules::cut_short.cause);
}

BOOST_AUTO_TEST_CASE(variable_byte_integers_have_the_fewest_bytes, *label("MQTT5-1.5.5-1")) {
    BOOST_TEST(written(0) == "00");
    BOOST_TEST(written(127) == "7F");
    BOOST_TEST(written(128) == "80 01");
    BOOST_TEST(written(16'383) == "FF 7F");
    BOOST_TEST(written(16'384) == "80 80 01");
    BOOST_TEST(written(2'097'151) == "FF FF 7F");
    BOOST_TEST(written(2'097'152) == "80 80 80 01");
    BOOST_TEST(written(268'435'455) == "FF FF FF 7F");
    BOOST_TEST(integer("8000") == rules::integer_not_shortest.cause);
    BOOST_TEST(integer("FF00") == rules::integer_not_shortest.cause);
    BOOST_TEST(integer("80808000") == rules::integer_not_shortest.cause);
}

BOOST_AUTO_TEST_CASE(sizes_are_those_that_are_written) {
    for (const std::size_t value :
         {0UL, 1UL, 127UL, 128UL, 16'383UL, 16'384UL, 2'097'151UL, 2'097'152UL, 268'435'455UL}) {
        BOOST_TEST(variable_byte_integer_size(value) == (written(value).size() + 1) / 3);
    }
    SizeCounter sizes;
    sizes.u8(1);
    sizes.u16(1);
    sizes.u32(1);
    sizes.string("abc");
    sizes.variable_byte_integer(128);
    sizes.raw(as_bytes("xy"));
    BOOST_TEST(sizes.size() == 1U + 2 + 4 + 5 + 2 + 2);
}

BOOST_AUTO_TEST_CASE(numbers_are_big_endian) {
    const std::vector<Byte> bytes = bytes_of("01 0203 04050607");
    Reader in{bytes, v5};
    BOOST_TEST(in.u8() == 0x01);
    BOOST_TEST(in.u16() == 0x0203);
    BOOST_TEST(in.u32() == 0x04050607U);
    BOOST_TEST(in.at_end());
    Byte out[7];
    Writer to{out};
    to.u8(0x01);
    to.u16(0x0203);
    to.u32(0x04050607);
    BOOST_TEST(hex_of(ByteView{out}) == hex_of(bytes));
}

BOOST_AUTO_TEST_CASE(the_first_broken_rule_counts_and_the_rest_reads_as_nothing) {
    const std::vector<Byte> bytes = bytes_of("('a' 00) ('rest') 01");
    Reader in{bytes, v5};
    BOOST_TEST(in.string().empty());
    BOOST_TEST(in.string().empty());
    BOOST_TEST(in.u8() == 0);
    BOOST_TEST(in.u32() == 0U);
    BOOST_TEST(in.rest().empty());
    in.fail(rules::reserved_type);
    BOOST_TEST(in.failed());
    BOOST_TEST(in.violation().clause == "MQTT5-1.5.4-2");
}

BOOST_AUTO_TEST_CASE(a_field_ends_within_the_packet) {
    for (const std::string_view notation : {"", "00", "0001", "0002 'a'", "FFFF 'abc'"}) {
        const std::vector<Byte> bytes = bytes_of(notation);
        Reader in{bytes, v5};
        BOOST_TEST(in.binary().empty());
        BOOST_TEST_REQUIRE(in.failed());
        BOOST_TEST(in.violation().cause == rules::cut_short.cause);
    }
}

BOOST_AUTO_TEST_CASE(a_narrowed_reader_ends_early_and_widens_again) {
    const std::vector<Byte> bytes = bytes_of("0102 03");
    Reader in{bytes, v5};
    const Byte* outer = in.narrow(2);
    BOOST_TEST(in.left() == 2U);
    BOOST_TEST(in.u16() == 0x0102);
    BOOST_TEST(in.at_end());
    in.widen(outer);
    BOOST_TEST(in.u8() == 0x03);
    BOOST_TEST(!in.failed());
}

BOOST_AUTO_TEST_CASE(a_reader_is_not_narrowed_beyond_its_end) {
    const std::vector<Byte> bytes = bytes_of("0102");
    Reader in{bytes, v5};
    const Byte* outer = in.narrow(3);
    in.widen(outer);
    BOOST_TEST(in.failed());
    BOOST_TEST(in.at_end());
}

BOOST_AUTO_TEST_CASE(bytes_that_are_left_over_break_the_packet) {
    const std::vector<Byte> bytes = bytes_of("0102");
    Reader in{bytes, v5};
    (void)in.u8();
    const Decoded<Pingreq> packet = in.finish(Pingreq{});
    BOOST_TEST_REQUIRE(packet.has_error());
    BOOST_TEST(packet.error().cause == rules::trailing_bytes.cause);
}

BOOST_AUTO_TEST_CASE(the_clause_is_that_of_the_version) {
    BOOST_TEST(broken(rules::wrong_flags, v5).clause == "MQTT5-2.1.3-1");
    BOOST_TEST(broken(rules::wrong_flags, ProtocolVersion::v3_1_1).clause == "MQTT3-2.2.2-1");
    BOOST_TEST(broken(rules::wrong_flags, ProtocolVersion::v3_1).clause == "MQTT3-2.2.2-1");
}

BOOST_AUTO_TEST_SUITE_END()
