#pragma once
// SmallMutex: a mutex of four bytes, for what there are hundreds of thousands of (std::mutex has forty).
// Uncontended it is one atomic exchange in either direction; who must wait sleeps in the kernel. Not
// recursive, not fair. Meets Lockable, so std::scoped_lock and std::unique_lock take it.
// After U. Drepper, "Futexes Are Tricky", mutex 2.

#include <atomic>
#include <cstdint>

namespace holdfast {

class SmallMutex {
public:
    SmallMutex() = default;
    SmallMutex(const SmallMutex&) = delete;
    SmallMutex& operator=(const SmallMutex&) = delete;

    void lock() noexcept {
        if (!try_lock()) wait_and_lock();
    }
    [[nodiscard]] bool try_lock() noexcept {
        std::int32_t expected = free;
        return state_.compare_exchange_strong(expected, held, std::memory_order_acquire,
                                              std::memory_order_relaxed);
    }
    void unlock() noexcept {
        if (state_.exchange(free, std::memory_order_release) == awaited) state_.notify_one();
    }

private:
    enum State : std::int32_t { free, held, awaited };

    void wait_and_lock() noexcept {
        while (state_.exchange(awaited, std::memory_order_acquire) != free) {
            state_.wait(awaited, std::memory_order_relaxed);
        }
    }

    std::atomic<std::int32_t> state_{free};
};

}  // namespace holdfast
