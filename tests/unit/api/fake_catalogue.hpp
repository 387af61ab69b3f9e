#pragma once
// A Catalogue that has what the test puts into it. Only looking up is expected of it.

#include "base/error.hpp"
#include "store/catalogue.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace holdfast::api {

class FakeCatalogue final : public store::Catalogue {
public:
    std::map<std::string, store::Device, std::less<>> devices;
    std::map<std::string, store::Product, std::less<>> products;
    bool is_cached = true;                ///< else the executor is asked
    std::error_code failure;              ///< of everything that is asked
    mutable std::size_t times_asked = 0;  ///< beside the cache

    void start() override {}

    [[nodiscard]] store::DevicePtr cached_device(std::string_view device_id) const override {
        return is_cached ? find(devices, device_id) : nullptr;
    }
    [[nodiscard]] store::ProductPtr cached_product(std::string_view product_id) const override {
        return is_cached ? find(products, product_id) : nullptr;
    }
    void find_device(std::string device_id, store::Executor& executor,
                     store::DeviceAnswer done) override {
        answer(find(devices, device_id), executor, std::move(done));
    }
    void find_product(std::string product_id, store::Executor& executor,
                      store::ProductAnswer done) override {
        answer(find(products, product_id), executor, std::move(done));
    }

    void add_device(store::Device, store::Executor&, store::DeviceAnswer) override { unused(); }
    void update_device(store::Device, store::Executor&, store::DeviceAnswer) override { unused(); }
    void remove_device(std::string, store::Executor&, store::Answered) override { unused(); }
    void list_removed_devices(store::Executor&, store::RemovedDevicesAnswer) override { unused(); }
    void forget_removed_device(std::uint64_t, store::Executor&, store::Answered) override {
        unused();
    }
    void list_devices(store::DeviceQuery, store::Executor&, store::DevicesAnswer) override {
        unused();
    }
    void search_devices(store::DeviceSearch, store::Executor&, store::DevicesAnswer) override {
        unused();
    }
    void put_connection_changes(std::vector<store::ConnectionChange>, store::Executor& executor,
                                store::Answered done) override {
        ++times_asked;
        executor.post([error = failure, done = std::move(done)] { done(error); });
    }
    void add_product(store::Product, store::Executor&, store::ProductAnswer) override { unused(); }
    void update_product(store::Product, store::Executor&, store::ProductAnswer) override {
        unused();
    }
    void remove_product(std::string, store::Executor&, store::Answered) override { unused(); }
    void list_products(store::ProductQuery, store::Executor&, store::ProductsAnswer) override {
        unused();
    }
    void find_user(std::string, store::Executor&, store::UserAnswer) override { unused(); }
    void put_user(store::User, store::Executor&, store::Answered) override { unused(); }
    void find_setting(std::string, store::Executor&,
                      std::function<void(std::error_code, std::optional<std::string>)>) override {
        unused();
    }
    void put_settings(store::Settings, store::Executor&, store::Answered) override { unused(); }

    [[nodiscard]] store::Documents& documents() override { unused(); }

private:
    [[noreturn]] static void unused() { UNREACHABLE(); }

    template <class T>
    static std::shared_ptr<const T> find(const std::map<std::string, T, std::less<>>& records,
                                         std::string_view key) {
        const auto found = records.find(key);
        return found == records.end() ? nullptr : std::make_shared<const T>(found->second);
    }
    template <class T, class Done>
    void answer(std::shared_ptr<const T> found, store::Executor& executor, Done done) {
        ++times_asked;
        std::error_code error = failure;
        if (!error && found == nullptr) error = store::CatalogueError::not_found;
        if (error) found = nullptr;
        executor.post(
            [error, found = std::move(found), done = std::move(done)] { done(error, found); });
    }
};

}  // namespace holdfast::api
