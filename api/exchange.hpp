#pragma once
// Exchange: one request being answered, as a handler sees it, and the responses it can be answered
// with. What belongs to every response (request id, date, length, connection) is written when it is sent, by
// frame(). Values: an Exchange is moved into its handler and lives as long as that.

#include "api/app_key.hpp"
#include "base/environment.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/container/flat_map.hpp>
#include <boost/container/small_vector.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast::api {

namespace http = boost::beast::http;

using RequestHeader = http::request_header<>;
using Request = http::request<http::string_body>;

/// The body is the whole one, or, with `next_piece`, nothing: then pieces are sent as they come.
class Response : public http::response<http::string_body> {
public:
    using http::response<http::string_body>::response;

    /// Gives what comes next, when it comes; empty: the response ends here. Null: no such response.
    std::function<boost::asio::awaitable<std::optional<std::string>>()> next_piece{};
};

/// Few enough to stand in one piece of memory.
using Parameters = boost::container::small_flat_map<std::string, std::string, 3, std::less<>>;

/// The request's target in its parts, decoded.
struct Target {
    Parameters parameters;  ///< of the route's pattern
    Parameters query;       ///< of the same name the last one
};

class Exchange {
public:
    /// `peer` outlives it.
    Exchange(Request request, Target target, std::string_view peer = {});

    [[nodiscard]] http::verb method() const { return parts_->request.method(); }
    [[nodiscard]] const RequestHeader& header() const { return parts_->request; }
    [[nodiscard]] const std::string& body() const { return parts_->request.body(); }
    /// "192.0.2.7:51344", as the log has it; empty where there is no connection.
    [[nodiscard]] std::string_view peer() const { return parts_->peer; }
    /// Of `{name}` in the route's pattern, which must have it.
    [[nodiscard]] const std::string& parameter(std::string_view name) const;
    /// Null: the route's pattern has none of that name.
    [[nodiscard]] const std::string* find_parameter(std::string_view name) const;
    [[nodiscard]] std::optional<std::string> find_query(std::string_view name) const;
    /// Whose request it is, once that has been judged.
    [[nodiscard]] const Caller& caller() const { return parts_->caller; }
    void set_caller(Caller caller) { parts_->caller = std::move(caller); }

private:
    /// In one place, which stays where it is: an exchange is moved from frame to frame of its coroutines.
    struct Parts {
        Request request;
        Target target;
        std::string_view peer;
        Caller caller;
    };

    std::unique_ptr<Parts> parts_;
};

[[nodiscard]] Response text_response(http::status status, std::string_view content_type,
                                     std::string body);
[[nodiscard]] Response json_response(http::status status, const boost::json::value& value);
[[nodiscard]] Response empty_response(http::status status);

/// `{"error_code": ..., "error_msg": ...}`; the message says what is wrong and where.
[[nodiscard]] Response error_response(http::status status, std::string_view code,
                                      std::string_view message);
/// The same with the code that stands for the status itself.
[[nodiscard]] Response error_response(http::status status, std::string_view message);

/// The code of an error that HTTP itself has a word for: "IOTDA.000029" for 404, and so on.
[[nodiscard]] std::string error_code_of(http::status status);

/// What the connection knows and a handler need not.
struct Framing {
    unsigned version = 11;  ///< the peer's: 10 or 11
    bool keeps_alive = true;
    std::string_view request_id;
    std::string_view date;  ///< http_date()
};
/// How a response is sent.
struct Framed {
    std::string header;  ///< status line and fields, with the empty line behind them
    bool is_chunked = false;
    bool keeps_alive = true;  ///< the connection goes on behind it
};
/// Adds length, connection, date and request id.
[[nodiscard]] Framed frame(const Response& response, const Framing& framing);

/// A new one, 32 hexadecimal digits.
[[nodiscard]] std::string make_request_id(Random& random);

/// "Sat, 31 Jan 2026 12:00:00 GMT"
[[nodiscard]] std::string http_date(WallTime now);

/// The same for who asks many times a second: made when the second is another one.
class HttpDate {
public:
    [[nodiscard]] const std::string& at(WallTime now);

private:
    WallTime second_ = WallTime::min();
    std::string text_;
};

}  // namespace holdfast::api
