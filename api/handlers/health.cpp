#include "api/handlers/health.hpp"

namespace holdfast::api {

namespace {

// Free functions with their parameters by value; the lambdas below only call them.

boost::asio::awaitable<Response> live(Exchange) {
    co_return json_response(http::status::ok, {{"status", "live"}});
}

boost::asio::awaitable<Response> ready(Exchange, const StatusSource* source) {
    if (source->is_ready()) co_return json_response(http::status::ok, {{"status", "ready"}});
    Response response = json_response(http::status::service_unavailable, {{"status", "not_ready"}});
    response.set(http::field::retry_after, "1");
    co_return response;
}

boost::asio::awaitable<Response> version(Exchange, const StatusSource* source) {
    co_return json_response(http::status::ok,
                            {{"name", "holdfast"}, {"version", source->version()}});
}

}  // namespace

void add_health_routes(Routes& routes, const StatusSource& source) {
    routes.add(http::verb::get, "/healthz/live", Action::open, live);
    routes.add(http::verb::get, "/healthz/ready", Action::open,
               [&source](Exchange exchange) { return ready(std::move(exchange), &source); });
    routes.add(http::verb::get, "/version", Action::open,
               [&source](Exchange exchange) { return version(std::move(exchange), &source); });
}

}  // namespace holdfast::api
