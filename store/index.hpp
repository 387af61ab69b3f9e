#pragma once
// Index: what tables and queues hold at the moment and where it stands, with the values themselves left to
// segments and to Unwritten. Each change says how it is undone.
//
// Threads: one at a time; LogStore's mutex. Limitations: keys of tables are in memory, about 100 bytes each
// besides the key; a queue without records costs about 150 bytes until it is dropped.

#include "store/queue_records.hpp"
#include "store/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace holdfast::store {

struct QueueState {
    QueueRecords records;
    Level level;
    Position last = before_first;
};

/// What a change replaced or removed: enough to undo it, and to let go of it once the change is durable.
struct Before {
    bool is_change = false;  ///< false: the change did nothing
    bool was_there = false;  ///< a value, which `stored` was
    Stored stored;
    Mark mark = Mark::none;             ///< settle, remark
    Position last = before_first;       ///< append: of the queue
    std::unique_ptr<QueueState> queue;  ///< drop_queue
};

class Index {
public:
    using TableRecords = std::map<std::string, Stored, std::less<>>;

    Before put(Table table, const std::string& key, const Stored& stored);
    Before erase(Table table, const std::string& key);
    /// The position must be free.
    Before append(QueueId queue, const QueueRecords::Record& record);
    /// The position may be taken: then its record is another one now.
    Before append_or_replace(QueueId queue, const QueueRecords::Record& record);
    Before remark(QueueId queue, Position position, Mark mark);
    Before settle(QueueId queue, Position position);
    Before drop_queue(QueueId queue);

    // The other way round, in the opposite order.
    void undo_put(Table table, const std::string& key, const Before& before);
    void undo_erase(Table table, const std::string& key, const Before& before);
    void undo_append(QueueId queue, Position position, const Before& before);
    void undo_remark(QueueId queue, Position position, const Before& before);
    void undo_settle(QueueId queue, Position position, const Before& before);
    void undo_drop_queue(QueueId queue, Before& before);

    /// The queue is known from now on, and its last position is at least this one.
    void note_position(QueueId queue, Position position);
    /// A value stands elsewhere now; nothing happens unless it stands at `from`. True: it did.
    bool move(QueueId queue, Position position, Location from, Location to);
    bool move(Table table, std::string_view key, Location from, Location to);

    [[nodiscard]] const QueueState* find_queue(QueueId queue) const;
    [[nodiscard]] const std::set<QueueId>& queues() const { return known_; }
    [[nodiscard]] const TableRecords& records(Table table) const;
    [[nodiscard]] Level level(Table table) const;
    [[nodiscard]] Level total() const { return total_; }
    /// Counted with every change, not measured.
    [[nodiscard]] std::size_t heap_bytes() const;

private:
    struct TableState {
        TableRecords records;
        Level level;
    };

    class HeapCount;

    [[nodiscard]] QueueState* find(QueueId queue);
    [[nodiscard]] QueueState& know(QueueId queue);
    void forget(QueueId queue);
    [[nodiscard]] TableState& state_of(Table table);
    void count_in(Level& level, std::size_t bytes);
    void count_out(Level& level, std::size_t bytes);

    std::array<TableState, static_cast<std::size_t>(Table::count_)> tables_;
    boost::unordered_flat_map<std::uint64_t, std::unique_ptr<QueueState>> queues_;
    std::set<QueueId> known_;  ///< the same queues in the order of their identifiers
    Level total_;
    std::size_t queue_heap_bytes_ = 0;  ///< of all queues' records
    std::size_t key_bytes_ = 0;         ///< of all tables
};

}  // namespace holdfast::store
