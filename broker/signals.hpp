#pragma once
// Signals as calls, on a thread of their own, and a call about once a second for small chores.
// From construction to destruction SIGTERM, SIGINT and SIGHUP do not act by themselves any more.
// Threads: every handler runs on the watcher's thread, one at a time; none after the destructor.

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <thread>

namespace holdfast {

class SignalWatcher {
public:
    struct Handlers {
        std::function<void()> on_stop;         ///< the first SIGTERM or SIGINT
        std::function<void()> on_second_stop;  ///< every further one
        std::function<void()> on_reload;       ///< SIGHUP
        std::function<void()> on_second_passed;
    };

    explicit SignalWatcher(Handlers handlers);
    ~SignalWatcher();
    SignalWatcher(const SignalWatcher&) = delete;
    SignalWatcher& operator=(const SignalWatcher&) = delete;

private:
    void wait_for_signal();
    void wait_for_second();
    void on_signal(int number);

    Handlers handlers_;
    bool is_stopping_ = false;
    boost::asio::io_context context_{1};
    boost::asio::signal_set signals_{context_};
    boost::asio::steady_timer timer_{context_};
    std::thread thread_;
};

}  // namespace holdfast
