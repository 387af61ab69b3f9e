#pragma once
// HmacKey: HMAC with SHA-256 (RFC 2104) under one key, prepared so that each use costs two digests.
// Holds what is as good as the key, and wipes it at its end. Threads: any, as it never changes.

#include "base/digest.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace holdfast {

class HmacKey {
public:
    explicit HmacKey(std::string_view key);
    ~HmacKey();
    HmacKey(const HmacKey&) = delete;
    HmacKey& operator=(const HmacKey&) = delete;

    [[nodiscard]] Sha256 mac(std::string_view data) const;

private:
    static constexpr std::size_t block_bytes = 64;
    using Block = std::array<char, block_bytes>;

    Block inner_{};
    Block outer_{};
};

}  // namespace holdfast
