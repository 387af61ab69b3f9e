#pragma once
// QueueRecords: where the waiting records of one queue are, in the order of their positions. 16 bytes a
// record, 24 where the marks differ, in blocks of at most 128 records that follow one another: only the
// last one grows, so a long queue is never copied and leaves no pieces of many sizes to the allocator.
//
// Positions grow, and records are settled near the front. What is settled or inserted elsewhere moves
// what is behind it in its block. The upper halves of positions are kept once for a block.
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

    [[nodiscard]] bool empty() const { return blocks_.empty(); }
    [[nodiscard]] std::size_t heap_bytes() const {
        return heap_bytes_ + (blocks_.capacity() > 1 ? blocks_.capacity() * sizeof(Block) : 0);
    }

    /// Calls visit(Record) for those behind `after`, in order, until it says false.
    template <class Visit>
    void visit_after(Position after, Visit&& visit) const;

private:
    struct Entry {
        std::uint32_t low;  ///< half of the position
        std::uint32_t bytes;
        Location at;
    };
    /// Records whose positions have the same upper half. Not empty.
    struct Block {
        std::uint64_t floor = 0;  ///< none of its positions is below, and all have its upper half
        Mark mark = Mark::none;   ///< of all of them, while `marks` is empty
        std::vector<Entry> entries;
        std::vector<Mark> marks;

        [[nodiscard]] bool can_have(std::uint64_t position) const {
            return position >> 32U == floor >> 32U;
        }
        [[nodiscard]] bool is_full() const;
        [[nodiscard]] std::size_t heap_bytes() const;
        /// The first one that is not below; entries.size(): all are.
        [[nodiscard]] std::size_t lower_bound(std::uint32_t low) const;
        [[nodiscard]] bool has(std::size_t index, std::uint32_t low) const {
            return index < entries.size() && entries[index].low == low;
        }
        [[nodiscard]] Record record(std::size_t index) const;
        void insert(std::size_t index, const Record& record);
        void erase(std::size_t index);
        void set_mark(std::size_t index, Mark value);
        void part_marks();
        /// The upper half of the records, which this block had.
        [[nodiscard]] Block split();
    };
    using Blocks = boost::container::small_vector<Block, 1>;
    /// A record's place: blocks_[block].entries[index].
    struct Place {
        std::size_t block;
        std::size_t index;
    };

    /// The last block that begins at or below a position; the first one if none does.
    [[nodiscard]] std::size_t block_for(std::uint64_t position) const;
    [[nodiscard]] std::optional<Place> place_of(Position position) const;
    void add_block(std::size_t at, const Record& record);
    void split_block(std::size_t at);
    void remove_block(std::size_t at);
    /// Everything that changes one block goes through it, for heap_bytes_.
    template <class Change>
    void change(Block& block, Change&& change) {
        heap_bytes_ -= block.heap_bytes();
        change(block);
        heap_bytes_ += block.heap_bytes();
    }

    Blocks blocks_;               ///< by `floor`
    std::size_t front_ = 0;       ///< those before it are empty: they are removed together
    std::size_t heap_bytes_ = 0;  ///< of the blocks' entries and marks
};

template <class Visit>
void QueueRecords::visit_after(Position after, Visit&& visit) const {
    const auto from = static_cast<std::uint64_t>(after);
    if (empty() || from == ~std::uint64_t{0}) return;
    const std::uint64_t next = from + 1;
    for (std::size_t i = block_for(next); i < blocks_.size(); ++i) {
        const Block& block = blocks_[i];
        const bool is_inside = block.floor < next;
        if (is_inside && !block.can_have(next)) continue;
        std::size_t at = is_inside ? block.lower_bound(static_cast<std::uint32_t>(next)) : 0;
        for (; at < block.entries.size(); ++at) {
            if (!visit(block.record(at))) return;
        }
    }
}

}  // namespace holdfast::store
