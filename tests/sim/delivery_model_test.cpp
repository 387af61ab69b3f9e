// Random lives of a device's queue beside DeliveryModel: posts of every kind, sessions that come, go, end
// and replace each other, answers and refusals, subscriptions, cancelled messages, time, and a process
// that ends at any step. After each step what the device received is legal and in order, DUP is where it
// must be and nowhere else, and the accounting equation holds; at the end nothing is owed.

#include "sim/delivery_model.hpp"
#include "support/device_world.hpp"
#include "support/random_topics.hpp"
#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <sstream>

namespace {

using namespace holdfast;
using sim::DeliveryModel;
using test_support::DeviceWorld;
using test_support::FakeDevice;
using test_support::RandomTopics;

constexpr std::size_t sessions = 2;
constexpr std::uint64_t steps_of_life = 400;
const std::string user_filter = "$oc/devices/pump-7/user/#";

delivery::DeliverySettings settings() {
    return {.device_queue_messages_max = 10'000, .finished_messages_max = 100'000};
}

class Run {
public:
    explicit Run(std::uint64_t seed) : random_(seed), world_(settings()) {
        for (auto& device : devices_) device = std::make_unique<FakeDevice>(world_);
    }

    void step() {
        const std::size_t choice = random_.below(100);
        if (choice < 30) {
            post();
        } else if (choice < 42) {
            acknowledge();
        } else if (choice < 52) {
            come();
        } else if (choice < 57) {
            go();
        } else if (choice < 60) {
            end();
        } else if (choice < 66) {
            subscribe();
        } else if (choice < 70) {
            cancel();
        } else if (choice < 76) {
            pass_time();
        } else if (choice < 79) {
            restart();
        } else if (choice < 90) {
            for (std::size_t i = random_.below(6); i > 0; --i) run_one();
        } else {
            settle();
            check_one();
        }
        read();
    }

    /// The device comes back with everything subscribed and answers until nothing is left.
    void finish() {
        settle();
        attach(0, QoS::at_least_once);
        devices_[0]->quota = 1'000;
        for (bool has_moved = true; has_moved;) {
            settle();
            const std::vector<std::string> open = model_.in_flight(0);
            has_moved = !open.empty();
            for (const std::string& id : open) model_.acknowledge(id, false);
            devices_[0]->acknowledge_all();
        }
        settle();
        BOOST_TEST(!model_.owed().has_value());
        for (const auto& message : model_.messages()) check(message);
        BOOST_TEST(world_.delivery->levels().waiting_messages == 0U);
    }

private:
    [[nodiscard]] FakeDevice* attached() {
        for (auto& device : devices_) {
            if (device->is_attached) return device.get();
        }
        return nullptr;
    }
    void run_one() {
        if (world_.executor.waiting() > 0) world_.executor.run_one();
        read();
    }
    /// Everything that can happen now has happened.
    void settle() {
        world_.run();
        read();
        while (FakeDevice* const device = attached()) {
            const std::size_t before = device->in_flight.size();
            device->pull();
            read();
            world_.run();
            read();
            if (device->in_flight.size() != before) continue;
            if (device->in_flight.size() < device->quota) {
                BOOST_REQUIRE_MESSAGE(!model_.owed(), model_.owed().value_or("") << " does not come");
            }
            break;
        }
    }
    void read() {
        for (std::size_t session = 0; session < sessions; ++session) {
            std::istringstream tokens{devices_[session]->received()};
            for (std::string token; tokens >> token;) {
                const std::string wrong = model_.receive(session, token, world_.clock.current);
                BOOST_REQUIRE_MESSAGE(wrong.empty(), wrong);
            }
        }
    }

    void post() {
        if (random_.chance(10) && !model_.messages().empty()) return post_again();
        DeliveryModel::Message expected;
        expected.id = "m" + std::to_string(next_++);
        expected.is_user_topic = random_.chance(30);
        expected.is_only_now = random_.chance(10);
        delivery::DeviceMessage message = DeviceWorld::message(expected.id);
        if (expected.is_user_topic) {
            message.topic_kind = delivery::TopicKind::user;
            message.topic = "$oc/devices/pump-7/user/config";
        }
        constexpr std::array ttls{300, 600, 86'400};
        message.ttl = Seconds{expected.is_only_now ? 0 : ttls[random_.below(ttls.size())]};
        expected.expires_at = world_.clock.current + message.ttl;
        model_.accept(expected);
        posts_.emplace_back(expected.id, world_.post(std::move(message)));
    }
    /// An application that did not see the answer.
    void post_again() {
        const auto& first = model_.messages()[random_.below(model_.messages().size())];
        if (first.state == DeliveryModel::State::cancelled || first.is_only_now) return;
        settle();
        const auto view = world_.view_of(first.id);
        BOOST_REQUIRE_MESSAGE(view.has_value(), first.id);
        world_.post(view->message);
    }
    void acknowledge() {
        FakeDevice* const device = attached();
        if (device == nullptr || device->in_flight.empty()) return;
        const bool is_refusal = random_.chance(10);
        model_.acknowledge(device->in_flight.front().content, is_refusal);
        device->acknowledge(is_refusal ? 0x80 : 0);
        device->pull();
    }
    void come() {
        constexpr std::array<std::optional<QoS>, 3> qos{std::nullopt, QoS::at_most_once,
                                                        QoS::at_least_once};
        attach(random_.below(sessions), qos[random_.below(qos.size())]);
    }
    void attach(std::size_t session, std::optional<QoS> user_qos) {
        FakeDevice& device = *devices_[session];
        for (auto& other : devices_) {
            if (other.get() != &device) other->is_attached = false;
        }
        device.quota = random_.chance(50) ? 3 : 1'000;
        model_.user_qos = user_qos;
        model_.attach(session);
        std::vector<delivery::FeedSubscription> subscriptions;
        if (user_qos) subscriptions.push_back({user_filter, *user_qos});
        device.resume(std::move(subscriptions));
    }
    void go() {
        FakeDevice* const device = attached();
        if (device == nullptr) return;
        model_.detach();
        device->detach();
    }
    void end() {
        const std::size_t session = random_.below(sessions);
        model_.end(session);
        devices_[session]->end();
    }
    void subscribe() {
        FakeDevice* const device = attached();
        if (device == nullptr) return;
        if (random_.chance(30)) {
            model_.user_qos.reset();
            device->unsubscribe(user_filter);
            return;
        }
        model_.user_qos = random_.chance(30) ? QoS::at_most_once : QoS::at_least_once;
        device->subscribe(user_filter, *model_.user_qos);
    }
    void cancel() {
        if (model_.messages().empty()) return;
        settle();
        const std::string id = model_.messages()[random_.below(model_.messages().size())].id;
        const bool was_there = model_.find(id)->state != DeliveryModel::State::cancelled;
        BOOST_TEST(world_.cancel(id) == was_there, id);
        model_.cancel(id);
    }
    void pass_time() {
        // A post that waits for its queue to be loaded is accepted, and its ttl begins, when it is.
        settle();
        constexpr std::array seconds{1, 60, 299, 400};
        const Instant until =
            world_.clock.current + Seconds{seconds[random_.below(seconds.size())]};
        while (world_.clock.current < until) {
            const Instant next = std::min(until, world_.delivery->next_deadline());
            world_.advance(std::max(next - world_.clock.current, Milliseconds{0}));
            read();
            model_.pass_time(world_.clock.current);
        }
    }
    void restart() {
        read();
        model_.restart();
        world_.restart();
        for (const auto& [id, post] : posts_) {
            if (!world_.outcomes[post] && !world_.view_of(id)) model_.forget(id);
        }
        posts_.clear();
        model_.pass_time(world_.clock.current);
    }
    void check_one() {
        if (model_.messages().empty()) return;
        check(model_.messages()[random_.below(model_.messages().size())]);
    }
    void check(const DeliveryModel::Message& message) {
        const auto view = world_.view_of(message.id);
        const std::string status = view ? std::string{to_string(view->status)} : "none";
        BOOST_TEST(model_.is_legal(message, status), message.id << " is " << status);
    }

    RandomTopics random_;
    DeviceWorld world_;
    DeliveryModel model_;
    std::array<std::unique_ptr<FakeDevice>, sessions> devices_;
    std::vector<std::pair<std::string, std::size_t>> posts_;
    std::size_t next_ = 1;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(delivery_model)

BOOST_AUTO_TEST_CASE(random_lives_of_a_device_queue_are_those_of_the_model) {
    const std::uint64_t seed = test_support::number_from_environment("HOLDFAST_SEED", 1);
    const std::uint64_t steps = test_support::number_from_environment("HOLDFAST_STEPS", 20'000);
    BOOST_TEST_CONTEXT(test_support::repeat_command("delivery_model", seed, steps)) {
        for (std::uint64_t life = 0; life < steps / steps_of_life; ++life) {
            BOOST_TEST_CONTEXT("life " << life) {
                Run run{seed * 1'000 + life};
                for (std::uint64_t i = 0; i < steps_of_life; ++i) run.step();
                run.finish();
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
