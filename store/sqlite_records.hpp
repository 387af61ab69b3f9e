#pragma once
// Records of the catalogue as rows of SQLite: what each call of Catalogue does with the database. Answers
// are CatalogueError where the contract names one, else the database's own.
// Secrets of devices are encrypted on their way in, each for its device's number and its column.
// Threads: those of the Database. Devices and products are in files of their own.

#include "base/secret_box.hpp"
#include "store/catalogue.hpp"
#include "store/sqlite_database.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace holdfast::store {

/// How much a catalogue may hold; one more is limit_reached.
struct CatalogueLimits {
    std::size_t devices_max = 1'000'000;
    std::size_t devices_per_gateway_max = 50'000;
    std::size_t products_max = 1'000;
    std::size_t users_max = 1'000;
};

std::error_code find_device(Database& database, const SecretBox& box, std::string_view device_id,
                            DevicePtr& found);
std::error_code add_device(Database& database, const SecretBox& box, const Device& device,
                           const CatalogueLimits& limits, DevicePtr& added);
std::error_code update_device(Database& database, const SecretBox& box, const Device& device,
                              DevicePtr& updated);
std::error_code remove_device(Database& database, std::string_view device_id);
std::error_code list_removed_devices(Database& database, std::vector<RemovedDevice>& removed);
std::error_code forget_removed_device(Database& database, std::uint64_t number);
/// Without their secrets.
std::error_code list_devices(Database& database, const DeviceQuery& query,
                             CataloguePage<DevicePtr>& page);
std::error_code search_devices(Database& database, const DeviceSearch& search,
                               CataloguePage<DevicePtr>& page);
std::error_code put_connection_changes(Database& database,
                                       const std::vector<ConnectionChange>& changes);
/// Encrypts secrets that are plain text, of all devices.
std::error_code seal_secrets(Database& database, const SecretBox& box);

std::error_code find_product(Database& database, std::string_view product_id, ProductPtr& found);
std::error_code add_product(Database& database, const Product& product,
                            const CatalogueLimits& limits, ProductPtr& added);
std::error_code update_product(Database& database, const Product& product, ProductPtr& updated);
std::error_code remove_product(Database& database, std::string_view product_id);
std::error_code list_products(Database& database, const ProductQuery& query,
                              CataloguePage<ProductPtr>& page);

std::error_code find_user(Database& database, std::string_view name, std::optional<User>& found);
std::error_code put_user(Database& database, const User& user, const CatalogueLimits& limits);
std::error_code find_setting(Database& database, std::string_view name,
                             std::optional<std::string>& value);
std::error_code put_setting(Database& database, std::string_view name, std::string_view value);

// --- What the files share

/// What reads devices; rows of it are for device_of(), whose secrets are as they stand there.
[[nodiscard]] std::string select_devices(std::string_view conditions);
[[nodiscard]] Device device_of(const Statement& row);
/// Without their secrets.
std::error_code read_devices(Statement& rows, CataloguePage<DevicePtr>& page);

/// The database's words for a broken rule, in the contract's.
[[nodiscard]] std::error_code translate(std::error_code error, CatalogueError foreign_key);
[[nodiscard]] std::int64_t milliseconds_of(CatalogueTime time);
[[nodiscard]] CatalogueTime time_of(std::int64_t milliseconds);
/// Of marker_of(); an empty marker is behind every number.
[[nodiscard]] std::optional<std::int64_t> number_of(std::string_view marker);
[[nodiscard]] std::int64_t bounded(std::size_t count);  ///< as SQLite's LIMIT and OFFSET take it

/// WHERE of a list, one condition per filter that is set, with parameters from ?1 on.
class Conditions {
public:
    /// `condition` has one parameter, "?".
    void add(std::string_view condition, std::string_view text);
    void add(std::string_view condition, std::int64_t number);
    [[nodiscard]] bool empty() const { return values_.empty(); }
    [[nodiscard]] const std::string& sql() const { return sql_; }
    /// Returns the number of the next parameter.
    int bind_to(Statement& statement) const;

private:
    struct Value {
        std::string text;
        std::optional<std::int64_t> number;
    };
    void add_condition(std::string_view condition);

    std::string sql_;
    std::vector<Value> values_;
};

}  // namespace holdfast::store
