#include "access/acl_file.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;

namespace {

struct Asked {
    bool publish;
    bool subscribe;
    bool receive;
};

struct Acl {
    explicit Acl(std::string_view text) {
        auto parsed = parse_acl_file(text, "acl");
        BOOST_REQUIRE_MESSAGE(parsed.has_value(), text);
        set = *std::move(parsed);
    }
    [[nodiscard]] Asked ask(const Who& who, std::string_view topic) const {
        const Selection selection = select(set, who);
        const Decider decider{set, selection, who};
        return {decider.publish(topic, QoS::exactly_once, true).is_allowed,
                decider.subscribe(topic, QoS::exactly_once).is_allowed,
                decider.receive(topic).is_allowed};
    }
    /// As letters: p, s, r.
    [[nodiscard]] std::string may(const Who& who, std::string_view topic) const {
        const Asked asked = ask(who, topic);
        return std::string{asked.publish ? "p" : ""} + (asked.subscribe ? "s" : "") +
               (asked.receive ? "r" : "");
    }
    RuleSet set;
};

std::string refusal(std::string_view text) {
    const auto parsed = parse_acl_file(text, "acl");
    return parsed ? "" : parsed.error().message();
}

const Who nobody{.client_id = "c1"};
const Who alice{.client_id = "c1", .user_name = "alice"};
const Who bob{.client_id = "c2", .user_name = "bob jones"};

}  // namespace

BOOST_AUTO_TEST_SUITE(acl_file)

BOOST_AUTO_TEST_CASE(lines_before_the_first_user_are_for_clients_without_a_name) {
    const Acl acl{
        "# general\ntopic read news/#\n\nuser alice\ntopic write cmd\ntopic state\n"
        "user bob jones\ntopic readwrite a b\n"};
    BOOST_TEST(acl.may(nobody, "news/1") == "sr");
    BOOST_TEST(acl.may(nobody, "cmd").empty());
    BOOST_TEST(acl.may(alice, "news/1").empty());
    BOOST_TEST(acl.may(alice, "cmd") == "p");
    BOOST_TEST(acl.may(alice, "state") == "psr");
    BOOST_TEST(acl.may(bob, "a b") == "psr");
    BOOST_TEST(acl.may(bob, "state").empty());
}

BOOST_AUTO_TEST_CASE(patterns_are_for_everybody_whose_names_they_have) {
    const Acl acl{"pattern write dev/%c/up\npattern readwrite home/%u/#\n"};
    BOOST_TEST(acl.may(nobody, "dev/c1/up") == "p");
    BOOST_TEST(acl.may(nobody, "dev/c2/up").empty());
    BOOST_TEST(acl.may(nobody, "home//x").empty());
    BOOST_TEST(acl.may(alice, "home/alice/x") == "psr");
    BOOST_TEST(acl.may(alice, "home/bob/x").empty());
    BOOST_TEST(acl.may(Who{.client_id = "+"}, "dev/+/up").empty());
    BOOST_TEST(acl.may(Who{.client_id = "c", .user_name = "#"}, "home/x").empty());
}

BOOST_AUTO_TEST_CASE(a_denial_wins_wherever_it_stands) {
    const Acl acl{"user alice\ntopic readwrite a/#\ntopic deny a/secret\n"};
    BOOST_TEST(acl.may(alice, "a/open") == "psr");
    BOOST_TEST(acl.may(alice, "a/secret").empty());
    // A filter that brings some of what may be read is let in; each message is judged at its delivery.
    BOOST_TEST(acl.ask(alice, "a/#").subscribe);
    BOOST_TEST(acl.ask(alice, "#").subscribe);
    BOOST_TEST(!acl.ask(alice, "b/#").subscribe);
    BOOST_TEST(!acl.ask(alice, "a/secret").subscribe);
}

BOOST_AUTO_TEST_CASE(own_lines_come_before_patterns) {
    const Acl acl{
        "pattern deny a/#\npattern readwrite b/#\nuser alice\ntopic a/x\ntopic deny b/x\n"};
    BOOST_TEST(acl.may(alice, "a/x") == "psr");
    BOOST_TEST(acl.may(alice, "a/y").empty());
    BOOST_TEST(acl.may(alice, "b/x").empty());
    BOOST_TEST(acl.may(alice, "b/y") == "psr");
}

BOOST_AUTO_TEST_CASE(server_topics_are_read_as_the_lines_say) {
    const Acl acl{"topic #\n"};
    BOOST_TEST(acl.may(nobody, "$SYS/broker/uptime").empty());
    BOOST_TEST(Acl{"topic read $SYS/#\n"}.may(nobody, "$SYS/broker/uptime") == "sr");
}

BOOST_AUTO_TEST_CASE(an_empty_file_allows_nothing) {
    BOOST_TEST(Acl{""}.may(nobody, "a").empty());
    BOOST_TEST(Acl{"# nothing\n"}.may(alice, "a").empty());
}

BOOST_AUTO_TEST_CASE(a_broken_line_is_named) {
    BOOST_TEST(refusal("topic a\nuser\n") ==
               "acl:2: a user without a name; write user and the name");
    BOOST_TEST(refusal("topics a").starts_with("acl:1: \"topics\" is no word of an ACL file;"));
    BOOST_TEST(refusal("topic writes a").starts_with("acl:1: \"writes\" is no kind of access;"));
    BOOST_TEST(refusal("topic read a/#/b").starts_with("acl:1: # is for the last level"));
    BOOST_TEST(refusal("topic").starts_with("acl:1: the topic is empty"));
    BOOST_TEST(refusal("topic deny").empty());  // a topic of that name
}

BOOST_AUTO_TEST_SUITE_END()
