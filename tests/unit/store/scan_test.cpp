#include "store/scan.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using store::Bytes;
using store::RecordType;
using store::RecordWriter;
using store::ScanInput;
using store::ScanResult;

namespace {

constexpr std::uint32_t number = 5;

/// A segment without its header; every settlement is a batch of its own unless flags say otherwise.
class SegmentBytes {
public:
    SegmentBytes& round(std::uint64_t round_number, std::uint64_t durable,
                        std::uint64_t round_size) {
        RecordWriter writer = at_end();
        store::write_round_start(writer, {round_number, durable, round_size});
        return *this;
    }
    SegmentBytes& settle(std::uint64_t position,
                         std::uint8_t flags = store::first_of_batch | store::last_of_batch) {
        RecordWriter writer = at_end();
        writer.begin({RecordType::settle, flags});
        store::append_number(bytes, std::uint64_t{1});
        store::append_number(bytes, position);
        writer.end();
        return *this;
    }
    [[nodiscard]] std::size_t size() const { return bytes.size(); }

    Bytes bytes;

private:
    RecordWriter at_end() { return {bytes, bytes.size(), store::checksum_seed(number)}; }
};

constexpr std::size_t settle_bytes = 32;
constexpr std::size_t round_bytes = store::round_record_bytes;

/// The positions that whole batches settle, as "1 2,3": a comma within a batch.
class Positions final : public store::ScanSink {
public:
    bool on_batch(std::span<const store::RecordView> records) override {
        if (!text.empty()) text += ' ';
        for (const store::RecordView& record : records) {
            if (&record != &records.front()) text += ',';
            text += std::to_string(store::read_u64(record.body, 8));
        }
        return true;
    }
    std::string text;
};

struct Seen {
    std::string text;
    ScanResult result;
};
Seen scan(const Bytes& bytes, bool is_last = true) {
    Positions sink;
    ScanResult result = store::scan_segment(
        {.bytes = bytes, .number = number, .limit = bytes.size(), .is_last = is_last}, sink);
    return {sink.text, std::move(result)};
}

SegmentBytes two_rounds() {
    SegmentBytes segment;
    segment.round(1, 0, round_bytes + 3 * settle_bytes).settle(1).settle(2, 1).settle(3, 2);
    segment.round(2, 1, round_bytes + 2 * settle_bytes).settle(4).settle(5);
    return segment;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scan_of_a_segment)

BOOST_AUTO_TEST_CASE(whole_batches_are_given_in_their_order) {
    const SegmentBytes segment = two_rounds();
    const Seen seen = scan(segment.bytes);
    BOOST_TEST(seen.text == "1 2,3 4 5");
    BOOST_TEST(seen.result.end == segment.size());
    BOOST_TEST(seen.result.last_round == 2U);
    BOOST_TEST(seen.result.damages.empty());
    BOOST_TEST(!seen.result.torn.has_value());
}

BOOST_AUTO_TEST_CASE(the_log_ends_before_the_batch_that_was_cut_short_at_any_byte) {
    const SegmentBytes segment = two_rounds();
    const std::size_t last = segment.size() - settle_bytes;
    for (std::size_t cut = last; cut < segment.size(); ++cut) {
        Bytes bytes = segment.bytes;
        std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(cut), bytes.end(), std::byte{0});
        const Seen seen = scan(bytes);
        BOOST_TEST_CONTEXT("cut at " << cut) {
            BOOST_TEST(seen.result.damages.empty());
            // The last byte of a position is zero anyway.
            const bool is_whole = bytes == segment.bytes;
            BOOST_TEST(seen.text == (is_whole ? "1 2,3 4 5" : "1 2,3 4"));
            BOOST_TEST(seen.result.end == (is_whole ? segment.size() : last));
            BOOST_TEST(seen.result.torn.has_value() == !is_whole);
        }
    }
}

BOOST_AUTO_TEST_CASE(zeros_of_any_length_hide_nothing_behind_them) {
    constexpr std::size_t zeros_max = 9'000;  // more than two of the blocks that are passed at once
    for (std::size_t zeros = 8; zeros <= zeros_max; zeros += store::record_alignment) {
        SegmentBytes segment = two_rounds();
        const std::size_t begin = segment.size();
        segment.bytes.resize(begin + zeros);
        segment.round(4, 3, round_bytes + settle_bytes).settle(6);
        const Seen seen = scan(segment.bytes);
        BOOST_TEST_CONTEXT(zeros << " zeros") {
            BOOST_TEST(seen.text == "1 2,3 4 5 6");
            BOOST_TEST_REQUIRE(seen.result.damages.size() == 1U);
            BOOST_TEST(seen.result.damages.front().offset == begin);
            BOOST_TEST(seen.result.damages.front().bytes == zeros);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_follows_a_cut_within_an_unsynced_round_is_left_out) {
    SegmentBytes segment = two_rounds();
    segment.bytes[segment.size() - 2 * settle_bytes] ^= std::byte{1};
    const Seen seen = scan(segment.bytes);
    BOOST_TEST(seen.text == "1 2,3");
    BOOST_TEST(seen.result.torn->bytes == 2 * settle_bytes);
}

/// Rounds that are synced later, if at all: the power may cost the first and leave the second.
BOOST_AUTO_TEST_CASE(a_lost_round_is_a_damage_only_if_it_was_synced) {
    for (const std::uint64_t durable : {6U, 7U}) {
        SegmentBytes segment;
        segment.round(7, 6, round_bytes + settle_bytes).settle(1);
        std::fill(segment.bytes.begin(), segment.bytes.end(), std::byte{0});
        segment.round(8, durable, round_bytes + settle_bytes).settle(2);
        Positions sink;
        const ScanResult result = store::scan_segment({.bytes = segment.bytes,
                                                       .number = number,
                                                       .limit = segment.size(),
                                                       .next_round = 7,
                                                       .is_last = true},
                                                      sink);
        BOOST_TEST(sink.text == (durable == 7 ? "2" : ""));
        BOOST_TEST(result.damages.size() == (durable == 7 ? 1U : 0U));
        BOOST_TEST(result.torn.has_value() == (durable == 6));
    }
}

/// What a file held before it was used again may be anything, also what somebody sent to cost us time.
BOOST_AUTO_TEST_CASE(what_looks_like_records_behind_the_end_is_passed_in_reasonable_time) {
    SegmentBytes segment = two_rounds();
    const std::size_t begin = segment.size();
    constexpr std::size_t bytes_behind = 4 * 1024 * 1024;
    Bytes& bytes = segment.bytes;
    bytes.reserve(begin + bytes_behind);
    while (bytes.size() < begin + bytes_behind) {
        store::append_number(bytes, std::uint32_t{0});
        store::append_number(bytes, std::uint32_t{bytes_behind / 2});
        store::append_number(bytes, std::uint64_t{0x030102});  // an append, whole
    }
    const Seen seen = scan(bytes);
    BOOST_TEST(seen.text == "1 2,3 4 5");
    BOOST_TEST(seen.result.end == begin);
    BOOST_TEST(!seen.result.torn.has_value());
}

BOOST_AUTO_TEST_CASE(a_damage_before_a_synced_round_costs_its_batch_only) {
    for (const std::size_t record : {1U, 2U}) {  // either record of the batch of two
        SegmentBytes segment = two_rounds();
        segment.bytes[round_bytes + record * settle_bytes + 20] ^= std::byte{1};
        const Seen seen = scan(segment.bytes);
        BOOST_TEST(seen.text == "1 4 5");
        BOOST_REQUIRE(seen.result.damages.size() == 1U);
        BOOST_TEST(seen.result.damages[0].offset == round_bytes + settle_bytes);
        BOOST_TEST(seen.result.damages[0].bytes == 2 * settle_bytes);
    }
}

BOOST_AUTO_TEST_CASE(in_a_segment_that_was_left_everything_was_synced) {
    SegmentBytes segment = two_rounds();
    segment.bytes[segment.size() - 2 * settle_bytes] ^= std::byte{1};
    const Seen seen = scan(segment.bytes, false);
    BOOST_TEST(seen.text == "1 2,3 5");
    BOOST_TEST(seen.result.damages.size() == 1U);
}

BOOST_AUTO_TEST_CASE(records_of_another_segment_or_place_are_none) {
    const SegmentBytes segment = two_rounds();
    Positions sink;
    const ScanResult other = store::scan_segment(
        {.bytes = segment.bytes, .number = 6, .limit = segment.size(), .is_last = true}, sink);
    BOOST_TEST(sink.text.empty());
    BOOST_TEST(other.end == 0U);
    Bytes moved(8);
    moved.insert(moved.end(), segment.bytes.begin(), segment.bytes.end());
    BOOST_TEST(scan(moved).text.empty());
}

BOOST_AUTO_TEST_CASE(an_unknown_type_or_version_is_refused) {
    SegmentBytes segment = two_rounds();
    RecordWriter writer{segment.bytes, segment.size(), store::checksum_seed(number)};
    writer.begin({static_cast<RecordType>(77)});
    writer.end();
    const Seen seen = scan(segment.bytes);
    BOOST_TEST(seen.result.refusal == "offset " + std::to_string(segment.size() - 16) +
                                          ": a record of type 77, version 1");
}

BOOST_AUTO_TEST_SUITE_END()
