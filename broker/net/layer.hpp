#pragma once
// Layer: what lies between a socket's bytes and MQTT's: TLS, WebSocket, or one in the other. It only
// transforms bytes; sockets, buffers that wait and locks are Tunnel's. Layers stack: the bytes that one
// opens are what the one above takes.
// Threads: none of its own; Tunnel's mutex guards it.

#include "base/bytes.hpp"
#include "base/telemetry.hpp"
#include "session/authenticator.hpp"

#include <optional>
#include <string>

namespace holdfast::net {

/// What came of the bytes a peer sent.
struct Opened {
    /// The peer broke the layer's rules; the answer that says so is among what it left to send.
    struct Failure {
        CloseReason reason;
        std::string detail;  ///< one sentence for the log
    };
    std::optional<Failure> failure;
    bool is_ended = false;  ///< the peer will send nothing more, and said so
    bool has_begun = false; ///< the handshake ended with these bytes
    bool is_resumed = false; ///< it was an abbreviated one, TLS only
};

class Layer {
public:
    virtual ~Layer() = default;
    /// Takes all of `raw`; appends what is in it to `plain`, and what the peer must be sent to `reply`.
    [[nodiscard]] virtual Opened open(ByteView raw, ByteBuffer& plain, ByteBuffer& reply) = 0;
    /// Appends `plain`, wrapped, to `raw`.
    virtual void seal(ByteView plain, ByteBuffer& raw) = 0;
    /// Appends the layer's last words: nothing is sealed after them.
    virtual void end(ByteBuffer& raw) = 0;
    /// What comes next costs a handshake: thousands of times what a packet does. The owner's shard.
    [[nodiscard]] virtual bool is_shaking_hands() const { return false; }
    /// Null: the peer proved nothing (yet).
    [[nodiscard]] virtual const session::TlsIdentity* identity() const { return nullptr; }
    /// Whether the peer's certificate has been revoked by the newest list.
    [[nodiscard]] virtual bool is_revoked() const { return false; }
};

}  // namespace holdfast::net
