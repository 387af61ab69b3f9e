// What a post costs where nothing is done: reads a request with Beast, parses its body as JSON, answers 201
// with the fields that a message's acceptance has. What device_messages.py compares the server with.
//
//   bare_http PORT

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Response = http::response<http::string_body>;

Response answer_to(const http::request<http::string_body>& request) {
    const boost::json::value body = boost::json::parse(request.body());
    if (body.at("message").as_string().empty()) return Response{http::status::bad_request, request.version()};
    const boost::json::object accepted{{"message_id", "b1224afb-e9f0-4916-8220-b6bab568e888"},
                                       {"result",
                                        {{"status", "PENDING"},
                                         {"created_time", "20261127T121212Z"},
                                         {"finished_time", "20261127T121212Z"}}}};
    Response response{http::status::created, request.version()};
    response.set(http::field::content_type, "application/json");
    response.set("X-Request-Id", "0123456789abcdef0123456789abcdef");
    response.keep_alive(request.keep_alive());
    response.body() = boost::json::serialize(accepted);
    response.prepare_payload();
    return response;
}

asio::awaitable<void> serve(tcp::socket socket) {
    boost::beast::tcp_stream stream{std::move(socket)};
    boost::beast::flat_buffer buffer;
    try {
        while (true) {
            http::request<http::string_body> request;
            co_await http::async_read(stream, buffer, request, asio::use_awaitable);
            const Response response = answer_to(request);
            co_await http::async_write(stream, response, asio::use_awaitable);
        }
    } catch (const std::exception&) {
        // The client has gone, or sent what is no request: either way nobody waits for an answer.
    }
}

asio::awaitable<void> listen(tcp::acceptor acceptor) {
    while (true) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) {
        std::cerr << "usage: bare_http PORT\n";
        return 2;
    }
    asio::io_context context{1};
    const auto port = static_cast<std::uint16_t>(std::strtoul(words[1], nullptr, 10));
    tcp::acceptor acceptor{context, {asio::ip::make_address("127.0.0.1"), port}};
    std::cout << "ready\n" << std::flush;
    asio::co_spawn(context, listen(std::move(acceptor)), asio::detached);
    context.run();
}
