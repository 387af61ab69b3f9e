#include "signals.hpp"

#include <chrono>
#include <csignal>
#include <utility>

namespace holdfast {

SignalWatcher::SignalWatcher(Handlers handlers) : handlers_(std::move(handlers)) {
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) signals_.add(number);
    wait_for_signal();
    wait_for_second();
    thread_ = std::thread{[this] { context_.run(); }};
}

SignalWatcher::~SignalWatcher() {
    context_.stop();
    thread_.join();
}

void SignalWatcher::wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        if (error) return;
        on_signal(number);
        wait_for_signal();
    });
}

void SignalWatcher::wait_for_second() {
    timer_.expires_after(std::chrono::seconds{1});
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        handlers_.on_second_passed();
        wait_for_second();
    });
}

void SignalWatcher::on_signal(int number) {
    if (number == SIGHUP) {
        handlers_.on_reload();
    } else if (is_stopping_) {
        handlers_.on_second_stop();
    } else {
        is_stopping_ = true;
        handlers_.on_stop();
    }
}

}  // namespace holdfast
