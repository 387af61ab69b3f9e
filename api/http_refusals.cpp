#include "api/http_refusals.hpp"

#include "base/ascii.hpp"

#include <boost/beast/http/error.hpp>

#include <string>

namespace holdfast::api {

using boost::system::error_code;

std::optional<Response> refusal_of(const error_code& error, const HttpLimits& limits,
                                   bool has_timed_out) {
    if (has_timed_out) {
        return error_response(http::status::request_timeout, "the request took too long to arrive");
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return error_response(
            http::status::request_header_fields_too_large,
            "the header is longer than " + std::to_string(limits.header_bytes_max) + " bytes");
    }
    if (error == http::error::body_limit) {
        return error_response(
            http::status::payload_too_large,
            "the body is longer than " + std::to_string(limits.body_bytes_max) + " bytes");
    }
    if (error == http::error::bad_version) {
        return error_response(http::status::http_version_not_supported,
                              "the version is neither HTTP/1.0 nor HTTP/1.1");
    }
    const bool is_of_the_peer =
        error.category() == make_error_code(http::error::bad_value).category();
    if (!is_of_the_peer || error == http::error::end_of_stream ||
        error == http::error::partial_message) {
        return std::nullopt;
    }
    return error_response(http::status::bad_request, "this is not HTTP: " + error.message());
}

std::optional<Response> judge_framing(const RequestHeader& header) {
    const std::size_t hosts = header.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && header.version() == 11)) {
        return error_response(http::status::bad_request, "the header Host must be there once");
    }
    const std::size_t encodings = header.count(http::field::transfer_encoding);
    const auto encoding = header[http::field::transfer_encoding];
    if (encodings > 1 || (encodings == 1 && !equals_ignoring_case(encoding, "chunked"))) {
        return error_response(http::status::not_implemented,
                              "the only Transfer-Encoding known here is chunked");
    }
    const auto expectation = header[http::field::expect];
    if (!expectation.empty() && !equals_ignoring_case(expectation, "100-continue")) {
        return error_response(http::status::expectation_failed,
                              "the only Expect known here is 100-continue");
    }
    return std::nullopt;
}

}  // namespace holdfast::api
