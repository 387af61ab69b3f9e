#pragma once
// How a call of the catalogue becomes a job of its worker: the work runs on the worker's thread (before its
// start: at once), what hot paths read is remembered once it is durable, the answer is posted to the caller.
// Threads: any. Lifetime: the executor outlives the answer.

#include "store/catalogue_types.hpp"
#include "store/sqlite_worker.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>
#include <system_error>
#include <utility>

namespace holdfast::store {

enum class CallKind : std::uint8_t { read, change };

/// `work(database, found)`; then `remember(found)`, when it went well; then `done(error, found)`.
template <class Found, class Work, class Remember>
void submit(SqliteWorker& worker, CallKind kind, Executor& executor, Work work, Remember remember,
            std::function<void(std::error_code, Found)> done) {
    const auto found = std::make_shared<Found>();
    worker.submit({
        kind == CallKind::change,
        [found, work = std::move(work)](Database& database) { return work(database, *found); },
        [found, remember = std::move(remember), done = std::move(done),
         &executor](std::error_code error) {
            if (error) *found = {};
            if (!error) remember(*found);
            executor.post([found, done, error] { done(error, std::move(*found)); });
        },
    });
}

/// A change that finds nothing.
inline void submit_change(SqliteWorker& worker, Executor& executor,
                          std::function<std::error_code(Database&)> work,
                          std::function<void()> remember, Answered done) {
    worker.submit({
        true,
        std::move(work),
        [remember = std::move(remember), done = std::move(done), &executor](std::error_code error) {
            if (!error) remember();
            executor.post([done, error] { done(error); });
        },
    });
}

}  // namespace holdfast::store
