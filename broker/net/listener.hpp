#pragma once
// Listener: one listening TCP address, accepted on every shard (SO_REUSEPORT): a connection lives on
// the shard that accepted it.
// Threads: listen() before the shards run; stop() on the shard whose acceptor it is.

#include "net/shard.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace holdfast::net {

/// Says address, port and the system's reason.
class ListenError : public std::runtime_error {
public:
    ListenError(const std::string& address, std::uint16_t port, const std::string& reason);
};

class Listener {
public:
    /// Binds and listens; port 0 chooses a free one. `index`: which listener of the configuration it is,
    /// for those who judge its connections. Throws ListenError.
    Listener(std::span<const std::unique_ptr<Shard>> shards, const std::string& address,
             std::uint16_t port, std::uint16_t index = 0);
    ~Listener();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Begins to accept on every shard.
    void start();
    /// On that shard's thread: accepts no more there.
    void stop(ShardIndex shard);

private:
    class Acceptor;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;  ///< by shard
    std::uint16_t port_ = 0;
};

}  // namespace holdfast::net
