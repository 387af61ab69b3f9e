#pragma once
// Requests of the platform's API that are made inside the server, so that what is asked is judged and
// answered as if an application had asked: targets of batch tasks, what gateways want of the devices behind
// them. They need no permission: who makes them has judged that.
// Threads: the HTTP side's. Lifetime: the routes outlive what is awaited.

#include "api/exchange.hpp"
#include "api/routes.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <utility>

namespace holdfast::api {

struct InnerRequest {
    http::verb method = http::verb::post;
    std::string path;  ///< behind /v5/iot/{project_id}
    std::string body;
};

class InnerRequests {
public:
    InnerRequests(const Routes& routes, std::string project_id)
        : routes_(routes), project_id_(std::move(project_id)) {}

    /// What a handler throws is a 500.
    [[nodiscard]] boost::asio::awaitable<Response> ask(InnerRequest inner) const;

private:
    const Routes& routes_;
    const std::string project_id_;
};

}  // namespace holdfast::api
