#include "router/topic_order.hpp"

#include "base/topic.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <compare>
#include <string>
#include <vector>

namespace {

using boost::unit_test::label;
using holdfast::topic_matches;
using holdfast::router::compare_topics;
using holdfast::router::judge_topic;
using holdfast::router::WalkStep;

using Texts = std::vector<std::string>;

/// Every topic of up to three levels from a few, in order.
Texts small_world() {
    const Texts levels{"", "\x01", "!", "$S", "a", "a!", "ab", "b", "\u00e9"};
    Texts topics = levels;
    for (std::size_t depth = 0, begin = 0; depth < 2; ++depth) {
        const std::size_t end = topics.size();
        for (; begin < end; ++begin) {
            for (const std::string& level : levels) topics.push_back(topics[begin] + '/' + level);
        }
    }
    std::erase(topics, "");
    std::ranges::sort(
        topics, [](const auto& a, const auto& b) { return std::is_lt(compare_topics(a, b)); });
    return topics;
}

struct Walk {
    Texts matches;
    std::size_t visits = 0;
};

/// As the retained messages are walked.
Walk walk(const Texts& topics, const std::string& filter) {
    Walk result;
    std::string seek_to;
    for (auto topic = topics.begin(); topic != topics.end();) {
        ++result.visits;
        const WalkStep step = judge_topic(filter, *topic, seek_to);
        if (step == WalkStep::end) break;
        if (step == WalkStep::match) {
            result.matches.push_back(*topic++);
            continue;
        }
        BOOST_REQUIRE(std::is_lt(compare_topics(*topic, seek_to)));
        topic = std::ranges::lower_bound(topics, seek_to, [](const auto& a, const auto& b) {
            return std::is_lt(compare_topics(a, b));
        });
    }
    return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(topic_order)

BOOST_AUTO_TEST_CASE(a_topic_comes_before_its_subtree_and_that_before_its_sibling) {
    const Texts in_order{"/",   "/a",      "\x01", "$SYS/a", "a",  "a/", "a//",
                         "a/b", "a/b/c/d", "a/c",  "a!",     "a-", "ab", "b"};
    for (std::size_t i = 0; i < in_order.size(); ++i) {
        for (std::size_t j = 0; j < in_order.size(); ++j) {
            BOOST_TEST((compare_topics(in_order[i], in_order[j]) == (i <=> j)),
                       in_order[i] << " and " << in_order[j]);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_byte_of_a_long_topic_counts) {
    const std::string topic(40, 'm');
    for (std::size_t i = 0; i < topic.size(); ++i) {
        std::string other = topic;
        for (const char smaller : {'/', 'a'}) {
            other[i] = smaller;
            BOOST_TEST(std::is_lt(compare_topics(other, topic)));
            BOOST_TEST(std::is_gt(compare_topics(topic, other)));
        }
        other[i] = '\xC3';  // bytes are compared without a sign
        BOOST_TEST(std::is_lt(compare_topics(topic, other)));
        BOOST_TEST(std::is_lt(compare_topics(topic.substr(0, i), topic)));
    }
    BOOST_TEST(std::is_eq(compare_topics(topic, topic)));
}

BOOST_AUTO_TEST_CASE(a_walk_finds_what_plain_matching_finds,
                     *label("MQTT5-4.7.1-1") * label("MQTT5-4.7.1-2") * label("MQTT5-4.7.2-1") *
                         label("MQTT3-4.7.2-1")) {
    const Texts topics = small_world();
    Texts filters{"#", "/#", "+", "/", "//", "a//#"};
    for (const auto* first : {"+", "a", "", "$S", "\x01", "\u00e9"}) {
        for (const auto* second : {"+", "#", "a", "", "ab"}) {
            const std::string two = std::string(first) + "/" + second;
            filters.push_back(two);
            if (two.ends_with('#')) continue;
            for (const auto* third : {"+", "#", "a!", "", "b"}) {
                const std::string three = two + "/" + third;
                filters.push_back(three);
                if (!three.ends_with('#')) filters.push_back(three + "/#");
            }
        }
    }
    for (const std::string& filter : filters) {
        Texts expected;
        for (const std::string& topic : topics) {
            if (topic_matches(filter, topic)) expected.push_back(topic);
        }
        BOOST_TEST_INFO("filter " << filter);
        BOOST_TEST(walk(topics, filter).matches == expected, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_narrow_walk_visits_little_beside_its_matches) {
    Texts topics;
    for (int site = 0; site < 100; ++site) {
        for (int device = 0; device < 100; ++device) {
            topics.push_back("site-" + std::to_string(site) + "/dev-" + std::to_string(device) +
                             "/state");
            topics.push_back("$SYS/clients/" + std::to_string(100 * site + device));
        }
    }
    std::ranges::sort(
        topics, [](const auto& a, const auto& b) { return std::is_lt(compare_topics(a, b)); });
    const Walk one_device = walk(topics, "site-17/dev-4/#");
    BOOST_TEST(one_device.matches.size() == 1U);
    BOOST_TEST(one_device.visits <= 3U);
    const Walk one_site = walk(topics, "site-17/+/state");
    BOOST_TEST(one_site.matches.size() == 100U);
    BOOST_TEST(one_site.visits <= 103U);
    const Walk across = walk(topics, "+/dev-7/state");
    BOOST_TEST(across.matches.size() == 100U);
    BOOST_TEST(across.visits <= 302U);
    BOOST_TEST(walk(topics, "+/clients/#").visits <= 102U);
}

BOOST_AUTO_TEST_SUITE_END()
