#pragma once
// FilterSet: the filters a session has subscribed to. Most have one, so that needs no memory of its own.
// Owns the set, not the filters. Threads: none; the router's lock guards a session's.

#include "router/filter.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace holdfast::session {

class FilterSet {
public:
    [[nodiscard]] std::size_t size() const {
        if (many_) return many_->size();
        return one_ == nullptr ? 0 : 1;
    }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] bool contains(const router::Filter* filter) const {
        return many_ ? many_->contains(filter) : one_ == filter;
    }
    void insert(const router::Filter* filter) {
        if (!many_ && (one_ == nullptr || one_ == filter)) {
            one_ = filter;
            return;
        }
        if (!many_) {
            many_ = std::make_unique<Many>();
            many_->insert(std::exchange(one_, nullptr));
        }
        many_->insert(filter);
    }
    /// False: it was not there.
    bool erase(const router::Filter* filter) {
        if (many_) {
            const bool was_there = many_->erase(filter) != 0;
            if (many_->empty()) many_.reset();
            return was_there;
        }
        if (filter == nullptr || one_ != filter) return false;
        one_ = nullptr;
        return true;
    }
    void clear() {
        one_ = nullptr;
        many_.reset();
    }
    /// In no particular order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        if (one_ != nullptr) visit(*one_);
        if (!many_) return;
        for (const router::Filter* filter : *many_) visit(*filter);
    }

private:
    using Many = boost::unordered_flat_set<const router::Filter*>;
    const router::Filter* one_ = nullptr;  ///< the only one, while there is no `many_`
    std::unique_ptr<Many> many_;
};

}  // namespace holdfast::session
