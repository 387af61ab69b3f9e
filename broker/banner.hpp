#pragma once
// What the start says: who can connect, where and how, and loudly what is dangerous about it.

#include "base/telemetry.hpp"
#include "config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {

struct BannerLine {
    Severity severity;
    std::string text;
};

/// What is known only after the start: the ports in place of "free" ones.
struct StartedProcess {
    std::uint16_t mqtt_port;  ///< of the first MQTT listener
    std::vector<std::uint16_t> mqtt_ports{};  ///< of all of them
    std::uint16_t http_port;  ///< 0: there is no HTTP listener
    std::int64_t pid;
    std::size_t threads = 1;
    std::string project_id{};
    std::string token{};                ///< of tests; empty: none is told
    std::string access_key{};           ///< of tests, as the next
    std::string secret_key{};
    std::string first_password_place{}; ///< where it is, or itself; empty: it was made earlier
};

[[nodiscard]] std::vector<BannerLine> banner(const Config& config, const StartedProcess& started);

/// The line that serve prints on stdout when everything accepts, without its newline.
[[nodiscard]] std::string ready_line(const Config& config, const StartedProcess& started);

/// "127.0.0.1:1883", "[::1]:1883", the path of a unix socket.
[[nodiscard]] std::string endpoint_text(const ListenerConfig& listener);

}  // namespace holdfast
