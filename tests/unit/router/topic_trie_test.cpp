#include "router/topic_trie.hpp"

#include "base/limits.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace {

using holdfast::router::Filter;
using holdfast::router::Matches;
using holdfast::router::TopicTrie;

/// Filters that live as long as the trie.
class Planted {
public:
    Filter& insert(const std::string& text) {
        filters_.push_back(Filter::create(text));
        trie.insert(*filters_.back());
        return *filters_.back();
    }
    [[nodiscard]] std::vector<std::string> matches(std::string_view topic) const {
        Matches found;
        trie.match(topic, found);
        std::vector<std::string> texts;
        for (const Filter* filter : found.filters) texts.emplace_back(filter->text());
        for (const Filter* group : found.groups) texts.emplace_back(group->text());
        std::ranges::sort(texts);
        return texts;
    }

private:
    std::deque<Filter::Owner> filters_;

public:
    TopicTrie trie{5};  // destroyed before the filters
};

using Texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(topic_trie)

BOOST_AUTO_TEST_CASE(branches_of_plus_and_literals_are_all_walked) {
    Planted planted;
    for (const auto* text : {"a/b/+", "a/+/c", "+/b/c", "+/+/+", "a/#", "+/+/c/#", "a/b/d/+"}) {
        planted.insert(text);
    }
    BOOST_TEST(
        planted.matches("a/b/c") == (Texts{"+/+/+", "+/+/c/#", "+/b/c", "a/#", "a/+/c", "a/b/+"}),
        boost::test_tools::per_element());
    BOOST_TEST(planted.matches("a/b/d/e") == (Texts{"a/#", "a/b/d/+"}),
               boost::test_tools::per_element());
    BOOST_TEST(planted.matches("b/b/x") == (Texts{"+/+/+"}), boost::test_tools::per_element());
    BOOST_TEST(planted.matches("b").empty());
}

BOOST_AUTO_TEST_CASE(nodes_are_shared_and_go_with_their_last_filter) {
    Planted planted;
    Filter& deep = planted.insert("a/+/c/d/#");
    BOOST_TEST(planted.trie.node_count() == 4U);
    Filter& shorter = planted.insert("a/+");
    BOOST_TEST(planted.trie.node_count() == 4U);
    Filter& branch = planted.insert("a/+/x");
    BOOST_TEST(planted.trie.node_count() == 5U);
    planted.trie.erase(deep);
    BOOST_TEST(planted.trie.node_count() == 3U);
    planted.trie.erase(shorter);
    BOOST_TEST(planted.trie.node_count() == 3U);
    planted.trie.erase(branch);
    BOOST_TEST(planted.trie.node_count() == 0U);
    BOOST_TEST(planted.matches("a/b/x").empty());
}

BOOST_AUTO_TEST_CASE(many_groups_on_one_filter_leave_in_any_order) {
    Planted planted;
    std::vector<Filter*> groups;
    for (int i = 0; i < 50; ++i) {
        groups.push_back(&planted.insert("$share/g" + std::to_string(i) + "/a/#"));
    }
    Filter& plain = planted.insert("a/#");
    BOOST_TEST(planted.matches("a/b").size() == 51U);
    for (std::size_t step = 0; step < groups.size(); ++step) {
        planted.trie.erase(*groups[(step * 7 + 3) % groups.size()]);
        BOOST_TEST(planted.matches("a").size() == groups.size() - step);
    }
    BOOST_TEST(planted.matches("a") == (Texts{"a/#"}), boost::test_tools::per_element());
    planted.trie.erase(plain);
    BOOST_TEST(planted.trie.node_count() == 0U);
}

BOOST_AUTO_TEST_CASE(shared_filters_without_wildcards_are_matched_too) {
    Planted planted;
    planted.insert("$share/g/a/b");
    BOOST_TEST(planted.matches("a/b") == (Texts{"$share/g/a/b"}), boost::test_tools::per_element());
    BOOST_TEST(planted.matches("$share/g/a/b").empty());
}

BOOST_AUTO_TEST_CASE(a_level_with_many_children_is_searched_by_hash) {
    Planted planted;
    for (int i = 0; i < 20'000; ++i) planted.insert("site/" + std::to_string(i) + "/+");
    BOOST_TEST(planted.matches("site/12345/x") == (Texts{"site/12345/+"}),
               boost::test_tools::per_element());
    BOOST_TEST(planted.matches("site/20000/x").empty());
}

BOOST_AUTO_TEST_CASE(topic_of_the_most_levels_meets_a_wildcard_in_each) {
    Planted planted;
    const std::size_t levels = holdfast::Limits{}.topic_levels_max;
    std::string filter = "+";
    std::string topic = "x";
    for (std::size_t level = 1; level < levels; ++level) {
        planted.insert(topic + "/+");  // leaves a branch behind at every level
        filter += "/+";
        topic += "/x";
    }
    planted.insert(filter);
    planted.insert(filter + "/#");
    BOOST_TEST(planted.matches(topic).size() == 3U);
    BOOST_TEST(planted.matches(topic + "/x").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_trie_is_destroyed_with_filters_in_it) {
    Planted planted;
    for (const auto* text : {"+/+/+/a", "+/#", "a/+/+/b/+", "#", "$share/g/+/a"}) {
        planted.insert(text);
    }
    BOOST_TEST(planted.trie.node_count() == 10U);
}

BOOST_AUTO_TEST_SUITE_END()
