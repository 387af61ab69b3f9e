#pragma once
// A PlatformEvent as the store has it. Version 1, numbers big-endian:
//
//   1  version = 1
//   1  kind, as PlatformEventKind counts
//   8  when it happened, milliseconds since 1970
//   2  length, then the text; five times: app_id, product_id, device_id, node_id, gateway_id
//   the rest: the body, JSON text; perhaps none
//
// The mark beside it is the same instant, so that the oldest are found without reading them.
// Plain values. Errors: as those of all stored records (delivery/record_io.hpp).

#include "api/platform_event.hpp"
#include "delivery/record_io.hpp"
#include "store/store.hpp"

namespace holdfast::api {

[[nodiscard]] store::Bytes encode_event_record(const PlatformEvent& event);
[[nodiscard]] delivery::Recovered<PlatformEvent> decode_event_record(delivery::StoredBytes bytes);

[[nodiscard]] store::Mark event_mark(WallTime at);
[[nodiscard]] WallTime event_time(store::Mark mark);

}  // namespace holdfast::api
