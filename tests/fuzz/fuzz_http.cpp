// What a client sends to the API: a request as bytes, its target against the table of routes, its query
// and its body against every reader of bodies. No handler runs: behind the readers everything has its type.

#include "api/device_query.hpp"
#include "api/device_schema.hpp"
#include "api/http_refusals.hpp"
#include "api/json_body.hpp"
#include "api/message_query.hpp"
#include "api/message_schema.hpp"
#include "api/paging.hpp"
#include "api/product_schema.hpp"
#include "api/routes.hpp"
#include "api/signature.hpp"
#include "base/error.hpp"

#include <boost/beast/http/parser.hpp>

#include <cstdint>
#include <string_view>

using namespace holdfast;
using namespace holdfast::api;

namespace {

constexpr std::size_t body_bytes_max = 64 * 1024;

boost::asio::awaitable<Response> do_nothing(Exchange) {
    co_return empty_response(http::status::no_content);
}

const Routes& routes() {
    static const Routes made = [] {
        Routes table;
        table.add(http::verb::get, "/healthz/live", Action::open, do_nothing);
        table.add(http::verb::post, "/v3/auth/tokens", Action::open, do_nothing);
        table.add(http::verb::get, "/v5/iot/{project_id}/devices", Action::devices_query_list,
                  do_nothing);
        table.add(http::verb::post, "/v5/iot/{project_id}/devices/{device_id}/messages",
                  Action::messages_send, do_nothing);
        table.add(http::verb::get, "/v5/iot/{project_id}/devices/{device_id}/messages/{message_id}",
                  Action::messages_query, do_nothing);
        return table;
    }();
    return made;
}

/// What is read is within the bounds that are promised; what is not has an answer.
void read_queries(const Exchange& exchange) {
    if (const auto page = read_paging(exchange)) {
        CHECK(page->limit <= page_limit_max && page->offset <= page_offset_max);
    } else {
        CHECK(page.error().result_int() == 400);
    }
    static_cast<void>(read_device_query(exchange));
    static_cast<void>(read_list_query(exchange));
}

/// Whatever a signature says, it is none of this key's: that would be a digest guessed.
void read_signature(const Exchange& exchange) {
    const auto authorization = exchange.header()[http::field::authorization];
    const std::string_view text{authorization.data(), authorization.size()};
    if (!is_signature(text)) return;
    const auto signature = parse_signature(text);
    if (!signature) return;
    static const AppKey key{AppKeyFacts{.key_id = "HF", .secret = "secret"}};
    CHECK(find_fault(*signature, exchange.header(), exchange.body(), key, WallTime{}).has_value());
}

void read_bodies(std::string_view text) {
    const auto body = parse_json_body(text);
    if (!body) {
        CHECK(body.error().result_int() == 400);
        return;
    }
    if (const auto device = read_new_device(*body)) {
        CHECK(device->secret.size() <= 64);
        static_cast<void>(device_json(*device, "", false, SecretsShown::yes));
    }
    if (const auto product = read_new_product(*body)) static_cast<void>(product_json(*product));
    if (const auto topics = read_product_topics(*body)) CHECK(topics->size() <= product_topics_max);
    static_cast<void>(read_device_update(*body));
    static_cast<void>(read_product_update(*body));
    static_cast<void>(read_secret_reset(*body));
    static_cast<void>(read_message(text, *body, "device"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > body_bytes_max) return 0;
    http::request_parser<http::string_body> parser;
    parser.body_limit(body_bytes_max);
    parser.eager(true);
    boost::system::error_code error;
    static_cast<void>(parser.put(boost::asio::buffer(data, size), error));
    if (!parser.is_done()) {
        if (error) static_cast<void>(refusal_of(error, HttpLimits{}, false));
        return 0;
    }
    if (judge_framing(parser.get())) return 0;
    auto match = routes().resolve(parser.get());
    if (!match) {
        CHECK(match.error().result_int() >= 400);
        return 0;
    }
    const Exchange exchange{parser.release(), std::move(match->target), "request"};
    read_queries(exchange);
    read_signature(exchange);
    read_bodies(exchange.body());
    return 0;
}
