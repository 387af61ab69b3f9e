#include "router/topic_trie.hpp"

#include "base/error.hpp"
#include "base/topic.hpp"

#include <new>

namespace holdfast::router {

struct TopicTrie::Node {
    Node* parent = nullptr;
    Node* plus = nullptr;  ///< the child `+`
    Endings here;          ///< filters whose last level this is
    Endings below;         ///< filters that go on with `#`
    std::uint32_t literal_children = 0;
    std::uint16_t level_bytes = 0;

    [[nodiscard]] std::string_view level() const {
        return {reinterpret_cast<const char*>(this + 1), level_bytes};
    }
    [[nodiscard]] bool is_used() const {
        return plus != nullptr || literal_children > 0 || !here.empty() || !below.empty();
    }
};

void TopicTrie::Endings::add(Filter& filter) {
    if (!filter.is_shared()) {
        CHECK(plain_ == nullptr);
        plain_ = &filter;
        return;
    }
    if (!groups_) groups_ = std::make_unique<std::vector<Filter*>>();
    filter.set_group_position(static_cast<std::uint32_t>(groups_->size()));
    groups_->push_back(&filter);
}

void TopicTrie::Endings::remove(Filter& filter) {
    if (!filter.is_shared()) {
        CHECK(plain_ == &filter);
        plain_ = nullptr;
        return;
    }
    const std::size_t position = filter.group_position();
    CHECK(groups_ && position < groups_->size() && (*groups_)[position] == &filter);
    (*groups_)[position] = groups_->back();
    (*groups_)[position]->set_group_position(static_cast<std::uint32_t>(position));
    groups_->pop_back();
    if (groups_->empty()) groups_.reset();
}

void TopicTrie::Endings::collect(Matches& matches) const {
    if (plain_ != nullptr) matches.filters.push_back(plain_);
    if (groups_) matches.groups.insert(matches.groups.end(), groups_->begin(), groups_->end());
}

TopicTrie::EdgeKey TopicTrie::Edge::key_of(const Node& child) {
    return {child.parent, child.level()};
}

TopicTrie::TopicTrie(std::uint64_t hash_seed)
    : root_(create_node(nullptr, {})), literal_children_(hash_seed) {}

TopicTrie::~TopicTrie() {
    // Every node is a literal child, the root, or reached from one of these through `+` alone.
    const auto destroy_with_plus = [](Node& first) {
        for (Node* node = &first; node != nullptr;) {
            Node* const plus = node->plus;
            destroy_node(node);
            node = plus;
        }
    };
    literal_children_.for_each(destroy_with_plus);
    destroy_with_plus(*root_);
}

TopicTrie::Node* TopicTrie::create_node(Node* parent, std::string_view level) {
    void* memory = ::operator new(sizeof(Node) + level.size());
    Node* node = new (memory) Node{};
    node->parent = parent;
    node->level_bytes = static_cast<std::uint16_t>(level.size());
    level.copy(reinterpret_cast<char*>(node + 1), level.size());
    return node;
}

void TopicTrie::destroy_node(Node* node) noexcept {
    node->~Node();
    ::operator delete(node);
}

TopicTrie::Node* TopicTrie::find_child(const Node& node, std::string_view level) const {
    return node.literal_children == 0 ? nullptr : literal_children_.find({&node, level});
}

TopicTrie::Node& TopicTrie::child_for(Node& node, std::string_view level) {
    if (level == "+") {
        if (node.plus == nullptr) {
            node.plus = create_node(&node, {});
            ++node_count_;
        }
        return *node.plus;
    }
    if (Node* child = find_child(node, level)) return *child;
    Node* child = create_node(&node, level);
    literal_children_.insert(*child);
    ++node.literal_children;
    ++node_count_;
    return *child;
}

void TopicTrie::insert(Filter& filter) {
    LevelIterator levels{filter.matched_text()};
    Node* node = root_;
    for (std::string_view level; levels.next(level);) {
        if (level == "#") {
            node->below.add(filter);
            return;
        }
        node = &child_for(*node, level);
    }
    node->here.add(filter);
}

void TopicTrie::erase(Filter& filter) {
    LevelIterator levels{filter.matched_text()};
    Node* node = root_;
    bool ends_with_hash = false;
    for (std::string_view level; levels.next(level);) {
        ends_with_hash = level == "#";
        if (ends_with_hash) break;
        node = level == "+" ? node->plus : find_child(*node, level);
        CHECK(node != nullptr);
    }
    (ends_with_hash ? node->below : node->here).remove(filter);
    prune(*node);
}

void TopicTrie::prune(Node& last) {
    Node* node = &last;
    while (node != root_ && !node->is_used()) {
        Node* const parent = node->parent;
        if (parent->plus == node) {
            parent->plus = nullptr;
        } else {
            literal_children_.erase(*node);
            --parent->literal_children;
        }
        destroy_node(node);
        --node_count_;
        node = parent;
    }
}

void TopicTrie::match(std::string_view topic, Matches& matches) const {
    struct Branch {
        const Node* node;
        LevelIterator levels;
    };
    // A path leaves at most one branch per level behind, and the deepest is taken up first: there
    // are never more than the topic has levels. Memory is asked for beyond `topic_levels_max` only.
    boost::container::small_vector<Branch, Limits{}.topic_levels_max> branches;
    const bool is_server_topic = topic.starts_with('$');
    branches.push_back({root_, LevelIterator{topic}});
    while (!branches.empty()) {
        auto [node, levels] = branches.back();
        branches.pop_back();
        while (node != nullptr) {
            // [MQTT5-4.7.2-1] [MQTT3-4.7.2-1]
            const bool wildcards_apply = node != root_ || !is_server_topic;
            if (wildcards_apply) node->below.collect(matches);
            std::string_view level;
            if (!levels.next(level)) {
                node->here.collect(matches);
                break;
            }
            if (wildcards_apply && node->plus != nullptr) branches.push_back({node->plus, levels});
            node = find_child(*node, level);
        }
    }
}

}  // namespace holdfast::router
