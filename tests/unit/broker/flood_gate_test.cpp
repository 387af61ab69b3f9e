#include "flood_gate.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;

constexpr Instant start{Milliseconds{50'000}};
constexpr Milliseconds second{1000};

std::uint64_t admitted(FloodGate& gate, std::string_view name, Instant now, std::uint64_t offered) {
    std::uint64_t passed = 0;
    for (std::uint64_t i = 0; i < offered; ++i) passed += gate.admit(name, now) ? 1 : 0;
    return passed;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(flood_gate)

BOOST_AUTO_TEST_CASE(the_maximum_passes_and_one_more_is_counted) {
    FloodGate gate;
    BOOST_TEST(admitted(gate, "a", start, FloodGate::lines_per_second_max) == 100U);
    BOOST_TEST(!gate.has_withheld());
    BOOST_TEST(!gate.admit("a", start));
    BOOST_TEST(gate.has_withheld());
}

BOOST_AUTO_TEST_CASE(each_name_has_its_own_allowance) {
    FloodGate gate;
    BOOST_TEST(admitted(gate, "a", start, 500) == 100U);
    BOOST_TEST(admitted(gate, "b", start, 1) == 1U);
}

BOOST_AUTO_TEST_CASE(the_count_is_told_once_when_the_second_is_over) {
    FloodGate gate;
    admitted(gate, "a", start, 350);
    BOOST_TEST(gate.take_withheld(start + second - Milliseconds{1}).empty());
    const auto withheld = gate.take_withheld(start + second);
    BOOST_TEST_REQUIRE(withheld.size() == 1U);
    BOOST_TEST(withheld.front().name == "a");
    BOOST_TEST(withheld.front().count == 250U);
    BOOST_TEST(!gate.has_withheld());
    BOOST_TEST(gate.take_withheld(start + second).empty());
}

BOOST_AUTO_TEST_CASE(a_new_second_lets_lines_pass_again) {
    FloodGate gate;
    BOOST_TEST(admitted(gate, "a", start, 100) == 100U);
    BOOST_TEST(admitted(gate, "a", start + second, 100) == 100U);
    BOOST_TEST(admitted(gate, "a", start + second, 1) == 0U);
    (void)gate.take_withheld(start + 2 * second);
    BOOST_TEST(admitted(gate, "a", start + 2 * second, 1) == 1U);
}

BOOST_AUTO_TEST_CASE(names_beyond_the_maximum_share_one_allowance) {
    FloodGate gate;
    for (std::size_t i = 0; i < FloodGate::names_max; ++i) {
        BOOST_TEST(gate.admit("name" + std::to_string(i), start));
    }
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < 150; ++i) {
        passed += gate.admit("more" + std::to_string(i), start) ? 1 : 0;
    }
    BOOST_TEST(passed == FloodGate::lines_per_second_max);
}

BOOST_AUTO_TEST_SUITE_END()
