#pragma once
// ApiWorld: the platform's API as a test needs it: a catalogue in memory with what a first start makes, a
// clock and randomness that the test chooses, and an event loop that runs while a request is answered.

#include "api/installation.hpp"
#include "api/routes.hpp"
#include "api/app_keys.hpp"
#include "api/request_access.hpp"
#include "api/tokens.hpp"
#include "store/sqlite_catalogue.hpp"
#include "support/counting_bytes.hpp"
#include "support/catalogue_caller.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast::api {

class ManualClock final : public Clock {
public:
    Instant instant{Seconds{1'000}};
    WallTime wall{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
    [[nodiscard]] Instant now() const override { return instant; }
    [[nodiscard]] WallTime wall_now() const override { return wall; }
};

/// Never the same bytes twice, and always the same ones in a run.
using test_support::cheap_password;
using test_support::CountingBytes;

class LoopExecutor final : public store::Executor {
public:
    explicit LoopExecutor(boost::asio::io_context& loop) : loop_(loop) {}
    void post(std::function<void()> task) override { boost::asio::post(loop_, std::move(task)); }

private:
    boost::asio::io_context& loop_;
};

inline std::unique_ptr<store::SqliteCatalogue> open_catalogue(
    const store::CatalogueSettings& settings = {}) {
    auto opened = store::SqliteCatalogue::open(":memory:", settings);
    BOOST_TEST_REQUIRE(opened.has_value());
    return std::move(*opened);
}

struct ApiWorld {
    boost::asio::io_context loop;
    LoopExecutor executor{loop};
    ManualClock clock;
    CountingBytes random;
    Tokens tokens{random};
    std::unique_ptr<store::SqliteCatalogue> catalogue;
    Installation installation;
    std::string password;  ///< the administrator's
    AppKeys keys;
    std::optional<RequestAccess> access;
    std::string token;  ///< valid, unless the test changes it
    Routes routes;
    std::string peer = "192.0.2.7:51344";

    explicit ApiWorld(const store::CatalogueSettings& settings = {})
        : catalogue(open_catalogue(settings)) {
        const InstallationContext context{*catalogue, random, clock, cheap_password};
        installation = prepare_installation(context, tokens).value();
        password = ensure_administrator(context).value().value();
        access.emplace(tokens, keys, clock, installation.project_id);
        token = tokens.issue(administrator_name, clock.wall);
    }

    /// Of the project: path("/devices").
    std::string path(std::string_view rest) const {
        return "/v5/iot/" + installation.project_id + std::string{rest};
    }

    Response ask(http::verb method, std::string_view target, std::string body = {}) {
        Request request{method, {target.data(), target.size()}, 11, std::move(body)};
        request.set(http::field::content_type, "application/json");
        if (!token.empty()) request.set("X-Auth-Token", token);
        return ask(std::move(request));
    }

    /// With the credentials that it has.
    Response ask(Request request) {
        auto match = routes.resolve(request);
        if (!match) return match.error();
        auto running =
            answer(*match->handler, match->action, *access,
                   Exchange{std::move(request), std::move(match->target), peer});
        loop.restart();
        auto answered = boost::asio::co_spawn(loop, std::move(running), boost::asio::use_future);
        loop.run();
        return answered.get();
    }
};

inline boost::json::object object_of(const Response& response) {
    return boost::json::parse(response.body()).as_object();
}
inline std::string error_code_of(const Response& response) {
    return std::string{object_of(response).at("error_code").as_string()};
}
inline std::string error_message_of(const Response& response) {
    return std::string{object_of(response).at("error_msg").as_string()};
}

}  // namespace holdfast::api
