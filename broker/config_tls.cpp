// The tables of a listener that are not about its address: TLS, WebSocket, load balancers.

#include "config_listeners.hpp"

#include "suggestion.hpp"

#include <algorithm>
#include <array>

namespace holdfast {

namespace {

constexpr std::array<std::string_view, 3> client_certificate_words{"none", "optional", "required"};
constexpr std::array<std::string_view, 2> version_words{"1.2", "1.3"};
constexpr std::array<std::string_view, 2> websocket_names{"path", "origins"};

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
constexpr std::array<std::string_view, 9> tls_names{
    "certificate",   "key",     "client_authorities", "client_certificate", "revocations", "psk_file",
    "ocsp_response", "ciphers", "minimum_version"};

}  // namespace

net::TlsSettings ConfigListeners::tls_of(const std::string& path, const toml::node& node) const {
    const toml::table* const table = node.as_table();
    if (table == nullptr) {
        fail(node, path, "is not a table",
             "write { certificate = \"server.pem\", key = \"server.key\" }");
    }
    net::TlsSettings tls;
    for (const auto& [key, value] : *table) {
        const std::string_view name = key.str();
        const std::string key_path = path + "." + std::string{name};
        const auto text_key = std::ranges::find(text_keys, name, &TextKey::name);
        if (text_key != text_keys.end()) {
            tls.*text_key->member = text_of(key_path, value, "write a text that is not empty");
        } else if (name == "client_certificate") {
            tls.client_certificate =
                word_of<net::ClientCertificate>(key_path, value, client_certificate_words);
        } else if (name == "minimum_version") {
            tls.minimum = word_of<net::TlsVersion>(key_path, value, version_words);
        } else {
            fail(key.source().begin, key_path, "there is no such key",
                 suggest(name, tls_names, "docs/configuration.md lists the keys of TLS"));
        }
    }
    // Authorities are there to be asked for.
    const bool asks = !tls.client_authorities.empty() && table->get("client_certificate") == nullptr;
    if (asks) tls.client_certificate = net::ClientCertificate::required;
    check_tls(tls, path, node);
    return tls;
}

void ConfigListeners::check_tls(const net::TlsSettings& tls, const std::string& path,
                                const toml::node& node) const {
    if (tls.certificate.empty() != tls.key.empty()) {
        fail(node, path, "has only one of certificate and key", "write both");
    }
    if (tls.certificate.empty() && tls.psk_file.empty()) {
        fail(node, path, "has nothing to prove who the server is",
             "write certificate and key (`holdfast tls init` makes them), or psk_file");
    }
    const bool wants_certificates = tls.client_certificate != net::ClientCertificate::none;
    if (wants_certificates && tls.client_authorities.empty()) {
        fail(node, path + ".client_certificate", "asks for certificates that nobody may have signed",
             "write client_authorities, the file of who signs them");
    }
    if (!tls.revocations.empty() && tls.client_authorities.empty()) {
        fail(node, path + ".revocations", "revokes certificates that are not asked for",
             "write client_authorities too");
    }
}

std::optional<net::WebSocketSettings> ConfigListeners::websocket_of(const std::string& path,
                                                                    const toml::node& node) const {
    if (node.is_boolean()) {
        return flag_of(path, node) ? std::optional{net::WebSocketSettings{}} : std::nullopt;
    }
    const toml::table* const table = node.as_table();
    if (table == nullptr) {
        fail(node, path, "is neither true nor a table",
             "write true, or { path = \"/mqtt\", origins = [\"https://console.example\"] }");
    }
    net::WebSocketSettings settings;
    for (const auto& [key, value] : *table) {
        const std::string key_path = path + "." + std::string{key.str()};
        if (key.str() == "path") {
            settings.path = text_of(key_path, value, "write a path such as \"/mqtt\"");
            if (!settings.path.starts_with('/')) {
                fail(value, key_path, "does not begin with /", "write a path such as \"/mqtt\"");
            }
        } else if (key.str() == "origins") {
            settings.origins = texts_of(
                key_path, value, "write a list such as [\"https://console.example\"], or [\"*\"]");
        } else {
            fail(key.source().begin, key_path, "there is no such key",
                 suggest(key.str(), websocket_names, "a WebSocket has a path and origins"));
        }
    }
    return settings;
}

std::vector<AddressRange> ConfigListeners::proxies_of(const std::string& path,
                                                      const toml::node& node) const {
    std::vector<AddressRange> ranges;
    constexpr std::string_view remedy = "write a list such as [\"10.0.0.0/8\", \"192.0.2.7\"]";
    for (const std::string& text : texts_of(path, node, std::string{remedy})) {
        const auto range = parse_address_range(text);
        if (!range) {
            fail(node, path, in_quotes(text) + " is no address and no range of them",
                 std::string{remedy} + "; bits behind the range's length must be 0");
        }
        ranges.push_back(*range);
    }
    return ranges;
}

// --- Plain values

std::string ConfigListeners::text_of(const std::string& path, const toml::node& node,
                                     const std::string& remedy) const {
    const auto text = node.value_exact<std::string>();
    if (!text || text->empty()) fail(node, path, "is not a text, or is empty", remedy);
    return *text;
}

std::vector<std::string> ConfigListeners::texts_of(const std::string& path, const toml::node& node,
                                                   const std::string& remedy) const {
    const toml::array* const array = node.as_array();
    if (array == nullptr || array->empty()) fail(node, path, "is not a list, or is empty", remedy);
    std::vector<std::string> texts;
    for (const toml::node& element : *array) texts.push_back(text_of(path, element, remedy));
    return texts;
}

bool ConfigListeners::flag_of(const std::string& path, const toml::node& node) const {
    const auto flag = node.value_exact<bool>();
    if (!flag) fail(node, path, "is not a truth value", "write true or false, without quotes");
    return *flag;
}

std::size_t ConfigListeners::index_of_word(const std::string& path, const toml::node& node,
                                           std::span<const std::string_view> words) const {
    const std::string text = node.value_or(std::string{});
    const auto word = std::ranges::find(words, text);
    if (word == words.end()) {
        std::string remedy = "write one of";
        for (const std::string_view known : words) remedy.append(" ").append(in_quotes(known));
        fail(node, path, in_quotes(text) + " is not known", suggest(text, words, remedy));
    }
    return static_cast<std::size_t>(word - words.begin());
}

}  // namespace holdfast
