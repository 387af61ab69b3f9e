#include "ban_control.hpp"

namespace holdfast {

std::vector<api::BanView> BanControl::bans() {
    const Instant now = clock_.now();
    std::vector<api::BanView> views;
    for (const net::Ban& ban : guard_.bans().list(now)) {
        views.push_back({.number = ban.number,
                         .address = ban.network.address_text(),
                         .is_network = !ban.network.is_ipv4(),
                         .name = ban.name,
                         .left = Seconds{seconds_left(now, ban.until)},
                         .failures = ban.failures,
                         .times = ban.times});
    }
    return views;
}

bool BanControl::lift(std::uint64_t number, std::string_view who) {
    return guard_.lift_ban(number, who, clock_.now());
}

}  // namespace holdfast
