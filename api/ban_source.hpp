#pragma once
// The bans as HTTP shows them, as an interface that the composition root implements.
// Threads: called on the HTTP side's thread; must not block for long.

#include "base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

struct BanView {
    std::uint64_t number = 0;
    std::string address;  ///< of an IPv6 network of 64 bits, its first one
    bool is_network = false;
    std::string name;     ///< empty: everybody who comes from there
    Seconds left{0};
    std::uint32_t failures = 0;
    std::uint32_t times = 0;
};

class BanSource {
public:
    virtual ~BanSource() = default;
    /// Those in force, by number.
    [[nodiscard]] virtual std::vector<BanView> bans() = 0;
    /// `who`: whose wish it is, for the log. False: there is none of that number.
    virtual bool lift(std::uint64_t number, std::string_view who) = 0;
};

}  // namespace holdfast::api
