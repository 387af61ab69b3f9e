#include "store/sqlite_catalogue.hpp"

#include "store/sqlite_call.hpp"

#include <filesystem>
#include <fstream>
#include <utility>

namespace holdfast::store {

namespace {

constexpr std::string_view in_memory = ":memory:";

/// SQLite would make it readable by everybody. Its companions get the rights of the file.
void make_private(const std::string& path) {
    std::error_code ignored;  // if it cannot be made, opening it says why
    if (path == in_memory || std::filesystem::exists(path, ignored)) return;
    std::ofstream{path, std::ios::app}.close();
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ignored);
}

constexpr auto nothing = [](const auto&) {};

}  // namespace

boost::system::result<std::unique_ptr<SqliteCatalogue>, CatalogueOpenFailure> SqliteCatalogue::open(
    const std::string& path, const CatalogueSettings& settings) {
    make_private(path);
    std::unique_ptr<Database> database;
    if (const auto error = Database::open(path, database)) return open_failure(error, path);
    std::unique_ptr<SecretBox> box;
    if (auto failure = prepare_catalogue(*database, path, box)) return std::move(*failure);
    auto online = std::make_shared<OnlineTest>();
    const auto test = [online](std::string_view device_id) {
        return *online && (*online)(device_id);
    };
    if (const auto error = database->define("is_online", test)) return open_failure(error, path);
    std::unique_ptr<SqliteCatalogue> catalogue{new SqliteCatalogue{
        std::move(database), std::move(box), settings, std::move(online)}};
    if (settings.is_started) catalogue->start();
    return catalogue;
}

SqliteCatalogue::SqliteCatalogue(std::unique_ptr<Database> database, std::unique_ptr<SecretBox> box,
                                 const CatalogueSettings& settings,
                                 std::shared_ptr<OnlineTest> online)
    : limits_(settings.limits),
      box_(std::move(box)),
      devices_(settings.cached_devices_max),
      products_(settings.cached_products_max),
      documents_(worker_, *box_),
      online_(std::move(online)),
      worker_(std::move(database)) {}

// --- Devices

DevicePtr SqliteCatalogue::cached_device(std::string_view device_id) const {
    return devices_.find(device_id);
}

void SqliteCatalogue::find_device(std::string device_id, Executor& executor, DeviceAnswer done) {
    submit<DevicePtr>(
        worker_, CallKind::read, executor,
        [this, id = std::move(device_id)](Database& database, DevicePtr& found) {
            return store::find_device(database, *box_, id, found);
        },
        [this](const DevicePtr& found) { devices_.put(found->device_id, found); }, std::move(done));
}

void SqliteCatalogue::add_device(Device device, Executor& executor, DeviceAnswer done) {
    submit<DevicePtr>(
        worker_, CallKind::change, executor,
        [this, device = std::move(device)](Database& database, DevicePtr& added) {
            return store::add_device(database, *box_, device, limits_, added);
        },
        [this](const DevicePtr& added) { devices_.put(added->device_id, added); }, std::move(done));
}

void SqliteCatalogue::update_device(Device device, Executor& executor, DeviceAnswer done) {
    submit<DevicePtr>(
        worker_, CallKind::change, executor,
        [this, device = std::move(device)](Database& database, DevicePtr& updated) {
            return store::update_device(database, *box_, device, updated);
        },
        [this](const DevicePtr& updated) { devices_.put(updated->device_id, updated); },
        std::move(done));
}

void SqliteCatalogue::change_device(std::string device_id, DeviceChange change, Executor& executor,
                                    DeviceAnswer done) {
    submit<DevicePtr>(
        worker_, CallKind::change, executor,
        [this, id = std::move(device_id), change = std::move(change)](Database& database,
                                                                      DevicePtr& changed) {
            DevicePtr found;
            if (const auto error = store::find_device(database, *box_, id, found)) return error;
            Device record = *found;
            if (const auto refused = change(record)) return refused;
            return store::update_device(database, *box_, record, changed);
        },
        [this](const DevicePtr& changed) { devices_.put(changed->device_id, changed); },
        std::move(done));
}

void SqliteCatalogue::remove_device(std::string device_id, Executor& executor, Answered done) {
    submit_change(
        worker_, executor,
        [device_id](Database& database) { return store::remove_device(database, device_id); },
        [this, device_id] { devices_.erase(device_id); }, std::move(done));
}

void SqliteCatalogue::list_removed_devices(Executor& executor, RemovedDevicesAnswer done) {
    submit<std::vector<RemovedDevice>>(worker_, CallKind::read, executor,
                                       store::list_removed_devices, nothing, std::move(done));
}

void SqliteCatalogue::forget_removed_device(std::uint64_t number, Executor& executor,
                                            Answered done) {
    submit_change(
        worker_, executor,
        [number](Database& database) { return store::forget_removed_device(database, number); },
        [] {}, std::move(done));
}

void SqliteCatalogue::list_devices(DeviceQuery query, Executor& executor, DevicesAnswer done) {
    submit<CataloguePage<DevicePtr>>(
        worker_, CallKind::read, executor,
        [query = std::move(query)](Database& database, CataloguePage<DevicePtr>& page) {
            return store::list_devices(database, query, page);
        },
        nothing, std::move(done));
}

void SqliteCatalogue::search_devices(DeviceSearch search, Executor& executor, DevicesAnswer done) {
    submit<CataloguePage<DevicePtr>>(
        worker_, CallKind::read, executor,
        [this, search = std::move(search)](Database& database, CataloguePage<DevicePtr>& page) {
            *online_ = search.is_online;
            return store::search_devices(database, search, page);
        },
        nothing, std::move(done));
}

void SqliteCatalogue::put_connection_changes(std::vector<ConnectionChange> changes,
                                             Executor& executor, Answered done) {
    submit_change(
        worker_, executor,
        [changes = std::move(changes)](Database& database) {
            return store::put_connection_changes(database, changes);
        },
        [] {}, std::move(done));
}

// --- Products

ProductPtr SqliteCatalogue::cached_product(std::string_view product_id) const {
    return products_.find(product_id);
}

void SqliteCatalogue::find_product(std::string product_id, Executor& executor, ProductAnswer done) {
    submit<ProductPtr>(
        worker_, CallKind::read, executor,
        [id = std::move(product_id)](Database& database, ProductPtr& found) {
            return store::find_product(database, id, found);
        },
        [this](const ProductPtr& found) { products_.put(found->product_id, found); },
        std::move(done));
}

void SqliteCatalogue::add_product(Product product, Executor& executor, ProductAnswer done) {
    submit<ProductPtr>(
        worker_, CallKind::change, executor,
        [this, product = std::move(product)](Database& database, ProductPtr& added) {
            return store::add_product(database, product, limits_, added);
        },
        [this](const ProductPtr& added) { products_.put(added->product_id, added); },
        std::move(done));
}

void SqliteCatalogue::update_product(Product product, Executor& executor, ProductAnswer done) {
    submit<ProductPtr>(
        worker_, CallKind::change, executor,
        [product = std::move(product)](Database& database, ProductPtr& updated) {
            return store::update_product(database, product, updated);
        },
        [this](const ProductPtr& updated) { products_.put(updated->product_id, updated); },
        std::move(done));
}

void SqliteCatalogue::change_product(std::string product_id, ProductChange change,
                                     Executor& executor, ProductAnswer done) {
    submit<ProductPtr>(
        worker_, CallKind::change, executor,
        [id = std::move(product_id), change = std::move(change)](Database& database,
                                                                 ProductPtr& changed) {
            ProductPtr found;
            if (const auto error = store::find_product(database, id, found)) return error;
            Product record = *found;
            if (const auto refused = change(record)) return refused;
            return store::update_product(database, record, changed);
        },
        [this](const ProductPtr& changed) { products_.put(changed->product_id, changed); },
        std::move(done));
}

void SqliteCatalogue::remove_product(std::string product_id, Executor& executor, Answered done) {
    submit_change(
        worker_, executor,
        [product_id](Database& database) { return store::remove_product(database, product_id); },
        [this, product_id] { products_.erase(product_id); }, std::move(done));
}

void SqliteCatalogue::list_products(ProductQuery query, Executor& executor, ProductsAnswer done) {
    submit<CataloguePage<ProductPtr>>(
        worker_, CallKind::read, executor,
        [query = std::move(query)](Database& database, CataloguePage<ProductPtr>& page) {
            return store::list_products(database, query, page);
        },
        nothing, std::move(done));
}

// --- Users and settings

void SqliteCatalogue::find_user(std::string name, Executor& executor, UserAnswer done) {
    submit<std::optional<User>>(
        worker_, CallKind::read, executor,
        [name = std::move(name)](Database& database, std::optional<User>& found) {
            return store::find_user(database, name, found);
        },
        nothing, std::move(done));
}

void SqliteCatalogue::put_user(User user, Executor& executor, Answered done) {
    submit_change(
        worker_, executor,
        [this, user = std::move(user)](Database& database) {
            return store::put_user(database, user, limits_);
        },
        [] {}, std::move(done));
}

void SqliteCatalogue::find_setting(
    std::string name, Executor& executor,
    std::function<void(std::error_code, std::optional<std::string>)> done) {
    submit<std::optional<std::string>>(
        worker_, CallKind::read, executor,
        [name = std::move(name)](Database& database, std::optional<std::string>& found) {
            return store::find_setting(database, name, found);
        },
        nothing, std::move(done));
}

void SqliteCatalogue::put_settings(Settings settings, Executor& executor, Answered done) {
    submit_change(
        worker_, executor,
        [settings = std::move(settings)](Database& database) -> std::error_code {
            for (const auto& [name, value] : settings) {
                if (const auto error = put_setting(database, name, value)) return error;
            }
            return {};
        },
        [] {}, std::move(done));
}

}  // namespace holdfast::store
