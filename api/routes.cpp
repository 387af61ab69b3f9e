#include "api/routes.hpp"

#include "api/http_limits.hpp"
#include "base/ascii.hpp"
#include "base/error.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <list>
#include <utility>

namespace holdfast::api {

namespace {

using Segments = boost::container::small_vector<std::string_view, 16>;

/// A request's target whose parts point into it; what was percent-encoded stands decoded beside it.
struct ParsedTarget {
    Segments segments;
    Parameters query;
    std::list<std::string> decoded;
};

constexpr std::array<bool, 256> is_plain_character = [] {
    std::array<bool, 256> table{};
    std::fill_n(table.begin() + 'a', 26, true);
    std::fill_n(table.begin() + 'A', 26, true);
    std::fill_n(table.begin() + '0', 10, true);
    table['/'] = table['-'] = table['_'] = table['.'] = true;
    return table;
}();

/// Letters, digits and a few marks: nothing that is encoded, a query or another part of a URL.
bool is_plain_path(std::string_view target) {
    const auto is_plain = [](char c) { return is_plain_character[static_cast<unsigned char>(c)]; };
    return target.starts_with('/') && std::ranges::all_of(target, is_plain);
}

/// Nearly every path is plain; a whole parser of URLs costs as much as that of the request's header.
void split_plain_path(std::string_view target, Segments& segments) {
    while (!target.empty()) {
        target.remove_prefix(1);
        const std::size_t end = std::min(target.find('/'), target.size());
        segments.push_back(target.substr(0, end));
        target.remove_prefix(end);
    }
}

/// False: not a target that a server can be asked for.
bool parse_target(boost::beast::string_view target, ParsedTarget& parsed) {
    if (is_plain_path(target)) {
        split_plain_path(target, parsed.segments);
        return true;
    }
    const boost::core::string_view text{target.data(), target.size()};
    auto url = boost::urls::parse_origin_form(text);
    if (!url) url = boost::urls::parse_absolute_uri(text);
    if (!url || url->encoded_path().empty()) return false;
    for (const auto& segment : url->encoded_segments()) {
        const bool is_plain = segment.decoded_size() == segment.size();
        if (!is_plain) parsed.decoded.push_back(segment.decode());
        parsed.segments.push_back(is_plain ? std::string_view{segment.data(), segment.size()}
                                           : std::string_view{parsed.decoded.back()});
    }
    for (const auto& parameter : url->params()) {
        parsed.query.insert_or_assign(parameter.key, parameter.value);
    }
    return true;
}

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// Precondition: the path is of the pattern.
Parameters take_parameters(const std::vector<std::string>& pattern, const Segments& path) {
    Parameters parameters;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const std::string_view name = pattern[i];
        if (!is_parameter(name)) continue;
        parameters.emplace(name.substr(1, name.size() - 2), path[i]);
    }
    return parameters;
}

bool is_json(const RequestHeader& header) {
    const auto type = header[http::field::content_type];
    const auto media_type = type.substr(0, std::min(type.find_first_of("; \t"), type.size()));
    return equals_ignoring_case(media_type, "application/json");
}

/// Whether the body comes as it is, not packed.
bool is_plain(const RequestHeader& header) {
    const auto encoding = header[http::field::content_encoding];
    return encoding.empty() || equals_ignoring_case(encoding, "identity");
}

std::string allow_of(std::vector<http::verb> methods) {
    if (std::ranges::find(methods, http::verb::get) != methods.end()) {
        methods.push_back(http::verb::head);
    }
    methods.push_back(http::verb::options);
    std::string text;
    for (const http::verb method : methods) {
        if (!text.empty()) text += ", ";
        text += std::string_view{http::to_string(method)};
    }
    return text;
}

/// Words differ in their length mostly, which costs nothing to compare.
struct IsBefore {
    bool operator()(std::string_view a, std::string_view b) const {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};

}  // namespace

void Routes::add(http::verb method, std::string_view pattern, Action action, Handler handler,
                 BodyKind body) {
    CHECK(pattern.starts_with('/'));
    std::vector<std::string> segments;
    for (std::string_view rest = pattern; !rest.empty();) {
        rest.remove_prefix(1);
        const std::size_t end = std::min(rest.find('/'), rest.size());
        segments.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end);
    }
    Node* node = &root_;
    for (const std::string& segment : segments) node = &child_of(*node, segment);
    node->routes.push_back(routes_.size());
    routes_.push_back({method, action, std::move(segments), std::move(handler), body});
}

Routes::Node& Routes::child_of(Node& node, const std::string& segment) {
    if (is_parameter(segment)) {
        if (!node.parameter) node.parameter = std::make_unique<Node>();
        return *node.parameter;
    }
    const auto found = std::ranges::lower_bound(node.words, segment, IsBefore{}, &Branch::word);
    if (found != node.words.end() && found->word == segment) return found->node;
    return node.words.insert(found, Branch{segment, Node{}})->node;
}

/// A word of a pattern goes before a parameter.
void Routes::collect(const Node& node, std::span<const std::string_view> path, RouteNumbers& found) {
    if (path.empty()) {
        found.insert(found.end(), node.routes.begin(), node.routes.end());
        return;
    }
    const auto branch = std::ranges::lower_bound(node.words, path.front(), IsBefore{}, &Branch::word);
    if (branch != node.words.end() && branch->word == path.front()) {
        collect(branch->node, path.subspan(1), found);
    }
    if (node.parameter && !path.front().empty()) collect(*node.parameter, path.subspan(1), found);
}

boost::system::result<Routes::Match, Response> Routes::resolve(const RequestHeader& header) const {
    if (header.target().size() > target_bytes_max) {
        return error_response(http::status::uri_too_long, "the target is longer than 8192 bytes");
    }
    if (header.method() == http::verb::unknown) {
        return error_response(http::status::not_implemented,
                              "the method " + std::string{header.method_string()} + " is unknown");
    }
    ParsedTarget target;
    if (!parse_target(header.target(), target)) {
        return error_response(http::status::bad_request,
                              "the target is not a path with well-formed percent-encodings");
    }
    const bool is_head = header.method() == http::verb::head;
    const http::verb method = is_head ? http::verb::get : header.method();
    RouteNumbers numbers;
    collect(root_, target.segments, numbers);
    if (numbers.empty()) {
        return error_response(http::status::not_found, "there is nothing at this path");
    }
    const auto found = std::ranges::find_if(
        numbers, [&](std::size_t number) { return routes_[number].method == method; });
    if (found == numbers.end()) return other_method(header, numbers);
    const Route& route = routes_[*found];
    if (route.body == BodyKind::json && !is_json(header)) {
        return error_response(http::status::unsupported_media_type,
                              "the header Content-Type must be application/json");
    }
    if (route.body == BodyKind::json && !is_plain(header)) {
        return error_response(http::status::unsupported_media_type,
                              "a Content-Encoding is not known here: send the body as it is");
    }
    return Match{&route.handler,
                 route.action,
                 {take_parameters(route.segments, target.segments), std::move(target.query)}};
}

/// The path is known, the method is not among those that it has.
Response Routes::other_method(const RequestHeader& header, const RouteNumbers& numbers) const {
    std::vector<http::verb> methods;
    for (const std::size_t number : numbers) methods.push_back(routes_[number].method);
    const std::string allow = allow_of(std::move(methods));
    const bool asks_for_them = header.method() == http::verb::options;
    Response response = asks_for_them
                            ? empty_response(http::status::no_content)
                            : error_response(http::status::method_not_allowed,
                                             "the method " + std::string{header.method_string()} +
                                                 " is not for this path; it allows " + allow);
    response.set(http::field::allow, allow);
    return response;
}

std::vector<Routes::Row> Routes::rows() const {
    std::vector<Row> rows;
    for (const Route& route : routes_) {
        std::string pattern;
        for (const std::string& segment : route.segments) pattern.append("/").append(segment);
        rows.push_back({route.method, std::move(pattern), route.action});
    }
    return rows;
}

namespace {

boost::asio::awaitable<Response> refuse(Response refusal) { co_return refusal; }

}  // namespace

boost::asio::awaitable<Response> answer(const Handler& handler, Action action, const Access& access,
                                        Exchange exchange) {
    auto caller = access.judge(exchange, action);
    if (!caller) return refuse(std::move(caller.error()));
    exchange.set_caller(std::move(*caller));
    return handler(std::move(exchange));
}

}  // namespace holdfast::api
