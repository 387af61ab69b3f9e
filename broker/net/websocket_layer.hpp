#pragma once
// WebSocketLayer: a server's side of a WebSocket (RFC 6455) that carries MQTT in binary messages. Where
// frames begin and end means nothing to MQTT: packets may share one or be split over several, and nothing of
// a frame is kept but a header or a control frame that is not complete. [MQTT5-6.0.0-1] [MQTT5-6.0.0-2]
// No extensions are offered. Keep alive is MQTT's: no pings are sent.

#include "net/layer.hpp"
#include "net/listener_settings.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace holdfast::net {

class WebSocketLayer final : public Layer {
public:
    /// `below`: TLS; null: none. `settings` outlive the layer.
    WebSocketLayer(const WebSocketSettings& settings, std::unique_ptr<Layer> below);
    ~WebSocketLayer() override;

    [[nodiscard]] Opened open(ByteView raw, ByteBuffer& plain, ByteBuffer& reply) override;
    void seal(ByteView plain, ByteBuffer& raw) override;
    void end(ByteBuffer& raw) override;
    [[nodiscard]] bool is_shaking_hands() const override {
        return below_ && below_->is_shaking_hands();
    }
    [[nodiscard]] const session::TlsIdentity* identity() const override {
        return below_ ? below_->identity() : nullptr;
    }
    [[nodiscard]] bool is_revoked() const override { return below_ && below_->is_revoked(); }

private:
    /// Of the frame whose bytes come.
    struct Frame {
        std::uint64_t left = 0;  ///< bytes of its payload that have not come
        std::array<Byte, 4> mask{};
        std::uint8_t opcode = 0;
        std::uint8_t mask_at = 0;
    };

    [[nodiscard]] Opened open_frames(ByteView bytes, ByteBuffer& plain, ByteBuffer& reply);
    [[nodiscard]] Opened upgrade(ByteView& bytes, ByteBuffer& reply);
    /// False: the header is not complete.
    [[nodiscard]] bool begin_frame(ByteView& bytes, Opened& opened, ByteBuffer& reply);
    [[nodiscard]] Opened::Failure break_off(std::uint16_t code, std::string detail, ByteBuffer& reply);
    void take_payload(ByteView& bytes, ByteBuffer& to);
    void on_control(Opened& opened, ByteBuffer& reply);
    void put_frame(std::uint8_t opcode, ByteView payload, ByteBuffer& raw);
    void put_close(std::uint16_t code, ByteBuffer& raw);
    void pass_down(ByteView bytes, ByteBuffer& raw);

    const WebSocketSettings& settings_;
    const std::unique_ptr<Layer> below_;
    ByteBuffer kept_;     ///< the opening handshake, or a frame's header, as far as it has come
    ByteBuffer control_;  ///< the payload of a control frame, as far as it has come
    Frame frame_;
    bool is_open_ = false;        ///< the handshake is done
    bool is_in_frame_ = false;    ///< of its payload some has not come
    bool is_in_message_ = false;  ///< a message's last frame has not come
    bool is_close_sent_ = false;
};

}  // namespace holdfast::net
