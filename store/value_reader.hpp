#pragma once
// ValueReader: the bytes of a page's values, from memory where they are not written yet and from segments
// otherwise. What stands close together in a segment is read at once.
//
// Threads: pure but for reading files; without the store's lock, since what is wanted pins its segment.
// Errors: a file that cannot be read fails the page. A record whose checksum is wrong is left out alone,
// and counted: it must not keep back the healthy ones behind it.

#include "store/segments.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <system_error>
#include <vector>

namespace holdfast::store {

struct WantedValue {
    ValuePtr value;  ///< not written yet; the rest is empty then
    SegmentPtr segment;
    std::uint32_t offset = 0;  ///< of its record
    std::uint32_t prefix = 0;  ///< bytes of the record's body before the value
    std::uint32_t bytes = 0;   ///< of the value
};

struct ReadValues {
    std::error_code error;
    std::vector<std::optional<Bytes>> values;  ///< as they were wanted; empty: damaged
    std::uint64_t damaged = 0;
};

[[nodiscard]] ReadValues read_values(const std::vector<WantedValue>& wanted);

}  // namespace holdfast::store
