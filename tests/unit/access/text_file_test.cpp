#include "access/text_file.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace holdfast::access;
namespace fs = std::filesystem;

namespace {

struct Folder {
    Folder() : path(fs::temp_directory_path() / "holdfast-text-file-test") {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(text_file)

BOOST_FIXTURE_TEST_CASE(what_is_written_is_read_back_and_nobody_else_may_read_it, Folder) {
    const std::string file = (path / "users").string();
    for (const std::string& text :
         {std::string{"a\nb"}, std::string{}, std::string(100'000, 'x')}) {
        BOOST_TEST_REQUIRE(!replace_text_file(file, text).has_error());
        BOOST_TEST(*read_text_file(file) == text);
    }
    BOOST_TEST(
        (fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
    BOOST_TEST(std::distance(fs::directory_iterator{path}, fs::directory_iterator{}) == 1);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_read_or_written_is_an_error, Folder) {
    const auto missing = read_text_file((path / "none").string());
    BOOST_TEST_REQUIRE(missing.has_error());
    BOOST_TEST(missing.error().message().find("cannot be read: No such file") != std::string::npos);
    BOOST_TEST(read_text_file(path.string()).has_error());
    BOOST_TEST(replace_text_file((path / "none" / "users").string(), "x").has_error());
}

BOOST_AUTO_TEST_CASE(lines_are_numbered_and_lose_their_ends) {
    std::vector<std::string> lines;
    for_each_line("a\r\n\nb", [&](unsigned number, std::string_view line) {
        lines.push_back(std::to_string(number) + std::string{line});
        return true;
    });
    BOOST_TEST(lines == (std::vector<std::string>{"1a", "2", "3b"}),
               boost::test_tools::per_element());
    int seen = 0;
    for_each_line("a\nb\n", [&](unsigned, std::string_view) { return ++seen < 1; });
    BOOST_TEST(seen == 1);
}

BOOST_AUTO_TEST_SUITE_END()
