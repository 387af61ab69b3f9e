#include "store/snapshot.hpp"

#include "base/error.hpp"
#include "store/checksum.hpp"

#include <algorithm>
#include <string_view>

namespace holdfast::store {

namespace {

constexpr std::string_view magic = "HFSTSNAP";
constexpr std::size_t file_header_bytes = 24;
constexpr std::size_t checksum_at = 16;
constexpr std::size_t queue_head_bytes = 16;
constexpr std::size_t queue_entry_bytes = 28;
constexpr std::size_t table_entry_bytes = 16;
constexpr std::size_t records_per_record = 4096;
/// So that no seed is that of a segment.
constexpr std::uint64_t snapshot_seeds = std::uint64_t{1} << 32U;

std::uint32_t seed_of(std::uint32_t number) { return checksum_seed(snapshot_seeds | number); }

template <class Visit>
bool visit_records(ByteSpan bytes, std::uint32_t number, Visit&& visit) {
    std::uint64_t at = file_header_bytes;
    while (true) {
        const auto record = read_record(bytes, 0, at, seed_of(number));
        if (!record || !is_known(*record)) return false;
        if (!visit(*record)) return false;
        if (record->type == RecordType::image_end) return true;
        at = record->next;
    }
}

Stored read_stored(ByteSpan body, std::size_t at) {
    return {{read_u32(body, at), read_u32(body, at + 4)}, read_u32(body, at + 8)};
}

}  // namespace

// --- Writing

SnapshotWriter::SnapshotWriter(const SnapshotStart& start, const Segments& segments)
    : start_(start), seed_(seed_of(start.number)) {
    const ByteSpan word = bytes_of(magic);
    bytes_.insert(bytes_.end(), word.begin(), word.end());
    append_number(bytes_, start.version);
    append_number(bytes_, start.number);
    append_number(bytes_, crc32c(0, bytes_));
    bytes_.resize(file_header_bytes);
    RecordWriter writer{bytes_, file_header_bytes, seed_};
    writer.begin({RecordType::image});
    append_number(bytes_, start.place.segment);
    append_number(bytes_, std::uint32_t{0});
    append_number(bytes_, start.place.offset);
    append_number(bytes_, start.next_round);
    writer.end();
    for (const auto& [number, segment] : segments.all()) {
        if (number >= start.place.segment) break;
        writer.begin({RecordType::image_segment});
        append_number(bytes_, std::uint64_t{number});
        append_number(bytes_, segment->end);
        writer.end();
    }
}

Bytes SnapshotWriter::take_bytes() {
    base_ += bytes_.size();
    return std::exchange(bytes_, {});
}

bool SnapshotWriter::add_slice(const Contents& contents, std::size_t records_max) {
    std::size_t records_left = records_max;
    const std::set<QueueId>& queues = contents.index().queues();
    auto queue = is_within_queue_ ? queues.lower_bound(queue_) : queues.upper_bound(queue_);
    for (; queue != queues.end() && records_left > 0; ++queue) {
        if (*queue != queue_) position_ = before_first;
        queue_ = *queue;
        add_queue(*queue, *contents.index().find_queue(*queue), records_left);
        if (is_within_queue_) return false;
    }
    if (queue != queues.end()) return false;
    while (table_ < static_cast<std::size_t>(Table::count_)) {
        if (records_left == 0) return false;
        add_table(contents.index().records(static_cast<Table>(table_)), records_left);
    }
    return true;
}

void SnapshotWriter::add_queue(QueueId queue, const QueueState& state, std::size_t& records_left) {
    RecordWriter writer{bytes_, base_ + bytes_.size(), seed_};
    std::size_t room = std::min(records_left, records_per_record);
    --records_left;  // an empty queue counts too
    writer.begin({RecordType::image_queue});
    append_number(bytes_, static_cast<std::uint64_t>(queue));
    append_number(bytes_, static_cast<std::uint64_t>(state.last));
    is_within_queue_ = false;
    state.records.visit_after(position_, [&](const QueueRecords::Record& record) {
        if (room == 0) {
            is_within_queue_ = true;
            return false;
        }
        --room;
        position_ = record.position;
        if (!record.stored.at.is_written()) return true;
        append_number(bytes_, static_cast<std::uint64_t>(record.position));
        append_number(bytes_, static_cast<std::uint64_t>(record.mark));
        add_location(record.stored);
        records_left -= records_left > 0 ? 1 : 0;
        return true;
    });
    writer.end();
}

void SnapshotWriter::add_table(const Index::TableRecords& records, std::size_t& records_left) {
    RecordWriter writer{bytes_, base_ + bytes_.size(), seed_};
    std::size_t room = std::min(records_left, records_per_record);
    --records_left;
    writer.begin(
        {RecordType::image_table, first_of_batch | last_of_batch, static_cast<Table>(table_)});
    auto record = records.upper_bound(key_);
    for (; record != records.end() && room > 0; ++record, --room) {
        key_ = record->first;
        if (!record->second.at.is_written()) continue;
        add_location(record->second);
        append_number(bytes_, static_cast<std::uint32_t>(record->first.size()));
        const ByteSpan key = bytes_of(record->first);
        bytes_.insert(bytes_.end(), key.begin(), key.end());
        records_left -= records_left > 0 ? 1 : 0;
    }
    writer.end();
    if (record != records.end()) return;
    ++table_;
    key_.clear();
}

void SnapshotWriter::add_location(const Stored& stored) {
    append_number(bytes_, stored.at.segment);
    append_number(bytes_, stored.at.offset);
    append_number(bytes_, stored.bytes);
    ++records_;
}

void SnapshotWriter::add_end() {
    RecordWriter writer{bytes_, base_ + bytes_.size(), seed_};
    writer.begin({RecordType::image_end});
    append_number(bytes_, records_);
    writer.end();
}

// --- Reading

std::optional<SnapshotStart> read_snapshot_start(ByteSpan bytes, std::uint32_t number) {
    if (bytes.size() < file_header_bytes) return {};
    if (text_of(bytes.first(magic.size())) != magic) return {};
    if (read_u32(bytes, checksum_at) != crc32c(0, bytes.first(checksum_at))) return {};
    SnapshotStart start;
    start.version = read_u32(bytes, 8);
    start.number = read_u32(bytes, 12);
    if (start.number != number) return {};
    if (start.version != snapshot_version) return start;  // the caller says what it thinks of it
    const auto record = read_record(bytes, 0, file_header_bytes, seed_of(number));
    if (!record || record->type != RecordType::image || record->body.size() != 24) return {};
    start.place.segment = read_u32(record->body, 0);
    start.place.offset = read_u64(record->body, 8);
    start.next_round = read_u64(record->body, 16);
    return start;
}

namespace {

/// Calls visit(stored, key) for the entries of a table's record; false: they do not add up.
template <class Visit>
bool visit_table(ByteSpan body, Visit&& visit) {
    for (std::size_t at = 0; at < body.size();) {
        if (body.size() - at < table_entry_bytes) return false;
        const std::size_t key_bytes = read_u32(body, at + 12);
        if (key_bytes == 0 || key_bytes > body.size() - at - table_entry_bytes) return false;
        visit(read_stored(body, at), text_of(body.subspan(at + table_entry_bytes, key_bytes)));
        at += table_entry_bytes + key_bytes;
    }
    return true;
}

/// Calls visit(record) for the entries of a queue's record; false: they do not add up.
template <class Visit>
bool visit_queue(ByteSpan body, Visit&& visit) {
    if (body.size() < queue_head_bytes) return false;
    body = body.subspan(queue_head_bytes);
    if (body.size() % queue_entry_bytes != 0) return false;
    for (std::size_t at = 0; at < body.size(); at += queue_entry_bytes) {
        const Position position{read_u64(body, at)};
        if (position == before_first) return false;
        visit(QueueRecords::Record{position, Mark{read_u64(body, at + 8)},
                                   read_stored(body, at + 16)});
    }
    return true;
}

}  // namespace

bool is_whole_snapshot(ByteSpan bytes, std::uint32_t number) {
    std::uint64_t records = 0;
    const auto count = [&](const auto&...) { ++records; };
    return visit_records(bytes, number, [&](const RecordView& record) {
        switch (record.type) {
            case RecordType::image: return true;
            case RecordType::image_segment: return record.body.size() == 16;
            case RecordType::image_queue: return visit_queue(record.body, count);
            case RecordType::image_table: return visit_table(record.body, count);
            case RecordType::image_end:
                return record.body.size() == 8 && read_u64(record.body, 0) == records;
            default: return false;
        }
    });
}

SnapshotRead read_snapshot(ByteSpan bytes, std::uint32_t number, Contents& contents) {
    SnapshotRead read;
    const auto start = read_snapshot_start(bytes, number);
    CHECK(start.has_value());
    read.start = *start;
    const auto is_there = [&](const Stored& stored) {
        const SegmentPtr segment = contents.segments().find(stored.at.segment);
        const bool is_within = segment && stored.at.offset >= segment_header_bytes &&
                               std::uint64_t{stored.at.offset} + stored.bytes <= segment->size;
        if (!is_within) ++read.lost;
        return is_within;
    };
    (void)visit_records(bytes, number, [&](const RecordView& record) {
        if (record.type == RecordType::image_segment) {
            read.segment_ends.emplace_back(static_cast<std::uint32_t>(read_u64(record.body, 0)),
                                           read_u64(record.body, 8));
        } else if (record.type == RecordType::image_queue) {
            const QueueId queue{read_u64(record.body, 0)};
            contents.restore_last(queue, Position{read_u64(record.body, 8)});
            (void)visit_queue(record.body, [&](const QueueRecords::Record& each) {
                if (is_there(each.stored)) contents.restore_append(queue, each);
            });
        } else if (record.type == RecordType::image_table) {
            const auto table = static_cast<Table>(record.table);
            (void)visit_table(record.body, [&](const Stored& stored, std::string_view key) {
                if (is_there(stored)) contents.restore_put(table, std::string(key), stored);
            });
        }
        return true;
    });
    return read;
}

}  // namespace holdfast::store
