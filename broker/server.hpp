#pragma once
// Server: the composition root. Makes the parts, hands them references to each other, starts and ends
// them in order. Start: bind everything, then accept. Stop: accept no more, DISCONNECT 0x8B to MQTT 5
// clients, write what is in the outboxes, close, at the latest after shutdown_grace.
// Threads: the constructor, start(), wait() and the destructor on one thread; stop() and ports() on any.

#include "base/environment.hpp"
#include "base/telemetry.hpp"
#include "config.hpp"
#include "net/listener.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <memory>

namespace holdfast {

using net::ListenError;

class Server {
public:
    /// `store`: what outlives the process, read back by start(); null: nothing does.
    Server(Config config, const Clock& clock, Random& random, EventSink& events,
           store::Store* store = nullptr);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Reads the store, then binds and accepts on everything. Throws ListenError, or std::system_error when
    /// the store cannot be read.
    void start();

    struct Ports {
        std::uint16_t mqtt = 0;  ///< of the first MQTT listener
        std::uint16_t http = 0;  ///< 0: no HTTP
    };
    [[nodiscard]] Ports ports() const;

    /// Blocks until stop() was called and everything is drained.
    void wait();
    /// Begins the graceful end. Threads: any; not from a signal handler.
    void stop();

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace holdfast
