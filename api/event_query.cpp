#include "api/event_query.hpp"

#include "api/json_body.hpp"

#include <charconv>

namespace holdfast::api {

namespace {

std::optional<std::size_t> read_number(std::string_view text, std::size_t min, std::size_t max) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    if (!is_number || number < min || number > max) return std::nullopt;
    return number;
}

bool wants_stream(const Exchange& exchange) {
    const std::string_view accept = exchange.header()[http::field::accept];
    return accept.find("text/event-stream") != std::string_view::npos;
}

/// Who comes back to a stream says with a header where it was.
std::optional<std::string> cursor_of(const Exchange& exchange, bool is_stream) {
    if (is_stream) {
        const std::string_view last = exchange.header()["Last-Event-ID"];
        if (!last.empty()) return std::string{last};
    }
    return exchange.find_query("after");
}

/// Keeps the first thing that is wrong.
class EventQueryReader {
public:
    explicit EventQueryReader(const Exchange& exchange) : exchange_(exchange) {}

    boost::system::result<EventQuery, Response> read() {
        query_.is_stream = wants_stream(exchange_);
        read_cursor();
        read_counts();
        read_filter();
        if (error_) return field_error_response(*error_);
        return std::move(query_);
    }

private:
    void fail(std::string field, std::string rule) {
        if (!error_) error_ = FieldError{std::move(field), std::move(rule), {}};
    }

    void read_cursor() {
        const auto text = cursor_of(exchange_, query_.is_stream);
        if (!text) return;
        query_.from_latest = *text == "latest";
        if (query_.from_latest) return;
        query_.after = parse_event_id(*text);
        if (!query_.after) fail("after", "must be a cursor that an answer gave, or latest");
    }

    void read_counts() {
        if (const auto text = exchange_.find_query("limit")) {
            const auto limit = read_number(*text, 1, event_list_max);
            if (!limit) fail("limit", "must be a whole number from 1 to 1000");
            query_.limit = limit.value_or(1);
        }
        if (const auto text = exchange_.find_query("wait")) {
            const auto wait =
                read_number(*text, 0, static_cast<std::size_t>(event_wait_max.count()));
            if (!wait) fail("wait", "must be a whole number of seconds from 0 to 60");
            query_.wait = Seconds{wait.value_or(0)};
        }
    }

    void read_filter() {
        EventFilter& filter = query_.filter;
        filter.resource = exchange_.find_query("resource").value_or("");
        filter.event = exchange_.find_query("event").value_or("");
        filter.device_id = exchange_.find_query("device_id").value_or("");
        if (!filter.resource.empty() && !is_resource(filter.resource)) {
            fail("resource", "must be a resource such as device.message.status");
        }
        if (!filter.resource.empty() && !filter.event.empty() &&
            !find_kind(filter.resource, filter.event)) {
            fail("event", "must be an event of " + filter.resource);
        }
    }

    const Exchange& exchange_;
    EventQuery query_;
    std::optional<FieldError> error_;
};

}  // namespace

bool EventFilter::matches(const PlatformEvent& given) const {
    const PlatformEventName name = name_of(given.kind);
    return (resource.empty() || resource == name.resource) &&
           (event.empty() || event == name.event) &&
           (device_id.empty() || device_id == given.subject.device_id);
}

boost::system::result<EventQuery, Response> read_event_query(const Exchange& exchange) {
    return EventQueryReader{exchange}.read();
}

}  // namespace holdfast::api
