#include "api/json_body.hpp"

#include <boost/json/memory_resource.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>

#include <array>
#include <cstddef>
#include <string>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr std::string_view not_json = "IOTDA.000008";
constexpr std::string_view invalid_field = "IOTDA.000006";

/// A value is built once and thrown away whole: its parts need no allocation of their own. Those of a small
/// one have room in here; a larger one takes more, piece by piece.
class ValueMemory final : public json::memory_resource {
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        return parts_.allocate(bytes, alignment);
    }
    void do_deallocate(void* /*part*/, std::size_t /*bytes*/, std::size_t /*alignment*/) override {}
    [[nodiscard]] bool do_is_equal(const json::memory_resource& other) const noexcept override {
        return this == &other;
    }

    std::array<unsigned char, 768> first_;
    json::monotonic_resource parts_{first_.data(), first_.size()};
};

}  // namespace

boost::system::result<json::value, JsonProblem> parse_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = json_depth_max;
    std::array<unsigned char, 1024> unfinished;
    json::parser parser{{}, options, unfinished.data(), unfinished.size()};
    parser.reset(json::make_shared_resource<ValueMemory>());
    boost::system::error_code error;
    const std::size_t parsed = parser.write_some(text.data(), text.size(), error);
    if (!error && parsed < text.size()) error = json::error::extra_data;
    if (!error) return parser.release();
    if (error == json::error::too_deep) {
        return JsonProblem{"is nested deeper than " + std::to_string(json_depth_max) +
                           " arrays and objects"};
    }
    return JsonProblem{"is not JSON: " + error.message() + " at byte " + std::to_string(parsed)};
}

boost::system::result<json::value, Response> parse_json_body(std::string_view body) {
    auto parsed = parse_json(body);
    if (parsed) return std::move(*parsed);
    return error_response(http::status::bad_request, not_json, "the body " + parsed.error().text);
}

Response field_error_response(const FieldError& error) {
    return error_response(http::status::bad_request, invalid_field, to_string(error));
}

}  // namespace holdfast::api
