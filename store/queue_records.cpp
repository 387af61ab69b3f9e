#include "store/queue_records.hpp"

#include <algorithm>
#include <iterator>

namespace holdfast::store {

namespace {

constexpr std::size_t block_max = 128;
constexpr std::size_t capacity_min = 8;
/// So many emptied blocks in front are dragged along before they are cleared away.
constexpr std::size_t front_max = 8;

std::uint64_t number_of(Position position) { return static_cast<std::uint64_t>(position); }
std::uint32_t low_of(Position position) { return static_cast<std::uint32_t>(number_of(position)); }

/// Capacities are 8, 16, ... 128: few sizes, so that what one block outgrew is what another one needs.
template <class T>
void insert_at(std::vector<T>& items, std::size_t index, const T& item) {
    if (items.size() == items.capacity()) {
        items.reserve(std::max(capacity_min, 2 * items.capacity()));
    }
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), item);
}

template <class T>
void erase_at(std::vector<T>& items, std::size_t index) {
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
    if (items.capacity() <= capacity_min || items.size() > items.capacity() / 4) return;
    std::vector<T> smaller;
    smaller.reserve(items.capacity() / 2);
    smaller.assign(items.begin(), items.end());
    items.swap(smaller);
}

template <class T>
std::vector<T> take_upper_half(std::vector<T>& items) {
    const auto half = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
    std::vector<T> upper;
    upper.reserve(items.capacity());
    upper.assign(half, items.end());
    items.erase(half, items.end());
    return upper;
}

}  // namespace

// --- Block

bool QueueRecords::Block::is_full() const { return entries.size() == block_max; }

std::size_t QueueRecords::Block::heap_bytes() const {
    return entries.capacity() * sizeof(Entry) + marks.capacity() * sizeof(Mark);
}

std::size_t QueueRecords::Block::lower_bound(std::uint32_t low) const {
    const Entry& last = entries.back();
    if (last.low < low) return entries.size();
    // Mostly none is missing between this one and the last: then the distance says where it is.
    if (const std::uint32_t distance = last.low - low; distance < entries.size()) {
        const std::size_t index = entries.size() - 1 - distance;
        if (entries[index].low == low) return index;
    }
    const auto found = std::lower_bound(
        entries.begin(), entries.end(), low,
        [](const Entry& entry, std::uint32_t wanted) { return entry.low < wanted; });
    return static_cast<std::size_t>(found - entries.begin());
}

QueueRecords::Record QueueRecords::Block::record(std::size_t index) const {
    const Entry& entry = entries[index];
    const std::uint64_t position = (floor >> 32U) << 32U | entry.low;
    return {Position{position}, marks.empty() ? mark : marks[index], Stored{entry.at, entry.bytes}};
}

void QueueRecords::Block::insert(std::size_t index, const Record& record) {
    if (marks.empty() && record.mark != mark) part_marks();
    if (!marks.empty()) insert_at(marks, index, record.mark);
    insert_at(entries, index, {low_of(record.position), record.stored.bytes, record.stored.at});
}

void QueueRecords::Block::erase(std::size_t index) {
    if (!marks.empty()) erase_at(marks, index);
    erase_at(entries, index);
}

void QueueRecords::Block::set_mark(std::size_t index, Mark value) {
    if (marks.empty() && value == mark) return;
    if (marks.empty()) part_marks();
    marks[index] = value;
}

void QueueRecords::Block::part_marks() {
    marks.reserve(entries.capacity());
    marks.assign(entries.size(), mark);
}

QueueRecords::Block QueueRecords::Block::split() {
    Block upper;
    upper.mark = mark;
    upper.entries = take_upper_half(entries);
    if (!marks.empty()) upper.marks = take_upper_half(marks);
    upper.floor = (floor >> 32U) << 32U | upper.entries.front().low;
    return upper;
}

// --- Queue

std::size_t QueueRecords::block_for(std::uint64_t position) const {
    if (blocks_.back().floor <= position) return blocks_.size() - 1;
    const auto first = blocks_.begin() + static_cast<std::ptrdiff_t>(front_);
    const auto above = std::upper_bound(
        first, blocks_.end(), position,
        [](std::uint64_t wanted, const Block& block) { return wanted < block.floor; });
    return static_cast<std::size_t>((above == first ? first : above - 1) - blocks_.begin());
}

std::optional<QueueRecords::Place> QueueRecords::place_of(Position position) const {
    if (empty()) return {};
    const std::size_t at = block_for(number_of(position));
    const Block& block = blocks_[at];
    if (!block.can_have(number_of(position))) return {};
    const std::size_t index = block.lower_bound(low_of(position));
    if (!block.has(index, low_of(position))) return {};
    return Place{at, index};
}

void QueueRecords::add_block(std::size_t at, const Record& record) {
    Block block;
    block.floor = number_of(record.position);
    block.mark = record.mark;
    block.insert(0, record);
    heap_bytes_ += block.heap_bytes();
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(at), std::move(block));
}

void QueueRecords::split_block(std::size_t at) {
    Block upper;
    change(blocks_[at], [&](Block& block) { upper = block.split(); });
    heap_bytes_ += upper.heap_bytes();
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(at + 1), std::move(upper));
}

void QueueRecords::remove_block(std::size_t at) {
    heap_bytes_ -= blocks_[at].heap_bytes();
    if (at != front_) {
        blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(at));
        return;
    }
    blocks_[at] = Block{};
    ++front_;
    if (front_ != blocks_.size() && (front_ < front_max || front_ < blocks_.size() / 2)) return;
    const auto live = blocks_.begin() + static_cast<std::ptrdiff_t>(front_);
    Blocks rest(std::make_move_iterator(live), std::make_move_iterator(blocks_.end()));
    blocks_ = std::move(rest);
    front_ = 0;
}

bool QueueRecords::insert(const Record& record) {
    const std::uint64_t position = number_of(record.position);
    if (empty()) {
        add_block(0, record);
        return true;
    }
    const std::size_t at = block_for(position);
    if (!blocks_[at].can_have(position)) {
        add_block(blocks_[at].floor < position ? at + 1 : at, record);
        return true;
    }
    const std::size_t index = blocks_[at].lower_bound(low_of(record.position));
    if (blocks_[at].has(index, low_of(record.position))) return false;
    if (!blocks_[at].is_full()) {
        change(blocks_[at], [&](Block& block) {
            block.floor = std::min(block.floor, position);
            block.insert(index, record);
        });
        return true;
    }
    if (index == blocks_[at].entries.size()) {
        add_block(at + 1, record);
        return true;
    }
    split_block(at);
    return insert(record);
}

std::optional<QueueRecords::Record> QueueRecords::erase(Position position) {
    const std::optional<Place> place = place_of(position);
    if (!place) return {};
    Block& block = blocks_[place->block];
    const Record record = block.record(place->index);
    if (block.entries.size() == 1) {
        remove_block(place->block);
    } else {
        change(block, [&](Block& changed) { changed.erase(place->index); });
    }
    return record;
}

std::optional<QueueRecords::Record> QueueRecords::replace(const Record& record) {
    const std::optional<Place> place = place_of(record.position);
    if (!place) return {};
    Block& block = blocks_[place->block];
    const Record replaced = block.record(place->index);
    block.entries[place->index] = {low_of(record.position), record.stored.bytes, record.stored.at};
    change(block, [&](Block& changed) { changed.set_mark(place->index, record.mark); });
    return replaced;
}

bool QueueRecords::remark(Position position, Mark mark, Mark& before) {
    const std::optional<Place> place = place_of(position);
    if (!place) return false;
    Block& block = blocks_[place->block];
    before = block.record(place->index).mark;
    change(block, [&](Block& changed) { changed.set_mark(place->index, mark); });
    return true;
}

std::optional<QueueRecords::Record> QueueRecords::find(Position position) const {
    const std::optional<Place> place = place_of(position);
    if (!place) return {};
    return blocks_[place->block].record(place->index);
}

bool QueueRecords::move(Position position, Location to) {
    const std::optional<Place> place = place_of(position);
    if (!place) return false;
    blocks_[place->block].entries[place->index].at = to;
    return true;
}

}  // namespace holdfast::store
