#include "store/sqlite_catalogue.hpp"
#include "support/catalogue_caller.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace holdfast::store;
using std::chrono_literals::operator""ms;
using Field = DeviceField;

ConditionTree condition(Field field, Comparison comparison, std::vector<SearchValue> values) {
    return {ConditionTree::Kind::condition, {field, comparison, std::move(values)}, {}};
}
ConditionTree is(Field field, SearchValue value) {
    return condition(field, Comparison::equal, {std::move(value)});
}
ConditionTree is_not(Field field, SearchValue value) {
    return condition(field, Comparison::not_equal, {std::move(value)});
}
ConditionTree begins(Field field, std::string start) {
    return condition(field, Comparison::starts_with, {std::move(start)});
}
ConditionTree all_of(std::vector<ConditionTree> parts) {
    return {ConditionTree::Kind::all_of, {}, std::move(parts)};
}
ConditionTree any_of(std::vector<ConditionTree> parts) {
    return {ConditionTree::Kind::any_of, {}, std::move(parts)};
}

/// Four devices: a (frozen), b, c behind b, d (never there).
struct World {
    std::unique_ptr<SqliteCatalogue> catalogue =
        *SqliteCatalogue::open(":memory:");
    test_support::CatalogueCaller caller{*catalogue};
    std::set<std::string, std::less<>> online;

    World() {
        Product product;
        product.product_id = "p";
        BOOST_TEST_REQUIRE(!caller.add_product(product).error);
        for (const char* id : {"a", "b", "c", "d"}) add(id);
        put_links({{LinkKind::device_tag, "a", "room", "1"},
                   {LinkKind::device_tag, "a", "floor", "2"},
                   {LinkKind::device_tag, "b", "room", "2"},
                   {LinkKind::group_device, "g", "b", ""},
                   {LinkKind::group_device, "h", "b", ""},
                   {LinkKind::group_device, "h", "c", ""}});
        put_report("2", R"({"sw_version":"1.0"})");
    }
    void add(const std::string& id) {
        Device device;
        device.device_id = id;
        device.node_id = "node-" + id;
        device.device_name = "pump " + id;
        device.product_id = "p";
        device.app_id = id < "c" ? "app-1" : "app-2";
        device.is_frozen = id == "a";
        if (id == "c") device.gateway_id = "b";
        if (id != "d") device.activated_at = CatalogueTime{1ms};
        device.created_at = CatalogueTime{std::chrono::milliseconds{id.front()}};
        BOOST_TEST_REQUIRE(!caller.add_device(device).error);
    }
    void put_links(std::vector<Link> links) {
        bool is_done = false;
        catalogue->documents().put_links(std::move(links), caller.executor(),
                                         [&](std::error_code error) { is_done = !error; });
        caller.executor().run_until([&] { return is_done; });
    }
    void put_report(const std::string& number, const std::string& body) {
        bool is_done = false;
        catalogue->documents().put(
            {.kind = DocumentKind::device_report, .id = number, .body = body}, caller.executor(),
            [&](std::error_code error, const DocumentPtr&) { is_done = !error; });
        caller.executor().run_until([&] { return is_done; });
    }

    std::string found(DeviceSearch search) {
        search.is_online = [this](std::string_view id) { return online.contains(id); };
        const auto [error, page] = caller.search_devices(std::move(search));
        if (error) return error.message();
        std::string ids = std::to_string(page.count) + ":";
        for (const DevicePtr& device : page.records) ids += " " + device->device_id;
        return ids;
    }
    std::string found(ConditionTree where) {
        DeviceSearch search;
        search.where.push_back(std::move(where));
        search.is_oldest_first = true;
        return found(std::move(search));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_device_search, World)

BOOST_AUTO_TEST_CASE(without_conditions_all_are_found_in_pages) {
    BOOST_TEST(found(DeviceSearch{}) == "4: d c b a");
    DeviceSearch search;
    search.is_oldest_first = true;
    search.limit = 2;
    BOOST_TEST(found(search) == "4: a b");
    search.offset = 3;
    BOOST_TEST(found(search) == "4: d");
    search.limit = 0;
    BOOST_TEST(found(search) == "4:");
}

BOOST_AUTO_TEST_CASE(every_field_is_compared_as_it_is_shown) {
    BOOST_TEST(found(is(Field::app_id, "app-1")) == "2: a b");
    BOOST_TEST(found(is(Field::device_id, "c")) == "1: c");
    BOOST_TEST(found(is(Field::gateway_id, "b")) == "2: b c");
    BOOST_TEST(found(is_not(Field::gateway_id, "b")) == "2: a d");
    BOOST_TEST(found(is(Field::product_id, "p")) == "4: a b c d");
    BOOST_TEST(found(is(Field::device_name, "pump a")) == "1: a");
    BOOST_TEST(found(is_not(Field::node_id, "node-a")) == "3: b c d");
    BOOST_TEST(found(is(Field::node_type, "ENDPOINT")) == "1: c");
    BOOST_TEST(found(is(Field::node_type, "GATEWAY")) == "3: a b d");
    BOOST_TEST(found(is(Field::create_time, std::int64_t{'b'})) == "1: b");
    BOOST_TEST(found(condition(Field::create_time, Comparison::greater, {std::int64_t{'b'}})) ==
               "2: c d");
    BOOST_TEST(found(condition(Field::marker, Comparison::less, {marker_of(3)})) == "2: a b");
    BOOST_TEST(found(condition(Field::marker, Comparison::in, {marker_of(3), marker_of(9)})) ==
               "1: c");
}

BOOST_AUTO_TEST_CASE(the_status_is_that_of_this_moment) {
    online = {"a", "b"};
    BOOST_TEST(found(is(Field::status, "ONLINE")) == "1: b");
    BOOST_TEST(found(is(Field::status, "OFFLINE")) == "1: c");
    BOOST_TEST(found(is(Field::status, "FROZEN")) == "1: a");
    BOOST_TEST(found(is(Field::status, "INACTIVE")) == "1: d");
    BOOST_TEST(found(is(Field::status, "ABNORMAL")) == "0:");
    online.clear();
    BOOST_TEST(found(condition(Field::status, Comparison::not_in, {"FROZEN", "INACTIVE"})) ==
               "2: b c");
    BOOST_TEST(found(is(Field::status, "ONLINE")) == "0:");
}

BOOST_AUTO_TEST_CASE(lists_and_starts_are_compared) {
    BOOST_TEST(found(condition(Field::device_id, Comparison::in, {"a", "d", "x"})) == "2: a d");
    BOOST_TEST(found(condition(Field::device_id, Comparison::not_in, {"a", "d"})) == "2: b c");
    BOOST_TEST(found(begins(Field::device_name, "pump")) == "4: a b c d");
    BOOST_TEST(found(begins(Field::node_id, "node-b")) == "1: b");
    BOOST_TEST(found(begins(Field::node_id, "Node")) == "0:");
}

BOOST_AUTO_TEST_CASE(a_key_and_a_value_behind_it_are_of_one_tag) {
    BOOST_TEST(found(is(Field::tag_key, "room")) == "2: a b");
    BOOST_TEST(found(is_not(Field::tag_key, "room")) == "2: c d");
    BOOST_TEST(found(begins(Field::tag_key, "flo")) == "1: a");
    BOOST_TEST(found(is(Field::tag_value, "2")) == "2: a b");
    BOOST_TEST(found(all_of({is(Field::tag_key, "room"), is(Field::tag_value, "2")})) == "1: b");
    BOOST_TEST(found(all_of({is(Field::tag_key, "room"), is_not(Field::tag_value, "2")})) ==
               "1: a");
    BOOST_TEST(found(all_of({is(Field::tag_value, "2"), is(Field::tag_key, "room")})) == "2: a b");
    BOOST_TEST(found(all_of({is(Field::tag_key, "room"), is(Field::tag_value, "1"),
                             is(Field::tag_key, "floor"), is(Field::tag_value, "2")})) == "1: a");
    BOOST_TEST(found(any_of({is(Field::tag_key, "floor"), is(Field::tag_value, "2")})) == "2: a b");
}

BOOST_AUTO_TEST_CASE(groups_and_what_devices_told_are_compared) {
    BOOST_TEST(found(is(Field::group_id, "h")) == "2: b c");
    BOOST_TEST(found(is_not(Field::group_id, "g")) == "3: a c d");
    BOOST_TEST(found(condition(Field::group_id, Comparison::not_in, {"g", "h"})) == "2: a d");
    BOOST_TEST(found(is(Field::sw_version, "1.0")) == "1: b");
    BOOST_TEST(found(is_not(Field::sw_version, "1.0")) == "3: a c d");
    BOOST_TEST(found(is(Field::fw_version, "1.0")) == "0:");
    BOOST_TEST(found(is(Field::device_sdk_version, "1.0")) == "0:");
}

BOOST_AUTO_TEST_CASE(conditions_are_put_together_as_they_stand) {
    const ConditionTree a = is(Field::device_id, "a");
    const ConditionTree b = is(Field::device_id, "b");
    const ConditionTree first = is(Field::app_id, "app-1");
    BOOST_TEST(found(any_of({a, all_of({b, first})})) == "2: a b");
    BOOST_TEST(found(all_of({any_of({a, b, is(Field::device_id, "c")}), first})) == "2: a b");
    BOOST_TEST(found(all_of({a, b})) == "0:");
}

BOOST_AUTO_TEST_CASE(values_are_never_taken_for_sql) {
    BOOST_TEST(found(is(Field::device_id, "' OR '1' = '1")) == "0:");
    BOOST_TEST(found(is(Field::tag_key, "room') OR 1 --")) == "0:");
    BOOST_TEST(found(DeviceSearch{}) == "4: d c b a");
}

BOOST_AUTO_TEST_CASE(a_malformed_marker_is_refused) {
    BOOST_TEST(found(is(Field::marker, "12")) ==
               std::make_error_code(std::errc::invalid_argument).message());
}

BOOST_AUTO_TEST_CASE(what_is_found_has_no_secrets) {
    Device device = *caller.find_device("a").found;
    device.secret = "12345678";
    BOOST_TEST_REQUIRE(!caller.update_device(device).error);
    DeviceSearch search;
    search.where.push_back(is(Field::device_id, "a"));
    BOOST_TEST(caller.search_devices(search).found.records.front()->secret.empty());
}

BOOST_AUTO_TEST_SUITE_END()
