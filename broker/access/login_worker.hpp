#pragma once
// LoginWorker: the thread that compares passwords of MQTT clients with their hashes, because that is made to
// be slow and would keep every connection of a shard waiting. One at a time: guessing gets no more of the
// machine than that.
// Threads: submit() by any; a task runs on the worker's. The destructor waits for the one that runs; those
// that wait are not run.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace holdfast::access {

class LoginWorker {
public:
    /// At once, the one that runs included.
    static constexpr std::size_t tasks_max = 64;

    LoginWorker();
    ~LoginWorker() = default;
    LoginWorker(const LoginWorker&) = delete;
    LoginWorker& operator=(const LoginWorker&) = delete;

    /// False: too many wait, and it will not run.
    [[nodiscard]] bool submit(std::function<void()> task);

private:
    void run(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any has_tasks_;
    std::deque<std::function<void()>> tasks_;
    std::size_t running_ = 0;
    std::jthread thread_;  ///< last: it uses the others
};

}  // namespace holdfast::access
