#include "router/partitioned_set.hpp"

#include "router/topic_hash.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Named {
    std::string name;
};
struct ByName {
    using Key = std::string_view;
    static std::string_view key_of(const Named& named) { return named.name; }
    static std::uint64_t hash(std::string_view name, std::uint64_t seed) {
        return holdfast::router::hash_text(name, seed);
    }
};
using NamedSet = holdfast::router::PartitionedSet<Named, ByName>;

/// All in one partition, and near its end: searches go on at its beginning.
struct Crowded {
    std::uint64_t number = 0;
};
struct ByNumber {
    using Key = std::uint64_t;
    static std::uint64_t key_of(const Crowded& entry) { return entry.number; }
    static std::uint64_t hash(std::uint64_t number, std::uint64_t /*seed*/) {
        return (~std::uint64_t{0} - number % 7) << 8;
    }
};
using CrowdedSet = holdfast::router::PartitionedSet<Crowded, ByNumber>;

}  // namespace

BOOST_AUTO_TEST_SUITE(partitioned_set)

BOOST_AUTO_TEST_CASE(entries_are_found_by_their_key_until_they_are_erased) {
    NamedSet set{17};
    std::deque<Named> entries;
    for (int i = 0; i < 20'000; ++i) set.insert(entries.emplace_back(Named{std::to_string(i)}));
    BOOST_TEST(set.size() == entries.size());
    for (Named& entry : entries) BOOST_REQUIRE(set.find(entry.name) == &entry);
    BOOST_TEST(set.find("20000") == nullptr);
    // Almost all leave, and the tables shrink meanwhile.
    for (std::size_t i = 0; i + 10 < entries.size(); ++i) {
        set.erase(entries[i]);
        BOOST_REQUIRE(set.find(entries[i].name) == nullptr);
        BOOST_REQUIRE(set.find(entries[i + 1].name) == &entries[i + 1]);
    }
    BOOST_TEST(set.size() == 10U);
    for (std::size_t i = entries.size() - 10; i < entries.size(); ++i) {
        BOOST_TEST(set.find(entries[i].name) == &entries[i]);
    }
}

BOOST_AUTO_TEST_CASE(entries_whose_hashes_collide_are_told_apart_in_any_order_of_changes) {
    CrowdedSet set{0};
    std::vector<Crowded> entries(200);
    for (std::size_t i = 0; i < entries.size(); ++i) entries[i].number = i;
    std::set<std::uint64_t> there;
    std::mt19937 random{7};
    for (int i = 0; i < 1500; ++i) {
        Crowded& entry = entries[random() % entries.size()];
        if (i >= 500 && i < 1200 && !there.contains(entry.number)) continue;  // it empties, and fills again
        if (there.erase(entry.number) == 1) {
            set.erase(entry);
        } else {
            set.insert(entry);
            there.insert(entry.number);
        }
        BOOST_REQUIRE(set.size() == there.size());
        for (Crowded& each : entries) {
            Crowded* const expected = there.contains(each.number) ? &each : nullptr;
            BOOST_REQUIRE(set.find(each.number) == expected);
            BOOST_REQUIRE(set.find(each.number, set.prefetch(each.number)) == expected);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_entry_is_visited_once) {
    NamedSet set{17};
    std::deque<Named> entries;
    for (int i = 0; i < 1000; ++i) set.insert(entries.emplace_back(Named{std::to_string(i)}));
    std::multiset<std::string> visited;
    set.for_each([&](Named& entry) { visited.insert(entry.name); });
    BOOST_TEST(visited.size() == 1000U);
    BOOST_TEST(std::set(visited.begin(), visited.end()).size() == 1000U);
}

BOOST_AUTO_TEST_SUITE_END()
