#pragma once
// A listener's configuration back to TOML, on one line, as config_listeners.hpp reads it.

#include "config.hpp"

#include <string>
#include <vector>

namespace holdfast {

[[nodiscard]] std::string listener_toml(const ListenerConfig& listener);
[[nodiscard]] std::string tls_toml(const net::TlsSettings& tls);
[[nodiscard]] std::string port_toml(const ListenerConfig& listener);
/// Of texts: ["a", "b"].
[[nodiscard]] std::string toml_list(const std::vector<std::string>& texts);
/// In the quotes that people write.
[[nodiscard]] std::string toml_text(const std::string& text);

}  // namespace holdfast
