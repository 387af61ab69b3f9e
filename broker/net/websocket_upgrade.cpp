#include "net/websocket_upgrade.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"

#include <openssl/evp.h>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <array>

namespace holdfast::net {

namespace {

namespace http = boost::beast::http;

/// RFC 6455 section 1.3.
constexpr std::string_view accept_suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t key_characters = 24;  // 16 bytes in base64

using Request = http::request<http::empty_body>;

UpgradeAnswer refusal(std::string_view status, std::string_view extra_header, std::string detail) {
    const std::string body = detail + "\n";
    UpgradeAnswer answer;
    answer.response.append("HTTP/1.1 ").append(status);
    answer.response.append("\r\nConnection: close\r\nContent-Type: text/plain\r\n");
    answer.response.append(extra_header);
    answer.response.append("Content-Length: ").append(std::to_string(body.size()));
    answer.response.append("\r\n\r\n").append(body);
    answer.detail = std::move(detail);
    return answer;
}

std::string accept_of(std::string_view key) {
    std::string text{key};
    text += accept_suffix;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> encoded{};
    const int characters = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(characters)};
}

/// The one of the client's sub-protocols that is served; empty: none.
std::string_view protocol_of(const Request& request) {
    std::string_view chosen;
    for (const auto& field : request) {
        if (field.name() != http::field::sec_websocket_protocol) continue;
        for (const auto& token : http::token_list{field.value()}) {
            if (token == "mqtt") return "mqtt";
            if (token == "mqttv3.1") chosen = "mqttv3.1";
        }
    }
    return chosen;
}

/// "https://hub.example:8443" to "hub.example".
std::string_view host_of(std::string_view origin) {
    const std::size_t scheme = origin.find("://");
    if (scheme != std::string_view::npos) origin.remove_prefix(scheme + 3);
    origin = origin.substr(0, origin.find('/'));
    const std::size_t bracket = origin.rfind(']');
    const std::size_t colon = origin.rfind(':');
    const bool has_port = colon != std::string_view::npos &&
                          (bracket == std::string_view::npos || bracket < colon);
    return has_port ? origin.substr(0, colon) : origin;
}

bool is_allowed_origin(const Request& request, const WebSocketSettings& settings) {
    const auto field = request.find(http::field::origin);
    if (field == request.end()) return true;  // no browser
    const std::string_view origin = field->value();
    const auto allows = [origin](const std::string& allowed) {
        return allowed == "*" || equals_ignoring_case(allowed, origin);
    };
    if (std::ranges::any_of(settings.origins, allows)) return true;
    return equals_ignoring_case(host_of(origin), host_of(request[http::field::host]));
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

bool is_upgrade(const Request& request) {
    return request.method() == http::verb::get && request.version() == 11 &&
           http::token_list{request[http::field::upgrade]}.exists("websocket") &&
           http::token_list{request[http::field::connection]}.exists("upgrade");
}

}  // namespace

UpgradeAnswer answer_upgrade(std::string_view request_text, const WebSocketSettings& settings) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(upgrade_bytes_max);
    parser.eager(false);
    boost::system::error_code error;
    parser.put(boost::asio::buffer(request_text.data(), request_text.size()), error);
    if (error || !parser.is_header_done()) {
        return refusal("400 Bad Request", "", "this is not an HTTP request: " + error.message());
    }
    const Request& request = parser.get();
    if (path_of(request.target()) != settings.path) {
        return refusal("404 Not Found", "", "MQTT over WebSocket is at " + settings.path);
    }
    if (!is_upgrade(request)) {
        return refusal("426 Upgrade Required", "Upgrade: websocket\r\n",
                       "only WebSocket is served here: a GET with Upgrade and Connection");
    }
    if (request[http::field::sec_websocket_version] != "13") {
        return refusal("426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n",
                       "the WebSocket version must be 13");
    }
    const std::string_view key = request[http::field::sec_websocket_key];
    if (key.size() != key_characters) {
        return refusal("400 Bad Request", "", "the header Sec-WebSocket-Key must be 16 bytes in base64");
    }
    if (!is_allowed_origin(request, settings)) {
        return refusal("403 Forbidden", "",
                       "the page's origin " + std::string{request[http::field::origin]} +
                           " is not this host; add it to the listener's websocket.origins");
    }
    const std::string_view protocol = protocol_of(request);
    if (protocol.empty()) {
        return refusal("400 Bad Request", "", "the sub-protocol must be mqtt");
    }
    UpgradeAnswer answer{.is_accepted = true, .response = {}, .detail = {}};
    answer.response.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           "Connection: Upgrade\r\nSec-WebSocket-Accept: ");
    answer.response.append(accept_of(key)).append("\r\nSec-WebSocket-Protocol: ");
    answer.response.append(protocol).append("\r\n\r\n");
    return answer;
}

}  // namespace holdfast::net
