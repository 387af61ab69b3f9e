#include "store/answers.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::store {

Answers::Ticket Answers::enter(Executor& executor, Answer answer) {
    if (!answer) return {};
    const std::scoped_lock lock{mutex_};
    std::unique_ptr<Line>& line = lines_[&executor];
    if (!line) line = std::make_unique<Line>();
    line->items.push_back({.answer = std::move(answer)});
    return {&executor, line->first + line->items.size() - 1};
}

Answers::Item& Answers::mark(Ticket ticket, std::error_code error) {
    Line& line = *lines_.at(ticket.executor);
    CHECK(ticket.number >= line.first && ticket.number - line.first < line.items.size());
    Item& item = line.items[static_cast<std::size_t>(ticket.number - line.first)];
    item.error = error;
    item.is_ready = true;
    return item;
}

void Answers::finish(Ticket ticket, std::error_code error) {
    if (ticket.executor == nullptr) return;
    std::unique_lock lock{mutex_};
    mark(ticket, error);
    post_ready(lock, *ticket.executor, *lines_.at(ticket.executor));
}

void Answers::finish(std::span<Finished> finished) {
    std::unique_lock lock{mutex_};
    std::vector<Executor*> executors;
    for (Finished& each : finished) {
        if (each.ticket.executor == nullptr) continue;
        mark(each.ticket, each.error).spent = std::move(each.spent);
        if (std::ranges::find(executors, each.ticket.executor) == executors.end()) {
            executors.push_back(each.ticket.executor);
        }
    }
    for (Executor* executor : executors) post_ready(lock, *executor, *lines_.at(executor));
}

void Answers::finish_with(Ticket ticket, Answer answer) {
    std::unique_lock lock{mutex_};
    Line& line = *lines_.at(ticket.executor);
    mark(ticket, {}).answer = std::move(answer);
    post_ready(lock, *ticket.executor, line);
}

void Answers::post_ready(std::unique_lock<std::mutex>& lock, Executor& executor, Line& line) {
    // One thread at a time posts to an executor, or what became ready later could get there sooner.
    if (line.is_posting) return;
    line.is_posting = true;
    while (!line.items.empty() && line.items.front().is_ready) {
        auto ready = std::make_shared<std::vector<Item>>();
        while (!line.items.empty() && line.items.front().is_ready) {
            ready->push_back(std::move(line.items.front()));
            line.items.pop_front();
            ++line.first;
        }
        lock.unlock();
        // Moved: what answers hold on to is let go of where they run, never here.
        executor.post([ready = std::move(ready)] {
            for (const Item& item : *ready) item.answer(item.error);
        });
        lock.lock();
    }
    line.is_posting = false;
}

}  // namespace holdfast::store
