#include "api/device_lookup.hpp"

#include "api/await_answer.hpp"
#include "api/message_refusals.hpp"

#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

using boost::asio::awaitable;
using store::DevicePtr;
using store::ProductPtr;

awaitable<Found<DevicePtr>> find_device(store::Catalogue& catalogue, store::Executor& executor,
                                        std::string device_id) {
    if (DevicePtr cached = catalogue.cached_device(device_id)) co_return cached;
    const auto begin = [&](auto done) { catalogue.find_device(device_id, executor, done); };
    const auto [error, device] = co_await await_answer<std::error_code, DevicePtr>(begin);
    if (error == store::CatalogueError::not_found) co_return device_not_found(device_id);
    if (error) co_return store_failed(error);
    co_return device;
}

awaitable<Found<DevicePtr>> find_connected_device(store::Catalogue& catalogue,
                                                  store::Executor& executor, DevicePtr device) {
    // At most two levels below a gateway, as devices are registered.
    while (!device->gateway_id.empty()) {
        auto gateway = co_await find_device(catalogue, executor, device->gateway_id);
        if (!gateway) co_return std::move(gateway.error());
        device = std::move(*gateway);
    }
    co_return device;
}

awaitable<Found<ProductPtr>> find_product(store::Catalogue& catalogue, store::Executor& executor,
                                          std::string product_id) {
    if (ProductPtr cached = catalogue.cached_product(product_id)) co_return cached;
    const auto begin = [&](auto done) { catalogue.find_product(product_id, executor, done); };
    const auto [error, product] = co_await await_answer<std::error_code, ProductPtr>(begin);
    if (error == store::CatalogueError::not_found) co_return ProductPtr{};
    if (error) co_return store_failed(error);
    co_return product;
}

}  // namespace holdfast::api
