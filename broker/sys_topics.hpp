#pragma once
// $SYS topics: what the server says about itself as retained messages, at an interval. The names are
// those that Mosquitto made customary, under $SYS/broker/. Threads: the shard that ticks.

#include "base/time.hpp"
#include "router/router.hpp"
#include "session/action.hpp"
#include "status.hpp"

#include <string>
#include <string_view>

namespace holdfast {

class SysTopics {
public:
    SysTopics(const Status& status, router::Router& router, Seconds interval, Instant started_at);

    /// Publishes when the interval has passed.
    void on_tick(session::Actions& actions);

private:
    void publish(std::string_view topic, std::string_view value, session::Actions& actions);
    void publish(std::string_view topic, std::uint64_t value, session::Actions& actions);
    void publish_all(session::Actions& actions);
    void publish_drops(session::Actions& actions);

    const Status& status_;
    router::Router& router_;
    const Seconds interval_;
    const Instant started_at_;
    Instant next_at_;
};

}  // namespace holdfast
