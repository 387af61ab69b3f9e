#include "api/handlers/events.hpp"

#include "api/await_answer.hpp"
#include "api/event_query.hpp"
#include "api/json_text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <memory>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using store::Position;

constexpr std::size_t page_events_max = 256;
/// A list is full when its events have so many bytes.
constexpr std::size_t list_bytes_goal = 4 * 1024 * 1024;
/// Of a stream without events: a comment, so that whoever is between knows that it lives.
constexpr Seconds heart_beat{15};
constexpr std::string_view stream_type = "text/event-stream";

using ContextPtr = std::shared_ptr<const EventsContext>;
using Clock_ = boost::asio::steady_timer::clock_type;

Response store_is_unreadable(std::error_code error) {
    return error_response(http::status::internal_server_error,
                          "the events cannot be read: " + error.message());
}

Response not_kept() {
    return error_response(
        http::status::conflict, "HOLDFAST.000409",
        "events are kept only while an active rule wants them: write keep_all = true "
        "below [events] in the configuration to have all of them");
}

/// Empty: the cursor is good.
std::optional<Response> refuse_cursor(const EventLog& log, Position after) {
    const auto oldest = static_cast<std::uint64_t>(log.first()) - 1;
    const auto newest = static_cast<std::uint64_t>(log.last());
    const auto cursor = static_cast<std::uint64_t>(after);
    if (cursor >= oldest && cursor <= newest) return std::nullopt;
    const std::string why =
        cursor > newest ? "no event has had that cursor yet" : "events behind that cursor are gone";
    return json_response(
        http::status::gone,
        {{"error_code", "HOLDFAST.000410"},
         {"error_msg", why + "; the oldest cursor to go on from is " + std::to_string(oldest)},
         {"oldest", std::to_string(oldest)},
         {"latest", std::to_string(newest)}});
}

Position start_of(const EventLog& log, const EventQuery& query) {
    if (query.from_latest) return log.last();
    return query.after.value_or(Position{static_cast<std::uint64_t>(log.first()) - 1});
}

/// One reader's way through the log.
struct Reading {
    Position cursor{};
    std::vector<std::string> events;  ///< as JSON, with their cursors
    std::vector<Position> positions;
    std::size_t bytes = 0;
    std::error_code error;
};

/// Reads on until the list is full or nothing more can be read now.
awaitable<Reading> read_on(ContextPtr context, EventQuery query, Position after) {
    Reading reading;
    reading.cursor = after;
    while (reading.events.size() < query.limit && reading.bytes < list_bytes_goal) {
        const auto begin = [&](auto done) {
            context->log.read(reading.cursor, page_events_max, done);
        };
        const auto [error, page] = co_await await_answer<std::error_code, EventLog::Page>(begin);
        reading.error = error;
        if (error) break;
        for (const LoggedEvent& each : page.events) {
            const bool is_full =
                reading.events.size() >= query.limit || reading.bytes >= list_bytes_goal;
            if (is_full) break;
            reading.cursor = each.position;
            if (!query.filter.matches(each.event)) continue;
            reading.events.push_back(event_json(each));
            reading.positions.push_back(each.position);
            reading.bytes += reading.events.back().size();
        }
        const bool is_looked_through =
            page.events.empty() || reading.cursor >= page.events.back().position;
        if (is_looked_through) reading.cursor = std::max(reading.cursor, page.looked_through);
        if (page.is_last && is_looked_through) break;
    }
    co_return reading;
}

/// Until something can be read behind `cursor`, the instant has come, or the server ends.
awaitable<void> wait_for_events(ContextPtr context, Position cursor, Clock_::time_point until) {
    if (context->log.has_ended_waiting() || context->log.last() > cursor) co_return;
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto timer = std::make_shared<boost::asio::steady_timer>(executor, until);
    const EventLog::Watch watch = context->log.watch([timer] { timer->cancel(); });
    co_await timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

Response list_response(const Reading& reading) {
    JsonWriter writer;
    writer.begin_object();
    writer.begin_array("events");
    for (const std::string& event : reading.events) writer.element(event);
    writer.end_array();
    writer.text("cursor", event_id(reading.cursor));
    writer.end_object();
    return text_response(http::status::ok, "application/json", writer.take() + "\n");
}

Clock_::time_point after_now(const boost::asio::any_io_executor& executor, Milliseconds delay) {
    boost::asio::steady_timer timer{executor};
    timer.expires_after(delay);
    return timer.expiry();
}

bool has_passed(const boost::asio::any_io_executor& executor, Clock_::time_point instant) {
    return after_now(executor, Milliseconds{0}) >= instant;
}

awaitable<Response> list_events(ContextPtr context, EventQuery query) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const Clock_::time_point until = after_now(executor, query.wait);
    Position cursor = start_of(context->log, query);
    while (true) {
        const Reading reading = co_await read_on(context, query, cursor);
        if (reading.error) co_return store_is_unreadable(reading.error);
        const bool is_over = has_passed(executor, until) || context->log.has_ended_waiting();
        if (!reading.events.empty() || is_over) co_return list_response(reading);
        cursor = reading.cursor;
        co_await wait_for_events(context, cursor, until);
    }
}

// --- A stream

struct Stream {
    ContextPtr context;
    EventQuery query;
    Position cursor{};
};

std::string pieces_of(const Reading& reading) {
    std::string text;
    for (std::size_t i = 0; i < reading.events.size(); ++i) {
        text += "id: " + event_id(reading.positions[i]) + "\ndata: " + reading.events[i] + "\n\n";
    }
    return text;
}

/// The next events, or a comment when none came for a while; empty: the server ends, or cannot read.
awaitable<std::optional<std::string>> next_piece(std::shared_ptr<Stream> stream) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const Clock_::time_point until = after_now(executor, heart_beat);
    while (!stream->context->log.has_ended_waiting()) {
        const bool is_gone = refuse_cursor(stream->context->log, stream->cursor).has_value();
        if (is_gone) co_return std::nullopt;  // whoever comes back with that cursor is told
        const Reading reading = co_await read_on(stream->context, stream->query, stream->cursor);
        if (reading.error) co_return std::nullopt;
        stream->cursor = reading.cursor;
        if (!reading.events.empty()) co_return pieces_of(reading);
        if (has_passed(executor, until)) co_return ":\n\n";
        co_await wait_for_events(stream->context, stream->cursor, until);
    }
    co_return std::nullopt;
}

Response stream_events(ContextPtr context, EventQuery query) {
    const auto stream = std::make_shared<Stream>();
    stream->cursor = start_of(context->log, query);
    stream->context = std::move(context);
    stream->query = std::move(query);
    Response response = empty_response(http::status::ok);
    response.set(http::field::content_type, stream_type);
    response.set(http::field::cache_control, "no-store");
    response.next_piece = [stream] { return next_piece(stream); };
    return response;
}

awaitable<Response> answer_events(Exchange exchange, ContextPtr context) {
    auto query = read_event_query(exchange);
    if (!query) co_return std::move(query.error());
    const bool is_empty = context->log.first() > context->log.last();
    if (is_empty && !context->log.wants_anything()) co_return not_kept();
    if (query->after && !query->from_latest) {
        if (auto refusal = refuse_cursor(context->log, *query->after))
            co_return std::move(*refusal);
    }
    if (query->is_stream) co_return stream_events(context, std::move(*query));
    co_return co_await list_events(context, std::move(*query));
}

}  // namespace

void add_event_routes(Routes& routes, const EventsContext& given) {
    const auto context = std::make_shared<const EventsContext>(given);
    routes.add(http::verb::get, "/v5/iot/{project_id}/events", Action::events_query,
               [context](Exchange exchange) { return answer_events(std::move(exchange), context); });
}

}  // namespace holdfast::api
