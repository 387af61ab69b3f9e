#include "api/request_access.hpp"

#include "api/contract_time.hpp"
#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct World : ApiWorld {
    std::vector<std::string> uses;
    RequestAccess noting{tokens, keys, clock, installation.project_id,
                         [this](const AppKey& key, WallTime step) {
                             uses.push_back(key.key_id + " " + contract_time(step));
                         }};

    AppKeyFacts facts(KeyKind kind, std::string id, std::string secret) const {
        AppKeyFacts made;
        made.kind = kind;
        made.key_id = std::move(id);
        made.secret = std::move(secret);
        made.project_id = installation.project_id;
        made.permissions = Permissions{{"iotda:messages:send"}};
        return made;
    }
    void put(AppKeyFacts made) { keys.put(std::make_shared<const AppKey>(std::move(made))); }
    void put_api_key(bool is_enabled = true, std::optional<WallTime> expires_at = {}) {
        AppKeyFacts made = facts(KeyKind::api_key, "k1", sha256_hex("hf_1"));
        made.is_enabled = is_enabled;
        made.expires_at = expires_at;
        put(std::move(made));
    }

    boost::system::result<Caller, Response> judge(Request request, const std::string& project_id,
                                                  Action action = Action::messages_send) {
        return noting.judge(
            Exchange{std::move(request), {{{"project_id", project_id}}, {}}}, action);
    }
    boost::system::result<Caller, Response> judge_with(const char* name, const std::string& value,
                                                       Action action = Action::messages_send) {
        Request request{http::verb::get, "/", 11};
        if (!value.empty()) request.set(name, value);
        return judge(std::move(request), installation.project_id, action);
    }
    /// The first vector of the contract, with a header more.
    Request signed_request(const char* name = "X-Other", const char* value = "") const {
        Request request{http::verb::post, "/v5/iot/p0001/devices/dev-1/messages", 11,
                        R"({"message":"HelloWorld"})"};
        request.set("Host", "127.0.0.1:8080");
        request.set("Content-Type", "application/json");
        request.set("X-Sdk-Date", "20260101T000000Z");
        request.set("Authorization",
                    "SDK-HMAC-SHA256 Access=TESTAK, SignedHeaders=content-type;host;x-sdk-date, "
                    "Signature=90a15ff9abb34055a833c4d1fffa10bfeb9736b4ee7dde787d23850b8367d70b");
        request.set(name, value);
        return request;
    }
    boost::system::result<Caller, Response> judge_signed(const char* name = "X-Other",
                                                         const char* value = "") {
        return judge(signed_request(name, value), installation.project_id);
    }
};

void check_refused(const boost::system::result<Caller, Response>& judged, unsigned status,
                   std::string_view code, std::string_view part) {
    BOOST_TEST_REQUIRE(judged.has_error());
    BOOST_TEST(judged.error().result_int() == status);
    BOOST_TEST(error_code_of(judged.error()) == code);
    const std::string message = error_message_of(judged.error());
    BOOST_TEST((message.find(part) != std::string::npos), message);
    BOOST_TEST(judged.error()[http::field::www_authenticate].empty() == (status != 401));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(request_access, World)

BOOST_AUTO_TEST_CASE(a_valid_token_may_do_everything_in_its_project) {
    for (std::size_t i = 0; i < action_count; ++i) {
        const auto judged = judge_with("x-auth-token", token, static_cast<Action>(i));
        BOOST_TEST_REQUIRE(judged.has_value());
        BOOST_TEST(judged->user == (i == 0 ? "" : "admin"));
    }
}

BOOST_AUTO_TEST_CASE(without_a_valid_token_it_is_401) {
    check_refused(judge_with("X-Auth-Token", ""), 401, "IOTDA.000002", "X-Auth-Token is missing");
    for (const std::string& shown : {std::string{"x"}, token + "0"}) {
        check_refused(judge_with("X-Auth-Token", shown), 401, "IOTDA.000002", "token is unknown");
    }
    clock.wall += token_lifetime;
    check_refused(judge_with("X-Auth-Token", token), 401, "IOTDA.000002", "has expired");
    check_refused(judge_with("Authorization", "Basic eA=="), 401, "IOTDA.000002", "another scheme");
}

BOOST_AUTO_TEST_CASE(nobody_is_asked_who_they_are_for_what_is_open) {
    const auto judged = judge_with("X-Auth-Token", "x", Action::open);
    BOOST_TEST_REQUIRE(judged.has_value());
    BOOST_TEST(judged->user.empty());
}

BOOST_AUTO_TEST_CASE(another_project_is_403_after_401) {
    put_api_key();
    for (const char* project : {"", "other"}) {
        Request request{http::verb::get, "/", 11};
        request.set("X-Auth-Token", token);
        check_refused(judge(request, project), 403, "IOTDA.000004", "the token is not for");
        request.erase("X-Auth-Token");
        request.set("X-Api-Key", "hf_1");
        check_refused(judge(request, project), 403, "IOTDA.000004", "the key is not for");
        request.set("X-Api-Key", "x");
        check_refused(judge(request, project), 401, "IOTDA.000002", "the API key is unknown");
    }
}

BOOST_AUTO_TEST_CASE(an_api_key_comes_in_either_header_and_does_what_it_may) {
    put_api_key();
    for (const auto& [name, value] :
         {std::pair{"X-Api-Key", "hf_1"}, std::pair{"Authorization", "Bearer hf_1"}}) {
        const auto judged = judge_with(name, value);
        BOOST_TEST_REQUIRE(judged.has_value());
        BOOST_TEST(judged->name() == "key k1");
        check_refused(judge_with(name, value, Action::messages_query), 403, "IOTDA.000022",
                      "does not have the permission iotda:messages:query");
        check_refused(judge_with(name, value, Action::keys_manage), 403, "IOTDA.000022",
                      "holdfast:keys:manage is for who has logged in");
        BOOST_TEST(judge_with(name, value, Action::identity).has_value());
    }
}

BOOST_AUTO_TEST_CASE(a_disabled_or_expired_api_key_is_refused) {
    put_api_key(false);
    check_refused(judge_with("X-Api-Key", "hf_1"), 401, "IOTDA.000002", "k1 is disabled");
    put_api_key(true, clock.wall + Seconds{1});
    BOOST_TEST(judge_with("X-Api-Key", "hf_1").has_value());
    clock.wall += Seconds{1};
    check_refused(judge_with("X-Api-Key", "hf_1"), 401, "IOTDA.000002", "k1 has expired");
}

BOOST_AUTO_TEST_CASE(a_signature_is_judged_with_the_key_that_it_names) {
    check_refused(judge_signed(), 401, "APIGW.0301",
                  "Incorrect IAM authentication information: ak TESTAK not exist");
    put(facts(KeyKind::access_key, "TESTAK", "TESTSK"));
    const auto judged = judge_signed();
    BOOST_TEST_REQUIRE(judged.has_value());
    BOOST_TEST(judged->name() == "key TESTAK");
    put(facts(KeyKind::access_key, "TESTAK", "TESTSJ"));
    check_refused(judge_signed(), 401, "APIGW.0301",
                  "Incorrect IAM authentication information: verify aksk signature fail");
    put(facts(KeyKind::access_key, "TESTAK", "TESTSK"));
    clock.wall += Seconds{15 * 60 + 1};
    check_refused(judge_signed(), 401, "APIGW.0301", "set the clock");
}

BOOST_AUTO_TEST_CASE(temporary_credentials_are_refused_with_a_reason) {
    put(facts(KeyKind::access_key, "TESTAK", "TESTSK"));
    check_refused(judge_signed("X-Security-Token", "t"), 401, "APIGW.0301",
                  "temporary credentials, which are not offered");
}

BOOST_AUTO_TEST_CASE(only_who_has_the_secret_learns_that_a_key_is_disabled) {
    AppKeyFacts disabled = facts(KeyKind::access_key, "TESTAK", "TESTSK");
    disabled.is_enabled = false;
    put(disabled);
    check_refused(judge_signed(), 401, "APIGW.0301", "ak TESTAK is disabled");
    disabled.secret = "other";
    put(disabled);
    check_refused(judge_signed(), 401, "APIGW.0301", "verify aksk signature fail");
}

BOOST_AUTO_TEST_CASE(the_first_credential_of_the_order_is_judged) {
    put(facts(KeyKind::access_key, "TESTAK", "TESTSK"));
    check_refused(judge_signed("X-Auth-Token", "x"), 401, "IOTDA.000002", "token is unknown");
    check_refused(judge_signed("X-Api-Key", "x"), 401, "IOTDA.000002", "API key is unknown");
}

BOOST_AUTO_TEST_CASE(errors_of_the_identity_paths_have_the_shape_of_keystone) {
    const auto judged = judge_with("X-Auth-Token", "x", Action::identity);
    BOOST_TEST_REQUIRE(judged.has_error());
    const auto error = object_of(judged.error()).at("error").as_object();
    BOOST_TEST(error.at("code").as_int64() == 401);
    BOOST_TEST(error.at("title").as_string() == "Unauthorized");
    BOOST_TEST(!error.at("message").as_string().empty());
    BOOST_TEST(!judged.error()[http::field::www_authenticate].empty());
}

BOOST_AUTO_TEST_CASE(the_first_use_of_an_hour_is_told) {
    put_api_key();
    for (int i = 0; i < 2; ++i) BOOST_TEST(judge_with("X-Api-Key", "hf_1").has_value());
    BOOST_TEST(!judge_with("X-Api-Key", "hf_2").has_value());
    clock.wall += Seconds{3'600};
    BOOST_TEST(judge_with("X-Api-Key", "hf_1").has_value());
    BOOST_TEST_REQUIRE(uses.size() == 2U);
    BOOST_TEST(uses[0] == "k1 20260101T000000Z");
    BOOST_TEST(uses[1] == "k1 20260101T010000Z");
}

BOOST_AUTO_TEST_SUITE_END()
