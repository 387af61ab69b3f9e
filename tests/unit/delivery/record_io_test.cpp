#include "delivery/record_io.hpp"

#include "support/stored_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using namespace holdfast;
using delivery::RecordError;
using delivery::RecordReader;
using delivery::RecordWriter;
using delivery::seconds_max;
using test_support::stored_bytes_of;

namespace {

/// What reading one field of these bytes says.
template <class Read>
std::string error_of(std::string_view notation, Read&& read) {
    const store::Bytes bytes = stored_bytes_of(notation);
    RecordReader in{bytes, "test record"};
    (void)read(in);
    return in.finish() ? "" : to_string(in.error());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_io)

BOOST_AUTO_TEST_CASE(fields_are_read_as_they_were_written) {
    store::Bytes bytes;
    RecordWriter out{bytes};
    out.u8(0xFE);
    out.u16(0xFEDC);
    out.u32(0xFEDCBA98);
    out.u64(0xFEDCBA9876543210);
    out.text("pump-7");
    out.wall_time(wall_time_max);
    out.seconds(Seconds{90});
    out.seconds(seconds_max);
    out.seconds(Seconds::max());
    out.bytes({});
    RecordReader in{bytes, "test record"};
    BOOST_TEST(in.u8("a") == 0xFEU);
    BOOST_TEST(in.u16("b") == 0xFEDCU);
    BOOST_TEST(in.u32("c") == 0xFEDCBA98U);
    BOOST_TEST(in.u64("d") == 0xFEDCBA9876543210U);
    BOOST_TEST(in.text("e") == "pump-7");
    BOOST_TEST((in.wall_time("f") == wall_time_max));
    BOOST_TEST((in.seconds("g") == Seconds{90}));
    BOOST_TEST((in.seconds("h") == seconds_max));
    BOOST_TEST((in.seconds("i") == Seconds::max()));
    BOOST_TEST(in.bytes(0, "j").empty());
    BOOST_TEST(in.finish());
}

BOOST_AUTO_TEST_CASE(numbers_are_big_endian) {
    store::Bytes bytes;
    RecordWriter out{bytes};
    out.u16(0x0102);
    out.u32(0x03040506);
    out.u64(0x0708090A0B0C0D0E);
    BOOST_TEST(test_support::hex_of(bytes) ==
               test_support::hex_of(stored_bytes_of("0102030405060708090A0B0C0D0E")));
}

BOOST_AUTO_TEST_CASE(errors_say_what_is_wrong_and_where) {
    BOOST_TEST(error_of("0102", [](RecordReader& in) { return in.u32("count"); }) ==
               "test record is cut short in field 'count' at byte 0");
    BOOST_TEST(error_of("01020304", [](RecordReader& in) { return in.u16("count"); }) ==
               "test record has bytes behind its end, from byte 2");
    BOOST_TEST(error_of("0000", [](RecordReader& in) { return in.packet_id("id"); }) ==
               "test record has an impossible value in field 'id' at byte 0");
    BOOST_TEST(
        error_of("09", [](RecordReader& in) {
            in.version(2);
            return 0;
        }) == "test record has version 9, which this program does not know (it knows up to 2)");
}

BOOST_AUTO_TEST_CASE(a_text_is_valid_utf8_and_not_empty) {
    const auto read = [](RecordReader& in) { return in.text("name"); };
    BOOST_TEST(error_of("0002 'ab'", read).empty());
    BOOST_TEST(error_of("0000", read) ==
               "test record has an impossible value in field 'name' at byte 0");
    BOOST_TEST(error_of("0002 C080", read) ==
               "test record has an impossible value in field 'name' at byte 0");
    BOOST_TEST(error_of("0003 'ab'", read) == "test record is cut short in field 'name' at byte 2");
}

BOOST_AUTO_TEST_CASE(stamps_and_durations_have_bounds) {
    const auto stamp = [](RecordReader& in) { return in.wall_time("at"); };
    BOOST_TEST(error_of("0000E677D21FDBFF", stamp).empty());
    BOOST_TEST(!error_of("0000E677D21FDC00", stamp).empty());
    BOOST_TEST(!error_of("FFFFFFFFFFFFFFFF", stamp).empty());
    const auto duration = [](RecordReader& in) { return in.seconds("for"); };
    BOOST_TEST(error_of("0000010000000000", duration).empty());
    BOOST_TEST(!error_of("0000010000000001", duration).empty());
    BOOST_TEST(!error_of("FFFFFFFFFFFFFFFE", duration).empty());
    BOOST_TEST(error_of("FFFFFFFFFFFFFFFF", duration).empty());
}

BOOST_AUTO_TEST_CASE(the_first_error_is_kept_and_nothing_is_read_behind_it) {
    const store::Bytes bytes = stored_bytes_of("0000 0001 'a'");
    RecordReader in{bytes, "test record"};
    BOOST_TEST(in.packet_id("id") == 0U);
    BOOST_TEST(in.u16("length") == 0U);
    BOOST_TEST(in.left() == 0U);
    BOOST_TEST(!in.finish());
    BOOST_TEST(in.error().field == "id");
    in.fail({.kind = RecordError::Kind::cut_short, .record = "inner record", .field = "other"});
    BOOST_TEST(in.error().record == "test record");
}

BOOST_AUTO_TEST_CASE(the_value_of_an_error_is_thrown_as_its_sentence) {
    const RecordError error{
        .kind = RecordError::Kind::cut_short, .record = "test record", .field = "x"};
    std::string thrown;
    try {
        (void)delivery::Recovered<int>{error}.value();
    } catch (const std::runtime_error& exception) {
        thrown = exception.what();
    }
    BOOST_TEST(thrown == to_string(error));
}

BOOST_AUTO_TEST_SUITE_END()
