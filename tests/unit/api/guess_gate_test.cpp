#include "api/guess_gate.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using api::GuessGate;

constexpr Instant start{50'000s};

void fail(GuessGate& gate, std::string_view key, int times, Instant now = start) {
    for (int i = 0; i < times; ++i) gate.on_failure(key, now);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(guess_gate)

BOOST_AUTO_TEST_CASE(some_failures_are_free_and_the_next_one_costs) {
    GuessGate gate;
    BOOST_TEST(gate.wait_of("a", start).count() == 0);
    fail(gate, "a", 5);
    BOOST_TEST(gate.wait_of("a", start).count() == 0);
    fail(gate, "a", 1);
    BOOST_TEST(gate.wait_of("a", start).count() == 1);
    BOOST_TEST(gate.wait_of("a", start + 999ms).count() == 1);
    BOOST_TEST(gate.wait_of("a", start + 1s).count() == 0);
    BOOST_TEST(gate.wait_of("b", start).count() == 0);
}

BOOST_AUTO_TEST_CASE(the_wait_doubles_up_to_its_maximum) {
    GuessGate gate;
    fail(gate, "a", 6);
    for (const int expected : {2, 4, 8, 16, 32, 60, 60}) {
        fail(gate, "a", 1);
        BOOST_TEST(gate.wait_of("a", start).count() == expected);
    }
    fail(gate, "a", 100);
    BOOST_TEST(gate.wait_of("a", start).count() == 60);
}

BOOST_AUTO_TEST_CASE(a_success_or_a_quiet_hour_clears_it) {
    GuessGate gate;
    fail(gate, "a", 6);
    gate.on_success("a");
    BOOST_TEST(gate.wait_of("a", start).count() == 0);
    fail(gate, "a", 5);
    BOOST_TEST(gate.wait_of("a", start).count() == 0);
    fail(gate, "a", 1, start + 1h);
    BOOST_TEST(gate.wait_of("a", start + 1h).count() == 0);
}

BOOST_AUTO_TEST_CASE(it_keeps_to_its_number_of_keys) {
    GuessGate gate{{.free_failures = 0, .keys_max = 2}};
    fail(gate, "a", 1);
    fail(gate, "b", 1, start + 1ms);
    BOOST_TEST(gate.size() == 2U);
    fail(gate, "c", 1, start + 2ms);
    BOOST_TEST(gate.size() == 2U);
    BOOST_TEST(gate.wait_of("a", start + 2ms).count() == 0);
    BOOST_TEST(gate.wait_of("b", start + 2ms).count() == 1);
    BOOST_TEST(gate.wait_of("c", start + 2ms).count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
