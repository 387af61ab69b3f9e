#include "store/rewriter.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace holdfast::store {

void Rewriter::begin(SegmentPtr segment) {
    segment_ = std::move(segment);
    seed_ = checksum_seed(segment_->number);
    next_ = behind_ = segment_header_bytes;
    is_read_ = false;
    copies_.clear();
    values_.clear();
}

void Rewriter::stop() {
    segment_ = nullptr;
    copies_.clear();
    values_.clear();
}

std::error_code Rewriter::read(std::size_t bytes) {
    if (is_read_) return {};
    const std::uint64_t left = segment_->end - next_;
    Bytes window(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, left)));
    const IoResult<std::size_t> count = segment_->file->read(next_, window);
    if (count.has_error()) return count.error();
    const bool is_short =
        *count < window.size();  // the file has no more, whatever its end should be
    window.resize(*count);

    copies_.clear();
    values_.clear();
    std::uint64_t at = next_;
    while (at + record_header_bytes <= next_ + window.size()) {
        const std::uint64_t body = read_u32(window, static_cast<std::size_t>(at - next_) + 4);
        const std::uint64_t record_end = at + padded(record_header_bytes + body);
        const auto record = read_record(window, next_, at, seed_);
        // Cut off by the window: it begins the next one, or this one must be larger.
        const bool is_cut = !is_short && record_end > next_ + window.size();
        if (!record && is_cut && record_end <= segment_->end) {
            if (at > next_) break;
            return read(static_cast<std::size_t>(record_end - next_));
        }
        if (record) add_copy(*record);
        at = record ? record->next : at + record_alignment;
    }
    const bool is_stuck = at == next_;  // less than a header is left
    behind_ = is_stuck || is_short ? segment_->end : std::min(at, segment_->end);
    is_read_ = true;
    return {};
}

void Rewriter::add_copy(const RecordView& record) {
    const auto change = read_change(record);
    if (!change) return;
    Copy copy{.type = change->type,
              .queue = change->queue,
              .position = change->position,
              .table = change->table,
              .key = std::string(change->key),
              .from = {segment_->number, static_cast<std::uint32_t>(record.offset)},
              .bytes = change->value_bytes};
    if (change->type == RecordType::append_shared) {
        if (!read_shared(*change)) return;
        copy.from.offset = change->value_offset;
    } else if (change->type == RecordType::append || change->type == RecordType::put) {
        values_[copy.from.offset].assign(change->value.begin(), change->value.end());
    } else {
        return;
    }
    copies_.push_back(std::move(copy));
}

bool Rewriter::read_shared(const LoggedChange& change) {
    const std::uint32_t offset = change.value_offset;
    if (values_.contains(offset)) return values_[offset].size() == change.value_bytes;
    Bytes holder(record_header_bytes + append_prefix_bytes + change.value_bytes);
    const IoResult<std::size_t> count = segment_->file->read(offset, holder);
    if (count.has_error() || *count != holder.size()) return false;
    const auto held = read_record(holder, offset, offset, seed_);
    if (!held || held->body.size() != append_prefix_bytes + change.value_bytes) return false;
    const ByteSpan value = held->body.subspan(append_prefix_bytes);
    values_[offset].assign(value.begin(), value.end());
    return true;
}

std::size_t Rewriter::select(const Contents& contents) {
    std::size_t bytes = 0;
    const auto is_dead = [&](Copy& copy) {
        if (copy.type == RecordType::put) {
            const Index::TableRecords& records = contents.index().records(copy.table);
            const auto record = records.find(copy.key);
            return record == records.end() || record->second.at != copy.from;
        }
        const QueueState* queue = contents.index().find_queue(copy.queue);
        if (queue == nullptr) return true;
        const auto record = queue->records.find(copy.position);
        if (!record || record->stored.at != copy.from) return true;
        copy.mark = record->mark;
        return false;
    };
    std::erase_if(copies_, is_dead);
    std::set<std::uint32_t> counted;  // a value that several share is written once
    for (const Copy& copy : copies_) {
        const bool is_first = counted.insert(copy.from.offset).second;
        bytes += copy.key.size() + (is_first ? copy.bytes : 0) + record_overhead_bytes_max;
    }
    return bytes;
}

void Rewriter::write(RoundWriter& round) {
    std::map<std::uint32_t, std::uint32_t> written;  // a value that several share, once again
    for (Copy& copy : copies_) {
        const Bytes& value = values_[copy.from.offset];
        if (copy.type == RecordType::put) {
            copy.to = round.add_put(copy.table, copy.key, value);
            continue;
        }
        const auto first = written.find(copy.from.offset);
        if (first != written.end()) {
            copy.to = first->second;
            round.add_shared(copy.queue, copy.position, copy.mark, {copy.to, copy.bytes});
            continue;
        }
        copy.to = round.add_append(copy.queue, copy.position, copy.mark, value);
        written[copy.from.offset] = copy.to;
    }
}

std::uint64_t Rewriter::keep(Contents& contents, std::uint32_t segment) {
    std::uint64_t bytes = 0;
    for (const Copy& copy : copies_) {
        const Stored to{{segment, copy.to}, copy.bytes};
        bytes += copy.key.size() + copy.bytes;
        // What was settled or replaced meanwhile is left where it was.
        if (copy.type == RecordType::put) {
            (void)contents.move(copy.table, copy.key, copy.from, to);
        } else {
            (void)contents.move(copy.queue, copy.position, copy.from, to);
        }
    }
    copies_.clear();
    values_.clear();
    is_read_ = false;
    next_ = behind_;
    if (next_ >= segment_->end) segment_ = nullptr;
    return bytes;
}

}  // namespace holdfast::store
