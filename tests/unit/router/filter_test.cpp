#include "router/filter.hpp"

#include "base/limits.hpp"
#include "support/fake_subscriber.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <map>
#include <string>

namespace {

using boost::unit_test::label;
using holdfast::router::Filter;
using holdfast::router::Subscription;
using test_support::FakeSubscriber;

Subscription of(FakeSubscriber& subscriber, std::uint32_t identifier = 0) {
    return {.subscriber = &subscriber, .identifier = identifier, .options = {}};
}

/// Subscribers at stable addresses, all of them in the filter.
std::deque<FakeSubscriber> crowd_in(Filter& filter, std::uint64_t count) {
    std::deque<FakeSubscriber> crowd;
    for (std::uint64_t number = 1; number <= count; ++number) {
        filter.add_or_replace(of(crowd.emplace_back(number)));
    }
    return crowd;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(filter)

BOOST_AUTO_TEST_CASE(text_is_kept_as_it_was_subscribed) {
    const auto shared = Filter::create("$share/line/+/temperature");
    BOOST_TEST(shared->text() == "$share/line/+/temperature");
    BOOST_TEST(shared->matched_text() == "+/temperature");
    BOOST_TEST(shared->is_shared());
    BOOST_TEST(!shared->is_exact());
    const auto plain = Filter::create("a//b");
    BOOST_TEST(plain->matched_text() == "a//b");
    BOOST_TEST(!plain->is_shared());
    BOOST_TEST(plain->is_exact());
    BOOST_TEST(!Filter::create("a/+")->is_exact());
    BOOST_TEST(!Filter::create("$share/g/a")->is_exact());
    BOOST_TEST(Filter::create("$shared/g/a")->is_exact());
}

BOOST_AUTO_TEST_CASE(longest_filter_fits, *label("MQTT5-4.7.3-3") * label("MQTT3-4.7.3-3")) {
    const std::string longest(holdfast::string_bytes_max, 'x');
    BOOST_TEST(Filter::create(longest)->text() == longest);
}

BOOST_AUTO_TEST_CASE(filter_of_nobody_has_no_subscriptions) {
    const auto filter = Filter::create("a");
    FakeSubscriber pump;
    BOOST_TEST(filter->subscriptions().empty());
    BOOST_TEST(filter->find(pump) == nullptr);
    BOOST_TEST(!filter->remove(pump));
    BOOST_TEST(filter->choose_member(nullptr) == nullptr);
}

BOOST_AUTO_TEST_CASE(second_subscription_of_a_subscriber_replaces_the_first,
                     *label("MQTT5-3.8.4-3") * label("MQTT3-3.8.4-3")) {
    for (const std::uint64_t others : {0U, 1U, 100U}) {
        const auto filter = Filter::create("a");
        const auto crowd = crowd_in(*filter, others);
        FakeSubscriber pump;
        BOOST_TEST(filter->add_or_replace(of(pump, 7)));
        BOOST_TEST(!filter->add_or_replace(of(pump, 8)));
        BOOST_TEST(filter->subscriptions().size() == others + 1);
        BOOST_TEST(filter->find(pump)->identifier == 8U);
    }
}

BOOST_AUTO_TEST_CASE(crowd_that_comes_and_goes_is_always_known_exactly) {
    const auto filter = Filter::create("a");
    auto crowd = crowd_in(*filter, 1000);
    BOOST_TEST(filter->subscriptions().size() == 1000U);
    // Every third first, then the others, so that places in the array change hands.
    std::size_t left = crowd.size();
    for (const std::size_t remainder : {0U, 2U, 1U}) {
        for (std::size_t i = remainder; i < crowd.size(); i += 3) {
            BOOST_REQUIRE(filter->remove(crowd[i]));
            BOOST_REQUIRE(!filter->remove(crowd[i]));
            BOOST_REQUIRE_EQUAL(filter->subscriptions().size(), --left);
            const std::size_t other = crowd.size() - 1 - i;
            const Subscription* found = filter->find(crowd[other]);
            BOOST_REQUIRE(found == nullptr || found->subscriber == &crowd[other]);
        }
    }
    BOOST_TEST(filter->subscriptions().empty());
}

BOOST_AUTO_TEST_CASE(those_who_stay_are_found_while_others_leave) {
    const auto filter = Filter::create("a");
    auto crowd = crowd_in(*filter, 100);
    for (std::size_t i = 1; i < crowd.size(); ++i) {
        filter->remove(crowd[i]);
        BOOST_REQUIRE(filter->find(crowd[0]) != nullptr);
        for (std::size_t j = i + 1; j < crowd.size(); ++j) {
            BOOST_REQUIRE(filter->find(crowd[j])->subscriber == &crowd[j]);
        }
    }
}

BOOST_AUTO_TEST_CASE(connected_members_take_turns) {
    const auto group = Filter::create("$share/g/a");
    auto crowd = crowd_in(*group, 4);
    for (std::uint64_t turn = 0; turn < 12; ++turn) {
        const auto number =
            static_cast<std::uint64_t>(group->choose_member(nullptr)->subscriber->number());
        BOOST_TEST(number == turn % 4 + 1);
    }
}

BOOST_AUTO_TEST_CASE(offline_members_are_passed_over_and_nobody_inherits_their_share) {
    const auto group = Filter::create("$share/g/a");
    auto crowd = crowd_in(*group, 6);
    for (const std::size_t i : {1U, 2U, 3U}) crowd[i].is_online = false;
    std::map<const void*, int> taken;
    for (int i = 0; i < 300; ++i) ++taken[group->choose_member(nullptr)->subscriber];
    BOOST_TEST(taken.size() == 3U);
    for (const std::size_t i : {0U, 4U, 5U}) BOOST_TEST(taken[&crowd[i]] == 100);
}

BOOST_AUTO_TEST_CASE(offline_members_take_turns_when_nobody_is_connected) {
    const auto group = Filter::create("$share/g/a");
    auto crowd = crowd_in(*group, 3);
    for (FakeSubscriber& member : crowd) member.is_online = false;
    std::map<const void*, int> taken;
    for (int i = 0; i < 30; ++i) ++taken[group->choose_member(nullptr)->subscriber];
    for (FakeSubscriber& member : crowd) BOOST_TEST(taken[&member] == 10);
}

BOOST_AUTO_TEST_CASE(the_excepted_member_is_never_chosen) {
    const auto group = Filter::create("$share/g/a");
    auto crowd = crowd_in(*group, 3);
    crowd[1].is_online = false;
    for (int i = 0; i < 10; ++i) {
        BOOST_TEST(group->choose_member(&crowd[0])->subscriber == &crowd[2]);
    }
    crowd[2].is_online = false;
    for (int i = 0; i < 10; ++i) {
        BOOST_TEST(group->choose_member(&crowd[0])->subscriber != &crowd[0]);
    }
    group->remove(crowd[1]);
    group->remove(crowd[2]);
    BOOST_TEST(group->choose_member(&crowd[0]) == nullptr);
}

BOOST_AUTO_TEST_CASE(the_only_connected_one_of_many_members_is_found_in_few_messages) {
    const auto group = Filter::create("$share/g/a");
    auto crowd = crowd_in(*group, 10'000);
    for (FakeSubscriber& member : crowd) member.is_online = false;
    crowd[9'000].is_online = true;
    int messages = 1;
    while (group->choose_member(nullptr)->subscriber != &crowd[9'000]) ++messages;
    BOOST_TEST(messages <= 3);
}

BOOST_AUTO_TEST_SUITE_END()
