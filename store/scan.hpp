#pragma once
// Scan: reads a segment's bytes from front to end and says which batches are whole, what is damaged and
// where the log ends. Recovery, rewriting, verify and dump all read segments by it.
//
// Bytes that are no healthy record are one of two things. If a later round says that everything before it
// was synced, they were once good: a damage, behind which reading goes on at the next whole batch. If none
// does, they belong to a write that the power cut short: nothing of what follows was acknowledged, and the
// log ends there. Only the last segment can end so; in the others everything was synced.
// Threads: pure. Errors: a type or version that is not ours refuses the whole scan, since skipping what a
// newer program wrote would bring back what it took away.

#include "store/record.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace holdfast::store {

/// Takes whole batches in their order.
class ScanSink {
public:
    virtual ~ScanSink() = default;
    virtual void on_round(const RoundStart&) {}
    /// False: the records are healthy, what they say is not; they count as damaged.
    [[nodiscard]] virtual bool on_batch(std::span<const RecordView> records) = 0;
};

struct ScanInput {
    ByteSpan bytes;            ///< the segment from its beginning
    std::uint32_t number = 0;  ///< of the segment
    std::uint64_t from = 0;    ///< where a round begins
    std::uint64_t limit = 0;   ///< nothing behind it belongs to the log
    std::uint64_t next_round = 1;  ///< that should begin at `from`
    bool is_last = false;          ///< of all segments
    /// Limit is where the segment was closed: every byte up to it was valid.
    bool is_limit_exact = false;
};

struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

struct ScanResult {
    std::uint64_t end = 0;         ///< behind the last whole batch
    std::uint64_t last_round = 0;  ///< highest number seen; none: the one before `next_round`
    std::uint64_t records = 0;
    std::vector<Extent> damages;
    std::optional<Extent> torn;  ///< at the end of the last segment
    std::string refusal;         ///< not empty: a record of another version, and where
};

[[nodiscard]] ScanResult scan_segment(const ScanInput& input, ScanSink& sink);

}  // namespace holdfast::store
