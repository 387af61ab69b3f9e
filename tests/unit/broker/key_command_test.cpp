#include "key_command.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <string>
#include <vector>

using namespace holdfast;
using boost::beast::http::verb;

namespace {

/// A server that gives a token, and then the answer that it was told to give.
struct FakeServer {
    std::deque<ApiAnswer> answers{{201, R"({"token":{"project":{"id":"p1"}}})", "t1"}};
    std::vector<ApiQuestion> asked;

    ApiReport run(const KeyCommand& command, std::optional<std::string> password = "secret") {
        return run_key_command(
            command, [this](const ApiQuestion& question) { return answer(question); },
            [password](const std::string&) { return password; });
    }
    ApiAnswer answer(const ApiQuestion& question) {
        asked.push_back(question);
        const ApiAnswer given = answers.front();
        answers.pop_front();
        return given;
    }
    static KeyCommand command(KeyCommand::Action action, std::string key_id = {}) {
        KeyCommand made;
        made.action = action;
        made.key_id = std::move(key_id);
        return made;
    }
};

using Action = KeyCommand::Action;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(key_command, FakeServer)

BOOST_AUTO_TEST_CASE(a_new_key_is_asked_for_and_its_secret_printed) {
    answers.push_back({201, R"({"key_id":"HF1","ak":"HF1","sk":"s","name":"shop"})", {}});
    KeyCommand add = command(Action::add);
    add.name = "shop";
    add.permissions = {"iotda:*", "holdfast:*"};
    add.expires = "20300101T000000Z";
    const ApiReport report = run(add);
    BOOST_TEST(report.is_good);
    BOOST_TEST(report.text == "key_id HF1\nak HF1\nsk s\n");
    BOOST_TEST_REQUIRE(asked.size() == 2U);
    BOOST_TEST(asked[0].target == "/v3/auth/tokens");
    BOOST_TEST(asked[0].body ==
               R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"admin",)"
               R"("password":"secret"}}}}})");
    BOOST_TEST((asked[1].method == verb::post));
    BOOST_TEST(asked[1].target == "/v5/iot/p1/keys");
    BOOST_TEST(asked[1].token == "t1");
    BOOST_TEST(asked[1].body ==
               R"({"kind":"ACCESS_KEY","name":"shop","permissions":["iotda:*","holdfast:*"],)"
               R"("expires_time":"20300101T000000Z"})");
}

BOOST_AUTO_TEST_CASE(keys_are_listed_a_line_each) {
    answers.push_back({200,
                       R"({"keys":[{"key_id":"HF1","kind":"ACCESS_KEY","status":"ENABLED",)"
                       R"("name":"shop","permissions":["a","b"],"last_used_time":"T1"},)"
                       R"({"key_id":"k2","kind":"API_KEY","status":"DISABLED","name":"d",)"
                       R"("permissions":["a"],"expires_time":"T2"}]})",
                       {}});
    BOOST_TEST(run(command(Action::list)).text ==
               "HF1  ACCESS_KEY  ENABLED  last used T1  shop: a b\n"
               "k2  API_KEY  DISABLED  never used  expires T2  d: a\n");
}

BOOST_AUTO_TEST_CASE(a_key_is_disabled_enabled_and_deleted) {
    const ApiAnswer login = answers.front();
    const std::tuple<Action, verb, std::string, unsigned> cases[] = {
        {Action::disable, verb::put, R"({"status":"DISABLED"})", 200},
        {Action::enable, verb::put, R"({"status":"ENABLED"})", 200},
        {Action::remove, verb::delete_, "", 204}};
    for (const auto& [action, method, body, status] : cases) {
        answers = {login, {status, "", {}}};
        const ApiReport report = run(command(action, "HF1"));
        BOOST_TEST(report.is_good);
        BOOST_TEST(report.text.empty());
        BOOST_TEST((asked.back().method == method));
        BOOST_TEST(asked.back().target == "/v5/iot/p1/keys/HF1");
        BOOST_TEST(asked.back().body == body);
    }
}

BOOST_AUTO_TEST_CASE(what_the_server_says_is_told) {
    answers.push_back({404, R"({"error_code":"IOTDA.000190","error_msg":"no such key"})", {}});
    const ApiReport unknown = run(command(Action::enable, "x"));
    BOOST_TEST(!unknown.is_good);
    BOOST_TEST(unknown.text == "the server refuses: no such key (404)");
    answers = {{401, R"({"error":{"message":"wrong"}})", {}}};
    BOOST_TEST(run(command(Action::list)).text == "the server refuses: wrong (401)");
    answers = {{502, "<html>", {}}};
    BOOST_TEST(run(command(Action::list)).text == "the server refuses: HTTP status 502");
    answers = {{0, "connection refused", {}}};
    BOOST_TEST(run(command(Action::list)).text == "the server does not answer: connection refused");
    BOOST_TEST(run(command(Action::list), std::nullopt).text == "there is no password");
}

BOOST_AUTO_TEST_CASE(the_password_is_changed_with_the_old_one) {
    answers = {{204, "", {}}};
    std::vector<std::string> typed{"old", "new-one"};
    std::size_t next = 0;
    const ApiReport report =
        run_admin_command([this](const ApiQuestion& question) { return answer(question); },
                          [&](const std::string&) { return typed[next++]; });
    BOOST_TEST(report.is_good);
    BOOST_TEST(asked[0].target == "/v3/users/admin/password");
    BOOST_TEST(asked[0].body == R"({"user":{"original_password":"old","password":"new-one"}})");
}

BOOST_AUTO_TEST_SUITE_END()
