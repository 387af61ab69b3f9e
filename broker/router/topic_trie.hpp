#pragma once
// TopicTrie: the filters with wildcards and the shared ones, by topic levels (MQTT 5 section 4.7).
// A node's `+` and `#` are held in the node; its literal children are in one hash table of all
// edges, keyed by parent and level: a level with one child costs what it should, and one with a
// hundred thousand is still found in one look-up. Nodes without use are removed at once.
// Owns nodes, not filters. Threads: none.

#include "router/filter.hpp"
#include "router/partitioned_set.hpp"
#include "router/topic_hash.hpp"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace holdfast::router {

/// What matched one topic. Reused by the caller from one publish to the next.
struct Matches {
    boost::container::small_vector<const Filter*, 8> filters;  ///< not shared
    boost::container::small_vector<const Filter*, 4> groups;   ///< shared
    void clear() {
        filters.clear();
        groups.clear();
    }
};

class TopicTrie {
public:
    explicit TopicTrie(std::uint64_t hash_seed);
    ~TopicTrie();
    TopicTrie(const TopicTrie&) = delete;
    TopicTrie& operator=(const TopicTrie&) = delete;

    /// Not in the trie yet.
    void insert(Filter& filter);
    /// In the trie.
    void erase(Filter& filter);

    /// Adds every filter in the trie that matches. [MQTT5-4.7.2-1] [MQTT3-4.7.2-1]
    void match(std::string_view topic, Matches& matches) const;

    /// The root not counted.
    [[nodiscard]] std::size_t node_count() const { return node_count_; }

private:
    /// The filters that end at one place: one that is not shared, and any number of groups.
    class Endings {
    public:
        [[nodiscard]] bool empty() const { return plain_ == nullptr && !groups_; }
        void add(Filter& filter);
        void remove(Filter& filter);
        void collect(Matches& matches) const;

    private:
        Filter* plain_ = nullptr;
        std::unique_ptr<std::vector<Filter*>> groups_;
    };

    struct Node;
    struct EdgeKey {
        const Node* parent;
        std::string_view level;
        friend bool operator==(const EdgeKey&, const EdgeKey&) = default;
    };
    struct Edge {
        using Key = EdgeKey;
        static EdgeKey key_of(const Node& child);
        static std::uint64_t hash(const EdgeKey& key, std::uint64_t seed) {
            return hash_text(key.level, seed ^ reinterpret_cast<std::uintptr_t>(key.parent));
        }
    };

    [[nodiscard]] Node* create_node(Node* parent, std::string_view level);
    static void destroy_node(Node* node) noexcept;
    [[nodiscard]] Node& child_for(Node& node, std::string_view level);
    [[nodiscard]] Node* find_child(const Node& node, std::string_view level) const;
    void prune(Node& node);

    Node* root_;
    PartitionedSet<Node, Edge> literal_children_;
    std::size_t node_count_ = 0;
};

}  // namespace holdfast::router
