#include "store/queue_records.hpp"

#include "support/random_topics.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <vector>

using namespace holdfast;
using store::Location;
using store::Mark;
using store::Position;
using store::QueueRecords;
using store::Stored;

namespace {

QueueRecords::Record record(std::uint64_t position, Mark mark = Mark::none) {
    return {Position{position}, mark, Stored{{1, static_cast<std::uint32_t>(position)}, 10}};
}

std::vector<std::uint64_t> positions(const QueueRecords& records, std::uint64_t after = 0) {
    std::vector<std::uint64_t> found;
    records.visit_after(Position{after}, [&](const QueueRecords::Record& each) {
        found.push_back(static_cast<std::uint64_t>(each.position));
        return true;
    });
    return found;
}

using Positions = std::vector<std::uint64_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(queue_records)

BOOST_AUTO_TEST_CASE(positions_are_kept_in_order_over_all_64_bits) {
    QueueRecords records;
    const std::uint64_t high = std::uint64_t{1} << 32U;
    for (const std::uint64_t position : {high, ~std::uint64_t{0}, std::uint64_t{7}, high - 1}) {
        BOOST_TEST(records.insert(record(position)));
    }
    BOOST_TEST((positions(records) == Positions{7, high - 1, high, ~std::uint64_t{0}}));
    BOOST_TEST((positions(records, high - 1) == Positions{high, ~std::uint64_t{0}}));
    BOOST_TEST(positions(records, ~std::uint64_t{0}).empty());
    BOOST_TEST(!records.insert(record(7)));
}

BOOST_AUTO_TEST_CASE(marks_belong_to_their_records_wherever_one_is_settled) {
    QueueRecords records;
    for (std::uint64_t position = 1; position <= 5; ++position) {
        BOOST_TEST(records.insert(record(position)));
    }
    Mark before{};
    BOOST_TEST(records.remark(Position{4}, Mark{44}, before));
    BOOST_TEST(!records.remark(Position{9}, Mark{44}, before));
    BOOST_TEST(records.insert(record(6, Mark{66})));
    BOOST_TEST(records.erase(Position{2}).has_value());
    BOOST_TEST(records.erase(Position{5}).has_value());
    BOOST_TEST((records.find(Position{4})->mark == Mark{44}));
    BOOST_TEST((records.find(Position{6})->mark == Mark{66}));
    BOOST_TEST((records.find(Position{1})->mark == Mark::none));
}

BOOST_AUTO_TEST_CASE(a_waiting_record_takes_no_more_than_18_bytes_if_the_marks_are_equal) {
    QueueRecords records;
    constexpr std::uint64_t count = 10'000;
    for (std::uint64_t position = 1; position <= count; ++position) {
        BOOST_REQUIRE(records.insert(record(position, Mark{0x10000})));
    }
    BOOST_TEST(records.heap_bytes() <= count * 18);
    BOOST_TEST((records.find(Position{count})->mark == Mark{0x10000}));
    Mark before{};
    for (std::uint64_t position = 1; position <= count; ++position) {
        BOOST_REQUIRE(records.remark(Position{position}, Mark{position}, before));
        BOOST_REQUIRE((before == Mark{0x10000}));
    }
    BOOST_TEST(records.heap_bytes() <= count * 26);
    for (std::uint64_t position = 1; position <= count - 10; ++position) {
        BOOST_REQUIRE(records.erase(Position{position}).has_value());
    }
    BOOST_TEST(records.heap_bytes() <= 4096U);  // a drained queue gives its memory back
}

BOOST_AUTO_TEST_CASE(a_record_is_replaced_in_its_place) {
    QueueRecords records;
    BOOST_TEST(!records.replace(record(2)).has_value());
    for (const std::uint64_t position : {1U, 2U, 3U}) {
        BOOST_TEST(records.insert(record(position)));
    }
    const Stored elsewhere{{9, 99}, 20};
    const auto replaced = records.replace({Position{2}, Mark{7}, elsewhere});
    BOOST_REQUIRE(replaced.has_value());
    BOOST_TEST((replaced->stored == record(2).stored));
    BOOST_TEST((records.find(Position{2})->stored == elsewhere));
    BOOST_TEST((records.find(Position{2})->mark == Mark{7}));
    BOOST_TEST((positions(records) == Positions{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(random_changes_agree_with_a_map) {
    test_support::RandomTopics random{1};
    QueueRecords records;
    std::map<std::uint64_t, Mark> model;
    for (int step = 0; step < 40'000; ++step) {
        const std::uint64_t position = 1 + random.below(600) + (random.below(3) << 32U);
        const Mark mark{random.below(3)};
        Mark before{};
        switch (random.below(4)) {
            case 0:
            case 1:
                BOOST_REQUIRE_EQUAL(records.insert(record(position, mark)),
                                    model.emplace(position, mark).second);
                break;
            case 2:
                BOOST_REQUIRE_EQUAL(records.erase(Position{position}).has_value(),
                                    model.erase(position) == 1);
                break;
            default:
                BOOST_REQUIRE_EQUAL(records.remark(Position{position}, mark, before),
                                    model.contains(position));
                if (model.contains(position)) {
                    BOOST_REQUIRE((before == model[position]));
                    model[position] = mark;
                }
                break;
        }
        BOOST_REQUIRE_EQUAL(records.empty(), model.empty());
    }
    std::vector<std::uint64_t> expected;
    for (const auto& [position, mark] : model) {
        expected.push_back(position);
        BOOST_REQUIRE((records.find(Position{position})->mark == mark));
        BOOST_REQUIRE(records.find(Position{position})->stored.at.offset ==
                      static_cast<std::uint32_t>(position));
    }
    BOOST_TEST((positions(records) == expected));
    for (const std::uint64_t after : {std::uint64_t{1}, std::uint64_t{300}, std::uint64_t{700},
                                      (std::uint64_t{1} << 32U) + 5, std::uint64_t{9} << 32U}) {
        const auto behind = std::upper_bound(expected.begin(), expected.end(), after);
        BOOST_TEST((positions(records, after) == Positions(behind, expected.end())));
    }
    for (const std::uint64_t position : expected) {
        BOOST_REQUIRE(records.erase(Position{position}).has_value());
    }
    BOOST_TEST(records.empty());
    BOOST_TEST(records.heap_bytes() <= 1024U);  // its list of blocks
}

BOOST_AUTO_TEST_CASE(a_queue_that_is_filled_and_drained_at_once_stays_as_small_as_what_waits) {
    QueueRecords records;
    constexpr std::uint64_t waiting = 2'000;
    for (std::uint64_t position = 1; position <= 100'000; ++position) {
        BOOST_REQUIRE(records.insert(record(position, Mark{position % 2})));
        if (position <= waiting) continue;
        const auto settled = records.erase(Position{position - waiting});
        BOOST_REQUIRE(settled.has_value());
        BOOST_REQUIRE((settled->mark == Mark{(position - waiting) % 2}));
        BOOST_REQUIRE(records.heap_bytes() <= waiting * 30 + 8192);
    }
    BOOST_TEST(positions(records).size() == waiting);
}

BOOST_AUTO_TEST_CASE(records_that_come_in_falling_order_share_blocks) {
    QueueRecords records;
    for (std::uint64_t position = 10'000; position > 0; --position) {
        BOOST_REQUIRE(records.insert(record(position)));
    }
    BOOST_TEST(records.heap_bytes() <= 10'000U * 40);
    const Positions all = positions(records);
    BOOST_TEST(all.size() == 10'000U);
    BOOST_TEST(std::is_sorted(all.begin(), all.end()));
}

BOOST_AUTO_TEST_SUITE_END()
