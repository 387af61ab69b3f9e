#include "api/handlers/explain.hpp"

#include "unit/api/api_world.hpp"
#include "unit/api/fake_topics.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using namespace holdfast::api;

class FakeSource final : public ExplainSource {
public:
    [[nodiscard]] std::optional<Explanation> explain(
        const ExplainQuestion& question) const override {
        asked = question;
        return answer;
    }
    mutable ExplainQuestion asked;
    std::optional<Explanation> answer{Explanation{false, "by acl:3", {}}};
};

struct Served : ApiWorld {
    FakeSource source;
    FakeTopics topics;
    Served() { add_explain_routes(routes, {source, *catalogue, executor, topics}); }

    std::string told(const std::string& rest) {
        const Response response = ask(http::verb::get, "/admin/explain/" + rest);
        return std::to_string(response.result_int()) + " " + response.body();
    }
    std::string wrong(const std::string& rest) {
        const Response response = ask(http::verb::get, "/admin/explain/" + rest);
        BOOST_TEST(response.result_int() == 400U);
        return error_message_of(response);
    }
    store::Device device(const std::string& id) const {
        store::Device made;
        made.device_id = made.node_id = id;
        made.product_id = installation.default_product_id;
        made.secret = "12345678";
        return made;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(explaining, Served)

BOOST_AUTO_TEST_CASE(the_question_reaches_who_knows_and_the_answer_comes_back) {
    BOOST_TEST(
        told("publish?client_id=c%201&user=alice&listener=1883&topic=a/b&qos=1&retain=true") ==
        "200 {\"allowed\":false,\"because\":\"by acl:3\"}\n");
    BOOST_TEST((source.asked.deed == ExplainQuestion::Deed::publish));
    BOOST_TEST(source.asked.client_id == "c 1");
    BOOST_TEST(source.asked.user_name.value() == "alice");
    BOOST_TEST(source.asked.listener_port.value() == 1883);
    BOOST_TEST(source.asked.topic == "a/b");
    BOOST_TEST(source.asked.qos == 1);
    BOOST_TEST(source.asked.retain);
    (void)told("subscribe?client_id=c&topic=%23");
    BOOST_TEST((source.asked.deed == ExplainQuestion::Deed::subscribe));
    BOOST_TEST(source.asked.topic == "#");
    BOOST_TEST(!source.asked.user_name.has_value());
    BOOST_TEST(!source.asked.listener_port.has_value());
    (void)told("connect?client_id=c");
    BOOST_TEST((source.asked.deed == ExplainQuestion::Deed::connect));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_question_is_said) {
    BOOST_TEST(wrong("connect") == "client_id must be there");
    BOOST_TEST(wrong("publish?client_id=c") == "topic must be there");
    BOOST_TEST(wrong("publish?client_id=c&topic=t&qos=3") == "qos must be a number from 0 to 2");
    BOOST_TEST(wrong("connect?client_id=c&listener=x") ==
               "listener must be a number from 0 to 65535");
    BOOST_TEST(wrong("publish?client_id=c&topic=t&retain=1") == "retain must be true or false");
    source.answer.reset();
    BOOST_TEST(wrong("connect?client_id=c&listener=9") ==
               "listener must be the port of an MQTT listener");
}

BOOST_AUTO_TEST_CASE(a_device_is_judged_by_what_is_known_of_it) {
    test_support::CatalogueCaller caller{*catalogue};
    BOOST_TEST(!caller.add_device(device("pump")).error);
    store::Device frozen = device("frozen");
    frozen.is_frozen = true;
    BOOST_TEST(!caller.add_device(frozen).error);
    store::Device with_certificate = device("cert");
    with_certificate.auth_type = store::AuthType::certificates;
    with_certificate.secret.clear();
    with_certificate.is_secure_access = true;
    BOOST_TEST(!caller.add_device(with_certificate).error);
    const auto told_of = [&](const char* device_id) {
        source.answer = Explanation{true, "", device_id};
        return told("connect?client_id=c");
    };
    BOOST_TEST(told_of("nobody") ==
               "200 {\"allowed\":false,\"because\":\"there is no such device\"}\n");
    BOOST_TEST(told_of("frozen") ==
               "200 {\"allowed\":false,\"because\":\"the device is frozen\"}\n");
    BOOST_TEST(told_of("pump") ==
               "200 {\"allowed\":true,\"because\":\"with the password that the "
               "device makes of its secret\"}\n");
    BOOST_TEST(told_of("cert") ==
               "200 {\"allowed\":true,\"because\":\"with the device's "
               "certificate, over TLS only\"}\n");
}

BOOST_AUTO_TEST_CASE(custom_topics_are_judged_by_the_product_of_the_device) {
    test_support::CatalogueCaller caller{*catalogue};
    BOOST_TEST(!caller.add_device(device("pump")).error);
    const std::string whose = "the custom topics of the product " + installation.default_product_id;
    const auto answer = [&](bool is_allowed) {
        return std::string{"200 {\"allowed\":"} + (is_allowed ? "true" : "false") +
               ",\"because\":\"" + whose + (is_allowed ? " allow it" : " do not allow it") + "\"}\n";
    };
    source.answer = Explanation{true, "", "pump"};
    BOOST_TEST(told("publish?client_id=c&topic=up") == answer(true));
    BOOST_TEST(told("publish?client_id=c&topic=down") == answer(false));
    BOOST_TEST(told("subscribe?client_id=c&topic=down") == answer(true));
    BOOST_TEST(told("subscribe?client_id=c&topic=up") == answer(false));
    source.answer = Explanation{true, "", "nobody"};
    BOOST_TEST(told("publish?client_id=c&topic=up") ==
               "200 {\"allowed\":false,\"because\":\"there is no such device\"}\n");
}

BOOST_AUTO_TEST_CASE(nobody_is_told_without_a_token) {
    token.clear();
    BOOST_TEST(ask(http::verb::get, "/admin/explain/connect?client_id=c").result_int() == 401U);
}

BOOST_AUTO_TEST_SUITE_END()
