#include "api/batch_file.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace holdfast::api;

std::string rows(std::string_view text) {
    const auto read = read_device_rows(text);
    return read ? boost::json::serialize(*read) : read.error();
}

const std::string type = "multipart/form-data; boundary=\"xyz\"";

}  // namespace

BOOST_AUTO_TEST_SUITE(batch_file)

BOOST_AUTO_TEST_CASE(a_row_is_what_registers_its_device) {
    BOOST_TEST(
        rows("node_id,product_id,secret,secure_access\r\nn1,p,12345678,true\r\nn2,p,,\r\n") ==
        R"([{"node_id":"n1","product_id":"p","auth_info":{"secret":"12345678",)"
        R"("secure_access":true}},{"node_id":"n2","product_id":"p"}])");
}

BOOST_AUTO_TEST_CASE(quotes_empty_lines_and_byte_order_marks_are_understood) {
    BOOST_TEST(rows("\xEF\xBB\xBF"
                    "device_id,description\n\n\"a\",\"x, \"\"y\"\"\nz\"\n") ==
               R"([{"device_id":"a","description":"x, \"y\"\nz"}])");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_with_its_line) {
    BOOST_TEST(rows("colour\nred\n") ==
               "line 1 names the column \"colour\", which is none of a device");
    BOOST_TEST(rows("product_id\np\n") == "line 1 must name the column device_id or node_id");
    BOOST_TEST(rows("device_id,device_id\na,b\n") == "line 1 names device_id twice");
    BOOST_TEST(rows("device_id,node_id\na\n") == "record 2 has 1 fields instead of 2");
    BOOST_TEST(rows("device_id\n\"a\n") == "record 2 has a quote that is not closed");
    BOOST_TEST(rows("device_id\n") == "the file must have at least one row behind line 1");
    BOOST_TEST(rows("PK\x03\x04") == "the file is no ZIP archive, or is damaged");
    BOOST_TEST(rows("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") ==
               "the file is a workbook of the binary format: save it as .xlsx or .csv");
    BOOST_TEST(rows("device_id\n\xFF\n") == "the file must be text in UTF-8");
}

BOOST_AUTO_TEST_CASE(thirty_thousand_rows_are_read_and_not_one_more) {
    std::string text = "device_id\n";
    for (int i = 0; i < 30'000; ++i) text += "d" + std::to_string(i) + "\n";
    BOOST_TEST(read_device_rows(text).has_value());
    BOOST_TEST(rows(text + "more\n") == "the file must have at most 30000 rows");
}

BOOST_AUTO_TEST_CASE(the_part_called_file_is_found) {
    const std::string body =
        "--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n"
        "--xyz\r\ncontent-disposition: form-data; name=\"file\"; filename=\"d.csv\"\r\n"
        "Content-Type: text/csv\r\n\r\ndevice_id\r\na\r\n--xyz--\r\n";
    const auto found = find_uploaded_file(type, body);
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_TEST(found->name == "d.csv");
    BOOST_TEST(found->content == "device_id\r\na");
    BOOST_TEST(find_uploaded_file("text/csv", body).has_error());
    BOOST_TEST(find_uploaded_file("multipart/form-data", body).has_error());
    // Cut anywhere, it is refused or the same: never read beyond its end.
    for (std::size_t size = 0; size < body.size(); ++size) {
        const auto cut = find_uploaded_file(type, std::string_view{body}.substr(0, size));
        if (cut) BOOST_TEST(cut->content == found->content);
    }
}

BOOST_AUTO_TEST_SUITE_END()
