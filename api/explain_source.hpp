#pragma once
// How the server would judge an MQTT client now, as an interface that the composition root implements.
// Threads: called on the HTTP side's thread; must not block for long.

#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::api {

struct ExplainQuestion {
    enum class Deed : std::uint8_t { connect, publish, subscribe };
    Deed deed = Deed::connect;
    std::string client_id;
    std::optional<std::string> user_name;
    std::optional<std::uint16_t> listener_port;  ///< empty: the first listener
    std::string topic;                           ///< or the filter
    std::uint8_t qos = 0;
    bool retain = false;
};

struct Explanation {
    bool is_allowed = false;
    std::string because;
    std::string device_id;  ///< the platform decides, by what it knows of this device; else empty
};

class ExplainSource {
public:
    virtual ~ExplainSource() = default;
    /// Empty: no listener has that port.
    [[nodiscard]] virtual std::optional<Explanation> explain(
        const ExplainQuestion& question) const = 0;
};

}  // namespace holdfast::api
