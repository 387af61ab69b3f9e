#pragma once
// Log: the segment that is written to, and the next one. Rounds go to its end; when one has no room left, or
// a write or sync of it failed, another is begun, in a file that was a segment before if there is one.
//
// The first write to a place of a file costs the file system a note in its journal at the next sync, so small
// rounds find zeros already written where they go, or what an earlier segment left in the same file.
//
// A round becomes valid with accept(). After abandon() nothing more goes into that segment: nobody knows what
// of the failed round is in it, so the next segment's header says where the valid part ends.
// Threads: one at a time, the committer's; it takes no lock. Errors: the file system's.

#include "store/segments.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::store {

class Log {
public:
    struct Settings {
        std::uint32_t segment_bytes;
        std::size_t spares_max;  ///< segments that are not needed and kept to be written again
        bool writes_ahead;  ///< where every round is synced, and the directory writes_in_place()
    };
    /// Where the last start left off.
    struct Continuation {
        std::uint32_t next_number = 1;  ///< higher than any that ever was
        std::uint32_t previous = 0;
        std::uint64_t previous_end = 0;
        std::uint64_t next_round = 1;
        std::vector<std::uint32_t> spares;
    };

    Log(Directory& directory, Settings settings, Continuation continuation);

    /// Room for so many bytes at the end of a segment. `begun`: a new one, to be added to the table.
    [[nodiscard]] std::error_code make_room(std::uint64_t bytes, SegmentPtr& begun);

    [[nodiscard]] bool has_room(std::uint64_t bytes) const {
        return active_ && active_->size - end_ >= bytes;
    }

    // With room made:

    [[nodiscard]] std::uint64_t next_round() const { return next_round_; }
    [[nodiscard]] std::uint32_t segment() const { return active_->number; }
    [[nodiscard]] std::uint64_t end() const { return end_; }
    /// Writes a round at the end(), and perhaps zeros behind it.
    [[nodiscard]] std::error_code write(ByteSpan round);
    [[nodiscard]] std::error_code sync();
    /// The round is there: the end moves behind it.
    void accept(std::uint64_t bytes);
    /// The round failed. True: it was the first of its segment, which is gone as if it never was.
    [[nodiscard]] bool abandon();

    /// Gives back what the last segment does not use. Nothing is written after this.
    void close();
    /// The file of a segment that nothing needs any more: kept as a spare, or removed.
    [[nodiscard]] std::error_code retire(std::uint32_t number, std::uint64_t size);

    [[nodiscard]] bool is_begun() const { return active_ != nullptr; }
    [[nodiscard]] std::size_t spares() const { return spares_.size(); }
    /// Where the log ends: what is written next comes behind that.
    struct Place {
        std::uint32_t segment = 0;
        std::uint64_t offset = 0;
    };
    [[nodiscard]] Place place() const { return previous_; }
    [[nodiscard]] std::uint64_t written_bytes() const { return written_bytes_; }

private:
    [[nodiscard]] std::error_code begin_segment(std::uint64_t bytes_min);
    struct NewFile {
        FilePtr file;
        bool was_segment;
    };
    [[nodiscard]] IoResult<NewFile> new_file(const std::string& name, std::uint64_t bytes);
    void write_ahead(ByteSpan round);

    Directory& directory_;
    const Settings settings_;
    std::uint32_t next_number_;
    Place previous_;        ///< behind the last round that is valid
    Place before_segment_;  ///< what previous_ was when the segment was begun
    std::uint64_t next_round_;
    std::vector<std::uint32_t> spares_;

    SegmentPtr active_;
    std::uint64_t end_ = 0;  ///< as active_->end, which is for who holds the lock
    std::uint64_t written_to_ = 0;  ///< so far the file of active_ has been written, as far as is known
    std::uint64_t written_bytes_ = 0;
};

}  // namespace holdfast::store
