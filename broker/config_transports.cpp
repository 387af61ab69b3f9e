#include "config_transports.hpp"

#include <algorithm>
#include <array>

namespace holdfast {

namespace {

constexpr std::array<std::string_view, 3> client_certificate_words{"none", "optional", "required"};
constexpr std::array<std::string_view, 2> version_words{"1.2", "1.3"};
constexpr std::array<std::string_view, 2> websocket_names{"path", "origins"};
constexpr std::array<std::string_view, 9> tls_names{
    "certificate",   "key",     "client_authorities", "client_certificate", "revocations", "psk_file",
    "ocsp_response", "ciphers", "minimum_version"};

/// The keys of a TLS table that are names of files or other texts.
struct TextKey {
    std::string_view name;
    std::string net::TlsSettings::*member;
};
constexpr std::array<TextKey, 7> text_keys{{
    {"certificate", &net::TlsSettings::certificate},
    {"key", &net::TlsSettings::key},
    {"client_authorities", &net::TlsSettings::client_authorities},
    {"revocations", &net::TlsSettings::revocations},
    {"psk_file", &net::TlsSettings::psk_file},
    {"ocsp_response", &net::TlsSettings::ocsp_response},
    {"ciphers", &net::TlsSettings::ciphers},
}};

/// What no key by itself can be blamed for.
void check(const net::TlsSettings& tls, const ConfigNode& node) {
    if (tls.certificate.empty() != tls.key.empty()) {
        node.fail("has only one of certificate and key", "write both");
    }
    if (tls.certificate.empty() && tls.psk_file.empty()) {
        node.fail("has nothing to prove who the server is",
                  "write certificate and key (`holdfast tls init` makes them), or psk_file");
    }
    if (!tls.client_authorities.empty()) return;
    if (tls.client_certificate != net::ClientCertificate::none) {
        node.of("client_certificate", node.node)
            .fail("asks for certificates that nobody may have signed",
                  "write client_authorities, the file of who signs them");
    }
    if (!tls.revocations.empty()) {
        node.of("revocations", node.node)
            .fail("revokes certificates that are not asked for", "write client_authorities too");
    }
}

}  // namespace

net::TlsSettings read_tls(const ConfigNode& node) {
    const toml::table* const table = node.node.as_table();
    if (table == nullptr) {
        node.fail("is not a table", "write { certificate = \"server.pem\", key = \"server.key\" }");
    }
    net::TlsSettings tls;
    for (const auto& [key, value] : *table) {
        node.check_key(key, tls_names, "docs/configuration.md lists the keys of TLS");
        const ConfigNode found = node.of(key.str(), value);
        const auto text_key = std::ranges::find(text_keys, key.str(), &TextKey::name);
        if (text_key != text_keys.end()) {
            tls.*text_key->member = found.text("write a text that is not empty");
        } else if (key.str() == "client_certificate") {
            tls.client_certificate = found.word<net::ClientCertificate>(client_certificate_words);
        } else {
            tls.minimum = found.word<net::TlsVersion>(version_words);
        }
    }
    // Authorities are there to be asked for.
    const bool asks = !tls.client_authorities.empty() && table->get("client_certificate") == nullptr;
    if (asks) tls.client_certificate = net::ClientCertificate::required;
    check(tls, node);
    return tls;
}

std::optional<net::WebSocketSettings> read_websocket(const ConfigNode& node) {
    if (node.node.is_boolean()) {
        return node.flag() ? std::optional{net::WebSocketSettings{}} : std::nullopt;
    }
    const toml::table* const table = node.node.as_table();
    if (table == nullptr) {
        node.fail("is neither true nor a table",
                  "write true, or { path = \"/mqtt\", origins = [\"https://console.example\"] }");
    }
    net::WebSocketSettings settings;
    for (const auto& [key, value] : *table) {
        node.check_key(key, websocket_names, "a WebSocket has a path and origins");
        const ConfigNode found = node.of(key.str(), value);
        if (key.str() == "origins") {
            settings.origins =
                found.texts("write a list such as [\"https://console.example\"], or [\"*\"]");
            continue;
        }
        const std::string remedy = "write a path such as \"/mqtt\"";
        settings.path = found.text(remedy);
        if (!settings.path.starts_with('/')) found.fail("does not begin with /", remedy);
    }
    return settings;
}

std::vector<AddressRange> read_networks(const ConfigNode& node) {
    std::vector<AddressRange> ranges;
    const std::string remedy = "write a list such as [\"10.0.0.0/8\", \"192.0.2.7\"]";
    for (const std::string& text : node.texts(remedy)) {
        const auto range = parse_address_range(text);
        if (!range) {
            node.fail(in_quotes(text) + " is no address and no range of them",
                      remedy + "; bits behind the range's length must be 0");
        }
        ranges.push_back(*range);
    }
    return ranges;
}

}  // namespace holdfast
