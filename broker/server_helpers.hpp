#pragma once
// Small things that only the composition root needs: how many threads and files, a random number, the answers
// of the store while nothing runs yet, and the door to a shard for handlers of HTTP. Threads: as each says.

#include "base/environment.hpp"
#include "config.hpp"
#include "base/turn.hpp"
#include "net/shard.hpp"
#include "processors.hpp"
#include "store/store.hpp"

#include <sys/resource.h>

#include <array>
#include <bit>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

namespace holdfast {

/// With as many threads as will be started.
inline Config with_threads(Config config) {
    config.threads = static_cast<unsigned>(
        thread_count(config.threads, available_processors(), config.oversubscribe));
    return config;
}

inline std::size_t descriptors_max() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
}

inline std::uint64_t random_number(Random& random) {
    std::array<std::uint8_t, 8> bytes{};
    random.fill(bytes);
    return std::bit_cast<std::uint64_t>(bytes);
}

/// Runs what the store posts, on the thread that waits for it.
class Errands final : public store::Executor {
public:
    void post(std::function<void()> task) override {
        const std::scoped_lock lock{mutex_};
        tasks_.push_back(std::move(task));
        has_tasks_.notify_one();
    }
    void finish(std::error_code result) { result_ = result; }

    /// Returns once finish() was called by a task.
    std::error_code run() {
        while (!result_) next()();
        return *std::exchange(result_, std::nullopt);
    }

    void run_one() { next()(); }

private:
    std::function<void()> next() {
        std::unique_lock lock{mutex_};
        has_tasks_.wait(lock, [this] { return !tasks_.empty(); });
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        return task;
    }

    std::mutex mutex_;
    std::condition_variable has_tasks_;
    std::deque<std::function<void()>> tasks_;
    std::optional<std::error_code> result_;
};

/// Lets handlers of HTTP in, on the thread of their shard.
class ShardGate final : public TurnGate {
public:
    explicit ShardGate(net::Shard& shard) : shard_(shard) {}
    void enter(const std::function<void(Turn&)>& act) override {
        act(shard_.enter());
        shard_.leave();
    }

private:
    net::Shard& shard_;
};

}  // namespace holdfast
