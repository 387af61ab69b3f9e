#pragma once
// Recovery: from the files of a log to Contents, once, before the store is open. Reads the newest healthy
// snapshot and the segments behind it, one at a time. Cuts a torn tail off and keeps copies of whatever it
// could not understand; deletes nothing but unfinished files of its own.
// Threads: one. Memory: the index, and one segment.

#include "store/contents.hpp"
#include "store/log.hpp"
#include "store/open_report.hpp"
#include "store/scan.hpp"
#include "store/snapshot.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::store {

class Recovery {
public:
    struct Settings {
        std::uint32_t segment_bytes;
        bool is_read_only = false;  ///< verify: nothing is changed, cut or kept
    };

    Recovery(Directory& directory, Settings settings, OpenReport& report);

    /// Nothing: `contents()` and the rest are complete.
    [[nodiscard]] std::optional<OpenError> run();

    [[nodiscard]] Contents& contents() { return contents_; }
    [[nodiscard]] const Log::Continuation& continuation() const { return continuation_; }
    /// The snapshots that can be read, oldest first.
    [[nodiscard]] const std::vector<SnapshotStart>& snapshots() const { return snapshots_; }
    /// Higher than any that ever was.
    [[nodiscard]] std::uint32_t next_snapshot() const { return next_snapshot_; }

private:
    struct Found {
        std::uint32_t number = 0;
        SegmentHeader header;
        bool has_header = false;
        std::uint64_t limit = 0;
        bool is_limit_exact = false;
    };
    class Replay;

    [[nodiscard]] std::optional<OpenError> list_files();
    [[nodiscard]] std::optional<OpenError> open_segment(std::uint32_t number, bool is_last);
    [[nodiscard]] std::optional<OpenError> open_without_header(const Found& found,
                                                               const SegmentPtr& segment,
                                                               bool is_last);
    [[nodiscard]] bool was_abandoned(std::uint32_t number) const;
    [[nodiscard]] std::optional<OpenError> open_snapshots();
    void load_snapshot(ByteSpan bytes, std::uint32_t number);
    [[nodiscard]] std::optional<OpenError> set_snapshot_aside(const std::string& name,
                                                              std::uint64_t bytes);
    [[nodiscard]] std::optional<OpenError> close_last(Segment& segment);
    void set_limits();
    void note_missing_segments();
    [[nodiscard]] std::optional<OpenError> replay(const Found& found, bool is_last);
    [[nodiscard]] std::optional<OpenError> keep_tail(const Segment& segment, const Extent& torn,
                                                     ByteSpan bytes);
    [[nodiscard]] std::optional<OpenError> keep_aside(Damage damage, ByteSpan bytes);
    [[nodiscard]] OpenError io_error(const std::string& name, std::error_code code) const;

    Directory& directory_;
    const Settings settings_;
    OpenReport& report_;
    Contents contents_;
    Log::Continuation continuation_;

    std::vector<SnapshotStart> snapshots_;
    std::uint32_t next_snapshot_ = 1;

    std::vector<std::uint32_t> segment_numbers_;
    std::vector<std::uint32_t> snapshot_numbers_;
    Log::Place start_;  ///< what stands before it is in the snapshot
    std::vector<Found> found_;
};

/// The whole of a file.
[[nodiscard]] IoResult<Bytes> read_whole(const File& file);

}  // namespace holdfast::store
