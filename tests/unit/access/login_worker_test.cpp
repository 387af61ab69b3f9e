#include "access/login_worker.hpp"

#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <mutex>

using holdfast::access::LoginWorker;

namespace {

/// Something that a task does and the test waits for, or the other way round.
class Flag {
public:
    void raise() {
        const std::scoped_lock lock{mutex_};
        is_up_ = true;
        changed_.notify_all();
    }
    void wait() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return is_up_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_up_ = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(login_worker)

BOOST_AUTO_TEST_CASE(tasks_run_in_their_order_and_no_more_than_may_wait) {
    Flag begun;
    Flag go_on;
    Flag done;
    int ran = 0;
    LoginWorker worker;
    BOOST_TEST(worker.submit([&] {
        begun.raise();
        go_on.wait();
    }));
    begun.wait();
    for (std::size_t i = 1; i < LoginWorker::tasks_max; ++i) {
        BOOST_TEST(worker.submit([&, is_last = i + 1 == LoginWorker::tasks_max] {
            ++ran;
            if (is_last) done.raise();
        }));
    }
    BOOST_TEST(!worker.submit([] {}));
    go_on.raise();
    done.wait();
    BOOST_TEST(ran == static_cast<int>(LoginWorker::tasks_max) - 1);
}

BOOST_AUTO_TEST_CASE(what_waits_at_the_end_is_not_run) {
    Flag begun;
    Flag go_on;
    bool ran = false;
    {
        LoginWorker worker;
        BOOST_TEST(worker.submit([&] {
            begun.raise();
            go_on.wait();
        }));
        begun.wait();
        BOOST_TEST(worker.submit([&] { ran = true; }));
        // The destructor asks for the end before the first task goes on, or after it: then the second
        // may run. What matters is that nothing hangs.
        go_on.raise();
    }
    static_cast<void>(ran);
}

BOOST_AUTO_TEST_SUITE_END()
