#pragma once
// Answers: what the store has promised to post, so that each executor gets the answers to one thread's
// calls in the order of these calls although some are ready sooner. What is ready at the same time goes to
// an executor as one task: waking a sleeping thread costs more than a commit.
//
// Threads: any. An answer is posted by whoever made it ready, without a lock held. Lifetime: executors
// outlive it; it has posted everything once every ticket was finished.

#include "store/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <system_error>
#include <vector>

namespace holdfast::store {

class Answers {
public:
    using Answer = std::function<void(std::error_code)>;

    /// A place in an executor's line; an empty one for a caller that wants no answer.
    struct Ticket {
        Executor* executor = nullptr;
        std::uint64_t number = 0;
    };
    /// What a call needed until it was answered. It ends where the answer runs, which mostly took its memory:
    /// an allocator is quicker, and waits for nobody, when a thread gives back what it took itself.
    struct Spent {
        virtual ~Spent() = default;
    };
    struct Finished {
        Ticket ticket;
        std::error_code error;
        std::unique_ptr<Spent> spent{};
    };

    [[nodiscard]] Ticket enter(Executor& executor, Answer answer);
    void finish(Ticket ticket, std::error_code error);
    void finish(std::span<Finished> finished);
    /// Puts another answer in the place of the one that entered, and finishes it.
    void finish_with(Ticket ticket, Answer answer);

private:
    struct Item {
        Answer answer;
        std::error_code error{};
        bool is_ready = false;
        std::unique_ptr<Spent> spent{};
    };
    struct Line {
        std::deque<Item> items;
        std::uint64_t first = 0;  ///< number of the first item
        bool is_posting = false;  ///< somebody takes care of what becomes ready
    };
    using Lines = boost::unordered_flat_map<Executor*, std::unique_ptr<Line>>;

    Item& mark(Ticket ticket, std::error_code error);
    void post_ready(std::unique_lock<std::mutex>& lock, Executor& executor, Line& line);

    std::mutex mutex_;
    Lines lines_;
};

}  // namespace holdfast::store
