#pragma once
// Snapshots: the index as a file, so that a start reads it and only the log behind it. A snapshot names the
// place of the log where it was begun; it is taken in slices while the store changes, and reading the log
// from that place on brings it to what the store was, since each change read twice is the same as once.
//
// What makes that true: a value that is not written yet is left out, since its record comes behind the
// place; and a snapshot counts only when everything that was committed before its last slice is durable,
// since the slices have seen it (log_store_maintain.cpp waits for that).
// Threads: the writer's slices under the store's lock, the rest without. Errors: a snapshot that is damaged
// anywhere is none.

#include "store/contents.hpp"
#include "store/log.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::store {

inline constexpr std::uint32_t snapshot_version = 1;

struct SnapshotStart {
    std::uint32_t version = snapshot_version;
    std::uint32_t number = 0;
    Log::Place place;  ///< the log behind this is newer
    std::uint64_t next_round = 1;
};

class SnapshotWriter {
public:
    SnapshotWriter(const SnapshotStart& start, const Segments& segments);

    /// Adds what comes next, about so many records; true: that was all.
    [[nodiscard]] bool add_slice(const Contents& contents, std::size_t records_max);
    void add_end();
    /// What has been added since the last call, to be written behind what was written before.
    [[nodiscard]] Bytes take_bytes();

    [[nodiscard]] const SnapshotStart& start() const { return start_; }

private:
    void add_queue(QueueId queue, const QueueState& state, std::size_t& records_left);
    void add_table(const Index::TableRecords& records, std::size_t& records_left);
    void add_location(const Stored& stored);

    const SnapshotStart start_;
    const std::uint32_t seed_;
    Bytes bytes_;
    std::uint64_t base_ = 0;  ///< bytes taken
    std::uint64_t records_ = 0;

    // Where the next slice goes on.
    QueueId queue_{0};
    Position position_ = before_first;
    bool is_within_queue_ = false;
    std::size_t table_ = 0;
    std::string key_;
};

/// What a snapshot's file says, applied while it is read.
struct SnapshotRead {
    SnapshotStart start;
    std::vector<std::pair<std::uint32_t, std::uint64_t>>
        segment_ends;        ///< of those before the place
    std::uint64_t lost = 0;  ///< records that point to nothing in any segment
};

/// The beginning of a snapshot's file; nothing: it is damaged.
[[nodiscard]] std::optional<SnapshotStart> read_snapshot_start(ByteSpan bytes,
                                                               std::uint32_t number);
/// Is every record of it there and healthy?
[[nodiscard]] bool is_whole_snapshot(ByteSpan bytes, std::uint32_t number);
/// Of a whole snapshot, whose segments are in `contents`.
[[nodiscard]] SnapshotRead read_snapshot(ByteSpan bytes, std::uint32_t number, Contents& contents);

}  // namespace holdfast::store
