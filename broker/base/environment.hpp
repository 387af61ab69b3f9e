#pragma once
// What the core needs of the machine besides sockets and files: the time and unpredictable bytes.
// Interfaces so that tests and the simulator supply their own; the system ones are the only code
// that reads a clock or the random device. Threads: both system implementations are thread-safe.

#include "base/time.hpp"

#include <cstdint>
#include <span>

namespace holdfast {

class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
    [[nodiscard]] virtual WallTime wall_now() const = 0;
};

class Random {
public:
    virtual ~Random() = default;
    /// Unpredictable to a peer: client identifiers and tokens are made from it.
    virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override;
    [[nodiscard]] WallTime wall_now() const override;
};

class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace holdfast
