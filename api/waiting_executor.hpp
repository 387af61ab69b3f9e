#pragma once
// WaitingExecutor: for who asks the catalogue before the server's threads run, and can wait for the answer:
// nobody else is there to be kept waiting.
// Threads: anybody posts; one thread runs.

#include "store/store.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

namespace holdfast::api {

/// Runs the one answer that its thread waits for.
class WaitingExecutor final : public store::Executor {
public:
    void post(std::function<void()> task) override {
        const std::scoped_lock lock{mutex_};
        tasks_.push_back(std::move(task));
        posted_.notify_one();
    }

    void run_one() {
        std::unique_lock lock{mutex_};
        posted_.wait(lock, [this] { return !tasks_.empty(); });
        const std::function<void()> task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
    }

private:
    std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<std::function<void()>> tasks_;
};

}  // namespace holdfast::api
