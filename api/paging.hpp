#pragma once
// Paging as the lists of the platform's contract have it: limit, marker and offset in the query, newest
// first, {"page": {"count", "marker"}} in the answer. Threads: any.

#include "api/exchange.hpp"
#include "store/catalogue.hpp"

#include <boost/json/object.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <string>

namespace holdfast::api {

inline constexpr std::size_t page_limit_max = 50;
inline constexpr std::size_t page_offset_max = 500;

/// Else the answer: 400 IOTDA.000017 for the limit, IOTDA.000006 for the others.
[[nodiscard]] boost::system::result<store::Paging, Response> read_paging(const Exchange& exchange);

/// `marker` is that of the last record; an empty page repeats the one that was asked with.
[[nodiscard]] boost::json::object page_json(std::size_t count, const std::string& marker,
                                            const store::Paging& asked);

}  // namespace holdfast::api
