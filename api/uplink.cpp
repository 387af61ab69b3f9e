#include "api/uplink.hpp"

#include "api/json_text.hpp"
#include "api/message_report.hpp"

#include <array>
#include <utility>

namespace holdfast::api {

namespace {

using delivery::DevicePublication;

struct AnswerTopic {
    std::string_view prefix;  ///< of a suffix; the request id follows
    RequestKind kind;
};
constexpr std::array answer_topics{
    AnswerTopic{"sys/commands/response/request_id=", RequestKind::command},
    AnswerTopic{"sys/properties/set/response/request_id=", RequestKind::set_properties},
    AnswerTopic{"sys/properties/get/response/request_id=", RequestKind::get_properties},
};

/// The request id follows.
constexpr std::string_view shadow_prefix = "sys/shadow/get/request_id=";

/// Some SDKs put `?request_id=...` behind the name of a topic.
std::string_view without_query(std::string_view suffix) {
    return suffix.substr(0, suffix.find('?'));
}

std::string_view payload_of(const DevicePublication& publication) {
    return as_text(publication.payload);
}

/// The device itself, or one behind it.
bool is_of(const store::Device& device, std::string_view device_id) {
    return device.device_id == device_id || device.gateway_id == device_id;
}

}  // namespace

void Uplink::on_publication(const Publication& publication, Turn& turn) {
    turn.counters.add(Counter::device_publications);
    const std::string_view suffix = without_query(publication.suffix);
    if (suffix == "sys/messages/up" || suffix.starts_with("user/")) {
        report_message(publication, turn);
    } else if (suffix == "sys/properties/report") {
        report_properties(publication, turn);
    } else if (suffix == "sys/gateway/sub_devices/properties/report") {
        report_gateway(publication, turn);
    } else if (suffix == "sys/events/up") {
        take_events(publication, turn);
    } else if (suffix.starts_with(shadow_prefix)) {
        tell_shadow(publication, publication.suffix.substr(shadow_prefix.size()), turn);
    } else if (!take_answer(publication, turn)) {
        tell_ignored(publication, "the platform does not know this topic");
    }
}

void Uplink::on_connection_begun(std::string_view device_id, Turn&) {
    context_.async_commands.on_connection_begun(device_id);
    if (context_.sub_devices != nullptr) context_.sub_devices->on_connection_begun(device_id);
}

void Uplink::on_direct_acknowledged(std::string_view device_id, std::string_view topic,
                                    bool is_refused, Turn&) {
    context_.async_commands.on_acknowledged(device_id, topic, is_refused);
}

void Uplink::on_connection_ended(std::string_view device_id, Turn& turn) {
    context_.requests.on_connection_ended(device_id, turn);
    if (context_.sub_devices != nullptr) context_.sub_devices->on_connection_ended(device_id);
}

// --- Answers

/// False: the topic is not one of answers.
bool Uplink::take_answer(const Publication& publication, Turn& turn) {
    for (const AnswerTopic& topic : answer_topics) {
        if (!publication.suffix.starts_with(topic.prefix)) continue;
        const std::string_view request_id = publication.suffix.substr(topic.prefix.size());
        const auto parsed = parse_json(payload_of(publication));
        const bool is_readable = parsed && parsed->is_object();
        if (!is_readable) {
            turn.counters.add(Counter::device_publications_malformed);
            tell_ignored(publication, parsed ? "is no object" : parsed.error().text);
        }
        DeviceReply reply{ReplyKind::unreadable, {}};
        if (is_readable) reply = {ReplyKind::answered, std::string{payload_of(publication)}};
        const bool is_awaited =
            context_.requests.on_answer(topic.kind, publication.device_id, request_id, reply) ||
            (topic.kind == RequestKind::command &&
             context_.async_commands.on_answer(publication.device_id, request_id, reply));
        if (is_awaited) return true;
        turn.counters.add(Counter::device_answers_unknown);
        tell_ignored(publication, "nobody waits for this answer");
        return true;
    }
    return false;
}

// --- Events for applications

void Uplink::report_message(const Publication& publication, Turn& turn) {
    if (!context_.sink.wants(PlatformEventKind::device_message_reported)) return;
    with_device(std::string{publication.device_id}, turn,
                [this, body = message_report_body(publication)](const store::Device& device) {
                    make_event(PlatformEventKind::device_message_reported, device, body);
                });
}

void Uplink::report_properties(const Publication& publication, Turn& turn) {
    auto report = read_property_report(payload_of(publication), context_.clock.wall_now());
    if (!report) {
        turn.counters.add(Counter::device_publications_malformed);
        return tell_ignored(publication, report.error().text);
    }
    report->device_id = publication.device_id;
    report_of(std::move(*report), {}, turn);
}

void Uplink::report_gateway(const Publication& publication, Turn& turn) {
    auto reports = read_gateway_report(payload_of(publication), context_.clock.wall_now());
    if (!reports) {
        turn.counters.add(Counter::device_publications_malformed);
        return tell_ignored(publication, reports.error().text);
    }
    for (DeviceReport& report : *reports) {
        report_of(std::move(report), publication.device_id, turn);
    }
}

/// `gateway_id`: who reports of it; empty: the device itself. What is not behind it is not its business.
void Uplink::report_of(DeviceReport report, std::string_view gateway_id, Turn& turn) {
    const auto take = [this, report, gateway = std::string{gateway_id},
                       now = turn.now](const store::Device& device) {
        if (!gateway.empty() && !is_of(device, gateway)) return;
        const bool is_kept =
            context_.shadows.on_reported({device.number, device.device_id}, report.services, now);
        if (!is_kept && context_.events.wants(Severity::debug)) {
            context_.events.on_event({.severity = Severity::debug,
                                      .name = "device_publication_ignored",
                                      .client_id = device.device_id,
                                      .detail = "too much is reported for the device's shadow"});
        }
        if (!context_.sink.wants(PlatformEventKind::device_property_reported)) return;
        make_event(PlatformEventKind::device_property_reported, device,
                   property_event_body(report));
    };
    with_device(report.device_id, turn, take);
}

/// A device that is gone meanwhile has nothing to report.
void Uplink::with_device(std::string device_id, Turn& turn, DeviceAction act) {
    if (const store::DevicePtr cached = context_.catalogue.cached_device(device_id)) {
        return act(*cached);
    }
    context_.catalogue.find_device(
        std::move(device_id), *turn.executor,
        [act = std::move(act)](std::error_code, const store::DevicePtr& found) {
            if (found) act(*found);
        });
}

void Uplink::make_event(PlatformEventKind kind, const store::Device& device, std::string body) {
    context_.sink.on_platform_event(
        {.kind = kind,
         .subject = {.app_id = device.app_id,
                     .product_id = device.product_id,
                     .device_id = device.device_id,
                     .node_id = device.node_id,
                     .gateway_id =
                         device.gateway_id.empty() ? device.device_id : device.gateway_id},
         .at = context_.clock.wall_now(),
         .body = std::move(body)});
}

// --- The shadow

/// {"object_device_id", "service_id"}, both optional.
void Uplink::tell_shadow(const Publication& publication, std::string_view request_id, Turn& turn) {
    const auto query = read_shadow_query(payload_of(publication));
    if (!query) {
        turn.counters.add(Counter::device_publications_malformed);
        return tell_ignored(publication, query.error().text);
    }
    std::string topic{delivery::device_topics_prefix};
    topic.append(publication.device_id).append("/sys/shadow/get/response/request_id=");
    topic.append(request_id);
    const std::string asker{publication.device_id};
    const auto answer = [this, query = *query, topic, asker, &turn](const store::Device& device) {
        if (!is_of(device, asker)) return;
        context_.shadows.find(
            device.number, *turn.executor,
            [this, query, topic, asker, &turn, about = device.device_id](std::error_code error,
                                                                         Shadow shadow) {
                if (error) return;  // the device asks again
                if (!query.service_id.empty()) shadow.keep_only(query.service_id);
                JsonWriter writer;
                writer.begin_object();
                writer.text("object_device_id", about);
                writer.json("shadow", shadow.to_json());
                writer.end_object();
                const std::string payload = writer.take();
                static_cast<void>(context_.line.send(
                    {.device_id = asker, .topic = topic, .payload = as_bytes(payload)}, turn));
            });
    };
    with_device(query->object_device_id.empty() ? asker : query->object_device_id, turn, answer);
}

// --- events/up

void Uplink::take_events(const Publication& publication, Turn& turn) {
    const WallTime received = context_.clock.wall_now();
    const auto events = read_device_events(payload_of(publication));
    if (!events) {
        turn.counters.add(Counter::device_publications_malformed);
        return tell_ignored(publication, events.error().text);
    }
    for (const DeviceEvent& event : events->events) {
        take_event(publication, *events, event, received, turn);
    }
}

/// Others are accepted, `$log` among them, and nothing is done with them.
void Uplink::take_event(const Publication& publication, const DeviceEvents& all,
                        const DeviceEvent& event, WallTime received, Turn& turn) {
    const bool is_own =
        all.object_device_id.empty() || all.object_device_id == publication.device_id;
    if (event.service_id == "$time_sync" && event.event_type == "time_sync_request") {
        const std::string_view about =
            is_own ? publication.device_id : std::string_view{all.object_device_id};
        const WallTime sent = context_.clock.wall_now();
        const std::string payload =
            event_down(about, time_sync_response(event, received, sent), sent);
        const std::string topic = events_down_topic(publication.device_id);
        // An answer about the time is worth nothing later.
        static_cast<void>(context_.line.send(
            {.device_id = publication.device_id, .topic = topic, .payload = as_bytes(payload)},
            turn));
    } else if (event.service_id == "$sdk_info" && event.event_type == "sdk_info_report" && is_own) {
        const std::string note = sdk_info_of(event);
        if (note.empty() || publication.device_number == 0) return;
        context_.notes.put(publication.device_number, std::string{publication.device_id}, note,
                           *turn.executor);
    } else if (is_sub_device_manager(event.service_id) && is_own) {
        take_sub_device_request(publication, event, turn);
    }
}

void Uplink::take_sub_device_request(const Publication& publication, const DeviceEvent& event,
                                     Turn& turn) {
    if (context_.sub_devices == nullptr) return;
    auto request = read_sub_device_request(event);
    if (!request) {
        turn.counters.add(Counter::device_publications_malformed);
        return tell_ignored(publication, request.error().text);
    }
    if (*request) context_.sub_devices->on_request(publication.device_id, std::move(**request));
}

void Uplink::tell_ignored(const Publication& publication, std::string_view why) const {
    if (!context_.events.wants(Severity::debug)) return;
    context_.events.on_event({.severity = Severity::debug,
                              .name = "device_publication_ignored",
                              .client_id = publication.device_id,
                              .detail = why,
                              .topic = publication.topic});
}

}  // namespace holdfast::api
