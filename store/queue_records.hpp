#pragma once
// QueueRecords: where the waiting records of one queue are, in the order of their positions. 16 bytes a
// record, 24 where the queue uses marks, and at most an eighth of room to grow.
//
// Positions grow, and records are settled near the front: appending at the end and settling the first cost
// nothing to speak of; any other place moves what lies between it and the nearer end. The upper halves of
// positions are kept once per 2^32 of them.
// Threads: the owner's.

#include "store/batch.hpp"

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace holdfast::store {

/// Where a record stands. Segment 0: not yet written, `offset` is its number among the Unwritten.
struct Location {
    std::uint32_t segment = 0;
    std::uint32_t offset = 0;
    [[nodiscard]] bool is_written() const { return segment != 0; }
    friend bool operator==(Location, Location) = default;
};

/// A value that is kept: where, and how many bytes of it.
struct Stored {
    Location at;
    std::uint32_t bytes = 0;
    friend bool operator==(const Stored&, const Stored&) = default;
};

class QueueRecords {
public:
    struct Record {
        Position position;
        Mark mark;
        Stored stored;
    };

    /// False: there is one at this position; nothing changed.
    [[nodiscard]] bool insert(const Record& record);
    /// What was there.
    std::optional<Record> erase(Position position);
    /// What was there; nothing: there was none at this position, and nothing changed.
    std::optional<Record> replace(const Record& record);
    /// True: it was there, and `before` is its mark so far.
    [[nodiscard]] bool remark(Position position, Mark mark, Mark& before);
    [[nodiscard]] std::optional<Record> find(Position position) const;
    /// True: it was there.
    bool move(Position position, Location to);

    [[nodiscard]] bool empty() const { return chunks_.empty(); }
    [[nodiscard]] std::size_t heap_bytes() const;

    /// Calls visit(Record) for those behind `after`, in order, until it says false.
    template <class Visit>
    void visit_after(Position after, Visit&& visit) const;

private:
    struct Entry {
        std::uint32_t low;  ///< half of the position
        std::uint32_t bytes;
        Location at;
    };
    /// Records whose positions have the same upper half; live ones are [head, entries.size()).
    struct Chunk {
        std::uint32_t high = 0;
        std::uint32_t head = 0;
        std::vector<Entry> entries;
        std::vector<Mark> marks;  ///< empty: all none

        [[nodiscard]] std::size_t lower_bound(std::uint64_t low) const;
        [[nodiscard]] bool has(std::size_t index, std::uint32_t low) const {
            return index < entries.size() && entries[index].low == low;
        }
        [[nodiscard]] Record record(std::size_t index) const;
        void insert(std::size_t index, const Entry& entry, Mark mark);
        void erase(std::size_t index);
        void set_mark(std::size_t index, Mark mark);
        void give_room_back();
    };

    [[nodiscard]] std::size_t lower_chunk(std::uint32_t high) const;
    [[nodiscard]] Chunk* find_chunk(Position position);
    [[nodiscard]] const Chunk* find_chunk(Position position) const;

    boost::container::small_vector<Chunk, 1> chunks_;  ///< by `high`; none is empty
};

template <class Visit>
void QueueRecords::visit_after(Position after, Visit&& visit) const {
    const auto from = static_cast<std::uint64_t>(after);
    const auto high = static_cast<std::uint32_t>(from >> 32U);
    for (std::size_t i = lower_chunk(high); i < chunks_.size(); ++i) {
        const Chunk& chunk = chunks_[i];
        const bool is_within = chunk.high == high;
        std::size_t at = is_within ? chunk.lower_bound((from & 0xFFFF'FFFFU) + 1) : chunk.head;
        for (; at < chunk.entries.size(); ++at) {
            if (!visit(chunk.record(at))) return;
        }
    }
}

}  // namespace holdfast::store
