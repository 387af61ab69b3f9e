#include "net/readiness.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace holdfast::net {

namespace {

constexpr std::size_t ready_per_turn_max = 128;

int make_set() {
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) throw std::system_error{errno, std::system_category(), "epoll_create1"};
    return set;
}

std::uint32_t events_of(Interest interest) {
    std::uint32_t events = 0;
    if (interest.read) events |= EPOLLIN | EPOLLRDHUP;
    if (interest.write) events |= EPOLLOUT;
    return events;
}

int operation_of(Interest before, Interest after) {
    if (before == Interest{}) return EPOLL_CTL_ADD;
    return after == Interest{} ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
}

}  // namespace

Readiness::Readiness() : set_(make_set()), events_(new epoll_event[ready_per_turn_max]) {}

Readiness::~Readiness() = default;

bool Readiness::watch(int descriptor, TcpConnection& connection, Interest before, Interest after) {
    if (before == after) return true;
    epoll_event event{};
    event.events = events_of(after);
    event.data.ptr = &connection;
    return ::epoll_ctl(set_, operation_of(before, after), descriptor, &event) == 0;
}

std::size_t Readiness::collect() {
    const int count = ::epoll_wait(set_, events_.get(), ready_per_turn_max, 0);
    return static_cast<std::size_t>(std::max(count, 0));  // interrupted: whoever waits comes again
}

Readiness::Ready Readiness::at(std::size_t index) const {
    const epoll_event& event = events_[index];
    const bool is_broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    return {.connection = static_cast<TcpConnection*>(event.data.ptr),
            .can = {.read = is_broken || (event.events & EPOLLIN) != 0,
                    .write = is_broken || (event.events & EPOLLOUT) != 0},
            .has_ended = is_broken || (event.events & EPOLLRDHUP) != 0};
}

}  // namespace holdfast::net
