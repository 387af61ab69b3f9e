#pragma once
// The query of a list of messages: limit, marker and status, all optional and beyond the contract.
// Threads: any.

#include "api/exchange.hpp"
#include "delivery/delivery.hpp"

#include <boost/system/result.hpp>

#include <cstddef>

namespace holdfast::api {

/// Of one page, and how many it has when nobody asks for fewer.
inline constexpr std::size_t list_messages_max = 1'000;

[[nodiscard]] boost::system::result<delivery::ListQuery, Response> read_list_query(
    const Exchange& exchange);

}  // namespace holdfast::api
