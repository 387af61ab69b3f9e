#pragma once
// TlsLayer: a server's side of TLS between a socket's bytes and the bytes above, through OpenSSL. OpenSSL
// reads from and writes to the buffers of the call: an idle connection keeps none.

#include "net/layer.hpp"
#include "net/tls_context.hpp"

#include <memory>
#include <string>

namespace holdfast::net {

class TlsLayer final : public Layer {
public:
    /// `source` outlives the layer.
    explicit TlsLayer(const TlsSource& source);
    ~TlsLayer() override;

    [[nodiscard]] Opened open(ByteView raw, ByteBuffer& plain, ByteBuffer& reply) override;
    void seal(ByteView plain, ByteBuffer& raw) override;
    void end(ByteBuffer& raw) override;
    [[nodiscard]] bool is_shaking_hands() const override { return !has_begun_; }
    [[nodiscard]] const session::TlsIdentity* identity() const override { return identity_.get(); }
    [[nodiscard]] bool is_revoked() const override;

    /// What OpenSSL reads and where it writes during a call.
    struct Ports {
        ByteView input;
        ByteBuffer* output = nullptr;
    };

private:
    [[nodiscard]] Opened read_all(ByteBuffer& plain);
    [[nodiscard]] Opened::Failure failure() const;
    void note_identity();

    const TlsSource& source_;
    const TlsContextPtr context_;
    Ports ports_;
    bool has_begun_ = false;  ///< the handshake is done
    const SslPtr ssl_;
    std::unique_ptr<std::string> psk_identity_;  ///< whose key was used; null: there are none
    std::unique_ptr<const session::TlsIdentity> identity_;
};

}  // namespace holdfast::net
