#include "api/prometheus.hpp"

#include "base/error.hpp"

#include <array>
#include <cstdio>

namespace holdfast::api {

namespace {

std::string_view help_of(Counter counter) {
    switch (counter) {
        case Counter::connections_accepted: return "Sockets accepted.";
        case Counter::connections_opened: return "CONNECTs answered with success.";
        case Counter::connections_closed: return "Sockets closed.";
        case Counter::tls_handshakes_full: return "TLS handshakes of new TLS sessions.";
        case Counter::tls_handshakes_resumed: return "TLS handshakes that resumed a TLS session.";
        case Counter::sessions_created: return "Sessions begun.";
        case Counter::sessions_ended: return "Sessions ended.";
        case Counter::sessions_attached: return "Sessions that got a connection.";
        case Counter::sessions_detached: return "Sessions that lost their connection.";
        case Counter::bytes_received: return "Bytes received from MQTT clients.";
        case Counter::bytes_sent: return "Bytes sent to MQTT clients.";
        case Counter::packets_received: return "Control packets received.";
        case Counter::packets_sent: return "Control packets sent.";
        case Counter::publish_received: return "PUBLISH packets received.";
        case Counter::publish_sent: return "PUBLISH packets sent.";
        case Counter::publish_refused: return "Publications that some queue refused.";
        case Counter::publish_refused_memory_exhausted:
            return "Of these, refused because of the memory budget.";
        case Counter::reads_paused_message_rate:
            return "Times a client was not read from because of its message rate.";
        case Counter::reads_paused_byte_rate:
            return "Times a client was not read from because of its byte rate.";
        case Counter::accepts_paused:
            return "Times a listener let connections wait: their rate, or a lagging thread.";
        case Counter::logins_failed: return "CONNECTs with a wrong user name or password.";
        case Counter::bans_begun: return "Bans that began.";
        case Counter::flapping_client_ids: return "Client identifiers announced as flapping.";
        case Counter::messages_accepted: return "Messages accepted, one per matching session.";
        case Counter::messages_delivered:
            return "Messages delivered: QoS 0 handed on, QoS 1 and 2 acknowledged.";
        case Counter::messages_redelivered: return "Messages sent again with DUP.";
        case Counter::messages_moved:
            return "Messages handed to another member of a shared subscription.";
        case Counter::queue_messages_in: return "Messages put into the queues of sessions.";
        case Counter::queue_messages_out: return "Messages taken out of the queues of sessions.";
        case Counter::queue_bytes_in: return "Bytes put into the queues of sessions.";
        case Counter::queue_bytes_out: return "Bytes taken out of the queues of sessions.";
        case Counter::retained_set: return "Retained messages set or replaced.";
        case Counter::retained_cleared: return "Retained messages cleared.";
        case Counter::retained_refused: return "Retained messages refused by the limit.";
        case Counter::wills_published: return "Will messages published.";
        case Counter::subscriptions_added: return "Subscriptions made.";
        case Counter::subscriptions_removed: return "Subscriptions ended.";
        case Counter::device_messages_accepted: return "Messages for devices accepted and durable.";
        case Counter::device_messages_restored:
            return "Messages for devices found waiting at the start.";
        case Counter::device_messages_sent:
            return "Messages handed to the sessions of devices, repetitions included.";
        case Counter::device_messages_redelivered: return "Of those, messages with DUP.";
        case Counter::device_messages_delivered:
            return "Messages that devices acknowledged; QoS 0: handed on.";
        case Counter::device_messages_expired: return "Messages for devices whose ttl ran out.";
        case Counter::device_messages_cancelled:
            return "Waiting messages for devices deleted through the API.";
        case Counter::device_messages_refused: return "Messages that devices refused.";
        case Counter::device_messages_dropped_queue_full:
            return "Messages for devices pushed out by newer ones.";
        case Counter::device_messages_dropped_packet_too_large:
            return "Messages larger than the device's Maximum Packet Size.";
        case Counter::device_messages_dropped_device_offline:
            return "Messages of ttl 0 for devices without connection.";
        case Counter::device_messages_dropped_not_subscribed:
            return "Messages of ttl 0 to topics without subscription.";
        case Counter::device_messages_dropped_device_deleted:
            return "Messages that waited for devices that were deleted.";
        case Counter::device_messages_unreadable:
            return "Stored messages for devices that this program cannot read.";
        case Counter::device_messages_forgotten:
            return "Finished messages of devices removed from the history.";
        case Counter::device_publications: return "Publications of devices to the platform.";
        case Counter::device_publications_malformed:
            return "Of those, publications that are not what their topic asks for; ignored.";
        case Counter::device_answers_unknown:
            return "Of those, answers of devices that nobody waits for; ignored.";
        case Counter::device_requests_sent:
            return "Commands and properties that devices were asked to answer.";
        case Counter::device_requests_unanswered:
            return "Of those, requests given up: too late, or the device is gone.";
        case Counter::count_: break;
    }
    UNREACHABLE();
}

/// Writes one metric after the other. Of what is written here only a version may need escaping.
class Writer {
public:
    void begin(std::string_view name, std::string_view type, std::string_view help) {
        name_ = "holdfast_" + std::string{name};
        text_.append("# HELP ").append(name_).append(" ").append(help).append("\n");
        text_.append("# TYPE ").append(name_).append(" ").append(type).append("\n");
    }
    void value(std::string_view number) {
        text_.append(name_).append(" ").append(number).append("\n");
    }
    void value(std::uint64_t number) { value(std::to_string(number)); }
    void value(std::string_view label, std::string_view label_value, std::uint64_t number) {
        text_.append(name_).append("{").append(label).append("=\"");
        append_escaped(label_value);
        text_.append("\"} ").append(std::to_string(number)).append("\n");
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    void append_escaped(std::string_view label_value) {
        for (const char c : label_value) {
            if (c == '\\' || c == '"') text_ += '\\';
            if (c == '\n')
                text_ += "\\n";
            else
                text_ += c;
        }
    }

    std::string name_;
    std::string text_;
};

/// Calls for every word of a closed list.
template <class Enum, class Call>
void for_each_word(Call call) {
    for (std::size_t i = 0; i < index_in_list(Enum::count_); ++i) call(static_cast<Enum>(i));
}

void write_counters(const StatusSource& source, Writer& writer) {
    for_each_word<Counter>([&](Counter counter) {
        writer.begin(std::string{to_string(counter)} + "_total", "counter", help_of(counter));
        writer.value(source.total(counter));
    });
    writer.begin("connections_closed_by_reason_total", "counter", "Sockets closed, by reason.");
    for_each_word<CloseReason>([&](CloseReason reason) {
        writer.value("reason", to_string(reason), source.total(reason));
    });
    writer.begin("messages_dropped_total", "counter", "Messages dropped, by reason.");
    for_each_word<DropReason>([&](DropReason reason) {
        writer.value("reason", to_string(reason), source.total(reason));
    });
}

void write_levels(const Levels& levels, Writer& writer) {
    struct Gauge {
        std::string_view name;
        std::string_view help;
        std::uint64_t value;
    };
    const std::array gauges{
        Gauge{"connections", "MQTT connections open.", levels.connections},
        Gauge{"sessions", "Sessions, connected or not.", levels.sessions},
        Gauge{"sessions_connected", "Sessions with a connection.", levels.sessions_connected},
        Gauge{"subscriptions", "Subscriptions.", levels.subscriptions},
        Gauge{"retained_messages", "Retained messages.", levels.retained_messages},
        Gauge{"retained_bytes", "Memory of the retained messages.", levels.retained_bytes},
        Gauge{"queued_messages", "Messages waiting in sessions.", levels.queued_messages},
        Gauge{"queued_bytes", "Memory of the messages waiting in sessions.", levels.queued_bytes},
        Gauge{"inflight_messages", "Messages sent and not yet acknowledged.",
              levels.inflight_messages},
        Gauge{"devices_with_messages", "Devices for which messages wait.",
              levels.devices_with_messages},
        Gauge{"device_messages_waiting", "Messages for devices that are not finished.",
              levels.device_messages_waiting},
        Gauge{"device_bytes_waiting", "Their records in the store.", levels.device_bytes_waiting},
        Gauge{"store_records", "Unsettled records of tables and queues.", levels.store_records},
        Gauge{"store_bytes", "Their keys and values.", levels.store_bytes},
        Gauge{"store_backlog_records", "Changes committed and not yet durable.",
              levels.store_backlog_records},
        Gauge{"store_disk_bytes", "Size of the commit log's files.", levels.store_disk_bytes},
        Gauge{"store_index_bytes", "Memory of the commit log's index.", levels.store_index_bytes},
        Gauge{"loop_lag_milliseconds", "How late the event loop that lags most runs what is due.",
              levels.loop_lag_milliseconds},
        Gauge{"loop_turn_milliseconds", "The longest turn of an event loop in the last quarter second.",
              levels.loop_turn_milliseconds},
        Gauge{"overloaded_threads", "Threads that let connections in slowly or not at all.",
              levels.overloaded_threads},
        Gauge{"memory_resident_bytes", "Resident memory of the process.",
              levels.memory_resident_bytes},
        Gauge{"memory_max_bytes", "What it may be; 0: unlimited.", levels.memory_max_bytes},
        Gauge{"memory_exhausted", "1 while nothing new is taken for want of memory.",
              levels.is_memory_exhausted},
        Gauge{"bans", "Bans in force.", levels.bans},
    };
    for (const Gauge& gauge : gauges) {
        writer.begin(gauge.name, "gauge", gauge.help);
        writer.value(gauge.value);
    }
}

void write_store(const StoreTotals& totals, Writer& writer) {
    struct Total {
        std::string_view name;
        std::string_view help;
        std::uint64_t value;
    };
    const std::array all{
        Total{"store_batches_total", "Batches committed.", totals.batches},
        Total{"store_failed_batches_total", "Batches that could not be kept.",
              totals.failed_batches},
        Total{"store_records_appended_total", "Records written to queues.",
              totals.records_appended},
        Total{"store_appends_elided_total", "Records settled before they had to be written.",
              totals.appends_elided},
        Total{"store_syncs_total", "Syncs.", totals.syncs},
        Total{"store_written_bytes_total", "Bytes written.", totals.bytes_written},
        Total{"store_rewritten_bytes_total", "Of these, to free segments.",
              totals.bytes_rewritten},
    };
    for (const Total& total : all) {
        writer.begin(total.name, "counter", total.help);
        writer.value(total.value);
    }
}

void write_events(const EventTotals& totals, Writer& writer) {
    struct Figure {
        std::string_view name;
        std::string_view help;
        std::uint64_t value;
    };
    const std::array counters{
        Figure{"events_appended_total", "Events for applications kept.", totals.appended},
        Figure{"events_lost_total", "Events that the store could not keep.", totals.lost},
        Figure{"events_forgotten_total", "Events removed, too old or too many.", totals.forgotten},
        Figure{"events_pushed_total", "Events that receivers took.", totals.push.pushed},
        Figure{"events_push_failures_total", "Attempts to push that failed.", totals.push.failed},
        Figure{"events_push_expired_total", "Events not pushed in their time.",
               totals.push.of(PushDrop::expired)},
        Figure{"events_push_dropped_total", "Events discarded after a failure, or gone before.",
               totals.push.all_dropped() - totals.push.of(PushDrop::expired)},
    };
    for (const Figure& figure : counters) {
        writer.begin(figure.name, "counter", figure.help);
        writer.value(figure.value);
    }
    const std::array gauges{
        Figure{"events_kept", "Events kept.", totals.kept},
        Figure{"events_kept_bytes", "Their records in the store.", totals.kept_bytes},
        Figure{"events_push_backlog", "Events behind the action that is furthest behind.",
               totals.push_backlog},
    };
    for (const Figure& figure : gauges) {
        writer.begin(figure.name, "gauge", figure.help);
        writer.value(figure.value);
    }
}

/// One line for each action that is served, of which there are 500 at most.
void write_push_actions(const std::vector<PushActionState>& actions, Writer& writer) {
    struct Column {
        std::string_view name;
        std::string_view type;
        std::string_view help;
        std::uint64_t (*of)(const PushActionState& action);
    };
    using A = PushActionState;
    constexpr std::array columns{
        Column{"push_action_waiting_events", "gauge", "Events of an action that wait.",
               [](const A& action) { return action.waiting; }},
        Column{"push_action_oldest_seconds", "gauge", "Age of the oldest of these.",
               [](const A& action) {
                   return static_cast<std::uint64_t>(action.oldest_age.count() / 1000);
               }},
        Column{"push_action_pushed_total", "counter", "Events that its receiver took.",
               [](const A& action) { return action.totals.pushed; }},
        Column{"push_action_failures_total", "counter", "Attempts of an action that failed.",
               [](const A& action) { return action.totals.failed; }},
        Column{"push_action_dropped_total", "counter", "Events of an action that were given up.",
               [](const A& action) { return action.totals.all_dropped(); }},
        Column{"push_action_stopped", "gauge", "1 while an action is blocked or has no certificate.",
               [](const A& action) {
                   return std::uint64_t{action.state == PushState::working ? 0U : 1U};
               }},
    };
    for (const Column& column : columns) {
        writer.begin(column.name, column.type, column.help);
        for (const A& action : actions) {
            writer.value("action_id", action.action_id, column.of(action));
        }
    }
}

void write_push_drops(const PushTotals& totals, Writer& writer) {
    writer.begin("events_push_dropped_by_reason_total", "counter",
                 "Events that reached no receiver, by reason.");
    for_each_word<PushDrop>(
        [&](PushDrop why) { writer.value("reason", to_string(why), totals.of(why)); });
}

void write_server(const StatusSource& source, Writer& writer) {
    writer.begin("ready", "gauge", "1 while every listener accepts, 0 during start and stop.");
    writer.value(source.is_ready() ? std::uint64_t{1} : std::uint64_t{0});
    writer.begin("uptime_seconds", "gauge", "Time since the start.");
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%.3f",
                  static_cast<double>(source.uptime().count()) / 1000.0);
    writer.value(std::string_view{seconds.data()});
    writer.begin("build_info", "gauge", "Always 1; the label says the version.");
    writer.value("version", source.version(), 1);
}

}  // namespace

std::string prometheus_text(const StatusSource& source) {
    Writer writer;
    write_server(source, writer);
    write_levels(source.levels(), writer);
    write_store(source.store_totals(), writer);
    const EventTotals events = source.event_totals();
    write_events(events, writer);
    write_push_drops(events.push, writer);
    write_push_actions(events.push_actions, writer);
    write_counters(source, writer);
    return writer.take();
}

}  // namespace holdfast::api
