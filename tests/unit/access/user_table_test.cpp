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

BOOST_AUTO_TEST_CASE(a_verifier_may_follow_the_hash) {
    const ScramVerifier verifier = ScramVerifier::of_password("a", {}, 4'096);
    UserTable table;
    const std::string text =
        "alice:" + hash_of("a") + " " + verifier.text() + "\r\nbob:" + hash_of("b") + "\n";
    BOOST_TEST_REQUIRE(!table.add(text, "users").has_error());
    BOOST_TEST((table.find("alice")->scram == verifier));
    BOOST_TEST(table.find("alice")->hash.matches("a"));
    BOOST_TEST(table.find("alice")->hash.text().find(' ') == std::string::npos);
    BOOST_TEST(!table.find("bob")->scram.has_value());
    const std::string written = verifier.text();
    for (const std::string& broken :
         {std::string{" "}, " x" + written, "  " + written, " " + written + " "}) {
        BOOST_TEST(refusal("alice:" + hash_of("a") + broken)
                       .starts_with("users:1: what follows the hash is no verifier"));
    }
    BOOST_TEST(refusal("alice:" + verifier.text()).find("is no hash") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nobodys_verifiers_look_like_those_of_users) {
    const Sha256 secret{1, 2, 3};
    UserTable table;
    BOOST_TEST(table.scram_of_nobody("x", secret).iterations == ScramVerifier::iterations_default);
    for (const std::uint32_t iterations : {4'096U, 5'000U}) {
        const auto verifier = ScramVerifier::of_password("a", {}, iterations);
        const std::string line = "u" + std::to_string(iterations) + ":" + hash_of("a") + " ";
        BOOST_TEST_REQUIRE(!table.add(line + verifier.text(), "users").has_error());
    }
    bool has_few = false;
    bool has_many = false;
    for (int i = 0; i < 64; ++i) {
        const ScramVerifier nobody = table.scram_of_nobody(std::to_string(i), secret);
        BOOST_TEST((nobody == table.scram_of_nobody(std::to_string(i), secret)));
        has_few = has_few || nobody.iterations == 4'096;
        has_many = has_many || nobody.iterations == 5'000;
    }
    BOOST_TEST(has_few);
    BOOST_TEST(has_many);
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
