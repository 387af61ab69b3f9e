#include "api/event_record.hpp"

#include <algorithm>
#include <limits>

namespace holdfast::api {

namespace {

constexpr Byte version = 1;
constexpr std::size_t text_bytes_max = std::numeric_limits<std::uint16_t>::max();

}  // namespace

store::Bytes encode_event_record(const PlatformEvent& event) {
    store::Bytes bytes;
    bytes.reserve(64 + event.body.size());
    delivery::RecordWriter writer{bytes};
    writer.u8(version);
    writer.u8(static_cast<Byte>(event.kind));
    writer.wall_time(event.at);
    const PlatformEventSubject& subject = event.subject;
    for (const std::string* const text : {&subject.app_id, &subject.product_id, &subject.device_id,
                                          &subject.node_id, &subject.gateway_id}) {
        writer.text(std::string_view{*text}.substr(0, text_bytes_max));
    }
    writer.bytes(as_bytes(event.body));
    return bytes;
}

delivery::Recovered<PlatformEvent> decode_event_record(delivery::StoredBytes bytes) {
    delivery::RecordReader reader{bytes, "event record"};
    reader.version(version);
    PlatformEvent event;
    const Byte kind = reader.u8("kind");
    reader.require(kind < static_cast<Byte>(PlatformEventKind::count_), "kind");
    event.kind = static_cast<PlatformEventKind>(kind);
    event.at = reader.wall_time("at");
    event.subject.app_id = reader.optional_text("app_id");
    event.subject.product_id = reader.optional_text("product_id");
    event.subject.device_id = reader.optional_text("device_id");
    event.subject.node_id = reader.optional_text("node_id");
    event.subject.gateway_id = reader.optional_text("gateway_id");
    event.body = as_text(reader.bytes(reader.left(), "body"));
    if (!reader.finish()) return reader.error();
    return event;
}

/// 0 is no mark of ours.
store::Mark event_mark(WallTime at) {
    const auto count = std::max<std::int64_t>(at.time_since_epoch().count(), 1);
    return store::Mark{static_cast<std::uint64_t>(count)};
}

WallTime event_time(store::Mark mark) {
    return WallTime{Milliseconds{static_cast<std::int64_t>(mark)}};
}

}  // namespace holdfast::api
