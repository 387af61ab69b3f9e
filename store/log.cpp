#include "store/log.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::store {

namespace {

/// How far zeros are written ahead of the rounds.
constexpr std::size_t ahead_bytes = 128 * 1024;
/// A longer round pays for its own note in the journal sooner than for zeros as long as itself.
constexpr std::size_t ahead_of_bytes_max = ahead_bytes / 8;

constinit const std::array<std::byte, ahead_bytes> zeros{};

}  // namespace

Log::Log(Directory& directory, Settings settings, Continuation continuation)
    : directory_(directory),
      settings_(settings),
      next_number_(continuation.next_number),
      previous_{continuation.previous, continuation.previous_end},
      before_segment_(previous_),
      next_round_(continuation.next_round),
      spares_(std::move(continuation.spares)) {}

std::error_code Log::make_room(std::uint64_t bytes, SegmentPtr& begun) {
    if (has_room(bytes)) return {};
    if (const std::error_code error = begin_segment(segment_header_bytes + bytes)) return error;
    begun = active_;
    return {};
}

std::error_code Log::begin_segment(std::uint64_t bytes_min) {
    const std::uint32_t number = next_number_;
    const std::string name = segment_name(number);
    const std::uint64_t size = std::max<std::uint64_t>(settings_.segment_bytes, bytes_min);
    const IoResult<NewFile> made = new_file(name, size);
    if (made.has_error()) return made.error();
    const FilePtr& file = made->file;

    Bytes header;
    append_segment_header(header, {.number = number,
                                   .previous = previous_.segment,
                                   .previous_end = previous_.offset,
                                   .first_round = next_round_});
    // The name first: a file that was a segment before must not be written under its old name. The header
    // is durable with the first round.
    std::error_code error = directory_.sync();
    if (!error) error = file->write(0, header);
    if (error) {
        (void)directory_.remove(name);
        return error;
    }
    written_bytes_ += header.size();
    ++next_number_;
    end_ = segment_header_bytes;
    written_to_ = made->was_segment ? size : end_;
    before_segment_ = std::exchange(previous_, {number, end_});
    active_ = std::make_shared<Segment>();
    active_->number = number;
    active_->file = file;
    active_->end = segment_header_bytes;
    active_->size = size;
    return {};
}

IoResult<Log::NewFile> Log::new_file(const std::string& name, std::uint64_t bytes) {
    const bool is_spare = !spares_.empty() && bytes <= settings_.segment_bytes;
    if (is_spare) {
        const std::string spare = spare_name(spares_.back());
        spares_.pop_back();
        if (const std::error_code error = directory_.rename(spare, name)) return error;
    }
    const IoResult<FilePtr> file = is_spare ? directory_.open(name) : directory_.create(name);
    if (file.has_error()) return file.error();
    if (const std::error_code error = (*file)->allocate(bytes)) {
        (void)directory_.remove(name);
        return error;
    }
    return NewFile{.file = *file, .was_segment = is_spare};
}

std::error_code Log::write(ByteSpan round) {
    CHECK(active_ && active_->size - end_ >= round.size());
    if (const std::error_code error = active_->file->write(end_, round)) return error;
    if (settings_.writes_ahead) write_ahead(round);
    return {};
}

/// An error is no matter: the round is written, and its sync says what the disk thinks of it.
void Log::write_ahead(ByteSpan round) {
    const std::uint64_t round_end = end_ + round.size();
    if (round_end <= written_to_) return;
    written_to_ = round_end;
    if (round.size() > ahead_of_bytes_max) return;
    const std::uint64_t bytes = std::min<std::uint64_t>(ahead_bytes, active_->size - round_end);
    const ByteSpan piece = ByteSpan{zeros}.first(static_cast<std::size_t>(bytes));
    if (!active_->file->write(round_end, piece)) written_to_ += bytes;
}

std::error_code Log::sync() { return active_->file->sync(); }

void Log::accept(std::uint64_t bytes) {
    end_ += bytes;
    previous_.offset = end_;
    written_bytes_ += bytes;
    ++next_round_;
}

bool Log::abandon() {
    const SegmentPtr left = std::exchange(active_, nullptr);
    if (!left || end_ > segment_header_bytes) return false;
    // Its header may not be durable: the next segment must not name it. That it is gone is durable before
    // the next one is written to; if it cannot be removed, the next one says that nothing in it is valid.
    if (directory_.remove(segment_name(left->number))) return false;
    previous_ = before_segment_;
    return true;
}

void Log::close() {
    if (active_) (void)active_->file->truncate(end_);
    active_ = nullptr;
}

std::error_code Log::retire(std::uint32_t number, std::uint64_t size) {
    const std::string name = segment_name(number);
    if (spares_.size() >= settings_.spares_max || size != settings_.segment_bytes) {
        return directory_.remove(name);
    }
    const std::error_code error = directory_.rename(name, spare_name(number));
    if (!error) spares_.push_back(number);
    return error;
}

}  // namespace holdfast::store
