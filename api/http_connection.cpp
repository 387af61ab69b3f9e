#include "api/http_connection.hpp"

#include "api/http_work.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/defer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <optional>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using boost::asio::buffer_size;
using boost::system::error_code;

constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);
constexpr std::size_t read_bytes = 8 * 1024;
constexpr std::size_t body_read_bytes = 32 * 1024;
/// What a peer has sent before it reads our last words is thrown away, to this extent.
constexpr std::size_t linger_bytes_max = 1024 * 1024;
constexpr Seconds linger_max{2};
constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

std::string peer_text(const boost::asio::ip::tcp::socket& socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return "?";
    const std::string address = endpoint.address().to_string();
    const std::string host = endpoint.address().is_v6() ? "[" + address + "]" : address;
    return host + ":" + std::to_string(endpoint.port());
}

void tell(const HttpConnection& connection, Severity severity, std::string_view name,
          const std::string& detail) {
    EventSink& events = connection.context().events;
    if (!events.wants(severity)) return;
    Event event;
    event.severity = severity;
    event.name = name;
    event.address = connection.peer();
    event.detail = detail;
    events.on_event(event);
}

// What follows runs inside serve() and refuse(), which keep the connection.

/// True: a request begins. False: none came in time, or the peer has gone.
awaitable<bool> wait_for_request(HttpConnection* connection) {
    auto& buffer = connection->buffer();
    if (buffer.size() != 0) co_return true;  // pipelined
    if (connection->context().is_stopping) co_return false;
    connection->set_idle(true);
    connection->arm(connection->context().limits.idle_deadline);
    // A peer that has its answer this moment has sent nothing yet. Reading behind the others that are ready
    // mostly finds the next request, where reading at once costs a system call that finds nothing.
    co_await boost::asio::defer(connection->stream().socket().get_executor(), as_result);
    const auto space = buffer.prepare(read_bytes);
    const auto [error, count] = co_await connection->stream().async_read_some(space, as_result);
    connection->disarm();
    connection->set_idle(false);
    if (error) co_return false;
    buffer.commit(count);
    co_return true;
}

/// Beast's header limit does not count fields that came in earlier pieces: this loop does.
awaitable<error_code> read_header(HttpConnection* connection, RequestParser* parser) {
    auto& buffer = connection->buffer();
    const std::size_t limit = connection->context().limits.header_bytes_max;
    std::size_t header_bytes = 0;
    while (true) {
        error_code error;
        const std::size_t parsed = parser->put(buffer.data(), error);
        buffer.consume(parsed);
        header_bytes += parsed;
        if (error && error != http::error::need_more) co_return error;
        if (header_bytes > limit) co_return http::error::header_limit;
        if (parser->is_header_done()) co_return error_code{};
        if (header_bytes + buffer.size() > limit) co_return http::error::header_limit;
        connection->arm_for_request();
        const auto space = buffer.prepare(read_bytes);
        const auto [read_error, count] =
            co_await connection->stream().async_read_some(space, as_result);
        if (read_error) co_return read_error;
        buffer.commit(count);
    }
}

awaitable<error_code> read_body(HttpConnection* connection, RequestParser* parser) {
    connection->arm_for_request();
    if (!parser->get()[http::field::expect].empty() && parser->get().version() == 11) {
        const auto words = boost::asio::buffer(continue_response);
        const auto [write_error, written] =
            co_await connection->stream().async_write(words, as_result);
        if (write_error) co_return write_error;
    }
    parser->eager(true);
    auto& buffer = connection->buffer();
    while (true) {
        error_code error;
        buffer.consume(parser->put(buffer.data(), error));
        if (error && error != http::error::need_more) co_return error;
        if (parser->is_done()) co_return error_code{};
        // All but an unfinished line between chunks has been taken.
        if (buffer.size() > body_read_bytes) co_return http::error::header_limit;
        const auto space = buffer.prepare(body_read_bytes);
        const auto [read_error, count] =
            co_await connection->stream().async_read_some(space, as_result);
        if (read_error) co_return read_error;
        buffer.commit(count);
    }
}

using Parts = std::array<boost::asio::const_buffer, 2>;

/// Takes off `parts` what the kernel has room for: mostly all of it, and nothing has to be waited for.
error_code write_now(HttpConnection& connection, Parts& parts) {
    HttpStream& stream = connection.stream();
    if (stream.is_secure()) return {};  // its records are made by whoever waits
    error_code error;
    std::size_t written = stream.socket().write_some(parts, error);
    if (error == boost::asio::error::would_block) return {};
    for (auto& part : parts) {
        const std::size_t taken = std::min(written, part.size());
        part += taken;
        written -= taken;
    }
    return error;
}

/// What write_now() has left.
awaitable<error_code> write_rest(HttpConnection* connection, Parts parts) {
    connection->arm(connection->context().limits.response_deadline);
    const auto [error, count] = co_await connection->stream().async_write(parts, as_result);
    connection->disarm();
    co_return error;
}

/// One piece of a body as HTTP/1.1 frames it; an empty one is the last.
std::string chunk_of(std::string_view piece) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), piece.size(), 16).ptr;
    return std::string{digits.begin(), end}.append("\r\n").append(piece).append("\r\n");
}

/// What comes of a body, as it comes.
awaitable<error_code> write_pieces(HttpConnection* connection, Response* response,
                                   bool is_chunked) {
    while (true) {
        const auto piece = co_await response->next_piece();
        if (piece && piece->empty()) continue;
        if (!piece && !is_chunked) co_return error_code{};
        const std::string_view body = piece ? std::string_view{*piece} : std::string_view{};
        const std::string framed = is_chunked ? chunk_of(body) : std::string{body};
        Parts parts{boost::asio::buffer(framed)};
        error_code error = write_now(*connection, parts);
        if (!error && buffer_size(parts) > 0) error = co_await write_rest(connection, parts);
        if (error || !piece) co_return error;
    }
}

/// True: the answer is with the kernel and the connection may go on.
awaitable<bool> write_response(HttpConnection* connection, Work* work) {
    HttpContext& context = connection->context();
    const RequestFacts& facts = work->facts;
    Response& response = work->response;
    const Framing framing{.version = facts.version,
                          .keeps_alive = facts.keeps_alive && !context.is_stopping,
                          .request_id = facts.request_id,
                          .date = context.date.at(context.clock.wall_now())};
    const Framed framed = frame(response, framing);
    // The request's line is for looking into things: failures are told by those whose they are.
    if (context.events.wants(Severity::debug)) {
        tell(*connection, Severity::debug, "http_request",
             facts.line + " " + std::to_string(response.result_int()) +
                 " request_id=" + facts.request_id);
    }
    const std::string_view body = facts.is_head ? std::string_view{} : response.body();
    Parts parts{boost::asio::buffer(framed.header), boost::asio::buffer(body)};
    error_code error = write_now(*connection, parts);
    if (!error && buffer_size(parts) > 0) error = co_await write_rest(connection, parts);
    if (!error && response.next_piece && !facts.is_head) {
        error = co_await write_pieces(connection, &response, framed.is_chunked);
    }
    co_return !error && framed.keeps_alive;
}

Response failed(const HttpConnection& connection, const RequestFacts& facts,
                const std::exception& error) {
    tell(connection, Severity::error, "http_request_failed",
         std::string{error.what()} + " request_id=" + facts.request_id);
    return error_response(http::status::internal_server_error,
                          "an internal error; the log names it by the request id");
}

/// True: the connection may go on with another request.
awaitable<bool> answer_one(HttpConnection* connection, Work* work) {
    HttpContext& context = connection->context();
    work->parser.header_limit(static_cast<std::uint32_t>(context.limits.header_bytes_max));
    work->parser.body_limit(context.limits.body_bytes_max);
    error_code error = co_await read_header(connection, &work->parser);
    if (!error) {
        const bool is_wanted = judge(*work, context);
        if (!is_wanted) {
            connection->disarm();
            co_return co_await write_response(connection, work);
        }
        if (!work->parser.is_done()) error = co_await read_body(connection, &work->parser);
    }
    connection->disarm();
    if (!error) {
        try {
            Exchange exchange{work->parser.release(), std::move(work->match->target),
                              connection->peer()};
            work->response = co_await answer(*work->match->handler, work->match->action,
                                             context.access, std::move(exchange));
        } catch (const std::exception& failure) {
            work->response = failed(*connection, work->facts, failure);
        }
    } else if (!refuse_unread(*work, context, error, connection->has_timed_out())) {
        co_return false;
    }
    co_return co_await write_response(connection, work);
}

/// Our last words would be lost if the socket were closed while bytes of the peer's are unread.
awaitable<void> close_gracefully(HttpConnection* connection) {
    error_code ignored;
    HttpStream& stream = connection->stream();
    connection->set_idle(true);
    connection->arm(linger_max);
    if (stream.is_secure()) {
        const auto [unclean] = co_await stream.async_shutdown(as_result);
        if (unclean) stream.socket().close(ignored);
    }
    stream.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    std::array<char, 4096> unwanted{};
    for (std::size_t bytes = 0; bytes < linger_bytes_max && !connection->context().is_stopping;) {
        const auto [error, count] =
            co_await stream.socket().async_read_some(boost::asio::buffer(unwanted), as_result);
        if (error) break;
        bytes += count;
    }
    connection->disarm();
    stream.socket().close(ignored);
}

/// True: there is no TLS, or it has begun.
awaitable<bool> begin_tls(HttpConnection* connection) {
    if (!connection->stream().is_secure()) co_return true;
    connection->arm(connection->context().limits.request_deadline);
    const auto [error] = co_await connection->stream().async_handshake(as_result);
    connection->disarm();
    if (!error) co_return true;
    tell(*connection, Severity::info, "http_tls_failed", error.message());
    connection->close();
    co_return false;
}

}  // namespace

HttpConnection::HttpConnection(boost::asio::ip::tcp::socket socket,
                               std::shared_ptr<HttpContext> context)
    : stream_(std::move(socket), context->make_tls),
      // A header that just fits, and a read behind it.
      buffer_(context->limits.header_bytes_max + 64 * 1024),
      context_(std::move(context)),
      peer_(peer_text(stream_.socket())) {}

void HttpConnection::close_if_idle() {
    if (is_idle_) close();
}

void HttpConnection::close() {
    error_code ignored;
    stream_.socket().close(ignored);
}

void HttpConnection::arm(Seconds limit) {
    has_timed_out_ = false;
    deadline_ = deadline_after(context_->clock.now(), limit);
}

void HttpConnection::arm_for_request() {
    if (deadline_ == never) arm(context_->limits.request_deadline);
}

void HttpConnection::on_tick(Instant now) {
    if (now < deadline_) return;
    has_timed_out_ = true;
    error_code ignored;
    stream_.socket().cancel(ignored);
}

awaitable<void> serve(HttpConnectionPtr connection) {
    const bool has_begun = co_await begin_tls(connection.get());
    if (!has_begun) co_return;
    std::optional<Work> work;
    while (true) {
        const bool has_request = co_await wait_for_request(connection.get());
        if (!has_request) break;
        const bool goes_on = co_await answer_one(connection.get(), &work.emplace());
        work.reset();  // what it holds is for others, however long the connection lasts
        if (!goes_on) break;
    }
    co_await close_gracefully(connection.get());
}

awaitable<void> refuse(HttpConnectionPtr connection) {
    const bool has_begun = co_await begin_tls(connection.get());
    if (!has_begun) co_return;
    std::optional<Work> work;
    work.emplace();
    work->response =
        error_response(http::status::service_unavailable, "there are too many connections");
    work->response.set(http::field::retry_after, "1");
    work->facts.request_id = make_request_id(connection->context().random);
    work->facts.line = "(a connection too many)";
    co_await write_response(connection.get(), &*work);
    co_await close_gracefully(connection.get());
}

}  // namespace holdfast::api
