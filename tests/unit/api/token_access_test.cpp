#include "api/token_access.hpp"

#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast::api;

struct World : ApiWorld {
    std::optional<Response> refusal(const std::string& project_id, std::string_view shown) {
        Request request{http::verb::get, "/", 11};
        if (!shown.empty()) request.set("x-auth-token", {shown.data(), shown.size()});
        return access->refuse(
            Exchange{std::move(request), {{{"project_id", project_id}}, {}}, "request-1"});
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(token_access, World)

BOOST_AUTO_TEST_CASE(a_valid_token_and_the_right_project_may_go_on) {
    BOOST_TEST(!refusal(installation.project_id, token).has_value());
}

BOOST_AUTO_TEST_CASE(without_a_valid_token_it_is_401) {
    for (const std::string& shown : {std::string{}, std::string{"x"}, token + "0"}) {
        const auto refused = refusal(installation.project_id, shown);
        BOOST_TEST_REQUIRE(refused.has_value());
        BOOST_TEST(refused->result_int() == 401U);
        BOOST_TEST(error_code_of(*refused) == "IOTDA.000002");
        BOOST_TEST(!(*refused)[http::field::www_authenticate].empty());
    }
    clock.wall += token_lifetime;
    BOOST_TEST(refusal(installation.project_id, token)->result_int() == 401U);
}

BOOST_AUTO_TEST_CASE(another_project_is_403) {
    for (const char* project : {"", "other"}) {
        const auto refused = refusal(project, token);
        BOOST_TEST_REQUIRE(refused.has_value());
        BOOST_TEST(refused->result_int() == 403U);
        BOOST_TEST(error_code_of(*refused) == "IOTDA.000004");
    }
    BOOST_TEST(refusal("other", "x")->result_int() == 401U);
}

BOOST_AUTO_TEST_CASE(what_the_server_asks_itself_may_go_on) {
    const Exchange inner = Exchange::inner({http::verb::get, "/", 11}, {}, "request-1");
    BOOST_TEST(!access->refuse(inner).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
