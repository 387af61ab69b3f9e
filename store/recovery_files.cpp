// Recovery, first part: which files there are, and which segments they are.

#include "store/recovery.hpp"

#include <algorithm>

namespace holdfast::store {

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

/// Nothing in segment `number` is valid: the one behind it names one before it, or its very beginning.
bool says_nothing_of(const SegmentHeader& behind, std::uint32_t number) {
    if (behind.previous == number) return behind.previous_end <= segment_header_bytes;
    return behind.previous < number;
}

bool has_records(ByteSpan bytes, std::uint32_t number) {
    AnyRecord sink;
    (void)scan_segment(
        {.bytes = bytes, .number = number, .from = segment_header_bytes, .limit = bytes.size()},
        sink);
    return sink.has_one();
}

}  // namespace

std::optional<OpenError> Recovery::list_files() {
    const IoResult<std::vector<std::string>> names = directory_.list();
    if (names.has_error()) return io_error("the folder", names.error());
    for (const std::string& name : *names) {
        const NamedFile file = parse_name(name);
        std::uint32_t& next = continuation_.next_number;
        if (file.kind == FileKind::segment) segment_numbers_.push_back(file.number);
        if (file.kind == FileKind::spare) continuation_.spares.push_back(file.number);
        if (file.kind == FileKind::snapshot) {
            snapshot_numbers_.push_back(file.number);
            next_snapshot_ = std::max(next_snapshot_, file.number + 1);
        }
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
    std::ranges::sort(snapshot_numbers_);
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
    if (!is_last && !was_abandoned(found.number)) {
        return OpenError{not_readable(),
                         directory_.path() + "/" + name +
                             ", offset 0: neither the header of a segment nor any record of it. "
                             "Put back the file that was there, or move this one out of the folder "
                             "to go on without what it held"};
    }
    if (settings_.is_read_only) return {};
    // The power went while it was begun, or its first round failed: nothing was ever acknowledged from it.
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

/// Does the segment behind it say that no round of it is valid?
bool Recovery::was_abandoned(std::uint32_t number) const {
    const auto next = std::ranges::upper_bound(segment_numbers_, number);
    if (next == segment_numbers_.end()) return false;
    const IoResult<FilePtr> file = directory_.open(segment_name(*next));
    if (file.has_error()) return false;
    Bytes bytes(segment_header_bytes);
    const IoResult<std::size_t> count = (*file)->read(0, bytes);
    SegmentHeader header;
    if (count.has_error() || *count != bytes.size()) return false;
    if (read_segment_header(bytes, header) != HeaderFault::none) return false;
    return header.number == *next && says_nothing_of(header, number);
}

/// A segment ends where the next one's header says; without it, where its file does.
void Recovery::set_limits() {
    for (std::size_t i = 0; i + 1 < found_.size(); ++i) {
        const SegmentHeader& next = found_[i + 1].header;
        if (!found_[i + 1].has_header || next.previous > found_[i].number) continue;
        const bool is_named = next.previous == found_[i].number;
        found_[i].limit = is_named ? next.previous_end : segment_header_bytes;
        found_[i].is_limit_exact = true;
    }
}

/// One before the snapshot's beginning was given back when nothing of it was needed any more: what the
/// snapshot names and cannot be found is counted there.
void Recovery::note_missing_segments() {
    std::uint32_t before = 0;
    for (std::size_t i = 0; i < found_.size(); before = found_[i++].number) {
        const SegmentHeader& header = found_[i].header;
        if (!found_[i].has_header || header.previous == before) continue;
        if (header.previous < std::max(before, start_.segment)) continue;
        if (header.previous_end <= segment_header_bytes) continue;  // nothing was in it
        report_.notes.push_back(segment_name(header.previous) + " was before " +
                                segment_name(found_[i].number) +
                                " and is missing: what it held is lost");
    }
}

}  // namespace holdfast::store
