#include "net/websocket_layer.hpp"

#include "net/websocket_upgrade.hpp"

#include <algorithm>
#include <cstring>

namespace holdfast::net {

namespace {

// RFC 6455 section 5.2.
constexpr std::uint8_t opcode_continuation = 0x0;
constexpr std::uint8_t opcode_text = 0x1;
constexpr std::uint8_t opcode_binary = 0x2;
constexpr std::uint8_t opcode_close = 0x8;
constexpr std::uint8_t opcode_ping = 0x9;
constexpr std::uint8_t opcode_pong = 0xA;
constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::size_t control_bytes_max = 125;
constexpr std::size_t header_bytes_max = 14;

// RFC 6455 section 7.4.1.
constexpr std::uint16_t close_normal = 1000;
constexpr std::uint16_t close_protocol_error = 1002;
constexpr std::uint16_t close_unsupported = 1003;

constexpr std::string_view end_of_header = "\r\n\r\n";

bool is_control(std::uint8_t opcode) { return (opcode & 0x8U) != 0; }

/// How long a frame's header is, from its first two bytes; a client's has a mask.
std::size_t header_bytes(std::uint8_t second) {
    const std::uint8_t length = second & 0x7FU;
    return 2 + (length == 126 ? 2U : length == 127 ? 8U : 0U) + 4U;
}

std::uint64_t big_endian(ByteView bytes) {
    std::uint64_t number = 0;
    for (const Byte byte : bytes) number = number << 8U | byte;
    return number;
}

void append(ByteBuffer& buffer, ByteView bytes) {
    if (!bytes.empty()) std::memcpy(extend(buffer, bytes.size()), bytes.data(), bytes.size());
}

}  // namespace

WebSocketLayer::WebSocketLayer(const WebSocketSettings& settings, std::unique_ptr<Layer> below)
    : settings_(settings), below_(std::move(below)) {}

WebSocketLayer::~WebSocketLayer() = default;

Opened WebSocketLayer::open(ByteView raw, ByteBuffer& plain, ByteBuffer& reply) {
    if (!below_) return open_frames(raw, plain, reply);
    ByteBuffer bytes;
    Opened of_below = below_->open(raw, bytes, reply);
    if (of_below.failure) return of_below;
    Opened opened = open_frames({bytes.data(), bytes.size()}, plain, reply);
    opened.has_begun = of_below.has_begun;
    opened.is_resumed = of_below.is_resumed;
    opened.is_ended = opened.is_ended || of_below.is_ended;
    return opened;
}

Opened WebSocketLayer::open_frames(ByteView bytes, ByteBuffer& plain, ByteBuffer& reply) {
    Opened opened;
    if (!is_open_) {
        opened = upgrade(bytes, reply);
        if (!is_open_) return opened;
    }
    while (!bytes.empty() && !opened.failure && !opened.is_ended) {
        if (!is_in_frame_ && !begin_frame(bytes, opened, reply)) break;
        take_payload(bytes, is_control(frame_.opcode) ? control_ : plain);
        is_in_frame_ = frame_.left != 0;
        if (!is_in_frame_ && is_control(frame_.opcode)) on_control(opened, reply);
    }
    return opened;
}

/// Takes the request's bytes off `bytes`.
Opened WebSocketLayer::upgrade(ByteView& bytes, ByteBuffer& reply) {
    const std::size_t before = kept_.size();
    append(kept_, bytes.first(std::min(bytes.size(), upgrade_bytes_max + 1 - before)));
    const std::string_view text = as_text({kept_.data(), kept_.size()});
    const std::size_t end = text.find(end_of_header);
    if (end == std::string_view::npos) {
        bytes = {};
        if (kept_.size() <= upgrade_bytes_max) return {};
        return {.failure = Opened::Failure{CloseReason::websocket_refused,
                                           "the WebSocket handshake is longer than 8 KiB"}};
    }
    const std::size_t size = end + end_of_header.size();
    const UpgradeAnswer answer = answer_upgrade(text.substr(0, size), settings_);
    pass_down(as_bytes(answer.response), reply);
    bytes = bytes.subspan(size - before);
    ByteBuffer{}.swap(kept_);
    if (!answer.is_accepted) {
        is_close_sent_ = true;
        return {.failure = Opened::Failure{CloseReason::websocket_refused, answer.detail}};
    }
    is_open_ = true;
    return {};
}

bool WebSocketLayer::begin_frame(ByteView& bytes, Opened& opened, ByteBuffer& reply) {
    while (kept_.size() < 2 || kept_.size() < header_bytes(kept_[1])) {
        if (bytes.empty()) return false;
        const std::size_t wanted = kept_.size() < 2 ? 2 : header_bytes(kept_[1]);
        const std::size_t taken = std::min(bytes.size(), wanted - kept_.size());
        append(kept_, bytes.first(taken));
        bytes = bytes.subspan(taken);
    }
    const std::uint8_t first = kept_[0];
    const std::uint8_t second = kept_[1];
    const ByteView header{kept_.data(), header_bytes(second)};
    frame_.opcode = first & 0x0FU;
    frame_.mask_at = 0;
    std::ranges::copy(header.last(4), frame_.mask.begin());
    const ByteView extended = header.subspan(2, header.size() - 6);
    frame_.left = extended.empty() ? second & 0x7FU : big_endian(extended);
    const bool is_final = (first & final_bit) != 0;
    kept_.clear();

    const auto fail = [&](std::uint16_t code, const char* detail) {
        opened.failure = break_off(code, detail, reply);
        return false;
    };
    if ((second & mask_bit) == 0) return fail(close_protocol_error, "a frame without a mask");
    if ((first & reserved_bits) != 0) return fail(close_protocol_error, "a frame with reserved bits");
    if (frame_.left >> 63U != 0) return fail(close_protocol_error, "a frame without a length");
    if (is_control(frame_.opcode)) {
        if (!is_final || frame_.left > control_bytes_max) {
            return fail(close_protocol_error, "a control frame that is too long or split");
        }
        is_in_frame_ = true;
        return true;
    }
    if (frame_.opcode == opcode_text) {
        return fail(close_unsupported, "a text message: MQTT is binary");  // [MQTT5-6.0.0-1]
    }
    const bool is_expected = frame_.opcode == opcode_binary ? !is_in_message_
                             : frame_.opcode == opcode_continuation ? is_in_message_
                                                                    : false;
    if (!is_expected) return fail(close_protocol_error, "a frame that continues nothing, or is unknown");
    is_in_message_ = !is_final;
    is_in_frame_ = true;
    return true;
}

Opened::Failure WebSocketLayer::break_off(std::uint16_t code, std::string detail, ByteBuffer& reply) {
    put_close(code, reply);
    return {CloseReason::websocket_broken, "WebSocket: " + std::move(detail)};
}

void WebSocketLayer::take_payload(ByteView& bytes, ByteBuffer& to) {
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), frame_.left));
    Byte* const out = extend(to, count);
    for (std::size_t i = 0; i < count; ++i) out[i] = bytes[i] ^ frame_.mask[(frame_.mask_at + i) & 3U];
    frame_.mask_at = static_cast<std::uint8_t>((frame_.mask_at + count) & 3U);
    frame_.left -= count;
    bytes = bytes.subspan(count);
}

void WebSocketLayer::on_control(Opened& opened, ByteBuffer& reply) {
    const ByteView payload{control_.data(), control_.size()};
    switch (frame_.opcode) {
        case opcode_ping: put_frame(opcode_pong, payload, reply); break;
        case opcode_pong: break;
        case opcode_close:
            put_close(payload.size() >= 2 ? static_cast<std::uint16_t>(big_endian(payload.first(2)))
                                          : close_normal,
                      reply);
            opened.is_ended = true;
            break;
        default:
            opened.failure = break_off(close_protocol_error, "an unknown control frame", reply);
    }
    ByteBuffer{}.swap(control_);
}

// --- Sealing

void WebSocketLayer::put_frame(std::uint8_t opcode, ByteView payload, ByteBuffer& raw) {
    if (is_close_sent_) return;
    std::array<Byte, header_bytes_max> header{};
    std::size_t size = 2;
    header[0] = final_bit | opcode;
    const std::size_t length_bytes = payload.size() < 126 ? 0 : payload.size() < 65'536 ? 2 : 8;
    header[1] = static_cast<Byte>(length_bytes == 0 ? payload.size() : length_bytes == 2 ? 126 : 127);
    for (std::size_t i = length_bytes; i > 0; --i) {
        header[size++] = static_cast<Byte>(std::uint64_t{payload.size()} >> (8 * (i - 1)));
    }
    if (!below_) {
        append(raw, {header.data(), size});
        append(raw, payload);
        return;
    }
    ByteBuffer frame;
    append(frame, {header.data(), size});
    append(frame, payload);
    below_->seal({frame.data(), frame.size()}, raw);
}

void WebSocketLayer::put_close(std::uint16_t code, ByteBuffer& raw) {
    const std::array<Byte, 2> payload{static_cast<Byte>(code >> 8U), static_cast<Byte>(code)};
    put_frame(opcode_close, payload, raw);
    is_close_sent_ = true;
}

void WebSocketLayer::pass_down(ByteView bytes, ByteBuffer& raw) {
    if (below_) {
        below_->seal(bytes, raw);
    } else {
        append(raw, bytes);
    }
}

void WebSocketLayer::seal(ByteView plain, ByteBuffer& raw) {
    if (!plain.empty()) put_frame(opcode_binary, plain, raw);
}

void WebSocketLayer::end(ByteBuffer& raw) {
    if (is_open_ && !is_close_sent_) put_close(close_normal, raw);
    if (below_) below_->end(raw);
}

}  // namespace holdfast::net
