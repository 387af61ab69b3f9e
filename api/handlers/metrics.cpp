#include "api/handlers/metrics.hpp"

#include "api/prometheus.hpp"

namespace holdfast::api {

namespace {

boost::asio::awaitable<Response> metrics(Exchange, const StatusSource* source) {
    co_return text_response(http::status::ok, prometheus_content_type, prometheus_text(*source));
}

}  // namespace

void add_metrics_routes(Routes& routes, const StatusSource& source) {
    routes.add(http::verb::get, "/metrics", Action::open,
               [&source](Exchange exchange) { return metrics(std::move(exchange), &source); });
}

}  // namespace holdfast::api
