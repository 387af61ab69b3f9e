#include "base/environment.hpp"

#include "base/error.hpp"

#include <sys/random.h>

#include <cerrno>

namespace holdfast {

Instant SystemClock::now() const {
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return Instant{std::chrono::duration_cast<Milliseconds>(since_start)};
}

WallTime SystemClock::wall_now() const {
    return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
        if (got < 0) {
            CHECK(errno == EINTR);
            continue;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
}

}  // namespace holdfast
