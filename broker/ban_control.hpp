#pragma once
// BanControl: the guard's bans for the HTTP side: lists them, lifts them, and tells the log who did.
// Threads: any. Lifetime: guard and clock outlive it.

#include "api/ban_source.hpp"
#include "base/environment.hpp"
#include "net/guard.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast {

class BanControl final : public api::BanSource {
public:
    BanControl(net::Guard& guard, const Clock& clock) : guard_(guard), clock_(clock) {}

    [[nodiscard]] std::vector<api::BanView> bans() override;
    bool lift(std::uint64_t number, std::string_view who) override;

private:
    net::Guard& guard_;
    const Clock& clock_;
};

}  // namespace holdfast
