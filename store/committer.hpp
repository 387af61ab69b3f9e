#pragma once
// Committer: the thread that does the store's rounds. It runs `round` until that says there is nothing to
// do, then waits to be woken; or lets a moment pass in which more comes for the next one. Where the store
// wants to be told that time passes, a second thread calls `on_tick` once in `interval` and wakes the first.
//
// Threads: the only place of the store with any. wake() may be called by any thread and costs an atomic
// exchange while the thread is awake. Lifetime: the destructor lets the running round end and joins.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace holdfast::store {

class Committer {
public:
    /// What comes behind a round.
    enum class Next : std::uint8_t {
        wait,    ///< until somebody wakes it
        go_on,   ///< there is more to do
        gather,  ///< so many wait for each round that it is worth to let a few more come first: gather_time
    };
    using Round = std::function<Next()>;
    /// About what a sync takes. Nobody waits longer than that for the sake of others.
    static constexpr std::chrono::microseconds gather_time{250};

    struct Tick {
        std::chrono::milliseconds interval;
        std::function<void()> on_tick;
    };

    Committer(Round round, std::optional<Tick> tick);
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    void wake();

private:
    void run();
    void run_ticks(const Tick& tick);

    const Round round_;
    std::atomic<bool> is_woken_{false};
    std::mutex mutex_;
    std::condition_variable woken_;
    std::condition_variable stopped_;
    bool is_stopping_ = false;
    std::thread thread_;
    std::thread ticker_;
};

}  // namespace holdfast::store
