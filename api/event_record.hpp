#pragma once
// A PlatformEvent as the store has it, numbers big-endian:
//
//   1  version = 1
//   1  kind, as PlatformEventKind counts
//   8  when it happened, milliseconds since 1970
//   2  length, then the text; five times: app_id, product_id, device_id, node_id, gateway_id
//   the rest: the body, JSON text; perhaps none
//
// The status of a message, of which there is one event and more for each, is kept as it was told, and its
// body written when somebody reads it:
//
//   1  version = 2
//   1  cause, as stored_causes in event_record.cpp
//   1  reason code of a refusal
//   8  when it happened, milliseconds since 1970
//   2  length, then the text; four times: device_id, message_id, name, topic
//
// The mark beside it is the same instant, so that the oldest are found without reading them.
// Plain values. Errors: as those of all stored records (delivery/record_io.hpp).

#include "api/platform_event.hpp"
#include "delivery/record_io.hpp"
#include "delivery/status_recorder.hpp"
#include "store/store.hpp"

namespace holdfast::api {

[[nodiscard]] store::Bytes encode_event_record(const PlatformEvent& event);
[[nodiscard]] store::Bytes encode_status_record(const delivery::StatusRecord& record);
[[nodiscard]] delivery::Recovered<PlatformEvent> decode_event_record(delivery::StoredBytes bytes);

[[nodiscard]] store::Mark event_mark(WallTime at);
[[nodiscard]] WallTime event_time(store::Mark mark);

}  // namespace holdfast::api
