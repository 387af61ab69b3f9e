#pragma once
// Rewriter: copies what is still alive in a mostly settled segment into the log, a slice with each round, so
// that the segment can be let go of. It reads the segment's records one after the other and asks which of
// them the index still points to; a copy is an ordinary record of the round.
//
// Threads: read() without the store's lock, on the committer's thread; select() and keep() under it.

#include "store/contents.hpp"
#include "store/round.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <system_error>
#include <vector>

namespace holdfast::store {

class Rewriter {
public:
    void begin(SegmentPtr segment);
    [[nodiscard]] bool is_busy() const { return segment_ != nullptr; }
    [[nodiscard]] std::uint32_t segment() const { return segment_->number; }

    /// Reads about so many bytes of the segment on; nothing further until the slice is kept.
    [[nodiscard]] std::error_code read(std::size_t bytes);
    /// Drops from the slice what nobody points to. What is left takes so many bytes in a round, at most.
    [[nodiscard]] std::size_t select(const Contents& contents);
    void write(RoundWriter& round);
    /// The round is durable. Returns how many bytes were copied; not busy any more: the segment is done.
    std::uint64_t keep(Contents& contents, std::uint32_t segment);
    void stop();

private:
    struct Copy {
        RecordType type{};
        QueueId queue{};
        Position position{};
        Mark mark{};
        Table table{};
        std::string key;
        Location from;
        std::uint32_t bytes = 0;  ///< of the value
        std::uint32_t to = 0;
    };
    void add_copy(const RecordView& record);
    /// False: an append that several share is damaged.
    [[nodiscard]] bool read_shared(const LoggedChange& change);

    SegmentPtr segment_;
    std::uint32_t seed_ = 0;
    std::uint64_t next_ = 0;    ///< where the slice begins
    std::uint64_t behind_ = 0;  ///< where it ends
    bool is_read_ = false;
    std::vector<Copy> copies_;
    std::map<std::uint32_t, Bytes> values_;  ///< by the offset of the record that has it
};

}  // namespace holdfast::store
