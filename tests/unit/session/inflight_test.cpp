#include "session/inflight.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

using namespace holdfast;
using namespace holdfast::session;
using boost::unit_test::label;

namespace {

OutboundMessage message(std::string_view topic = "t") {
    return {ApplicationMessage::create({.topic = topic}), {.qos = QoS::at_least_once}};
}

PacketId insert(Inflight& inflight) { return inflight.insert(message()).packet_id; }

}  // namespace

BOOST_AUTO_TEST_SUITE(inflight)

BOOST_AUTO_TEST_CASE(empty_it_holds_nothing_and_finds_nothing) {
    Inflight inflight;
    BOOST_TEST(inflight.empty());
    BOOST_TEST(!inflight.full());
    BOOST_TEST(inflight.unacknowledged() == 0U);
    BOOST_TEST(inflight.in_order().empty());
    for (const PacketId id : std::array<PacketId, 3>{0, 1, 65'535}) {
        BOOST_TEST(inflight.find(id) == nullptr);
    }
}

BOOST_AUTO_TEST_CASE(identifiers_count_up_from_one,
                     *label("MQTT5-2.2.1-4") * label("MQTT3-2.3.1-4") * label("MQTT3-2.3.1-1")) {
    Inflight inflight;
    for (PacketId expected = 1; expected <= 20; ++expected)
        BOOST_TEST(insert(inflight) == expected);
    BOOST_TEST(inflight.count() == 20U);
}

BOOST_AUTO_TEST_CASE(an_identifier_rests_after_its_use) {
    Inflight inflight;
    for (PacketId expected = 1; expected <= 20; ++expected) {
        BOOST_TEST(insert(inflight) == expected);
        inflight.erase(*inflight.find(expected));
    }
    BOOST_TEST(inflight.empty());
}

BOOST_AUTO_TEST_CASE(identifiers_wrap_around_and_pass_0_and_those_in_use,
                     *label("MQTT5-2.2.1-4") * label("MQTT3-2.3.1-4") * label("MQTT5-4.3.2-1") *
                         label("MQTT5-4.3.3-1")) {
    Inflight inflight;
    BOOST_TEST(insert(inflight) == 1U);
    BOOST_TEST(insert(inflight) == 2U);
    PacketId last = 2;
    bool has_wrapped = false;
    for (int i = 0; i < 70'000; ++i) {
        const PacketId packet_id = insert(inflight);
        if (packet_id <= 2U) BOOST_FAIL("an identifier in use was chosen");
        has_wrapped |= packet_id < last;
        last = packet_id;
        inflight.erase(*inflight.find(packet_id));
    }
    BOOST_TEST(has_wrapped);
    BOOST_TEST(inflight.count() == 2U);
}

BOOST_AUTO_TEST_CASE(all_65535_identifiers_can_be_in_use_and_no_more) {
    Inflight inflight;
    std::set<PacketId> used;
    for (int i = 0; i < 65'535; ++i) {
        BOOST_TEST_REQUIRE(!inflight.full());
        used.insert(insert(inflight));
    }
    BOOST_TEST(used.size() == 65'535U);
    BOOST_TEST(!used.contains(0));
    BOOST_TEST(inflight.full());
    inflight.erase(*inflight.find(40'000));
    BOOST_TEST(!inflight.full());
    BOOST_TEST(insert(inflight) == 40'000U);
}

BOOST_AUTO_TEST_CASE(entries_stay_what_they_are_when_the_table_grows) {
    Inflight inflight;
    for (int i = 1; i <= 1'000; ++i) inflight.insert(message("t/" + std::to_string(i)));
    for (PacketId id = 1; id <= 1'000; ++id) {
        const InflightEntry* entry = inflight.find(id);
        BOOST_TEST_REQUIRE(entry != nullptr);
        BOOST_TEST(entry->outbound.message->topic() == "t/" + std::to_string(id));
    }
}

BOOST_AUTO_TEST_CASE(an_identifier_that_shares_a_slot_is_not_taken_for_another) {
    Inflight inflight;
    insert(inflight);
    for (const PacketId id : std::array<PacketId, 5>{5, 9, 17, 257, 32'769}) {
        BOOST_TEST(inflight.find(id) == nullptr);
    }
}

BOOST_AUTO_TEST_CASE(the_order_is_that_of_first_sending,
                     *label("MQTT5-4.6.0-1") * label("MQTT3-4.6.0-1")) {
    Inflight inflight;
    for (int i = 0; i < 65'534; ++i) {
        inflight.erase(*inflight.find(insert(inflight)));
    }
    BOOST_TEST(insert(inflight) == 65'535U);
    BOOST_TEST(insert(inflight) == 1U);
    BOOST_TEST(insert(inflight) == 2U);
    const std::vector<PacketId> expected{65'535, 1, 2};
    BOOST_TEST(inflight.in_order() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(released_entries_are_with_the_client) {
    Inflight inflight;
    InflightEntry& entry = inflight.insert(message());
    BOOST_TEST(inflight.unacknowledged() == 1U);
    entry.state = InflightState::released;
    BOOST_TEST(inflight.unacknowledged() == 0U);
    BOOST_TEST(inflight.count() == 1U);
}

BOOST_AUTO_TEST_CASE(clearing_frees_every_message_and_keeps_the_place) {
    const MessagePtr kept = ApplicationMessage::create({.topic = "t"});
    Inflight inflight;
    inflight.insert({kept, {.qos = QoS::at_least_once}});
    inflight.clear();
    BOOST_TEST(inflight.empty());
    BOOST_TEST(inflight.find(1) == nullptr);
    BOOST_TEST(insert(inflight) == 2U);
}

BOOST_AUTO_TEST_CASE(a_random_walk_agrees_with_a_map) {
    std::mt19937 random{20'240'101};
    Inflight inflight;
    std::map<PacketId, std::uint64_t> model;  // identifier to order
    std::uint64_t order = 0;
    for (int step = 0; step < 20'000; ++step) {
        const bool inserts = model.empty() || random() % 100 < 52;
        if (inserts) {
            const PacketId id = insert(inflight);
            BOOST_TEST_REQUIRE(id != 0);
            BOOST_TEST_REQUIRE(model.emplace(id, ++order).second);
        } else {
            auto chosen = model.begin();
            std::advance(chosen, static_cast<int>(random() % model.size()));
            InflightEntry* entry = inflight.find(chosen->first);
            BOOST_TEST_REQUIRE(entry != nullptr);
            inflight.erase(*entry);
            model.erase(chosen);
        }
        BOOST_TEST_REQUIRE(inflight.count() == model.size());
    }
    std::vector<std::pair<std::uint64_t, PacketId>> by_order;
    for (const auto& [id, when] : model) by_order.emplace_back(when, id);
    std::sort(by_order.begin(), by_order.end());
    const std::vector<PacketId> ids = inflight.in_order();
    BOOST_TEST_REQUIRE(ids.size() == by_order.size());
    for (std::size_t i = 0; i < ids.size(); ++i) BOOST_TEST(ids[i] == by_order[i].second);
}

BOOST_AUTO_TEST_SUITE_END()
