#include "router/filter.hpp"

#include "base/error.hpp"
#include "base/topic.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <new>

namespace holdfast::router {

namespace {

/// Up to here a scan of the array is as quick as an index.
constexpr std::size_t scanned_subscriptions_max = 32;
/// Members asked whether they are connected, for one message.
constexpr std::size_t members_asked_max = 4096;

}  // namespace

struct Filter::PositionIndex {
    boost::unordered_flat_map<const Subscriber*, std::uint32_t> positions;
};

Filter::Crowd::Crowd() = default;
Filter::Crowd::~Crowd() = default;

Filter::Owner Filter::create(std::string_view text) {
    CHECK(text.size() <= string_bytes_max);
    void* memory = ::operator new(sizeof(Filter) + text.size());
    return Owner{new (memory) Filter(text)};
}

void Filter::Destroy::operator()(Filter* filter) const noexcept {
    filter->~Filter();
    ::operator delete(filter);
}

Filter::Filter(std::string_view text)
    : text_bytes_(static_cast<std::uint16_t>(text.size())),
      is_shared_(is_shared_filter(text)),
      is_exact_(!is_shared_ && !has_wildcard(text)) {
    text.copy(reinterpret_cast<char*>(this + 1), text.size());
}

Filter::~Filter() = default;

std::string_view Filter::matched_text() const {
    if (!is_shared_) return text();
    constexpr std::string_view prefix = "$share/";
    const std::size_t share_name_end = text().find('/', prefix.size());
    CHECK(share_name_end != std::string_view::npos);
    return text().substr(share_name_end + 1);
}

std::size_t Filter::position_of(const Subscriber& subscriber) const {
    if (crowd_ && crowd_->index) {
        const auto found = crowd_->index->positions.find(&subscriber);
        return found == crowd_->index->positions.end() ? not_found : found->second;
    }
    const auto all = subscriptions();
    const auto found = std::ranges::find(all, &subscriber, &Subscription::subscriber);
    return found == all.end() ? not_found : static_cast<std::size_t>(found - all.begin());
}

const Subscription* Filter::find(const Subscriber& subscriber) const {
    const std::size_t position = position_of(subscriber);
    return position == not_found ? nullptr : &subscriptions()[position];
}

bool Filter::add_or_replace(const Subscription& subscription) {
    CHECK(subscription.subscriber != nullptr);
    const std::size_t position = position_of(*subscription.subscriber);
    if (position != not_found) {
        (crowd_ ? crowd_->subscriptions[position] : first_) = subscription;
        return false;
    }
    if (first_.subscriber == nullptr && !crowd_) {
        first_ = subscription;
        return true;
    }
    if (!crowd_) {
        crowd_ = std::make_unique<Crowd>();
        crowd_->subscriptions.reserve(2);
        crowd_->subscriptions.push_back(first_);
        first_ = {};
    }
    auto& all = crowd_->subscriptions;
    all.push_back(subscription);
    if (crowd_->index) {
        const auto last = static_cast<std::uint32_t>(all.size() - 1);
        crowd_->index->positions.emplace(subscription.subscriber, last);
    } else if (all.size() > scanned_subscriptions_max) {
        crowd_->index = std::make_unique<PositionIndex>();
        for (std::uint32_t i = 0; i < all.size(); ++i) {
            crowd_->index->positions.emplace(all[i].subscriber, i);
        }
    }
    return true;
}

bool Filter::remove(const Subscriber& subscriber) {
    const std::size_t position = position_of(subscriber);
    if (position == not_found) return false;
    if (!crowd_) {
        first_ = {};
        return true;
    }
    auto& all = crowd_->subscriptions;
    all[position] = all.back();
    all.pop_back();
    if (crowd_->index) {
        auto& positions = crowd_->index->positions;
        positions.erase(&subscriber);
        if (position < all.size()) {
            positions[all[position].subscriber] = static_cast<std::uint32_t>(position);
        }
    }
    fit_crowd();
    return true;
}

/// Gives memory back when most of a crowd has left.
void Filter::fit_crowd() {
    auto& all = crowd_->subscriptions;
    if (all.size() == 1) {
        first_ = all.front();
        crowd_.reset();
        return;
    }
    if (crowd_->index && all.size() < scanned_subscriptions_max / 2) crowd_->index.reset();
    if (all.size() > all.capacity() / 4 || all.capacity() < 8) return;
    std::vector<Subscription> fitting;
    fitting.reserve(all.size() * 2);
    fitting.assign(all.begin(), all.end());
    all.swap(fitting);
    if (crowd_->index) crowd_->index->positions.rehash(all.size() * 2);
}

const Subscription* Filter::choose_member(const Subscriber* except) const {
    const auto members = subscriptions();
    if (members.empty()) return nullptr;
    const std::size_t start = turn_.fetch_add(1, std::memory_order_relaxed) % members.size();
    const std::size_t asked_max = std::min(members.size(), members_asked_max);
    const Subscription* offline = nullptr;
    std::size_t offline_after = 0;
    for (std::size_t passed = 0; passed < asked_max; ++passed) {
        const Subscription& member = members[(start + passed) % members.size()];
        if (member.subscriber == except) continue;
        if (member.subscriber->is_connected()) {
            // The turn goes on behind whom it chose, otherwise the first one after a row of
            // offline members would get their share too.
            if (passed > 0) {
                turn_.fetch_add(static_cast<std::uint32_t>(passed), std::memory_order_relaxed);
            }
            return &member;
        }
        if (offline == nullptr) {
            offline = &member;
            offline_after = passed;
        }
    }
    // In a group too large to ask everybody, the next message asks the next ones.
    const std::size_t skip = asked_max < members.size() ? asked_max - 1 : offline_after;
    if (skip > 0) turn_.fetch_add(static_cast<std::uint32_t>(skip), std::memory_order_relaxed);
    return offline;
}

}  // namespace holdfast::router
