#pragma once
// Server: the composition root. Makes the parts, hands them references to each other, starts and ends
// them in order. Start: bind everything, then accept. Stop: accept no more, DISCONNECT 0x8B to MQTT 5
// clients, write what is in the outboxes, close, at the latest after shutdown_grace.
// Threads: the constructor, start(), wait() and the destructor on one thread; stop() and ports() on any.

#include "base/environment.hpp"
#include "base/telemetry.hpp"
#include "config.hpp"
#include "net/listener.hpp"
#include "storage.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

using net::ListenError;

class Server {
public:
    /// Closes `storage` when everything has stopped. Throws StorageError.
    Server(Config config, Storage storage, const Clock& clock, Random& random, EventSink& events);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Reads the store, then binds and accepts on everything. Throws ListenError, or StorageError.
    void start();

    struct Ports {
        std::uint16_t mqtt = 0;  ///< of the first MQTT listener
        std::uint16_t http = 0;  ///< 0: no HTTP
        std::vector<std::uint16_t> all_mqtt;  ///< of all MQTT listeners, as configured; 0: a unix socket
    };
    [[nodiscard]] Ports ports() const;
    [[nodiscard]] std::size_t threads() const;  ///< that serve connections
    /// Of the platform, for who starts the process; see Platform.
    [[nodiscard]] const std::string& project_id() const;
    [[nodiscard]] const std::optional<std::string>& first_password() const;
    [[nodiscard]] std::string issue_token();
    /// AK and SK, with test_mode only; else empty.
    [[nodiscard]] std::pair<std::string, std::string> test_key() const;

    /// Blocks until stop() was called and everything is drained.
    void wait();
    /// Reads the files of [access] again and has every client judged by them, and those of TLS, as it does
    /// itself when one of these has changed. A broken file leaves everything as it is. Says so either way.
    /// Threads: any, one at a time; not from a signal handler.
    void reload();
    /// Begins the graceful end. Threads: any; not from a signal handler.
    void stop();

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace holdfast
