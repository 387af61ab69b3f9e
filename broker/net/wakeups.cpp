#include "net/wakeups.hpp"

#include "net/timer_wheel.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace holdfast::net {

namespace {

using std::chrono::nanoseconds;

/// A fifth of the time: threads that preempt their clients wait a third of it and more, others a thirtieth.
constexpr nanoseconds patient_wait = TimerWheel::tick / 5;
/// Patience itself makes a thread wait; with less than this nobody else wants its core.
constexpr nanoseconds eager_wait = TimerWheel::tick / 20;

}  // namespace

bool Wakeups::on_tick(nanoseconds waited) {
    const nanoseconds lately = waited - std::exchange(waited_before_, waited);
    const bool was_patient = is_patient_;
    is_patient_ = lately >= (was_patient ? eager_wait : patient_wait);
    return is_patient_ != was_patient;
}

// Source: the kernel's Documentation/scheduler/sched-stats.rst, "/proc/<pid>/schedstat".
nanoseconds core_wait() {
    const int file = ::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    if (file < 0) return nanoseconds{0};
    std::array<char, 96> buffer{};
    const ssize_t count = ::read(file, buffer.data(), buffer.size());
    ::close(file);
    if (count <= 0) return nanoseconds{0};
    // Three numbers: time on a core, time waited for one, slices.
    const std::string_view text{buffer.data(), static_cast<std::size_t>(count)};
    const std::size_t begin = text.find(' ');
    if (begin == std::string_view::npos) return nanoseconds{0};
    nanoseconds::rep waited = 0;
    std::from_chars(text.data() + begin + 1, text.data() + text.size(), waited);
    return nanoseconds{waited};
}

void set_patient(bool is_patient) {
    const int before = is_patient ? SCHED_OTHER : SCHED_BATCH;
    sched_param parameters{};
    int policy = before;
    if (::pthread_getschedparam(::pthread_self(), &policy, &parameters) != 0) return;
    if (policy != before) return;
    ::pthread_setschedparam(::pthread_self(), is_patient ? SCHED_BATCH : SCHED_OTHER, &parameters);
}

}  // namespace holdfast::net
