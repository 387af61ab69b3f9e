#include "http_login.hpp"

#include "support/counting_bytes.hpp"
#include "support/manual_executor.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace holdfast;
using Result_ = ServiceAnswer::Result;

namespace {

class StandingClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return instant; }
    [[nodiscard]] WallTime wall_now() const override { return wall; }
    Instant instant{Seconds{1000}};
    WallTime wall{Seconds{500}};
};

struct Fixture {
    void open(std::optional<Seconds> cache = Seconds{10}) {
        HttpLoginSettings settings;
        settings.url = "http://127.0.0.1:9/login?x";
        settings.cache = cache;
        login.emplace(settings, nullptr, clock, random, home,
                      [this](api::ClientRequest request, api::ClientDone done) {
                          requests.emplace_back(std::move(request), std::move(done));
                      });
    }

    /// Who has no answer yet counts as "waits".
    std::size_t ask(std::string_view password, std::string_view client_id = "c") {
        const session::Credentials credentials{.client_id = client_id,
                                               .user_name = "alice",
                                               .password = as_bytes(password),
                                               .peer = *parse_address("192.0.2.7", 5),
                                               .tls = nullptr,
                                               .listener = 0,
                                               .is_secure = true,
                                               .protocol_level = 5};
        answers.emplace_back();
        const std::size_t index = answers.size() - 1;
        login->ask(credentials, "127.0.0.1:1883", shard,
                   [this, index](const ServiceAnswer& answer) { answers[index] = answer; });
        while (home.waiting() != 0) home.run_one();
        return index;
    }
    void respond(unsigned status, std::string body) {
        auto [request, done] = std::move(requests.front());
        requests.pop_front();
        api::ClientResponse response;
        response.status = status;
        response.body = std::move(body);
        done(std::move(response));
        while (shard.waiting() != 0) shard.run_one();
    }
    ServiceAnswer told(unsigned status, std::string body) {
        api::ClientResponse response;
        response.status = status;
        response.body = std::move(body);
        return answer_of(api::ClientResult{std::move(response)}, clock);
    }

    StandingClock clock;
    test_support::CountingBytes random;
    test_support::ManualExecutor home;
    test_support::ManualExecutor shard;
    std::deque<std::pair<api::ClientRequest, api::ClientDone>> requests;
    std::deque<std::optional<ServiceAnswer>> answers;
    std::optional<HttpLogin> login;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_login, Fixture)

BOOST_AUTO_TEST_CASE(a_question_says_what_the_client_shows) {
    const session::TlsIdentity tls{.common_name = "gate", .fingerprint = "ab"};
    const std::string secret = "s\"";
    session::Credentials credentials{.client_id = "c",
                                     .user_name = "alice",
                                     .password = as_bytes(secret),
                                     .peer = *parse_address("2001:db8::1", 99),
                                     .tls = &tls,
                                     .listener = 0,
                                     .is_secure = true,
                                     .protocol_level = 4};
    BOOST_TEST(boost::json::parse(question_of(credentials, "[::1]:1883")) ==
               boost::json::parse(R"({"client_id": "c", "user_name": "alice", "password": "s\"",
                   "peer_address": "2001:db8::1", "listener": "[::1]:1883", "is_secure": true,
                   "protocol_level": 4, "tls_common_name": "gate", "tls_fingerprint": "ab"})"));
    credentials.user_name.reset();
    credentials.password.reset();
    credentials.tls = nullptr;
    BOOST_TEST(boost::json::parse(question_of(credentials, "x")) ==
               boost::json::parse(R"({"client_id": "c", "user_name": null, "password": null,
                   "peer_address": "2001:db8::1", "listener": "x", "is_secure": true,
                   "protocol_level": 4})"));
}

BOOST_AUTO_TEST_CASE(a_request_goes_where_the_url_says) {
    open();
    ask("secret");
    BOOST_TEST_REQUIRE(requests.size() == 1U);
    const api::ClientRequest& request = requests.front().first;
    BOOST_TEST((request.method == boost::beast::http::verb::post));
    BOOST_TEST(request.url.origin() == "http://127.0.0.1:9");
    BOOST_TEST(request.url.target == "/login?x");
    BOOST_TEST(request.fields.front().second == "application/json");
    BOOST_TEST((request.limits.request_timeout == Milliseconds{5'000}));
}

BOOST_AUTO_TEST_CASE(the_three_results_are_understood) {
    const ServiceAnswer allow = told(200, R"({"result": "allow"})");
    BOOST_TEST((allow.result == Result_::allow));
    BOOST_TEST(allow.rules == nullptr);
    BOOST_TEST((allow.valid_until == never));
    BOOST_TEST((told(200, R"({"result": "ignore"})").result == Result_::ignore));
    const ServiceAnswer deny = told(200, R"({"result": "deny", "reason": "unpaid"})");
    BOOST_TEST((deny.result == Result_::deny));
    BOOST_TEST(deny.detail == "the service of http_login_url says no: unpaid");
}

BOOST_AUTO_TEST_CASE(an_allowed_client_may_have_rules_and_an_end) {
    const ServiceAnswer answer = told(200, R"({"result": "allow", "expires_at": 530,
        "acl": [{"allow": ["publish"], "topics": ["t"]}]})");
    BOOST_TEST((answer.result == Result_::allow));
    BOOST_TEST((answer.valid_until == clock.instant + Seconds{30}));
    BOOST_TEST_REQUIRE(answer.rules != nullptr);
    BOOST_TEST(answer.rules->rules.size() == 1U);
    BOOST_TEST((told(200, R"({"result": "allow", "acl": null, "expires_at": null})").result ==
                Result_::allow));
}

BOOST_AUTO_TEST_CASE(whatever_else_is_no_answer) {
    for (const unsigned status : {201U, 204U, 301U, 401U, 403U, 500U, 503U}) {
        BOOST_TEST((told(status, R"({"result": "allow"})").result == Result_::unavailable));
    }
    for (const char* const body :
         {"", "allow", "[]", "{}", R"({"result": "yes"})", R"({"result": true})",
          R"({"result": "allow", "acls": []})", R"({"result": "allow", "acl": {}})",
          R"({"result": "allow", "acl": [{"allow": ["all"], "topics": ["t"]}]})",
          R"({"result": "allow", "expires_at": "tomorrow"})",
          R"({"result": "allow", "expires_at": -1})",
          R"({"result": "allow", "expires_at": 253402300800})", R"({"result": "allow")"}) {
        BOOST_TEST((told(200, body).result == Result_::unavailable), body);
    }
    const api::ClientResult failed = api::ClientError{api::ClientFailure::timed_out, "too late"};
    BOOST_TEST((answer_of(failed, clock).result == Result_::unavailable));
    BOOST_TEST(answer_of(failed, clock).detail ==
               "the service of http_login_url: timed_out: too late");
}

BOOST_AUTO_TEST_CASE(the_same_question_is_asked_once_for_a_time) {
    open();
    const auto first = ask("secret");
    const auto same = ask("secret");
    BOOST_TEST(requests.size() == 1U);
    respond(200, R"({"result": "allow"})");
    BOOST_TEST_REQUIRE(answers[first].has_value());
    BOOST_TEST_REQUIRE(answers[same].has_value());
    BOOST_TEST((answers[same]->result == Result_::allow));
    BOOST_TEST(answers[ask("secret")].has_value());
    BOOST_TEST(requests.empty());
    BOOST_TEST(!answers[ask("Secret")].has_value());
    BOOST_TEST(!answers[ask("secret", "d")].has_value());
    BOOST_TEST(requests.size() == 2U);
    clock.instant += Seconds{10};
    BOOST_TEST(!answers[ask("secret")].has_value());
    BOOST_TEST(requests.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_failure_is_asked_about_again) {
    open();
    const auto first = ask("secret");
    respond(500, "");
    BOOST_TEST((answers[first]->result == Result_::unavailable));
    BOOST_TEST(!answers[ask("secret")].has_value());
    respond(200, R"({"result": "deny"})");
    BOOST_TEST((answers[ask("secret")]->result == Result_::deny));
}

BOOST_AUTO_TEST_CASE(without_a_cache_everything_is_asked) {
    open(std::nullopt);
    ask("secret");
    respond(200, R"({"result": "allow"})");
    BOOST_TEST(!answers[ask("secret")].has_value());
    BOOST_TEST(requests.size() == 1U);
}

BOOST_AUTO_TEST_CASE(no_more_questions_are_asked_at_once_than_may) {
    open();
    for (std::size_t i = 0; i < HttpLogin::asked_max; ++i) {
        BOOST_TEST_REQUIRE(!answers[ask(std::to_string(i))].has_value());
    }
    const auto beyond = ask("one more");
    BOOST_TEST_REQUIRE(answers[beyond].has_value());
    BOOST_TEST((answers[beyond]->result == Result_::unavailable));
    respond(200, R"({"result": "allow"})");
    BOOST_TEST(!answers[ask("one more")].has_value());
}

BOOST_AUTO_TEST_CASE(a_password_that_is_no_text_is_denied_without_a_question) {
    open();
    const auto index = ask("\xff\xfe");
    BOOST_TEST_REQUIRE(answers[index].has_value());
    BOOST_TEST((answers[index]->result == Result_::deny));
    BOOST_TEST(requests.empty());
}

BOOST_AUTO_TEST_SUITE_END()
