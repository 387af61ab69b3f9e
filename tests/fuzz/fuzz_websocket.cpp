// What a client sends on a WebSocket, handshake included. However its bytes are cut, the same comes of
// them. The first byte says whether the handshake is part of the input, the second where it is cut.

#include "base/error.hpp"
#include "net/websocket_layer.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace holdfast;

namespace {

constexpr std::string_view handshake =
    "GET /mqtt HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: mqtt\r\n\r\n";

struct Outcome {
    explicit Outcome(bool has_handshake) {
        if (!has_handshake) take(as_bytes(handshake));
    }
    void take(ByteView bytes) {
        if (has_failed || has_ended || bytes.empty()) return;
        // A copy of the exact size, so that the sanitizer sees one byte too many.
        const std::vector<Byte> exact(bytes.begin(), bytes.end());
        const net::Opened opened = layer.open({exact.data(), exact.size()}, plain, reply);
        has_failed = opened.failure.has_value();
        has_ended = opened.is_ended;
    }

    const net::WebSocketSettings settings{};
    net::WebSocketLayer layer{settings, nullptr};
    ByteBuffer plain;
    ByteBuffer reply;
    bool has_failed = false;
    bool has_ended = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 16 * 1024) return 0;
    const bool has_handshake = data[0] % 2 == 0;
    const ByteView bytes{data + 2, size - 2};
    const std::size_t cut = bytes.size() * data[1] / 256;
    Outcome whole{has_handshake};
    whole.take(bytes);
    Outcome in_parts{has_handshake};
    in_parts.take(bytes.first(cut));
    in_parts.take(bytes.subspan(cut));
    CHECK(whole.has_failed == in_parts.has_failed);
    CHECK(whole.has_ended == in_parts.has_ended);
    CHECK(whole.plain == in_parts.plain);
    CHECK(whole.reply == in_parts.reply);
    CHECK(whole.plain.size() <= bytes.size());
    return 0;
}
