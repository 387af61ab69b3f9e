// Micro benchmarks of the memory store, run by hand:
//   build/release/bench/micro_store --benchmark_min_time=0.5
// One message is an append and later its settlement, a batch each, the append answered, over 1,000
// queues; the argument is how many wait meanwhile. `bytes` is heap per waiting message.

#include "delivery/message_record.hpp"
#include "store/memory_store.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace holdfast;

constexpr std::uint64_t queues = 1000;
constexpr std::uint64_t commits_per_turn = 64;
const WallOffset offset{Instant{}, WallTime{Milliseconds{1'700'000'000'000}}};

std::size_t heap_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/// The turn of a shard: what was posted runs at its end.
class TurnExecutor final : public store::Executor {
public:
    void post(std::function<void()> task) override { tasks_.push_back(std::move(task)); }
    void end_turn() {
        for (const auto& task : tasks_) task();
        tasks_.clear();
    }

private:
    std::vector<std::function<void()>> tasks_;
};

store::ValuePtr new_value() {
    static const std::string payload(200, 'x');
    MessageParts parts;
    parts.topic = "devices/pump-7/commands";
    parts.payload = as_bytes(payload);
    parts.qos = QoS::at_least_once;
    return delivery::make_message_value(ApplicationMessage::create(parts), offset);
}

class Traffic {
public:
    void append(store::ValuePtr value) {
        store::Batch batch;
        batch.append(queue_of(appended_), position_of(appended_), std::move(value));
        store_.commit(std::move(batch), executor_, [this](std::error_code) { ++answers_; });
        if (++appended_ % commits_per_turn == 0) executor_.end_turn();
    }
    void settle_oldest() {
        store::Batch batch;
        batch.settle(queue_of(settled_), position_of(settled_));
        store_.commit(std::move(batch), executor_, {});
        ++settled_;
    }

private:
    static store::QueueId queue_of(std::uint64_t number) { return store::QueueId{number % queues}; }
    static store::Position position_of(std::uint64_t number) {
        return store::Position{number / queues + 1};
    }

    store::MemoryStore store_;
    TurnExecutor executor_;
    std::uint64_t appended_ = 0;
    std::uint64_t settled_ = 0;
    std::uint64_t answers_ = 0;
};

void append_and_settle_one_value(benchmark::State& state) {
    Traffic traffic;
    const store::ValuePtr shared = new_value();
    for (std::int64_t i = 0; i < state.range(0); ++i) traffic.append(shared);
    for (auto _ : state) {
        traffic.append(shared);
        traffic.settle_oldest();
    }
}
BENCHMARK(append_and_settle_one_value)->Arg(0)->Arg(1000)->Arg(100'000);

/// With the message and its value made and destroyed too.
void append_and_settle_a_message_each(benchmark::State& state) {
    Traffic traffic;
    const std::size_t before = heap_bytes();
    for (std::int64_t i = 0; i < state.range(0); ++i) traffic.append(new_value());
    const auto bytes = static_cast<double>(heap_bytes() - before);
    if (state.range(0) > 1000)
        state.counters["bytes"] = bytes / static_cast<double>(state.range(0));
    for (auto _ : state) {
        traffic.append(new_value());
        traffic.settle_oldest();
    }
}
BENCHMARK(append_and_settle_a_message_each)->Arg(0)->Arg(1000)->Arg(100'000);

void make_a_message_and_its_value(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(new_value());
}
BENCHMARK(make_a_message_and_its_value);

void write_a_message_record(benchmark::State& state) {
    const store::ValuePtr value = new_value();
    store::Bytes bytes;
    for (auto _ : state) {
        bytes.clear();
        value->write_to(bytes);
        benchmark::DoNotOptimize(bytes.data());
    }
}
BENCHMARK(write_a_message_record);

void read_a_message_record(benchmark::State& state) {
    store::Bytes bytes;
    new_value()->write_to(bytes);
    for (auto _ : state) {
        benchmark::DoNotOptimize(delivery::decode_message_record(bytes, offset));
    }
}
BENCHMARK(read_a_message_record);

}  // namespace

BENCHMARK_MAIN();
