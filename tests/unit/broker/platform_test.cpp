#include "platform.hpp"

#include "api/handlers/openapi.hpp"
#include "support/manual_executor.hpp"
#include "support/world.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <utility>

namespace {

using namespace holdfast;
using namespace test_support;

class NoGate final : public TurnGate {
public:
    void enter(const std::function<void(Turn&)>&) override {}
};

struct Fixture {
    Fixture() {
        config.data_directory.reset();
        config.test_mode = true;
        storage = open_storage(config, events);
    }
    [[nodiscard]] Platform make() {
        return Platform{config, storage, clock, random, events,
                        {.executor = executor,
                         .turns = gate,
                         .registry = registry,
                         .router = router,
                         .router_listener = nullptr,
                         .loop = loop.get_executor()}};
    }

    Config config;
    EventRecorder events;
    ManualExecutor executor;  // the catalogue answers as long as it is there
    Storage storage;
    SystemClock clock;
    CountingRandom random;
    boost::asio::io_context loop;  ///< never runs
    NoGate gate;
    router::Router router{config.limits, 1};
    session::Registry registry{config.limits, router};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(platform)

BOOST_FIXTURE_TEST_CASE(the_project_stays_the_same_as_long_as_the_catalogue, Fixture) {
    const std::string project_id = make().project_id();
    BOOST_TEST(project_id.size() == 32U);
    BOOST_TEST(make().project_id() == project_id);
}

BOOST_FIXTURE_TEST_CASE(the_fixture_has_a_token_and_no_password, Fixture) {
    Platform made = make();
    BOOST_TEST(!made.first_password());
    BOOST_TEST(made.issue_token().size() == 64U);
    BOOST_TEST(made.issue_token() != made.issue_token());
}

BOOST_FIXTURE_TEST_CASE(the_fixture_has_one_access_key_for_everything, Fixture) {
    const auto [access_key, secret_key] = make().test_key();
    BOOST_TEST(access_key.size() == 20U);
    BOOST_TEST(secret_key.size() == 40U);
    BOOST_TEST((make().test_key() == std::pair{access_key, secret_key}));
    config.test_mode = false;
    BOOST_TEST(make().test_key().first.empty());
}

/// Those that anybody may ask; every other row of the table wants a token or a key.
BOOST_FIXTURE_TEST_CASE(every_endpoint_but_these_asks_who_it_is, Fixture) {
    Platform made = make();
    api::Routes routes;
    made.add_routes(routes);
    const std::set<std::string> open{"/v3/auth/tokens", "/v3/users/{user_id}/password"};
    const std::set<std::string> of_everybody{"/v3/projects", "/v3/auth/domains"};
    const auto rows = routes.rows();
    BOOST_TEST(rows.size() > 25U);
    for (const api::Routes::Row& row : rows) {
        BOOST_TEST((row.action == api::Action::open) == open.contains(row.pattern), row.pattern);
        BOOST_TEST((row.action == api::Action::identity) == of_everybody.contains(row.pattern),
                   row.pattern);
        const bool has_project = row.pattern.starts_with("/v5/iot/{project_id}/");
        BOOST_TEST((has_project || row.pattern.starts_with("/v3/")), row.pattern);
        api::Request request{row.method, row.pattern, 11};
        const auto judged = made.access().judge(
            api::Exchange{std::move(request), {{{"project_id", made.project_id()}}, {}}},
            row.action);
        BOOST_TEST(judged.has_value() == open.contains(row.pattern), row.pattern);
    }
}

BOOST_FIXTURE_TEST_CASE(every_endpoint_is_in_the_document_of_the_interface, Fixture) {
    Platform made = make();
    api::Routes routes;
    made.add_routes(routes);
    const boost::json::value document = boost::json::parse(api::openapi_document());
    const boost::json::object& paths = document.at("paths").as_object();
    for (const api::Routes::Row& row : routes.rows()) {
        const boost::json::value* const operations = paths.if_contains(row.pattern);
        BOOST_CHECK_MESSAGE(operations != nullptr, row.pattern << " is not in docs/openapi");
        if (operations == nullptr) continue;
        std::string method{api::http::to_string(row.method)};
        std::ranges::transform(method, method.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        BOOST_CHECK_MESSAGE(operations->as_object().contains(method),
                            method << " " << row.pattern << " is not in docs/openapi");
    }
}

BOOST_FIXTURE_TEST_CASE(the_administrators_password_is_told_once, Fixture) {
    config.test_mode = false;
    BOOST_TEST(make().first_password().has_value());
    BOOST_TEST(!make().first_password().has_value());
}

BOOST_FIXTURE_TEST_CASE(its_endpoints_are_there, Fixture) {
    Platform made = make();
    api::Routes routes;
    made.add_routes(routes);
    api::RequestHeader header;
    header.method(api::http::verb::get);
    header.target("/v5/iot/" + made.project_id() + "/devices/d/messages");
    header.set(api::http::field::host, "localhost");
    BOOST_TEST(routes.resolve(header).has_value());
    header.target("/v5/iot/" + made.project_id() + "/devices");
    BOOST_TEST(routes.resolve(header).has_value());
    header.target("/v5/iot/" + made.project_id() + "/products");
    BOOST_TEST(routes.resolve(header).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
