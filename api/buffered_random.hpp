#pragma once
// BufferedRandom: many small draws from one large one, since asking the system costs more than an
// identifier is worth. What is drawn is as unpredictable as its source; it is not for keys.
// Lifetime: the source outlives it. Threads: one.

#include "base/environment.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast::api {

class BufferedRandom final : public Random {
public:
    explicit BufferedRandom(Random& source) : source_(source) {}

    void fill(std::span<std::uint8_t> bytes) override;

private:
    Random& source_;
    std::array<std::uint8_t, 1024> drawn_{};
    std::size_t used_ = drawn_.size();
};

}  // namespace holdfast::api
