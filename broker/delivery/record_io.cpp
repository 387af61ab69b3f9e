#include "delivery/record_io.hpp"

#include "base/utf8.hpp"

#include <stdexcept>

namespace holdfast::delivery {

std::string to_string(const RecordError& error) {
    const std::string record{error.record};
    const std::string at =
        " in field '" + std::string(error.field) + "' at byte " + std::to_string(error.offset);
    switch (error.kind) {
        case RecordError::Kind::cut_short: return record + " is cut short" + at;
        case RecordError::Kind::inconsistent: return record + " has an impossible value" + at;
        case RecordError::Kind::trailing_bytes:
            return record + " has bytes behind its end, from byte " + std::to_string(error.offset);
        case RecordError::Kind::unknown_version: break;
    }
    return record + " has version " + std::to_string(error.version) +
           ", which this program does not know (it knows up to " +
           std::to_string(error.known_version) + ")";
}

void throw_exception_from_error(const RecordError& error, const boost::source_location& place) {
    boost::throw_exception(std::runtime_error(to_string(error)), place);
}

void RecordReader::fail(RecordError::Kind kind, std::string_view field, std::size_t offset) {
    fail({.kind = kind, .record = record_, .field = field, .offset = offset});
}

void RecordReader::fail(const RecordError& error) {
    if (!error_) error_ = error;
    at_ = bytes_.size();
}

Byte RecordReader::version(Byte oldest, Byte newest) {
    const Byte found = u8("version");
    if (failed() || (found >= oldest && found <= newest)) return found;
    fail({.kind = RecordError::Kind::unknown_version,
          .record = record_,
          .field = "version",
          .version = found,
          .known_version = newest});
    return found;
}

ByteView RecordReader::bytes(std::size_t count, std::string_view field) {
    field_offset_ = at_;
    if (left() < count) {
        fail(RecordError::Kind::cut_short, field, at_);
        return {};
    }
    at_ += count;
    return bytes_.subspan(at_ - count, count);
}

std::uint64_t RecordReader::number(std::size_t count, std::string_view field) {
    std::uint64_t value = 0;
    for (const Byte byte : bytes(count, field)) value = value << 8 | byte;
    return value;
}

std::uint16_t RecordReader::packet_id(std::string_view field) {
    const std::uint16_t id = u16(field);
    require(id != 0, field);
    return id;
}

std::string_view RecordReader::text(std::string_view field) {
    const std::string_view text = optional_text(field);
    require(!text.empty(), field);
    return failed() ? std::string_view{} : text;
}

std::string_view RecordReader::optional_text(std::string_view field) {
    const std::size_t offset = at_;
    const std::string_view text = as_text(bytes(u16(field), field));
    field_offset_ = offset;
    require(is_valid_utf8_string(text), field);
    return failed() ? std::string_view{} : text;
}

WallTime RecordReader::wall_time(std::string_view field) {
    const std::uint64_t count = u64(field);
    require(count <= static_cast<std::uint64_t>(wall_time_max.time_since_epoch().count()), field);
    return failed() ? WallTime{} : WallTime{Milliseconds{static_cast<std::int64_t>(count)}};
}

Seconds RecordReader::seconds(std::string_view field) {
    const std::uint64_t count = u64(field);
    if (count == stored_for_ever) return Seconds::max();
    require(count <= static_cast<std::uint64_t>(seconds_max.count()), field);
    return failed() ? Seconds{0} : Seconds{static_cast<std::int64_t>(count)};
}

bool RecordReader::finish() {
    if (!failed() && left() > 0) {
        fail(RecordError::Kind::trailing_bytes, "end", at_);
    }
    return !failed();
}

}  // namespace holdfast::delivery
