#include "delivery/trace_ring.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::TraceEvent;
using delivery::TraceRing;
using store::Position;

namespace {

constexpr WallOffset offset{Instant{}, WallTime{Milliseconds{1'000'000}}};

void add(TraceRing& ring, std::uint64_t position, int at, TraceEvent::Step step) {
    ring.add({.position = Position{position},
              .at = Instant{Milliseconds{at}},
              .step = step,
              .cause = delivery::Cause::queued_behind,
              .reason_code = 0});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(trace_ring)

BOOST_AUTO_TEST_CASE(steps_of_one_message_are_told_in_order) {
    TraceRing ring;
    add(ring, 1, 5, TraceEvent::Step::accepted);
    add(ring, 2, 6, TraceEvent::Step::accepted);
    add(ring, 1, 7, TraceEvent::Step::sent);
    const auto events = ring.events_of(Position{1}, offset);
    BOOST_REQUIRE(events.size() == 2U);
    BOOST_TEST((events[0].step == TraceEvent::Step::accepted));
    BOOST_TEST((events[1].at == WallTime{Milliseconds{1'000'007}}));
    BOOST_TEST(ring.events_of(Position{3}, offset).empty());
}

BOOST_AUTO_TEST_CASE(the_oldest_steps_give_way) {
    TraceRing ring;
    add(ring, 1, 0, TraceEvent::Step::accepted);
    for (std::size_t i = 0; i < delivery::trace_steps_max; ++i) {
        add(ring, 2, static_cast<int>(i), TraceEvent::Step::sent);
    }
    BOOST_TEST(ring.events_of(Position{1}, offset).empty());
    const auto events = ring.events_of(Position{2}, offset);
    BOOST_REQUIRE(events.size() == delivery::trace_steps_of_message_max);
    BOOST_TEST((events.back().at ==
                WallTime{Milliseconds{1'000'000 + std::int64_t{delivery::trace_steps_max} - 1}}));
}

BOOST_AUTO_TEST_SUITE_END()
