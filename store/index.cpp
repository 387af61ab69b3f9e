#include "store/index.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::store {

namespace {

std::uint64_t number_of(QueueId queue) { return static_cast<std::uint64_t>(queue); }

}  // namespace

/// Counts what a change of a queue's records takes or gives back.
class Index::HeapCount {
public:
    HeapCount(Index& index, const QueueState& state)
        : index_(index), state_(state), before_(state.records.heap_bytes()) {}
    ~HeapCount() { index_.queue_heap_bytes_ += state_.records.heap_bytes() - before_; }
    HeapCount(const HeapCount&) = delete;
    HeapCount& operator=(const HeapCount&) = delete;

private:
    Index& index_;
    const QueueState& state_;
    const std::size_t before_;
};

// --- Tables

Before Index::put(Table table, const std::string& key, const Stored& stored) {
    CHECK(!key.empty());
    TableState& state = state_of(table);
    Before before;
    before.is_change = true;
    const auto [record, is_new] = state.records.try_emplace(key, stored);
    if (!is_new) {
        before.was_there = true;
        before.stored = std::exchange(record->second, stored);
        count_out(state.level, key.size() + before.stored.bytes);
    } else {
        key_bytes_ += key.size();
    }
    count_in(state.level, key.size() + stored.bytes);
    return before;
}

Before Index::erase(Table table, const std::string& key) {
    TableState& state = state_of(table);
    Before before;
    const auto record = state.records.find(key);
    if (record == state.records.end()) return before;
    before.is_change = before.was_there = true;
    before.stored = record->second;
    state.records.erase(record);
    key_bytes_ -= key.size();
    count_out(state.level, key.size() + before.stored.bytes);
    return before;
}

void Index::undo_put(Table table, const std::string& key, const Before& before) {
    if (before.was_there) {
        (void)put(table, key, before.stored);
    } else {
        (void)erase(table, key);
    }
}

void Index::undo_erase(Table table, const std::string& key, const Before& before) {
    if (before.is_change) (void)put(table, key, before.stored);
}

bool Index::move(Table table, std::string_view key, Location from, Location to) {
    TableState& state = state_of(table);
    const auto record = state.records.find(key);
    if (record == state.records.end() || record->second.at != from) return false;
    record->second.at = to;
    return true;
}

// --- Queues

Before Index::append(QueueId queue, const QueueRecords::Record& record) {
    CHECK(record.position > before_first);
    QueueState& state = know(queue);
    const HeapCount count{*this, state};
    CHECK(state.records.insert(record));  // each position only once
    Before before;
    before.is_change = true;
    before.last = state.last;
    state.last = std::max(state.last, record.position);
    count_in(state.level, record.stored.bytes);
    return before;
}

Before Index::append_or_replace(QueueId queue, const QueueRecords::Record& record) {
    QueueState* state = find(queue);
    if (state == nullptr) return append(queue, record);
    const std::size_t heap_before = state->records.heap_bytes();
    const std::optional<QueueRecords::Record> replaced = state->records.replace(record);
    if (!replaced) return append(queue, record);
    queue_heap_bytes_ += state->records.heap_bytes() - heap_before;  // of marks
    Before before;
    before.is_change = before.was_there = true;
    before.stored = replaced->stored;
    before.mark = replaced->mark;
    before.last = state->last;
    count_out(state->level, replaced->stored.bytes);
    count_in(state->level, record.stored.bytes);
    return before;
}

Before Index::remark(QueueId queue, Position position, Mark mark) {
    Before before;
    QueueState* state = find(queue);
    if (state == nullptr) return before;
    const HeapCount count{*this, *state};
    before.is_change = state->records.remark(position, mark, before.mark);
    return before;
}

Before Index::settle(QueueId queue, Position position) {
    Before before;
    QueueState* state = find(queue);
    if (state == nullptr) return before;
    const HeapCount count{*this, *state};
    const std::optional<QueueRecords::Record> record = state->records.erase(position);
    if (!record) return before;
    before.is_change = before.was_there = true;
    before.stored = record->stored;
    before.mark = record->mark;
    count_out(state->level, record->stored.bytes);
    return before;
}

Before Index::drop_queue(QueueId queue) {
    Before before;
    const auto found = queues_.find(number_of(queue));
    if (found == queues_.end()) return before;
    before.is_change = true;
    before.queue = std::move(found->second);
    total_.records -= before.queue->level.records;
    total_.bytes -= before.queue->level.bytes;
    queue_heap_bytes_ -= before.queue->records.heap_bytes();
    queues_.erase(found);
    known_.erase(queue);
    return before;
}

void Index::undo_append(QueueId queue, Position position, const Before& before) {
    (void)settle(queue, position);
    QueueState* state = find(queue);
    if (state == nullptr || state->last != position) return;
    state->last = before.last;
    if (state->last == before_first && state->records.empty()) forget(queue);
}

void Index::undo_remark(QueueId queue, Position position, const Before& before) {
    if (before.is_change) (void)remark(queue, position, before.mark);
}

void Index::undo_settle(QueueId queue, Position position, const Before& before) {
    if (before.is_change) (void)append(queue, {position, before.mark, before.stored});
}

void Index::undo_drop_queue(QueueId queue, Before& before) {
    if (!before.is_change) return;
    // Appended to since, by a batch that was elided: its position stays taken.
    if (const QueueState* since = find_queue(queue); since != nullptr) {
        CHECK(since->records.empty());
        before.queue->last = std::max(before.queue->last, since->last);
    }
    total_.records += before.queue->level.records;
    total_.bytes += before.queue->level.bytes;
    queue_heap_bytes_ += before.queue->records.heap_bytes();
    queues_[number_of(queue)] = std::move(before.queue);
    known_.insert(queue);
}

void Index::note_position(QueueId queue, Position position) {
    QueueState& state = know(queue);
    state.last = std::max(state.last, position);
}

bool Index::move(QueueId queue, Position position, Location from, Location to) {
    QueueState* state = find(queue);
    if (state == nullptr) return false;
    const std::optional<QueueRecords::Record> record = state->records.find(position);
    if (!record || record->stored.at != from) return false;
    return state->records.move(position, to);
}

// --- Looking up

const QueueState* Index::find_queue(QueueId queue) const {
    const auto found = queues_.find(number_of(queue));
    return found == queues_.end() ? nullptr : found->second.get();
}

QueueState* Index::find(QueueId queue) {
    return const_cast<QueueState*>(std::as_const(*this).find_queue(queue));
}

QueueState& Index::know(QueueId queue) {
    std::unique_ptr<QueueState>& state = queues_[number_of(queue)];
    if (!state) {
        state = std::make_unique<QueueState>();
        known_.insert(queue);
    }
    return *state;
}

void Index::forget(QueueId queue) {
    queues_.erase(number_of(queue));
    known_.erase(queue);
}

Index::TableState& Index::state_of(Table table) {
    CHECK(table < Table::count_);
    return tables_[static_cast<std::size_t>(table)];
}

const Index::TableRecords& Index::records(Table table) const {
    CHECK(table < Table::count_);
    return tables_[static_cast<std::size_t>(table)].records;
}

Level Index::level(Table table) const {
    CHECK(table < Table::count_);
    return tables_[static_cast<std::size_t>(table)].level;
}

void Index::count_in(Level& level, std::size_t bytes) {
    for (Level* each : {&level, &total_}) {
        each->records += 1;
        each->bytes += bytes;
    }
}

void Index::count_out(Level& level, std::size_t bytes) {
    for (Level* each : {&level, &total_}) {
        each->records -= 1;
        each->bytes -= bytes;
    }
}

std::size_t Index::heap_bytes() const {
    constexpr std::size_t node_bytes = 48;  // of a tree, besides the value
    std::size_t bytes = queues_.size() * (sizeof(QueueState) + node_bytes + 2 * sizeof(void*));
    for (const TableState& table : tables_) {
        bytes += table.records.size() * (node_bytes + sizeof(TableRecords::value_type));
    }
    return bytes + queue_heap_bytes_ + key_bytes_;
}

}  // namespace holdfast::store
