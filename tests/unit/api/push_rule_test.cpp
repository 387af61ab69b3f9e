#include "api/push_rule.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::api;
namespace json = boost::json;

namespace {

std::string problem(const ReadFields<PushRule>& read) {
    return read ? "" : to_string(read.error());
}
std::string problem(const ReadFields<PushAction>& read) {
    return read ? "" : to_string(read.error());
}

const std::string subject = R"("subject": {"resource": "device.status", "event": "update"})";

json::value action_with(const std::string& http, const std::string& channel = "HTTP_FORWARDING") {
    return json::parse(R"({"rule_id": "r", "channel": ")" + channel +
                       R"(", "channel_detail": {"http_forwarding": )" + http + "}}");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(push_rule)

BOOST_AUTO_TEST_CASE(a_rule_matches_its_events_of_its_application) {
    PushRule rule;
    rule.kind = PlatformEventKind::device_status_updated;
    PlatformEvent event;
    event.kind = PlatformEventKind::device_status_updated;
    event.subject.app_id = "a";
    BOOST_TEST(rule.matches(event));
    rule.app_id = "a";
    BOOST_TEST(rule.matches(event));
    rule.app_id = "b";
    BOOST_TEST(!rule.matches(event));
    rule.app_id.clear();
    event.kind = PlatformEventKind::device_created;
    BOOST_TEST(!rule.matches(event));
}

BOOST_AUTO_TEST_CASE(a_rule_comes_back_from_its_document) {
    auto rule = read_new_rule(
        json::parse(R"({"rule_name": "n", "description": "d", "app_type": "APP", "app_id": "a", )" +
                    subject + "}"));
    BOOST_TEST_REQUIRE(rule.has_value());
    rule->rule_id = "5";
    rule->is_active = true;
    const auto read = rule_of(document_of(*rule));
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST(rule_json(*read) == rule_json(*rule));
    BOOST_TEST(read->is_active);
    BOOST_TEST(!rule_of({.body = "{}"}).has_value());
    BOOST_TEST(!rule_of({.body = "x"}).has_value());
}

BOOST_AUTO_TEST_CASE(an_action_comes_back_with_its_token_which_its_body_does_not_have) {
    auto action = read_new_action(action_with(
        R"({"url": "https://a/x", "cn_name": "c", "sni_enable": true, "signature_enable": true,
            "token": "abc"})"));
    BOOST_TEST_REQUIRE(action.has_value());
    action->action_id = "6";
    const store::Document document = document_of(*action);
    BOOST_TEST(document.parent == "r");
    BOOST_TEST(document.secret == "abc");
    BOOST_TEST(document.body.find("abc") == std::string::npos);
    const auto read = action_of(document);
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST(read->token == "abc");
    BOOST_TEST(action_json(*read) == action_json(*action));
}

BOOST_AUTO_TEST_CASE(a_certificate_is_of_https_and_sni_is_said_or_left_open) {
    auto action = read_new_action(action_with(R"({"url": "https://a/x", "cert_id": "c9"})"));
    BOOST_TEST_REQUIRE(action.has_value());
    BOOST_TEST(action->cert_id == "c9");
    BOOST_TEST(!action->sends_name.has_value());
    BOOST_TEST(action_json(*action_of(document_of(*action))) == action_json(*action));
    action = read_new_action(action_with(R"({"url": "https://a/x", "sni_enable": false})"));
    BOOST_TEST((action->sends_name == false));
    BOOST_TEST(action_json(*action_of(document_of(*action))) == action_json(*action));
}

BOOST_AUTO_TEST_CASE(a_target_without_signature_has_no_token_any_more) {
    auto action = read_new_action(
        action_with(R"({"url": "http://a", "signature_enable": true, "token": "abc"})"));
    BOOST_TEST_REQUIRE(action.has_value());
    const auto changed =
        read_action_update(action_with(R"({"url": "http://b"})"), *std::move(action));
    BOOST_TEST_REQUIRE(changed.has_value());
    BOOST_TEST(document_of(*changed).secret.empty());
    BOOST_TEST(action_of(document_of(*changed)).has_value());
}

BOOST_AUTO_TEST_CASE(a_subscription_is_an_active_rule_with_an_action) {
    const auto made = read_new_subscription(json::parse(
        R"({"callbackurl": "http://a/x", "app_id": "p", "channel": "http", )" + subject + "}"));
    BOOST_TEST_REQUIRE(made.has_value());
    BOOST_TEST(made->rule.is_active);
    BOOST_TEST(made->rule.app_id == "p");
    BOOST_TEST(made->action.url == "http://a/x");
    const auto kept = rule_of(document_of(made->rule));
    BOOST_TEST_REQUIRE(kept.has_value());
    BOOST_TEST(kept->is_subscription);
    BOOST_TEST(read_subscription_update(json::parse(R"({"callbackurl": "http://b"})"), made->action)
                   ->url == "http://b");
    for (const char* const wrong :
         {R"("callbackurl": "a", )", R"()", R"("callbackurl": "http://a", "channel": "amqp", )"}) {
        BOOST_TEST(!read_new_subscription(json::parse("{" + std::string{wrong} + subject + "}"))
                        .has_value(),
                   wrong);
    }
}

BOOST_AUTO_TEST_CASE(what_a_rule_cannot_do_is_refused) {
    BOOST_TEST(problem(read_new_rule(json::parse("{}"))) == "subject must be there");
    BOOST_TEST(problem(read_new_rule(json::parse(
                   R"({"subject": {"resource": "device", "event": "report"}})"))) != "");
    BOOST_TEST(problem(read_new_rule(
                   json::parse(R"({"select": "", "where": "", )" + subject + "}"))) == "");
    BOOST_TEST(problem(read_new_rule(json::parse(R"({"where": "a", )" + subject + "}")))
                   .find("where is not supported") == 0U);
    BOOST_TEST(problem(read_new_rule(json::parse(R"({"app_type": "APP", )" + subject + "}"))) ==
               "app_id must be there");
    BOOST_TEST(problem(read_rule_update(json::parse(R"({"active": 1})"), {})) != "");
    BOOST_TEST(read_rule_update(json::parse(R"({"active": true})"), {})->is_active);
}

BOOST_AUTO_TEST_CASE(what_an_action_cannot_do_is_refused) {
    BOOST_TEST(problem(read_new_action(action_with(R"({"url": "http://a"})"))) == "");
    for (const char* const wrong :
         {R"({})", R"({"url": "a"})", R"({"url": "http://a", "cert_id": "c"})",
          R"({"url": "https://a", "cert_id": 5})", R"({"url": "http://a", "token": "abc"})",
          R"({"url": "http://a", "signature_enable": true})",
          R"({"url": "http://a", "signature_enable": true, "token": "ab"})"}) {
        BOOST_TEST(problem(read_new_action(action_with(wrong))) != "", wrong);
    }
    BOOST_TEST(problem(read_new_action(action_with(R"({"url": "http://a"})", "DIS_FORWARDING")))
                   .find("channel must be HTTP_FORWARDING") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
