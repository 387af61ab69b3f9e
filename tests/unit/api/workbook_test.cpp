#include "api/workbook.hpp"

#include "api/batch_file.hpp"
#include "support/stored_bytes.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace holdfast::api;

/// Of tests/golden/workbooks, which tests/scenario/support/workbooks.py writes.
std::string file(const std::string& name) {
    const auto bytes = test_support::golden("workbooks/" + name + ".xlsx");
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// "1: a|b", a line for each row; or the problem.
std::string sheet(const std::string& name, std::size_t rows_max = 10) {
    const auto rows = read_first_sheet(file(name), rows_max);
    if (!rows) return rows.error();
    std::string text;
    for (const SheetRow& row : *rows) {
        text += std::to_string(row.number) + ":";
        for (const std::string& cell : row.cells) text += " [" + cell + "]";
        text += "\n";
    }
    return text;
}

std::string devices(const std::string& name) {
    const auto rows = read_device_rows(file(name));
    return rows ? boost::json::serialize(*rows) : rows.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(workbook)

BOOST_AUTO_TEST_CASE(the_first_sheet_is_read_wherever_it_is) {
    BOOST_TEST(sheet("shared") ==
               "1: [device_id] [node_id] [secret] [secure_access]\n"
               "2: [a] [n] [12345678] [true]\n"
               "4: [b] [] [s & <t>] [false]\n"
               "5: [a]\n");
    BOOST_TEST(sheet("inline") ==
               "1: [device_id] [node_id] [secret] [secure_access]\n2: [a] [n]\n");
    BOOST_TEST(sheet("rich") == "1: [device_id]\n2: [pump]\n");
    BOOST_TEST(sheet("formula") == "1: [device_id]\n2: [pump-7]\n");
    BOOST_TEST(sheet("empty").empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_named_with_its_cell) {
    BOOST_TEST(sheet("error") == "cell B2 has the error #REF!");
    BOOST_TEST(sheet("number") ==
               "cell A2 has the number 1.5E+20: write it as a text, or as a whole number");
    BOOST_TEST(sheet("no_such_text") == "cell A2 names a text that the workbook does not have");
    BOOST_TEST(sheet("far_column") == "row 2 has a cell behind column BL");
}

BOOST_AUTO_TEST_CASE(what_is_no_workbook_is_refused) {
    BOOST_TEST(sheet("no_sheet") ==
               "the file is no workbook: it has no part xl/_rels/workbook.xml.rels");
    BOOST_TEST(sheet("document_type") ==
               "the file's part xl/worksheets/first.xml has a document type, which a workbook has "
               "not");
    BOOST_TEST(sheet("not_xml") ==
               "the file's part xl/worksheets/first.xml is not XML: mismatched tag at line 1");
    const auto refused = read_first_sheet("PK\x03\x04 and then nothing of it", 10);
    BOOST_TEST(refused.error() == "the file is no ZIP archive, or is damaged");
}

BOOST_AUTO_TEST_CASE(nothing_grows_beyond_its_limit) {
    BOOST_TEST(sheet("bomb") ==
               "the file's part xl/worksheets/first.xml is larger than 16 MiB when unpacked");
    BOOST_TEST(sheet("long_texts", 10'000) == "the texts of the sheet are larger than 8 MiB");
    BOOST_TEST(sheet("shared", 4).starts_with("1: "));
    BOOST_TEST(sheet("shared", 3) ==
               "the sheet must have at most 3 rows with something in them, the one with the names "
               "included");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_anywhere_is_refused_or_the_same) {
    const std::string whole = file("shared");
    const std::string expected = devices("shared");
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        const auto rows = read_device_rows(std::string_view{whole}.substr(0, size));
        if (rows) BOOST_TEST(boost::json::serialize(*rows) == expected);
    }
}

BOOST_AUTO_TEST_CASE(rows_are_devices_as_those_of_text_are) {
    BOOST_TEST(devices("shared") ==
               R"([{"device_id":"a","node_id":"n","auth_info":{"secret":"12345678",)"
               R"("secure_access":true}},{"device_id":"b","auth_info":{"secret":"s & <t>",)"
               R"("secure_access":false}},{"device_id":"a"}])");
    BOOST_TEST(devices("no_column") == "cell C2 has a value, and row 1 names no column there");
    BOOST_TEST(devices("only_names") == "the sheet must have at least one row behind row 1");
    BOOST_TEST(devices("empty") == "the first sheet of the workbook is empty");
}

BOOST_AUTO_TEST_CASE(cells_have_their_names) {
    BOOST_TEST(cell_name(0, 1) == "A1");
    BOOST_TEST(cell_name(25, 9) == "Z9");
    BOOST_TEST(cell_name(26, 10) == "AA10");
    BOOST_TEST(cell_name(702, 1) == "AAA1");
    BOOST_TEST(cell_name(63, 0) == "BL");
}

BOOST_AUTO_TEST_SUITE_END()
