#pragma once
// CatalogueCaller: asks a catalogue and waits for each answer, on the thread of the test.

#include "store/catalogue.hpp"
#include "support/manual_executor.hpp"

#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace test_support {

class CatalogueCaller {
public:
    explicit CatalogueCaller(holdfast::store::Catalogue& catalogue) : catalogue_(catalogue) {}

    template <class Found>
    struct Answer {
        std::error_code error;
        Found found{};
    };
    using DeviceFound = Answer<holdfast::store::DevicePtr>;
    using ProductFound = Answer<holdfast::store::ProductPtr>;

    DeviceFound find_device(std::string device_id) {
        return ask<holdfast::store::DevicePtr>([&](auto done) {
            catalogue_.find_device(std::move(device_id), executor_, std::move(done));
        });
    }
    DeviceFound add_device(holdfast::store::Device device) {
        return ask<holdfast::store::DevicePtr>([&](auto done) {
            catalogue_.add_device(std::move(device), executor_, std::move(done));
        });
    }
    DeviceFound update_device(holdfast::store::Device device) {
        return ask<holdfast::store::DevicePtr>([&](auto done) {
            catalogue_.update_device(std::move(device), executor_, std::move(done));
        });
    }
    DeviceFound change_device(std::string device_id, holdfast::store::DeviceChange change) {
        return ask<holdfast::store::DevicePtr>([&](auto done) {
            catalogue_.change_device(std::move(device_id), std::move(change), executor_,
                                     std::move(done));
        });
    }
    std::error_code remove_device(std::string device_id) {
        return change([&](auto done) {
            catalogue_.remove_device(std::move(device_id), executor_, std::move(done));
        });
    }
    auto list_removed_devices() {
        return ask<std::vector<holdfast::store::RemovedDevice>>([&](auto done) {
            catalogue_.list_removed_devices(executor_, std::move(done));
        });
    }
    std::error_code forget_removed_device(std::uint64_t number) {
        return change([&](auto done) {
            catalogue_.forget_removed_device(number, executor_, std::move(done));
        });
    }
    auto list_devices(holdfast::store::DeviceQuery query) {
        return ask<holdfast::store::CataloguePage<holdfast::store::DevicePtr>>([&](auto done) {
            catalogue_.list_devices(std::move(query), executor_, std::move(done));
        });
    }
    auto search_devices(holdfast::store::DeviceSearch search) {
        return ask<holdfast::store::CataloguePage<holdfast::store::DevicePtr>>([&](auto done) {
            catalogue_.search_devices(std::move(search), executor_, std::move(done));
        });
    }
    std::error_code put_connection_changes(std::vector<holdfast::store::ConnectionChange> changes) {
        return change([&](auto done) {
            catalogue_.put_connection_changes(std::move(changes), executor_, std::move(done));
        });
    }

    ProductFound find_product(std::string product_id) {
        return ask<holdfast::store::ProductPtr>([&](auto done) {
            catalogue_.find_product(std::move(product_id), executor_, std::move(done));
        });
    }
    ProductFound add_product(holdfast::store::Product product) {
        return ask<holdfast::store::ProductPtr>([&](auto done) {
            catalogue_.add_product(std::move(product), executor_, std::move(done));
        });
    }
    ProductFound update_product(holdfast::store::Product product) {
        return ask<holdfast::store::ProductPtr>([&](auto done) {
            catalogue_.update_product(std::move(product), executor_, std::move(done));
        });
    }
    ProductFound change_product(std::string product_id, holdfast::store::ProductChange change) {
        return ask<holdfast::store::ProductPtr>([&](auto done) {
            catalogue_.change_product(std::move(product_id), std::move(change), executor_,
                                      std::move(done));
        });
    }
    std::error_code remove_product(std::string product_id) {
        return change([&](auto done) {
            catalogue_.remove_product(std::move(product_id), executor_, std::move(done));
        });
    }
    auto list_products(holdfast::store::ProductQuery query) {
        return ask<holdfast::store::CataloguePage<holdfast::store::ProductPtr>>([&](auto done) {
            catalogue_.list_products(std::move(query), executor_, std::move(done));
        });
    }

    auto find_user(std::string name) {
        return ask<std::optional<holdfast::store::User>>(
            [&](auto done) { catalogue_.find_user(std::move(name), executor_, std::move(done)); });
    }
    std::error_code put_user(holdfast::store::User user) {
        return change(
            [&](auto done) { catalogue_.put_user(std::move(user), executor_, std::move(done)); });
    }
    auto find_setting(std::string name) {
        return ask<std::optional<std::string>>([&](auto done) {
            catalogue_.find_setting(std::move(name), executor_, std::move(done));
        });
    }
    std::error_code put_setting(std::string name, std::string value) {
        return put_settings({{std::move(name), std::move(value)}});
    }
    std::error_code put_settings(holdfast::store::Settings settings) {
        return change([&](auto done) {
            catalogue_.put_settings(std::move(settings), executor_, std::move(done));
        });
    }

    [[nodiscard]] ManualExecutor& executor() { return executor_; }

private:
    template <class Found, class Start>
    Answer<Found> ask(Start&& start) {
        std::optional<Answer<Found>> answer;
        start([&](std::error_code error, Found found) {
            answer = Answer<Found>{error, std::move(found)};
        });
        executor_.run_until([&] { return answer.has_value(); });
        return std::move(*answer);
    }
    template <class Start>
    std::error_code change(Start&& start) {
        std::optional<std::error_code> answer;
        start([&](std::error_code error) { answer = error; });
        executor_.run_until([&] { return answer.has_value(); });
        return *answer;
    }

    holdfast::store::Catalogue& catalogue_;
    ManualExecutor executor_;
};

}  // namespace test_support
