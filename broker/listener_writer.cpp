#include "listener_writer.hpp"

#include <toml++/toml.h>

#include <sstream>
#include <utility>
#include <vector>

namespace holdfast {

namespace {

/// `{ a = 1, b = 2 }` from what is added.
class InlineTable {
public:
    void add(const std::string& name, const std::string& value) {
        text_ += (text_.empty() ? "" : ", ") + name + " = " + value;
    }
    void add_text(const std::string& name, const std::string& value) {
        if (!value.empty()) add(name, toml_text(value));
    }
    [[nodiscard]] std::string text() const { return "{ " + text_ + " }"; }

private:
    std::string text_;
};

std::string websocket_toml(const net::WebSocketSettings& settings) {
    InlineTable table;
    table.add_text("path", settings.path);
    if (!settings.origins.empty()) table.add("origins", toml_list(settings.origins));
    return table.text();
}

}  // namespace

std::string toml_list(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + toml_text(text);
    return "[" + list + "]";
}

std::string toml_text(const std::string& text) {
    // The formatter's choice would be '...'; people write "...".
    const toml::value<std::string> value{text};
    std::ostringstream stream;
    stream << toml::toml_formatter{value, toml::format_flags::none};
    return std::move(stream).str();
}

std::string port_toml(const ListenerConfig& listener) {
    return listener.port == 0 ? toml_text("free") : std::to_string(listener.port);
}

std::string tls_toml(const net::TlsSettings& tls) {
    InlineTable table;
    table.add_text("certificate", tls.certificate);
    table.add_text("key", tls.key);
    table.add_text("client_authorities", tls.client_authorities);
    if (!tls.client_authorities.empty()) {
        const bool is_required = tls.client_certificate == net::ClientCertificate::required;
        const bool is_optional = tls.client_certificate == net::ClientCertificate::optional;
        table.add_text("client_certificate",
                       is_required ? "required" : is_optional ? "optional" : "none");
    }
    table.add_text("revocations", tls.revocations);
    table.add_text("psk_file", tls.psk_file);
    table.add_text("ocsp_response", tls.ocsp_response);
    table.add_text("ciphers", tls.ciphers);
    table.add_text("minimum_version", tls.minimum == net::TlsVersion::v1_3 ? "1.3" : "1.2");
    return table.text();
}

std::string listener_toml(const ListenerConfig& listener) {
    InlineTable table;
    if (listener.path.empty()) {
        table.add_text("address", listener.address);
        table.add("port", port_toml(listener));
    } else {
        table.add_text("path", listener.path);
    }
    if (listener.tls) table.add("tls", tls_toml(*listener.tls));
    if (listener.websocket) table.add("websocket", websocket_toml(*listener.websocket));
    if (!listener.proxies.empty()) {
        std::vector<std::string> ranges;
        for (const AddressRange& range : listener.proxies) ranges.push_back(range.to_string());
        table.add("proxies", toml_list(ranges));
    }
    if (listener.allow_anonymous) {
        table.add("allow_anonymous", *listener.allow_anonymous ? "true" : "false");
    }
    if (listener.certificate_identity != net::CertificateIdentity::none) {
        const bool is_name = listener.certificate_identity == net::CertificateIdentity::common_name;
        table.add_text("certificate_identity", is_name ? "common_name" : "fingerprint");
    }
    if (!listener.http_login) table.add("http_login", "false");
    return table.text();
}

}  // namespace holdfast
