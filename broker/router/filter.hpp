#pragma once
// Filter: one Topic Filter with everybody who subscribed to it; for `$share/...`, one group (4.8.2).
// Most filters have one subscriber, so a Filter is one allocation: header, that subscription, text.
// With more of them the subscriptions move into an array, and above a few dozen an index finds a
// subscriber's place, so that a crowd can leave without a scan each.
// Owned by SubscriptionTree, which alone changes it. Threads: none, except choose_member().

#include "base/subscription.hpp"
#include "router/subscriber.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace holdfast::router {

struct Subscription {
    Subscriber* subscriber = nullptr;
    std::uint32_t identifier = 0;  ///< Subscription Identifier, 0: none
    SubscriptionOptions options;
};

class Filter {
public:
    struct Destroy {
        void operator()(Filter* filter) const noexcept;
    };
    using Owner = std::unique_ptr<Filter, Destroy>;

    /// `text` is valid. It has no subscription yet.
    [[nodiscard]] static Owner create(std::string_view text);
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;

    [[nodiscard]] std::string_view text() const {  ///< as subscribed, with `$share/...` if shared
        return {reinterpret_cast<const char*>(this + 1), text_bytes_};
    }
    /// What topics are compared with: behind `$share/{ShareName}/`, otherwise the text.
    [[nodiscard]] std::string_view matched_text() const;
    [[nodiscard]] bool is_shared() const { return is_shared_; }
    /// Neither shared nor with a wildcard: matches the topic that equals its text.
    [[nodiscard]] bool is_exact() const { return is_exact_; }

    [[nodiscard]] std::span<const Subscription> subscriptions() const {
        if (crowd_) return crowd_->subscriptions;
        return {&first_, first_.subscriber == nullptr ? std::size_t{0} : std::size_t{1}};
    }
    /// The entry of one subscriber, nullptr when it has none.
    [[nodiscard]] const Subscription* find(const Subscriber& subscriber) const;

    /// The member of a shared group that takes the next message: connected ones in turn; when nobody
    /// is, any in turn. `except` is passed over. Nobody left: nullptr. Threads: safe beside itself.
    [[nodiscard]] const Subscription* choose_member(const Subscriber* except) const;

    /// False when the subscriber's entry was there and has been replaced.
    bool add_or_replace(const Subscription& subscription);
    /// False when the subscriber had no entry.
    bool remove(const Subscriber& subscriber);

    /// Where a shared filter stands among the groups with the same matched_text(): the trie's note.
    [[nodiscard]] std::uint32_t group_position() const { return group_position_; }
    void set_group_position(std::uint32_t position) { group_position_ = position; }

private:
    struct PositionIndex;
    struct Crowd {
        Crowd();
        ~Crowd();
        std::vector<Subscription> subscriptions;
        std::unique_ptr<PositionIndex> index;  ///< only while there are many
    };
    static constexpr std::size_t not_found = static_cast<std::size_t>(-1);

    explicit Filter(std::string_view text);
    ~Filter();
    [[nodiscard]] std::size_t position_of(const Subscriber& subscriber) const;
    void fit_crowd();

    Subscription first_;            ///< the only one, while there is no crowd
    std::unique_ptr<Crowd> crowd_;  ///< two subscriptions or more
    mutable std::atomic<std::uint32_t> turn_{0};
    std::uint32_t group_position_ = 0;
    std::uint16_t text_bytes_;
    bool is_shared_;
    bool is_exact_;
};

}  // namespace holdfast::router
