#pragma once
// ManualExecutor: the executor of a test. What is posted waits until the test runs it, in order, on
// the thread that asks. Threads: anybody may post; one thread runs.

#include "store/store.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace test_support {

class ManualExecutor final : public holdfast::store::Executor {
public:
    void post(std::function<void()> task) override {
        const std::scoped_lock lock{mutex_};
        tasks_.push_back(std::move(task));
        posted_.notify_one();
    }

    [[nodiscard]] std::size_t waiting() const {
        const std::scoped_lock lock{mutex_};
        return tasks_.size();
    }
    /// Runs the oldest task, waiting for one to be posted.
    void run_one() {
        std::unique_lock lock{mutex_};
        posted_.wait(lock, [this] { return !tasks_.empty(); });
        const std::function<void()> task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
    }
    /// Runs tasks, waiting for them, until the condition holds.
    template <class Condition>
    void run_until(Condition&& holds) {
        while (!holds()) run_one();
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<std::function<void()>> tasks_;
};

}  // namespace test_support
