#pragma once
// Contents: what the store holds (index, values not yet written, what each segment is needed for) and how a
// batch changes it: apply() at commit, then either keep() when it is durable or undo() when it failed.
//
// Elision happens in apply(). A batch that only settles and remarks takes back an append that nobody has
// begun to write, or changes its mark on the spot. A batch that does anything else elides nothing: what it
// takes away must not be gone before what it brings is durable.
// Threads: one at a time; LogStore's mutex.

#include "store/answers.hpp"
#include "store/index.hpp"
#include "store/segments.hpp"
#include "store/store.hpp"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace holdfast::store {

inline constexpr std::uint32_t no_slot = std::numeric_limits<std::uint32_t>::max();

/// A change as it was applied.
struct Applied {
    Before before;
    std::uint32_t slot = no_slot;  ///< of its value among the unwritten
    std::uint32_t offset = 0;      ///< append, put: where in its segment the value was written
    bool is_elided = false;        ///< has no need to be written
};

/// A batch from commit() to its answer.
struct PendingBatch final : Answers::Spent {
    std::vector<Batch::Change> changes;
    boost::container::small_vector<Applied, 1> applied;  ///< as many as changes
    Answers::Ticket ticket;
    std::size_t to_write = 0;   ///< changes that did something and are not elided
    std::size_t bytes_max = 0;  ///< encoded, at most
    Level level;                ///< for backlog()
    bool is_taken = false;      ///< its round is being written: too late to elide
    bool is_answered = false;   ///< elided whole

    [[nodiscard]] bool is_written(std::size_t change) const {
        return applied[change].before.is_change && !applied[change].is_elided;
    }
};
using PendingPtr = std::unique_ptr<PendingBatch>;

/// Values that no segment holds yet. A location without a segment is a number of these.
class Unwritten {
public:
    struct Slot {
        ValuePtr value;
        PendingBatch* batch = nullptr;
        std::uint32_t change = 0;
        bool is_remarked = false;  ///< by a batch that will be written
        Location written;          ///< set once it is, if somebody still refers to the slot
    };
    [[nodiscard]] std::uint32_t add(ValuePtr value, PendingBatch& batch, std::size_t change);
    [[nodiscard]] Slot& at(std::uint32_t number) { return slots_[number]; }
    [[nodiscard]] const Slot& at(std::uint32_t number) const { return slots_[number]; }
    void remove(std::uint32_t number);
    [[nodiscard]] std::size_t heap_bytes() const {
        return slots_.capacity() * sizeof(Slot) + free_.capacity() * sizeof(std::uint32_t);
    }

private:
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
};

struct ElisionFigures {
    std::uint64_t appends = 0;
    std::uint64_t settlements = 0;
    std::uint64_t remarks = 0;
};

class Contents {
public:
    /// Batches, also this one, that have nothing left to write because of it go to `emptied`.
    void apply(PendingBatch& batch, std::vector<PendingBatch*>& emptied);
    /// It is durable, in that segment.
    void keep(PendingBatch& batch, std::uint32_t segment);
    /// It never happened. In the opposite order of apply(), without gaps.
    void undo(PendingBatch& batch);

    // At the start, from snapshot and segments: what stands there already.

    void restore_append(QueueId queue, const QueueRecords::Record& record);
    void restore_put(Table table, const std::string& key, const Stored& stored);
    void restore_remark(QueueId queue, Position position, Mark mark);
    void restore_settle(QueueId queue, Position position);
    void restore_erase(Table table, const std::string& key);
    void restore_drop_queue(QueueId queue);
    void restore_last(QueueId queue, Position last) { index_.note_position(queue, last); }

    /// A live value was copied; false: it was not where it was believed to be.
    bool move(QueueId queue, Position position, Location from, const Stored& to);
    bool move(Table table, const std::string& key, Location from, const Stored& to);

    [[nodiscard]] const Index& index() const { return index_; }
    [[nodiscard]] Segments& segments() { return segments_; }
    [[nodiscard]] const Segments& segments() const { return segments_; }
    [[nodiscard]] const ValuePtr& unwritten(Location at) const {
        return unwritten_.at(at.offset).value;
    }
    [[nodiscard]] const ElisionFigures& elided() const { return elided_; }
    [[nodiscard]] std::size_t heap_bytes() const {
        return index_.heap_bytes() + unwritten_.heap_bytes();
    }

private:
    struct Applying;

    Before apply_one(Applying& now, Batch::Put& put);
    Before apply_one(Applying& now, Batch::Erase& erase);
    Before apply_one(Applying& now, Batch::Append& append);
    Before apply_one(Applying& now, Batch::Remark& remark);
    Before apply_one(Applying& now, Batch::Settle& settle);
    Before apply_one(Applying& now, Batch::DropQueue& drop);
    [[nodiscard]] Unwritten::Slot* untaken(const Stored& stored);
    void count_emptied(PendingBatch& batch, std::vector<PendingBatch*>& emptied) const;

    void keep_value(PendingBatch& batch, std::size_t change, std::uint32_t segment);
    void keep_before(const Batch::Change& change, Before& before);
    void undo_one(const Batch::Change& change, Applied& applied);
    /// Lets go of a value that was replaced or settled for good.
    void release(const Stored& stored, std::size_t key_bytes);
    /// What was written meanwhile is found where it was written.
    void settle_location(Stored& stored);
    void settle_locations(QueueState& queue);

    Index index_;
    Unwritten unwritten_;
    Segments segments_;
    ElisionFigures elided_;
};

}  // namespace holdfast::store
