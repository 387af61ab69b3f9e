#include "router/partitioned_set.hpp"

#include "router/topic_hash.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <set>
#include <string>
#include <string_view>

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
