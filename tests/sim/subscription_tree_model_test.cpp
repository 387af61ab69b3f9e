// SubscriptionTree beside a model that is slow and obvious: a map of filters to subscribers, and
// topic_matches() asked for each of them.

#include "base/topic.hpp"
#include "router/subscription_tree.hpp"
#include "support/fake_subscriber.hpp"
#include "support/random_topics.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

using boost::unit_test::label;
using holdfast::router::Filter;
using holdfast::router::Matches;
using holdfast::router::Subscription;
using holdfast::router::SubscriptionTree;
using test_support::FakeSubscriber;
using test_support::RandomTopics;

class World {
public:
    World(std::uint64_t seed, std::size_t subscriber_count) : random_(seed), tree_(seed) {
        for (std::uint64_t number = 1; number <= subscriber_count; ++number) {
            subscribers_.emplace_back(number);
        }
    }

    void step() {
        const std::size_t choice = random_.below(100);
        if (choice < growth_percent_) {
            subscribe();
        } else if (choice < 60) {
            unsubscribe();
        } else if (choice < 95) {
            publish(random_.chance(3) ? "$share/g/a" : random_.name());
        } else if (choice < 98) {
            subscribers_[random_.below(subscribers_.size())].is_online ^= true;
        } else {
            // Sometimes the tree grows, sometimes it is emptied to the last node.
            growth_percent_ = growth_percent_ == 40 ? 15 : 40;
        }
        BOOST_REQUIRE_EQUAL(tree_.filter_count(), model_.size());
        BOOST_REQUIRE_EQUAL(tree_.subscription_count(), subscription_count_);
    }

    void unsubscribe_everybody() {
        while (!model_.empty()) {
            const auto& [text, entries] = *model_.begin();
            unsubscribe(text, subscribers_[entries.begin()->first]);
        }
        publish("a/b");
        BOOST_REQUIRE_EQUAL(tree_.filter_count(), 0U);
        BOOST_REQUIRE_EQUAL(tree_.subscription_count(), 0U);
    }

private:
    using Texts = std::vector<std::string>;

    std::string random_filter() {
        std::string filter = random_.filter();
        if (!random_.chance(25)) return filter;
        return (random_.chance(50) ? "$share/g/" : "$share/h/") + filter;
    }

    FakeSubscriber& random_subscriber() { return subscribers_[random_.below(subscribers_.size())]; }

    void subscribe() {
        // One filter is everybody's favourite, so that its crowd gets and loses an index.
        const std::string text = random_.chance(30) ? "a/+" : random_filter();
        FakeSubscriber& subscriber = random_subscriber();
        const auto identifier = static_cast<std::uint32_t>(random_.below(1000));
        const auto outcome = tree_.subscribe(
            text, {.subscriber = &subscriber, .identifier = identifier, .options = {}});
        const auto position = static_cast<std::size_t>(subscriber.number()) - 1;
        const bool is_new = model_[text].insert_or_assign(position, identifier).second;
        if (is_new) ++subscription_count_;
        BOOST_REQUIRE_EQUAL(outcome.is_new, is_new);
        BOOST_REQUIRE_EQUAL(outcome.filter->text(), text);
        BOOST_REQUIRE(outcome.filter == tree_.find(text));
        check_members(*outcome.filter);
    }

    void unsubscribe() {
        if (model_.empty() || random_.chance(10))
            return unsubscribe(random_filter(), random_subscriber());
        auto filter = model_.begin();
        std::advance(filter, random_.below(model_.size()));
        auto entry = filter->second.begin();
        std::advance(entry, random_.below(filter->second.size()));
        unsubscribe(filter->first, subscribers_[entry->first]);
    }

    void unsubscribe(const std::string& text, FakeSubscriber& subscriber) {
        const auto position = static_cast<std::size_t>(subscriber.number()) - 1;
        const auto held = model_.find(text);
        const bool was_there = held != model_.end() && held->second.erase(position) > 0;
        if (was_there) --subscription_count_;
        const Filter* filter = tree_.find(text);
        BOOST_REQUIRE_EQUAL(filter != nullptr, held != model_.end());
        const bool by_text = filter == nullptr || random_.chance(50);
        BOOST_REQUIRE_EQUAL(
            by_text ? tree_.unsubscribe(text, subscriber) : tree_.unsubscribe(*filter, subscriber),
            was_there);
        if (held == model_.end()) return;
        if (held->second.empty()) {
            BOOST_REQUIRE(tree_.find(text) == nullptr);
            model_.erase(held);  // and `text` may be its key
        } else {
            check_members(*tree_.find(text));
        }
    }

    /// The filter holds exactly the model's subscribers, with the identifiers they gave last.
    void check_members(const Filter& filter) const {
        const auto& expected = model_.at(std::string(filter.text()));
        BOOST_REQUIRE_EQUAL(filter.subscriptions().size(), expected.size());
        for (const auto& [position, identifier] : expected) {
            const Subscription* held = SubscriptionTree::find(filter, subscribers_[position]);
            BOOST_REQUIRE(held != nullptr);
            BOOST_REQUIRE(held->subscriber == &subscribers_[position]);
            BOOST_REQUIRE_EQUAL(held->identifier, identifier);
        }
    }

    void publish(const std::string& topic) {
        Texts expected;
        for (const auto& [text, entries] : model_) {
            const auto shared = holdfast::parse_shared_filter(text, 128);
            if (holdfast::topic_matches(shared ? shared->filter : text, topic)) {
                expected.push_back(text);
            }
        }
        matches_.clear();
        tree_.match(topic, matches_);
        Texts found;
        for (const Filter* filter : matches_.filters) {
            BOOST_REQUIRE(!filter->is_shared());
            found.emplace_back(filter->text());
        }
        for (const Filter* group : matches_.groups) {
            BOOST_REQUIRE(group->is_shared());
            found.emplace_back(group->text());
            check_choice(*group);
        }
        std::ranges::sort(found);
        BOOST_REQUIRE_EQUAL_COLLECTIONS(found.begin(), found.end(), expected.begin(),
                                        expected.end());
    }

    void check_choice(const Filter& group) {
        const FakeSubscriber* except = random_.chance(30) ? &random_subscriber() : nullptr;
        std::size_t candidates = 0;
        std::size_t connected = 0;
        for (const auto& [position, identifier] : model_.at(std::string(group.text()))) {
            if (&subscribers_[position] == except) continue;
            ++candidates;
            if (subscribers_[position].is_online) ++connected;
        }
        const Subscription* chosen = SubscriptionTree::choose_member(group, except);
        BOOST_REQUIRE_EQUAL(chosen != nullptr, candidates > 0);
        if (chosen == nullptr) return;
        BOOST_REQUIRE(chosen->subscriber != except);
        BOOST_REQUIRE_EQUAL(chosen->subscriber->is_connected(), connected > 0);
    }

    RandomTopics random_;
    std::deque<FakeSubscriber> subscribers_;
    SubscriptionTree tree_;
    Matches matches_;
    /// Filter to subscriber's position to Subscription Identifier.
    std::map<std::string, std::map<std::size_t, std::uint32_t>> model_;
    std::size_t subscription_count_ = 0;
    std::size_t growth_percent_ = 40;
};

void run(std::uint64_t seed, std::uint64_t steps, std::size_t subscriber_count) {
    World world{seed, subscriber_count};
    for (std::uint64_t i = 0; i < steps; ++i) {
        BOOST_TEST_CONTEXT("step " << i) { world.step(); }
    }
    world.unsubscribe_everybody();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_tree_model)

BOOST_AUTO_TEST_CASE(tree_agrees_with_the_model,
                     *label("MQTT5-3.3.2-3") * label("MQTT3-3.3.2-3") * label("MQTT5-4.7.2-1") *
                         label("MQTT3-4.7.2-1") * label("MQTT5-3.8.4-3") *
                         label("MQTT5-3.10.4-1")) {
    const std::uint64_t seed = test_support::number_from_environment("HOLDFAST_SEED", 1);
    const std::uint64_t steps = test_support::number_from_environment("HOLDFAST_STEPS", 20'000);
    BOOST_TEST_CONTEXT(test_support::repeat_command("subscription_tree_model", seed, steps)) {
        run(seed, steps, 3);
        run(seed, steps, 80);
    }
}

BOOST_AUTO_TEST_SUITE_END()
