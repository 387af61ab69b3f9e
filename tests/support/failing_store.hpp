#pragma once
// FailingStore: a MemoryStore whose commits fail while a test says so; nothing of them is kept then.
// Records that a test says are damaged are read with another first byte.
// Threads: as MemoryStore, but fail_with() and damage() only while nobody else calls.

#include "store/memory_store.hpp"

#include <cstddef>
#include <optional>
#include <system_error>
#include <utility>

namespace test_support {

class FailingStore final : public holdfast::store::Store {
public:
    /// Commits from now on fail with this; an empty code: they succeed again.
    void fail_with(std::error_code error) { error_ = error; }

    /// Of all queues.
    void damage(holdfast::store::Position position) { damaged_ = position; }

    void commit(holdfast::store::Batch batch, holdfast::store::Executor& executor,
                holdfast::store::Committed done) override {
        if (!error_) {
            kept_.commit(std::move(batch), executor, std::move(done));
        } else if (done) {
            executor.post([done = std::move(done), error = error_] { done(error); });
        }
    }
    void read_table(holdfast::store::Table table, std::string after,
                    holdfast::store::PageLimits limits, holdfast::store::Executor& executor,
                    holdfast::store::TableRead done) override {
        kept_.read_table(table, std::move(after), limits, executor, std::move(done));
    }
    void read_queue(holdfast::store::QueueId queue, holdfast::store::Position after,
                    holdfast::store::PageLimits limits, holdfast::store::Executor& executor,
                    holdfast::store::QueueRead done) override {
        if (!damaged_) return kept_.read_queue(queue, after, limits, executor, std::move(done));
        kept_.read_queue(queue, after, limits, executor,
                         [damaged = *damaged_, done = std::move(done)](
                             std::error_code error, holdfast::store::QueuePage page) {
                             for (holdfast::store::QueuedRecord& record : page.records) {
                                 if (record.position == damaged) record.bytes[0] ^= std::byte{8};
                             }
                             done(error, std::move(page));
                         });
    }
    void read_marks(holdfast::store::QueueId queue, holdfast::store::Position after,
                    std::size_t records_max, holdfast::store::Executor& executor,
                    holdfast::store::MarksRead done) override {
        kept_.read_marks(queue, after, records_max, executor, std::move(done));
    }
    void list_queues(holdfast::store::QueueId after, std::size_t records_max,
                     holdfast::store::Executor& executor,
                     holdfast::store::QueuesListed done) override {
        kept_.list_queues(after, records_max, executor, std::move(done));
    }
    [[nodiscard]] holdfast::store::Position last_position(
        holdfast::store::QueueId queue) const override {
        return kept_.last_position(queue);
    }
    [[nodiscard]] holdfast::store::Level level(holdfast::store::QueueId queue) const override {
        return kept_.level(queue);
    }
    [[nodiscard]] holdfast::store::Level level(holdfast::store::Table table) const override {
        return kept_.level(table);
    }
    [[nodiscard]] holdfast::store::Level total() const override { return kept_.total(); }
    [[nodiscard]] holdfast::store::Level backlog() const override { return kept_.backlog(); }

private:
    holdfast::store::MemoryStore kept_;
    std::error_code error_;
    std::optional<holdfast::store::Position> damaged_;
};

}  // namespace test_support
