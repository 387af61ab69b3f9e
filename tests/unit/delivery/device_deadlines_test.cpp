#include "delivery/device_deadlines.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::DeviceDeadlines;

namespace {

constexpr Instant at(int ms) { return Instant{Milliseconds{ms}}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(device_deadlines)

BOOST_AUTO_TEST_CASE(what_is_due_is_taken_the_earliest_first) {
    DeviceDeadlines deadlines;
    BOOST_TEST((deadlines.next() == never));
    deadlines.set(1, never, at(30));
    deadlines.set(2, never, at(20));
    deadlines.set(3, never, at(20));
    BOOST_TEST((deadlines.next() == at(20)));
    BOOST_TEST(deadlines.take_due(at(19)).empty());
    BOOST_TEST((deadlines.take_due(at(20)) == std::vector<std::uint64_t>{2, 3}));
    BOOST_TEST((deadlines.next() == at(30)));
}

BOOST_AUTO_TEST_CASE(a_device_has_one_deadline) {
    DeviceDeadlines deadlines;
    deadlines.set(1, never, at(30));
    deadlines.set(1, at(30), at(10));
    BOOST_TEST((deadlines.take_due(at(100)) == std::vector<std::uint64_t>{1}));
    deadlines.set(1, never, at(10));
    deadlines.set(1, at(10), never);
    BOOST_TEST((deadlines.next() == never));
}

BOOST_AUTO_TEST_SUITE_END()
