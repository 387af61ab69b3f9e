#include "session/inbound_qos2.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <map>
#include <random>

using namespace holdfast;
using namespace holdfast::session;
using boost::unit_test::label;
using Seen = InboundQos2::Seen;

namespace {

void expect_released(InboundQos2& inbound, PacketId packet_id, bool was_known, bool was_counted) {
    const InboundQos2::Released released = inbound.release(packet_id);
    BOOST_TEST(released.was_known == was_known);
    BOOST_TEST(released.was_counted == was_counted);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inbound_qos2)

BOOST_AUTO_TEST_CASE(an_identifier_is_new_until_it_is_received_and_again_after_its_release,
                     *label("MQTT5-4.3.3-10") * label("MQTT5-4.3.3-12") * label("MQTT3-4.3.3-2")) {
    InboundQos2 inbound;
    BOOST_TEST((inbound.receive(7) == Seen::first_time));
    BOOST_TEST((inbound.receive(7) == Seen::again_counted));
    BOOST_TEST((inbound.receive(8) == Seen::first_time));
    expect_released(inbound, 7, true, true);
    expect_released(inbound, 7, false, false);
    BOOST_TEST((inbound.receive(7) == Seen::first_time));
    BOOST_TEST(inbound.count() == 2U);
}

BOOST_AUTO_TEST_CASE(a_new_connection_counts_from_nothing) {
    InboundQos2 inbound;
    static_cast<void>(inbound.receive(1));
    static_cast<void>(inbound.receive(2));
    inbound.start_connection();
    BOOST_TEST(inbound.count() == 2U);
    BOOST_TEST((inbound.receive(1) == Seen::again_not_counted));
    BOOST_TEST((inbound.receive(1) == Seen::again_counted));
    expect_released(inbound, 1, true, true);
    expect_released(inbound, 2, true, false);  // released without having been sent again
    BOOST_TEST(inbound.count() == 0U);
}

BOOST_AUTO_TEST_CASE(clearing_forgets_every_identifier) {
    InboundQos2 inbound;
    for (const PacketId id : std::array<PacketId, 3>{3, 1, 2}) {
        static_cast<void>(inbound.receive(id));
    }
    inbound.clear();
    BOOST_TEST(inbound.count() == 0U);
    BOOST_TEST((inbound.receive(1) == Seen::first_time));
}

BOOST_AUTO_TEST_CASE(all_identifiers_can_be_in_use) {
    InboundQos2 inbound;
    for (std::uint32_t id = 65'535; id >= 1; id -= 2) {
        static_cast<void>(inbound.receive(static_cast<PacketId>(id)));
        if (id == 1) break;
    }
    for (std::uint32_t id = 2; id <= 65'534; id += 2) {
        BOOST_TEST_REQUIRE((inbound.receive(static_cast<PacketId>(id)) == Seen::first_time));
    }
    BOOST_TEST(inbound.count() == 65'535U);
    for (std::uint32_t id = 1; id <= 65'535; ++id) {
        BOOST_TEST_REQUIRE(inbound.release(static_cast<PacketId>(id)).was_known);
    }
    BOOST_TEST(inbound.count() == 0U);
}

BOOST_AUTO_TEST_CASE(a_random_walk_agrees_with_a_map) {
    std::mt19937 random{7};
    InboundQos2 inbound;
    std::map<PacketId, bool> model;  // identifier to counted
    for (int step = 0; step < 20'000; ++step) {
        const auto id = static_cast<PacketId>(1 + random() % 50);
        const auto known = model.find(id);
        switch (random() % 20) {
            case 0:
                inbound.start_connection();
                for (auto& entry : model) entry.second = false;
                break;
            case 1:
            case 2:
            case 3:
            case 4:
            case 5:
            case 6:
            case 7:
            case 8: {
                const bool was_known = known != model.end();
                const bool was_counted = was_known && known->second;
                const InboundQos2::Released released = inbound.release(id);
                BOOST_TEST_REQUIRE(released.was_known == was_known);
                BOOST_TEST_REQUIRE(released.was_counted == was_counted);
                model.erase(id);
                break;
            }
            default: {
                const Seen expected = known == model.end() ? Seen::first_time
                                      : known->second      ? Seen::again_counted
                                                           : Seen::again_not_counted;
                BOOST_TEST_REQUIRE((inbound.receive(id) == expected));
                model[id] = true;
            }
        }
        BOOST_TEST_REQUIRE(inbound.count() == model.size());
    }
}

BOOST_AUTO_TEST_SUITE_END()
