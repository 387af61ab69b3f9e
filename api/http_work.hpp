#pragma once
// Work: one request of a connection from its first byte to the answer, and the decisions about it that need
// no waiting. Source: RFC 9110, RFC 9112. Lifetime: the connection's. Threads: its executor.

#include "api/exchange.hpp"
#include "api/http_connection.hpp"
#include "api/routes.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

namespace holdfast::api {

using RequestParser = http::request_parser<http::string_body>;

/// What is left to know of a request once it is with its handler.
struct RequestFacts {
    std::string request_id;
    std::string line;  ///< method and target, for the log; empty if it does not want them
    unsigned version = 11;
    bool is_head = false;
    bool keeps_alive = false;
};

/// Memory for a body, taken before it is read and given back when its request is answered.
class BodyMemory {
public:
    BodyMemory(HttpContext& context, std::size_t bytes) : context_(context), bytes_(bytes) {
        context_.bodies_bytes += bytes_;
    }
    ~BodyMemory() { context_.bodies_bytes -= bytes_; }
    BodyMemory(const BodyMemory&) = delete;
    BodyMemory& operator=(const BodyMemory&) = delete;

    /// A body that is alone always has room.
    [[nodiscard]] bool is_too_much() const {
        return context_.bodies_bytes > std::max(context_.limits.bodies_bytes_max, bytes_);
    }

private:
    HttpContext& context_;
    const std::size_t bytes_;
};

/// A request from its first byte to the answer. It stands in the frame of its connection, where it needs no
/// memory of its own: those of the coroutines below come and go with each request.
struct Work {
    RequestParser parser;
    RequestFacts facts{};
    std::optional<Routes::Match> match{};
    std::optional<BodyMemory> body{};
    Response response{};
};

/// The header is there. True: its body is wanted. False: the answer is known without.
[[nodiscard]] bool judge(Work& work, HttpContext& context);

/// It could not be read to its end. False: nobody is there to be answered.
[[nodiscard]] bool refuse_unread(Work& work, const HttpContext& context,
                                 const boost::system::error_code& error, bool has_timed_out);

}  // namespace holdfast::api
