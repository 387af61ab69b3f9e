#pragma once
// VerifiedPasswords: which user came with which password a moment ago and was right, so that a storm of
// reconnecting clients does not cost a slow hash each. Keeps keyed digests, no passwords; the hash of the
// file is a part of each, so one that has changed there is not known here.
// Limits: 16,384 of them, for a minute each. Threads: any; one short lock.

#include "base/environment.hpp"
#include "base/time.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace holdfast::access {

class VerifiedPasswords {
public:
    static constexpr std::size_t entries_max = 16'384;
    static constexpr Seconds lifetime{60};

    explicit VerifiedPasswords(Random& random) { random.fill(key_); }

    /// What stands for a login here.
    using Digest = std::array<std::uint8_t, 32>;
    [[nodiscard]] Digest digest_of(std::string_view user, std::string_view password,
                                   std::string_view hash) const;

    [[nodiscard]] bool contains(const Digest& digest, Instant now) const;
    void insert(const Digest& digest, Instant now);
    [[nodiscard]] std::size_t size() const;

private:
    struct ByDigest {
        /// Keyed already: no peer can choose its bits.
        std::size_t operator()(const Digest& digest) const;
    };

    std::array<std::uint8_t, 32> key_{};
    mutable std::mutex mutex_;
    boost::unordered_flat_map<Digest, Instant, ByDigest> known_until_;
};

}  // namespace holdfast::access
