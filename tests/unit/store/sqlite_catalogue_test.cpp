#include "store/sqlite_catalogue.hpp"

#include "support/catalogue_caller.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>
#include <vector>

namespace {

using namespace holdfast::store;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using test_support::CatalogueCaller;

Product product_of(std::string product_id) {
    Product product;
    product.product_id = std::move(product_id);
    product.name = "pumps";
    product.protocol_type = "MQTT";
    product.service_capabilities = "[]";
    product.created_at = CatalogueTime{1'000ms};
    return product;
}

Device device_of(std::string device_id, std::string product_id = "p") {
    Device device;
    device.device_id = std::move(device_id);
    device.node_id = device.device_id;
    device.product_id = std::move(product_id);
    device.secret = "12345678";
    device.created_at = CatalogueTime{2'000ms};
    return device;
}

std::unique_ptr<SqliteCatalogue> opened(const CatalogueSettings& settings = {}) {
    auto catalogue = SqliteCatalogue::open(":memory:", settings);
    BOOST_TEST_REQUIRE(catalogue.has_value());
    return std::move(*catalogue);
}

struct WithProduct {
    std::unique_ptr<SqliteCatalogue> catalogue = opened();
    CatalogueCaller caller{*catalogue};
    WithProduct() { BOOST_TEST_REQUIRE(!caller.add_product(product_of("p")).error); }

    std::string ids(const DeviceQuery& query) {
        const auto page = caller.list_devices(query);
        BOOST_TEST(!page.error);
        std::string text = std::to_string(page.found.count) + ":";
        for (const DevicePtr& device : page.found.records) text += " " + device->device_id;
        return text;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_catalogue_devices, WithProduct)

BOOST_AUTO_TEST_CASE(every_field_of_a_device_comes_back) {
    BOOST_TEST_REQUIRE(!caller.add_device(device_of("gateway")).error);
    Device device = device_of("pump_7");
    device.node_id = "node";
    device.device_name = std::string{"水泵\0x", 8};
    device.app_id = "app";
    device.gateway_id = "gateway";
    device.description = "in the cellar";
    device.secondary_secret = "87654321";
    device.auth_type = AuthType::certificates;
    device.fingerprint = std::string(64, 'a');
    device.secondary_fingerprint = std::string(40, 'b');
    device.is_frozen = true;
    device.activated_at = CatalogueTime{3'000ms};
    device.extension_info = R"({"floor":-1})";
    device.is_secure_access = true;
    device.activation_timeout = 300s;
    BOOST_TEST(caller.add_device(device).found->number == 2U);
    const DevicePtr found = caller.find_device("pump_7").found;
    BOOST_TEST_REQUIRE(found != nullptr);
    BOOST_TEST(found->number == 2U);
    BOOST_TEST(found->node_id == "node");
    BOOST_TEST(found->device_name == device.device_name);
    BOOST_TEST(found->product_id == "p");
    BOOST_TEST(found->app_id == "app");
    BOOST_TEST(found->gateway_id == "gateway");
    BOOST_TEST(found->description == "in the cellar");
    BOOST_TEST(found->secret == "12345678");
    BOOST_TEST(found->secondary_secret == "87654321");
    BOOST_TEST((found->auth_type == AuthType::certificates));
    BOOST_TEST(found->fingerprint == device.fingerprint);
    BOOST_TEST(found->secondary_fingerprint == device.secondary_fingerprint);
    BOOST_TEST(found->is_frozen);
    BOOST_TEST((found->created_at == device.created_at));
    BOOST_TEST((found->activated_at == device.activated_at));
    BOOST_TEST(found->extension_info == device.extension_info);
    BOOST_TEST(found->is_secure_access);
    BOOST_TEST((found->activation_timeout == 300s));
    BOOST_TEST(!caller.find_device("gateway").found->activated_at.has_value());
}

BOOST_AUTO_TEST_CASE(errors_are_those_of_the_contract) {
    BOOST_TEST((caller.find_device("x").error == CatalogueError::not_found));
    BOOST_TEST((caller.update_device(device_of("x")).error == CatalogueError::not_found));
    BOOST_TEST((caller.remove_device("x") == CatalogueError::not_found));
    BOOST_TEST((caller.add_device(device_of("x", "no")).error == CatalogueError::not_found));
    BOOST_TEST(!caller.add_device(device_of("x")).error);
    BOOST_TEST((caller.add_device(device_of("x")).error == CatalogueError::already_exists));
    Device behind = device_of("y");
    behind.gateway_id = "no";
    BOOST_TEST((caller.add_device(behind).error == CatalogueError::not_found));
    behind.gateway_id = "x";
    BOOST_TEST(!caller.add_device(behind).error);
    BOOST_TEST((caller.remove_device("x") == CatalogueError::still_in_use));
    BOOST_TEST((caller.remove_product("p") == CatalogueError::still_in_use));
    BOOST_TEST(!caller.remove_device("y"));
    BOOST_TEST(!caller.remove_device("x"));
    BOOST_TEST(!caller.remove_product("p"));
}

BOOST_AUTO_TEST_CASE(an_update_keeps_number_and_creation) {
    BOOST_TEST_REQUIRE(!caller.add_device(device_of("other")).error);
    BOOST_TEST_REQUIRE(!caller.add_device(device_of("x")).error);
    Device changed = device_of("x");
    changed.secret = "new-secret";
    changed.created_at = CatalogueTime{9'000ms};
    changed.activated_at = CatalogueTime{5'000ms};
    const DevicePtr updated = caller.update_device(changed).found;
    BOOST_TEST_REQUIRE(updated != nullptr);
    BOOST_TEST(updated->number == 2U);
    BOOST_TEST((updated->created_at == CatalogueTime{2'000ms}));
    BOOST_TEST(updated->secret == "new-secret");
    BOOST_TEST((updated->activated_at == changed.activated_at));
    BOOST_TEST(caller.find_device("other").found->secret == "12345678");
}

BOOST_AUTO_TEST_CASE(changes_at_the_same_time_are_all_kept) {
    BOOST_TEST_REQUIRE(!caller.add_device(device_of("x")).error);
    const auto ignore = [](std::error_code, const DevicePtr&) {};
    const auto set_name = [](Device& device) {
        device.device_name = "pump";
        return std::error_code{};
    };
    const auto set_secret = [](Device& device) {
        device.secret = "new-secret";
        return std::error_code{};
    };
    catalogue->change_device("x", set_name, caller.executor(), ignore);
    catalogue->change_device("x", set_secret, caller.executor(), ignore);
    const DevicePtr changed = caller.find_device("x").found;
    BOOST_TEST(changed->device_name == "pump");
    BOOST_TEST(changed->secret == "new-secret");
    BOOST_TEST(catalogue->cached_device("x")->device_name == "pump");
}

BOOST_AUTO_TEST_CASE(a_change_may_be_refused_and_changes_nothing) {
    BOOST_TEST_REQUIRE(!caller.add_device(device_of("x")).error);
    const auto refuse = [](Device& device) {
        device.device_name = "pump";
        return make_error_code(CatalogueError::still_in_use);
    };
    BOOST_TEST((caller.change_device("x", refuse).error == CatalogueError::still_in_use));
    BOOST_TEST(caller.find_device("x").found->device_name.empty());
    BOOST_TEST((caller.change_device("no", refuse).error == CatalogueError::not_found));
}

BOOST_AUTO_TEST_CASE(a_number_is_never_used_again) {
    BOOST_TEST(caller.add_device(device_of("x")).found->number == 1U);
    BOOST_TEST(!caller.remove_device("x"));
    BOOST_TEST(caller.add_device(device_of("x")).found->number == 2U);
}

BOOST_AUTO_TEST_CASE(a_list_is_newest_first_and_paged_by_marker_then_offset) {
    for (const char* id : {"a", "b", "c", "d", "e"}) {
        BOOST_TEST_REQUIRE(!caller.add_device(device_of(id)).error);
    }
    BOOST_TEST(ids({}) == "5: e d c b a");
    BOOST_TEST(caller.list_devices({}).found.records.front()->secret.empty());
    DeviceQuery query;
    query.paging.limit = 2;
    const auto first = caller.list_devices(query).found;
    BOOST_TEST(ids(query) == "5: e d");
    BOOST_TEST(first.marker == "000000000000000000000004");
    query.paging.marker = first.marker;
    BOOST_TEST(ids(query) == "5: c b");
    query.paging.offset = 1;
    BOOST_TEST(ids(query) == "5: b a");
    query.paging.offset = 3;
    BOOST_TEST(ids(query) == "5:");
    query.paging = {};
    for (const char* newest : {"ffffffffffffffffffffffff", "FFFFFFFFFFFFFFFFFFFFFFFF",
                               "000000018000000000000000", "00000000ffffffffffffffff"}) {
        query.paging.marker = newest;
        BOOST_TEST(ids(query) == "5: e d c b a", newest);
    }
    query.paging.marker = "000000000000000000000001";
    BOOST_TEST(ids(query) == "5:");
}

BOOST_AUTO_TEST_CASE(a_malformed_marker_is_refused) {
    for (const char* marker : {"0", "00000000000000000000000g", "0000000000000000000000001"}) {
        DeviceQuery query;
        query.paging.marker = marker;
        BOOST_TEST((caller.list_devices(query).error == std::errc::invalid_argument), marker);
        ProductQuery products;
        products.paging.marker = marker;
        BOOST_TEST((caller.list_products(products).error == std::errc::invalid_argument), marker);
    }
}

BOOST_AUTO_TEST_CASE(filters_narrow_a_list_and_its_count) {
    BOOST_TEST_REQUIRE(!caller.add_product(product_of("q")).error);
    Device device = device_of("a");
    device.device_name = "one";
    device.app_id = "app";
    BOOST_TEST_REQUIRE(!caller.add_device(device).error);
    device = device_of("b", "q");
    device.gateway_id = "a";
    device.node_id = "n";
    device.created_at = CatalogueTime{5'000ms};
    BOOST_TEST_REQUIRE(!caller.add_device(device).error);
    device.device_id = "c";
    device.gateway_id = "b";
    BOOST_TEST_REQUIRE(!caller.add_device(device).error);
    BOOST_TEST(ids({.product_id = "p"}) == "1: a");
    BOOST_TEST(ids({.product_id = "q"}) == "2: c b");
    BOOST_TEST(ids({.gateway_id = "a"}) == "1: b");
    BOOST_TEST(ids({.gateway_id = "a", .is_cascade = true}) == "2: c b");
    BOOST_TEST(ids({.node_id = "n"}) == "2: c b");
    BOOST_TEST(ids({.device_name = "one"}) == "1: a");
    BOOST_TEST(ids({.app_id = "app"}) == "1: a");
    BOOST_TEST(ids({.created_from = CatalogueTime{5'000ms}}) == "2: c b");
    BOOST_TEST(ids({.created_until = CatalogueTime{4'999ms}}) == "1: a");
    BOOST_TEST(ids({.product_id = "q", .gateway_id = "b", .node_id = "n"}) == "1: c");
    BOOST_TEST(ids({.product_id = "q", .gateway_id = "a", .is_cascade = true}) == "2: c b");
    BOOST_TEST(ids({.gateway_id = "a", .is_cascade = true, .app_id = "app"}) == "0:");
    BOOST_TEST(ids({.product_id = "p", .gateway_id = "a", .is_cascade = true}) == "0:");
    DeviceQuery behind{.gateway_id = "a", .is_cascade = true};
    behind.paging.limit = 1;
    BOOST_TEST(ids(behind) == "2: c");
    behind.paging.marker = caller.list_devices(behind).found.marker;
    BOOST_TEST(ids(behind) == "2: b");
    BOOST_TEST(ids({.device_name = "' OR 1=1 --"}) == "0:");
}

BOOST_AUTO_TEST_CASE(when_connections_changed_is_kept_for_many_devices_at_once) {
    for (const char* id : {"a", "b", "c"}) {
        BOOST_TEST_REQUIRE(!caller.add_device(device_of(id)).error);
    }
    BOOST_TEST(!caller.put_connection_changes(
        {{1, CatalogueTime{5ms}}, {3, CatalogueTime{6ms}}, {9, CatalogueTime{7ms}}}));
    BOOST_TEST((caller.find_device("a").found->connection_changed_at == CatalogueTime{5ms}));
    BOOST_TEST(!caller.find_device("b").found->connection_changed_at.has_value());
    const auto listed = caller.list_devices({}).found.records;
    BOOST_TEST((listed.front()->connection_changed_at == CatalogueTime{6ms}));
}

BOOST_AUTO_TEST_CASE(removed_devices_are_known_until_they_are_forgotten) {
    const std::uint64_t first = caller.add_device(device_of("x")).found->number;
    BOOST_TEST(caller.list_removed_devices().found.empty());
    BOOST_TEST(!caller.remove_device("x"));
    const std::uint64_t second = caller.add_device(device_of("x")).found->number;
    BOOST_TEST(!caller.remove_device("x"));
    const auto removed = caller.list_removed_devices().found;
    BOOST_TEST_REQUIRE(removed.size() == 2U);
    BOOST_TEST(removed[0].number == first);
    BOOST_TEST(removed[1].number == second);
    BOOST_TEST(removed[1].device_id == "x");
    BOOST_TEST(!caller.forget_removed_device(first));
    BOOST_TEST(!caller.forget_removed_device(first));
    BOOST_TEST_REQUIRE(caller.list_removed_devices().found.size() == 1U);
    BOOST_TEST(caller.list_removed_devices().found[0].number == second);
}

BOOST_AUTO_TEST_CASE(the_cache_has_what_was_found_or_changed_last) {
    BOOST_TEST(catalogue->cached_device("x") == nullptr);
    BOOST_TEST_REQUIRE(!caller.add_device(device_of("x")).error);
    BOOST_TEST_REQUIRE(catalogue->cached_device("x") != nullptr);
    Device frozen = device_of("x");
    frozen.is_frozen = true;
    BOOST_TEST_REQUIRE(!caller.update_device(frozen).error);
    BOOST_TEST(catalogue->cached_device("x")->is_frozen);
    BOOST_TEST((caller.add_device(device_of("x")).error == CatalogueError::already_exists));
    BOOST_TEST(catalogue->cached_device("x")->is_frozen);
    BOOST_TEST(!caller.remove_device("x"));
    BOOST_TEST(catalogue->cached_device("x") == nullptr);
    BOOST_TEST((caller.find_device("x").error == CatalogueError::not_found));
    BOOST_TEST(catalogue->cached_device("x") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(sqlite_catalogue_products, WithProduct)

BOOST_AUTO_TEST_CASE(every_field_of_a_product_comes_back) {
    Product product = product_of("q");
    product.app_id = "app";
    product.device_type = "pump";
    product.data_format = "json";
    product.manufacturer_name = "ACME";
    product.industry = "water";
    product.description = "pumps of all kinds";
    product.service_capabilities = R"([{"service_id":"s"}])";
    product.topics = {{"alarm", true, false}, {"set", false, true}};
    BOOST_TEST_REQUIRE(!caller.add_product(product).error);
    const ProductPtr found = caller.find_product("q").found;
    BOOST_TEST_REQUIRE(found != nullptr);
    BOOST_TEST(found->app_id == "app");
    BOOST_TEST(found->name == "pumps");
    BOOST_TEST(found->device_type == "pump");
    BOOST_TEST(found->protocol_type == "MQTT");
    BOOST_TEST(found->data_format == "json");
    BOOST_TEST(found->manufacturer_name == "ACME");
    BOOST_TEST(found->industry == "water");
    BOOST_TEST(found->description == "pumps of all kinds");
    BOOST_TEST(found->service_capabilities == product.service_capabilities);
    BOOST_TEST((found->created_at == product.created_at));
    BOOST_TEST_REQUIRE(found->topics.size() == 2U);
    BOOST_TEST(found->topics[0].suffix == "alarm");
    BOOST_TEST(!found->topics[0].may_subscribe);
    BOOST_TEST(found->topics[1].suffix == "set");
    BOOST_TEST(!found->topics[1].may_publish);
    BOOST_TEST(catalogue->cached_product("q") != nullptr);
}

BOOST_AUTO_TEST_CASE(an_update_replaces_topics_and_cache) {
    Product product = product_of("p");
    product.topics = {{"a", true, true}};
    BOOST_TEST(caller.update_product(product).found->topics.size() == 1U);
    product.topics = {{"b", true, true}, {"c", true, true}};
    BOOST_TEST(caller.update_product(product).found->topics.size() == 2U);
    BOOST_TEST(catalogue->cached_product("p")->topics.at(0).suffix == "b");
    BOOST_TEST((caller.update_product(product_of("no")).error == CatalogueError::not_found));
    const auto rename = [](Product& changed) {
        changed.name = "renamed";
        return std::error_code{};
    };
    BOOST_TEST(caller.change_product("p", rename).found->topics.size() == 2U);
    BOOST_TEST(catalogue->cached_product("p")->name == "renamed");
}

BOOST_AUTO_TEST_CASE(products_are_listed_newest_first_and_by_name) {
    Product product = product_of("q");
    product.name = "valves";
    BOOST_TEST_REQUIRE(!caller.add_product(product).error);
    BOOST_TEST((caller.add_product(product).error == CatalogueError::already_exists));
    const auto all = caller.list_products({}).found;
    BOOST_TEST_REQUIRE(all.records.size() == 2U);
    BOOST_TEST(all.records[0]->product_id == "q");
    BOOST_TEST(all.count == 2U);
    BOOST_TEST(all.marker == "000000000000000000000001");
    const auto valves = caller.list_products({.name = "valves"}).found;
    BOOST_TEST(valves.count == 1U);
    BOOST_TEST(caller.list_products({.app_id = "other"}).found.count == 0U);
    BOOST_TEST(!caller.remove_product("q"));
    BOOST_TEST(catalogue->cached_product("q") == nullptr);
    BOOST_TEST((caller.remove_product("q") == CatalogueError::not_found));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sqlite_catalogue)

BOOST_AUTO_TEST_CASE(users_and_settings_are_put_and_found) {
    const auto catalogue = opened();
    CatalogueCaller caller{*catalogue};
    BOOST_TEST((caller.find_user("admin").error == CatalogueError::not_found));
    BOOST_TEST(!caller.put_user({"admin", "domain", "hash", CatalogueTime{1'000ms}}));
    BOOST_TEST(!caller.put_user({"admin", "domain", "other hash", CatalogueTime{2'000ms}}));
    const auto user = caller.find_user("admin").found;
    BOOST_TEST_REQUIRE(user.has_value());
    BOOST_TEST(user->password_hash == "other hash");
    BOOST_TEST(user->domain == "domain");
    BOOST_TEST((user->created_at == CatalogueTime{2'000ms}));
    BOOST_TEST(!caller.find_setting("project_id").found.has_value());
    BOOST_TEST(!caller.put_setting("project_id", "1"));
    BOOST_TEST(!caller.put_settings({{"project_id", "2"}, {"domain_id", "3"}}));
    BOOST_TEST(caller.find_setting("project_id").found.value() == "2");
    BOOST_TEST(caller.find_setting("domain_id").found.value() == "3");
}

BOOST_AUTO_TEST_CASE(each_limit_is_met_and_not_exceeded) {
    CatalogueSettings settings;
    settings.limits = {
        .devices_max = 3, .devices_per_gateway_max = 1, .products_max = 1, .users_max = 1};
    const auto catalogue = opened(settings);
    CatalogueCaller caller{*catalogue};
    BOOST_TEST(!caller.add_product(product_of("p")).error);
    BOOST_TEST((caller.add_product(product_of("q")).error == CatalogueError::limit_reached));
    BOOST_TEST((caller.find_product("q").error == CatalogueError::not_found));
    BOOST_TEST(!caller.add_device(device_of("a")).error);
    Device behind = device_of("b");
    behind.gateway_id = "a";
    BOOST_TEST(!caller.add_device(behind).error);
    behind.device_id = "c";
    BOOST_TEST((caller.add_device(behind).error == CatalogueError::limit_reached));
    BOOST_TEST((caller.find_device("c").error == CatalogueError::not_found));
    BOOST_TEST(!caller.add_device(device_of("c")).error);
    BOOST_TEST((caller.add_device(device_of("d")).error == CatalogueError::limit_reached));
    BOOST_TEST(!caller.remove_device("c"));
    BOOST_TEST(!caller.add_device(device_of("d")).error);
    BOOST_TEST(!caller.put_user({"one", "", "", {}}));
    BOOST_TEST(!caller.put_user({"one", "", "", {}}));
    BOOST_TEST((caller.put_user({"two", "", "", {}}) == CatalogueError::limit_reached));
}

BOOST_AUTO_TEST_CASE(the_cache_keeps_to_its_size) {
    CatalogueSettings settings;
    settings.cached_devices_max = 1;
    const auto catalogue = opened(settings);
    CatalogueCaller caller{*catalogue};
    BOOST_TEST_REQUIRE(!caller.add_product(product_of("p")).error);
    BOOST_TEST_REQUIRE(!caller.add_device(device_of("a")).error);
    BOOST_TEST_REQUIRE(!caller.add_device(device_of("b")).error);
    BOOST_TEST(catalogue->cached_device("a") == nullptr);
    BOOST_TEST(caller.find_device("a").found->device_id == "a");
    BOOST_TEST(catalogue->cached_device("b") == nullptr);
}

BOOST_AUTO_TEST_CASE(answers_come_in_the_order_of_the_calls_and_before_the_end) {
    test_support::ManualExecutor executor;
    std::string order;
    {
        const auto catalogue = opened();
        for (const char* name : {"1", "2", "3"}) {
            catalogue->put_settings({{name, "x"}}, executor, [&order, name](std::error_code error) {
                order += error ? "?" : name;
            });
            catalogue->find_setting(name, executor, [&order](std::error_code, const auto& value) {
                order += value.value_or("-");
            });
        }
    }
    BOOST_TEST(order.empty());  // posted, not called
    while (executor.waiting() > 0) executor.run_one();
    BOOST_TEST(order == "1x2x3x");
}

BOOST_AUTO_TEST_CASE(many_threads_may_call_at_once) {
    const auto catalogue = opened();
    CatalogueCaller setup{*catalogue};
    BOOST_TEST_REQUIRE(!setup.add_product(product_of("p")).error);
    constexpr int devices_each = 50;
    std::vector<std::thread> threads;
    for (const char* name : {"a", "b", "c", "d"}) {
        threads.emplace_back([&catalogue, name] {
            CatalogueCaller caller{*catalogue};
            for (int i = 0; i < devices_each; ++i) {
                const std::string id = name + std::to_string(i);
                const bool is_added = !caller.add_device(device_of(id)).error;
                const bool is_cached = catalogue->cached_device(id) != nullptr;
                if (!is_added || !is_cached) return;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    BOOST_TEST(setup.list_devices({}).found.count == 4U * devices_each);
}

BOOST_AUTO_TEST_SUITE_END()
