#include "access/rule_rights.hpp"

#include "access/rules_file.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;

namespace {

RuleSetPtr rules_about(const std::string& topic) {
    const std::string text =
        "[[rules]]\nwho = \"*\"\nallow = \"readwrite\"\ntopics = [\"" + topic + "\"]\n";
    return std::make_shared<const RuleSet>(*parse_rules_file(text, "rules"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rule_rights)

BOOST_AUTO_TEST_CASE(a_change_of_the_book_holds_for_the_next_question) {
    const auto book = std::make_shared<RuleBook>(rules_about("a/#"));
    const RuleRights rights{book, {.client_id = "c"}};
    BOOST_TEST(rights.may_publish("a/x", QoS::at_most_once, false));
    BOOST_TEST(rights.may_subscribe("a/+", QoS::at_most_once));
    BOOST_TEST(rights.may_receive("a/x"));
    book->replace(rules_about("b"));
    BOOST_TEST(!rights.may_publish("a/x", QoS::at_most_once, false));
    BOOST_TEST(!rights.may_subscribe("a/+", QoS::at_most_once));
    BOOST_TEST(!rights.may_receive("a/x"));
    BOOST_TEST(rights.may_receive("b"));
}

BOOST_AUTO_TEST_CASE(a_shared_subscription_is_judged_by_its_filter) {
    const auto book = std::make_shared<RuleBook>(rules_about("a/#"));
    const RuleRights rights{book, {.client_id = "c"}};
    BOOST_TEST(rights.may_subscribe("$share/g/a/b", QoS::at_most_once));
    BOOST_TEST(!rights.may_subscribe("$share/a/b", QoS::at_most_once));
    BOOST_TEST(!rights.may_subscribe("$share/g/#", QoS::at_most_once));
    BOOST_TEST(!rights.may_subscribe("$share/g", QoS::at_most_once));
}

BOOST_AUTO_TEST_CASE(the_platforms_topics_are_not_a_matter_of_rules_for_devices) {
    const auto book = std::make_shared<RuleBook>(rules_about("a"));
    const RuleRights device{book, {.client_id = "c", .device_id = "d"}};
    const RuleRights user{book, {.client_id = "c", .user_name = "d"}};
    BOOST_TEST(device.may_subscribe("$oc/devices/d/sys/messages/down", QoS::at_most_once));
    BOOST_TEST(device.may_receive("$oc/devices/d/sys/messages/down"));
    BOOST_TEST(!device.may_receive("b"));
    BOOST_TEST(!user.may_subscribe("$oc/devices/d/sys/messages/down", QoS::at_most_once));
}

BOOST_AUTO_TEST_SUITE_END()
