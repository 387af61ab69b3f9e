#pragma once
// Devices and products for handlers: what the catalogue's cache has at once, the rest awaited. What
// cannot be had is an answer already.
// Threads: `executor` is that of the shard on which the handler runs.

#include "api/exchange.hpp"
#include "store/catalogue.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <string>

namespace holdfast::api {

template <class T>
using Found = boost::system::result<T, Response>;

/// Not null. 404 IOTDA.014000 when there is none.
[[nodiscard]] boost::asio::awaitable<Found<store::DevicePtr>> find_device(
    store::Catalogue& catalogue, store::Executor& executor, std::string device_id);

/// The device whose connection is its way: itself, or the gateway that it is behind, at any level.
[[nodiscard]] boost::asio::awaitable<Found<store::DevicePtr>> find_connected_device(
    store::Catalogue& catalogue, store::Executor& executor, store::DevicePtr device);

/// Null when there is none.
[[nodiscard]] boost::asio::awaitable<Found<store::ProductPtr>> find_product(
    store::Catalogue& catalogue, store::Executor& executor, std::string product_id);

}  // namespace holdfast::api
