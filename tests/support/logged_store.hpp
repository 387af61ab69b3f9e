#pragma once
// LoggedStore: a MemoryStore that remembers every batch, so that a test can have what a crash leaves: the
// first so many of them. What was told durable is always among them.
// Threads: as MemoryStore, but survivor() only while nobody commits.

#include "store/memory_store.hpp"
#include "support/manual_executor.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace test_support {

class LoggedStore final : public holdfast::store::Store {
public:
    /// Batches committed, and how many of them must be durable because the last of these was told so.
    [[nodiscard]] std::size_t begun() const { return batches_.size(); }
    [[nodiscard]] std::size_t told() const { return told_; }

    /// A store with the first `count` batches, which can be crashed again.
    [[nodiscard]] std::unique_ptr<LoggedStore> survivor(std::size_t count) const {
        BOOST_ASSERT(count >= told_ && count <= batches_.size());
        auto after = std::make_unique<LoggedStore>();
        ManualExecutor nobody;
        for (std::size_t i = 0; i < count; ++i) after->commit(batches_[i], nobody, {});
        after->told_ = count;
        return after;
    }

    void commit(holdfast::store::Batch batch, holdfast::store::Executor& executor,
                holdfast::store::Committed done) override {
        batches_.push_back(batch);
        kept_.commit(std::move(batch), executor,
                     [this, number = batches_.size(), done = std::move(done)](std::error_code error) {
                         told_ = std::max(told_, number);
                         if (done) done(error);
                     });
    }
    void read_table(holdfast::store::Table table, std::string after,
                    holdfast::store::PageLimits limits, holdfast::store::Executor& executor,
                    holdfast::store::TableRead done) override {
        kept_.read_table(table, std::move(after), limits, executor, std::move(done));
    }
    void read_queue(holdfast::store::QueueId queue, holdfast::store::Position after,
                    holdfast::store::PageLimits limits, holdfast::store::Executor& executor,
                    holdfast::store::QueueRead done) override {
        kept_.read_queue(queue, after, limits, executor, std::move(done));
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
    std::vector<holdfast::store::Batch> batches_;
    std::size_t told_ = 0;
};

}  // namespace test_support
