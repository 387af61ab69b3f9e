#pragma once
// Records: what segments and snapshots are made of. Each has a length, a type, a version and a checksum,
// and says whether it is the first and the last of its batch; what a body holds is docs/storage-format.md.
// The checksum covers the place too (`seed`, of the file, and the offset), so that what a recycled file
// held before, or a block that landed elsewhere, never passes for a record.
// Threads: values and pure functions. Errors: what is no healthy record is an empty optional.

#include "store/batch.hpp"
#include "store/directory.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::store {

enum class RecordType : std::uint8_t {
    round = 1,  ///< begins what was written at once
    append = 2,
    append_shared = 3,  ///< an append whose value stands in another append of the same segment
    put = 4,
    erase = 5,
    remark = 6,
    settle = 7,
    drop_queue = 8,
    image = 32,  ///< begins a snapshot
    image_queue = 33,
    image_table = 34,
    image_segment = 35,
    image_end = 36,
};

inline constexpr std::uint8_t record_version = 1;
inline constexpr std::size_t record_header_bytes = 16;
inline constexpr std::size_t record_alignment = 8;
/// Before the value of an append: queue, position, mark.
inline constexpr std::size_t append_prefix_bytes = 24;
/// What a record adds to key and value, at most: for estimates.
inline constexpr std::size_t record_overhead_bytes_max = 56;

constexpr std::uint64_t padded(std::uint64_t bytes) {
    return (bytes + record_alignment - 1) / record_alignment * record_alignment;
}

/// Bits of a record's flags.
inline constexpr std::uint8_t first_of_batch = 1;
inline constexpr std::uint8_t last_of_batch = 2;

/// What checksums in a file start from; the number of the segment or snapshot.
[[nodiscard]] std::uint32_t checksum_seed(std::uint64_t number);

void append_number(Bytes& out, std::uint32_t number);
void append_number(Bytes& out, std::uint64_t number);
/// What a body of an append or remark begins with.
void append_place(Bytes& out, QueueId queue, Position position, Mark mark);
[[nodiscard]] std::uint32_t read_u32(ByteSpan bytes, std::size_t at);
[[nodiscard]] std::uint64_t read_u64(ByteSpan bytes, std::size_t at);
[[nodiscard]] ByteSpan bytes_of(std::string_view text);
[[nodiscard]] std::string_view text_of(ByteSpan bytes);

/// Writes records behind each other into a buffer that will stand at `base` of a file.
class RecordWriter {
public:
    RecordWriter(Bytes& out, std::uint64_t base, std::uint32_t seed)
        : out_(out), base_(base), seed_(seed), origin_(out.size()) {}

    /// Where the next record will stand in the file.
    [[nodiscard]] std::uint64_t offset() const { return base_ + (out_.size() - origin_); }
    struct Kind {
        RecordType type;
        std::uint8_t flags = first_of_batch | last_of_batch;
        Table table = Table::sessions;
        std::uint32_t key_bytes = 0;
    };
    void begin(Kind kind);
    /// The body, between begin() and end(), is whatever is appended to this.
    [[nodiscard]] Bytes& body() { return out_; }
    void end();

private:
    Bytes& out_;
    const std::uint64_t base_;
    const std::uint32_t seed_;
    const std::size_t origin_;
    std::size_t begun_ = 0;
};

/// A record where it stands. Lifetime: of the bytes it was read from.
struct RecordView {
    RecordType type;
    std::uint8_t version;
    std::uint8_t flags;
    std::uint8_t table;
    std::uint32_t key_bytes;
    ByteSpan body;
    std::uint64_t offset;  ///< in the file
    std::uint64_t next;    ///< where the next record would stand

    [[nodiscard]] bool is_first() const { return (flags & first_of_batch) != 0; }
    [[nodiscard]] bool is_last() const { return (flags & last_of_batch) != 0; }
};

/// The record at `offset` of a file of which `bytes` begin at `base`.
[[nodiscard]] std::optional<RecordView> read_record(ByteSpan bytes, std::uint64_t base,
                                                    std::uint64_t offset, std::uint32_t seed);

/// Known to this version of the program?
[[nodiscard]] bool is_known(const RecordView& record);

/// A change of the store as it was written.
struct LoggedChange {
    RecordType type{};
    QueueId queue{};
    Position position{};
    Mark mark{};
    Table table{};
    std::string_view key;
    ByteSpan value;                  ///< append, put
    std::uint32_t value_offset = 0;  ///< append_shared: where the append stands that has it
    std::uint32_t value_bytes = 0;   ///< append, append_shared, put
};
[[nodiscard]] std::optional<LoggedChange> read_change(const RecordView& record);

/// The first record of a run: rounds are numbered without gaps over all segments.
struct RoundStart {
    std::uint64_t number;
    std::uint64_t durable;  ///< rounds up to this one were synced before this one was written
    std::uint64_t bytes;    ///< of the whole round, this record included
};
inline constexpr std::size_t round_record_bytes = record_header_bytes + 24;
void write_round_start(RecordWriter& writer, const RoundStart& start);
[[nodiscard]] std::optional<RoundStart> read_round_start(const RecordView& record);

}  // namespace holdfast::store
