#pragma once
// Segments: the files of the log and how much of each is still needed. A segment is written once from front
// to end, then only read, and let go of when nothing in it is alive.
// Threads: the table and the counts are for one thread at a time (LogStore's mutex); a Segment's file may be
// read by anybody who holds a SegmentPtr, which also keeps the file from being used again.

#include "store/directory.hpp"
#include "store/queue_records.hpp"
#include "store/record.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace holdfast::store {

inline constexpr std::size_t segment_header_bytes = 64;
inline constexpr std::uint32_t segment_version = 1;

/// What a segment's file begins with.
struct SegmentHeader {
    std::uint32_t version = segment_version;
    std::uint32_t number = 0;
    std::uint32_t previous = 0;      ///< segment written before this one; 0: none
    std::uint64_t previous_end = 0;  ///< what follows there was never acknowledged
    std::uint64_t first_round = 0;
};
void append_segment_header(Bytes& out, const SegmentHeader& header);
enum class HeaderFault : std::uint8_t { none, not_a_segment, damaged };
/// A version other than ours is no fault: the caller says what it thinks of it.
[[nodiscard]] HeaderFault read_segment_header(ByteSpan bytes, SegmentHeader& header);

// Names of files; the numbers are in hexadecimal, so that names sort.
[[nodiscard]] std::string segment_name(std::uint32_t number);
[[nodiscard]] std::string spare_name(std::uint32_t number);
[[nodiscard]] std::string snapshot_name(std::uint32_t number);
enum class FileKind : std::uint8_t {
    segment,
    spare,
    snapshot,
    unfinished,
    kept_aside,
    lock,
    other
};
struct NamedFile {
    FileKind kind = FileKind::other;
    std::uint32_t number = 0;
};
[[nodiscard]] NamedFile parse_name(const std::string& name);

struct Segment {
    std::uint32_t number = 0;
    FilePtr file;
    std::uint64_t end = 0;   ///< of what is valid in it
    std::uint64_t size = 0;  ///< of the file
    std::uint64_t live_bytes = 0;
    std::uint64_t live_records = 0;
};
using SegmentPtr = std::shared_ptr<Segment>;

class Segments {
public:
    void add(SegmentPtr segment);
    /// Null: there is none of that number.
    [[nodiscard]] SegmentPtr find(std::uint32_t number) const;
    void remove(std::uint32_t number) { segments_.erase(number); }
    [[nodiscard]] const std::map<std::uint32_t, SegmentPtr>& all() const { return segments_; }

    /// A value in a segment is needed, or no longer; `bytes` of key and value.
    void hold(Location at, std::uint64_t bytes);
    void release(Location at, std::uint64_t bytes);

private:
    [[nodiscard]] Segment* look_up(std::uint32_t number) const;

    std::map<std::uint32_t, SegmentPtr> segments_;
};

}  // namespace holdfast::store
