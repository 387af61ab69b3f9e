#pragma once
// SqliteWorker: the thread of an SQLite catalogue. Runs jobs in the order of their submission, as many of
// the waiting ones as a group holds in one transaction, so that changes share one sync, and finishes them
// in the same order when the transaction is durable. The only thread of the folder besides the committer.
// A job that fails undoes what it did alone; a transaction that fails takes all of its jobs with it.
// Threads: submit() by any. Before start() there is no thread: submit() does the job, and only one thread may
// call it. The destructor has finished every job. How many wait is bounded by the callers, each of which has
// one question open at a time.

#include "store/sqlite_database.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace holdfast::store {

class SqliteWorker {
public:
    struct Job {
        bool is_change = false;
        std::function<std::error_code(Database&)> run;
        std::function<void(std::error_code)> finish;  ///< behind run(): posts the answer
    };

    explicit SqliteWorker(std::unique_ptr<Database> database);  ///< not started
    ~SqliteWorker();
    SqliteWorker(const SqliteWorker&) = delete;
    SqliteWorker& operator=(const SqliteWorker&) = delete;

    void start();
    void submit(Job job);

private:
    using Group = std::vector<Job>;

    void work();
    void perform(Group group);

    const std::unique_ptr<Database> database_;
    std::mutex mutex_;
    std::condition_variable has_work_;
    std::deque<Job> jobs_;
    bool is_stopping_ = false;
    const std::thread::id opener_ = std::this_thread::get_id();
    std::thread thread_;
};

}  // namespace holdfast::store
