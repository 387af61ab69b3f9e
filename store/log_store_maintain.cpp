// What LogStore does between rounds: snapshots, and segments that are rewritten and let go of. All of it on
// the committer's thread, in slices, so that no round waits for long and no caller at all.
//
// The disk that is used stays below twice what is alive, plus what was written since the snapshot before the
// newest, plus the spares and the segment that is written to: older segments are at least half alive, or are
// rewritten. They may go only when two snapshots are newer: should the newest be damaged, the one before and
// the log behind it still say what was settled.

#include "store/log_store.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::store {

namespace {

/// Records of a snapshot's slice: how long commit() may have to wait for it, 100 us or so.
constexpr std::size_t slice_records = 4096;
/// Of a segment that is rewritten, with each round: enough to keep up with what is written meanwhile, since
/// less than half of what is read is copied.
constexpr std::uint64_t slice_bytes_min = 128 * 1024;
constexpr std::uint64_t slice_bytes_max = 4 * 1024 * 1024;
constexpr std::uint64_t slice_per_round_byte = 2;
/// Rounds between two looks at all segments.
constexpr std::uint32_t rounds_per_look = 32;
/// Segments that a restart has left short are put together when there are more of them.
constexpr std::size_t short_segments_max = 4;
constexpr std::uint64_t short_share = 8;

std::string unfinished(std::uint32_t snapshot) { return snapshot_name(snapshot) + ".new"; }

}  // namespace

bool LogStore::maintain(std::uint64_t round_bytes, bool is_idle) {
    if (!is_healthy_) return false;
    round_bytes_ = round_bytes;
    advance_snapshot();
    if (is_idle || ++rounds_since_look_ >= rounds_per_look) {
        rounds_since_look_ = 0;
        retire_segments();
        choose_segment();
    }
    const bool waits_for_rounds = snapshotting_ && snapshotting_->has_all;
    return rewriter_.is_busy() || (snapshotting_ && !waits_for_rounds);
}

// --- Rewriting

void LogStore::choose_segment() {
    if (rewriter_.is_busy() || snapshots_.size() < 2) return;
    const std::uint32_t needed_from = snapshots_[snapshots_.size() - 2].place.segment;
    const std::scoped_lock lock{mutex_};
    SegmentPtr chosen;
    SegmentPtr first_short;
    std::size_t short_ones = 0;
    for (const auto& [number, segment] : contents_.segments().all()) {
        if (number >= needed_from || chosen) break;
        if (segment->live_records == 0 || rewritten_.contains(number)) continue;
        if (2 * segment->live_bytes < segment->end) chosen = segment;
        if (segment->end * short_share > options_.segment_bytes) continue;
        if (!first_short) first_short = segment;
        ++short_ones;
    }
    if (!chosen && short_ones > short_segments_max) chosen = first_short;
    if (chosen) rewriter_.begin(std::move(chosen));
}

void LogStore::read_copies() {
    if (!rewriter_.is_busy()) return;
    const std::uint64_t bytes =
        std::clamp(slice_per_round_byte * round_bytes_, slice_bytes_min, slice_bytes_max);
    if (!rewriter_.read(static_cast<std::size_t>(bytes))) return;
    rewritten_.insert(rewriter_.segment());  // it cannot be read: it stays as it is
    rewriter_.stop();
    const std::scoped_lock lock{mutex_};
    ++figures_.failures;
}

void LogStore::retire_segments() {
    if (snapshots_.size() < 2) return;
    const std::uint32_t needed_from = snapshots_[snapshots_.size() - 2].place.segment;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> retired;
    {
        const std::scoped_lock lock{mutex_};
        for (const auto& [number, segment] : contents_.segments().all()) {
            if (number >= needed_from) break;
            // Somebody who reads a page keeps its file from being written again.
            const bool is_read = segment.use_count() > 1;
            if (segment->live_records > 0 || is_read) continue;
            retired.emplace_back(number, segment->size);
        }
        for (const auto& [number, size] : retired) contents_.segments().remove(number);
    }
    std::uint64_t failures = 0;
    for (const auto& [number, size] : retired) {
        rewritten_.erase(number);
        if (log_.retire(number, size)) ++failures;
    }
    if (retired.empty()) return;
    const std::scoped_lock lock{mutex_};
    figures_.failures += failures;
    figures_.spare_segments = log_.spares();
}

// --- Snapshots

void LogStore::advance_snapshot() {
    std::error_code error;
    if (!snapshotting_) {
        const std::uint64_t due = std::max(options_.snapshot_log_bytes, 2 * snapshot_bytes_);
        if (log_.written_bytes() - snapshot_at_ < due) return;
        error = begin_snapshot();
    } else if (!snapshotting_->has_all) {
        error = add_to_snapshot();
    }
    if (!error && has_whole_snapshot()) error = finish_snapshot();
    if (!error) return;
    abandon_snapshot();
    const std::scoped_lock lock{mutex_};
    ++figures_.failures;
}

/// What its slices have seen is durable.
bool LogStore::has_whole_snapshot() const {
    if (!snapshotting_ || !snapshotting_->has_all) return false;
    const std::scoped_lock lock{mutex_};
    return kept_ >= snapshotting_->wait_for;
}

std::error_code LogStore::begin_snapshot() {
    const std::uint32_t number = next_snapshot_++;
    snapshot_at_ = log_.written_bytes();
    const IoResult<FilePtr> file = directory_.create(unfinished(number));
    if (file.has_error()) return file.error();
    const SnapshotStart start{
        .number = number, .place = log_.place(), .next_round = log_.next_round()};
    const std::scoped_lock lock{mutex_};
    snapshotting_.emplace(Snapshotting{.writer = {start, contents_.segments()}, .file = *file});
    return {};
}

std::error_code LogStore::add_to_snapshot() {
    Snapshotting& now = *snapshotting_;
    {
        const std::scoped_lock lock{mutex_};
        now.has_all = now.writer.add_slice(contents_, slice_records);
        // The slices have seen what was committed until here, durable or not.
        now.wait_for = committed_;
    }
    const Bytes bytes = now.writer.take_bytes();
    const std::error_code error = now.file->write(now.bytes, bytes);
    now.bytes += bytes.size();
    return error;
}

std::error_code LogStore::finish_snapshot() {
    Snapshotting& now = *snapshotting_;
    if (is_dirty_) {
        if (const std::error_code error = sync_log()) return error;
    }
    now.writer.add_end();
    const Bytes bytes = now.writer.take_bytes();
    std::error_code error = now.file->write(now.bytes, bytes);
    if (!error) error = now.file->sync();
    const std::uint32_t number = now.writer.start().number;
    if (!error) error = directory_.rename(unfinished(number), snapshot_name(number));
    if (!error) error = directory_.sync();
    if (error) return error;
    snapshot_bytes_ = now.bytes + bytes.size();
    snapshots_.push_back(now.writer.start());
    snapshotting_.reset();
    remove_old_snapshots();
    return {};
}

void LogStore::abandon_snapshot() {
    if (!snapshotting_) return;
    (void)directory_.remove(unfinished(snapshotting_->writer.start().number));
    snapshotting_.reset();
}

void LogStore::remove_old_snapshots() {
    while (snapshots_.size() > 2) {
        (void)directory_.remove(snapshot_name(snapshots_.front().number));
        snapshots_.erase(snapshots_.begin());
    }
}

/// So that the next start has nothing to read but this.
void LogStore::take_last_snapshot() {
    abandon_snapshot();
    const bool is_current =
        log_.written_bytes() == 0 && (!snapshots_.empty() || log_.place().segment == 0);
    if (!is_healthy_ || is_current) return;
    std::error_code error = begin_snapshot();
    while (!error && !snapshotting_->has_all) error = add_to_snapshot();
    if (!error) error = finish_snapshot();
    if (error) abandon_snapshot();
}

}  // namespace holdfast::store
