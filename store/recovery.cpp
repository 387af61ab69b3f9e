#include "store/recovery.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::store {

void throw_exception_from_error(const OpenError& error, const boost::source_location& place) {
    boost::throw_exception(std::system_error(error.code, error.sentence), place);
}

namespace {

std::error_code not_readable() { return std::make_error_code(std::errc::bad_message); }

}  // namespace

IoResult<Bytes> read_whole(const File& file) {
    const IoResult<std::uint64_t> size = file.size();
    if (size.has_error()) return size.error();
    Bytes bytes(static_cast<std::size_t>(*size));
    const IoResult<std::size_t> count = file.read(0, bytes);
    if (count.has_error()) return count.error();
    bytes.resize(*count);
    return bytes;
}

// --- Replay of one segment

class Recovery::Replay final : public ScanSink {
public:
    Replay(Contents& contents, std::uint32_t segment, ByteSpan bytes)
        : contents_(contents), segment_(segment), bytes_(bytes), seed_(checksum_seed(segment)) {}

    bool on_batch(std::span<const RecordView> records) override {
        // A batch is applied whole or not at all, so all of it is understood first.
        changes_.clear();
        for (const RecordView& record : records) {
            const std::optional<LoggedChange> change = read_change(record);
            if (!change || !has_its_value(*change)) return false;
            changes_.push_back({*change, static_cast<std::uint32_t>(record.offset)});
        }
        for (const auto& [change, offset] : changes_) apply(change, offset);
        return true;
    }

private:
    [[nodiscard]] bool has_its_value(const LoggedChange& change) const {
        if (change.type != RecordType::append_shared) return true;
        const std::optional<RecordView> record = read_record(bytes_, 0, change.value_offset, seed_);
        return record && record->type == RecordType::append && is_known(*record) &&
               record->body.size() == append_prefix_bytes + change.value_bytes;
    }

    void apply(const LoggedChange& change, std::uint32_t offset) {
        const Stored here{{segment_, offset}, change.value_bytes};
        switch (change.type) {
            case RecordType::append:
                contents_.restore_append(change.queue, {change.position, change.mark, here});
                break;
            case RecordType::append_shared: {
                const Stored there{{segment_, change.value_offset}, change.value_bytes};
                contents_.restore_append(change.queue, {change.position, change.mark, there});
                break;
            }
            case RecordType::put:
                contents_.restore_put(change.table, std::string(change.key), here);
                break;
            case RecordType::erase:
                contents_.restore_erase(change.table, std::string(change.key));
                break;
            case RecordType::remark:
                contents_.restore_remark(change.queue, change.position, change.mark);
                break;
            case RecordType::settle: contents_.restore_settle(change.queue, change.position); break;
            default: contents_.restore_drop_queue(change.queue); break;
        }
    }

    Contents& contents_;
    const std::uint32_t segment_;
    const ByteSpan bytes_;
    const std::uint32_t seed_;
    std::vector<std::pair<LoggedChange, std::uint32_t>> changes_;
};

Recovery::Recovery(Directory& directory, Settings settings, OpenReport& report)
    : directory_(directory), settings_(settings), report_(report) {}

std::optional<OpenError> Recovery::run() {
    if (auto error = list_files()) return error;
    for (const std::uint32_t number : segment_numbers_) {
        if (auto error = open_segment(number, number == segment_numbers_.back())) return error;
    }
    set_limits();
    if (auto error = open_snapshots()) return error;
    note_missing_segments();
    for (const Found& found : found_) {
        if (auto error = replay(found, found.number == found_.back().number)) return error;
    }
    report_.segments = static_cast<std::uint32_t>(found_.size());
    return {};
}

// --- Reading them

/// The newest healthy one counts; of older ones only where they begin.
std::optional<OpenError> Recovery::open_snapshots() {
    bool has_one = false;
    for (std::size_t i = snapshot_numbers_.size(); i-- > 0;) {
        const std::uint32_t number = snapshot_numbers_[i];
        const std::string name = snapshot_name(number);
        const IoResult<FilePtr> file = directory_.open(name);
        if (file.has_error()) return io_error(name, file.error());
        const IoResult<Bytes> bytes = read_whole(**file);
        if (bytes.has_error()) return io_error(name, bytes.error());
        const auto start = read_snapshot_start(*bytes, number);
        if (start && start->version != snapshot_version) {
            return OpenError{not_readable(), directory_.path() + "/" + name +
                                                 ", offset 8: version " +
                                                 std::to_string(start->version) +
                                                 " of the format; this program "
                                                 "reads version " +
                                                 std::to_string(snapshot_version) +
                                                 ". Open the store with the program that wrote it"};
        }
        if (!start || !is_whole_snapshot(*bytes, number)) {
            if (auto error = set_snapshot_aside(name, bytes->size())) return error;
            continue;
        }
        snapshots_.insert(snapshots_.begin(), *start);
        if (!std::exchange(has_one, true)) load_snapshot(*bytes, number);
    }
    const bool had_one = !found_.empty() && found_.front().header.previous != 0;
    if (!has_one && had_one) {
        report_.notes.emplace_back(
            "no snapshot could be read, and the oldest segments are gone: messages that were "
            "settled may come again");
    }
    return {};
}

void Recovery::load_snapshot(ByteSpan bytes, std::uint32_t number) {
    const SnapshotRead read = read_snapshot(bytes, number, contents_);
    start_ = read.start.place;
    continuation_.next_round = read.start.next_round;
    report_.snapshot = snapshot_name(number);
    for (const auto& [segment, end] : read.segment_ends) {
        const SegmentPtr known = contents_.segments().find(segment);
        if (known) known->end = std::min(end, known->size);
    }
    if (read.lost == 0) return;
    report_.notes.push_back(report_.snapshot + " names " + std::to_string(read.lost) +
                            " records in segments that are missing or shorter: they are lost");
}

std::optional<OpenError> Recovery::set_snapshot_aside(const std::string& name,
                                                      std::uint64_t bytes) {
    Damage damage{.file = name,
                  .bytes = bytes,
                  .sentence = name +
                              ": the snapshot is damaged; an older one and the log behind "
                              "it were read instead"};
    if (!settings_.is_read_only) {
        damage.kept_as = name + ".kept";
        if (const std::error_code error = directory_.rename(name, damage.kept_as)) {
            return io_error(name, error);
        }
        damage.sentence += "; it is kept as " + damage.kept_as;
    }
    report_.damages.push_back(std::move(damage));
    return {};
}

std::optional<OpenError> Recovery::replay(const Found& found, bool is_last) {
    const std::string name = segment_name(found.number);
    Segment& segment = *contents_.segments().find(found.number);
    if (found.number < start_.segment) {
        continuation_.previous = found.number;
        continuation_.previous_end = segment.end;
        return {};
    }
    const IoResult<Bytes> bytes = read_whole(*segment.file);
    if (bytes.has_error()) return io_error(name, bytes.error());

    Replay sink{contents_, found.number, *bytes};
    const ScanResult result =
        scan_segment({.bytes = *bytes,
                      .number = found.number,
                      .from = found.number == start_.segment ? start_.offset : segment_header_bytes,
                      .limit = found.limit,
                      .next_round = std::max(continuation_.next_round, found.header.first_round),
                      .is_last = is_last,
                      .is_limit_exact = found.is_limit_exact},
                     sink);
    if (!result.refusal.empty()) {
        return OpenError{not_readable(), directory_.path() + "/" + name + ", " + result.refusal +
                                             ": this program does not know it. Open the store "
                                             "with the program that wrote it"};
    }
    report_.records += result.records;
    segment.end = result.end;
    for (const Extent& damage : result.damages) {
        const auto offset = static_cast<std::size_t>(damage.offset);
        if (auto error = keep_aside(
                {.file = name,
                 .offset = damage.offset,
                 .bytes = damage.bytes,
                 .sentence = name + ", offset " + std::to_string(damage.offset) + ": " +
                             std::to_string(damage.bytes) +
                             " bytes are damaged; what was written before and behind them was "
                             "read"},
                ByteSpan(*bytes).subspan(offset, static_cast<std::size_t>(damage.bytes)))) {
            return error;
        }
    }
    if (result.torn) {
        if (auto error = keep_tail(segment, *result.torn, *bytes)) return error;
    }
    if (is_last) {
        if (auto error = close_last(segment)) return error;
    }
    continuation_.previous = found.number;
    continuation_.previous_end = result.end;
    continuation_.next_round =
        std::max({continuation_.next_round, result.last_round + 1, found.header.first_round});
    return {};
}

std::optional<OpenError> Recovery::keep_tail(const Segment& segment, const Extent& torn,
                                             ByteSpan bytes) {
    const std::string name = segment_name(segment.number);
    return keep_aside(
        {.file = name,
         .offset = torn.offset,
         .bytes = torn.bytes,
         .is_torn_tail = true,
         .sentence = name + ", offset " + std::to_string(torn.offset) +
                     ": the last write was cut short and is left out; nothing that "
                     "was acknowledged is missing"},
        bytes.subspan(static_cast<std::size_t>(torn.offset), static_cast<std::size_t>(torn.bytes)));
}

/// The log goes on in a new segment; what is behind the end of this one must never be read again.
std::optional<OpenError> Recovery::close_last(Segment& segment) {
    if (settings_.is_read_only || segment.size <= segment.end) return {};
    std::error_code error = segment.file->truncate(segment.end);
    if (!error) error = segment.file->sync();
    if (error) return io_error(segment_name(segment.number), error);
    segment.size = segment.end;
    return {};
}

std::optional<OpenError> Recovery::keep_aside(Damage damage, ByteSpan bytes) {
    if (!settings_.is_read_only) {
        const std::string name = damage.file + "-" + std::to_string(damage.offset) + ".kept";
        const IoResult<FilePtr> file = directory_.create(name);
        if (file.has_error()) return io_error(name, file.error());
        std::error_code error = (*file)->write(0, bytes);
        if (!error) error = (*file)->sync();
        if (!error) error = directory_.sync();
        if (error) return io_error(name, error);
        damage.kept_as = name;
        damage.sentence += "; a copy is in " + name;
    }
    report_.damages.push_back(std::move(damage));
    return {};
}

OpenError Recovery::io_error(const std::string& name, std::error_code code) const {
    return {code, directory_.path() + "/" + name + ": " + code.message() +
                      ". The store was left as it was; open it again when that is put right"};
}

}  // namespace holdfast::store
