#include "store/sqlite_worker.hpp"

#include "support/manual_executor.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <string>

namespace {

using namespace holdfast::store;

/// A worker that is held by its first job until the test has submitted the others, which then are one
/// group.
struct Grouped {
    std::unique_ptr<Database> database;
    Database* raw = nullptr;
    std::unique_ptr<SqliteWorker> worker;
    test_support::ManualExecutor executor;
    std::promise<void> gate;
    std::vector<std::string> finished;

    Grouped() {
        BOOST_TEST_REQUIRE(!Database::open(":memory:", database));
        raw = database.get();
        BOOST_TEST_REQUIRE(
            !raw->execute("PRAGMA foreign_keys = ON; CREATE TABLE t(k UNIQUE);"
                          "CREATE TABLE child(k REFERENCES t(k) DEFERRABLE "
                          "INITIALLY DEFERRED); CREATE TABLE big(b);"));
    }

    void start() {
        worker = std::make_unique<SqliteWorker>(std::move(database));
        worker->start();
        std::promise<void> is_held;
        worker->submit({false,
                        [&is_held, opened = gate.get_future().share()](Database&) {
                            is_held.set_value();
                            opened.wait();
                            return std::error_code{};
                        },
                        [](std::error_code) {}});
        is_held.get_future().wait();
    }

    void submit(std::string name, bool is_change, std::function<std::error_code(Database&)> run) {
        worker->submit({is_change, std::move(run), [this, name](std::error_code error) {
                            const std::string text = error ? error.message() : "ok";
                            executor.post(
                                [this, name, text] { finished.push_back(name + ": " + text); });
                        }});
    }
    void change(const std::string& sql) {
        submit(sql, true, [sql](Database& opened) { return opened.execute(sql); });
    }
    void count(const std::string& table) {
        submit("count", false, [this, table](Database& opened) {
            std::string value;
            const auto error = opened.read("SELECT count(*) FROM " + table, value);
            executor.post([this, value] { finished.push_back("read " + value); });
            return error;
        });
    }
    /// Opens the gate and waits for the end of everything.
    const std::vector<std::string>& finish() {
        gate.set_value();
        worker.reset();
        while (executor.waiting() > 0) executor.run_one();
        return finished;
    }
};

using Lines = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_worker, Grouped)

BOOST_AUTO_TEST_CASE(jobs_finish_in_their_order_and_see_what_came_before_them) {
    start();
    change("INSERT INTO t VALUES(1)");
    count("t");
    change("INSERT INTO t VALUES(2)");
    count("t");
    const Lines expected{"read 1",
                         "read 2",
                         "INSERT INTO t VALUES(1): ok",
                         "count: ok",
                         "INSERT INTO t VALUES(2): ok",
                         "count: ok"};
    BOOST_TEST(finish() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(before_the_start_a_job_is_done_when_it_is_submitted) {
    worker = std::make_unique<SqliteWorker>(std::move(database));
    change("INSERT INTO t VALUES(1)");
    BOOST_TEST_REQUIRE(executor.waiting() == 1U);
    executor.run_one();
    change("INSERT INTO t VALUES(1)");
    BOOST_TEST_REQUIRE(executor.waiting() == 1U);
    executor.run_one();
    worker->start();
    count("t");
    const Lines expected{"INSERT INTO t VALUES(1): ok", "INSERT INTO t VALUES(1): constraint failed",
                         "read 1", "count: ok"};
    BOOST_TEST(finish() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_change_that_fails_undoes_itself_alone) {
    start();
    change("INSERT INTO t VALUES(1)");
    change("INSERT INTO t VALUES(2); INSERT INTO t VALUES(1)");
    change("INSERT INTO t VALUES(3)");
    count("t");
    const Lines expected{"read 2",
                         "INSERT INTO t VALUES(1): ok",
                         "INSERT INTO t VALUES(2); INSERT INTO t VALUES(1): constraint failed",
                         "INSERT INTO t VALUES(3): ok",
                         "count: ok"};
    BOOST_TEST(finish() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_commit_that_fails_takes_all_that_was_in_it) {
    start();
    count("t");
    change("INSERT INTO t VALUES(1)");
    change("INSERT INTO child VALUES(7)");  // found out at the commit
    count("t");
    const Lines expected{"read 0",
                         "read 1",
                         "count: ok",
                         "INSERT INTO t VALUES(1): constraint failed",
                         "INSERT INTO child VALUES(7): constraint failed",
                         "count: constraint failed"};
    BOOST_TEST(finish() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(after_a_failed_commit_the_next_group_works) {
    start();
    change("INSERT INTO child VALUES(7)");
    gate.set_value();
    executor.run_one();
    gate = {};
    count("child");
    change("INSERT INTO t VALUES(1)");
    const Lines expected{"INSERT INTO child VALUES(7): constraint failed", "read 0", "count: ok",
                         "INSERT INTO t VALUES(1): ok"};
    BOOST_TEST(finish() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_said_to_whom_it_meets) {
    std::string pages;
    BOOST_TEST_REQUIRE(!raw->read("PRAGMA page_count", pages));
    BOOST_TEST_REQUIRE(!raw->execute("PRAGMA max_page_count = " + pages));
    std::error_code met;
    start();
    submit("big", true, [](Database& opened) {
        return opened.execute("INSERT INTO big VALUES(zeroblob(100000))");
    });
    worker->submit({true,
                    [](Database& opened) {
                        return opened.execute("INSERT INTO big VALUES(zeroblob(100000))");
                    },
                    [&met](std::error_code error) { met = error; }});
    const Lines expected{"big: database or disk is full"};
    BOOST_TEST(finish() == expected, boost::test_tools::per_element());
    BOOST_TEST((met == std::errc::no_space_on_device));
}

BOOST_AUTO_TEST_SUITE_END()
