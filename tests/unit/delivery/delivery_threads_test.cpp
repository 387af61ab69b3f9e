// The engine under several threads, each with its own shard: posts, pulls, acknowledgements, views and
// takeovers of the same few devices at once. Nothing is lost, and ThreadSanitizer has something to watch.

#include "delivery/delivery.hpp"

#include "store/memory_store.hpp"
#include "support/device_world.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

using namespace holdfast;
using test_support::DeviceWorld;
using test_support::ManualExecutor;

namespace {

constexpr std::size_t threads = 3;
constexpr std::uint64_t devices = 4;
constexpr int posts_per_thread = 400;

class Silence final : public EventSink {
public:
    [[nodiscard]] bool wants(Severity) const override { return false; }
    void on_event(const Event&) override {}
};

/// A shard: its thread runs its tasks.
struct Shard {
    explicit Shard(std::uint32_t index) : turn(ShardIndex{index}, counters) {
        turn.executor = &executor;
        turn.now = Instant{Milliseconds{1'000'000}};
    }
    void run_some() {
        while (executor.waiting() > 0) executor.run_one();
    }
    Counters counters;
    ManualExecutor executor;
    Turn turn;
};

/// Takes and acknowledges, whichever thread tells it that there is something.
class BusyDevice final : public delivery::LiveSession {
public:
    explicit BusyDevice(delivery::DeviceFeedPtr feed) : feed_(std::move(feed)) {}
    ~BusyDevice() = default;

    void attach(Turn& turn) {
        const std::scoped_lock lock{mutex_};
        feed_->attach(*this, {}, turn);
    }
    void detach(Turn& turn) {
        const std::scoped_lock lock{mutex_};
        feed_->detach(*this, turn);
        for (const auto& item : std::exchange(in_flight_, {})) feed_->on_lost(item.position, turn);
    }
    void pump(Turn& turn) {
        const std::scoped_lock lock{mutex_};
        while (feed_->has_next()) {
            auto item = feed_->next(turn);
            if (!item) break;
            in_flight_.push_back(std::move(*item));
        }
        while (in_flight_.size() > 2) acknowledge(turn);
    }
    void finish(Turn& turn) {
        const std::scoped_lock lock{mutex_};
        while (!in_flight_.empty()) acknowledge(turn);
    }
    void on_feed_ready(Turn& turn) override { pump(turn); }

private:
    void acknowledge(Turn& turn) {
        feed_->on_acknowledged(in_flight_.front().position, 0, turn);
        in_flight_.pop_front();
    }
    void keep() const noexcept override { references_.fetch_add(1); }
    void let_go() const noexcept override { references_.fetch_sub(1); }

    std::mutex mutex_;  ///< the session's: taken before the queue's
    delivery::DeviceFeedPtr feed_;
    std::deque<delivery::FeedItem> in_flight_;
    mutable std::atomic<int> references_{0};
};

struct Everything {
    Everything() {
        for (std::uint32_t i = 0; i < threads; ++i) shards[i] = std::make_unique<Shard>(i);
        for (std::uint64_t i = 0; i < devices; ++i) {
            busy[i] = std::make_unique<BusyDevice>(engine.feed({i + 1, "device"}));
        }
    }
    /// What one thread does.
    void work(std::size_t index) {
        Shard& shard = *shards[index];
        for (int i = 0; i < posts_per_thread; ++i) {
            const std::uint64_t number = static_cast<std::uint64_t>(i) % devices;
            const std::string id = "m" + std::to_string(index) + "-" + std::to_string(i);
            engine.accept({number + 1, "device"}, DeviceWorld::message(id), shard.turn,
                          [this](const delivery::AcceptOutcome& outcome) {
                              if (std::holds_alternative<delivery::MessageView>(outcome)) ++kept;
                          });
            if (i % 16 == 0) busy[number]->attach(shard.turn);
            busy[number]->pump(shard.turn);
            if (i % 50 == 7) busy[number]->detach(shard.turn);
            if (i % 20 == 3) look(number, id, shard);
            engine.on_deadline(shard.turn);
            shard.run_some();
        }
    }
    void look(std::uint64_t number, const std::string& id, Shard& shard) {
        engine.find({number + 1, "device"}, id, shard.turn,
                    [](std::error_code, const std::optional<delivery::MessageView>&) {});
        engine.list({number + 1, "device"}, {}, shard.turn,
                    [](std::error_code, const delivery::ListPage&) {});
        static_cast<void>(engine.levels());
    }
    /// On one thread: until nothing waits any more.
    void drain() {
        Turn& turn = shards[0]->turn;
        for (auto& device : busy) device->attach(turn);
        for (int round = 0; round < 1'000 && engine.levels().waiting_messages > 0; ++round) {
            for (auto& device : busy) device->pump(turn);
            for (auto& device : busy) device->finish(turn);
            for (auto& shard : shards) shard->run_some();
        }
        for (auto& device : busy) device->detach(turn);
        turn.now += Seconds{1};  // posts that still wait for an acknowledgement are answered
        engine.on_deadline(turn);
        for (auto& shard : shards) shard->run_some();
    }
    [[nodiscard]] std::uint64_t total(Counter counter) const {
        std::uint64_t sum = 0;
        for (const auto& shard : shards) sum += shard->counters.get(counter);
        return sum;
    }

    delivery::DeliverySettings settings{.device_queue_messages_max = 100'000,
                                        .finished_messages_max = 50,
                                        .loaded_messages_max = 20};
    test_support::FakeClock clock;
    test_support::ContentComposer composer;
    Silence events;
    std::array<std::unique_ptr<Shard>, threads> shards;
    store::MemoryStore store;
    delivery::Delivery engine{{.store = store,
                               .settings = settings,
                               .clock = clock,
                               .events = events,
                               .composer = composer}};
    std::array<std::unique_ptr<BusyDevice>, devices> busy;
    std::atomic<int> kept{0};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(delivery_threads)

BOOST_AUTO_TEST_CASE(several_threads_share_the_devices_and_nothing_is_lost) {
    Everything world;
    std::array<std::thread, threads> workers;
    for (std::size_t i = 0; i < threads; ++i) {
        workers[i] = std::thread{[&world, i] { world.work(i); }};
    }
    for (std::thread& worker : workers) worker.join();
    world.drain();
    constexpr std::uint64_t posts = threads * posts_per_thread;
    BOOST_TEST(world.engine.levels().waiting_messages == 0U);
    BOOST_TEST(world.total(Counter::device_messages_accepted) == posts);
    BOOST_TEST(world.total(Counter::device_messages_delivered) == posts);
    BOOST_TEST(world.kept == static_cast<int>(posts));
}

BOOST_AUTO_TEST_SUITE_END()
