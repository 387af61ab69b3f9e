#include "api/inner_request.hpp"

#include <exception>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

boost::asio::awaitable<Response> InnerRequests::ask(InnerRequest inner) const {
    const std::string path = "/v5/iot/" + project_id_ + inner.path;
    Request request{inner.method, path, 11, std::move(inner.body)};
    request.set(http::field::content_type, "application/json");
    auto match = routes_.resolve(request);
    if (match.has_error()) co_return std::move(match.error());
    try {
        Exchange exchange{std::move(request), std::move(match->target)};
        co_return co_await (*match->handler)(std::move(exchange));
    } catch (const std::exception& failure) {
        co_return error_response(http::status::internal_server_error, failure.what());
    }
}

}  // namespace holdfast::api
