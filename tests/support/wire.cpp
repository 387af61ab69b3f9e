#include "support/wire.hpp"

#include "base/error.hpp"
#include "codec/wire.hpp"

#include <cctype>
#include <cstddef>

namespace test_support {

using namespace holdfast;
using namespace holdfast::codec;

namespace {

using Bytes = std::vector<Byte>;

class NotationParser {
public:
    explicit NotationParser(std::string_view text) : text_(text) {}

    /// Up to `end`, which is taken; 0 is the end of the text.
    Bytes parse_until(char end) {
        Bytes bytes;
        for (;;) {
            skip_spaces();
            const char next = at_ < text_.size() ? text_[at_] : '\0';
            if (next == end) {
                ++at_;
                return bytes;
            }
            CHECK(next != '\0');
            append(bytes, next);
        }
    }

private:
    void append(Bytes& bytes, char next) {
        if (next == '\'') return append_text(bytes);
        if (next == '[' || next == '(') return append_block(bytes, next);
        CHECK(at_ + 1 < text_.size());
        bytes.push_back(static_cast<Byte>(digit(text_[at_]) << 4 | digit(text_[at_ + 1])));
        at_ += 2;
    }
    void append_text(Bytes& bytes) {
        const std::size_t end = text_.find('\'', at_ + 1);
        CHECK(end != std::string_view::npos);
        for (++at_; at_ < end; ++at_) bytes.push_back(static_cast<Byte>(text_[at_]));
        ++at_;
    }
    void append_block(Bytes& bytes, char open) {
        ++at_;
        const Bytes block = parse_until(open == '[' ? ']' : ')');
        Byte prefix[4];
        Writer to{prefix};
        if (open == '[') {
            to.variable_byte_integer(block.size());
        } else {
            to.u16(static_cast<std::uint16_t>(block.size()));
        }
        bytes.insert(bytes.end(), static_cast<const Byte*>(prefix), to.position());
        bytes.insert(bytes.end(), block.begin(), block.end());
    }
    void skip_spaces() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    static unsigned digit(char c) {
        CHECK(std::isxdigit(static_cast<unsigned char>(c)) != 0);
        if (c <= '9') return static_cast<unsigned>(c - '0');
        return static_cast<unsigned>((c | 0x20) - 'a' + 10);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

struct Encoder {
    ByteBuffer& out;
    ProtocolVersion version;

    void operator()(const Connect& packet) const { encode(out, packet); }
    void operator()(const Publish& packet) const { encode(out, version, packet); }
    void operator()(const Pingreq& packet) const { encode(out, packet); }
    void operator()(const Pingresp& packet) const { encode(out, packet); }
    void operator()(const Subscribe& packet) const {
        std::vector<SubscriptionRequest> requests;
        packet.for_each([&](const SubscriptionRequest& request) { requests.push_back(request); });
        encode_subscribe(out, version, packet.packet_id, requests, packet.subscription_identifier);
    }
    void operator()(const Unsubscribe& packet) const {
        std::vector<std::string_view> filters;
        packet.for_each([&](std::string_view filter) { filters.push_back(filter); });
        encode_unsubscribe(out, version, packet.packet_id, filters);
    }
    template <class Packet>
    void operator()(const Packet& packet) const {
        encode(out, version, packet);
    }
};

}  // namespace

Bytes bytes_of(std::string_view notation) { return NotationParser{notation}.parse_until('\0'); }

std::string hex_of(ByteView bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const Byte byte : bytes) {
        if (!text.empty()) text += ' ';
        text += digits[byte >> 4];
        text += digits[byte & 0x0F];
    }
    return text;
}

void encode_any(ByteBuffer& out, ProtocolVersion version, const Packet& packet) {
    std::visit(Encoder{out, version}, packet);
}

AnyDecoded decode_any(Sender sender, ProtocolVersion version, const Frame& frame) {
    AnyDecoded decoded{{}, Packet{Pingreq{}}};
    decoded.packet = sender == Sender::client ? decode_from_client(version, frame, DecodeLimits{})
                                              : decode_from_server(version, frame, decoded.reasons);
    return decoded;
}

}  // namespace test_support
