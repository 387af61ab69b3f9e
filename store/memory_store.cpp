#include "store/memory_store.hpp"

#include "base/error.hpp"
#include "store/page_budget.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace holdfast::store {

namespace {

Bytes bytes_of(const Value& value) {
    Bytes bytes;
    bytes.reserve(value.size());
    value.write_to(bytes);
    return bytes;
}

}  // namespace

// --- Changes

void MemoryStore::commit(Batch batch, Executor& executor, Committed done) {
    std::vector<Batch::Change> changes = batch.take();
    Remains remains;
    {
        const std::scoped_lock lock{mutex_};
        for (Batch::Change& change : changes) {
            std::visit([&](auto& kind) { apply(kind, remains); }, change);
        }
    }
    if (done) executor.post([done = std::move(done)] { done({}); });
}

void MemoryStore::apply(Batch::Put& put, Remains& remains) {
    CHECK(put.value && !put.key.empty());
    TableState& table = state_of(put.table);
    const std::size_t key_bytes = put.key.size();
    add(table.level, key_bytes + put.value->size());
    const auto [record, is_new] = table.records.try_emplace(std::move(put.key));
    if (!is_new) {
        subtract(table.level, key_bytes + record->second->size());
        remains.values.push_back(std::move(record->second));
    }
    record->second = std::move(put.value);
}

void MemoryStore::apply(Batch::Erase& erase, Remains& remains) {
    TableState& table = state_of(erase.table);
    const auto record = table.records.find(erase.key);
    if (record == table.records.end()) return;
    subtract(table.level, record->first.size() + record->second->size());
    remains.values.push_back(std::move(record->second));
    table.records.erase(record);
}

void MemoryStore::apply(Batch::Append& append, Remains&) {
    CHECK(append.value && append.position > before_first);
    QueueState& queue = queues_[append.queue];
    add(queue.level, append.value->size());
    const std::size_t count_before = queue.records.size();
    queue.records.try_emplace(queue.records.end(), append.position,
                              Queued{std::move(append.value), append.mark});
    CHECK(queue.records.size() == count_before + 1);  // each position only once
    queue.last = std::max(queue.last, append.position);
}

void MemoryStore::apply(Batch::Remark& remark, Remains&) {
    const auto queue = queues_.find(remark.queue);
    if (queue == queues_.end()) return;
    const auto record = queue->second.records.find(remark.position);
    if (record != queue->second.records.end()) record->second.mark = remark.mark;
}

void MemoryStore::apply(Batch::Settle& settle, Remains& remains) {
    const auto queue = queues_.find(settle.queue);
    if (queue == queues_.end()) return;
    QueueState& state = queue->second;
    const auto record = state.records.find(settle.position);
    if (record == state.records.end()) return;
    subtract(state.level, record->second.value->size());
    remains.values.push_back(std::move(record->second.value));
    state.records.erase(record);
}

void MemoryStore::apply(Batch::DropQueue& drop, Remains& remains) {
    const auto queue = queues_.find(drop.queue);
    if (queue == queues_.end()) return;
    total_.records -= queue->second.level.records;
    total_.bytes -= queue->second.level.bytes;
    remains.queues.push_back(std::move(queue->second.records));
    queues_.erase(queue);
}

MemoryStore::TableState& MemoryStore::state_of(Table table) {
    CHECK(table < Table::count_);
    return tables_[static_cast<std::size_t>(table)];
}

void MemoryStore::add(Level& level, std::size_t bytes) {
    for (Level* each : {&level, &total_}) {
        each->records += 1;
        each->bytes += bytes;
    }
}

void MemoryStore::subtract(Level& level, std::size_t bytes) {
    for (Level* each : {&level, &total_}) {
        each->records -= 1;
        each->bytes -= bytes;
    }
}

// --- Reads

void MemoryStore::read_table(Table table, std::string after, PageLimits limits, Executor& executor,
                             TableRead done) {
    PageBudget budget{limits};
    std::vector<std::pair<std::string, ValuePtr>> found;
    TablePage page;
    {
        const std::scoped_lock lock{mutex_};
        const auto& records = state_of(table).records;
        auto record = records.upper_bound(after);
        while (record != records.end() &&
               budget.admits(record->first.size() + record->second->size())) {
            found.emplace_back(record->first, record->second);
            ++record;
        }
        page.is_last = record == records.end();
    }
    page.records.reserve(found.size());
    for (auto& [key, value] : found) page.records.push_back({std::move(key), bytes_of(*value)});
    executor.post(
        [done = std::move(done), page = std::move(page)]() mutable { done({}, std::move(page)); });
}

void MemoryStore::read_queue(QueueId queue, Position after, PageLimits limits, Executor& executor,
                             QueueRead done) {
    PageBudget budget{limits};
    std::vector<std::pair<Position, Queued>> found;
    QueuePage page;
    {
        const std::scoped_lock lock{mutex_};
        const auto state = queues_.find(queue);
        if (state != queues_.end()) {
            const QueuedRecords& records = state->second.records;
            auto record = records.upper_bound(after);
            while (record != records.end() && budget.admits(record->second.value->size())) {
                found.emplace_back(record->first, record->second);
                ++record;
            }
            page.is_last = record == records.end();
        }
    }
    page.records.reserve(found.size());
    for (const auto& [position, queued] : found) {
        page.records.push_back({position, queued.mark, bytes_of(*queued.value)});
    }
    executor.post(
        [done = std::move(done), page = std::move(page)]() mutable { done({}, std::move(page)); });
}

void MemoryStore::read_marks(QueueId queue, Position after, std::size_t records_max,
                             Executor& executor, MarksRead done) {
    const std::size_t count_max = std::clamp<std::size_t>(records_max, 1, page_records_max);
    MarkPage page;
    {
        const std::scoped_lock lock{mutex_};
        const auto state = queues_.find(queue);
        if (state != queues_.end()) {
            const QueuedRecords& records = state->second.records;
            auto record = records.upper_bound(after);
            for (; record != records.end() && page.records.size() < count_max; ++record) {
                page.records.push_back(
                    {record->first, record->second.mark, record->second.value->size()});
            }
            page.is_last = record == records.end();
        }
    }
    executor.post(
        [done = std::move(done), page = std::move(page)]() mutable { done({}, std::move(page)); });
}

void MemoryStore::list_queues(QueueId after, std::size_t records_max, Executor& executor,
                              QueuesListed done) {
    const std::size_t count_max = std::clamp<std::size_t>(records_max, 1, page_records_max);
    QueueList list;
    {
        const std::scoped_lock lock{mutex_};
        auto queue = queues_.upper_bound(after);
        for (; queue != queues_.end() && list.queues.size() < count_max; ++queue) {
            list.queues.push_back({queue->first, queue->second.level, queue->second.last});
        }
        list.is_last = queue == queues_.end();
    }
    executor.post(
        [done = std::move(done), list = std::move(list)]() mutable { done({}, std::move(list)); });
}

// --- Levels

Position MemoryStore::last_position(QueueId queue) const {
    const std::scoped_lock lock{mutex_};
    const auto state = queues_.find(queue);
    return state == queues_.end() ? before_first : state->second.last;
}

Level MemoryStore::level(QueueId queue) const {
    const std::scoped_lock lock{mutex_};
    const auto state = queues_.find(queue);
    return state == queues_.end() ? Level{} : state->second.level;
}

Level MemoryStore::level(Table table) const {
    CHECK(table < Table::count_);
    const std::scoped_lock lock{mutex_};
    return tables_[static_cast<std::size_t>(table)].level;
}

Level MemoryStore::total() const {
    const std::scoped_lock lock{mutex_};
    return total_;
}

}  // namespace holdfast::store
