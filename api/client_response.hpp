#pragma once
// The protocol of HttpClient without a socket: the bytes of a request, and ClientResponse from the bytes that
// come back: HTTP/1.1 as RFC 9112 has it, responses of 1xx passed over, a body up to its length, its last
// chunk or the end of the connection. Errors: ClientError, with a detail for people.
// A ResponseReader reads one response. Threads: one. Limits: ClientLimits::response_bytes_max, the constants.

#include "api/http_client.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

inline constexpr std::uint32_t response_header_bytes_max = 16 * 1024;
/// Responses of 1xx before the one that counts.
inline constexpr int interim_responses_max = 8;

/// What is written for a request, header and body.
[[nodiscard]] std::string request_bytes(const ClientRequest& request);

class ResponseReader {
public:
    explicit ResponseReader(const ClientRequest& request);

    enum class State : std::uint8_t { reading, complete, failed };
    [[nodiscard]] State on_bytes(std::string_view bytes);
    /// The peer sends nothing more.
    [[nodiscard]] State on_end();

    /// Whether anything came.
    [[nodiscard]] bool has_begun() const { return has_begun_; }
    /// Once complete: another request may follow on the connection.
    [[nodiscard]] bool keeps_connection() const { return keeps_connection_; }
    /// Once complete or failed; once.
    [[nodiscard]] ClientResult take();

private:
    using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

    void begin();
    [[nodiscard]] State parse();
    [[nodiscard]] State on_message();
    [[nodiscard]] State fail(ClientFailure failure, std::string_view why);

    const std::string origin_;
    const std::size_t body_bytes_max_;
    const bool is_head_;
    std::optional<Parser> parser_;
    std::string buffer_;  ///< not parsed yet
    int interim_ = 0;
    bool has_begun_ = false;
    bool keeps_connection_ = false;
    std::optional<ClientResult> result_;
};

}  // namespace holdfast::api
