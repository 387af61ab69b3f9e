#include "base/topic.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace holdfast;
using boost::unit_test::label;

namespace {

constexpr std::size_t levels_max = 8;

bool is_name(std::string_view name) { return is_valid_topic_name(name, levels_max); }
bool is_filter(std::string_view filter) { return is_valid_topic_filter(filter, levels_max); }

std::vector<std::string_view> levels_of(std::string_view text) {
    std::vector<std::string_view> levels;
    LevelIterator iterator{text};
    std::string_view level;
    while (iterator.next(level)) levels.push_back(level);
    return levels;
}

/// Matching as section 4.7 says it, by recursion over the levels.
bool matches_slowly(const std::vector<std::string_view>& filter,
                    const std::vector<std::string_view>& name, std::size_t at = 0) {
    if (at == filter.size()) return at == name.size();
    if (filter[at] == "#") return true;
    if (at == name.size()) return false;
    if (filter[at] != "+" && filter[at] != name[at]) return false;
    return matches_slowly(filter, name, at + 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(topic_names)

BOOST_AUTO_TEST_CASE(a_name_has_at_least_one_character,
                     *label("MQTT5-4.7.3-1") * label("MQTT3-4.7.3-1")) {
    BOOST_TEST(!is_name(""));
    BOOST_TEST(is_name("a"));
    BOOST_TEST(is_name("/"));
    BOOST_TEST(is_name(" "));
    BOOST_TEST(is_name("$SYS/uptime"));
}

BOOST_AUTO_TEST_CASE(a_name_has_no_wildcard, *label("MQTT5-4.7.0-1") * label("MQTT3-4.7.1-1")) {
    for (const std::string_view name : {"+", "#", "a/+", "a/#", "a+", "#a", "a/b+/c"}) {
        BOOST_TEST(!is_name(name), name);
    }
}

BOOST_AUTO_TEST_CASE(a_name_has_at_most_65535_bytes,
                     *label("MQTT5-4.7.3-3") * label("MQTT3-4.7.3-3")) {
    BOOST_TEST(is_name(std::string(65'535, 'a')));
    BOOST_TEST(!is_name(std::string(65'536, 'a')));
    BOOST_TEST(is_filter(std::string(65'535, 'a')));
    BOOST_TEST(!is_filter(std::string(65'536, 'a')));
}

BOOST_AUTO_TEST_CASE(a_name_has_at_most_the_allowed_levels) {
    BOOST_TEST(is_name("1/2/3/4/5/6/7/8"));
    BOOST_TEST(!is_name("1/2/3/4/5/6/7/8/9"));
    BOOST_TEST(is_name("///////"));
    BOOST_TEST(!is_name("////////"));
    BOOST_TEST(is_name("a-level-that-is-longer-than-the-number-of-levels"));
    BOOST_TEST(is_valid_topic_name("a", 1));
    BOOST_TEST(!is_valid_topic_name("a/", 1));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(topic_filters)

BOOST_AUTO_TEST_CASE(a_filter_has_at_least_one_character,
                     *label("MQTT5-4.7.3-1") * label("MQTT3-4.7.3-1")) {
    BOOST_TEST(!is_filter(""));
    for (const std::string_view filter : {"a", "/", "+", "#", "/+", "+/+", "a//b", "$SYS/#"}) {
        BOOST_TEST(is_filter(filter), filter);
    }
}

BOOST_AUTO_TEST_CASE(hash_stands_alone_in_the_last_level,
                     *label("MQTT5-4.7.1-1") * label("MQTT3-4.7.1-2")) {
    for (const std::string_view filter : {"#", "a/#", "/#", "+/#", "a/b/#"}) {
        BOOST_TEST(is_filter(filter), filter);
    }
    for (const std::string_view filter : {"a#", "#a", "#/a", "a/#/b", "##", "#/", "#/#", "a/b#"}) {
        BOOST_TEST(!is_filter(filter), filter);
    }
}

BOOST_AUTO_TEST_CASE(plus_occupies_a_whole_level,
                     *label("MQTT5-4.7.1-2") * label("MQTT3-4.7.1-3")) {
    for (const std::string_view filter : {"+", "+/a", "a/+", "a/+/b", "+/+", "/+", "+/"}) {
        BOOST_TEST(is_filter(filter), filter);
    }
    for (const std::string_view filter : {"a+", "+a", "++", "a/b+", "a/+b/c", "+#"}) {
        BOOST_TEST(!is_filter(filter), filter);
    }
}

BOOST_AUTO_TEST_CASE(a_filter_has_at_most_the_allowed_levels) {
    BOOST_TEST(is_filter("1/2/3/4/5/6/7/#"));
    BOOST_TEST(!is_filter("1/2/3/4/5/6/7/8/#"));
}

BOOST_AUTO_TEST_CASE(levels_are_what_stands_between_slashes) {
    using Levels = std::vector<std::string_view>;
    BOOST_TEST((levels_of("a//b") == Levels{"a", "", "b"}));
    BOOST_TEST((levels_of("/") == Levels{"", ""}));
    BOOST_TEST((levels_of("a") == Levels{"a"}));
    BOOST_TEST((levels_of("") == Levels{""}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(topic_matching)

BOOST_AUTO_TEST_CASE(the_examples_of_the_specification_match,
                     *label("MQTT5-4.7.1-1") * label("MQTT5-4.7.1-2") * label("MQTT3-4.7.1-2") *
                         label("MQTT3-4.7.1-3")) {
    BOOST_TEST(topic_matches("sport/tennis/player1/#", "sport/tennis/player1"));
    BOOST_TEST(topic_matches("sport/tennis/player1/#", "sport/tennis/player1/ranking"));
    BOOST_TEST(topic_matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
    BOOST_TEST(topic_matches("sport/#", "sport"));
    BOOST_TEST(topic_matches("#", "sport/tennis"));
    BOOST_TEST(topic_matches("sport/tennis/+", "sport/tennis/player1"));
    BOOST_TEST(!topic_matches("sport/tennis/+", "sport/tennis/player1/ranking"));
    BOOST_TEST(!topic_matches("sport/+", "sport"));
    BOOST_TEST(topic_matches("sport/+", "sport/"));
    BOOST_TEST(topic_matches("+/+", "/finance"));
    BOOST_TEST(topic_matches("/+", "/finance"));
    BOOST_TEST(!topic_matches("+", "/finance"));
}

BOOST_AUTO_TEST_CASE(a_leading_wildcard_does_not_match_a_leading_dollar,
                     *label("MQTT5-4.7.2-1") * label("MQTT3-4.7.2-1")) {
    BOOST_TEST(!topic_matches("#", "$SYS/uptime"));
    BOOST_TEST(!topic_matches("+/monitor/clients", "$SYS/monitor/clients"));
    BOOST_TEST(!topic_matches("+", "$x"));
    BOOST_TEST(topic_matches("$SYS/#", "$SYS/uptime"));
    BOOST_TEST(topic_matches("$SYS/monitor/+", "$SYS/monitor/clients"));
    BOOST_TEST(topic_matches("a/+", "a/$x"));
    BOOST_TEST(topic_matches("a/#", "a/$x"));
}

BOOST_AUTO_TEST_CASE(names_match_byte_for_byte, *label("MQTT5-4.7.3-4") * label("MQTT3-4.7.3-4")) {
    BOOST_TEST(!topic_matches("ACCOUNTS", "Accounts"));
    BOOST_TEST(!topic_matches("a/b", "a/b/"));
    BOOST_TEST(!topic_matches("/a", "a"));
    BOOST_TEST(!topic_matches("\xC3\x84", "A\xCC\x88"));  // one letter in two Unicode forms
    BOOST_TEST(topic_matches("\xC3\x84/+", "\xC3\x84/1"));
    BOOST_TEST(!topic_matches("\xEF\xBB\xBF", ""));
}

BOOST_AUTO_TEST_CASE(matching_agrees_with_the_obvious_way_on_a_small_world) {
    const std::vector<std::string> atoms{"", "a", "b", "+", "#"};
    std::vector<std::string> texts;
    for (const auto& x : atoms) {
        texts.push_back(x);
        for (const auto& y : atoms) {
            texts.push_back(x + "/" + y);
            for (const auto& z : atoms) texts.push_back(x + "/" + y + "/" + z);
        }
    }
    std::size_t matches = 0;
    for (const auto& filter : texts) {
        if (!is_filter(filter)) continue;
        for (const auto& name : texts) {
            if (!is_name(name)) continue;
            const bool expected = matches_slowly(levels_of(filter), levels_of(name));
            BOOST_TEST_REQUIRE(topic_matches(filter, name) == expected, filter << " " << name);
            if (expected) ++matches;
        }
    }
    BOOST_TEST(matches > 100U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(shared_filters)

BOOST_AUTO_TEST_CASE(share_is_a_whole_first_level) {
    BOOST_TEST(is_shared_filter("$share"));
    BOOST_TEST(is_shared_filter("$share/"));
    BOOST_TEST(is_shared_filter("$share/g/a"));
    BOOST_TEST(!is_shared_filter("$shared/g/a"));
    BOOST_TEST(!is_shared_filter("$Share/g/a"));
    BOOST_TEST(!is_shared_filter("a/$share/g"));
    BOOST_TEST(!is_shared_filter(""));
}

BOOST_AUTO_TEST_CASE(a_share_name_has_at_least_one_character, *label("MQTT5-4.8.2-1")) {
    BOOST_TEST(!parse_shared_filter("$share//a", levels_max));
    BOOST_TEST(!parse_shared_filter("$share", levels_max));
    BOOST_TEST(!parse_shared_filter("$share/", levels_max));
    BOOST_TEST(!parse_shared_filter("share/g/a", levels_max));
    const auto shared = parse_shared_filter("$share/g/a/+/#", levels_max);
    BOOST_TEST_REQUIRE(shared.has_value());
    BOOST_TEST(shared->share_name == "g");
    BOOST_TEST(shared->filter == "a/+/#");
}

BOOST_AUTO_TEST_CASE(a_share_name_has_no_wildcard_and_a_filter_follows, *label("MQTT5-4.8.2-2")) {
    for (const std::string_view filter :
         {"$share/g", "$share/g/", "$share/+/a", "$share/g#/a", "$share/#/a", "$share/#"}) {
        BOOST_TEST(!parse_shared_filter(filter, levels_max), filter);
    }
    BOOST_TEST(parse_shared_filter("$share/g//", levels_max)->filter == "/");
    BOOST_TEST(!parse_shared_filter("$share/g/a#", levels_max));
    BOOST_TEST(!parse_shared_filter("$share/g/#/a", levels_max));
}

BOOST_AUTO_TEST_CASE(levels_are_counted_behind_the_share_name) {
    BOOST_TEST(parse_shared_filter("$share/g/1/2/3/4/5/6/7/8", levels_max).has_value());
    BOOST_TEST(!parse_shared_filter("$share/g/1/2/3/4/5/6/7/8/9", levels_max).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
