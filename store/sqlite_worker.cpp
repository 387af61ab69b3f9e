#include "store/sqlite_worker.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::store {

namespace {

/// Enough to share a sync, few enough that the first of them does not wait long.
constexpr std::size_t group_jobs_max = 256;

/// One group's transaction, begun by its first change.
class Transaction {
public:
    Transaction(Database& database, std::vector<std::error_code>& results)
        : database_(database), results_(results) {}

    /// Runs the next job, whose result is the last of `results`.
    void run(SqliteWorker::Job& job) {
        results_.emplace_back();
        if (job.is_change && !is_open_) results_.back() = begin();
        if (results_.back()) return;
        results_.back() = job.is_change ? change(job) : job.run(database_);
        // Some errors, a full disk among them, end the transaction by themselves.
        if (is_open_ && !database_.is_in_transaction()) fail(results_.back());
    }

    void commit() {
        if (!is_open_) return;
        const std::error_code error = database_.statement("COMMIT").run();
        if (!error) return;
        if (database_.is_in_transaction()) (void)database_.statement("ROLLBACK").run();
        fail(error);
    }

private:
    std::error_code begin() {
        first_ = results_.size() - 1;
        const std::error_code error = database_.statement("BEGIN IMMEDIATE").run();
        is_open_ = !error;
        return error;
    }

    std::error_code change(SqliteWorker::Job& job) {
        if (const auto error = database_.statement("SAVEPOINT job").run()) return error;
        const std::error_code error = job.run(database_);
        if (!database_.is_in_transaction()) return error;
        if (error) {
            if (const auto undo = database_.statement("ROLLBACK TO job").run()) return undo;
        }
        const std::error_code released = database_.statement("RELEASE job").run();
        return error ? error : released;
    }

    /// What was read in the transaction was perhaps never true: reads fail with the changes.
    void fail(std::error_code error) {
        is_open_ = false;
        if (!error) error = std::make_error_code(std::errc::io_error);
        for (std::size_t job = first_; job < results_.size(); ++job) {
            if (!results_[job]) results_[job] = error;
        }
    }

    Database& database_;
    std::vector<std::error_code>& results_;
    std::size_t first_ = 0;
    bool is_open_ = false;
};

}  // namespace

SqliteWorker::SqliteWorker(std::unique_ptr<Database> database) : database_(std::move(database)) {}

SqliteWorker::~SqliteWorker() {
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock{mutex_};
        is_stopping_ = true;
    }
    has_work_.notify_one();
    thread_.join();
}

void SqliteWorker::start() {
    CHECK(!thread_.joinable());
    thread_ = std::thread([this] { work(); });
}

void SqliteWorker::submit(Job job) {
    if (!thread_.joinable()) {
        CHECK(std::this_thread::get_id() == opener_);
        Group alone;
        alone.push_back(std::move(job));
        return perform(std::move(alone));
    }
    {
        const std::scoped_lock lock{mutex_};
        jobs_.push_back(std::move(job));
    }
    has_work_.notify_one();
}

void SqliteWorker::work() {
    while (true) {
        Group group;
        {
            std::unique_lock lock{mutex_};
            has_work_.wait(lock, [this] { return is_stopping_ || !jobs_.empty(); });
            if (jobs_.empty()) return;
            const auto count = static_cast<std::ptrdiff_t>(std::min(jobs_.size(), group_jobs_max));
            group.assign(std::make_move_iterator(jobs_.begin()),
                         std::make_move_iterator(jobs_.begin() + count));
            jobs_.erase(jobs_.begin(), jobs_.begin() + count);
        }
        perform(std::move(group));
    }
}

void SqliteWorker::perform(Group group) {
    std::vector<std::error_code> results;
    results.reserve(group.size());
    Transaction transaction{*database_, results};
    for (Job& job : group) transaction.run(job);
    transaction.commit();
    for (std::size_t job = 0; job < group.size(); ++job) group[job].finish(results[job]);
}

}  // namespace holdfast::store
