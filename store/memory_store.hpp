#pragma once
// MemoryStore: the Store without a disk, for tests, the fixture and measurements. A batch is durable,
// in the sense that it will last as long as the process, as soon as commit() has applied it; the answer
// is posted all the same. Values are kept by reference; records read are written by them.
// Threads: one mutex, held for applying one batch or for looking up one page; values are written and
// destroyed outside of it. Limitations: a queue stays known, at about 100 bytes, until it is dropped.

#include "store/store.hpp"

#include <boost/container/small_vector.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace holdfast::store {

class MemoryStore final : public Store {
public:
    void commit(Batch batch, Executor& executor, Committed done) override;
    void read_table(Table table, std::string after, PageLimits limits, Executor& executor,
                    TableRead done) override;
    void read_queue(QueueId queue, Position after, PageLimits limits, Executor& executor,
                    QueueRead done) override;
    void read_marks(QueueId queue, Position after, std::size_t records_max, Executor& executor,
                    MarksRead done) override;
    void list_queues(QueueId after, std::size_t records_max, Executor& executor,
                     QueuesListed done) override;
    [[nodiscard]] Position last_position(QueueId queue) const override;
    [[nodiscard]] Level level(QueueId queue) const override;
    [[nodiscard]] Level level(Table table) const override;
    [[nodiscard]] Level total() const override;
    [[nodiscard]] Level backlog() const override { return {}; }

private:
    struct Queued {
        ValuePtr value;
        Mark mark;
    };
    using QueuedRecords = std::map<Position, Queued>;
    struct QueueState {
        QueuedRecords records;
        Level level;
        Position last = before_first;
    };
    struct TableState {
        std::map<std::string, ValuePtr> records;
        Level level;
    };
    /// What a batch replaced or removed, to be destroyed after unlocking.
    struct Remains {
        boost::container::small_vector<ValuePtr, 16> values;
        std::vector<QueuedRecords> queues;
    };

    void apply(Batch::Put& put, Remains& remains);
    void apply(Batch::Erase& erase, Remains& remains);
    void apply(Batch::Append& append, Remains& remains);
    void apply(Batch::Remark& remark, Remains& remains);
    void apply(Batch::Settle& settle, Remains& remains);
    void apply(Batch::DropQueue& drop, Remains& remains);
    [[nodiscard]] TableState& state_of(Table table);
    void add(Level& level, std::size_t bytes);
    void subtract(Level& level, std::size_t bytes);

    mutable std::mutex mutex_;
    std::array<TableState, static_cast<std::size_t>(Table::count_)> tables_;
    std::map<QueueId, QueueState> queues_;
    Level total_;
};

}  // namespace holdfast::store
