#pragma once
// The data types of MQTT 5 section 1.5 (and 3.1.1 section 1.5) on the wire. A Reader walks the body
// of one frame: it keeps the first rule that was broken, returns zeros and empty views from then
// on, and is asked once at the end. A SizeCounter and a Writer have the same functions, so that one
// listing of fields both measures and writes. Nothing here allocates or copies text.

#include "base/bytes.hpp"
#include "codec/packet.hpp"
#include "codec/rule.hpp"
#include "codec/violation.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace holdfast::codec {

class Reader {
public:
    Reader(ByteView bytes, ProtocolVersion version)
        : at_(bytes.data()), end_(bytes.data() + bytes.size()), version_(version) {}

    [[nodiscard]] Byte u8() {
        if (!has(1)) return 0;
        return *at_++;
    }
    [[nodiscard]] std::uint16_t u16() {
        if (!has(2)) return 0;
        at_ += 2;
        return static_cast<std::uint16_t>(at_[-2] << 8 | at_[-1]);
    }
    [[nodiscard]] std::uint32_t u32() {
        const std::uint32_t high = u16();
        return high << 16 | u16();
    }
    [[nodiscard]] std::uint32_t variable_byte_integer();

    /// Binary Data: two bytes of length, then the bytes.
    [[nodiscard]] ByteView binary() {
        const std::size_t size = u16();
        if (!has(size)) return {};
        at_ += size;
        return {at_ - size, size};
    }
    /// The bytes of a UTF-8 Encoded String that the caller checks, or that were checked before.
    [[nodiscard]] std::string_view unchecked_string() { return as_text(binary()); }
    /// A UTF-8 Encoded String.
    [[nodiscard]] std::string_view string();
    void fail_utf8(std::string_view text);

    // Values of properties
    [[nodiscard]] bool boolean();
    [[nodiscard]] std::uint16_t u16_not_zero(const Rule& rule = rules::property_zero);
    [[nodiscard]] std::uint32_t u32_not_zero();

    /// All bytes that are left.
    [[nodiscard]] ByteView rest() {
        const Byte* start = at_;
        at_ = end_;
        return {start, end_};
    }
    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    [[nodiscard]] bool at_end() const { return at_ == end_; }
    /// The next byte is there and is `value`; then it is taken.
    [[nodiscard]] bool take(Byte value) {
        if (at_end() || *at_ != value) return false;
        ++at_;
        return true;
    }
    /// The bytes from here to the end, not taken.
    [[nodiscard]] ByteView ahead() const { return {at_, end_}; }

    /// Makes the next `count` bytes the whole until `widen` gets back what this returns.
    [[nodiscard]] const Byte* narrow(std::size_t count) {
        const Byte* outer_end = end_;
        if (has(count)) end_ = at_ + count;
        return outer_end;
    }
    void widen(const Byte* outer_end) {
        if (!failed()) end_ = outer_end;
    }

    /// Breaks `rule` unless `holds`; the first broken rule is the one that counts.
    void require(bool holds, const Rule& rule) {
        if (!holds) [[unlikely]]
            fail(rule);
    }
    void fail(const Rule& rule) {
        if (broken_ == nullptr) broken_ = &rule;
        at_ = end_;
    }
    [[nodiscard]] bool failed() const { return broken_ != nullptr; }
    [[nodiscard]] ProtocolVersion version() const { return version_; }
    /// Precondition: failed().
    [[nodiscard]] Violation violation() const { return broken(*broken_, version_); }

    /// The packet if nothing was broken and nothing is left over.
    template <class Packet>
    [[nodiscard]] Decoded<Packet> finish(const Packet& packet) {
        require(at_end(), rules::trailing_bytes);
        if (failed()) return violation();
        return packet;
    }
    /// The same for a packet that was decoded where the caller wants it.
    template <class Packet>
    void finish(Decoded<Packet>& decoded) {
        require(at_end(), rules::trailing_bytes);
        if (failed()) [[unlikely]]
            decoded = violation();
    }

private:
    [[nodiscard]] bool has(std::size_t count) {
        if (left() >= count) [[likely]]
            return true;
        fail(rules::cut_short);
        return false;
    }

    const Byte* at_;
    const Byte* end_;
    const Rule* broken_ = nullptr;
    ProtocolVersion version_;
};

/// Bytes that a Variable Byte Integer takes.
[[nodiscard]] constexpr std::size_t variable_byte_integer_size(std::size_t value) {
    return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}

/// Counts what a Writer would write.
class SizeCounter {
public:
    void u8(std::uint8_t) { size_ += 1; }
    void u16(std::uint16_t) { size_ += 2; }
    void u32(std::uint32_t) { size_ += 4; }
    void variable_byte_integer(std::size_t value) { size_ += variable_byte_integer_size(value); }
    void raw(ByteView bytes) { size_ += bytes.size(); }
    void binary(ByteView bytes) { size_ += 2 + bytes.size(); }
    void string(std::string_view text) { size_ += 2 + text.size(); }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    std::size_t size_ = 0;
};

/// Writes into memory that the caller has made large enough.
class Writer {
public:
    explicit Writer(Byte* to) : at_(to) {}

    void u8(std::uint8_t value) { *at_++ = value; }
    void u16(std::uint16_t value) {
        at_[0] = static_cast<Byte>(value >> 8);
        at_[1] = static_cast<Byte>(value);
        at_ += 2;
    }
    void u32(std::uint32_t value) {
        u16(static_cast<std::uint16_t>(value >> 16));
        u16(static_cast<std::uint16_t>(value));
    }
    void variable_byte_integer(std::size_t value) {
        while (value >= 128) {  // [MQTT5-1.5.5-1]
            u8(static_cast<Byte>(value | 0x80));
            value >>= 7;
        }
        u8(static_cast<Byte>(value));
    }
    void raw(ByteView bytes) {
        if (bytes.empty()) return;
        std::memcpy(at_, bytes.data(), bytes.size());
        at_ += bytes.size();
    }
    void binary(ByteView bytes) {
        u16(static_cast<std::uint16_t>(bytes.size()));
        raw(bytes);
    }
    void string(std::string_view text) { binary(as_bytes(text)); }
    [[nodiscard]] const Byte* position() const { return at_; }

private:
    Byte* at_;
};

/// First byte of a packet.
[[nodiscard]] constexpr Byte first_byte(PacketType type, unsigned flags = 0) {
    return static_cast<Byte>(static_cast<unsigned>(type) << 4 | flags);
}

/// Size of a whole packet from its Remaining Length.
[[nodiscard]] constexpr std::size_t packet_size(std::size_t remaining_length) {
    return 1 + variable_byte_integer_size(remaining_length) + remaining_length;
}

}  // namespace holdfast::codec
