#include "access/login_worker.hpp"

#include <utility>

namespace holdfast::access {

LoginWorker::LoginWorker() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

bool LoginWorker::submit(std::function<void()> task) {
    const std::scoped_lock lock{mutex_};
    if (tasks_.size() + running_ >= tasks_max) return false;
    tasks_.push_back(std::move(task));
    has_tasks_.notify_one();
    return true;
}

void LoginWorker::run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    for (;;) {
        if (!has_tasks_.wait(lock, stop, [this] { return !tasks_.empty(); })) return;
        if (stop.stop_requested()) return;
        const std::function<void()> task = std::move(tasks_.front());
        tasks_.pop_front();
        running_ = 1;
        lock.unlock();
        task();
        lock.lock();
        running_ = 0;
    }
}

}  // namespace holdfast::access
