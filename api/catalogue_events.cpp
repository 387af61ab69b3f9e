#include "api/catalogue_events.hpp"

#include <boost/json/serialize.hpp>

namespace holdfast::api {

namespace {

std::string text_of(const boost::json::object& body) {
    return body.empty() ? std::string{} : boost::json::serialize(body);
}

}  // namespace

PlatformEvent device_event(PlatformEventKind kind, const store::Device& device,
                           const boost::json::object& body, WallTime at) {
    return {.kind = kind,
            .subject = {.app_id = device.app_id,
                        .product_id = device.product_id,
                        .device_id = device.device_id,
                        .node_id = device.node_id,
                        .gateway_id = device.gateway_id},
            .at = at,
            .body = text_of(body)};
}

PlatformEvent product_event(PlatformEventKind kind, const store::Product& product,
                            const boost::json::object& body, WallTime at) {
    return {.kind = kind,
            .subject = {.app_id = product.app_id, .product_id = product.product_id},
            .at = at,
            .body = text_of(body)};
}

}  // namespace holdfast::api
