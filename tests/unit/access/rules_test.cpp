#include "access/rules.hpp"

#include "access/rules_file.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;

namespace {

struct Book {
    explicit Book(const std::string& text) {
        auto parsed = parse_rules_file(text, "rules");
        BOOST_REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message());
        set = *std::move(parsed);
    }
    template <class Ask>
    [[nodiscard]] bool ask(Ask&& question) const {
        const Selection selection = select(set, who);
        return question(Decider{set, selection, who}).is_allowed;
    }
    [[nodiscard]] bool publish(std::string_view topic, int qos = 0, bool retain = false) const {
        return ask(
            [&](const Decider& d) { return d.publish(topic, static_cast<QoS>(qos), retain); });
    }
    [[nodiscard]] bool subscribe(std::string_view filter, int qos = 0) const {
        return ask([&](const Decider& d) { return d.subscribe(filter, static_cast<QoS>(qos)); });
    }
    [[nodiscard]] bool receive(std::string_view topic) const {
        return ask([&](const Decider& d) { return d.receive(topic); });
    }
    RuleSet set;
    Who who{.client_id = "c", .user_name = "alice"};
};

std::string rule(const std::string& deeds, const std::string& topics,
                 const std::string& more = "") {
    return "[[rules]]\nwho = \"*\"\n" + deeds + "\ntopics = [" + topics + "]\n" + more + "\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rules)

BOOST_AUTO_TEST_CASE(the_first_rule_that_speaks_decides) {
    const Book book{rule("allow = \"publish\"", "\"a/open\"") +
                    rule("deny = \"readwrite\"", "\"a/#\"") +
                    rule("allow = \"readwrite\"", "\"#\"")};
    BOOST_TEST(book.publish("a/open"));
    BOOST_TEST(!book.publish("a/other"));
    BOOST_TEST(book.publish("b"));
    BOOST_TEST(!book.receive("a/open"));
    BOOST_TEST(!book.publish("$SYS/x"));
}

BOOST_AUTO_TEST_CASE(what_no_rule_speaks_of_is_denied) {
    const Book book{rule("allow = \"publish\"", "\"a\"")};
    BOOST_TEST(!book.publish("b"));
    BOOST_TEST(!book.subscribe("a"));
    BOOST_TEST(!book.receive("a"));
}

BOOST_AUTO_TEST_CASE(a_filter_is_allowed_when_a_rule_covers_it_and_nothing_in_it_is_denied_before) {
    const Book book{rule("deny = \"subscribe\"", "\"a/secret\"") +
                    rule("allow = \"subscribe\"", "\"a/#\"")};
    BOOST_TEST(book.subscribe("a/open"));
    BOOST_TEST(book.subscribe("a/+/x"));
    BOOST_TEST(!book.subscribe("a/secret"));
    BOOST_TEST(!book.subscribe("a/+"));
    BOOST_TEST(!book.subscribe("a/#"));
    BOOST_TEST(!book.subscribe("#"));
    BOOST_TEST(!book.subscribe("+/open"));
}

BOOST_AUTO_TEST_CASE(messages_can_be_withheld_from_a_filter_that_is_allowed) {
    const Book book{rule("deny = \"receive\"", "\"a/secret\"") +
                    rule("allow = [\"subscribe\", \"receive\"]", "\"#\"")};
    BOOST_TEST(book.subscribe("#"));
    BOOST_TEST(book.receive("a/open"));
    BOOST_TEST(!book.receive("a/secret"));
}

BOOST_AUTO_TEST_CASE(a_rule_with_a_condition_speaks_of_what_meets_it) {
    const Book book{rule("allow = [\"publish\", \"subscribe\"]", "\"low\"", "qos_max = 1") +
                    rule("deny = \"publish\"", "\"log\"", "retain = true") +
                    rule("allow = \"publish\"", "\"log\"")};
    BOOST_TEST(book.publish("low", 1));
    BOOST_TEST(!book.publish("low", 2));
    BOOST_TEST(book.subscribe("low", 1));
    BOOST_TEST(!book.subscribe("low", 2));
    BOOST_TEST(book.publish("log", 0, false));
    BOOST_TEST(!book.publish("log", 0, true));
}

BOOST_AUTO_TEST_CASE(topics_of_a_rule_stand_for_themselves) {
    Book book{rule("allow = \"publish\"", "\"x/${device_id}\", \"x/${username}\"")};
    BOOST_TEST(book.publish("x/alice"));
    BOOST_TEST(!book.publish("x/"));
    book.who = {.client_id = "c"};
    BOOST_TEST(!book.publish("x/"));
    BOOST_TEST(select(book.set, book.who).empty());
}

BOOST_AUTO_TEST_SUITE_END()
