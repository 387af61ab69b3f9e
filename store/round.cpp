#include "store/round.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <limits>

namespace holdfast::store {

namespace {

/// The batch's own reference and that of the unwritten values.
constexpr long own_references = 2;
/// Capacity that a large round does not leave behind.
constexpr std::size_t buffer_bytes_kept = 16 * 1024 * 1024;

std::uint32_t offset_of(const RecordWriter& writer) {
    CHECK(writer.offset() <= std::numeric_limits<std::uint32_t>::max());
    return static_cast<std::uint32_t>(writer.offset());
}

/// An append that was taken back leaves its position behind, if its batch goes on. Other elided changes
/// leave nothing: a remark that was merged into its append must not come again behind a later one.
bool has_record(const PendingBatch& batch, std::size_t change) {
    if (batch.is_written(change)) return true;
    return batch.applied[change].is_elided &&
           std::holds_alternative<Batch::Append>(batch.changes[change]);
}

}  // namespace

void RoundWriter::begin(Place place) {
    if (bytes_.capacity() > buffer_bytes_kept) bytes_ = {};
    bytes_.clear();
    bytes_.resize(round_record_bytes);
    place_ = place;
    seed_ = checksum_seed(place.segment);
    writer_.emplace(bytes_, place.offset + round_record_bytes, seed_);
    shared_.clear();
    appended_ = 0;
}

ByteSpan RoundWriter::end(std::uint64_t number, std::uint64_t durable) {
    Bytes start;
    RecordWriter writer{start, place_.offset, seed_};
    write_round_start(writer, {number, durable, bytes_.size()});
    CHECK(start.size() == round_record_bytes);
    std::ranges::copy(start, bytes_.begin());
    return bytes_;
}

void RoundWriter::add(PendingBatch& batch) {
    if (batch.to_write == 0) return;
    std::size_t last = batch.changes.size() - 1;
    while (!has_record(batch, last)) --last;
    std::uint8_t flags = first_of_batch;
    for (std::size_t i = 0; i <= last; ++i) {
        if (!has_record(batch, i)) continue;
        if (i == last) flags |= last_of_batch;
        add_change(batch.changes[i], batch.applied[i], flags);
        flags = 0;
    }
}

void RoundWriter::add_change(const Batch::Change& change, Applied& applied, std::uint8_t flags) {
    RecordWriter& writer = *writer_;
    if (const auto* append = std::get_if<Batch::Append>(&change)) {
        // Taken back, but its batch goes on: the position stays taken.
        if (applied.is_elided) return add_settle(append->queue, append->position, flags);
        return add_append(*append, applied, flags);
    }
    if (const auto* put = std::get_if<Batch::Put>(&change)) return add_put(*put, applied, flags);
    if (const auto* settle = std::get_if<Batch::Settle>(&change)) {
        return add_settle(settle->queue, settle->position, flags);
    }
    if (const auto* erase = std::get_if<Batch::Erase>(&change)) {
        const auto key_bytes = static_cast<std::uint32_t>(erase->key.size());
        writer.begin({RecordType::erase, flags, erase->table, key_bytes});
        const ByteSpan key = bytes_of(erase->key);
        writer.body().insert(writer.body().end(), key.begin(), key.end());
    } else if (const auto* remark = std::get_if<Batch::Remark>(&change)) {
        writer.begin({RecordType::remark, flags});
        append_place(bytes_, remark->queue, remark->position, remark->mark);
    } else {
        writer.begin({RecordType::drop_queue, flags});
        append_number(writer.body(),
                      static_cast<std::uint64_t>(std::get<Batch::DropQueue>(change).queue));
    }
    writer.end();
}

void RoundWriter::add_append(const Batch::Append& append, Applied& applied, std::uint8_t flags) {
    RecordWriter& writer = *writer_;
    ++appended_;
    const Value& value = *append.value;
    const std::size_t value_bytes = value.size();
    if (append.value.use_count() > own_references && value_bytes >= shared_value_bytes_min) {
        const auto [first, is_first] = shared_.try_emplace(&value, offset_of(writer));
        if (!is_first) {
            applied.offset = first->second;
            return add_shared(append.queue, append.position, append.mark,
                              {first->second, static_cast<std::uint32_t>(value_bytes)}, flags);
        }
    }
    applied.offset = offset_of(writer);
    writer.begin({RecordType::append, flags});
    append_place(bytes_, append.queue, append.position, append.mark);
    const std::size_t before = bytes_.size();
    value.write_to(bytes_);
    CHECK(bytes_.size() == before + value_bytes);
    writer.end();
}

void RoundWriter::add_put(const Batch::Put& put, Applied& applied, std::uint8_t flags) {
    RecordWriter& writer = *writer_;
    applied.offset = offset_of(writer);
    writer.begin({RecordType::put, flags, put.table, static_cast<std::uint32_t>(put.key.size())});
    const ByteSpan key = bytes_of(put.key);
    bytes_.insert(bytes_.end(), key.begin(), key.end());
    const std::size_t before = bytes_.size();
    put.value->write_to(bytes_);
    CHECK(bytes_.size() == before + put.value->size());
    writer.end();
}

void RoundWriter::add_settle(QueueId queue, Position position, std::uint8_t flags) {
    writer_->begin({RecordType::settle, flags});
    append_number(bytes_, static_cast<std::uint64_t>(queue));
    append_number(bytes_, static_cast<std::uint64_t>(position));
    writer_->end();
}

std::uint32_t RoundWriter::add_append(QueueId queue, Position position, Mark mark, ByteSpan value) {
    const std::uint32_t offset = offset_of(*writer_);
    writer_->begin({RecordType::append});
    append_place(bytes_, queue, position, mark);
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    writer_->end();
    return offset;
}

void RoundWriter::add_shared(QueueId queue, Position position, Mark mark, Shared value,
                             std::uint8_t flags) {
    writer_->begin({RecordType::append_shared, flags});
    append_place(bytes_, queue, position, mark);
    append_number(bytes_, value.offset);
    append_number(bytes_, value.bytes);
    writer_->end();
}

std::uint32_t RoundWriter::add_put(Table table, std::string_view key, ByteSpan value) {
    const std::uint32_t offset = offset_of(*writer_);
    const auto key_bytes = static_cast<std::uint32_t>(key.size());
    writer_->begin({RecordType::put, first_of_batch | last_of_batch, table, key_bytes});
    const ByteSpan key_view = bytes_of(key);
    bytes_.insert(bytes_.end(), key_view.begin(), key_view.end());
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    writer_->end();
    return offset;
}

}  // namespace holdfast::store
