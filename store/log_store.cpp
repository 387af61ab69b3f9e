#include "store/log_store.hpp"

#include "store/recovery.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace holdfast::store {

namespace {

/// Key and value bytes of a change, and what a record adds to them at most.
struct SizeOf {
    std::size_t operator()(const Batch::Put& put) const {
        return put.key.size() + put.value->size();
    }
    std::size_t operator()(const Batch::Erase& erase) const { return erase.key.size(); }
    std::size_t operator()(const Batch::Append& append) const { return append.value->size(); }
    template <class Other>
    std::size_t operator()(const Other&) const {
        return 0;
    }
};

void measure(PendingBatch& batch) {
    batch.level.records = batch.changes.size();
    for (const Batch::Change& change : batch.changes) {
        batch.level.bytes += std::visit(SizeOf{}, change);
    }
    batch.bytes_max = batch.level.bytes + batch.changes.size() * record_overhead_bytes_max;
}

std::string lock_sentence(const Directory& directory, std::error_code code) {
    if (code == std::errc::device_or_resource_busy) {
        return directory.path() +
               "/lock: another process has this store open. Stop that one first, or choose "
               "another folder";
    }
    return directory.path() + "/lock: " + code.message() +
           ". The folder must be there and writable";
}

}  // namespace

// --- Opening and closing

Opened<std::unique_ptr<LogStore>> LogStore::open(Directory& directory,
                                                 const LogStoreOptions& options,
                                                 OpenReport& report) {
    IoResult<std::unique_ptr<DirectoryLock>> lock = directory.lock();
    if (lock.has_error()) {
        return OpenError{lock.error(), lock_sentence(directory, lock.error())};
    }
    Recovery recovery{directory, {.segment_bytes = options.segment_bytes}, report};
    if (auto error = recovery.run()) return *std::move(error);
    return std::unique_ptr<LogStore>(new LogStore(directory, options, *std::move(lock),
                                                  std::move(recovery.contents()),
                                                  recovery.continuation()));
}

LogStore::LogStore(Directory& directory, const LogStoreOptions& options,
                   std::unique_ptr<DirectoryLock> lock, Contents contents,
                   Log::Continuation continuation)
    : directory_(directory),
      options_(options),
      directory_lock_(std::move(lock)),
      contents_(std::move(contents)),
      log_(directory, {options.segment_bytes, options.spare_segments_max}, continuation),
      durable_round_(continuation.next_round - 1) {
    if (!options.has_thread) return;
    std::optional<Committer::Tick> tick;
    if (options.sync == SyncPolicy::interval) {
        tick = {options.sync_interval, [this] { is_sync_due_ = true; }};
    }
    committer_ = std::make_unique<Committer>([this] { return run_round(); }, std::move(tick));
}

LogStore::~LogStore() {
    committer_.reset();
    while (run_round()) {
    }
    if (is_dirty_) (void)log_.sync();
}

// --- Committing

void LogStore::commit(Batch batch, Executor& executor, Committed done) {
    auto pending = std::make_unique<PendingBatch>();
    pending->changes = batch.take();
    pending->ticket = answers_.enter(executor, std::move(done));
    measure(*pending);
    if (pending->bytes_max > batch_bytes_max) {
        answers_.finish(pending->ticket, std::make_error_code(std::errc::message_size));
        return;
    }
    std::vector<PendingBatch*> emptied;
    std::vector<Answers::Finished> finished;
    PendingPtr done_with;  // destroyed without the lock
    {
        const std::scoped_lock lock{mutex_};
        ++figures_.batches;
        contents_.apply(*pending, emptied);
        for (const PendingBatch* each : emptied) finished.push_back({each->ticket, {}});
        const bool has_nothing_before = pending_.empty() && !is_writing_;
        if (pending->to_write == 0 && (pending->is_answered || has_nothing_before)) {
            if (!pending->is_answered) finished.push_back({pending->ticket, {}});
            done_with = std::move(pending);
        } else {
            backlog_.records += pending->level.records;
            backlog_.bytes += pending->level.bytes;
            pending_.push_back(std::move(pending));
        }
    }
    if (!finished.empty()) answers_.finish(finished);
    if (!done_with && committer_) committer_->wake();
}

bool LogStore::run_round() {
    Taken taken;
    take(taken);
    if (taken.empty()) {
        sync_if_due();
        return false;
    }
    std::uint64_t bytes = 0;
    if (const std::error_code error = write_round(taken, bytes)) {
        give_up(taken, error);
    } else {
        keep(taken, bytes);
        finish(taken, {});
    }
    sync_if_due();
    return true;
}

void LogStore::take(Taken& taken) {
    const std::scoped_lock lock{mutex_};
    std::size_t bytes = 0;
    while (!pending_.empty()) {
        PendingPtr& next = pending_.front();
        if (!taken.empty() && bytes + next->bytes_max > options_.round_bytes_max) break;
        bytes += next->bytes_max;
        next->is_taken = true;
        taken.push_back(std::move(next));
        pending_.pop_front();
    }
    is_writing_ = !taken.empty();
}

std::error_code LogStore::write_round(Taken& taken, std::uint64_t& bytes) {
    std::uint64_t bytes_max = round_record_bytes;
    bool has_records = false;
    for (const PendingPtr& batch : taken) {
        bytes_max += batch->bytes_max;
        has_records = has_records || batch->to_write > 0;
    }
    if (!has_records) return {};  // what came before is durable, and that was all they waited for
    SegmentPtr begun;
    if (const std::error_code error = log_.make_room(bytes_max, begun)) return error;
    if (begun) {
        const std::scoped_lock lock{mutex_};
        contents_.segments().add(begun);
    }
    const std::error_code error = write_bytes(taken, bytes);
    if (error) log_.abandon();
    return error;
}

std::error_code LogStore::write_bytes(Taken& taken, std::uint64_t& bytes) {
    round_.begin({log_.segment(), log_.end()});
    for (const PendingPtr& batch : taken) round_.add(*batch);
    const ByteSpan round = round_.end(log_.next_round(), durable_round_);
    bytes = round.size();
    if (const std::error_code error = log_.write(round)) return error;
    is_dirty_ = true;
    if (options_.sync != SyncPolicy::always) return {};
    if (const std::error_code error = log_.sync()) return error;
    is_dirty_ = false;
    durable_round_ = log_.next_round();
    return {};
}

void LogStore::keep(Taken& taken, std::uint64_t bytes) {
    if (bytes > 0) log_.accept(bytes);
    const std::scoped_lock lock{mutex_};
    is_writing_ = false;
    ++figures_.rounds;
    for (const PendingPtr& batch : taken) {
        if (batch->to_write > 0) contents_.keep(*batch, log_.segment());
        backlog_.records -= batch->level.records;
        backlog_.bytes -= batch->level.bytes;
    }
    if (bytes == 0) return;
    contents_.segments().find(log_.segment())->end = log_.end();
    figures_.records_appended += round_.appended();
    if (options_.sync == SyncPolicy::always) ++figures_.syncs;
}

/// Nothing that was committed after what failed may be durable without it, so all of it fails.
void LogStore::give_up(Taken& taken, std::error_code error) {
    {
        const std::scoped_lock lock{mutex_};
        is_writing_ = false;
        for (PendingPtr& batch : pending_) taken.push_back(std::move(batch));
        pending_.clear();
        for (std::size_t i = taken.size(); i-- > 0;) contents_.undo(*taken[i]);
        backlog_ = {};
        ++figures_.failures;
        figures_.failed_batches += taken.size();
    }
    finish(taken, error);
}

void LogStore::finish(Taken& taken, std::error_code error) {
    std::vector<Answers::Finished> finished;
    finished.reserve(taken.size());
    for (const PendingPtr& batch : taken) {
        if (!batch->is_answered) finished.push_back({batch->ticket, error});
    }
    answers_.finish(finished);
}

void LogStore::sync_if_due() {
    if (!is_sync_due_.exchange(false) || !is_dirty_) return;
    const std::error_code error = log_.sync();
    is_dirty_ = false;
    if (error) log_.abandon();
    if (!error) durable_round_ = log_.next_round() - 1;
    const std::scoped_lock lock{mutex_};
    ++(error ? figures_.failures : figures_.syncs);
}

// --- Levels

Position LogStore::last_position(QueueId queue) const {
    const std::scoped_lock lock{mutex_};
    const QueueState* state = contents_.index().find_queue(queue);
    return state == nullptr ? before_first : state->last;
}

Level LogStore::level(QueueId queue) const {
    const std::scoped_lock lock{mutex_};
    const QueueState* state = contents_.index().find_queue(queue);
    return state == nullptr ? Level{} : state->level;
}

Level LogStore::level(Table table) const {
    const std::scoped_lock lock{mutex_};
    return contents_.index().level(table);
}

Level LogStore::total() const {
    const std::scoped_lock lock{mutex_};
    return contents_.index().total();
}

Level LogStore::backlog() const {
    const std::scoped_lock lock{mutex_};
    return backlog_;
}

StoreFigures LogStore::figures() const {
    const std::scoped_lock lock{mutex_};
    StoreFigures figures = figures_;
    figures.appends_elided = contents_.elided().appends;
    figures.settlements_elided = contents_.elided().settlements;
    figures.remarks_elided = contents_.elided().remarks;
    figures.segments = contents_.segments().all().size();
    for (const auto& [number, segment] : contents_.segments().all()) {
        figures.disk_bytes += segment->size;
    }
    figures.disk_bytes += figures.spare_segments * options_.segment_bytes;
    figures.index_bytes = contents_.heap_bytes();
    return figures;
}

}  // namespace holdfast::store
