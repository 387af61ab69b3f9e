#include "api/event_record.hpp"

#include "api/event_json.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace holdfast::api {

namespace {

using delivery::Cause;

constexpr Byte version_of_any = 1;
constexpr Byte version_of_status = 2;
constexpr std::size_t text_bytes_max = std::numeric_limits<std::uint16_t>::max();

/// The place of a cause is its number in the store: append only.
constexpr std::array stored_causes{
    Cause::offline,
    Cause::queued_behind,
    Cause::not_subscribed,
    Cause::send_quota_exhausted,
    Cause::socket_full,
    Cause::awaiting_acknowledgement,
    Cause::acknowledged,
    Cause::handed_over,
    Cause::refused_by_device,
    Cause::expired,
    Cause::device_offline,
    Cause::topic_not_subscribed,
    Cause::packet_too_large,
    Cause::queue_full,
    Cause::cancelled,
    Cause::device_deleted,
};
static_assert(stored_causes.size() == static_cast<std::size_t>(Cause::count_));

Byte number_of(Cause cause) {
    const auto found = std::ranges::find(stored_causes, cause);
    CHECK(found != stored_causes.end());
    return static_cast<Byte>(found - stored_causes.begin());
}

void write_text(delivery::RecordWriter& writer, std::string_view text) {
    writer.text(text.substr(0, text_bytes_max));
}

/// Behind the version.
PlatformEvent read_any(delivery::RecordReader& reader) {
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
    return event;
}

PlatformEvent read_status(delivery::RecordReader& reader) {
    delivery::StatusRecord status;
    const Byte cause = reader.u8("cause");
    reader.require(cause < stored_causes.size(), "cause");
    if (!reader.failed()) status.cause = stored_causes[cause];
    status.reason_code = reader.u8("reason_code");
    status.at = reader.wall_time("at");
    status.device_id = reader.optional_text("device_id");
    status.message_id = reader.optional_text("message_id");
    status.name = reader.optional_text("name");
    status.topic = reader.optional_text("topic");
    PlatformEvent event;
    event.kind = PlatformEventKind::device_message_status_updated;
    event.subject.device_id = status.device_id;
    event.at = status.at;
    if (!reader.failed()) event.body = message_status_body(status);
    return event;
}

}  // namespace

store::Bytes encode_event_record(const PlatformEvent& event) {
    store::Bytes bytes;
    bytes.reserve(64 + event.body.size());
    delivery::RecordWriter writer{bytes};
    writer.u8(version_of_any);
    writer.u8(static_cast<Byte>(event.kind));
    writer.wall_time(event.at);
    const PlatformEventSubject& subject = event.subject;
    for (const std::string* const text : {&subject.app_id, &subject.product_id, &subject.device_id,
                                          &subject.node_id, &subject.gateway_id}) {
        write_text(writer, *text);
    }
    writer.bytes(as_bytes(event.body));
    return bytes;
}

store::Bytes encode_status_record(const delivery::StatusRecord& record) {
    store::Bytes bytes;
    bytes.reserve(32 + record.device_id.size() + record.message_id.size() + record.name.size() +
                  record.topic.size());
    delivery::RecordWriter writer{bytes};
    writer.u8(version_of_status);
    writer.u8(number_of(record.cause));
    writer.u8(record.reason_code);
    writer.wall_time(record.at);
    write_text(writer, record.device_id);
    write_text(writer, record.message_id);
    write_text(writer, record.name);
    write_text(writer, record.topic);
    return bytes;
}

delivery::Recovered<PlatformEvent> decode_event_record(delivery::StoredBytes bytes) {
    delivery::RecordReader reader{bytes, "event record"};
    const Byte version = reader.version(version_of_any, version_of_status);
    PlatformEvent event = version == version_of_status ? read_status(reader) : read_any(reader);
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
