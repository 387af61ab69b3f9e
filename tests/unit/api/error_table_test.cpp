#include "api/error_table.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace holdfast::api;

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// The codes that stand in quotes in the sources of the product.
std::set<std::string> codes_in_sources() {
    std::set<std::string> codes;
    for (const char* folder : {"api", "broker"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
            const auto& path = entry.path();
            if (path.filename() == "error_table.cpp") continue;
            if (path.extension() != ".cpp" && path.extension() != ".hpp") continue;
            const std::string text = text_of(path);
            for (const std::string_view start : {"\"IOTDA.", "\"APIGW.", "\"HOLDFAST."}) {
                for (std::size_t at = text.find(start); at != std::string::npos;
                     at = text.find(start, at + 1)) {
                    const std::string code = text.substr(at + 1, text.find('"', at + 1) - at - 1);
                    // "HOLDFAST.000" goes on with the status.
                    if (code != "HOLDFAST.000") codes.insert(code);
                }
            }
        }
    }
    return codes;
}

bool is_of_a_status(std::string_view code) { return code.starts_with("HOLDFAST."); }

}  // namespace

BOOST_AUTO_TEST_SUITE(error_table_suite)

BOOST_AUTO_TEST_CASE(the_codes_stand_in_their_order_and_once) {
    const auto table = error_table();
    const auto in_order = [](const ErrorRow& one, const ErrorRow& other) {
        return one.code < other.code;
    };
    const auto out_of_order = [&](const ErrorRow& one, const ErrorRow& other) {
        return !in_order(one, other);
    };
    BOOST_TEST((std::ranges::adjacent_find(table, out_of_order) == table.end()));
}

BOOST_AUTO_TEST_CASE(every_code_of_the_sources_is_in_the_table_and_none_besides) {
    const std::set<std::string> used = codes_in_sources();
    BOOST_REQUIRE(used.size() > 20);
    std::set<std::string> listed;
    for (const ErrorRow& row : error_table()) {
        listed.insert(std::string{row.code});
        BOOST_CHECK_MESSAGE(used.contains(std::string{row.code}) || is_of_a_status(row.code),
                            row.code << " is in the table, and nobody answers with it");
        BOOST_CHECK_MESSAGE(!row.cause.empty() && !row.cure.empty(), row.code);
    }
    for (const std::string& code : used) {
        BOOST_CHECK_MESSAGE(listed.contains(code), code << " is not in api/error_table.cpp");
    }
}

/// Whoever changes the table gets the page with: unit_api --run_test=error_table_suite -- write
BOOST_AUTO_TEST_CASE(the_page_is_what_the_table_makes) {
    const auto& suite = boost::unit_test::framework::master_test_suite();
    if (suite.argc > 1 && std::string_view{suite.argv[1]} == "write") {
        std::ofstream{"docs/errors.md"} << error_page();
    }
    BOOST_CHECK_MESSAGE(text_of("docs/errors.md") == error_page(),
                        "docs/errors.md is not what api/error_table.cpp makes; to write it: "
                        "unit_api --run_test=error_table_suite -- write");
}

BOOST_AUTO_TEST_SUITE_END()
