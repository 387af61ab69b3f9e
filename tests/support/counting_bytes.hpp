#pragma once
// CountingBytes: a Random that gives the same bytes in every run, and the cheapest hash of passwords, so that
// tests do not wait for what is made to be slow. Threads: none.

#include "base/environment.hpp"
#include "base/password.hpp"

#include <cstdint>
#include <span>

namespace test_support {

inline constexpr holdfast::PasswordCost cheap_password{4, 1, 1};

class CountingBytes final : public holdfast::Random {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (std::uint8_t& byte : bytes) {
            state_ = state_ * 6364136223846793005U + 1442695040888963407U;
            byte = static_cast<std::uint8_t>(state_ >> 56U);
        }
    }

private:
    std::uint64_t state_ = 1;
};

}  // namespace test_support
