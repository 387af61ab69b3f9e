// The segments' files: what is written to them besides the rounds.

#include "store/log.hpp"

#include "support/faulty_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <vector>

using namespace holdfast;
using store::Log;
using store::segment_header_bytes;
using store::SegmentPtr;
using test_support::FaultyDirectory;
using Kind = FaultyDirectory::Kind;

namespace {

constexpr std::uint32_t segment_bytes = 1024 * 1024;
constexpr std::uint64_t zeros_ahead = 128 * 1024;

struct Fixture {
    FaultyDirectory directory;
    std::optional<Log> log;

    Fixture() { open({.segment_bytes = segment_bytes, .spares_max = 1, .writes_ahead = true}); }

    void open(const Log::Settings& settings) {
        log.emplace(directory, settings, Log::Continuation{});
    }

    std::error_code write(std::size_t bytes) {
        SegmentPtr begun;
        if (const std::error_code error = log->make_room(bytes, begun)) return error;
        const std::vector<std::byte> round(bytes, std::byte{'r'});
        const std::error_code error = log->write(round);
        if (!error) log->accept(bytes);
        return error;
    }
    struct Written {
        std::uint64_t offset;
        std::size_t bytes;
        bool operator==(const Written&) const = default;
    };
    /// Writes of nothing but zeros.
    [[nodiscard]] std::vector<Written> zeros() const {
        std::vector<Written> found;
        for (const FaultyDirectory::Step& step : directory.steps()) {
            const bool is_zero =
                std::ranges::all_of(step.bytes, [](std::byte b) { return b == std::byte{0}; });
            if (step.kind == Kind::write && is_zero) found.push_back({step.offset, step.bytes.size()});
        }
        return found;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_log, Fixture)

BOOST_AUTO_TEST_CASE(zeros_are_written_behind_a_round_and_not_again_before_they_are_used_up) {
    const std::size_t round = 1000;
    BOOST_TEST_REQUIRE(!write(round));
    const std::uint64_t first_zero = segment_header_bytes + round;
    BOOST_TEST((zeros() == std::vector<Written>{{first_zero, zeros_ahead}}));
    for (std::size_t i = 0; i < zeros_ahead / round; ++i) BOOST_TEST_REQUIRE(!write(round));
    BOOST_TEST(zeros().size() == 1U);
    BOOST_TEST_REQUIRE(!write(round));
    BOOST_TEST_REQUIRE(zeros().size() == 2U);
    BOOST_TEST(zeros()[1].offset == log->end());
}

BOOST_AUTO_TEST_CASE(zeros_end_where_the_segment_does) {
    while (log->end() < segment_bytes - zeros_ahead / 2) BOOST_TEST_REQUIRE(!write(8 * 1024));
    const Written last = zeros().back();
    BOOST_TEST(last.offset + last.bytes == segment_bytes);
}

BOOST_AUTO_TEST_CASE(a_long_round_has_none_behind_it) {
    BOOST_TEST_REQUIRE(!write(64 * 1024));
    BOOST_TEST(zeros().empty());
    BOOST_TEST_REQUIRE(!write(100));
    BOOST_TEST(zeros().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_file_that_was_a_segment_before_gets_none) {
    BOOST_TEST_REQUIRE(!write(100));
    BOOST_TEST_REQUIRE(!write(segment_bytes - 150));  // the second segment
    BOOST_TEST_REQUIRE(!log->retire(1, segment_bytes));
    const std::size_t before = zeros().size();
    BOOST_TEST_REQUIRE(!write(1000));  // the third, in the first one's file
    BOOST_TEST(log->segment() == 3U);
    BOOST_TEST(log->spares() == 0U);
    BOOST_TEST(zeros().size() == before);
}

BOOST_AUTO_TEST_CASE(zeros_that_cannot_be_written_do_no_harm) {
    BOOST_TEST_REQUIRE(!write(64 * 1024));
    directory.fail_call(2, std::make_error_code(std::errc::no_space_on_device));
    BOOST_TEST(!write(100));
    BOOST_TEST(zeros().empty());
    BOOST_TEST(!write(100));
    BOOST_TEST(zeros().size() == 1U);
}

BOOST_AUTO_TEST_CASE(nothing_is_written_ahead_where_that_gains_nothing) {
    open({.segment_bytes = segment_bytes, .spares_max = 1, .writes_ahead = false});
    BOOST_TEST_REQUIRE(!write(100));
    BOOST_TEST(zeros().empty());
}

BOOST_AUTO_TEST_SUITE_END()
