#pragma once
// LogStore: the durable Store: a commit log with its index in memory. What stands in its files is
// docs/storage-format.md; how it lives with failures and a full disk is docs/decisions/0005-commit-log.md.
//
// commit() applies a batch to the index at once and answers when the committer has written and synced it;
// everything that arrives during one round goes into the next. A round that fails takes back all batches
// that were committed until then, in the opposite order, and answers them with the error; the next commit
// tries again in a new segment.
//
// Threads: as store.hpp says. One mutex, held for applying one batch, looking up one page, or finishing a
// round; never for reading or writing a file. Lifetime: the directory outlives the store. The destructor
// writes what waits, then a snapshot, and gives the lock of the directory back.
// Limitations: docs of index.hpp and queue_records.hpp say what stays in memory.

#include "store/answers.hpp"
#include "store/committer.hpp"
#include "store/contents.hpp"
#include "store/log.hpp"
#include "store/open_report.hpp"
#include "store/rewriter.hpp"
#include "store/round.hpp"
#include "store/snapshot.hpp"
#include "store/store.hpp"
#include "store/sync_policy.hpp"
#include "store/value_reader.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace holdfast::store {

struct LogStoreOptions {
    std::uint32_t segment_bytes = 32 * 1024 * 1024;
    std::size_t spare_segments_max = 2;
    /// A snapshot is taken when so much was written since the one before, or twice what that one had.
    std::uint64_t snapshot_log_bytes = 128 * 1024 * 1024;
    /// Of one write and sync; a larger batch goes alone.
    std::size_t round_bytes_max = 8 * 1024 * 1024;
    SyncPolicy sync = SyncPolicy::always;
    std::chrono::milliseconds sync_interval{1000};
    /// False: there is no thread, rounds happen when run_round() is called.
    bool has_thread = true;
};

/// Largest batch, encoded: commit() answers a larger one with errc::message_size.
inline constexpr std::size_t batch_bytes_max = 1024UL * 1024 * 1024;

struct StoreFigures {
    std::uint64_t batches = 0;  ///< committed, empty ones too
    std::uint64_t failed_batches = 0;
    std::uint64_t records_appended = 0;  ///< written to queues
    std::uint64_t appends_elided = 0;
    std::uint64_t settlements_elided = 0;
    std::uint64_t remarks_elided = 0;
    std::uint64_t rounds = 0;
    std::uint64_t syncs = 0;
    std::uint64_t failures = 0;  ///< of writes and syncs
    std::uint64_t bytes_written = 0;
    std::uint64_t bytes_rewritten = 0;  ///< of records that were copied to free their segment
    std::uint64_t damaged_reads = 0;    ///< records left out of pages
    std::uint64_t segments = 0;
    std::uint64_t spare_segments = 0;
    std::uint64_t disk_bytes = 0;
    std::uint64_t index_bytes = 0;
};

class Recovery;

class LogStore final : public Store {
public:
    /// Reads what is there, or begins an empty log. `report` says what was found, in any case.
    [[nodiscard]] static Opened<std::unique_ptr<LogStore>> open(Directory& directory,
                                                                const LogStoreOptions& options,
                                                                OpenReport& report);
    ~LogStore() override;
    LogStore(const LogStore&) = delete;
    LogStore& operator=(const LogStore&) = delete;

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
    [[nodiscard]] Level backlog() const override;

    [[nodiscard]] StoreFigures figures() const;

    /// Without a thread: one round of what waits. True: there is more to do.
    bool run_round();

private:
    LogStore(Directory& directory, const LogStoreOptions& options,
             std::unique_ptr<DirectoryLock> lock, Recovery& recovery);

    using Taken = std::vector<PendingPtr>;

    void take(Taken& taken);
    [[nodiscard]] Committer::Next next_round();
    [[nodiscard]] std::error_code write_round(Taken& taken, std::uint64_t& bytes);
    [[nodiscard]] std::error_code write_bytes(Taken& taken, std::uint64_t& bytes);
    void keep(Taken& taken, std::uint64_t bytes);
    void give_up(Taken& taken, std::error_code error);
    void finish(Taken& taken, std::error_code error);
    [[nodiscard]] std::error_code sync_log();
    void abandon_segment();
    void sync_if_due();

    // Between rounds, a slice at a time.
    [[nodiscard]] bool maintain(std::uint64_t round_bytes, bool is_idle);
    void read_copies();
    void advance_snapshot();
    [[nodiscard]] bool has_whole_snapshot() const;
    [[nodiscard]] std::error_code begin_snapshot();
    [[nodiscard]] std::error_code add_to_snapshot();
    [[nodiscard]] std::error_code finish_snapshot();
    void abandon_snapshot();
    void remove_old_snapshots();
    void take_last_snapshot();
    void retire_segments();
    void choose_segment();

    [[nodiscard]] WantedValue wanted(const Stored& stored, std::uint32_t prefix) const;
    // What a page has and where it is; false: nothing.
    template <class Page, class From, class After, class Place, class Done>
    void read_page(From from, After after, Place place, PageLimits limits, Executor& executor,
                   Done done);
    [[nodiscard]] bool look_up(Table table, std::string_view after, PageLimits limits,
                               TablePage& page, std::vector<WantedValue>& wanted_values) const;
    [[nodiscard]] bool look_up(QueueId queue, Position after, PageLimits limits, QueuePage& page,
                               std::vector<WantedValue>& wanted_values) const;
    void count_damaged(const ReadValues& values);

    Directory& directory_;
    const LogStoreOptions options_;
    const std::unique_ptr<DirectoryLock> directory_lock_;
    Answers answers_;

    mutable std::mutex mutex_;  ///< guards from here
    Contents contents_;
    std::deque<PendingPtr> pending_;
    Level backlog_;
    bool is_writing_ = false;      ///< a round was taken and is not finished
    std::uint64_t committed_ = 0;  ///< batches that went to pending_
    std::uint64_t kept_ = 0;       ///< of these, the ones whose fate is known
    StoreFigures figures_;
    // to here.

    // The committer's own.
    Log log_;
    RoundWriter round_;
    std::uint64_t durable_round_ = 0;
    std::size_t last_taken_ = 0;  ///< batches in the last round
    bool is_dirty_ = false;   ///< written and not synced: with a policy other than always
    bool is_healthy_ = true;  ///< the last round was written: there is a point in maintenance
    std::uint64_t round_bytes_ = 0;
    std::uint32_t rounds_since_look_ = 0;
    Rewriter rewriter_;
    bool is_slice_due_ = false;          ///< the rewriter's slice goes with this round
    std::size_t copy_bytes_ = 0;         ///< of the slice that goes with this round, at most
    std::set<std::uint32_t> rewritten_;  ///< segments that are not chosen again
    struct Snapshotting {
        SnapshotWriter writer;
        FilePtr file;
        std::uint64_t bytes = 0;
        bool has_all = false;
        std::uint64_t wait_for = 0;  ///< kept_, before it may count
    };
    std::optional<Snapshotting> snapshotting_;
    std::vector<SnapshotStart> snapshots_;  ///< healthy ones, oldest first
    std::uint32_t next_snapshot_;
    std::uint64_t snapshot_at_ = 0;     ///< log_.written_bytes() when the last one was begun
    std::uint64_t snapshot_bytes_ = 0;  ///< of the last one

    std::atomic<bool> is_sync_due_{false};
    std::unique_ptr<Committer> committer_;
};

}  // namespace holdfast::store
