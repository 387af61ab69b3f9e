#include "api/exchange.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace holdfast::api {

namespace {

constexpr unsigned http_version = 11;  // frame() has the peer's
constexpr std::size_t header_bytes_expected = 256;

void append_field(std::string& text, std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
}

void append_digits(std::string& text, std::size_t count, unsigned number) {
    text.append(count, '0');
    for (std::size_t at = text.size(); at > text.size() - count; --at, number /= 10) {
        text[at - 1] = static_cast<char>('0' + number % 10);
    }
}

}  // namespace

Exchange::Exchange(Request request, Target target, std::string_view peer)
    : parts_(std::make_unique<Parts>(Parts{std::move(request), std::move(target), peer, {}})) {}

const std::string& Exchange::parameter(std::string_view name) const {
    const auto found = parts_->target.parameters.find(name);
    CHECK(found != parts_->target.parameters.end());
    return found->second;
}

const std::string* Exchange::find_parameter(std::string_view name) const {
    const auto found = parts_->target.parameters.find(name);
    return found == parts_->target.parameters.end() ? nullptr : &found->second;
}

std::optional<std::string> Exchange::find_query(std::string_view name) const {
    const auto found = parts_->target.query.find(name);
    if (found == parts_->target.query.end()) return std::nullopt;
    return found->second;
}

Response text_response(http::status status, std::string_view content_type, std::string body) {
    Response response{status, http_version};
    response.set(http::field::content_type, {content_type.data(), content_type.size()});
    response.body() = std::move(body);
    return response;
}

Response json_response(http::status status, const boost::json::value& value) {
    return text_response(status, "application/json", boost::json::serialize(value) + "\n");
}

Response empty_response(http::status status) { return Response{status, http_version}; }

Response error_response(http::status status, std::string_view code, std::string_view message) {
    return json_response(status, {{"error_code", code}, {"error_msg", message}});
}

Response error_response(http::status status, std::string_view message) {
    return error_response(status, error_code_of(status), message);
}

std::string error_code_of(http::status status) {
    // Those that the device platform's contract has a code for; the others are ours.
    switch (status) {
        case http::status::bad_request: return "IOTDA.000006";
        case http::status::unsupported_media_type: return "IOTDA.000008";
        case http::status::not_found: return "IOTDA.000029";
        case http::status::internal_server_error: return "IOTDA.000001";
        default: return "HOLDFAST.000" + std::to_string(static_cast<unsigned>(status));
    }
}

Framed frame(const Response& response, const Framing& framing) {
    const bool is_newer = framing.version >= 11;
    // HTTP/1.0 knows no chunks: there the end of the connection is the end.
    Framed framed{.header = is_newer ? "HTTP/1.1 " : "HTTP/1.0 ",
                  .is_chunked = response.next_piece && is_newer,
                  .keeps_alive = framing.keeps_alive && (is_newer || !response.next_piece)};
    std::string& text = framed.header;
    text.reserve(header_bytes_expected);
    text.append(std::to_string(response.result_int())).append(" ");
    text.append(std::string_view{response.reason()}).append("\r\n");
    for (const auto& field : response) {
        append_field(text, std::string_view{field.name_string()}, std::string_view{field.value()});
    }
    append_field(text, "Server", "Holdfast");
    append_field(text, "Date", framing.date);
    append_field(text, "X-Request-Id", framing.request_id);
    if (framed.keeps_alive != is_newer) {
        append_field(text, "Connection", framed.keeps_alive ? "keep-alive" : "close");
    }
    if (framed.is_chunked) append_field(text, "Transfer-Encoding", "chunked");
    // A response that has no content by its nature says no length either (RFC 9110, 8.6).
    if (!response.next_piece && response.result() != http::status::no_content) {
        append_field(text, "Content-Length", std::to_string(response.body().size()));
    }
    text.append("\r\n");
    return framed;
}

std::string make_request_id(Random& random) {
    return random_hex(random, 16);
}

std::string http_date(WallTime now) {
    constexpr std::string_view days = "SunMonTueWedThuFriSat";
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<Seconds>(now - day)};
    std::string text;
    text.reserve(32);
    text.append(days.substr(std::chrono::weekday{day}.c_encoding() * 3, 3)).append(", ");
    append_digits(text, 2, static_cast<unsigned>(date.day()));
    text.append(" ").append(months.substr((static_cast<unsigned>(date.month()) - 1) * 3, 3));
    text.append(" ");
    append_digits(text, 4, static_cast<unsigned>(static_cast<int>(date.year())));
    text.append(" ");
    append_digits(text, 2, static_cast<unsigned>(time.hours().count()));
    text.append(":");
    append_digits(text, 2, static_cast<unsigned>(time.minutes().count()));
    text.append(":");
    append_digits(text, 2, static_cast<unsigned>(time.seconds().count()));
    text.append(" GMT");
    return text;
}

const std::string& HttpDate::at(WallTime now) {
    if (const WallTime second = std::chrono::floor<Seconds>(now); second != second_) {
        second_ = second;
        text_ = http_date(now);
    }
    return text_;
}

}  // namespace holdfast::api
