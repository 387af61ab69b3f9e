#include "api/http_url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace holdfast::api {

namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

std::string text_of(boost::core::string_view view) { return {view.data(), view.size()}; }

std::string host_of(const boost::urls::url_view& url) {
    // The address of [::1] is without brackets, and a name without its percent signs.
    return url.host_type() == boost::urls::host_type::name ? url.host_name() : url.host_address();
}

}  // namespace

std::string HttpUrl::origin() const {
    const std::string shown = host.find(':') != std::string::npos ? "[" + host + "]" : host;
    return (is_secure ? "https://" : "http://") + shown + ":" + std::to_string(port);
}

boost::system::result<HttpUrl, std::string> parse_http_url(std::string_view text) {
    if (text.size() > url_bytes_max) return std::string{"the URL is longer than 2048 bytes"};
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed) return std::string{"it is no URL: write one such as https://example.com/path"};
    const boost::urls::url_view& url = *parsed;
    HttpUrl result;
    result.is_secure = url.scheme_id() == boost::urls::scheme::https;
    if (!result.is_secure && url.scheme_id() != boost::urls::scheme::http) {
        return std::string{"the URL begins neither with http:// nor with https://"};
    }
    if (url.has_userinfo())
        return std::string{"the URL has a user name in it, which is not sent: take it out"};
    if (url.has_fragment())
        return std::string{"the URL has a fragment, which is never sent: take the # out"};
    if (url.host_type() == boost::urls::host_type::ipvfuture)
        return std::string{"the URL's address is unknown"};
    result.host = host_of(url);
    if (result.host.empty()) return std::string{"the URL names no host"};
    result.port = result.is_secure ? https_port : http_port;
    if (url.has_port() && !url.port().empty()) {
        if (url.port_number() == 0)
            return std::string{"the URL's port is none: write one from 1 to 65535"};
        result.port = url.port_number();
    }
    result.authority = text_of(url.encoded_host());
    const bool is_usual = result.port == (result.is_secure ? https_port : http_port);
    if (!is_usual) result.authority += ":" + std::to_string(result.port);
    const std::string path = text_of(url.encoded_path());
    result.target = path.empty() ? "/" : path;
    if (url.has_query()) result.target += "?" + text_of(url.encoded_query());
    return result;
}

}  // namespace holdfast::api
