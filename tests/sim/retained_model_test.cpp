// RetainedMessages and their cursors beside a model that is slow and obvious: a map of topics to
// messages, and topic_matches() asked for each of them. Messages change, expire and go between the
// steps of cursors.

#include "base/limits.hpp"
#include "base/topic.hpp"
#include "router/retained.hpp"
#include "support/random_topics.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using boost::unit_test::label;
using holdfast::ApplicationMessage;
using holdfast::Instant;
using holdfast::MessagePtr;
using holdfast::Milliseconds;
using holdfast::router::RetainedCursor;
using holdfast::router::RetainedMessages;
using holdfast::router::RetainOutcome;
using test_support::RandomTopics;

constexpr std::size_t walks_max = 20;

class World {
public:
    World(std::uint64_t seed, std::size_t messages_max)
        : random_(seed), messages_max_(messages_max), retained_(messages_max, seed) {}

    void step() {
        const std::size_t choice = random_.below(100);
        if (choice < 40) {
            set();
        } else if (choice < 50 && walks_.size() < walks_max) {
            open_cursor();
        } else if (choice < 85) {
            if (!walks_.empty()) advance(random_.below(walks_.size()));
        } else if (choice < 97) {
            find();
        } else if (choice < 99) {
            now_ += Milliseconds{static_cast<std::int64_t>(random_.below(20))};
        } else {
            sweep();
        }
        check_totals();
    }

private:
    /// A cursor, and what it still owes: a message leaves the list when it is given out, replaced,
    /// cleared or swept. What expires is owed to nobody, but may still be in the list.
    struct Walk {
        RetainedCursor cursor;
        std::map<std::string, MessagePtr> owed;
    };

    MessagePtr random_message() {
        const bool is_empty = random_.chance(30);
        const bool expires = random_.chance(30);
        const auto lifetime = Milliseconds{static_cast<std::int64_t>(random_.below(100))};
        const std::string topic = random_.name();
        const std::string payload(is_empty ? 0 : 1 + random_.below(20), 'x');
        holdfast::MessageParts parts;
        parts.topic = topic;
        parts.payload = holdfast::as_bytes(payload);
        parts.retain = true;
        if (expires) parts.expires_at = now_ + lifetime;
        return ApplicationMessage::create(parts);
    }

    void set() {
        const MessagePtr message = random_message();
        const std::string topic{message->topic()};
        const bool was_there = model_.contains(topic);
        RetainOutcome expected = was_there ? RetainOutcome::replaced : RetainOutcome::stored;
        if (message->payload().empty()) {
            expected = was_there ? RetainOutcome::cleared : RetainOutcome::nothing_to_clear;
            forget(topic);
        } else if (!was_there && model_.size() >= messages_max_) {
            expected = RetainOutcome::refused;
        } else {
            forget(topic);
            model_[topic] = message;
        }
        BOOST_REQUIRE(retained_.set(message) == expected);
    }

    void forget(const std::string& topic) {
        model_.erase(topic);
        for (Walk& walk : walks_) walk.owed.erase(topic);
    }

    void open_cursor() {
        const std::string filter = random_.filter();
        Walk walk{retained_.open(filter), {}};
        for (const auto& [topic, message] : model_) {
            if (holdfast::topic_matches(filter, topic)) walk.owed.emplace(topic, message);
        }
        walks_.push_back(std::move(walk));
    }

    void advance(std::size_t index) {
        Walk& walk = walks_[index];
        for (std::size_t steps = 1 + random_.below(5); steps > 0; --steps) {
            const MessagePtr message = retained_.next(walk.cursor, now_);
            if (!message) {
                check_end(walk);
                walks_.erase(walks_.begin() + static_cast<std::ptrdiff_t>(index));
                return;
            }
            check_owed(walk, message);
            walk.owed.erase(std::string(message->topic()));
        }
    }

    void check_end(const Walk& walk) const {
        for (const auto& [topic, owed] : walk.owed) {
            BOOST_REQUIRE_MESSAGE(owed->is_expired(now_), topic << " is still owed");
        }
    }

    void check_owed(const Walk& walk, const MessagePtr& message) const {
        const auto owed = walk.owed.find(std::string(message->topic()));
        BOOST_REQUIRE_MESSAGE(owed != walk.owed.end(), message->topic()
                                                           << " for " << walk.cursor.filter);
        BOOST_REQUIRE(owed->second == message);
        BOOST_REQUIRE(!message->is_expired(now_));
    }

    void find() {
        const std::string topic = random_.name();
        const auto held = model_.find(topic);
        const bool expected = held != model_.end() && !held->second->is_expired(now_);
        BOOST_REQUIRE(retained_.find(topic, now_) == (expected ? held->second : nullptr));
    }

    void sweep() {
        std::size_t expected = 0;
        for (auto entry = model_.begin(); entry != model_.end();) {
            const std::string topic = (entry++)->first;
            if (!model_.at(topic)->is_expired(now_)) continue;
            forget(topic);
            ++expected;
        }
        // Each call stops after a few, goes on where it was, and all of them see everything.
        std::size_t removed = 0;
        const std::size_t count = retained_.count();
        for (std::size_t visited = 0; visited < count; visited += 7) {
            removed += retained_.remove_expired(now_, 7);
        }
        BOOST_REQUIRE_EQUAL(removed, expected);
    }

    void check_totals() const {
        std::size_t bytes = 0;
        for (const auto& [topic, message] : model_) bytes += message->footprint();
        BOOST_REQUIRE_EQUAL(retained_.count(), model_.size());
        BOOST_REQUIRE_EQUAL(retained_.bytes(), bytes);
    }

    RandomTopics random_;
    std::size_t messages_max_;
    RetainedMessages retained_;
    std::map<std::string, MessagePtr> model_;
    std::vector<Walk> walks_;
    Instant now_{};
};

void run(std::uint64_t seed, std::uint64_t steps, std::size_t messages_max) {
    World world{seed, messages_max};
    for (std::uint64_t i = 0; i < steps; ++i) {
        BOOST_TEST_CONTEXT("step " << i) { world.step(); }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(retained_model)

BOOST_AUTO_TEST_CASE(retained_messages_and_cursors_agree_with_the_model,
                     *label("MQTT5-3.3.1-5") * label("MQTT3-3.3.1-5") * label("MQTT5-3.3.1-6") *
                         label("MQTT3-3.3.1-6") * label("MQTT5-4.7.2-1") * label("MQTT3-4.7.2-1")) {
    const std::uint64_t seed = test_support::number_from_environment("HOLDFAST_SEED", 1);
    const std::uint64_t steps = test_support::number_from_environment("HOLDFAST_STEPS", 20'000);
    BOOST_TEST_CONTEXT(test_support::repeat_command("retained_model", seed, steps)) {
        run(seed, steps, 20);
        run(seed, steps, holdfast::unlimited);
    }
}

BOOST_AUTO_TEST_SUITE_END()
