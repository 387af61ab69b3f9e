#include "sys_topics.hpp"

namespace holdfast {

SysTopics::SysTopics(const Status& status, router::Router& router, Seconds interval,
                     Instant started_at)
    : status_(status),
      router_(router),
      interval_(interval),
      started_at_(started_at),
      next_at_(started_at) {}

void SysTopics::on_tick(session::Actions& actions) {
    if (actions.now < next_at_) return;
    next_at_ = actions.now + interval_;
    publish_all(actions);
}

void SysTopics::publish_all(session::Actions& actions) {
    const api::Levels levels = status_.levels();
    const auto uptime = std::chrono::duration_cast<Seconds>(actions.now - started_at_);
    publish("version", "holdfast " HOLDFAST_VERSION, actions);
    publish("uptime", std::to_string(uptime.count()) + " seconds", actions);
    publish("clients/connected", levels.sessions_connected, actions);
    publish("clients/disconnected", levels.sessions - levels.sessions_connected, actions);
    publish("clients/total", levels.sessions, actions);
    publish("messages/received", status_.total(Counter::packets_received), actions);
    publish("messages/sent", status_.total(Counter::packets_sent), actions);
    publish("publish/messages/received", status_.total(Counter::publish_received), actions);
    publish("publish/messages/sent", status_.total(Counter::publish_sent), actions);
    publish("publish/messages/dropped", status_.total_drops(), actions);
    publish("publish/messages/refused", status_.total(Counter::publish_refused), actions);
    publish("bytes/received", status_.total(Counter::bytes_received), actions);
    publish("bytes/sent", status_.total(Counter::bytes_sent), actions);
    publish("subscriptions/count", levels.subscriptions, actions);
    publish("retained messages/count", levels.retained_messages, actions);
    publish("retained messages/bytes", levels.retained_bytes, actions);
    publish("store/messages/count", levels.queued_messages, actions);
    publish("store/messages/bytes", levels.queued_bytes, actions);
    publish("messages/inflight", levels.inflight_messages, actions);
    publish_drops(actions);
}

void SysTopics::publish_drops(session::Actions& actions) {
    for (std::size_t i = 0; i < index_in_list(DropReason::count_); ++i) {
        const auto reason = static_cast<DropReason>(i);
        publish("dropped/" + std::string{to_string(reason)}, status_.total(reason), actions);
    }
}

void SysTopics::publish(std::string_view topic, std::uint64_t value, session::Actions& actions) {
    publish(topic, std::to_string(value), actions);
}

void SysTopics::publish(std::string_view topic, std::string_view value,
                        session::Actions& actions) {
    const std::string full = "$SYS/broker/" + std::string{topic};
    router_.publish(MessageParts{.topic = full,
                                 .payload = as_bytes(value),
                                 .retain = true,
                                 .accepted_at = actions.now},
                    actions);
}

}  // namespace holdfast
