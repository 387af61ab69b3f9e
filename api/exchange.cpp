#include "api/exchange.hpp"

#include "base/error.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <cstdio>
#include <utility>

namespace holdfast::api {

namespace {

constexpr unsigned http_version = 11;  // add_framing lowers it for older peers

}  // namespace

Exchange::Exchange(Request request, Target target, std::string request_id, std::string peer)
    : request_(std::move(request)),
      target_(std::move(target)),
      request_id_(std::move(request_id)),
      peer_(std::move(peer)) {}

const std::string& Exchange::parameter(std::string_view name) const {
    const auto found = target_.parameters.find(name);
    CHECK(found != target_.parameters.end());
    return found->second;
}

std::optional<std::string> Exchange::find_query(std::string_view name) const {
    const auto found = target_.query.find(name);
    if (found == target_.query.end()) return std::nullopt;
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

void add_framing(Response& response, const Framing& framing) {
    response.version(framing.version);
    response.keep_alive(framing.keeps_alive);
    response.set(http::field::server, "Holdfast");
    response.set(http::field::date, http_date(framing.now));
    response.set("X-Request-Id", framing.request_id);
    response.prepare_payload();
    // A response that has no content by its nature says no length either (RFC 9110, 8.6).
    if (response.result() == http::status::no_content) response.erase(http::field::content_length);
}

std::string header_text(const Response& response) {
    std::string text = response.version() == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
    text.reserve(256);
    text.append(std::to_string(response.result_int())).append(" ");
    text.append(std::string_view{response.reason()}).append("\r\n");
    for (const auto& field : response) {
        text.append(std::string_view{field.name_string()}).append(": ");
        text.append(std::string_view{field.value()}).append("\r\n");
    }
    text.append("\r\n");
    return text;
}

std::string make_request_id(Random& random) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    std::string id;
    for (const std::uint8_t byte : bytes) {
        id += digits[byte >> 4U];
        id += digits[byte & 0x0FU];
    }
    return id;
}

std::string http_date(WallTime now) {
    constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<Seconds>(now - day)};
    std::array<char, 80> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
        days[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
        months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()));
    CHECK(length > 0);
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace holdfast::api
