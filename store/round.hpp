#pragma once
// RoundWriter: batches as the bytes of one write. A value that stands in several appends of a round is
// written once. Where each value was written is noted in its batch.
// Threads: one at a time, without the store's lock: batches that are taken change no more.

#include "store/contents.hpp"
#include "store/record.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>

namespace holdfast::store {

/// A value that stands in several appends of a round is written once, unless it is smaller than this:
/// then it is cheaper written again than looked for.
inline constexpr std::size_t shared_value_bytes_min = 64;

class RoundWriter {
public:
    struct Place {
        std::uint32_t segment;
        std::uint64_t offset;
    };
    /// Begins a round; the bytes of the one before are gone.
    void begin(Place place);
    void add(PendingBatch& batch);
    /// A copy of a value that stands elsewhere: an append or a put whose bytes are there already.
    [[nodiscard]] std::uint32_t add_append(QueueId queue, Position position, Mark mark,
                                           ByteSpan value);
    /// Another append of a value that this round has already.
    struct Shared {
        std::uint32_t offset;
        std::uint32_t bytes;
    };
    void add_shared(QueueId queue, Position position, Mark mark, Shared value,
                    std::uint8_t flags = first_of_batch | last_of_batch);
    [[nodiscard]] std::uint32_t add_put(Table table, std::string_view key, ByteSpan value);
    /// The finished round.
    [[nodiscard]] ByteSpan end(std::uint64_t number, std::uint64_t durable);

    [[nodiscard]] std::uint64_t appended() const { return appended_; }

private:
    void add_change(const Batch::Change& change, Applied& applied, std::uint8_t flags);
    void add_append(const Batch::Append& append, Applied& applied, std::uint8_t flags);
    void add_put(const Batch::Put& put, Applied& applied, std::uint8_t flags);
    void add_settle(QueueId queue, Position position, std::uint8_t flags);

    Bytes bytes_;
    Place place_{};
    std::uint32_t seed_ = 0;
    std::optional<RecordWriter> writer_;
    boost::unordered_flat_map<const Value*, std::uint32_t> shared_;
    std::uint64_t appended_ = 0;
};

}  // namespace holdfast::store
