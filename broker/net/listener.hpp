#pragma once
// Listener: one listening address, accepted on every shard: a connection lives on the shard that
// accepted it. TCP listens once for each shard (SO_REUSEPORT), a unix socket once for all. Owns what its
// connections share, its Site; outlives them.
// Threads: made and started before the shards run; stop() on the shard whose acceptor it is.

#include "net/shard.hpp"
#include "net/site.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace holdfast::net {

/// Says where, and the reason.
class ListenError : public std::runtime_error {
public:
    /// `place`: "127.0.0.1 port 1883".
    ListenError(const std::string& place, const std::string& reason);
};

class Listener {
public:
    /// Reads its files, binds and listens; port 0 chooses a free one. Throws ListenError.
    Listener(std::span<const std::unique_ptr<Shard>> shards, std::uint16_t index,
             const ListenerSettings& settings, const std::string& keylog);
    ~Listener();

    [[nodiscard]] std::uint16_t port() const { return port_; }  ///< 0: a unix socket
    [[nodiscard]] Site& site() { return site_; }
    /// Begins to accept on every shard.
    void start();
    /// On that shard's thread: accepts no more there.
    void stop(ShardIndex shard);

private:
    class Acceptor;
    void listen(std::span<const std::unique_ptr<Shard>> shards);

    Site site_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;  ///< by shard
    std::uint16_t port_ = 0;
};

/// "127.0.0.1 port 1883", or the path of a unix socket.
[[nodiscard]] std::string place_of(const ListenerSettings& settings);

}  // namespace holdfast::net
