#pragma once
// Routes: the table of endpoints: method and path pattern to what a request must be allowed, and the handler.
// Judges from the header alone whether a request can be answered (400, 404, 405, 414, 415, 501): no body is
// read in vain.
// Patterns are whole paths whose segments are words or `{name}`: "/devices/{device_id}/messages".
// HEAD is answered by GET's handler, OPTIONS by the table. Threads: built first, then only read.

#include "api/access.hpp"
#include "api/action.hpp"
#include "api/exchange.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/container/small_vector.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::api {

/// Answers one request; may wait. What it throws becomes a 500.
using Handler = std::function<boost::asio::awaitable<Response>(Exchange)>;

enum class BodyKind : std::uint8_t {
    ignored,  ///< a body is read and thrown away
    json,     ///< a body must say that it is application/json
};

class Routes {
public:
    void add(http::verb method, std::string_view pattern, Action action, Handler handler,
             BodyKind body = BodyKind::ignored);

    struct Match {
        const Handler* handler;  ///< lives as long as the table
        Action action;
        Target target;
    };
    /// The handler, or the answer that needs none.
    [[nodiscard]] boost::system::result<Match, Response> resolve(const RequestHeader& header) const;

    /// One row, for who looks at the whole table.
    struct Row {
        http::verb method;
        std::string pattern;
        Action action;
    };
    [[nodiscard]] std::vector<Row> rows() const;

private:
    struct Route {
        http::verb method;
        Action action;
        std::vector<std::string> segments;  ///< of the pattern, without the leading slash
        Handler handler;
        BodyKind body;
    };
    /// The patterns as a tree: what may follow, and what ends here.
    struct Branch;
    struct Node {
        std::vector<Branch> words;  ///< in order of their length, then of the text
        std::unique_ptr<Node> parameter;  ///< any segment that is not empty
        std::vector<std::size_t> routes;  ///< in the order in which they were added
    };
    struct Branch {
        std::string word;
        Node node;
    };
    using RouteNumbers = boost::container::small_vector<std::size_t, 8>;

    static Node& child_of(Node& node, const std::string& segment);
    [[nodiscard]] Response other_method(const RequestHeader& header, const RouteNumbers& numbers) const;
    static void collect(const Node& node, std::span<const std::string_view> path, RouteNumbers& found);

    std::vector<Route> routes_;
    Node root_;
};

/// Answers a request that was resolved and has its body: `access` first, then the handler, which outlives it.
[[nodiscard]] boost::asio::awaitable<Response> answer(const Handler& handler, Action action,
                                                      const Access& access, Exchange exchange);

}  // namespace holdfast::api
