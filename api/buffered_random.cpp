#include "api/buffered_random.hpp"

namespace holdfast::api {

void BufferedRandom::fill(std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) {
        if (used_ == drawn_.size()) {
            source_.fill(drawn_);
            used_ = 0;
        }
        byte = drawn_[used_++];
    }
}

}  // namespace holdfast::api
