// Micro benchmarks of the memory store and of the commit log, run by hand:
//   build/release/bench/micro_store --benchmark_min_time=0.5
// The log is written to a folder below the system's temporary one, or below HOLDFAST_BENCH_DIRECTORY, and
// does its rounds on the measured thread, so that the CPU shown is all there is.
// One message is an append and later its settlement, a batch each, the append answered, over 1,000
// queues; the argument is how many wait meanwhile. `bytes` is heap per waiting message.

#include "delivery/message_record.hpp"
#include "store/log_store.hpp"
#include "store/memory_store.hpp"
#include "store/posix_directory.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
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

// --- The commit log

constexpr std::uint64_t log_queues = 10'000;

std::string log_folder() {
    const char* chosen = std::getenv("HOLDFAST_BENCH_DIRECTORY");
    const auto parent =
        chosen == nullptr ? std::filesystem::temp_directory_path() : std::filesystem::path(chosen);
    return parent / "holdfast-micro-store";
}

/// A log on the disk; its rounds are done by whoever asks.
class Log {
public:
    explicit Log(bool is_fresh) {
        if (is_fresh) std::filesystem::remove_all(log_folder());
        directory_ = *store::open_posix_directory(log_folder());
        options_.has_thread = false;
        reopen();
    }
    void reopen() {
        log_.reset();
        store::OpenReport report;
        log_ = *store::LogStore::open(*directory_, options_, report);
    }
    void append(std::uint64_t number, store::ValuePtr value) {
        store::Batch batch;
        batch.append(store::QueueId{number % log_queues + 1},
                     store::Position{number / log_queues + 1}, std::move(value));
        log_->commit(std::move(batch), executor_, [this](std::error_code) { ++answers_; });
    }
    void settle(std::uint64_t number) {
        store::Batch batch;
        batch.settle(store::QueueId{number % log_queues + 1},
                     store::Position{number / log_queues + 1});
        log_->commit(std::move(batch), executor_, [this](std::error_code) { ++answers_; });
    }
    void round() {
        (void)log_->run_round();
        executor_.end_turn();
    }
    [[nodiscard]] store::LogStore& store() { return *log_; }
    [[nodiscard]] TurnExecutor& executor() { return executor_; }

private:
    std::unique_ptr<store::Directory> directory_;
    store::LogStoreOptions options_;
    TurnExecutor executor_;
    std::unique_ptr<store::LogStore> log_;
    std::uint64_t answers_ = 0;
};

store::ValuePtr bytes_value() {
    return std::make_shared<store::BytesValue>(store::Bytes(200, std::byte{'x'}));
}

/// An append of 200 bytes, answered; the argument is how many go with one sync.
void append_to_a_log(benchmark::State& state) {
    Log log{true};
    const auto per_sync = static_cast<std::uint64_t>(state.range(0));
    std::uint64_t number = 0;
    for (auto _ : state) {
        log.append(number++, bytes_value());
        if (number % per_sync == 0) log.round();
    }
    state.SetItemsProcessed(state.iterations());
    const store::StoreFigures figures = log.store().figures();
    state.counters["index"] =
        static_cast<double>(figures.index_bytes) / static_cast<double>(number);
}
BENCHMARK(append_to_a_log)->Arg(256)->Arg(4096)->Iterations(1 << 19)->UseRealTime();

/// An append and, 10,000 messages later, its settlement; segments are used again.
void append_and_settle_in_a_log(benchmark::State& state) {
    Log log{true};
    const auto per_sync = static_cast<std::uint64_t>(state.range(0));
    std::uint64_t number = 0;
    for (auto _ : state) {
        log.append(number, bytes_value());
        if (number >= log_queues) log.settle(number - log_queues);
        if (++number % per_sync == 0) log.round();
    }
    state.SetItemsProcessed(state.iterations());
    const store::StoreFigures figures = log.store().figures();
    state.counters["disk_mb"] = static_cast<double>(figures.disk_bytes) / 1e6;
}
BENCHMARK(append_and_settle_in_a_log)->Arg(256)->Arg(4096)->Iterations(1 << 19)->UseRealTime();

/// Settled in the same breath: nothing is written.
void append_and_settle_before_the_round(benchmark::State& state) {
    Log log{true};
    std::uint64_t number = 0;
    for (auto _ : state) {
        log.append(number, bytes_value());
        log.settle(number);
        if (++number % 256 == 0) log.round();
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["written"] = static_cast<double>(log.store().figures().bytes_written);
}
BENCHMARK(append_and_settle_before_the_round)->Iterations(1 << 19)->UseRealTime();

/// A start with 1,000,000 waiting messages over 10,000 queues: 0 from a snapshot, 1 from the log alone.
void start_with_a_million(benchmark::State& state) {
    constexpr std::uint64_t messages = 1'000'000;
    {
        Log log{true};
        for (std::uint64_t number = 0; number < messages; ++number) {
            log.append(number, bytes_value());
            if (number % 4096 == 0) log.round();
        }
        log.round();
    }
    if (state.range(0) == 1) {
        for (const auto& entry : std::filesystem::directory_iterator(log_folder())) {
            const std::string name = entry.path().filename();
            if (name.starts_with("snapshot")) std::filesystem::remove(entry.path());
        }
    }
    const auto directory = *store::open_posix_directory(log_folder());
    for (auto _ : state) {
        store::LogStoreOptions options;
        options.has_thread = false;
        store::OpenReport report;
        auto log = *store::LogStore::open(*directory, options, report);
        state.PauseTiming();
        const store::StoreFigures figures = log->figures();
        state.counters["index"] =
            static_cast<double>(figures.index_bytes) / static_cast<double>(messages);
        state.counters["records"] = static_cast<double>(log->total().records);
        log.reset();
        state.ResumeTiming();
    }
}
BENCHMARK(start_with_a_million)
    ->Arg(0)
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);

/// A page of 100 messages of one queue, between which lie those of 9,999 others.
void read_a_page_of_a_log(benchmark::State& state) {
    Log log{true};
    for (std::uint64_t number = 0; number < 100 * log_queues; ++number) {
        log.append(number, bytes_value());
        if (number % 4096 == 0) log.round();
    }
    log.round();
    std::uint64_t queue = 0;
    std::size_t records = 0;
    for (auto _ : state) {
        log.store().read_queue(
            store::QueueId{queue++ % log_queues + 1}, store::before_first, {}, log.executor(),
            [&](std::error_code, const store::QueuePage& page) { records += page.records.size(); });
        log.executor().end_turn();
    }
    state.counters["records"] =
        static_cast<double>(records) / static_cast<double>(state.iterations());
}
BENCHMARK(read_a_page_of_a_log)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
