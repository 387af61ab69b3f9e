#include "session/drops.hpp"

#include <string>

namespace holdfast::session {

namespace {

constexpr Seconds notice_interval{1};

}  // namespace

void Drops::tell(const ClientId& client_id, std::string_view topic, DropReason reason,
                 Actions& actions) {
    actions.counters.add(reason);
    ++unannounced_;
    last_reason_ = reason;
    if (actions.now >= next_notice_) announce(client_id, topic, actions);
}

void Drops::announce_due(const ClientId& client_id, Actions& actions) {
    if (actions.now >= next_notice_) announce_rest(client_id, actions);
}

void Drops::announce_rest(const ClientId& client_id, Actions& actions) {
    if (unannounced_ != 0) announce(client_id, "", actions);
}

void Drops::announce(const ClientId& client_id, std::string_view topic, Actions& actions) {
    actions.drop_notices.push_back({client_id, last_reason_, std::string{topic}, unannounced_});
    unannounced_ = 0;
    next_notice_ = actions.now + notice_interval;
}

}  // namespace holdfast::session
