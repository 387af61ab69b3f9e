#include "api/paging.hpp"

#include "api/json_body.hpp"

#include <charconv>
#include <optional>

namespace holdfast::api {

namespace {

constexpr std::size_t marker_digits = 24;
constexpr std::string_view limit_out_of_range = "IOTDA.000017";
constexpr std::string_view newest_marker = "ffffffffffffffffffffffff";

std::optional<std::size_t> read_number(std::string_view text, std::size_t min, std::size_t max) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    if (!is_number || number < min || number > max) return std::nullopt;
    return number;
}

bool is_marker(std::string_view text) {
    return text.size() == marker_digits &&
           text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

}  // namespace

boost::system::result<store::Paging, Response> read_paging(const Exchange& exchange) {
    store::Paging paging;
    if (const auto text = exchange.find_query("limit")) {
        const auto limit = read_number(*text, 1, page_limit_max);
        if (!limit) {
            return error_response(
                http::status::bad_request, limit_out_of_range,
                "limit must be a whole number from 1 to " + std::to_string(page_limit_max));
        }
        paging.limit = *limit;
    }
    if (const auto text = exchange.find_query("offset")) {
        const auto offset = read_number(*text, 0, page_offset_max);
        if (!offset) {
            return field_error_response(
                {"offset",
                 "must be a whole number from 0 to " + std::to_string(page_offset_max),
                 {}});
        }
        paging.offset = *offset;
    }
    if (auto text = exchange.find_query("marker")) {
        if (!is_marker(*text)) {
            return field_error_response({"marker", "must be 24 hexadecimal digits", {}});
        }
        paging.marker = std::move(*text);
    }
    return paging;
}

boost::json::object page_json(std::size_t count, const std::string& marker,
                              const store::Paging& asked) {
    const std::string& repeated = asked.marker;
    std::string shown = marker.empty() ? repeated : marker;
    if (shown.empty()) shown = newest_marker;
    return {{"count", count}, {"marker", shown}};
}

}  // namespace holdfast::api
