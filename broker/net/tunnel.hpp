#pragma once
// Tunnel: what lies between one connection's socket and MQTT, when it is not nothing: a PROXY header first,
// then TLS, WebSocket or both. Owns the layers and the bytes that are sealed and not yet with the kernel.
// Threads: receive() on the owner's shard; write() and end() by whoever flushes, under the link's lock. Its
// own short mutex, taken last, keeps the two apart; nothing is called with it held.

#include "base/peer_address.hpp"
#include "base/small_mutex.hpp"
#include "net/layer.hpp"
#include "session/outbox.hpp"

#include <memory>
#include <mutex>
#include <optional>

namespace holdfast::net {

/// Results of a write that are no counts of bytes.
inline constexpr long socket_full = -1;    ///< the kernel takes no more now
inline constexpr long socket_broken = -2;  ///< it never will

class Tunnel {
public:
    /// `layer`: null: none, then the tunnel ends with the PROXY header.
    Tunnel(std::unique_ptr<Layer> layer, bool wants_proxy_header);
    ~Tunnel();

    struct Received {
        Opened opened;
        std::optional<PeerAddress> source;  ///< the PROXY header was read, and names it
    };
    /// Takes what came on the socket; appends MQTT's bytes to `plain`.
    [[nodiscard]] Received receive(ByteView raw, ByteBuffer& plain);
    /// What comes next costs a handshake. The owner's shard.
    [[nodiscard]] bool is_shaking_hands() const { return layer_ && layer_->is_shaking_hands(); }
    /// It has nothing more to do: what comes and goes is MQTT's.
    [[nodiscard]] bool is_transparent() const { return !layer_ && !wants_proxy_header_; }

    /// Sealed bytes wait for the kernel.
    [[nodiscard]] bool has_unsent();
    /// Writes what waits; if nothing does, seals some of `outbox` and writes that, with `scratch` for it.
    /// How many bytes of the outbox are with the kernel now, for the caller to consume, or socket_*.
    [[nodiscard]] long write(int descriptor, const session::Outbox& outbox, ByteBuffer& scratch);
    /// The layers' last words wait for the kernel then. Idempotent.
    void end();

    [[nodiscard]] const session::TlsIdentity* identity() const {
        return layer_ ? layer_->identity() : nullptr;
    }
    [[nodiscard]] bool is_revoked();

private:
    [[nodiscard]] std::optional<Received> read_proxy_header(ByteView& raw);
    [[nodiscard]] long write_unsent(int descriptor);
    [[nodiscard]] std::size_t seal_some(const session::Outbox& outbox, ByteBuffer& sealed);

    SmallMutex mutex_;
    bool wants_proxy_header_;
    bool has_ended_ = false;
    const std::unique_ptr<Layer> layer_;
    std::unique_ptr<ByteBuffer> kept_header_;  ///< a PROXY header, as far as it has come
    ByteBuffer unsent_;
    std::size_t unsent_taken_ = 0;
    std::size_t plain_unsent_ = 0;  ///< bytes of the outbox that are sealed in `unsent_`
};

/// Writes `bytes` once: how many the kernel took, or socket_*.
[[nodiscard]] long send_once(int descriptor, ByteView bytes);

}  // namespace holdfast::net
