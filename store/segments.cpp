#include "store/segments.hpp"

#include "base/error.hpp"
#include "store/checksum.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <string_view>

namespace holdfast::store {

namespace {

constexpr std::string_view magic = "HFSTSEGM";
constexpr std::size_t checksum_at = 12;

constexpr std::string_view segment_prefix = "log-";
constexpr std::string_view spare_prefix = "spare-";
constexpr std::string_view snapshot_prefix = "snapshot-";
constexpr std::string_view unfinished_suffix = ".new";
constexpr std::string_view kept_aside_suffix = ".kept";
constexpr std::size_t digits = 8;

std::uint32_t header_checksum(ByteSpan header) {
    return crc32c(crc32c(0, header.first(checksum_at)),
                  header.subspan(checksum_at + 4, segment_header_bytes - checksum_at - 4));
}

std::string numbered(std::string_view prefix, std::uint32_t number) {
    std::array<char, digits + 1> text{};
    (void)std::snprintf(text.data(), text.size(), "%08x", number);
    return std::string(prefix) + text.data();
}

std::optional<std::uint32_t> number_behind(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix) || name.size() != prefix.size() + digits) return {};
    std::uint32_t number = 0;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, number, 16);
    if (error != std::errc{} || stop != end) return {};
    return number;
}

/// What a record takes besides key and value.
constexpr std::uint64_t record_extra_bytes = record_header_bytes + append_prefix_bytes;

}  // namespace

// --- Header

void append_segment_header(Bytes& out, const SegmentHeader& header) {
    const std::size_t begin = out.size();
    const ByteSpan word = bytes_of(magic);
    out.insert(out.end(), word.begin(), word.end());
    append_number(out, header.version);
    append_number(out, std::uint32_t{0});
    append_number(out, std::uint64_t{header.number});
    append_number(out, std::uint64_t{header.previous});
    append_number(out, header.previous_end);
    append_number(out, header.first_round);
    out.resize(begin + segment_header_bytes);
    Bytes checksum;
    append_number(checksum, header_checksum(ByteSpan(out).subspan(begin)));
    std::ranges::copy(checksum, out.begin() + static_cast<std::ptrdiff_t>(begin + checksum_at));
}

HeaderFault read_segment_header(ByteSpan bytes, SegmentHeader& header) {
    if (bytes.size() < segment_header_bytes) return HeaderFault::not_a_segment;
    bytes = bytes.first(segment_header_bytes);
    if (text_of(bytes.first(magic.size())) != magic) return HeaderFault::not_a_segment;
    if (read_u32(bytes, checksum_at) != header_checksum(bytes)) return HeaderFault::damaged;
    header.version = read_u32(bytes, 8);
    header.number = static_cast<std::uint32_t>(read_u64(bytes, 16));
    header.previous = static_cast<std::uint32_t>(read_u64(bytes, 24));
    header.previous_end = read_u64(bytes, 32);
    header.first_round = read_u64(bytes, 40);
    return HeaderFault::none;
}

// --- Names

std::string segment_name(std::uint32_t number) { return numbered(segment_prefix, number); }
std::string spare_name(std::uint32_t number) { return numbered(spare_prefix, number); }
std::string snapshot_name(std::uint32_t number) { return numbered(snapshot_prefix, number); }

NamedFile parse_name(const std::string& name) {
    if (name == "lock") return {FileKind::lock, 0};
    if (name.ends_with(unfinished_suffix)) return {FileKind::unfinished, 0};
    if (name.ends_with(kept_aside_suffix)) return {FileKind::kept_aside, 0};
    if (const auto number = number_behind(name, segment_prefix); number && *number != 0) {
        return {FileKind::segment, *number};
    }
    if (const auto number = number_behind(name, spare_prefix)) return {FileKind::spare, *number};
    if (const auto number = number_behind(name, snapshot_prefix)) {
        return {FileKind::snapshot, *number};
    }
    return {};
}

// --- Table

void Segments::add(SegmentPtr segment) {
    const std::uint32_t number = segment->number;
    CHECK(segments_.emplace(number, std::move(segment)).second);
}

SegmentPtr Segments::find(std::uint32_t number) const {
    const auto found = segments_.find(number);
    return found == segments_.end() ? nullptr : found->second;
}

Segment* Segments::look_up(std::uint32_t number) const {
    // Mostly the newest one is meant.
    if (segments_.empty()) return nullptr;
    const auto& [last, newest] = *segments_.rbegin();
    if (last == number) return newest.get();
    const auto found = segments_.find(number);
    return found == segments_.end() ? nullptr : found->second.get();
}

void Segments::hold(Location at, std::uint64_t bytes) {
    Segment* segment = look_up(at.segment);
    CHECK(segment != nullptr);
    segment->live_bytes += bytes + record_extra_bytes;
    segment->live_records += 1;
}

void Segments::release(Location at, std::uint64_t bytes) {
    Segment* segment = look_up(at.segment);
    CHECK(segment != nullptr && segment->live_records > 0);
    segment->live_bytes -= bytes + record_extra_bytes;
    segment->live_records -= 1;
}

}  // namespace holdfast::store
