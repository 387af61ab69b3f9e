#pragma once
// Fields of stored records: a RecordWriter appends them, a RecordReader takes them back. Numbers are
// big-endian, as on MQTT's wire. The reader keeps the first thing that is wrong, returns zeros and
// empty views from then on, and is asked once at the end: whatever the bytes are, it neither
// crashes nor allocates. Lifetime: views point into the bytes that are read.

#include "base/bytes.hpp"
#include "base/wall_offset.hpp"
#include "store/store.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::delivery {

/// Why bytes from the store are not the record they should be.
struct RecordError {
    enum class Kind : std::uint8_t { cut_short, trailing_bytes, unknown_version, inconsistent };
    Kind kind;
    std::string_view record;   ///< "message record" (static storage)
    std::string_view field;    ///< (static storage)
    std::size_t offset = 0;    ///< of the field in the record
    std::uint8_t version = 0;  ///< as found, for unknown_version
    std::uint8_t known_version = 0;
};

/// One sentence for a log line; where the record was found is the caller's to add.
[[nodiscard]] std::string to_string(const RecordError& error);

template <class T>
using Recovered = boost::system::result<T, RecordError>;

/// Lets Recovered<T>::value() throw; only tests call it.
[[noreturn]] void throw_exception_from_error(const RecordError& error,
                                             const boost::source_location& place);

/// A view of store::Bytes.
using StoredBytes = std::span<const std::byte>;

/// Longer durations are as good as for ever, see deadline_after(), and stored as such.
inline constexpr Seconds seconds_max{std::int64_t{1} << 40};
inline constexpr std::uint64_t stored_for_ever = std::numeric_limits<std::uint64_t>::max();

class RecordReader {
public:
    RecordReader(StoredBytes stored, std::string_view record)
        : bytes_(reinterpret_cast<const Byte*>(stored.data()), stored.size()), record_(record) {}

    /// The first byte of every record.
    void version(Byte known) { static_cast<void>(version(known, known)); }
    /// The same of a record that has several; which one it is.
    [[nodiscard]] Byte version(Byte oldest, Byte newest);
    [[nodiscard]] Byte u8(std::string_view field) { return static_cast<Byte>(number(1, field)); }
    [[nodiscard]] std::uint16_t u16(std::string_view field) {
        return static_cast<std::uint16_t>(number(2, field));
    }
    [[nodiscard]] std::uint32_t u32(std::string_view field) {
        return static_cast<std::uint32_t>(number(4, field));
    }
    [[nodiscard]] std::uint64_t u64(std::string_view field) { return number(8, field); }
    [[nodiscard]] ByteView bytes(std::size_t count, std::string_view field);
    /// A Packet Identifier, which is not 0.
    [[nodiscard]] std::uint16_t packet_id(std::string_view field);
    /// Two bytes of length, then valid UTF-8 that is not empty.
    [[nodiscard]] std::string_view text(std::string_view field);
    /// The same, but it may be empty.
    [[nodiscard]] std::string_view optional_text(std::string_view field);
    /// Milliseconds since 1970, up to wall_time_max.
    [[nodiscard]] WallTime wall_time(std::string_view field);
    /// Up to seconds_max, or Seconds::max() for ever.
    [[nodiscard]] Seconds seconds(std::string_view field);

    /// `field`, the one read last, is inconsistent unless `holds`.
    void require(bool holds, std::string_view field) {
        if (!holds) fail(RecordError::Kind::inconsistent, field, field_offset_);
    }
    /// Takes over what was wrong with a record inside this one.
    void fail(const RecordError& error);
    [[nodiscard]] bool failed() const { return error_.has_value(); }
    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
    /// Precondition: failed().
    [[nodiscard]] RecordError error() const { return *error_; }
    /// Nothing is left over; asked last. True: the record is whole.
    [[nodiscard]] bool finish();

private:
    [[nodiscard]] std::uint64_t number(std::size_t count, std::string_view field);
    void fail(RecordError::Kind kind, std::string_view field, std::size_t offset);

    ByteView bytes_;
    std::string_view record_;
    std::size_t at_ = 0;
    std::size_t field_offset_ = 0;
    std::optional<RecordError> error_;
};

class RecordWriter {
public:
    explicit RecordWriter(store::Bytes& out) : out_(out) {}

    void u8(Byte value) { out_.push_back(std::byte{value}); }
    void u16(std::uint16_t value) { number<2>(value); }
    void u32(std::uint32_t value) { number<4>(value); }
    void u64(std::uint64_t value) { number<8>(value); }
    void bytes(ByteView view) {
        const auto* first = reinterpret_cast<const std::byte*>(view.data());
        out_.insert(out_.end(), first, first + view.size());
    }
    void text(std::string_view text) {
        u16(static_cast<std::uint16_t>(text.size()));
        bytes(as_bytes(text));
    }
    void wall_time(WallTime time) {
        u64(static_cast<std::uint64_t>(time.time_since_epoch().count()));
    }
    void seconds(Seconds duration) {
        u64(duration > seconds_max ? stored_for_ever
                                   : static_cast<std::uint64_t>(duration.count()));
    }

private:
    template <std::size_t Count>
    void number(std::uint64_t value) {
        std::byte big_endian[Count];
        for (std::size_t i = Count; i > 0; --i, value >>= 8) {
            big_endian[i - 1] = static_cast<std::byte>(value);
        }
        out_.insert(out_.end(), big_endian, big_endian + Count);
    }

    store::Bytes& out_;
};

}  // namespace holdfast::delivery
