#pragma once
// Asks a table of routes and runs the handler to its end, without a socket.

#include "api/routes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <string_view>
#include <utility>

namespace holdfast::api {

/// The response as the handler or the table gives it, without framing.
inline Response ask(const Routes& routes, http::verb method, std::string_view target,
                    std::string body = {}) {
    Request request{method, target, 11, std::move(body)};
    request.set(http::field::content_type, "application/json");
    auto match = routes.resolve(request);
    if (!match) return match.error();
    boost::asio::io_context context;
    auto running =
        (*match->handler)(Exchange{std::move(request), std::move(match->target)});
    auto answer = boost::asio::co_spawn(context, std::move(running), boost::asio::use_future);
    context.run();
    return answer.get();
}

}  // namespace holdfast::api
