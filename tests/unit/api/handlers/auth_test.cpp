#include "api/handlers/auth.hpp"

#include "unit/api/api_world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using std::chrono_literals::operator""s;

struct World : ApiWorld {
    PasswordWorker passwords;

    World() {
        add_auth_routes(routes, {*catalogue, executor, tokens, passwords, installation, clock,
                                 random, cheap_password});
    }

    static std::string body(std::string_view user, std::string_view given_password,
                            const boost::json::value& scope = {{"project", {{"name", "here"}}}}) {
        return boost::json::serialize(
            boost::json::value{{"auth",
                                {{"identity",
                                  {{"methods", boost::json::array{"password"}},
                                   {"password",
                                    {{"user",
                                      {{"name", user},
                                       {"password", given_password},
                                       {"domain", {{"name", "account"}}}}}}}}},
                                 {"scope", scope}}}});
    }
    Response log_in(std::string_view user, std::string_view given_password) {
        return ask(http::verb::post, "/v3/auth/tokens", body(user, given_password));
    }
    Response change(std::string_view original, std::string_view given,
                    const std::string& user_id = "admin") {
        const boost::json::value request{
            {"user", {{"original_password", original}, {"password", given}}}};
        return ask(http::verb::post, "/v3/users/" + user_id + "/password",
                   boost::json::serialize(request));
    }
    static std::string message(const Response& response) {
        const auto error = object_of(response).at("error").as_object();
        BOOST_TEST(error.at("code").as_int64() == static_cast<int>(response.result_int()));
        BOOST_TEST(!error.at("title").as_string().empty());
        return std::string{error.at("message").as_string()};
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(auth, World)

BOOST_AUTO_TEST_CASE(the_right_password_gives_a_token_that_works) {
    token.clear();
    const Response response = log_in("admin", password);
    BOOST_TEST(response.result_int() == 201U);
    token = std::string{response["X-Subject-Token"]};
    BOOST_TEST(tokens.find_user(token, clock.wall).value() == "admin");
    const auto about = object_of(response).at("token").as_object();
    BOOST_TEST(about.at("issued_at").as_string() == "2026-01-01T00:00:00.000000Z");
    BOOST_TEST(about.at("expires_at").as_string() == "2026-01-02T00:00:00.000000Z");
    BOOST_TEST(about.at("methods").at(0).as_string() == "password");
    BOOST_TEST(about.at("project").at("id").as_string() == installation.project_id);
    BOOST_TEST(about.at("project").at("name").as_string() == "here");
    BOOST_TEST(about.at("user").at("name").as_string() == "admin");
    BOOST_TEST(about.at("user").at("domain").at("id").as_string() == installation.domain_id);
    BOOST_TEST(about.at("catalog").as_array().empty());
    BOOST_TEST(ask(http::verb::get, "/v3/projects").result_int() == 200U);
}

BOOST_AUTO_TEST_CASE(a_token_is_durable_before_it_is_given) {
    const Response response = log_in("admin", password);
    Tokens after{random};
    test_support::CatalogueCaller caller{*catalogue};
    BOOST_TEST(after.load(caller.find_setting("tokens").found.value(), clock.wall));
    BOOST_TEST(after.find_user(response["X-Subject-Token"], clock.wall).has_value());
}

BOOST_AUTO_TEST_CASE(a_wrong_password_and_an_unknown_user_are_told_the_same) {
    const Response wrong = log_in("admin", "guess");
    const Response unknown = log_in("nobody", password);
    BOOST_TEST(wrong.result_int() == 401U);
    BOOST_TEST(message(wrong) == "The username or password is wrong.");
    BOOST_TEST(object_of(wrong).at("error").at("title").as_string() == "Unauthorized");
    BOOST_TEST(unknown.result_int() == 401U);
    BOOST_TEST(unknown.body() == wrong.body());
    BOOST_TEST(wrong["X-Subject-Token"].empty());
}

BOOST_AUTO_TEST_CASE(guessing_is_made_slow_for_address_and_user) {
    for (int i = 0; i < 6; ++i) BOOST_TEST(log_in("admin", "guess").result_int() == 401U);
    const Response refused = log_in("admin", password);
    BOOST_TEST(refused.result_int() == 429U);
    BOOST_TEST(refused[http::field::retry_after] == "1");
    BOOST_TEST(message(refused) == "too many wrong passwords; try again in 1 s");
    peer = "192.0.2.8:1";  // the user's name still counts
    BOOST_TEST(log_in("admin", password).result_int() == 429U);
    BOOST_TEST(log_in("nobody", "guess").result_int() == 401U);
    peer = "192.0.2.7:2";  // and so does the address
    BOOST_TEST(log_in("nobody", "guess").result_int() == 429U);
    clock.instant += 1s;
    BOOST_TEST(log_in("admin", password).result_int() == 201U);
    BOOST_TEST(log_in("admin", "guess").result_int() == 401U);
}

BOOST_AUTO_TEST_CASE(the_project_asked_for_must_be_this_one) {
    const auto for_project = [&](const std::string& id) {
        return ask(http::verb::post, "/v3/auth/tokens",
                   body("admin", password, {{"project", {{"id", id}}}}));
    };
    BOOST_TEST(for_project(installation.project_id).result_int() == 201U);
    const Response other = for_project("other");
    BOOST_TEST(other.result_int() == 401U);
    BOOST_TEST(message(other) == "the project auth.scope.project.id is not of this server");
    BOOST_TEST(ask(http::verb::post, "/v3/auth/tokens?nocatalog=true",
                   body("admin", password, {{"domain", {{"name", "account"}}}}))
                   .result_int() == 201U);
}

BOOST_AUTO_TEST_CASE(a_request_that_says_too_little_is_told_what_is_missing) {
    const auto told = [&](std::string request) {
        const Response response = ask(http::verb::post, "/v3/auth/tokens", std::move(request));
        BOOST_TEST(response.result_int() == 400U);
        return message(response);
    };
    BOOST_TEST(told("{").starts_with("the body is not JSON"));
    BOOST_TEST(told("{}") == "auth must be there");
    BOOST_TEST(told(R"({"auth":{"identity":{"methods":["token"]}}})") ==
               "auth.identity.methods must contain \"password\", the one method that is offered");
    BOOST_TEST(told(R"({"auth":{"identity":{"methods":["password"],"password":{"user":{
               "name":"admin"}}}}})") == "auth.identity.password.user.password must be there");
    const std::string secret = told(body("admin", std::string(password_bytes_max + 1, 'x')));
    BOOST_TEST(secret.find("xx") == std::string::npos);
    const std::string wide = told(body("admin", std::string{"水"} + std::string(1'023, 'x')));
    BOOST_TEST(wide == "auth.identity.password.user.password must have at most 1024 bytes");
}

BOOST_AUTO_TEST_CASE(there_is_one_project_whatever_the_region_is_called) {
    const auto projects =
        object_of(ask(http::verb::get, "/v3/projects?name=cn-north-4")).at("projects").as_array();
    BOOST_TEST_REQUIRE(projects.size() == 1U);
    BOOST_TEST(projects[0].at("id").as_string() == installation.project_id);
    BOOST_TEST(projects[0].at("name").as_string() == "cn-north-4");
    BOOST_TEST(projects[0].at("domain_id").as_string() == installation.domain_id);
    BOOST_TEST(projects[0].at("enabled").as_bool());
    const auto domains =
        object_of(ask(http::verb::get, "/v3/auth/domains")).at("domains").as_array();
    BOOST_TEST_REQUIRE(domains.size() == 1U);
    BOOST_TEST(domains[0].at("id").as_string() == installation.domain_id);
    token.clear();
    BOOST_TEST(ask(http::verb::get, "/v3/projects").result_int() == 401U);
    BOOST_TEST(ask(http::verb::get, "/v3/auth/domains").result_int() == 401U);
}

BOOST_AUTO_TEST_CASE(a_new_password_ends_the_old_one_and_every_token) {
    const std::string second = tokens.issue("admin", clock.wall);
    BOOST_TEST(change(password, "another-password").result_int() == 204U);
    for (const std::string& old : {token, second}) {
        BOOST_TEST(!tokens.find_user(old, clock.wall).has_value());
    }
    BOOST_TEST(log_in("admin", password).result_int() == 401U);
    const Response response = log_in("admin", "another-password");
    BOOST_TEST(response.result_int() == 201U);
    Tokens after{random};
    test_support::CatalogueCaller caller{*catalogue};
    BOOST_TEST(after.load(caller.find_setting("tokens").found.value(), clock.wall));
    BOOST_TEST(!after.find_user(token, clock.wall).has_value());
    BOOST_TEST(after.find_user(response["X-Subject-Token"], clock.wall).has_value());
}

BOOST_AUTO_TEST_CASE(several_tokens_are_valid_at_once) {
    const std::string first{log_in("admin", password)["X-Subject-Token"]};
    const std::string second{log_in("admin", password)["X-Subject-Token"]};
    BOOST_TEST(first != second);
    for (const std::string& shown : {first, second}) {
        token = shown;
        BOOST_TEST(ask(http::verb::get, "/v3/projects").result_int() == 200U);
    }
}

BOOST_AUTO_TEST_CASE(a_password_is_changed_by_who_has_it_only) {
    BOOST_TEST(message(change("guess", "another-password")) == "The username or password is wrong.");
    BOOST_TEST(change(password, "another-password", "f00").result_int() == 404U);
    BOOST_TEST(message(change(password, "short")).starts_with("user.password must be"));
    BOOST_TEST(message(change(password, std::string(password_bytes_max + 1, 'x')))
                   .starts_with("user.password must be"));
    BOOST_TEST(tokens.find_user(token, clock.wall).has_value());
    for (int i = 0; i < 5; ++i) BOOST_TEST(change("guess", "another-password").result_int() == 401U);
    BOOST_TEST(change(password, "another-password").result_int() == 429U);
}

BOOST_AUTO_TEST_CASE(a_user_is_named_by_its_id_or_name) {
    const Response response = log_in("admin", password);
    const std::string id{
        object_of(response).at("token").at("user").at("id").as_string()};
    BOOST_TEST(change(password, "another-password", id).result_int() == 204U);
    BOOST_TEST(change("another-password", password, "admin").result_int() == 204U);
}

BOOST_AUTO_TEST_CASE(errors_of_access_have_the_shape_of_keystone) {
    token = "x";
    BOOST_TEST(message(ask(http::verb::get, "/v3/projects")).starts_with("Authentication failed"));
    BOOST_TEST(message(ask(http::verb::get, "/v3/auth/domains")).starts_with("Authentication failed"));
}

BOOST_AUTO_TEST_SUITE_END()
