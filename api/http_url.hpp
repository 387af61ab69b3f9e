#pragma once
// HttpUrl: the address of a service that the server itself asks, taken apart (RFC 3986, RFC 9110 4.2).
// What it refuses: other schemes, names and passwords of users, fragments, ports that are none.
// A value. Threads: any. Errors: a sentence that says what to write instead.

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::api {

inline constexpr std::size_t url_bytes_max = 2048;

struct HttpUrl {
    bool is_secure = false;  ///< https
    std::string host;        ///< a name, or an address without brackets
    std::uint16_t port = 80;
    std::string authority;     ///< as the Host field says it: "[::1]:8080", "example.com"
    std::string target = "/";  ///< path and query, as they were written

    /// "https://example.com:443": who shares it can share a connection.
    [[nodiscard]] std::string origin() const;
};

[[nodiscard]] boost::system::result<HttpUrl, std::string> parse_http_url(std::string_view text);

}  // namespace holdfast::api
