#include "store/queue_records.hpp"

#include <algorithm>

namespace holdfast::store {

namespace {

constexpr std::size_t small_capacity = 8;
/// So many settled entries in front are dragged along before they are cleared away.
constexpr std::size_t head_max = 32;

std::uint32_t high_of(Position position) {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(position) >> 32U);
}
std::uint32_t low_of(Position position) {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(position) & 0xFFFF'FFFFU);
}

/// Grows by an eighth: memory per waiting record matters more than a copy now and then.
template <class T>
void make_room(std::vector<T>& items) {
    if (items.size() < items.capacity()) return;
    items.reserve(std::max(small_capacity, items.size() + items.size() / 8 + 1));
}

template <class T>
void insert_between(std::vector<T>& items, std::size_t index, const T& item) {
    make_room(items);
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), item);
}

/// Closes the gap at `index` by moving what is on its shorter side; true: that was the front.
template <class T>
bool close_gap(std::vector<T>& items, std::size_t head, std::size_t index) {
    const auto at = items.begin() + static_cast<std::ptrdiff_t>(index);
    if (index - head < items.size() - index) {
        std::move_backward(items.begin() + static_cast<std::ptrdiff_t>(head), at, at + 1);
        return true;
    }
    items.erase(at);
    return false;
}

template <class T>
void drop_front(std::vector<T>& items, std::size_t count) {
    if (items.capacity() > 4 * (items.size() - count) + small_capacity) {
        items = std::vector<T>(items.begin() + static_cast<std::ptrdiff_t>(count), items.end());
    } else {
        items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count));
    }
}

}  // namespace

// --- Chunk

std::size_t QueueRecords::Chunk::lower_bound(std::uint64_t low) const {
    const Entry& last = entries.back();
    if (last.low < low) return entries.size();
    // Mostly none is missing between this one and the last: then the distance says where it is.
    if (const std::uint64_t distance = last.low - low; distance < entries.size() - head) {
        const std::size_t index = entries.size() - 1 - static_cast<std::size_t>(distance);
        if (entries[index].low == low) return index;
    }
    const auto first = entries.begin() + head;
    if (first->low >= low) return head;
    const auto found = std::lower_bound(
        first, entries.end(), low,
        [](const Entry& entry, std::uint64_t wanted) { return entry.low < wanted; });
    return static_cast<std::size_t>(found - entries.begin());
}

QueueRecords::Record QueueRecords::Chunk::record(std::size_t index) const {
    const Entry& entry = entries[index];
    const std::uint64_t position = static_cast<std::uint64_t>(high) << 32U | entry.low;
    return {Position{position}, marks.empty() ? Mark::none : marks[index],
            Stored{entry.at, entry.bytes}};
}

void QueueRecords::Chunk::insert(std::size_t index, const Entry& entry, Mark mark) {
    if (mark != Mark::none && marks.empty()) marks.resize(entries.size(), Mark::none);
    if (!marks.empty() || mark != Mark::none) insert_between(marks, index, mark);
    insert_between(entries, index, entry);
}

void QueueRecords::Chunk::erase(std::size_t index) {
    if (!marks.empty()) close_gap(marks, head, index);
    if (close_gap(entries, head, index)) ++head;
    give_room_back();
}

void QueueRecords::Chunk::set_mark(std::size_t index, Mark mark) {
    if (marks.empty() && mark == Mark::none) return;
    if (marks.empty()) marks.resize(entries.size(), Mark::none);
    marks[index] = mark;
}

void QueueRecords::Chunk::give_room_back() {
    if (head < head_max || head < entries.size() / 2) return;
    drop_front(entries, head);
    if (!marks.empty()) drop_front(marks, head);
    head = 0;
}

// --- Queue

std::size_t QueueRecords::lower_chunk(std::uint32_t high) const {
    const auto found = std::lower_bound(
        chunks_.begin(), chunks_.end(), high,
        [](const Chunk& chunk, std::uint32_t wanted) { return chunk.high < wanted; });
    return static_cast<std::size_t>(found - chunks_.begin());
}

const QueueRecords::Chunk* QueueRecords::find_chunk(Position position) const {
    const std::size_t index = lower_chunk(high_of(position));
    if (index == chunks_.size() || chunks_[index].high != high_of(position)) return nullptr;
    return &chunks_[index];
}

QueueRecords::Chunk* QueueRecords::find_chunk(Position position) {
    return const_cast<Chunk*>(std::as_const(*this).find_chunk(position));
}

bool QueueRecords::insert(const Record& record) {
    const std::uint32_t low = low_of(record.position);
    const Entry entry{low, record.stored.bytes, record.stored.at};
    Chunk* chunk = find_chunk(record.position);
    if (chunk == nullptr) {
        const auto at =
            chunks_.begin() + static_cast<std::ptrdiff_t>(lower_chunk(high_of(record.position)));
        Chunk fresh;
        fresh.high = high_of(record.position);
        fresh.insert(0, entry, record.mark);
        chunks_.insert(at, std::move(fresh));
        return true;
    }
    const std::size_t index = chunk->lower_bound(low);
    if (chunk->has(index, low)) return false;
    chunk->insert(index, entry, record.mark);
    return true;
}

std::optional<QueueRecords::Record> QueueRecords::erase(Position position) {
    Chunk* chunk = find_chunk(position);
    if (chunk == nullptr) return {};
    const std::size_t index = chunk->lower_bound(low_of(position));
    if (!chunk->has(index, low_of(position))) return {};
    const Record record = chunk->record(index);
    if (chunk->entries.size() - chunk->head == 1) {
        chunks_.erase(chunks_.begin() + (chunk - chunks_.data()));
    } else {
        chunk->erase(index);
    }
    return record;
}

std::optional<QueueRecords::Record> QueueRecords::replace(const Record& record) {
    const std::uint32_t low = low_of(record.position);
    Chunk* chunk = find_chunk(record.position);
    if (chunk == nullptr) return {};
    const std::size_t index = chunk->lower_bound(low);
    if (!chunk->has(index, low)) return {};
    const Record replaced = chunk->record(index);
    chunk->entries[index] = {low, record.stored.bytes, record.stored.at};
    chunk->set_mark(index, record.mark);
    return replaced;
}

bool QueueRecords::remark(Position position, Mark mark, Mark& before) {
    Chunk* chunk = find_chunk(position);
    if (chunk == nullptr) return false;
    const std::size_t index = chunk->lower_bound(low_of(position));
    if (!chunk->has(index, low_of(position))) return false;
    before = chunk->record(index).mark;
    chunk->set_mark(index, mark);
    return true;
}

std::optional<QueueRecords::Record> QueueRecords::find(Position position) const {
    const Chunk* chunk = find_chunk(position);
    if (chunk == nullptr) return {};
    const std::size_t index = chunk->lower_bound(low_of(position));
    if (!chunk->has(index, low_of(position))) return {};
    return chunk->record(index);
}

bool QueueRecords::move(Position position, Location to) {
    Chunk* chunk = find_chunk(position);
    if (chunk == nullptr) return false;
    const std::size_t index = chunk->lower_bound(low_of(position));
    if (!chunk->has(index, low_of(position))) return false;
    chunk->entries[index].at = to;
    return true;
}

std::size_t QueueRecords::heap_bytes() const {
    std::size_t bytes = chunks_.size() > 1 ? chunks_.capacity() * sizeof(Chunk) : 0;
    for (const Chunk& chunk : chunks_) {
        bytes += chunk.entries.capacity() * sizeof(Entry) + chunk.marks.capacity() * sizeof(Mark);
    }
    return bytes;
}

}  // namespace holdfast::store
