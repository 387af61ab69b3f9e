#include "api/push_flow.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::api;

namespace {

struct Fixture {
    static PushAction action(const std::string& id, const std::string& rule_id = "r") {
        PushAction made;
        made.action_id = id;
        made.rule_id = rule_id;
        return made;
    }
    void limit(const std::string& id, PushScope scope, const std::string& value, int per_second) {
        policies[id] = {.policy_id = id, .scope = scope, .scope_value = value, .limit = per_second};
        flows.set(policies, now);
    }
    PushFlow flow(const std::string& id, const std::string& rule_id = "r") {
        return flows.flow_of(action(id, rule_id), 10, now);
    }
    /// How many go now.
    int drain(const PushFlow& flow) const {
        int count = 0;
        for (; flow.has_room(now); ++count) flow.take(now);
        return count;
    }

    std::map<std::string, FlowPolicy> policies;
    PushFlows flows;
    Instant now{Seconds{1000}};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(push_flow, Fixture)

BOOST_AUTO_TEST_CASE(without_policies_each_action_has_the_settings_rate_for_itself) {
    BOOST_TEST(drain(flow("a")) == 10);
    BOOST_TEST(drain(flow("b")) == 10);
    now += Milliseconds{300};
    BOOST_TEST(drain(flow("a")) == 3);
}

BOOST_AUTO_TEST_CASE(a_policy_for_the_action_takes_the_place_of_that_rate) {
    limit("p", PushScope::action, "a", 25);
    BOOST_TEST(drain(flow("a")) == 25);
    BOOST_TEST(drain(flow("b")) == 10);
}

BOOST_AUTO_TEST_CASE(what_several_share_is_shared) {
    limit("p", PushScope::rule, "r", 12);
    BOOST_TEST(drain(flow("a")) == 10);
    BOOST_TEST(drain(flow("b")) == 2);
    BOOST_TEST(drain(flow("c", "other")) == 10);
    now += Seconds{1};
    BOOST_TEST(drain(flow("b")) == 10);
    BOOST_TEST(drain(flow("a")) == 2);
}

BOOST_AUTO_TEST_CASE(of_several_limits_the_lowest_holds) {
    limit("p", PushScope::user, "", 8);
    limit("q", PushScope::channel, "HTTP_FORWARDING", 5);
    limit("s", PushScope::rule, "r", 7);
    BOOST_TEST(drain(flow("a")) == 5);
    policies.erase("q");
    flows.set(policies, now);
    BOOST_TEST(drain(flow("a")) == 2);  // of the rule's seven
}

BOOST_AUTO_TEST_CASE(a_change_of_a_policy_gives_nothing_back) {
    limit("p", PushScope::user, "", 4);
    BOOST_TEST(drain(flow("a")) == 4);
    limit("p", PushScope::user, "", 1000);
    BOOST_TEST(drain(flow("a")) == 0);
    now += Milliseconds{3};
    BOOST_TEST(drain(flow("a")) == 3);
    limit("p", PushScope::user, "", 1);
    now += Seconds{100};
    BOOST_TEST(drain(flow("a")) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
