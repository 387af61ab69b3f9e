#include "api/push_policy.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::api;
namespace json = boost::json;

namespace {

ReadFields<FlowPolicy> flow(const std::string& body) {
    return read_new_flow_policy(json::parse(body));
}
template <class Policy>
std::string problem(const ReadFields<Policy>& read) {
    return read ? "" : to_string(read.error());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(push_policy)

BOOST_AUTO_TEST_CASE(without_fields_policies_are_those_of_the_contract) {
    BOOST_TEST(json::serialize(policy_json(*flow("{}"))) ==
               R"({"policy_id":"","policy_name":"","description":"","scope":"USER","limit":1000})");
    BOOST_TEST(json::serialize(policy_json(*read_backlog_policy(json::object{}))) ==
               R"({"policy_id":"","policy_name":"","description":"","backlog_size":1073741823,)"
               R"("backlog_time":86399})");
}

BOOST_AUTO_TEST_CASE(a_policy_is_for_everything_a_channel_a_rule_or_an_action) {
    PushAction action;
    action.action_id = "a";
    action.rule_id = "r";
    BOOST_TEST(flow("{}")->is_for(action));
    BOOST_TEST(flow(R"({"scope":"CHANNEL","scope_value":"HTTP_FORWARDING"})")->is_for(action));
    BOOST_TEST(flow(R"({"scope":"RULE","scope_value":"r"})")->is_for(action));
    BOOST_TEST(!flow(R"({"scope":"RULE","scope_value":"s"})")->is_for(action));
    BOOST_TEST(flow(R"({"scope":"ACTION","scope_value":"a"})")->is_for(action));
    BOOST_TEST(!flow(R"({"scope":"ACTION","scope_value":"r"})")->is_for(action));
}

BOOST_AUTO_TEST_CASE(they_come_back_from_their_documents_and_from_no_others) {
    auto limit = flow(R"({"policy_name":"n","description":"d","scope":"RULE","scope_value":"r",
                          "limit":5})");
    BOOST_TEST_REQUIRE(limit.has_value());
    limit->policy_id = "1";
    BOOST_TEST(policy_json(*flow_policy_of(document_of(*limit))) == policy_json(*limit));
    BOOST_TEST(!backlog_policy_of(document_of(*limit)).has_value());
    BacklogPolicy backlog{.policy_id = "2", .name = "b", .description = "", .size = 7, .time = 9};
    BOOST_TEST(policy_json(*backlog_policy_of(document_of(backlog))) == policy_json(backlog));
    BOOST_TEST(!flow_policy_of(document_of(backlog)).has_value());
    BOOST_TEST(!flow_policy_of({.parent = "flowcontrol", .body = "x"}).has_value());
}

BOOST_AUTO_TEST_CASE(limits_are_met_and_not_exceeded) {
    for (const char* const good : {R"({"limit":1})", R"({"limit":1000})"}) {
        BOOST_TEST(problem(flow(good)) == "");
    }
    for (const char* const bad : {R"({"limit":0})", R"({"limit":1001})"}) {
        BOOST_TEST(problem(flow(bad)).find("from 1 to 1000") != std::string::npos);
    }
    for (const char* const good : {R"({"backlog_size":0,"backlog_time":0})",
                                   R"({"backlog_size":1073741823,"backlog_time":86399})"}) {
        BOOST_TEST(problem(read_backlog_policy(json::parse(good))) == "");
    }
    for (const char* const bad : {R"({"backlog_size":1073741824})", R"({"backlog_time":86400})",
                                  R"({"backlog_size":-1})"}) {
        BOOST_TEST(problem(read_backlog_policy(json::parse(bad))) != "", bad);
    }
}

BOOST_AUTO_TEST_CASE(what_names_nothing_is_refused) {
    for (const auto& [body, said] :
         {std::pair<std::string, std::string>{R"({"scope":"DEVICE"})", "scope must be one of"},
          {R"({"scope":"RULE"})", "scope_value must be there"},
          {R"({"scope":"USER","scope_value":"x"})", "scope_value must be left out"},
          {R"({"scope":"CHANNEL","scope_value":"OBS_FORWARDING"})", "HTTP_FORWARDING"},
          {R"({"policy_name":"<b>"})", "policy_name must be"}}) {
        BOOST_TEST(problem(flow(body)).find(said) != std::string::npos, body);
    }
}

BOOST_AUTO_TEST_CASE(a_change_keeps_what_it_does_not_name_and_the_scope) {
    const FlowPolicy policy = *flow(R"({"scope":"RULE","scope_value":"r","limit":5})");
    const auto changed =
        read_flow_policy_update(json::parse(R"({"scope":"RULE","policy_name":"n"})"), policy);
    BOOST_TEST_REQUIRE(changed.has_value());
    BOOST_TEST(changed->limit == 5);
    BOOST_TEST(changed->name == "n");
    for (const char* const bad : {R"({"scope":"USER"})", R"({"scope_value":"s"})"}) {
        BOOST_TEST(problem(read_flow_policy_update(json::parse(bad), policy)).find("stays") !=
                   std::string::npos);
    }
    const auto backlog =
        read_backlog_policy(json::parse(R"({"backlog_time":3})"), {.policy_id = "2", .size = 7});
    BOOST_TEST(backlog->size == 7);
    BOOST_TEST(backlog->time == 3);
}

BOOST_AUTO_TEST_SUITE_END()
