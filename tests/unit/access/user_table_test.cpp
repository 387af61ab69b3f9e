#include "access/user_table.hpp"

#include "base/password.hpp"
#include "support/counting_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;

namespace {

std::string hash_of(const std::string& password) {
    test_support::CountingBytes random;
    return hash_password(password, random, test_support::cheap_password);
}

/// What is wrong with a file of this text; empty: nothing.
std::string refusal(const std::string& text) {
    UserTable table;
    const auto added = table.add(text, "users");
    return added.has_error() ? added.error().message() : "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(user_table)

BOOST_AUTO_TEST_CASE(a_file_has_a_user_in_a_line) {
    UserTable table;
    const std::string text =
        "# who may come\r\n\nalice:" + hash_of("a") + "\r\nb\xC3\xB6" + "b:" + hash_of("b");
    BOOST_TEST_REQUIRE(!table.add(text, "users").has_error());
    BOOST_TEST(table.size() == 2U);
    BOOST_TEST(table.find("alice")->line == 3U);
    BOOST_TEST(table.find("alice")->hash.matches("a"));
    BOOST_TEST(table
                   .find("b\xC3\xB6"
                         "b")
                   ->hash.matches("b"));
    BOOST_TEST(table.find("carol") == nullptr);
    BOOST_TEST(table.find("") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_broken_line_is_named_and_says_what_to_write) {
    const std::string good = "a:" + hash_of("a") + "\n";
    BOOST_TEST(
        refusal(good + "bob\n").starts_with("users:2: a user without a password; write name:hash"));
    BOOST_TEST(
        refusal(good + "bob:secret\n").starts_with("users:2: what follows the name is no hash"));
    BOOST_TEST(refusal(":" + hash_of("a")).starts_with("users:1: the name is empty"));
    BOOST_TEST(refusal("b\tb:" + hash_of("a")).find("control character") != std::string::npos);
    BOOST_TEST(refusal("b\xFF:" + hash_of("a")).find("not UTF-8") != std::string::npos);
    BOOST_TEST(refusal(good + "\n" + good) ==
               "users:3: the user stands in users:1 already; take one of the two out");
}

BOOST_AUTO_TEST_CASE(two_files_do_not_have_the_same_user) {
    UserTable table;
    BOOST_TEST_REQUIRE(!table.add("a:" + hash_of("1"), "one").has_error());
    const auto added = table.add("a:" + hash_of("2"), "two");
    BOOST_TEST_REQUIRE(added.has_error());
    BOOST_TEST(added.error().message() ==
               "two:1: the user stands in one:1 already; take one of the two out");
}

BOOST_AUTO_TEST_CASE(nobody_costs_what_the_costliest_user_costs) {
    UserTable empty;
    BOOST_TEST(empty.nobody().text().starts_with("scrypt:15:8:1:"));
    UserTable cheap;
    BOOST_TEST_REQUIRE(!cheap.add("a:" + hash_of("a"), "users").has_error());
    BOOST_TEST(cheap.nobody().text().starts_with("scrypt:4:1:1:"));
    BOOST_TEST(!cheap.nobody().matches("a"));
}

BOOST_AUTO_TEST_CASE(who_is_gone_is_found) {
    UserTable before;
    UserTable after;
    const std::string rest = ":" + hash_of("x") + "\n";
    BOOST_TEST_REQUIRE(!before.add("c" + rest + "a" + rest + "b" + rest, "users").has_error());
    BOOST_TEST_REQUIRE(!after.add("b" + rest + "d" + rest, "users").has_error());
    BOOST_TEST(before.missing_in(after) == (std::vector<std::string>{"a", "c"}),
               boost::test_tools::per_element());
    BOOST_TEST(before.missing_in(before).empty());
}

BOOST_AUTO_TEST_SUITE_END()
