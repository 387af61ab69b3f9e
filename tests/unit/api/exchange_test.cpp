#include "api/exchange.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace {

using namespace holdfast;
using namespace holdfast::api;

constexpr WallTime noon = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} +
                          std::chrono::hours{12} + Milliseconds{900};

class CountingRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (std::uint8_t& byte : bytes) byte = next_++;
    }

private:
    std::uint8_t next_ = 0xF8;
};

const std::string date = http_date(noon);

Framing newer(std::string_view request_id) {
    return {.version = 11, .keeps_alive = true, .request_id = request_id, .date = date};
}

bool has(const Framed& framed, std::string_view text) {
    return framed.header.find(text) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exchange)

BOOST_AUTO_TEST_CASE(a_handler_sees_the_parts_of_its_request) {
    Request request{http::verb::post, "/devices/a/messages?limit=5", 11, "{}"};
    request.set("X-Auth-Token", "abc");
    const Exchange exchange{request, {{{"device_id", "a"}}, {{"limit", "5"}}}, "192.0.2.7:1"};
    BOOST_TEST((exchange.method() == http::verb::post));
    BOOST_TEST(exchange.header()["x-auth-token"] == "abc");
    BOOST_TEST(exchange.body() == "{}");
    BOOST_TEST(exchange.parameter("device_id") == "a");
    BOOST_TEST((exchange.find_query("limit") == "5"));
    BOOST_TEST(!exchange.find_query("marker"));
    BOOST_TEST(exchange.peer() == "192.0.2.7:1");
}

BOOST_AUTO_TEST_CASE(an_error_says_code_and_message_as_json) {
    const Response response =
        error_response(http::status::bad_request, "IOTDA.000006", "ttl: \"x\" is no number");
    BOOST_TEST(response.result_int() == 400U);
    BOOST_TEST(response[http::field::content_type] == "application/json");
    const auto body = boost::json::parse(response.body()).as_object();
    BOOST_TEST(body.size() == 2U);
    BOOST_TEST(body.at("error_code").as_string() == "IOTDA.000006");
    BOOST_TEST(body.at("error_msg").as_string() == "ttl: \"x\" is no number");
}

BOOST_AUTO_TEST_CASE(errors_of_http_itself_have_codes) {
    BOOST_TEST(error_code_of(http::status::bad_request) == "IOTDA.000006");
    BOOST_TEST(error_code_of(http::status::unsupported_media_type) == "IOTDA.000008");
    BOOST_TEST(error_code_of(http::status::not_found) == "IOTDA.000029");
    BOOST_TEST(error_code_of(http::status::internal_server_error) == "IOTDA.000001");
    BOOST_TEST(error_code_of(http::status::method_not_allowed) == "HOLDFAST.000405");
}

BOOST_AUTO_TEST_CASE(every_response_carries_length_date_and_request_id) {
    Response response = text_response(http::status::method_not_allowed, "text/plain", "hello");
    response.set(http::field::allow, "GET, HEAD");
    const Framed framed = frame(response, newer("id-1"));
    BOOST_TEST(framed.header ==
               "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain\r\nAllow: GET, HEAD\r\n"
               "Server: Holdfast\r\nDate: Sat, 31 Jan 2026 12:00:00 GMT\r\nX-Request-Id: id-1\r\n"
               "Content-Length: 5\r\n\r\n");
    BOOST_TEST(framed.keeps_alive);
    BOOST_TEST(!framed.is_chunked);
}

BOOST_AUTO_TEST_CASE(a_connection_that_ends_says_so_in_either_version) {
    const Response response = empty_response(http::status::ok);
    Framing framing = newer("id-1");
    BOOST_TEST(!has(frame(response, framing), "Connection:"));
    framing.keeps_alive = false;
    BOOST_TEST(has(frame(response, framing), "\r\nConnection: close\r\n"));
    BOOST_TEST(!frame(response, framing).keeps_alive);
    framing.version = 10;
    BOOST_TEST(!has(frame(response, framing), "Connection:"));
    framing.keeps_alive = true;
    BOOST_TEST(has(frame(response, framing), "\r\nConnection: keep-alive\r\n"));
    BOOST_TEST(frame(response, framing).header.starts_with("HTTP/1.0 200 OK\r\n"));
    BOOST_TEST(frame(response, framing).keeps_alive);
}

BOOST_AUTO_TEST_CASE(a_response_without_content_has_no_length) {
    BOOST_TEST(!has(frame(empty_response(http::status::no_content), newer("")), "Content-Length"));
    BOOST_TEST(
        has(frame(empty_response(http::status::ok), newer("")), "\r\nContent-Length: 0\r\n"));
}

BOOST_AUTO_TEST_CASE(pieces_are_chunks_or_end_with_the_connection) {
    Response response = empty_response(http::status::ok);
    response.next_piece = []() -> boost::asio::awaitable<std::optional<std::string>> {
        co_return std::nullopt;
    };
    Framing framing = newer("");
    const Framed chunks = frame(response, framing);
    BOOST_TEST(chunks.is_chunked);
    BOOST_TEST(chunks.keeps_alive);
    BOOST_TEST(has(chunks, "\r\nTransfer-Encoding: chunked\r\n"));
    BOOST_TEST(!has(chunks, "Content-Length"));
    framing.version = 10;
    const Framed whole = frame(response, framing);
    BOOST_TEST(!whole.is_chunked);
    BOOST_TEST(!whole.keeps_alive);
    BOOST_TEST(!has(whole, "Transfer-Encoding"));
}

BOOST_AUTO_TEST_CASE(a_request_id_is_32_hexadecimal_digits) {
    CountingRandom random;
    BOOST_TEST(make_request_id(random) == "f8f9fafbfcfdfeff0001020304050607");
    BOOST_TEST(make_request_id(random) == "08090a0b0c0d0e0f1011121314151617");
}

BOOST_AUTO_TEST_CASE(a_date_is_in_the_form_of_http) {
    BOOST_TEST(http_date(WallTime{}) == "Thu, 01 Jan 1970 00:00:00 GMT");
    BOOST_TEST(http_date(WallTime{Milliseconds{784'111'777'999}}) ==
               "Sun, 06 Nov 1994 08:49:37 GMT");
}

BOOST_AUTO_TEST_CASE(a_date_that_is_kept_is_another_one_with_each_second) {
    HttpDate date;
    for (const int milliseconds : {0, 999, 1000, 86'400'000, 999, -1}) {
        const WallTime now{Milliseconds{milliseconds}};
        BOOST_TEST(date.at(now) == http_date(now), milliseconds);
    }
}

BOOST_AUTO_TEST_SUITE_END()
