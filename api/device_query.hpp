#pragma once
// The query of a list of devices: filters by equality, by the time of creation, and paging.
// Threads: any.

#include "api/exchange.hpp"
#include "store/catalogue.hpp"

#include <boost/system/result.hpp>

#include <optional>

namespace holdfast::api {

/// Else the answer: 400 IOTDA.000009 and IOTDA.000010 for times, IOTDA.000006 for other parameters.
[[nodiscard]] boost::system::result<store::DeviceQuery, Response> read_device_query(
    const Exchange& exchange);

/// start_time and end_time of a list.
struct TimeRange {
    std::optional<store::CatalogueTime> from;
    std::optional<store::CatalogueTime> until;
};
[[nodiscard]] boost::system::result<TimeRange, Response> read_time_range(const Exchange& exchange);

}  // namespace holdfast::api
