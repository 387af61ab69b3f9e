#pragma once
// Store: what the server remembers, as tables of keyed records and as queues that are appended to,
// read in order and settled. The only header of the store that others include. Why it is so:
// docs/decisions/0001-store-interface.md.
//
// Everything is asynchronous: an answer is posted to the caller's executor, never given inside the
// call; no caller may assume that it is immediate, or that the process is alone. An executor gets the
// answers to the calls of one thread in the order of these calls.
//
// Implementations: memory_store.hpp (nothing survives the process), log_store.hpp (the commit log).
// Threads: every member may be called by any thread. Lifetime: executors outlive the store, whose
// destructor has posted every answer.

#include "store/batch.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

namespace holdfast::store {

/// Where answers run: a shard's event loop, or a test's hand-driven list. First in, first out.
class Executor {
public:
    virtual ~Executor() = default;
    /// Called by any thread; runs nothing itself.
    virtual void post(std::function<void()> task) = 0;
};

/// How much a page may hold, never more than the constants say. A page always has a record if there is
/// one: 0 records count as 1, and a single record may have more than `bytes_max`.
inline constexpr std::size_t page_records_max = 4096;
inline constexpr std::size_t page_bytes_max = 4 * 1024 * 1024;
struct PageLimits {
    std::size_t records_max = 256;
    std::size_t bytes_max = 1024 * 1024;
};

/// Records as they were stored, and whether nothing was behind them at that moment.
struct KeyedRecord {
    std::string key;
    Bytes bytes;
};
struct TablePage {
    std::vector<KeyedRecord> records;
    bool is_last = true;
};
struct QueuedRecord {
    Position position;
    Mark mark;
    Bytes bytes;
};
struct QueuePage {
    std::vector<QueuedRecord> records;
    bool is_last = true;
};
struct Level {
    std::size_t records = 0;
    std::size_t bytes = 0;  ///< of keys and values, without what the store adds
    friend bool operator==(const Level&, const Level&) = default;
};

/// Unsettled records of a queue without their bytes: never read from a disk.
struct MarkedPosition {
    Position position;
    Mark mark;
    std::size_t bytes;  ///< of the record
};
struct MarkPage {
    std::vector<MarkedPosition> records;
    bool is_last = true;
};

/// The queues that are known: appended to and not dropped, also those without a record now.
struct QueueList {
    struct Entry {
        QueueId queue;
        Level level;
        Position last;  ///< highest position ever appended
    };
    std::vector<Entry> queues;
    bool is_last = true;
};

using Committed = std::function<void(std::error_code)>;
using TableRead = std::function<void(std::error_code, TablePage)>;
using QueueRead = std::function<void(std::error_code, QueuePage)>;
using MarksRead = std::function<void(std::error_code, MarkPage)>;
using QueuesListed = std::function<void(std::error_code, QueueList)>;

class Store {
public:
    virtual ~Store() = default;

    /// Batches become durable each whole or not at all, and in the order of commit(): one whose call
    /// began after another's had ended, on whichever thread, is never durable without that one.
    /// `done`, which may be empty, runs once the batch is durable or has no need to be: an append that
    /// is settled before it was written may never be written. An error: it is not durable and no
    /// read sees it (no_space_on_device, io_error, ...); whether a restart brings it back is unknown.
    virtual void commit(Batch batch, Executor& executor, Committed done) = 0;

    // Reads see every batch whose commit() had returned before the call, durable or not, whole; perhaps
    // later ones. A batch that fails is gone from later reads.

    /// The records of a table behind `after` (empty: from the first) in bytewise order of their keys.
    virtual void read_table(Table table, std::string after, PageLimits limits, Executor& executor,
                            TableRead done) = 0;
    /// The unsettled records of a queue behind `after`, by position. Unknown queues are empty.
    virtual void read_queue(QueueId queue, Position after, PageLimits limits, Executor& executor,
                            QueueRead done) = 0;

    /// As read_queue(), without the bytes; `records_max` as in PageLimits.
    virtual void read_marks(QueueId queue, Position after, std::size_t records_max,
                            Executor& executor, MarksRead done) = 0;
    /// The known queues behind `after` by identifier (QueueId{0}: from the first; 0 is never used).
    virtual void list_queues(QueueId after, std::size_t records_max, Executor& executor,
                             QueuesListed done) = 0;

    // What this process knows at the moment: for limits, figures and tests.

    /// The highest position ever appended to the queue, settled or not, before this start or after;
    /// before_first: none, or the queue was dropped.
    [[nodiscard]] virtual Position last_position(QueueId queue) const = 0;

    /// Unsettled records of a queue.
    [[nodiscard]] virtual Level level(QueueId queue) const = 0;
    [[nodiscard]] virtual Level level(Table table) const = 0;
    /// Everything in tables and queues.
    [[nodiscard]] virtual Level total() const = 0;
    /// Committed and not yet durable: who feeds the store pauses when this is too much.
    [[nodiscard]] virtual Level backlog() const = 0;
};

}  // namespace holdfast::store
