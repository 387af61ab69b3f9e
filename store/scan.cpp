#include "store/scan.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace holdfast::store {

namespace {

constexpr std::uint8_t whole_batch = first_of_batch | last_of_batch;
/// Damage as it happens costs less than one checksum of the segment.
constexpr std::uint64_t search_share = 4;

class Scan {
public:
    Scan(const ScanInput& input, ScanSink& sink)
        : input_(input),
          bytes_(input.bytes.first(
              std::min<std::size_t>(input.bytes.size(), static_cast<std::size_t>(input.limit)))),
          seed_(checksum_seed(input.number)),
          sink_(sink),
          at_(input.from),
          search_bytes_left_(search_share * std::uint64_t{bytes_.size()}) {
        result_.end = at_;
        result_.last_round = input.next_round - 1;
        round_end_ = at_;
    }

    ScanResult run() {
        while (is_going_on_ && at_ < bytes_.size()) {
            const std::optional<RecordView> record = read_record(bytes_, 0, at_, seed_);
            if (!record) {
                on_unreadable();
            } else if (!is_known(*record)) {
                refuse(*record);
            } else {
                ++result_.records;
                at_ = record->next;
                on_record(*record);
            }
        }
        if (is_going_on_ && !batch_.empty()) on_unreadable();
        return std::move(result_);
    }

private:
    void on_record(const RecordView& record) {
        if (record.type == RecordType::round) return on_round(record);
        if (record.is_first() == batch_.empty()) {
            batch_.push_back(record);
            if (record.is_last()) on_batch();
            return;
        }
        // The end of the batch before is missing, or the beginning of this one.
        if (record.is_first()) {
            note_damage(batch_.front().offset, record.offset);
            batch_.assign(1, record);
            if (record.is_last()) on_batch();
        } else {
            note_damage(record.offset, record.next);
        }
    }

    void on_round(const RecordView& record) {
        if (!batch_.empty()) note_damage(batch_.front().offset, record.offset);
        batch_.clear();
        const std::optional<RoundStart> start = read_round_start(record);
        if (!start) return note_damage(record.offset, record.next);
        result_.last_round = std::max(result_.last_round, start->number);
        round_end_ = record.offset + start->bytes;
        result_.end = record.next;
        sink_.on_round(*start);
    }

    void on_batch() {
        const std::uint64_t begin = batch_.front().offset;
        if (!sink_.on_batch(batch_)) note_damage(begin, at_);
        batch_.clear();
        result_.end = at_;
    }

    void on_unreadable() {
        const std::uint64_t begin = batch_.empty() ? at_ : batch_.front().offset;
        batch_.clear();
        const std::uint64_t behind = at_ + record_alignment;
        if (!round_ahead_ || round_ahead_->offset < behind) round_ahead_ = next_round(behind);
        if (input_.is_last && !was_synced(begin)) return end_torn(begin, behind);
        const std::uint64_t limit = round_ahead_ ? round_ahead_->offset : bytes_.size();
        std::optional<RecordView> next = next_beginning(behind, limit);
        if (!next) next = round_ahead_;
        if (!next) {
            is_going_on_ = false;
            const bool is_closed = !input_.is_limit_exact && begin >= round_end_;
            if (!is_closed) note_damage(begin, bytes_.size());
            return;
        }
        note_damage(begin, next->offset);
        at_ = next->offset;
    }

    void end_torn(std::uint64_t begin, std::uint64_t at) {
        is_going_on_ = false;
        result_.end = begin;
        while (const auto record = next_beginning(at, bytes_.size())) at = record->next;
        const bool has_found = at > at_ + record_alignment;
        const std::uint64_t end =
            std::min<std::uint64_t>(std::max(round_end_, has_found ? at : 0), bytes_.size());
        if (begin < end) result_.torn = Extent{begin, end - begin};
    }

    /// The next round from `at` on. What only looks like one costs the checksum of a few bytes.
    std::optional<RecordView> next_round(std::uint64_t at) const {
        for (at = behind_zeros(at); at + round_record_bytes <= bytes_.size();
             at = behind_zeros(at + record_alignment)) {
            const Head head = head_at(at);
            const bool is_round = head.type == RecordType::round &&
                                  head.bytes == round_record_bytes && head.flags == whole_batch;
            if (!is_round || head.version != record_version) continue;
            const std::optional<RecordView> record = read_record(bytes_, 0, at, seed_);
            if (record) return record;
        }
        return {};
    }

    /// The first record from `at` on that a batch or a round begins with and that ends before `limit`.
    std::optional<RecordView> next_beginning(std::uint64_t at, std::uint64_t limit) {
        for (at = behind_zeros(at); at + record_header_bytes <= limit;
             at = behind_zeros(at + record_alignment)) {
            const Head head = head_at(at);
            const bool is_beginning = head.flags == first_of_batch || head.flags == whole_batch;
            // Of any other type or version: it will be refused.
            if (!is_beginning || head.type == RecordType{} || head.bytes > limit - at) continue;
            if (head.bytes > search_bytes_left_) return {};
            search_bytes_left_ -= head.bytes;
            const std::optional<RecordView> record = read_record(bytes_, 0, at, seed_);
            if (record) return record;
        }
        return {};
    }

    /// What a record would be that began there.
    struct Head {
        RecordType type;
        std::uint8_t version;
        std::uint8_t flags;
        std::uint64_t bytes;
    };
    [[nodiscard]] Head head_at(std::uint64_t offset) const {
        const auto at = static_cast<std::size_t>(offset);
        return {static_cast<RecordType>(bytes_[at + 8]), static_cast<std::uint8_t>(bytes_[at + 9]),
                static_cast<std::uint8_t>(bytes_[at + 10]),
                std::uint64_t{record_header_bytes} + read_u32(bytes_, at + 4)};
    }

    /// What is preallocated and not written yet is zeros, up to a whole segment of them. No record
    /// begins there: its second word has its type, which is never 0; so the last word may be a first one.
    std::uint64_t behind_zeros(std::uint64_t at) const {
        static constexpr std::array<std::byte, 4096> zeros{};
        while (at + zeros.size() <= bytes_.size() &&
               std::memcmp(bytes_.data() + at, zeros.data(), zeros.size()) == 0) {
            at += zeros.size() - record_alignment;
        }
        return at;
    }

    /// Does a round ahead say that the one was synced to which what stands at `begin` belongs?
    [[nodiscard]] bool was_synced(std::uint64_t begin) const {
        // Behind the end of a round, it is the next one that is missing.
        const bool is_behind = begin >= round_end_;
        const std::uint64_t round = is_behind ? result_.last_round + 1 : result_.last_round;
        std::optional<RecordView> record = round_ahead_;
        while (record) {
            const std::optional<RoundStart> start = read_round_start(*record);
            if (start && start->durable >= round) return true;
            record = next_round(record->next);
        }
        return false;
    }

    void note_damage(std::uint64_t begin, std::uint64_t end) {
        std::vector<Extent>& damages = result_.damages;
        if (!damages.empty() && damages.back().offset + damages.back().bytes == begin) {
            damages.back().bytes += end - begin;
        } else {
            damages.push_back({begin, end - begin});
        }
    }

    void refuse(const RecordView& record) {
        is_going_on_ = false;
        result_.refusal = "offset " + std::to_string(record.offset) + ": a record of type " +
                          std::to_string(static_cast<unsigned>(record.type)) + ", version " +
                          std::to_string(record.version);
    }

    const ScanInput& input_;
    const ByteSpan bytes_;
    const std::uint32_t seed_;
    ScanSink& sink_;
    ScanResult result_;
    std::vector<RecordView> batch_;
    std::uint64_t at_;
    std::uint64_t round_end_;
    std::optional<RecordView> round_ahead_;  ///< behind the last unreadable bytes
    /// What the search for beginnings may still checksum: bytes that look like one large record behind the
    /// other would cost the square of their length.
    std::uint64_t search_bytes_left_;
    bool is_going_on_ = true;
};

}  // namespace

ScanResult scan_segment(const ScanInput& input, ScanSink& sink) { return Scan{input, sink}.run(); }

}  // namespace holdfast::store
