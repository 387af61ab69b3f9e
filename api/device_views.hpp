#pragma once
// DeviceViews: devices as applications see them: what is registered, the names of product and resource space,
// tags, whether they are there now, and what they told of themselves. A page of them costs the catalogue one
// question about all their tags and one about all that they told; products come out of its cache.
// What cannot be read is left out: the rest of the device is worth showing.
// Threads: the HTTP side's. Lifetime: the parts outlive what is awaited, and the views, too.

#include "api/apps.hpp"
#include "api/device_hooks.hpp"
#include "api/device_schema.hpp"
#include "store/catalogue.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace holdfast::api {

class DeviceViews {
public:
    struct Context {
        store::Catalogue& catalogue;
        store::Executor& executor;  ///< of the thread that awaits
        const DeviceStatusSource& status;
        const Apps& apps;
    };
    explicit DeviceViews(Context context) : context_(context) {}

    [[nodiscard]] boost::asio::awaitable<boost::json::object> show(store::DevicePtr device,
                                                                   SecretsShown secrets) const;
    /// In their order, without secrets.
    [[nodiscard]] boost::asio::awaitable<boost::json::array> show_all(
        std::vector<store::DevicePtr> devices) const;

private:
    using Devices = std::vector<store::DevicePtr>;

    [[nodiscard]] boost::asio::awaitable<std::vector<store::Link>> tags_of(Devices devices) const;
    [[nodiscard]] boost::asio::awaitable<std::vector<std::string>> notes_of(Devices devices) const;
    [[nodiscard]] boost::asio::awaitable<std::string> product_name_of(std::string product_id) const;
    [[nodiscard]] boost::asio::awaitable<std::vector<boost::json::object>> views_of(
        Devices devices, SecretsShown secrets) const;

    Context context_;
};

}  // namespace holdfast::api
