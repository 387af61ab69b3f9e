#pragma once
// SqliteCatalogue: the Catalogue in an SQLite file (write-ahead log, synced at every commit), or in memory
// for tests. Owns the database, its thread (SqliteWorker) and the cache that hot paths read. The file is
// this process's alone while it is open, and only its owner can read it. Secrets of devices in it are
// encrypted with a key in a file beside it (secret_keys.hpp).
// Why it cannot be opened is a sentence that names the file and the way out (CatalogueOpenFailure).
// Threads and lifetime: those of Catalogue; the destructor has posted every answer.
// Limitations: a list with filters counts all that match, and reads them for it. Changes wait for each
// other's sync, a group of them for one.

#include "store/catalogue.hpp"
#include "store/catalogue_cache.hpp"
#include "store/sqlite_documents.hpp"
#include "store/sqlite_records.hpp"
#include "store/sqlite_schema.hpp"
#include "store/sqlite_worker.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::store {

struct CatalogueSettings {
    CatalogueLimits limits;
    std::size_t cached_devices_max = 65'536;  ///< about 600 bytes each
    std::size_t cached_products_max = 1'024;
    bool is_started = true;  ///< start() need not be called
};

class SqliteCatalogue final : public Catalogue {
public:
    /// `path`: a file, made at the first start as is its key, or ":memory:". Reads and checks the whole file.
    [[nodiscard]] static boost::system::result<std::unique_ptr<SqliteCatalogue>,
                                               CatalogueOpenFailure>
    open(const std::string& path, const CatalogueSettings& settings = {});

    void start() override { worker_.start(); }

    [[nodiscard]] DevicePtr cached_device(std::string_view device_id) const override;
    [[nodiscard]] ProductPtr cached_product(std::string_view product_id) const override;

    void find_device(std::string device_id, Executor& executor, DeviceAnswer done) override;
    void add_device(Device device, Executor& executor, DeviceAnswer done) override;
    void update_device(Device device, Executor& executor, DeviceAnswer done) override;
    void change_device(std::string device_id, DeviceChange change, Executor& executor,
                       DeviceAnswer done) override;
    void remove_device(std::string device_id, Executor& executor, Answered done) override;
    void list_removed_devices(Executor& executor, RemovedDevicesAnswer done) override;
    void forget_removed_device(std::uint64_t number, Executor& executor, Answered done) override;
    void list_devices(DeviceQuery query, Executor& executor, DevicesAnswer done) override;
    void search_devices(DeviceSearch search, Executor& executor, DevicesAnswer done) override;
    void put_connection_changes(std::vector<ConnectionChange> changes, Executor& executor,
                                Answered done) override;

    void find_product(std::string product_id, Executor& executor, ProductAnswer done) override;
    void add_product(Product product, Executor& executor, ProductAnswer done) override;
    void update_product(Product product, Executor& executor, ProductAnswer done) override;
    void change_product(std::string product_id, ProductChange change, Executor& executor,
                        ProductAnswer done) override;
    void remove_product(std::string product_id, Executor& executor, Answered done) override;
    void list_products(ProductQuery query, Executor& executor, ProductsAnswer done) override;

    void find_user(std::string name, Executor& executor, UserAnswer done) override;
    void put_user(User user, Executor& executor, Answered done) override;

    void find_setting(
        std::string name, Executor& executor,
        std::function<void(std::error_code, std::optional<std::string>)> done) override;
    void put_settings(Settings settings, Executor& executor, Answered done) override;

    [[nodiscard]] Documents& documents() override { return documents_; }

private:
    using OnlineTest = std::function<bool(std::string_view)>;

    SqliteCatalogue(std::unique_ptr<Database> database, std::unique_ptr<SecretBox> box,
                    const CatalogueSettings& settings, std::shared_ptr<OnlineTest> online);

    const CatalogueLimits limits_;
    const std::unique_ptr<const SecretBox> box_;
    RecordCache<Device> devices_;
    RecordCache<Product> products_;
    SqliteDocuments documents_;
    const std::shared_ptr<OnlineTest> online_;  ///< of the search that runs, for its SQL
    SqliteWorker worker_;  ///< last: its jobs use the others
};

}  // namespace holdfast::store
