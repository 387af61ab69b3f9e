#include "store/record.hpp"

#include "base/error.hpp"
#include "store/checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace holdfast::store {

namespace {

template <class Number>
void store_number(std::byte* at, Number number) {
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(at, &number, sizeof(Number));
    } else {
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            at[i] = static_cast<std::byte>(number >> (8 * i));
        }
    }
}

template <class Number>
Number load_number(ByteSpan bytes, std::size_t at) {
    CHECK(at + sizeof(Number) <= bytes.size());
    Number number = 0;
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&number, bytes.data() + at, sizeof(Number));
    } else {
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            number |= static_cast<Number>(static_cast<Number>(bytes[at + i]) << (8 * i));
        }
    }
    return number;
}

template <class Number>
void append_any(Bytes& out, Number number) {
    std::array<std::byte, sizeof(Number)> bytes{};
    store_number(bytes.data(), number);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Over everything of the record but the checksum itself.
std::uint32_t checksum_of(std::uint32_t seed, std::uint64_t offset, ByteSpan rest) {
    std::array<std::byte, 8> place{};
    store_number(place.data(), offset);
    return crc32c(crc32c(seed, place), rest);
}

}  // namespace

std::uint32_t checksum_seed(std::uint64_t number) {
    std::array<std::byte, 8> bytes{};
    store_number(bytes.data(), number);
    return crc32c(0, bytes);
}

void append_number(Bytes& out, std::uint32_t number) { append_any(out, number); }
void append_number(Bytes& out, std::uint64_t number) { append_any(out, number); }
std::uint32_t read_u32(ByteSpan bytes, std::size_t at) {
    return load_number<std::uint32_t>(bytes, at);
}
std::uint64_t read_u64(ByteSpan bytes, std::size_t at) {
    return load_number<std::uint64_t>(bytes, at);
}

void append_place(Bytes& out, QueueId queue, Position position, Mark mark) {
    std::array<std::byte, append_prefix_bytes> bytes{};
    store_number(&bytes[0], static_cast<std::uint64_t>(queue));
    store_number(&bytes[8], static_cast<std::uint64_t>(position));
    store_number(&bytes[16], static_cast<std::uint64_t>(mark));
    out.insert(out.end(), bytes.begin(), bytes.end());
}

ByteSpan bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }
std::string_view text_of(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// --- Writing

void RecordWriter::begin(Kind kind) {
    begun_ = out_.size();
    std::array<std::byte, record_header_bytes> header{};
    header[8] = static_cast<std::byte>(kind.type);
    header[9] = static_cast<std::byte>(record_version);
    header[10] = static_cast<std::byte>(kind.flags);
    header[11] = static_cast<std::byte>(kind.table);
    store_number(&header[12], kind.key_bytes);
    out_.insert(out_.end(), header.begin(), header.end());
}

void RecordWriter::end() {
    const std::size_t bytes = out_.size() - begun_;
    store_number(&out_[begun_ + 4], static_cast<std::uint32_t>(bytes - record_header_bytes));
    const std::uint64_t offset = base_ + (begun_ - origin_);
    const ByteSpan rest{&out_[begun_ + 4], bytes - 4};
    store_number(&out_[begun_], checksum_of(seed_, offset, rest));
    out_.resize(begun_ + padded(bytes));
}

// --- Reading

std::optional<RecordView> read_record(ByteSpan bytes, std::uint64_t base, std::uint64_t offset,
                                      std::uint32_t seed) {
    if (offset < base || offset - base > bytes.size()) return {};
    const ByteSpan at = bytes.subspan(static_cast<std::size_t>(offset - base));
    if (at.size() < record_header_bytes) return {};
    const std::size_t body_bytes = read_u32(at, 4);
    if (body_bytes > at.size() - record_header_bytes) return {};
    const std::size_t record_bytes = record_header_bytes + body_bytes;
    if (read_u32(at, 0) != checksum_of(seed, offset, at.subspan(4, record_bytes - 4))) return {};
    return RecordView{static_cast<RecordType>(at[8]),
                      static_cast<std::uint8_t>(at[9]),
                      static_cast<std::uint8_t>(at[10]),
                      static_cast<std::uint8_t>(at[11]),
                      read_u32(at, 12),
                      at.subspan(record_header_bytes, body_bytes),
                      offset,
                      offset + padded(record_bytes)};
}

bool is_known(const RecordView& record) {
    if (record.version != record_version) return false;
    const auto type = static_cast<std::uint8_t>(record.type);
    const bool is_change = type >= static_cast<std::uint8_t>(RecordType::round) &&
                           type <= static_cast<std::uint8_t>(RecordType::drop_queue);
    const bool is_image = type >= static_cast<std::uint8_t>(RecordType::image) &&
                          type <= static_cast<std::uint8_t>(RecordType::image_end);
    const bool names_table = record.type == RecordType::put || record.type == RecordType::erase ||
                             record.type == RecordType::image_table;
    const bool has_table = record.table < static_cast<std::uint8_t>(Table::count_);
    return (is_change || is_image) && (!names_table || has_table);
}

namespace {

bool has_body(const RecordView& record, std::size_t bytes) { return record.body.size() == bytes; }

std::optional<LoggedChange> read_keyed(const RecordView& record) {
    if (record.key_bytes == 0 || record.key_bytes > record.body.size()) return {};
    LoggedChange change;
    change.type = record.type;
    change.table = static_cast<Table>(record.table);
    change.key = text_of(record.body.first(record.key_bytes));
    change.value = record.body.subspan(record.key_bytes);
    change.value_bytes = static_cast<std::uint32_t>(change.value.size());
    return change;
}

std::optional<LoggedChange> read_queued(const RecordView& record) {
    LoggedChange change;
    change.type = record.type;
    change.queue = QueueId{read_u64(record.body, 0)};
    change.position = Position{read_u64(record.body, 8)};
    if (change.position == before_first) return {};
    if (record.type == RecordType::settle) return change;
    change.mark = Mark{read_u64(record.body, 16)};
    if (record.type == RecordType::append) {
        change.value = record.body.subspan(append_prefix_bytes);
        change.value_bytes = static_cast<std::uint32_t>(change.value.size());
    } else if (record.type == RecordType::append_shared) {
        change.value_offset = read_u32(record.body, 24);
        change.value_bytes = read_u32(record.body, 28);
    }
    return change;
}

}  // namespace

std::optional<LoggedChange> read_change(const RecordView& record) {
    switch (record.type) {
        case RecordType::append:
            if (record.body.size() < append_prefix_bytes) return {};
            return read_queued(record);
        case RecordType::append_shared:
            if (!has_body(record, append_prefix_bytes + 8)) return {};
            return read_queued(record);
        case RecordType::remark:
            if (!has_body(record, append_prefix_bytes)) return {};
            return read_queued(record);
        case RecordType::settle:
            if (!has_body(record, 16)) return {};
            return read_queued(record);
        case RecordType::drop_queue: {
            if (!has_body(record, 8)) return {};
            LoggedChange change;
            change.type = record.type;
            change.queue = QueueId{read_u64(record.body, 0)};
            return change;
        }
        case RecordType::put:
        case RecordType::erase: return read_keyed(record);
        default: return {};
    }
}

void write_round_start(RecordWriter& writer, const RoundStart& start) {
    writer.begin({RecordType::round});
    append_number(writer.body(), start.number);
    append_number(writer.body(), start.durable);
    append_number(writer.body(), start.bytes);
    writer.end();
}

std::optional<RoundStart> read_round_start(const RecordView& record) {
    if (record.type != RecordType::round || !has_body(record, 24)) return {};
    return RoundStart{read_u64(record.body, 0), read_u64(record.body, 8),
                      read_u64(record.body, 16)};
}

}  // namespace holdfast::store
