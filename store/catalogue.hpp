#pragma once
// Catalogue: what is queried rather than queued: products with their topics, devices, users. Asynchronous
// like Store: an answer runs on the caller's executor, never inside the call; a change is answered when it
// is durable. What hot paths read is cached.
// Threads: every member may be called by any thread once it is started, and by one before.
// Lifetime: executors outlive the catalogue.

#include "store/catalogue_types.hpp"
#include "store/device_search.hpp"
#include "store/documents.hpp"
#include "store/store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace holdfast::store {

/// How a device proves itself.
enum class AuthType : std::uint8_t { secret = 0, certificates = 1 };

struct Device {
    std::uint64_t number = 0;  ///< given by the catalogue, never used again
    std::string device_id;
    std::string node_id;
    std::string device_name;
    std::string product_id;
    std::string app_id;
    std::string gateway_id;  ///< empty: it connects itself
    std::string description;
    AuthType auth_type = AuthType::secret;
    std::string secret;  ///< both encrypted at rest; empty: none
    std::string secondary_secret;
    /// Of its certificates, hexadecimal in lower case: SHA-1 (40 digits) or SHA-256 (64). An empty primary
    /// one is learnt from the first connection.
    std::string fingerprint;
    std::string secondary_fingerprint;
    bool is_frozen = false;
    CatalogueTime created_at{};
    std::optional<CatalogueTime> activated_at;  ///< first connection
    /// Its last connection began or ended; put_connection_changes() alone writes it, the cache may be behind.
    std::optional<CatalogueTime> connection_changed_at;
    std::string extension_info;                 ///< JSON text; empty: none
    bool is_secure_access = false;              ///< it must come over TLS
    std::chrono::seconds activation_timeout{0};
};
using DevicePtr = std::shared_ptr<const Device>;

/// A device that is gone, of which messages or a session are perhaps left.
struct RemovedDevice {
    std::uint64_t number = 0;
    std::string device_id;
};

struct ConnectionChange {
    std::uint64_t number = 0;  ///< of the device
    CatalogueTime at{};
};

struct ProductTopic {
    std::string suffix;  ///< behind $oc/devices/{device_id}/user/
    bool may_publish = true;
    bool may_subscribe = true;
};
struct Product {
    std::string product_id;
    std::string app_id;
    std::string name;
    std::string device_type;
    std::string protocol_type;
    std::string data_format;
    std::string manufacturer_name;
    std::string industry;
    std::string description;
    std::string service_capabilities;  ///< JSON text
    std::vector<ProductTopic> topics;
    CatalogueTime created_at{};
};
using ProductPtr = std::shared_ptr<const Product>;

/// Somebody who may ask for tokens.
struct User {
    std::string name;
    std::string domain;
    std::string password_hash;  ///< as api's password module writes it, never the password
    CatalogueTime created_at{};
};

/// Name and value of each.
using Settings = std::vector<std::pair<std::string, std::string>>;

struct DeviceQuery {
    std::optional<std::string> product_id;
    std::optional<std::string> gateway_id;
    bool is_cascade = false;  ///< with gateway_id: also the devices behind its devices
    std::optional<std::string> node_id;
    std::optional<std::string> device_name;
    std::optional<std::string> app_id;
    std::optional<CatalogueTime> created_from;
    std::optional<CatalogueTime> created_until;
    Paging paging;
};
struct ProductQuery {
    std::optional<std::string> app_id;
    std::optional<std::string> name;
    Paging paging;
};
/// Null with an error: CatalogueError::not_found and so on, or the database's.
using DeviceAnswer = std::function<void(std::error_code, DevicePtr)>;
using ProductAnswer = std::function<void(std::error_code, ProductPtr)>;
using UserAnswer = std::function<void(std::error_code, std::optional<User>)>;
using RemovedDevicesAnswer = std::function<void(std::error_code, std::vector<RemovedDevice>)>;
using DevicesAnswer = std::function<void(std::error_code, CataloguePage<DevicePtr>)>;
using ProductsAnswer = std::function<void(std::error_code, CataloguePage<ProductPtr>)>;

/// Changes a copy of a record, or refuses to; on any thread, perhaps more than once.
using DeviceChange = std::function<std::error_code(Device&)>;
using ProductChange = std::function<std::error_code(Product&)>;

class Catalogue {
public:
    virtual ~Catalogue() = default;

    /// From now on any thread may call, and none waits for the disk. Before, what is asked is done at once,
    /// for the thread that opened it: a program that starts wants one thing after the other, and two
    /// threads that wait for each other take longer.
    virtual void start() = 0;

    /// What the cache has; null: ask find_device().
    [[nodiscard]] virtual DevicePtr cached_device(std::string_view device_id) const = 0;
    [[nodiscard]] virtual ProductPtr cached_product(std::string_view product_id) const = 0;

    virtual void find_device(std::string device_id, Executor& executor, DeviceAnswer done) = 0;
    /// Gives it a number. Its product must exist, and its gateway if it has one: not_found.
    virtual void add_device(Device device, Executor& executor, DeviceAnswer done) = 0;
    /// Replaces everything but number, device_id and created_at.
    virtual void update_device(Device device, Executor& executor, DeviceAnswer done) = 0;
    /// What update_device() does, from what is there at that moment: of two changes at once none is
    /// lost. The base class finds and updates, which is right for one caller at a time.
    virtual void change_device(std::string device_id, DeviceChange change, Executor& executor,
                               DeviceAnswer done);
    /// still_in_use while it is the gateway of others.
    virtual void remove_device(std::string device_id, Executor& executor, Answered done) = 0;
    /// Devices that were removed and are not forgotten, the earliest first, at most a page of them.
    virtual void list_removed_devices(Executor& executor, RemovedDevicesAnswer done) = 0;
    /// Nothing of it is left anywhere. Not there: done, too.
    virtual void forget_removed_device(std::uint64_t number, Executor& executor, Answered done) = 0;
    /// Without their secrets.
    virtual void list_devices(DeviceQuery query, Executor& executor, DevicesAnswer done) = 0;
    /// Without their secrets.
    virtual void search_devices(DeviceSearch search, Executor& executor, DevicesAnswer done) = 0;
    /// All or none; of devices that are gone: done, too.
    virtual void put_connection_changes(std::vector<ConnectionChange> changes, Executor& executor,
                                        Answered done) = 0;

    virtual void find_product(std::string product_id, Executor& executor, ProductAnswer done) = 0;
    virtual void add_product(Product product, Executor& executor, ProductAnswer done) = 0;
    virtual void update_product(Product product, Executor& executor, ProductAnswer done) = 0;
    virtual void change_product(std::string product_id, ProductChange change, Executor& executor,
                                ProductAnswer done);
    /// still_in_use while it has devices.
    virtual void remove_product(std::string product_id, Executor& executor, Answered done) = 0;
    virtual void list_products(ProductQuery query, Executor& executor, ProductsAnswer done) = 0;

    virtual void find_user(std::string name, Executor& executor, UserAnswer done) = 0;
    /// Adds or replaces.
    virtual void put_user(User user, Executor& executor, Answered done) = 0;

    /// Small facts about the installation: "project_id", ... Empty: not set.
    virtual void find_setting(
        std::string name, Executor& executor,
        std::function<void(std::error_code, std::optional<std::string>)> done) = 0;
    /// All of them or none.
    virtual void put_settings(Settings settings, Executor& executor, Answered done) = 0;

    /// What has no table of its own.
    [[nodiscard]] virtual Documents& documents() = 0;
};

}  // namespace holdfast::store
