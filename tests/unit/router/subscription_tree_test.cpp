#include "router/subscription_tree.hpp"

#include "base/limits.hpp"
#include "support/allocations.hpp"
#include "support/fake_subscriber.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <deque>
#include <ostream>
#include <string>
#include <vector>

namespace {

using boost::unit_test::label;
using holdfast::QoS;
using holdfast::router::Filter;
using holdfast::router::Matches;
using holdfast::router::Subscription;
using holdfast::router::SubscriptionTree;
using test_support::FakeSubscriber;

using Texts = std::vector<std::string>;

Subscription of(FakeSubscriber& subscriber, std::uint32_t identifier = 0,
                QoS qos = QoS::at_most_once) {
    return {.subscriber = &subscriber, .identifier = identifier, .options = {.maximum_qos = qos}};
}

Texts matches(const SubscriptionTree& tree, std::string_view topic) {
    Matches found;
    tree.match(topic, found);
    Texts texts;
    for (const Filter* filter : found.filters) texts.emplace_back(filter->text());
    for (const Filter* group : found.groups) texts.emplace_back(group->text());
    std::ranges::sort(texts);
    return texts;
}

/// Whether the one filter in a tree matches the topic.
bool matches_alone(std::string_view filter, std::string_view topic) {
    SubscriptionTree tree;
    FakeSubscriber pump;
    tree.subscribe(filter, of(pump));
    return !matches(tree, topic).empty();
}

struct MatchCase {
    const char* filter;
    const char* topic;
    bool expected;
};
std::ostream& operator<<(std::ostream& out, const MatchCase& example) {
    return out << example.filter << (example.expected ? " and " : " but not ") << example.topic;
}

const MatchCase match_cases[] = {
    // The examples of MQTT 5 section 4.7.1
    {"sport/tennis/player1/#", "sport/tennis/player1", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
    {"sport/#", "sport", true},
    {"#", "sport", true},
    {"#", "/", true},
    {"sport/tennis/+", "sport/tennis/player1", true},
    {"sport/tennis/+", "sport/tennis/player1/ranking", false},
    {"sport/+", "sport", false},
    {"sport/+", "sport/", true},
    {"+", "sport", true},
    {"+/tennis/#", "sport/tennis", true},
    {"+/tennis/#", "tennis", false},
    {"sport/+/player1", "sport/tennis/player1", true},
    {"/finance", "/finance", true},
    {"+/+", "/finance", true},
    {"/+", "/finance", true},
    {"+", "/finance", false},
    // Empty levels are levels
    {"a//b", "a//b", true},
    {"a//b", "a/b", false},
    {"a/+/b", "a//b", true},
    {"a/", "a", false},
    {"a/", "a/", true},
    {"a/#", "a//", true},
    {"/", "/", true},
    {"+/", "a/", true},
    {"+/+/+", "//", true},
    {"+/+", "//", false},
    // A prefix of a level is not that level
    {"a/#", "ab", false},
    {"a/b", "a/bc", false},
    {"a/+", "ab/c", false},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_tree)

BOOST_DATA_TEST_CASE(filters_match_as_the_specification_says,
                     boost::unit_test::data::make(match_cases), example) {
    BOOST_TEST(matches_alone(example.filter, example.topic) == example.expected);
    BOOST_TEST(matches_alone(std::string("$share/g/") + example.filter, example.topic) ==
               example.expected);
}

BOOST_AUTO_TEST_CASE(hash_matches_the_parent_and_everything_below,
                     *label("MQTT5-4.7.1-1") * label("MQTT3-4.7.1-2")) {
    for (const auto* topic : {"a", "a/", "a/b", "a/b/c", "a//"}) {
        BOOST_TEST(matches_alone("a/#", topic), topic);
    }
    BOOST_TEST(!matches_alone("a/#", "b"));
}

BOOST_AUTO_TEST_CASE(plus_matches_exactly_one_level_anywhere,
                     *label("MQTT5-4.7.1-2") * label("MQTT3-4.7.1-3")) {
    for (const auto* filter : {"+/b/c", "a/+/c", "a/b/+", "+/+/+", "+/+/#", "a/b/c/#"}) {
        BOOST_TEST(matches_alone(filter, "a/b/c"), filter);
    }
    for (const auto* filter : {"+", "+/+", "+/c", "+/+/+/+", "a/+", "a/b/c/+"}) {
        BOOST_TEST(!matches_alone(filter, "a/b/c"), filter);
    }
}

BOOST_AUTO_TEST_CASE(leading_wildcards_do_not_match_server_topics,
                     *label("MQTT5-4.7.2-1") * label("MQTT3-4.7.2-1")) {
    for (const auto* filter :
         {"#", "+/monitor/Clients", "+/#", "+", "$share/g/#", "$share/g/+/#"}) {
        BOOST_TEST(!matches_alone(filter, "$SYS/monitor/Clients"), filter);
        BOOST_TEST(!matches_alone(filter, "$"), filter);
    }
    for (const auto* filter : {"$SYS/#", "$SYS/monitor/+", "$SYS/+/Clients", "$share/g/$SYS/#"}) {
        BOOST_TEST(matches_alone(filter, "$SYS/monitor/Clients"), filter);
    }
    BOOST_TEST(matches_alone("#", "a/$SYS"));
    BOOST_TEST(matches_alone("a/+", "a/$SYS"));
}

BOOST_AUTO_TEST_CASE(texts_are_compared_byte_by_byte,
                     *label("MQTT5-4.7.3-4") * label("MQTT3-4.7.3-4")) {
    BOOST_TEST(!matches_alone("ACCOUNTS", "Accounts"));
    BOOST_TEST(!matches_alone("caf\u00e9/+", "cafe\u0301/x"));  // composed and decomposed
    BOOST_TEST(matches_alone("\uFEFFa/+", "\uFEFFa/x"));
    BOOST_TEST(!matches_alone("\uFEFFa/+", "a/x"));
    BOOST_TEST(matches_alone("Accounts payable", "Accounts payable"));
}

BOOST_AUTO_TEST_CASE(everything_that_matches_is_found_once_and_nothing_else,
                     *label("MQTT5-3.3.2-3") * label("MQTT3-3.3.2-3")) {
    SubscriptionTree tree;
    FakeSubscriber pump{1};
    FakeSubscriber valve{2};
    for (const auto* filter : {"a/b", "a/+", "#", "a/b/c", "b", "$share/g/a/b", "$share/h/a/#"}) {
        tree.subscribe(filter, of(pump));
        tree.subscribe(filter, of(valve));
    }
    const Texts expected{"#", "$share/g/a/b", "$share/h/a/#", "a/+", "a/b"};
    BOOST_TEST(matches(tree, "a/b") == expected, boost::test_tools::per_element());
    BOOST_TEST(tree.filter_count() == 7U);
    BOOST_TEST(tree.subscription_count() == 14U);
}

BOOST_AUTO_TEST_CASE(shared_and_plain_matches_are_told_apart) {
    SubscriptionTree tree;
    FakeSubscriber pump;
    tree.subscribe("a/#", of(pump));
    tree.subscribe("$share/g/a/#", of(pump));
    Matches found;
    tree.match("a", found);
    BOOST_REQUIRE(found.filters.size() == 1U);
    BOOST_TEST(!found.filters[0]->is_shared());
    BOOST_REQUIRE(found.groups.size() == 1U);
    BOOST_TEST(found.groups[0]->is_shared());
}

BOOST_AUTO_TEST_CASE(topic_spelled_like_a_shared_filter_does_not_match_it) {
    BOOST_TEST(!matches_alone("$share/g/a", "$share/g/a"));
    BOOST_TEST(!matches_alone("$share/g/+", "$share/g/a"));
    BOOST_TEST(matches_alone("$shared/g/a", "$shared/g/a"));
}

BOOST_AUTO_TEST_CASE(same_filter_again_replaces_options_and_identifier,
                     *label("MQTT5-3.8.4-3") * label("MQTT3-3.8.4-3")) {
    for (const auto* text : {"a/b", "a/+", "$share/g/a/b"}) {
        SubscriptionTree tree;
        FakeSubscriber pump;
        const auto first = tree.subscribe(text, of(pump, 1, QoS::at_least_once));
        BOOST_TEST(first.is_new);
        const auto second = tree.subscribe(text, of(pump, 2, QoS::exactly_once));
        BOOST_TEST(!second.is_new);
        BOOST_TEST(second.filter == first.filter);
        BOOST_TEST(tree.subscription_count() == 1U);
        const Subscription* held = SubscriptionTree::find(*second.filter, pump);
        BOOST_REQUIRE(held != nullptr);
        BOOST_TEST(held->identifier == 2U);
        BOOST_TEST((held->options.maximum_qos == QoS::exactly_once));
    }
}

BOOST_AUTO_TEST_CASE(shared_and_plain_subscriptions_of_one_filter_are_two) {
    SubscriptionTree tree;
    FakeSubscriber pump;
    for (const auto* text : {"a", "$share/g/a", "$share/h/a"}) {
        BOOST_TEST(tree.subscribe(text, of(pump)).is_new);
    }
    BOOST_TEST(tree.subscription_count() == 3U);
    BOOST_TEST(tree.unsubscribe("$share/g/a", pump));
    BOOST_TEST(matches(tree, "a") == (Texts{"$share/h/a", "a"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(unsubscribe_deletes_the_same_characters_only,
                     *label("MQTT5-3.10.4-1") * label("MQTT3-3.10.4-1")) {
    SubscriptionTree tree;
    FakeSubscriber pump{1};
    FakeSubscriber valve{2};
    tree.subscribe("a/+", of(pump));
    tree.subscribe("a/+", of(valve));
    for (const auto* other : {"a/b", "a/#", "A/+", "+/+", "a/+/", "$share/g/a/+"}) {
        BOOST_TEST(!tree.unsubscribe(other, pump), other);
    }
    BOOST_TEST(tree.subscription_count() == 2U);
    BOOST_TEST(tree.unsubscribe("a/+", pump));
    BOOST_TEST(!tree.unsubscribe("a/+", pump));
    BOOST_TEST(matches(tree, "a/b") == (Texts{"a/+"}), boost::test_tools::per_element());
    BOOST_TEST(SubscriptionTree::find(*tree.find("a/+"), pump) == nullptr);
}

BOOST_AUTO_TEST_CASE(no_match_is_found_after_the_last_unsubscribe,
                     *label("MQTT5-3.10.4-2") * label("MQTT3-3.10.4-2")) {
    SubscriptionTree tree;
    FakeSubscriber pump;
    for (const auto* text : {"a/b", "a/+/#", "$share/g/a/b"}) {
        const Filter* filter = tree.subscribe(text, of(pump)).filter;
        BOOST_TEST(tree.unsubscribe(*filter, pump));
        BOOST_TEST(tree.find(text) == nullptr);
    }
    BOOST_TEST(matches(tree, "a/b").empty());
    BOOST_TEST(tree.filter_count() == 0U);
    BOOST_TEST(tree.subscription_count() == 0U);
}

BOOST_AUTO_TEST_CASE(filters_stay_where_they_are_while_others_come_and_go) {
    SubscriptionTree tree;
    FakeSubscriber pump;
    const Filter* kept = tree.subscribe("kept/+", of(pump)).filter;
    for (int i = 0; i < 5000; ++i) tree.subscribe("other/" + std::to_string(i), of(pump));
    for (int i = 0; i < 5000; ++i) tree.unsubscribe("other/" + std::to_string(i), pump);
    BOOST_TEST(tree.find("kept/+") == kept);
    BOOST_TEST(tree.filter_count() == 1U);
}

BOOST_AUTO_TEST_CASE(a_storm_of_a_hundred_thousand_leaves_one_filter_without_a_scan_each) {
    SubscriptionTree tree;
    std::deque<FakeSubscriber> devices;
    for (std::uint64_t number = 1; number <= 100'000; ++number) {
        tree.subscribe("all/devices", of(devices.emplace_back(number)));
    }
    BOOST_TEST(tree.find("all/devices")->subscriptions().size() == devices.size());
    for (FakeSubscriber& device : devices) BOOST_REQUIRE(tree.unsubscribe("all/devices", device));
    BOOST_TEST(tree.filter_count() == 0U);
}

BOOST_AUTO_TEST_CASE(matching_allocates_nothing_once_the_caller_has_room) {
    SubscriptionTree tree;
    FakeSubscriber pump;
    std::string topic = "level";
    for (std::size_t level = 1; level < holdfast::Limits{}.topic_levels_max; ++level) {
        tree.subscribe(topic + "/+", of(pump));
        tree.subscribe(topic + "/#", of(pump));
        topic += "/level";
    }
    tree.subscribe(topic, of(pump));
    for (int i = 0; i < 100; ++i) {
        tree.subscribe("$share/" + std::to_string(i) + '/' + topic, of(pump));
    }
    Matches found;
    tree.match(topic, found);
    BOOST_TEST(found.filters.size() == holdfast::Limits{}.topic_levels_max + 1);
    BOOST_TEST(found.groups.size() == 100U);
    found.clear();
    const std::size_t before = test_support::allocations();
    tree.match(topic, found);
    const Filter* filter = tree.find(topic);
    const Subscription* member = SubscriptionTree::choose_member(*found.groups.front());
    BOOST_TEST(test_support::allocations() == before);
    BOOST_TEST(filter != nullptr);
    BOOST_TEST(member->subscriber == &pump);
}

BOOST_AUTO_TEST_SUITE_END()
