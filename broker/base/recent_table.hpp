#pragma once
// RecentTable: values by key, at most so many of them, in the order of their last use. Of too many the
// one goes whose last use is longest ago and which nobody needs to keep, so that somebody who makes up
// keys pushes out what is old rather than what counts. Ordered by comparison: no peer can choose keys
// that collide. Threads: one at a time.

#include <cstddef>
#include <iterator>
#include <list>
#include <map>
#include <utility>

namespace holdfast {

template <class Key, class Value>
class RecentTable {
public:
    explicit RecentTable(std::size_t entries_max) : entries_max_(entries_max) {}

    [[nodiscard]] Value* find(const Key& key) {
        const auto found = by_key_.find(key);
        return found == by_key_.end() ? nullptr : &found->second->second;
    }
    /// The key's value, made from `fresh` where there is none; used last from now on. `is_kept(Value)`:
    /// must not make room while others can.
    template <class IsKept>
    Value& use(const Key& key, const Value& fresh, IsKept is_kept) {
        const auto found = by_key_.find(key);
        if (found != by_key_.end()) {
            order_.splice(order_.end(), order_, found->second);
            return found->second->second;
        }
        if (order_.size() >= entries_max_) make_room(is_kept);
        order_.emplace_back(key, fresh);
        by_key_.emplace(key, std::prev(order_.end()));
        return order_.back().second;
    }
    void erase(const Key& key) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) return;
        order_.erase(found->second);
        by_key_.erase(found);
    }
    /// Calls visit(const Key&, Value&), the one used longest ago first.
    template <class Visit>
    void for_each(Visit visit) {
        for (auto& [key, value] : order_) visit(key, value);
    }
    [[nodiscard]] std::size_t size() const { return order_.size(); }

private:
    /// Looked at for one that may go; beyond them the oldest goes, kept or not.
    static constexpr int looks_max = 32;

    template <class IsKept>
    void make_room(IsKept is_kept) {
        auto chosen = order_.begin();
        int looks = 0;
        for (auto entry = order_.begin(); entry != order_.end() && looks < looks_max; ++looks) {
            if (!is_kept(entry->second)) {
                chosen = entry;
                break;
            }
            ++entry;
        }
        by_key_.erase(chosen->first);
        order_.erase(chosen);
    }

    const std::size_t entries_max_;
    std::list<std::pair<Key, Value>> order_;
    std::map<Key, typename std::list<std::pair<Key, Value>>::iterator> by_key_;
};

}  // namespace holdfast
