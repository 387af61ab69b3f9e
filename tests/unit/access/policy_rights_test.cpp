#include "access/policy_rights.hpp"

#include "access/joined_rights.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace holdfast;
using namespace holdfast::access;

namespace {

PolicyStatement statement(bool is_allow, Deeds deeds, const std::vector<std::string>& topics) {
    PolicyStatement made{is_allow, deeds, {}};
    for (const std::string& topic : topics) {
        made.topics.push_back(*TopicPattern::parse(topic, VariableForm::devices));
    }
    return made;
}
PolicyStatement allow(Deeds deeds, const std::string& topic) {
    return statement(true, deeds, {topic});
}
PolicyStatement deny(Deeds deeds, const std::string& topic) {
    return statement(false, deeds, {topic});
}

Who pump() {
    Who who;
    who.device_id = "pump";
    who.node_id = "node";
    who.product_id = "pumps";
    who.app_id = "plant";
    return who;
}

struct World {
    std::shared_ptr<PolicyBook> book = std::make_shared<PolicyBook>();
    PolicyRights rights{book, pump()};

    bool publishes(std::string_view topic) const {
        return rights.may_publish(topic, QoS::at_most_once, false);
    }
    bool subscribes(std::string_view filter) const {
        return rights.may_subscribe(filter, QoS::at_most_once);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(policy_rights, World)

BOOST_AUTO_TEST_CASE(a_device_without_policies_may_everything) {
    BOOST_TEST(publishes("/v1/pump/up"));
    BOOST_TEST(subscribes("#"));
    book->put("p", {{deny(Deeds::all, "#")}});
    BOOST_TEST(publishes("/v1/pump/up"));  // it is bound to nothing
    book->bind("p", PolicyScope::device, "valve");
    BOOST_TEST(publishes("/v1/pump/up"));
}

BOOST_AUTO_TEST_CASE(what_is_allowed_is_all_that_may_be_done) {
    book->put("p", {{allow(Deeds::publish, "/v1/${devices.deviceId}/up")}});
    book->bind("p", PolicyScope::device, "pump");
    BOOST_TEST(publishes("/v1/pump/up"));
    BOOST_TEST(!publishes("/v1/valve/up"));
    BOOST_TEST(!publishes("other"));
    BOOST_TEST(subscribes("other"));  // nothing was said about subscribing
}

BOOST_AUTO_TEST_CASE(a_denial_alone_leaves_the_rest) {
    book->put("p", {{deny(Deeds::publish | Deeds::subscribe, "secret/#")}});
    book->bind("p", PolicyScope::product, "pumps");
    BOOST_TEST(!publishes("secret/a"));
    BOOST_TEST(publishes("open"));
    BOOST_TEST(!subscribes("secret/+"));
    BOOST_TEST(!subscribes("#"));  // it would bring what is denied
    BOOST_TEST(!rights.may_receive("secret/a"));
    BOOST_TEST(rights.may_receive("open"));
}

BOOST_AUTO_TEST_CASE(a_denial_wins_wherever_it_is_bound) {
    book->put("allow", {{allow(Deeds::publish, "a/#")}});
    book->put("deny", {{deny(Deeds::publish, "a/b")}});
    book->bind("allow", PolicyScope::device, "pump");
    book->bind("deny", PolicyScope::app, "plant");
    BOOST_TEST(publishes("a/c"));
    BOOST_TEST(!publishes("a/b"));
    book->unbind("deny", PolicyScope::app, "plant");
    BOOST_TEST(publishes("a/b"));
}

BOOST_AUTO_TEST_CASE(an_allowed_filter_must_cover_the_whole_subscription) {
    book->put("p", {{allow(Deeds::subscribe, "/v1/${devices.nodeId}/${devices.productId}/#")}});
    book->bind("p", PolicyScope::device, "pump");
    BOOST_TEST(subscribes("/v1/node/pumps/#"));
    BOOST_TEST(!subscribes("$share/group/v1/node/pumps/x"));
    BOOST_TEST(subscribes("$share/group//v1/node/pumps/x"));
    BOOST_TEST(!subscribes("/v1/+/pumps/x"));
    BOOST_TEST(!subscribes("/v1/#"));
}

BOOST_AUTO_TEST_CASE(the_platforms_topics_are_not_their_matter) {
    book->put("p", {{deny(Deeds::all, "#"), deny(Deeds::all, "$oc/#")}});
    book->bind("p", PolicyScope::device, "pump");
    BOOST_TEST(publishes("$oc/devices/pump/sys/messages/up"));
    BOOST_TEST(rights.may_receive("$oc/devices/pump/sys/messages/down"));
    BOOST_TEST(!publishes("a"));
}

BOOST_AUTO_TEST_CASE(a_change_holds_for_the_next_question) {
    book->put("p", {{allow(Deeds::publish, "a")}});
    book->bind("p", PolicyScope::device, "pump");
    BOOST_TEST(!publishes("b"));
    book->put("p", {{allow(Deeds::publish, "b")}});
    BOOST_TEST(publishes("b"));
    book->forget(PolicyScope::device, "pump");
    BOOST_TEST(publishes("c"));
    book->bind("p", PolicyScope::device, "pump");
    BOOST_TEST(!publishes("c"));
    book->remove("p");
    BOOST_TEST(publishes("c"));
    book->bind("p", PolicyScope::device, "pump");  // there is none any more
    BOOST_TEST(publishes("c"));
}

BOOST_AUTO_TEST_CASE(joined_rights_allow_what_both_allow) {
    const auto other = std::make_shared<PolicyBook>();
    book->put("p", {{deny(Deeds::all, "a")}});
    book->bind("p", PolicyScope::device, "pump");
    other->put("p", {{deny(Deeds::all, "b")}});
    other->bind("p", PolicyScope::device, "pump");
    const auto one = std::make_shared<const PolicyRights>(book, pump());
    const auto two = std::make_shared<const PolicyRights>(other, pump());
    const auto both = join(one, two);
    BOOST_TEST(!both->may_publish("a", QoS::at_most_once, false));
    BOOST_TEST(!both->may_subscribe("b", QoS::at_most_once));
    BOOST_TEST(!both->may_receive("b"));
    BOOST_TEST(both->may_receive("c"));
    BOOST_TEST(join(nullptr, two) == two);
    BOOST_TEST(join(one, nullptr) == one);
}

BOOST_AUTO_TEST_SUITE_END()
