#include "access/rules_file.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;

namespace {

RuleSet rules(const std::string& text) {
    auto parsed = parse_rules_file(text, "rules.toml");
    BOOST_REQUIRE_MESSAGE(parsed.has_value(), text);
    return *std::move(parsed);
}

std::string refusal(const std::string& text) {
    const auto parsed = parse_rules_file(text, "rules.toml");
    return parsed ? "" : parsed.error().message();
}

std::string rule(const std::string& body) { return "[[rules]]\n" + body + "\n"; }

const std::string whole = "who = \"*\"\nallow = [\"publish\"]\ntopics = [\"a\"]\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(rules_file)

BOOST_AUTO_TEST_CASE(a_rule_is_read_whole) {
    const RuleSet set =
        rules("# a comment\n" + rule("who = [\"user:alice\", \"listener:1883\", \"client:c\"]\n"
                                     "allow = [\"publish\", \"receive\"]\n"
                                     "topics = [\"a/#\", \"b/${username}\"]\nqos_max = 1"));
    BOOST_TEST_REQUIRE(set.rules.size() == 1U);
    const Rule& only = set.rules.front();
    BOOST_TEST(only.is_allow);
    BOOST_TEST((only.deeds == (Deeds::publish | Deeds::receive)));
    BOOST_TEST(only.topics.size() == 2U);
    BOOST_TEST((only.qos_max == QoS::at_least_once));
    BOOST_TEST(only.line == 2U);
    BOOST_TEST_REQUIRE(only.who.size() == 3U);
    BOOST_TEST(only.who[0].includes({.client_id = "x", .user_name = "alice"}));
    BOOST_TEST(!only.who[0].includes({.client_id = "alice"}));
    BOOST_TEST(only.who[1].includes({.port = 1883}));
    BOOST_TEST(only.who[2].includes({.client_id = "c"}));
}

BOOST_AUTO_TEST_CASE(kinds_of_clients_are_told_apart) {
    const auto includes = [](const char* who, const Who& client) {
        return rules(
                   rule(std::string{"who = \""} + who + "\"\ndeny = \"readwrite\"\ntopics = \"#\""))
            .rules.front()
            .who.front()
            .includes(client);
    };
    const Who nobody{.client_id = "c"};
    const Who user{.client_id = "c", .user_name = "pump"};
    const Who device{.client_id = "c", .device_id = "pump"};
    BOOST_TEST((includes("*", nobody) && includes("*", user) && includes("*", device)));
    BOOST_TEST((includes("anonymous", nobody) && !includes("anonymous", user)));
    BOOST_TEST(!includes("anonymous", device));
    BOOST_TEST(
        (includes("users", user) && !includes("users", nobody) && !includes("users", device)));
    BOOST_TEST((includes("devices", device) && !includes("devices", user)));
    BOOST_TEST((includes("user:pump", user) && !includes("user:pump", device)));
}

BOOST_AUTO_TEST_CASE(what_is_not_understood_is_refused_where_it_stands) {
    BOOST_TEST(refusal("rules = [1]").starts_with("rules.toml:1: a rule is a table"));
    BOOST_TEST(refusal("[rule]\n").find("is not a list of rules") != std::string::npos);
    BOOST_TEST(refusal("[[rules]\n").find("this is not TOML") != std::string::npos);
    BOOST_TEST(refusal(rule("allow = [\"publish\"]\ntopics = [\"a\"]")).find("does not say who") !=
               std::string::npos);
    BOOST_TEST(refusal(rule("who = \"*\"\ntopics = [\"a\"]")).find("neither allows nor denies") !=
               std::string::npos);
    BOOST_TEST(refusal(rule("who = \"*\"\nallow = [\"publish\"]")).find("no topics") !=
               std::string::npos);
    BOOST_TEST(refusal(rule(whole + "deny = [\"publish\"]")).find("not both") != std::string::npos);
    BOOST_TEST(
        refusal(rule(whole + "qos = 1")).starts_with("rules.toml:5: a rule has no key \"qos\""));
    BOOST_TEST(refusal(rule(whole + "qos_max = 3")).find("0, 1 or 2") != std::string::npos);
    BOOST_TEST(refusal(rule(whole + "retain = 1")).find("true or false") != std::string::npos);
    BOOST_TEST(refusal(rule(whole + "retain = false")).empty());
    for (const char* const who : {"alice", "user:", "listener:x", "listener:0", "group:a"}) {
        BOOST_TEST(refusal(rule(std::string{"who = \""} + who + "\"")).find("is nobody") !=
                   std::string::npos);
    }
    BOOST_TEST(refusal(rule("who = []")).find("the list is empty") != std::string::npos);
    BOOST_TEST(refusal(rule("who = \"*\"\nallow = [\"write\"]")).find("nothing to do") !=
               std::string::npos);
    BOOST_TEST(refusal(rule("who = \"*\"\ntopics = [\"a/${x}\"]")).find("no variable ${x}") !=
               std::string::npos);
    BOOST_TEST(refusal(rule("who = \"*\"\ndeny = [\"publish\"]\ntopics = [\"a\"]\nqos_max = 1"))
                   .find("rules that allow") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_rules_are_a_set_that_allows_nothing) {
    BOOST_TEST(rules("").rules.empty());
    BOOST_TEST(rules("rules = []").rules.empty());
}

BOOST_AUTO_TEST_SUITE_END()
