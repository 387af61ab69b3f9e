#include "store/scan.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace holdfast::store {

namespace {

class Scan {
public:
    Scan(const ScanInput& input, ScanSink& sink)
        : input_(input),
          bytes_(input.bytes.first(
              std::min<std::size_t>(input.bytes.size(), static_cast<std::size_t>(input.limit)))),
          seed_(checksum_seed(input.number)),
          sink_(sink),
          at_(input.from) {
        result_.end = at_;
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
        const std::optional<RecordView> next = next_beginning(at_ + record_alignment);
        if (input_.is_last && !was_synced(next)) {
            is_going_on_ = false;
            result_.end = begin;
            const std::uint64_t end =
                std::min<std::uint64_t>(std::max(round_end_, readable_end_), bytes_.size());
            if (begin < end) result_.torn = Extent{begin, end - begin};
            return;
        }
        if (!next) {
            is_going_on_ = false;
            const bool is_closed = !input_.is_limit_exact && begin >= round_end_;
            if (!is_closed) note_damage(begin, bytes_.size());
            return;
        }
        note_damage(begin, next->offset);
        at_ = next->offset;
    }

    /// The first record from `at` on that a batch or a round begins with.
    std::optional<RecordView> next_beginning(std::uint64_t at) const {
        for (at = behind_zeros(at); at + record_header_bytes <= bytes_.size();
             at = behind_zeros(at + record_alignment)) {
            const std::optional<RecordView> record = read_record(bytes_, 0, at, seed_);
            if (record && record->is_first()) return record;
        }
        return {};
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

    /// Does a round from `next` on say that the one which is read now was synced?
    bool was_synced(const std::optional<RecordView>& next) {
        std::optional<RecordView> record = next;
        while (record) {
            readable_end_ = record->next;
            const std::optional<RoundStart> start = read_round_start(*record);
            if (start && start->durable >= std::max<std::uint64_t>(result_.last_round, 1)) {
                return true;
            }
            record = next_beginning(std::max(record->next, record->offset + record_alignment));
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
    std::uint64_t readable_end_ = 0;  ///< of what was found behind unreadable bytes
    bool is_going_on_ = true;
};

}  // namespace

ScanResult scan_segment(const ScanInput& input, ScanSink& sink) { return Scan{input, sink}.run(); }

}  // namespace holdfast::store
