#pragma once
// What is told of devices and products that were made, changed or deleted: events of device:create and so on,
// with the body that applications see, without secrets. Threads: any.

#include "api/platform_event.hpp"
#include "store/catalogue.hpp"

#include <boost/json/object.hpp>

namespace holdfast::api {

/// False: there is no sink, or it does not want them.
[[nodiscard]] inline bool is_told(const PlatformEventSink* sink, PlatformEventKind kind) {
    return sink != nullptr && sink->wants(kind);
}

/// An empty body is left out.
[[nodiscard]] PlatformEvent device_event(PlatformEventKind kind, const store::Device& device,
                                         const boost::json::object& body, WallTime at);
[[nodiscard]] PlatformEvent product_event(PlatformEventKind kind, const store::Product& product,
                                          const boost::json::object& body, WallTime at);

}  // namespace holdfast::api
