#include "api/message_query.hpp"

#include "api/json_body.hpp"
#include "api/message_schema.hpp"

#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace holdfast::api {

namespace {

using delivery::ListQuery;
using delivery::MessageStatus;

std::optional<std::size_t> read_limit(std::string_view text) {
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    if (!is_number || limit < 1 || limit > list_messages_max) return std::nullopt;
    return limit;
}

std::optional<MessageStatus> read_status(std::string_view text) {
    constexpr std::array all{MessageStatus::pending, MessageStatus::delivered,
                             MessageStatus::failed, MessageStatus::timeout};
    for (const MessageStatus status : all) {
        if (text == to_string(status)) return status;
    }
    return std::nullopt;
}

}  // namespace

boost::system::result<ListQuery, Response> read_list_query(const Exchange& exchange) {
    ListQuery query;
    query.count_max = list_messages_max;
    if (const auto text = exchange.find_query("limit")) {
        const auto limit = read_limit(*text);
        if (!limit) {
            return error_response(
                http::status::bad_request, "IOTDA.000017",
                "limit must be a whole number from 1 to " + std::to_string(list_messages_max));
        }
        query.count_max = *limit;
    }
    if (const auto text = exchange.find_query("status")) {
        query.status = read_status(*text);
        if (!query.status) {
            return field_error_response(
                {"status", "must be one of PENDING, DELIVERED, FAILED, TIMEOUT", {}});
        }
    }
    if (auto marker = exchange.find_query("marker")) {
        if (!is_within(*marker, identifier_rule())) {
            return field_error_response({"marker", to_string(identifier_rule()), {}});
        }
        query.after_message_id = std::move(*marker);
    }
    return query;
}

}  // namespace holdfast::api
