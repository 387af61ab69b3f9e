#include "delivery/device_mark.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <set>

using namespace holdfast;
using delivery::Cause;
using delivery::decode_mark;
using delivery::encode_mark;
using delivery::FinishedMark;
using delivery::MessageStatus;
using delivery::PendingMark;
using delivery::status_of;

namespace {

constexpr WallTime at{Milliseconds{1'700'000'000'123}};

template <class Kind>
Kind there_and_back(const Kind& mark) {
    const auto decoded = decode_mark(encode_mark(mark));
    BOOST_REQUIRE(decoded.has_value());
    BOOST_REQUIRE(std::holds_alternative<Kind>(*decoded));
    return std::get<Kind>(*decoded);
}

std::uint64_t bits_of(const auto& mark) { return static_cast<std::uint64_t>(encode_mark(mark)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(device_mark)

BOOST_AUTO_TEST_CASE(pending_marks_come_back_as_they_were) {
    for (const std::uint8_t attempts : std::to_array<std::uint8_t>({0, 1, 255})) {
        for (const bool is_sent : {false, true}) {
            const PendingMark mark{.expires_at = at, .attempts = attempts, .is_sent = is_sent};
            BOOST_TEST((there_and_back(mark) == mark));
        }
    }
}

BOOST_AUTO_TEST_CASE(finished_marks_come_back_as_they_were) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(Cause::count_); ++i) {
        const auto cause = static_cast<Cause>(i);
        if (status_of(cause) == MessageStatus::pending) continue;
        for (const std::uint8_t byte : std::to_array<std::uint8_t>({0x00, 0x80, 0xFF})) {
            const FinishedMark mark{
                .cause = cause, .refusal_code = byte, .attempts = byte, .finished_at = at};
            BOOST_TEST((there_and_back(mark) == mark));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_layout_is_that_of_the_header) {
    BOOST_TEST(bits_of(PendingMark{
                   .expires_at = WallTime{Milliseconds{5}}, .attempts = 3, .is_sent = true}) ==
               0x00040C0000000005U);
    BOOST_TEST(bits_of(FinishedMark{.cause = Cause::refused_by_device,
                                    .refusal_code = 0x87,
                                    .attempts = 1,
                                    .finished_at = WallTime{Milliseconds{5}}}) ==
               0x8A1C040000000005U);
}

BOOST_AUTO_TEST_CASE(instants_are_kept_up_to_2109) {
    BOOST_TEST((there_and_back(PendingMark{.expires_at = delivery::mark_time_max}).expires_at ==
                delivery::mark_time_max));
    BOOST_TEST((there_and_back(PendingMark{.expires_at = WallTime::max()}).expires_at ==
                delivery::mark_time_max));
    BOOST_TEST(
        (there_and_back(PendingMark{.expires_at = WallTime::min()}).expires_at == WallTime{}));
}

BOOST_AUTO_TEST_CASE(unknown_marks_are_refused) {
    for (unsigned bit = 51; bit < 63; ++bit) {
        BOOST_TEST(!decode_mark(store::Mark{std::uint64_t{1} << bit}).has_value());
    }
    const std::uint64_t unknown_cause = std::uint64_t{31} << 58;
    BOOST_TEST(!decode_mark(store::Mark{std::uint64_t{1} << 63 | unknown_cause}).has_value());
}

BOOST_AUTO_TEST_CASE(every_cause_has_a_word_and_a_status) {
    std::set<std::string_view> words;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Cause::count_); ++i) {
        words.insert(to_string(static_cast<Cause>(i)));
        static_cast<void>(status_of(static_cast<Cause>(i)));
    }
    BOOST_TEST(words.size() == static_cast<std::size_t>(Cause::count_));
    BOOST_TEST((status_of(Cause::expired) == MessageStatus::timeout));
    BOOST_TEST((status_of(Cause::handed_over) == MessageStatus::delivered));
    BOOST_TEST((status_of(Cause::cancelled) == MessageStatus::failed));
}

BOOST_AUTO_TEST_SUITE_END()
