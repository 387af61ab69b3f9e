#include "store/recovery.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace holdfast::store {

void throw_exception_from_error(const OpenError& error, const boost::source_location& place) {
    boost::throw_exception(std::system_error(error.code, error.sentence), place);
}

namespace {

std::error_code not_readable() { return std::make_error_code(std::errc::bad_message); }

bool is_zero(ByteSpan bytes) {
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

/// Is there a record of this segment anywhere in its file?
class AnyRecord final : public ScanSink {
public:
    bool on_batch(std::span<const RecordView>) override { return has_one_ = true; }
    void on_round(const RoundStart&) override { has_one_ = true; }
    [[nodiscard]] bool has_one() const { return has_one_; }

private:
    bool has_one_ = false;
};

bool has_records(ByteSpan bytes, std::uint32_t number) {
    AnyRecord sink;
    (void)scan_segment({.bytes = bytes,
                        .number = number,
                        .from = segment_header_bytes,
                        .limit = bytes.size()},
                       sink);
    return sink.has_one();
}

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
        const std::optional<RecordView> record =
            read_record(bytes_, 0, change.value_offset, seed_);
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
            case RecordType::settle:
                contents_.restore_settle(change.queue, change.position);
                break;
            default: contents_.restore_drop_queue(change.queue); break;
        }
    }

    Contents& contents_;
    const std::uint32_t segment_;
    const ByteSpan bytes_;
    const std::uint32_t seed_;
    std::vector<std::pair<LoggedChange, std::uint32_t>> changes_;
};

// --- Finding the files

Recovery::Recovery(Directory& directory, Settings settings, OpenReport& report)
    : directory_(directory), settings_(settings), report_(report) {}

std::optional<OpenError> Recovery::run() {
    if (auto error = list_files()) return error;
    for (const std::uint32_t number : segment_numbers_) {
        if (auto error = open_segment(number, number == segment_numbers_.back())) return error;
    }
    set_limits();
    for (const Found& found : found_) {
        if (auto error = replay(found, found.number == found_.back().number)) return error;
    }
    report_.segments = static_cast<std::uint32_t>(found_.size());
    return {};
}

std::optional<OpenError> Recovery::list_files() {
    const IoResult<std::vector<std::string>> names = directory_.list();
    if (names.has_error()) return io_error("the folder", names.error());
    for (const std::string& name : *names) {
        const NamedFile file = parse_name(name);
        std::uint32_t& next = continuation_.next_number;
        if (file.kind == FileKind::segment) segment_numbers_.push_back(file.number);
        if (file.kind == FileKind::spare) continuation_.spares.push_back(file.number);
        if (file.kind == FileKind::segment || file.kind == FileKind::spare) {
            next = std::max(next, file.number + 1);
        }
        if (file.kind == FileKind::unfinished && !settings_.is_read_only) {
            if (const std::error_code error = directory_.remove(name)) return io_error(name, error);
        }
        if (file.kind == FileKind::other) {
            report_.notes.push_back(name + " is no file of the store's and was left alone");
        }
    }
    std::ranges::sort(segment_numbers_);
    return {};
}

std::optional<OpenError> Recovery::open_segment(std::uint32_t number, bool is_last) {
    const std::string name = segment_name(number);
    const IoResult<FilePtr> file = directory_.open(name);
    if (file.has_error()) return io_error(name, file.error());
    const IoResult<std::uint64_t> size = (*file)->size();
    if (size.has_error()) return io_error(name, size.error());
    const auto segment = std::make_shared<Segment>();
    segment->number = number;
    segment->file = *file;
    segment->size = segment->end = *size;

    Bytes header_bytes(segment_header_bytes);
    const IoResult<std::size_t> count = (*file)->read(0, header_bytes);
    if (count.has_error()) return io_error(name, count.error());
    header_bytes.resize(*count);
    Found found{.number = number, .limit = *size};
    const HeaderFault fault = read_segment_header(header_bytes, found.header);
    if (fault != HeaderFault::none || found.header.number != number) {
        return open_without_header(found, segment, is_last);
    }
    if (found.header.version != segment_version) {
        return OpenError{not_readable(), directory_.path() + "/" + name + ", offset 8: version " +
                                             std::to_string(found.header.version) +
                                             " of the format; this program reads version " +
                                             std::to_string(segment_version) +
                                             ". Open the store with the program that wrote it"};
    }
    found.has_header = true;
    found_.push_back(found);
    contents_.segments().add(segment);
    return {};
}

std::optional<OpenError> Recovery::open_without_header(const Found& found,
                                                       const SegmentPtr& segment, bool is_last) {
    const std::string name = segment_name(found.number);
    const IoResult<Bytes> bytes = read_whole(*segment->file);
    if (bytes.has_error()) return io_error(name, bytes.error());
    if (has_records(*bytes, found.number)) {
        const std::size_t header_bytes = std::min(bytes->size(), segment_header_bytes);
        found_.push_back(found);
        contents_.segments().add(segment);
        return keep_aside({.file = name,
                           .bytes = header_bytes,
                           .sentence = name + ", offset 0: the header is damaged; the records "
                                              "behind it were read all the same"},
                          ByteSpan(*bytes).first(header_bytes));
    }
    if (!is_last) {
        return OpenError{not_readable(),
                         directory_.path() + "/" + name +
                             ", offset 0: neither the header of a segment nor any record of it. "
                             "Put back the file that was there, or move this one out of the folder "
                             "to go on without what it held"};
    }
    if (settings_.is_read_only) return {};
    // The power went while it was begun: nothing was ever acknowledged from it.
    const bool was_segment = bytes->size() == settings_.segment_bytes;
    std::error_code error;
    if (was_segment) {
        error = directory_.rename(name, spare_name(found.number));
        continuation_.spares.push_back(found.number);
    } else if (is_zero(*bytes)) {
        error = directory_.remove(name);
    } else {
        error = directory_.rename(name, name + ".kept");
        report_.notes.push_back(name + " was never begun and is kept as " + name + ".kept");
    }
    if (error) return io_error(name, error);
    return {};
}

/// A segment ends where the next one's header says; without it, where its file does.
void Recovery::set_limits() {
    for (std::size_t i = 0; i + 1 < found_.size(); ++i) {
        const SegmentHeader& next = found_[i + 1].header;
        if (!found_[i + 1].has_header || next.previous != found_[i].number) continue;
        found_[i].limit = next.previous_end;
        found_[i].is_limit_exact = true;
    }
    for (std::size_t i = 1; i < found_.size(); ++i) {
        const SegmentHeader& header = found_[i].header;
        if (!found_[i].has_header || header.previous == found_[i - 1].number) continue;
        if (header.previous < found_[i - 1].number) continue;
        report_.notes.push_back(segment_name(header.previous) + " was before " +
                                segment_name(found_[i].number) +
                                " and is missing: what it held is lost");
    }
}

// --- Reading them

std::optional<OpenError> Recovery::replay(const Found& found, bool is_last) {
    const std::string name = segment_name(found.number);
    Segment& segment = *contents_.segments().find(found.number);
    const IoResult<Bytes> bytes = read_whole(*segment.file);
    if (bytes.has_error()) return io_error(name, bytes.error());

    Replay sink{contents_, found.number, *bytes};
    const ScanResult result = scan_segment({.bytes = *bytes,
                                            .number = found.number,
                                            .from = segment_header_bytes,
                                            .limit = found.limit,
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
        if (auto error = cut_tail(segment, *result.torn, *bytes)) return error;
    }
    continuation_.previous = found.number;
    continuation_.previous_end = result.end;
    continuation_.next_round = std::max(
        {continuation_.next_round, result.last_round + 1, found.header.first_round});
    return {};
}

std::optional<OpenError> Recovery::cut_tail(Segment& segment, const Extent& torn, ByteSpan bytes) {
    const std::string name = segment_name(segment.number);
    Damage damage{.file = name,
                  .offset = torn.offset,
                  .bytes = torn.bytes,
                  .is_torn_tail = true,
                  .sentence = name + ", offset " + std::to_string(torn.offset) +
                              ": the last write was cut short and is left out; nothing that was "
                              "acknowledged is missing"};
    if (auto error = keep_aside(std::move(damage),
                                bytes.subspan(static_cast<std::size_t>(torn.offset),
                                              static_cast<std::size_t>(torn.bytes)))) {
        return error;
    }
    if (settings_.is_read_only) return {};
    std::error_code error = segment.file->truncate(torn.offset);
    if (!error) error = segment.file->sync();
    if (error) return io_error(name, error);
    segment.size = torn.offset;
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
