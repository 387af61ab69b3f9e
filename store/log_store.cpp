#include "store/log_store.hpp"

#include "store/recovery.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <utility>
#include <variant>

namespace holdfast::store {

namespace {

/// A round of so many batches shows that as many wait for each: a moment later there are more of them, and
/// one sync does for all (what PostgreSQL calls commit_siblings and commit_delay).
constexpr std::size_t gathered_min = 8;
/// Where so many wait already, a sync costs each of them little.
constexpr std::size_t enough_for_a_sync = 64;

/// Key and value bytes of a batch's changes, as they are written: what several sessions get counts once.
class SizeOf {
public:
    std::size_t operator()(const Batch::Put& put) { return put.key.size() + put.value->size(); }
    std::size_t operator()(const Batch::Erase& erase) { return erase.key.size(); }
    std::size_t operator()(const Batch::Append& append) {
        const std::size_t bytes = append.value->size();
        const bool may_be_shared = append.value.use_count() > 1 && bytes >= shared_value_bytes_min;
        if (may_be_shared && !counted_.insert(append.value.get()).second) return 0;
        return bytes;
    }
    template <class Other>
    std::size_t operator()(const Other&) {
        return 0;
    }

private:
    boost::unordered_flat_set<const Value*> counted_;
};

void measure(PendingBatch& batch) {
    batch.level.records = batch.changes.size();
    SizeOf size_of;
    for (const Batch::Change& change : batch.changes) {
        batch.level.bytes += std::visit(size_of, change);
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
    return std::unique_ptr<LogStore>(new LogStore(directory, options, *std::move(lock), recovery));
}

LogStore::LogStore(Directory& directory, const LogStoreOptions& options,
                   std::unique_ptr<DirectoryLock> lock, Recovery& recovery)
    : directory_(directory),
      options_(options),
      directory_lock_(std::move(lock)),
      contents_(std::move(recovery.contents())),
      log_(directory,
           {.segment_bytes = options.segment_bytes,
            .spares_max = options.spare_segments_max,
            .writes_ahead = options.sync == SyncPolicy::always && directory.writes_in_place()},
           recovery.continuation()),
      durable_round_(recovery.continuation().next_round - 1),
      snapshots_(recovery.snapshots()),
      next_snapshot_(recovery.next_snapshot()) {
    if (!options.has_thread) return;
    std::optional<Committer::Tick> tick;
    if (options.sync == SyncPolicy::interval) {
        tick = {options.sync_interval, [this] { is_sync_due_ = true; }};
    }
    committer_ = std::make_unique<Committer>([this] { return next_round(); }, std::move(tick));
}

LogStore::~LogStore() {
    committer_.reset();
    while (run_round()) {
    }
    if (is_dirty_) (void)log_.sync();
    take_last_snapshot();
    log_.close();
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
            ++committed_;
            backlog_.records += pending->level.records;
            backlog_.bytes += pending->level.bytes;
            pending_.push_back(std::move(pending));
        }
    }
    if (!finished.empty()) answers_.finish(finished);
    if (!done_with && committer_) committer_->wake();
}

bool LogStore::run_round() {
    read_copies();
    Taken taken;
    take(taken);
    const bool is_idle = taken.empty();
    last_taken_ = taken.size();
    std::uint64_t bytes = 0;
    if (const std::error_code error = write_round(taken, bytes)) {
        give_up(taken, error);
    } else {
        keep(taken, bytes);
        finish(taken, {});
    }
    const bool has_more = maintain(bytes, is_idle);
    sync_if_due();
    return !is_idle || has_more;
}

Committer::Next LogStore::next_round() {
    if (!run_round()) return Committer::Next::wait;
    const bool are_few = last_taken_ < gathered_min;
    if (are_few || options_.sync != SyncPolicy::always) return Committer::Next::go_on;
    const std::scoped_lock lock{mutex_};
    const bool are_enough = pending_.size() >= enough_for_a_sync;
    return are_enough ? Committer::Next::go_on : Committer::Next::gather;
}

void LogStore::take(Taken& taken) {
    const std::scoped_lock lock{mutex_};
    std::size_t bytes = 0;
    // Copies carry the marks that batches have set, so all of these must be in the same round. When that
    // would be too large, the slice waits for a later one.
    const std::uint64_t pending_max = backlog_.bytes + backlog_.records * record_overhead_bytes_max;
    is_slice_due_ = rewriter_.is_busy() && pending_max <= options_.round_bytes_max;
    copy_bytes_ = is_slice_due_ ? rewriter_.select(contents_) : 0;
    while (!pending_.empty()) {
        PendingPtr& next = pending_.front();
        const bool is_full = bytes + next->bytes_max > options_.round_bytes_max;
        if (!taken.empty() && is_full) break;
        bytes += next->bytes_max;
        next->is_taken = true;
        taken.push_back(std::move(next));
        pending_.pop_front();
    }
    is_writing_ = !taken.empty();
}

std::error_code LogStore::write_round(Taken& taken, std::uint64_t& bytes) {
    std::uint64_t bytes_max = round_record_bytes + copy_bytes_;
    bool has_records = copy_bytes_ > 0;
    for (const PendingPtr& batch : taken) {
        bytes_max += batch->bytes_max;
        has_records = has_records || batch->to_write > 0;
    }
    if (!has_records) return {};  // what came before is durable, and that was all they waited for
    SegmentPtr begun;
    // Of a segment that is left, everything is synced, whatever the policy.
    if (is_dirty_ && !log_.has_room(bytes_max)) {
        if (const std::error_code error = sync_log()) return error;
    }
    if (const std::error_code error = log_.make_room(bytes_max, begun)) return error;
    if (begun) {
        const std::scoped_lock lock{mutex_};
        contents_.segments().add(begun);
    }
    const std::error_code error = write_bytes(taken, bytes);
    if (!error) return {};
    // Rounds before this one may have been answered unsynced: they get their chance.
    if (is_dirty_ && options_.sync != SyncPolicy::always) (void)log_.sync();
    is_dirty_ = false;
    abandon_segment();
    return error;
}

void LogStore::abandon_segment() {
    const std::uint32_t segment = log_.segment();
    if (!log_.abandon()) return;
    const std::scoped_lock lock{mutex_};
    contents_.segments().remove(segment);
}

std::error_code LogStore::write_bytes(Taken& taken, std::uint64_t& bytes) {
    round_.begin({log_.segment(), log_.end()});
    for (const PendingPtr& batch : taken) round_.add(*batch);
    if (copy_bytes_ > 0) rewriter_.write(round_);
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

/// What was written before this round.
std::error_code LogStore::sync_log() {
    const std::error_code error = log_.sync();
    is_dirty_ = false;
    if (error) {
        abandon_segment();
    } else {
        durable_round_ = log_.next_round() - 1;
    }
    const std::scoped_lock lock{mutex_};
    ++(error ? figures_.failures : figures_.syncs);
    return error;
}

void LogStore::keep(Taken& taken, std::uint64_t bytes) {
    if (bytes > 0) log_.accept(bytes);
    is_healthy_ = is_healthy_ || bytes > 0;
    const std::scoped_lock lock{mutex_};
    is_writing_ = false;
    kept_ += taken.size();
    for (const PendingPtr& batch : taken) {
        if (batch->to_write > 0) contents_.keep(*batch, log_.segment());
        backlog_.records -= batch->level.records;
        backlog_.bytes -= batch->level.bytes;
    }
    if (is_slice_due_) {
        const std::uint32_t segment = rewriter_.segment();
        figures_.bytes_rewritten += rewriter_.keep(contents_, bytes > 0 ? log_.segment() : 0);
        if (!rewriter_.is_busy()) rewritten_.insert(segment);
    }
    if (bytes == 0) return;
    ++figures_.rounds;
    figures_.bytes_written += bytes;
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
        kept_ = committed_;
        ++figures_.failures;
        figures_.failed_batches += taken.size();
    }
    is_healthy_ = false;
    rewriter_.stop();
    abandon_snapshot();
    finish(taken, error);
}

void LogStore::finish(Taken& taken, std::error_code error) {
    std::vector<Answers::Finished> finished;
    finished.reserve(taken.size());
    for (PendingPtr& batch : taken) {
        if (batch->is_answered) continue;
        const Answers::Ticket ticket = batch->ticket;
        finished.push_back({ticket, error, std::move(batch)});
    }
    answers_.finish(finished);
}

void LogStore::sync_if_due() {
    if (!is_sync_due_.exchange(false) || !is_dirty_) return;
    (void)sync_log();  // what was answered is lost; figures() tell
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
