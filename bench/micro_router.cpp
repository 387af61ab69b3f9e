// Micro benchmarks of the topic index and the retained messages, run by hand:
//   build/release/bench/micro_router --benchmark_min_time=0.5
// Sizes are subscriptions or retained topics of other devices. `bytes` is heap per subscription or
// per retained message, the message included; tables, malloc's own share and slack are in it.

#include "base/limits.hpp"
#include "router/retained.hpp"
#include "router/subscription_tree.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdio>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using holdfast::ApplicationMessage;
using holdfast::Instant;
using holdfast::MessagePtr;
using holdfast::router::Matches;
using holdfast::router::RetainedCursor;
using holdfast::router::RetainedMessages;
using holdfast::router::Subscription;
using holdfast::router::SubscriptionTree;

class Nobody final : public holdfast::router::Subscriber {
public:
    [[nodiscard]] holdfast::SessionNumber number() const override {
        return holdfast::SessionNumber::none;
    }
    holdfast::router::DeliveryOutcome deliver(const MessagePtr&, const holdfast::router::Delivery&,
                                              holdfast::Turn&) override {
        return holdfast::router::DeliveryOutcome::accepted;
    }
    [[nodiscard]] bool is_connected() const override { return true; }
};

std::size_t heap_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

std::string text(const char* format, std::size_t number) {
    char buffer[64];
    const int size = std::snprintf(buffer, sizeof buffer, format, number);
    return {buffer, static_cast<std::size_t>(size)};
}

/// 30 characters.
std::string exact_filter(std::size_t device) { return text("devices/pump-%07zu/settings", device); }
std::string topic_of(std::size_t device) { return exact_filter(device); }

/// Half exact, the others with wildcards, among them one in ten for a whole device.
std::string mixed_filter(std::size_t device) {
    if (device % 2 == 0) return exact_filter(device);
    if (device % 10 == 1) return text("devices/pump-%07zu/#", device);
    return text("devices/pump-%07zu/+", device);
}

using MakeFilter = std::string (*)(std::size_t);

/// A tree is built once per kind and size, because a million takes its time.
struct Loaded {
    Loaded(MakeFilter make, std::size_t count) {
        const std::size_t before = heap_bytes();
        for (std::size_t i = 0; i < count; ++i) {
            tree.subscribe(make(i), {.subscriber = &nobody, .identifier = 0, .options = {}});
        }
        bytes = static_cast<double>(heap_bytes() - before) / static_cast<double>(count);
    }
    Nobody nobody;
    SubscriptionTree tree{1};
    double bytes = 0;
};

Loaded& loaded(MakeFilter make, std::size_t count) {
    static std::unique_ptr<Loaded> last;
    static MakeFilter last_make = nullptr;
    static std::size_t last_count = 0;
    if (!last || last_make != make || last_count != count) {
        last.reset();
        last = std::make_unique<Loaded>(make, count);
        last_make = make;
        last_count = count;
    }
    return *last;
}

/// Topics at random, in the order of their use.
std::vector<std::string> random_topics(std::size_t devices) {
    std::mt19937_64 engine{7};
    std::vector<std::string> topics;
    topics.reserve(1 << 16);
    for (int i = 0; i < 1 << 16; ++i) topics.push_back(topic_of(engine() % devices));
    return topics;
}

void match_topics(benchmark::State& state, const SubscriptionTree& tree,
                  const std::vector<std::string>& topics) {
    Matches matches;
    std::size_t next = 0;
    std::size_t found = 0;
    while (state.KeepRunning()) {
        matches.clear();
        tree.match(topics[next++ % topics.size()], matches);
        // What a publisher does with it: look who it is.
        for (const auto* filter : matches.filters) found += filter->subscriptions().size();
    }
    state.counters["matches"] =
        static_cast<double>(found) / static_cast<double>(state.iterations());
}

void match_among(benchmark::State& state, MakeFilter make) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const Loaded& world = loaded(make, count);
    match_topics(state, world.tree, random_topics(count));
    state.counters["bytes"] = world.bytes;
}

/// The publisher's own few topics, while others hold the subscriptions.
void match_few_topics_among(benchmark::State& state, MakeFilter make) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const Loaded& world = loaded(make, count);
    std::vector<std::string> topics = random_topics(count);
    topics.resize(100);
    match_topics(state, world.tree, topics);
}

void match_nothing_among(benchmark::State& state, MakeFilter make) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const Loaded& world = loaded(make, count);
    std::vector<std::string> topics = random_topics(count);
    for (std::string& topic : topics) topic += "/none";
    match_topics(state, world.tree, topics);
}

void subscribe_and_unsubscribe(benchmark::State& state, MakeFilter make) {
    const auto count = static_cast<std::size_t>(state.range(0));
    Loaded& world = loaded(make, count);
    std::size_t next = count;
    while (state.KeepRunning()) {
        const std::string filter = make(next++);
        const Subscription subscription{
            .subscriber = &world.nobody, .identifier = 0, .options = {}};
        const auto subscribed = world.tree.subscribe(filter, subscription);
        world.tree.unsubscribe(*subscribed.filter, world.nobody);
    }
}

/// All of a crowd subscribe to one filter, then all leave; time per device.
void storm_on_one_filter(benchmark::State& state) {
    std::deque<Nobody> devices(static_cast<std::size_t>(state.range(0)));
    while (state.KeepRunning()) {
        SubscriptionTree tree{1};
        for (Nobody& device : devices) {
            tree.subscribe("all/devices", {.subscriber = &device, .identifier = 0, .options = {}});
        }
        for (Nobody& device : devices) tree.unsubscribe("all/devices", device);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

MessagePtr retained_message(std::size_t device) {
    static const std::string payload(200, 'x');
    const std::string topic = text("site-%03zu", device % 1000) + text("/pump-%07zu/state", device);
    holdfast::MessageParts parts;
    parts.topic = topic;
    parts.payload = holdfast::as_bytes(payload);
    parts.retain = true;
    return ApplicationMessage::create(parts);
}

struct LoadedRetained {
    explicit LoadedRetained(std::size_t count) {
        const std::size_t before = heap_bytes();
        for (std::size_t i = 0; i < count; ++i) retained.set(retained_message(i));
        bytes = static_cast<double>(heap_bytes() - before) / static_cast<double>(count);
    }
    RetainedMessages retained{holdfast::unlimited, 1};
    double bytes = 0;
};

LoadedRetained& loaded_retained(std::size_t count) {
    static std::unique_ptr<LoadedRetained> last;
    if (!last || last->retained.count() != count) {
        last.reset();
        last = std::make_unique<LoadedRetained>(count);
    }
    return *last;
}

void retained_insert(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    LoadedRetained& world = loaded_retained(count);
    std::mt19937_64 engine{7};
    while (state.KeepRunning()) {
        state.PauseTiming();
        const MessagePtr added = retained_message(count + engine() % count);
        holdfast::MessageParts parts;
        parts.topic = added->topic();
        const MessagePtr cleared = ApplicationMessage::create(parts);
        state.ResumeTiming();
        world.retained.set(added);
        world.retained.set(cleared);
    }
    state.counters["bytes"] = world.bytes;
}

void retained_replace(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    LoadedRetained& world = loaded_retained(count);
    std::mt19937_64 engine{7};
    std::vector<MessagePtr> messages;
    messages.reserve(1 << 16);
    for (int i = 0; i < 1 << 16; ++i) messages.push_back(retained_message(engine() % count));
    std::size_t next = 0;
    while (state.KeepRunning()) world.retained.set(messages[next++ % messages.size()]);
}

/// A whole walk: open, every match, the end.
void retained_walk(benchmark::State& state, MakeFilter make) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const LoadedRetained& world = loaded_retained(count);
    std::mt19937_64 engine{7};
    std::size_t found = 0;
    while (state.KeepRunning()) {
        RetainedCursor cursor = world.retained.open(make(engine() % count));
        while (world.retained.next(cursor, Instant{})) ++found;
    }
    state.counters["matches"] =
        static_cast<double>(found) / static_cast<double>(state.iterations());
}

std::string one_device(std::size_t device) {
    return text("site-%03zu", device % 1000) + text("/pump-%07zu/#", device);
}
std::string devices_of_site(std::size_t device) {
    return text("site-%03zu/+/state", device % 1000);
}
std::string device_at_any_site(std::size_t device) { return text("+/pump-%07zu/state", device); }
std::string everything(std::size_t) { return "#"; }

constexpr std::int64_t thousand = 1000;
constexpr std::int64_t million = 1'000'000;

BENCHMARK_CAPTURE(match_among, exact, exact_filter)
    ->Arg(thousand)
    ->Arg(100 * thousand)
    ->Arg(million);
BENCHMARK_CAPTURE(match_few_topics_among, exact, exact_filter)->Arg(million);
BENCHMARK_CAPTURE(match_nothing_among, exact, exact_filter)->Arg(million);
BENCHMARK_CAPTURE(subscribe_and_unsubscribe, exact, exact_filter)->Arg(million);
BENCHMARK_CAPTURE(match_among, mixed, mixed_filter)
    ->Arg(thousand)
    ->Arg(100 * thousand)
    ->Arg(million);
BENCHMARK_CAPTURE(match_few_topics_among, mixed, mixed_filter)->Arg(million);
BENCHMARK_CAPTURE(match_nothing_among, mixed, mixed_filter)->Arg(million);
BENCHMARK_CAPTURE(subscribe_and_unsubscribe, mixed, mixed_filter)->Arg(million);
BENCHMARK(storm_on_one_filter)->Arg(thousand)->Arg(100 * thousand);

BENCHMARK(retained_insert)->Arg(thousand)->Arg(million);
BENCHMARK(retained_replace)->Arg(thousand)->Arg(million);
BENCHMARK_CAPTURE(retained_walk, one_device, one_device)->Arg(million);
BENCHMARK_CAPTURE(retained_walk, devices_of_site, devices_of_site)->Arg(million);
BENCHMARK_CAPTURE(retained_walk, device_at_any_site, device_at_any_site)->Arg(million);
BENCHMARK_CAPTURE(retained_walk, everything, everything)
    ->Arg(million)
    ->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
