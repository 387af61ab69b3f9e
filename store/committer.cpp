#include "store/committer.hpp"

#include <utility>

namespace holdfast::store {

Committer::Committer(Round round, std::optional<Tick> tick)
    : round_(std::move(round)), thread_([this] { run(); }) {
    if (tick) ticker_ = std::thread([this, tick = *std::move(tick)] { run_ticks(tick); });
}

Committer::~Committer() {
    {
        const std::scoped_lock lock{mutex_};
        is_stopping_ = true;
    }
    woken_.notify_one();
    stopped_.notify_one();
    thread_.join();
    if (ticker_.joinable()) ticker_.join();
}

void Committer::wake() {
    if (is_woken_.exchange(true)) return;
    // The lock makes sure that the thread is either waiting or will look once more.
    { const std::scoped_lock lock{mutex_}; }
    woken_.notify_one();
}

void Committer::run() {
    std::unique_lock lock{mutex_};
    while (!is_stopping_) {
        lock.unlock();
        is_woken_ = false;
        const Next next = round_();
        lock.lock();
        if (next == Next::wait) {
            woken_.wait(lock, [this] { return is_woken_.load() || is_stopping_; });
        } else if (next == Next::gather) {
            stopped_.wait_for(lock, gather_time, [this] { return is_stopping_; });
        }
    }
}

void Committer::run_ticks(const Tick& tick) {
    std::unique_lock lock{mutex_};
    while (!stopped_.wait_for(lock, tick.interval, [this] { return is_stopping_; })) {
        lock.unlock();
        tick.on_tick();
        wake();
        lock.lock();
    }
}

}  // namespace holdfast::store
