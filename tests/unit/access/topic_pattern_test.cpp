#include "access/topic_pattern.hpp"

#include "base/topic.hpp"
#include "support/random_topics.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;

namespace {

const Who alice{.client_id = "pump-7", .user_name = "alice", .certificate_name = "cn"};

TopicPattern pattern(std::string_view text, VariableForm form = VariableForm::braces) {
    auto parsed = TopicPattern::parse(text, form);
    BOOST_REQUIRE_MESSAGE(parsed.has_value(), text);
    return *std::move(parsed);
}

bool covers(std::string_view text, std::string_view filter, const Who& who = alice,
            bool is_of_denial = false) {
    return pattern(text).covers(filter, {who, is_of_denial});
}

bool overlaps(std::string_view text, std::string_view filter, const Who& who = alice,
              bool is_of_denial = false) {
    return pattern(text).overlaps(filter, {who, is_of_denial});
}

std::string refusal(std::string_view text, VariableForm form = VariableForm::braces) {
    const auto parsed = TopicPattern::parse(text, form);
    return parsed ? "" : parsed.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(topic_pattern)

BOOST_AUTO_TEST_CASE(a_name_is_covered_as_a_filter_matches_it) {
    test_support::RandomTopics random{3};
    for (int i = 0; i < 20'000; ++i) {
        const std::string filter = random.filter();
        const std::string name = random.name();
        BOOST_TEST_CONTEXT(filter << " " << name) {
            const bool matches = topic_matches(filter, name);
            BOOST_REQUIRE(covers(filter, name) == matches);
            BOOST_REQUIRE(overlaps(filter, name) == matches);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_covers_two_filters_agrees_with_every_name) {
    test_support::RandomTopics random{4};
    for (int i = 0; i < 3'000; ++i) {
        const std::string one = random.filter();
        const std::string other = random.filter();
        const bool does_cover = covers(one, other);
        const bool do_overlap = overlaps(one, other);
        BOOST_TEST_CONTEXT(one << " " << other) {
            BOOST_REQUIRE(do_overlap == overlaps(other, one));
            if (does_cover) BOOST_REQUIRE(do_overlap);
            for (int k = 0; k < 20; ++k) {
                const std::string name = random.name();
                if (!topic_matches(other, name)) continue;
                if (does_cover) BOOST_REQUIRE_MESSAGE(topic_matches(one, name), name);
                if (topic_matches(one, name)) BOOST_REQUIRE_MESSAGE(do_overlap, name);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_wider_filter_is_not_covered) {
    BOOST_TEST(covers("a/+", "a/b"));
    BOOST_TEST(covers("a/+", "a/+"));
    BOOST_TEST(covers("a/#", "a/+/c/#"));
    BOOST_TEST(covers("a/#", "a"));
    BOOST_TEST(!covers("a/+", "a/#"));
    BOOST_TEST(!covers("a/b", "a/+"));
    BOOST_TEST(!covers("a/b", "#"));
    BOOST_TEST(!covers("+", "#"));
    BOOST_TEST(
        !covers("+/#", "#"));  // `#` matches one level as well, and so does the other; be strict
    BOOST_TEST(overlaps("a/b", "+/b"));
    BOOST_TEST(overlaps("a/b", "#"));
    BOOST_TEST(overlaps("a", "a/#"));
    BOOST_TEST(!overlaps("a/b", "a"));
    BOOST_TEST(!overlaps("a/b", "b/+"));
}

BOOST_AUTO_TEST_CASE(leading_wildcards_keep_away_from_dollar) {
    BOOST_TEST(!covers("#", "$SYS/uptime"));
    BOOST_TEST(!covers("+/uptime", "$SYS/uptime"));
    BOOST_TEST(!covers("#", "$SYS/#"));
    BOOST_TEST(covers("$SYS/#", "$SYS/uptime"));
    BOOST_TEST(!overlaps("$SYS/#", "#"));
    BOOST_TEST(!overlaps("#", "$SYS/#"));
}

BOOST_AUTO_TEST_CASE(variables_are_filled_in_level_by_level) {
    BOOST_TEST(covers("dev/${client_id}/up", "dev/pump-7/up"));
    BOOST_TEST(covers("${username}-${client_id}", "alice-pump-7"));
    BOOST_TEST(covers("x${cert.cn}y/#", "xcny/1"));
    BOOST_TEST(!covers("dev/${client_id}/up", "dev/pump-8/up"));
    BOOST_TEST(!covers("dev/${client_id}/up", "dev/${client_id}/up"));
    BOOST_TEST(
        pattern("%u/%c/%d", VariableForm::percent).covers("alice/pump-7/%d", {alice, false}));
    BOOST_TEST(pattern("%u", VariableForm::none).covers("%u", {alice, false}));
    BOOST_TEST(pattern("a$b/$").covers("a$b/$", {alice, false}));
}

BOOST_AUTO_TEST_CASE(a_value_with_wildcards_or_levels_gains_nothing) {
    for (const char* const hostile : {"+", "#", "a/b", "/", "a+", "x/#"}) {
        const Who who{.client_id = hostile, .user_name = hostile};
        const std::string own = std::string{"dev/"} + hostile + "/up";
        BOOST_TEST(!covers("dev/${client_id}/up", own, who), own);
        BOOST_TEST(!covers("dev/${client_id}/up", "dev/other/up", who));
        BOOST_TEST(!overlaps("dev/${client_id}/#", "dev/+/up", who));
        // A denial that names it holds for any: it does not escape by its name.
        BOOST_TEST(covers("dev/${client_id}/up", "dev/other/up", who, true));
    }
    const Who dollar{.client_id = "$SYS"};
    BOOST_TEST(!covers("${client_id}/#", "$SYS/uptime", dollar));
    BOOST_TEST(covers("x/${client_id}", "x/$SYS", dollar));
}

BOOST_AUTO_TEST_CASE(a_pattern_does_not_speak_of_who_lacks_its_value) {
    BOOST_TEST(pattern("${username}/x").speaks_of(alice));
    BOOST_TEST(!pattern("${device_id}/x").speaks_of(alice));
    BOOST_TEST(pattern("x").speaks_of(Who{}));
}

BOOST_AUTO_TEST_CASE(what_is_no_pattern_is_said) {
    BOOST_TEST(refusal("") == "the topic is empty");
    BOOST_TEST(refusal("a/#/b") == "# is for the last level of a topic");
    BOOST_TEST(refusal("a+/b") == "+ and # stand alone in their level");
    BOOST_TEST(refusal("a/${client_id") == "a ${ without its }");
    BOOST_TEST(refusal("a/${clientid}") == "there is no variable ${clientid}");
    BOOST_TEST(refusal("a/${client_id}+") == "+ and # stand alone in their level");
    BOOST_TEST(!refusal("\xFF").empty());
    BOOST_TEST(!refusal(std::string(2'000, '/')).empty());
    BOOST_TEST(refusal("a//b/").empty());
}

BOOST_AUTO_TEST_SUITE_END()
