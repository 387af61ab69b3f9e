#include "access/token_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <utility>

namespace holdfast::access {

namespace {

/// Of valid JSON: each name is followed by a colon, and no other colon is outside of a text.
std::size_t count_names_written(std::string_view text) {
    std::size_t count = 0;
    bool is_inside = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_inside && text[at] == '\\') {
            ++at;
        } else if (text[at] == '"') {
            is_inside = !is_inside;
        } else if (text[at] == ':' && !is_inside) {
            ++count;
        }
    }
    return count;
}

/// Recurses as deep as the parser allowed.
std::size_t count_names(const boost::json::value& value) {
    std::size_t count = 0;
    if (const auto* const object = value.if_object()) {
        for (const auto& member : *object) count += 1 + count_names(member.value());
    } else if (const auto* const array = value.if_array()) {
        for (const auto& element : *array) count += count_names(element);
    }
    return count;
}

}  // namespace

std::optional<boost::json::object> parse_token_json(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = token_json_depth_max;
    boost::system::error_code error;
    boost::json::value value = boost::json::parse({text.data(), text.size()}, error, {}, options);
    if (error || !value.is_object()) return std::nullopt;
    if (count_names(value) != count_names_written(text)) return std::nullopt;
    return std::move(value.get_object());
}

const boost::json::string* find_text(const boost::json::object& object, std::string_view name) {
    const boost::json::value* const value = object.if_contains({name.data(), name.size()});
    return value == nullptr ? nullptr : value->if_string();
}

}  // namespace holdfast::access
