#include "api/client_response.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::api;
namespace http = boost::beast::http;
using State = ResponseReader::State;

namespace {

ClientRequest request_to(const std::string& url, http::verb method = http::verb::get) {
    ClientRequest request;
    request.url = *parse_http_url(url);
    request.method = method;
    return request;
}

/// "200 body keep", "response_too_large", "reading".
struct Exchange {
    explicit Exchange(http::verb method = http::verb::get, std::size_t body_bytes_max = 64 * 1024)
        : request(request_to("http://hub.example:81/x", method)) {
        request.limits.response_bytes_max = body_bytes_max;
    }
    std::string hear(std::string_view bytes, bool ends = false) {
        ResponseReader reader{request};
        State state = reader.on_bytes(bytes);
        if (state == State::reading && ends) state = reader.on_end();
        // The same, byte by byte.
        ResponseReader slow{request};
        State slow_state = State::reading;
        for (std::size_t i = 0; i < bytes.size() && slow_state == State::reading; ++i) {
            slow_state = slow.on_bytes(bytes.substr(i, 1));
        }
        if (slow_state == State::reading && ends) slow_state = slow.on_end();
        BOOST_TEST((slow_state == state));
        if (state == State::reading) return "reading";
        const ClientResult result = reader.take();
        if (!result) return std::string{to_string(result.error().failure)};
        return std::to_string(result->status) + " " + result->body +
               (reader.keeps_connection() ? " keep" : " close");
    }
    ClientRequest request;
};

std::string ok(const std::string& rest) { return "HTTP/1.1 200 OK\r\n" + rest; }

}  // namespace

BOOST_AUTO_TEST_SUITE(client_response)

BOOST_AUTO_TEST_CASE(a_request_is_written_with_host_length_and_its_own_fields) {
    ClientRequest request = request_to("http://[::1]:8080/push?a=b", http::verb::post);
    request.fields = {{"Content-Type", "application/json"}, {"nonce", "n"}};
    request.body = "{}";
    BOOST_TEST(request_bytes(request) ==
               "POST /push?a=b HTTP/1.1\r\nHost: [::1]:8080\r\nUser-Agent: Holdfast\r\n"
               "Content-Type: application/json\r\nnonce: n\r\nContent-Length: 2\r\n\r\n{}");
    BOOST_TEST(request_bytes(request_to("http://a")) ==
               "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: Holdfast\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_response_ends_with_its_length_or_last_chunk_and_the_connection_is_kept) {
    BOOST_TEST(Exchange{}.hear(ok("Content-Length: 3\r\n\r\nabc")) == "200 abc keep");
    BOOST_TEST(Exchange{}.hear(ok("Content-Length: 3\r\n\r\nab")) == "reading");
    BOOST_TEST(Exchange{}.hear(ok("Content-Length: 0\r\n\r\n")) == "200  keep");
    BOOST_TEST(
        Exchange{}.hear(ok("Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")) ==
        "200 abc keep");
    BOOST_TEST(Exchange{}.hear("HTTP/1.1 204 No Content\r\n\r\n") == "204  keep");
    BOOST_TEST(Exchange{}.hear("HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\nx") == "500 x keep");
}

BOOST_AUTO_TEST_CASE(a_response_without_length_ends_with_the_connection) {
    BOOST_TEST(Exchange{}.hear(ok("\r\nabc")) == "reading");
    BOOST_TEST(Exchange{}.hear(ok("\r\nabc"), true) == "200 abc close");
    BOOST_TEST(Exchange{}.hear("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na") == "200 a close");
    BOOST_TEST(Exchange{}.hear(ok("Connection: close\r\nContent-Length: 1\r\n\r\na")) ==
               "200 a close");
}

BOOST_AUTO_TEST_CASE(a_connection_that_ends_too_early_is_lost) {
    BOOST_TEST(Exchange{}.hear("", true) == "connection_lost");
    BOOST_TEST(Exchange{}.hear("HTTP/1.1 2", true) == "connection_lost");
    BOOST_TEST(Exchange{}.hear(ok("Content-Length: 3\r\n\r\nab"), true) == "connection_lost");
    BOOST_TEST(Exchange{}.hear(ok("Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"), true) ==
               "connection_lost");
    ResponseReader reader{request_to("http://a")};
    BOOST_TEST(!reader.has_begun());
    BOOST_TEST((reader.on_bytes("H") == State::reading));
    BOOST_TEST(reader.has_begun());
}

BOOST_AUTO_TEST_CASE(what_comes_behind_a_response_is_not_the_next_one) {
    ResponseReader reader{request_to("http://a")};
    BOOST_TEST(
        (reader.on_bytes(ok("Content-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\n")) == State::complete));
    BOOST_TEST(!reader.keeps_connection());
    BOOST_TEST(reader.take()->body == "a");
}

BOOST_AUTO_TEST_CASE(a_response_of_1xx_is_passed_over_and_many_are_too_many) {
    const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    std::string some;
    for (int i = 1; i < interim_responses_max; ++i) some += interim;
    BOOST_TEST(Exchange{}.hear(some + ok("Content-Length: 1\r\n\r\na")) == "200 a keep");
    BOOST_TEST(Exchange{}.hear(some + interim) == "response_invalid");
    BOOST_TEST(Exchange{}.hear(interim, true) == "connection_lost");
}

BOOST_AUTO_TEST_CASE(the_response_to_head_has_no_body_whatever_its_length) {
    BOOST_TEST(Exchange{http::verb::head}.hear(ok("Content-Length: 30\r\n\r\n")) == "200  keep");
}

BOOST_AUTO_TEST_CASE(limits_are_met_and_not_exceeded) {
    const auto body = [](std::size_t size) {
        return ok("Content-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x'));
    };
    BOOST_TEST(Exchange(http::verb::get, 10).hear(body(10)).starts_with("200 xxxxxxxxxx"));
    BOOST_TEST(Exchange(http::verb::get, 10).hear(body(11)) == "response_too_large");
    BOOST_TEST(Exchange(http::verb::get, 3).hear(ok("\r\nabcd"), true) == "response_too_large");
    BOOST_TEST(Exchange(http::verb::get, 3)
                   .hear(ok("Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n")) ==
               "response_too_large");
    const std::string header(response_header_bytes_max, 'h');
    BOOST_TEST(Exchange{}.hear(ok("X: " + header + "\r\n\r\n")) == "response_too_large");
}

BOOST_AUTO_TEST_CASE(what_is_no_http_is_invalid) {
    for (const char* const text :
         {"hello\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/2 200\r\n\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
        BOOST_TEST(Exchange{}.hear(text) == "response_invalid", text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
