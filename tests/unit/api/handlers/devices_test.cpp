#include "api/handlers/devices.hpp"

#include "api/device_notes.hpp"
#include "api/device_schema.hpp"
#include "unit/api/api_world.hpp"
#include "unit/api/fake_line.hpp"
#include "unit/api/fake_policies.hpp"
#include "unit/api/fake_presence.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using Lines = std::vector<std::string>;

class RecordedHooks final : public DeviceHooks {
public:
    Lines lines;
    std::error_code failure;
    void disconnect(std::string_view device_id, DisconnectCause why) override {
        constexpr const char* causes[] = {"frozen", "deleted", "secret_reset", "fingerprint_reset"};
        lines.push_back("disconnect " + std::string{device_id} + " " +
                        causes[static_cast<std::size_t>(why)]);
    }
    void remove_messages(std::uint64_t number, std::string_view device_id,
                         std::function<void(std::error_code)> done) override {
        lines.push_back("remove messages of " + std::to_string(number) + " " +
                        std::string{device_id});
        done(failure);
    }
};

struct World : ApiWorld {
    FakePresence online;
    RecordedHooks hooks;
    Apps apps{installation.default_app_id};
    FakePolicies policies;
    RecordedPlatformEvents told;

    World() : ApiWorld({.limits = {.devices_max = 4}}) {
        told.is_interested = false;
        add_device_routes(routes, {.catalogue = *catalogue,
                                   .executor = executor,
                                   .status = online,
                                   .hooks = hooks,
                                   .installation = installation,
                                   .clock = clock,
                                   .random = random,
                                   .apps = apps,
                                   .policies = policies,
                                   .sink = &told});
    }

    Response add(const boost::json::object& body) {
        return ask(http::verb::post, path("/devices"), boost::json::serialize(body));
    }
    Response add_pump() {
        return add(
            {{"device_id", "pump"}, {"node_id", "n"}, {"auth_info", {{"secret", "12345678"}}}});
    }
    boost::json::object shown(const std::string& device_id) {
        const Response response = ask(http::verb::get, path("/devices/" + device_id));
        BOOST_TEST_REQUIRE(response.result_int() == 200U);
        return object_of(response);
    }
    std::string status(const std::string& device_id) {
        return std::string{shown(device_id).at("status").as_string()};
    }
    static std::string words(const Response& response) {
        return std::to_string(response.result_int()) + " " + error_code_of(response);
    }
    std::string listed(const std::string& query) {
        std::string text;
        const auto list = object_of(ask(http::verb::get, path("/devices" + query)));
        for (const auto& device : list.at("devices").as_array()) {
            text += std::string{device.at("device_id").as_string()} + " ";
        }
        return text + std::to_string(list.at("page").at("count").as_int64());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(devices, World)

BOOST_AUTO_TEST_CASE(a_device_is_added_and_shown) {
    const Response added = add_pump();
    BOOST_TEST(added.result_int() == 201U);
    const Response response = ask(http::verb::get, path("/devices/pump"));
    BOOST_TEST(response.body() == added.body());
    const auto device = object_of(response);
    BOOST_TEST(device.at("auth_info").at("secret").as_string() == "12345678");
    BOOST_TEST(device.at("status").as_string() == "INACTIVE");
    BOOST_TEST(device.at("product_id").as_string() == installation.default_product_id);
    BOOST_TEST(device.at("product_name").as_string() == "default");
    BOOST_TEST(device.at("app_id").as_string() == installation.default_app_id);
    BOOST_TEST(device.at("create_time").as_string() == "20260101T000000Z");
}

BOOST_AUTO_TEST_CASE(a_device_may_be_of_any_resource_space_that_is_there) {
    apps.put({"space-1", "plant", {}});
    const auto device = object_of(add({{"node_id", "n"}, {"app_id", "space-1"}}));
    BOOST_TEST(device.at("app_id").as_string() == "space-1");
    BOOST_TEST(device.at("app_name").as_string() == "plant");
    apps.begin_removal("space-1");
    BOOST_TEST(words(add({{"node_id", "m"}, {"app_id", "space-1"}})) == "403 IOTDA.001000");
}

BOOST_AUTO_TEST_CASE(what_is_left_out_is_made) {
    const auto device = object_of(add({{"node_id", "n"}}));
    BOOST_TEST(device.at("device_id").as_string() == installation.default_product_id + "_n");
    const std::string secret{device.at("auth_info").at("secret").as_string()};
    BOOST_TEST(secret.size() == 32U);
    const auto other = object_of(add({{"node_id", "m"}}));
    BOOST_TEST(other.at("auth_info").at("secret").as_string() != secret);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_added_is_told_why) {
    BOOST_TEST(add_pump().result_int() == 201U);
    BOOST_TEST(words(add_pump()) == "400 IOTDA.014031");
    BOOST_TEST(words(add({})) == "400 IOTDA.000006");
    BOOST_TEST(words(add({{"node_id", "n"}, {"product_id", "no"}})) == "404 IOTDA.013190");
    BOOST_TEST(words(add({{"node_id", "n"}, {"app_id", "no"}})) == "403 IOTDA.001000");
    BOOST_TEST(words(ask(http::verb::post, path("/devices"), "[")) == "400 IOTDA.000008");
    for (const char* id : {"b", "c", "d"}) {
        BOOST_TEST(add({{"node_id", id}}).result_int() == 201U);
    }
    BOOST_TEST(words(add({{"node_id", "e"}})) == "403 IOTDA.014181");
}

BOOST_AUTO_TEST_CASE(devices_stand_at_most_two_levels_below_a_gateway) {
    const auto add_behind = [&](const char* id, const char* gateway) {
        return add({{"device_id", id}, {"node_id", id}, {"gateway_id", gateway}});
    };
    const Response unknown = add_behind("one", "pump");
    BOOST_TEST(words(unknown) == "400 IOTDA.000006");
    BOOST_TEST(error_message_of(unknown) == "gateway_id must be the id of a device");
    add_pump();
    BOOST_TEST(add_behind("one", "pump").result_int() == 201U);
    BOOST_TEST(add_behind("two", "one").result_int() == 201U);
    const Response third = add_behind("three", "two");
    BOOST_TEST(error_message_of(third) ==
               "gateway_id must be a device at most one level below another");
    BOOST_TEST(shown("two").at("gateway_id").as_string() == "one");
    BOOST_TEST(shown("two").at("node_type").as_string() == "ENDPOINT");
    BOOST_TEST(listed("?gateway_id=pump") == "one 1");
    BOOST_TEST(listed("?gateway_id=pump&is_cascade_query=true") == "two one 2");
    BOOST_TEST(words(ask(http::verb::delete_, path("/devices/pump"))) == "403 IOTDA.014180");
    BOOST_TEST(hooks.lines.empty());
}

BOOST_AUTO_TEST_CASE(a_list_leaves_out_secrets_and_pages) {
    add_pump();
    add({{"device_id", "valve"}, {"node_id", "v"}, {"device_name", "name"}});
    BOOST_TEST(listed("") == "valve pump 2");
    BOOST_TEST(listed("?limit=1") == "valve 2");
    BOOST_TEST(listed("?offset=1") == "pump 2");
    BOOST_TEST(listed("?device_name=name") == "valve 1");
    BOOST_TEST(listed("?start_time=20260101T000001Z") == "0");
    BOOST_TEST(words(ask(http::verb::get, path("/devices?offset=501"))) == "400 IOTDA.000006");
    const std::string body = ask(http::verb::get, path("/devices")).body();
    BOOST_TEST(body.find("secret\"") == std::string::npos);
    BOOST_TEST(body.find("12345678") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_update_changes_what_it_names) {
    add_pump();
    const Response updated = ask(http::verb::put, path("/devices/pump"),
                                 R"({"device_name":"new","extension_info":{"floor":-1}})");
    BOOST_TEST(updated.result_int() == 200U);
    BOOST_TEST(object_of(updated).at("device_name").as_string() == "new");
    BOOST_TEST(shown("pump").at("extension_info").at("floor").as_int64() == -1);
    BOOST_TEST(shown("pump").at("auth_info").at("secret").as_string() == "12345678");
    BOOST_TEST(words(ask(http::verb::put, path("/devices/pump"), R"({"device_name":1})")) ==
               "400 IOTDA.000006");
    BOOST_TEST(words(ask(http::verb::put, path("/devices/no"), "{}")) == "404 IOTDA.014000");
}

BOOST_AUTO_TEST_CASE(a_status_is_that_of_the_moment) {
    add_pump();
    BOOST_TEST(status("pump") == "INACTIVE");
    online.devices.insert("pump");
    BOOST_TEST(status("pump") == "ONLINE");
    BOOST_TEST(ask(http::verb::post, path("/devices/pump/freeze")).result_int() == 204U);
    BOOST_TEST(status("pump") == "FROZEN");
}

BOOST_AUTO_TEST_CASE(when_its_connection_changed_is_shown_and_the_newest_known_time_counts) {
    add_pump();
    BOOST_TEST(!shown("pump").contains("connection_status_update_time"));
    test_support::CatalogueCaller caller{*catalogue};
    BOOST_TEST(!caller.put_connection_changes({{1, WallTime{Milliseconds{1'234}}}}));
    BOOST_TEST(shown("pump").at("connection_status_update_time").as_string() ==
               "1970-01-01T00:00:01.234Z");
    online.changed_at = WallTime{Milliseconds{2'000}};
    BOOST_TEST(shown("pump").at("connection_status_update_time").as_string() ==
               "1970-01-01T00:00:02.000Z");
}

BOOST_AUTO_TEST_CASE(events_have_what_is_shown_without_secrets) {
    told.is_interested = true;
    auto added = object_of(add_pump());
    BOOST_TEST_REQUIRE(told.events.size() == 1U);
    BOOST_TEST((told.events[0].kind == PlatformEventKind::device_created));
    BOOST_TEST(told.events[0].body == boost::json::serialize(without_secrets(added)));
    BOOST_TEST(told.events[0].body.find("12345678") == std::string::npos);
    ask(http::verb::put, path("/devices/pump"), R"({"device_name":"new"})");
    ask(http::verb::post, path("/devices/pump/freeze"));
    BOOST_TEST_REQUIRE(told.events.size() == 3U);
    BOOST_TEST((told.events[1].kind == PlatformEventKind::device_updated));
    BOOST_TEST(told.events[1].body.find(R"("device_name":"new")") != std::string::npos);
    BOOST_TEST(told.events[2].body.find(R"("status":"FROZEN")") != std::string::npos);
    BOOST_TEST(told.events[2].body.find("12345678") == std::string::npos);
    ask(http::verb::delete_, path("/devices/pump"));
    BOOST_TEST_REQUIRE(told.events.size() == 4U);
    BOOST_TEST((told.events[3].kind == PlatformEventKind::device_deleted));
    BOOST_TEST(told.events[3].body.empty());
}

BOOST_AUTO_TEST_CASE(a_page_shows_each_device_with_its_own_tags_and_versions) {
    for (const char* id : {"a", "b", "c"}) {
        BOOST_TEST(add({{"device_id", id}, {"node_id", id}}).result_int() == 201U);
    }
    catalogue->documents().put_links({{store::LinkKind::device_tag, "a", "room", "1"},
                                      {store::LinkKind::device_tag, "a", "floor", "2"},
                                      {store::LinkKind::device_tag, "c", "room", "3"}},
                                     executor, [](std::error_code) {});
    DeviceNotes{catalogue->documents()}.put(2, "b", R"({"sw_version":"1.0"})", executor);
    test_support::CatalogueCaller{*catalogue}.list_devices({});  // what was begun before is done
    loop.restart();
    loop.poll();
    test_support::CatalogueCaller{*catalogue}.list_devices({});
    const auto list = object_of(ask(http::verb::get, path("/devices")));
    std::string text;
    for (const auto& device : list.at("devices").as_array()) {
        text += std::string{device.at("device_id").as_string()} +
                boost::json::serialize(device.at("tags")) +
                (device.as_object().contains("sw_version") ? "!" : "") + "\n";
    }
    BOOST_TEST(text ==
               R"(c[{"tag_key":"room","tag_value":"3"}]
b[]!
a[{"tag_key":"room","tag_value":"1"},{"tag_key":"floor","tag_value":"2"}]
)");
}

BOOST_AUTO_TEST_CASE(a_deleted_device_loses_connection_and_messages) {
    add_pump();
    const Response deleted = ask(http::verb::delete_, path("/devices/pump"));
    BOOST_TEST(deleted.result_int() == 204U);
    BOOST_TEST(deleted.body().empty());
    const Lines expected{"disconnect pump deleted", "remove messages of 1 pump"};
    BOOST_TEST(hooks.lines == expected, boost::test_tools::per_element());
    BOOST_TEST(words(ask(http::verb::get, path("/devices/pump"))) == "404 IOTDA.014000");
    BOOST_TEST(words(ask(http::verb::delete_, path("/devices/pump"))) == "404 IOTDA.014000");
    BOOST_TEST(hooks.lines.size() == 2U);
    BOOST_TEST(test_support::CatalogueCaller{*catalogue}.list_removed_devices().found.empty());
}

BOOST_AUTO_TEST_CASE(messages_that_cannot_be_removed_are_reported) {
    add_pump();
    hooks.failure = std::make_error_code(std::errc::io_error);
    BOOST_TEST(ask(http::verb::delete_, path("/devices/pump")).result_int() == 503U);
    const auto removed = test_support::CatalogueCaller{*catalogue}.list_removed_devices().found;
    BOOST_TEST_REQUIRE(removed.size() == 1U);  // for the next start
    BOOST_TEST(removed.front().device_id == "pump");
}

BOOST_AUTO_TEST_CASE(freezing_disconnects_and_is_told_apart_from_what_cannot_be) {
    add_pump();
    add({{"device_id", "behind"}, {"node_id", "b"}, {"gateway_id", "pump"}});
    const auto freeze = [&](const char* id, const char* what) {
        return ask(http::verb::post, path("/devices/" + std::string{id} + "/" + what));
    };
    BOOST_TEST(words(freeze("pump", "unfreeze")) == "403 IOTDA.014040");
    BOOST_TEST(freeze("pump", "freeze").result_int() == 204U);
    const Lines expected{"disconnect pump frozen"};
    BOOST_TEST(hooks.lines == expected, boost::test_tools::per_element());
    BOOST_TEST(words(freeze("pump", "freeze")) == "403 IOTDA.014039");
    BOOST_TEST(words(freeze("behind", "freeze")) == "403 IOTDA.014038");
    BOOST_TEST(words(freeze("no", "freeze")) == "404 IOTDA.014000");
    BOOST_TEST(freeze("pump", "unfreeze").result_int() == 204U);
    BOOST_TEST(status("pump") == "INACTIVE");
    BOOST_TEST(hooks.lines.size() == 1U);
}

BOOST_AUTO_TEST_CASE(secrets_are_reset_one_at_a_time) {
    add_pump();
    const auto reset = [&](std::string body) {
        return ask(http::verb::post, path("/devices/pump/action?action_id=resetSecret"),
                   std::move(body));
    };
    const Response made = reset("{}");
    BOOST_TEST(made.result_int() == 200U);
    const std::string secret{object_of(made).at("secret").as_string()};
    BOOST_TEST(secret.size() == 32U);
    BOOST_TEST(object_of(made).at("secret_type").as_string() == "PRIMARY");
    BOOST_TEST(shown("pump").at("auth_info").at("secret").as_string() == secret);
    BOOST_TEST(reset("").result_int() == 200U);
    BOOST_TEST(hooks.lines.empty());
    const Response second =
        reset(R"({"secret":"abcdefgh","secret_type":"SECONDARY","force_disconnect":true})");
    BOOST_TEST(object_of(second).at("secret").as_string() == "abcdefgh");
    BOOST_TEST(shown("pump").at("auth_info").at("secondary_secret").as_string() == "abcdefgh");
    const Lines expected{"disconnect pump secret_reset"};
    BOOST_TEST(hooks.lines == expected, boost::test_tools::per_element());
    BOOST_TEST(words(reset(R"({"secret":"short"})")) == "400 IOTDA.000006");
    BOOST_TEST(words(ask(http::verb::post, path("/devices/pump/action"), "{}")) ==
               "400 IOTDA.000006");
    BOOST_TEST(words(ask(http::verb::post, path("/devices/no/action?action_id=resetSecret"),
                         "{}")) == "404 IOTDA.014000");
}

BOOST_AUTO_TEST_CASE(a_device_with_a_certificate_has_fingerprints_and_no_secret) {
    const std::string upper(64, 'A');
    const Response added =
        add({{"device_id", "pump"},
             {"node_id", "n"},
             {"auth_info", {{"auth_type", "CERTIFICATES"}, {"fingerprint", upper}}}});
    BOOST_TEST(added.result_int() == 201U);
    const auto auth_info = shown("pump").at("auth_info").as_object();
    BOOST_TEST(auth_info.at("auth_type").as_string() == "CERTIFICATES");
    BOOST_TEST(auth_info.at("fingerprint").as_string() == std::string(64, 'a'));
    BOOST_TEST(!auth_info.contains("secondary_fingerprint"));
    BOOST_TEST(!auth_info.contains("secret"));
    const Response refused =
        ask(http::verb::post, path("/devices/pump/action?action_id=resetSecret"), "{}");
    BOOST_TEST(words(refused) == "403 IOTDA.014182");
}

BOOST_AUTO_TEST_CASE(fingerprints_are_reset_one_at_a_time) {
    add({{"device_id", "pump"}, {"node_id", "n"}, {"auth_info", {{"auth_type", "CERTIFICATES"}}}});
    const auto reset = [&](std::string body, const char* device = "pump") {
        return ask(http::verb::post, path("/devices/" + std::string{device} + "/reset-fingerprint"),
                   std::move(body));
    };
    const std::string first(40, 'a');
    const std::string second(64, 'b');
    const Response made = reset(R"({"fingerprint":")" + first + R"("})");
    BOOST_TEST(made.result_int() == 200U);
    BOOST_TEST(object_of(made).at("device_id").as_string() == "pump");
    BOOST_TEST(object_of(made).at("fingerprint").as_string() == first);
    BOOST_TEST(object_of(made).at("fingerprint_type").as_string() == "PRIMARY");
    BOOST_TEST(hooks.lines.empty());
    const Response other = reset(R"({"fingerprint_type":"SECONDARY","force_disconnect":true,)"
                                 R"("fingerprint":")" +
                                 second + R"("})");
    BOOST_TEST(object_of(other).at("fingerprint_type").as_string() == "SECONDARY");
    const Lines expected{"disconnect pump fingerprint_reset"};
    BOOST_TEST(hooks.lines == expected, boost::test_tools::per_element());
    const auto auth_info = shown("pump").at("auth_info").as_object();
    BOOST_TEST(auth_info.at("fingerprint").as_string() == first);
    BOOST_TEST(auth_info.at("secondary_fingerprint").as_string() == second);
    BOOST_TEST(object_of(reset("")).at("fingerprint").as_string() == "");
    BOOST_TEST(!shown("pump").at("auth_info").as_object().contains("fingerprint"));
    BOOST_TEST(words(reset(R"({"fingerprint":"abc"})")) == "400 IOTDA.000006");
    BOOST_TEST(words(reset(R"({"fingerprint_type":"X"})")) == "400 IOTDA.000006");
    BOOST_TEST(words(reset("{}", "no")) == "404 IOTDA.014000");
    add({{"device_id", "valve"}, {"node_id", "v"}});
    BOOST_TEST(words(reset("{}", "valve")) == "403 IOTDA.014182");
    BOOST_TEST(hooks.lines.size() == 1U);
}

BOOST_AUTO_TEST_CASE(every_route_asks_for_a_token_of_the_project) {
    const std::pair<http::verb, const char*> all[] = {
        {http::verb::post, "/devices"},
        {http::verb::get, "/devices"},
        {http::verb::get, "/devices/d"},
        {http::verb::put, "/devices/d"},
        {http::verb::delete_, "/devices/d"},
        {http::verb::post, "/devices/d/action"},
        {http::verb::post, "/devices/d/reset-fingerprint"},
        {http::verb::post, "/devices/d/freeze"},
        {http::verb::post, "/devices/d/unfreeze"}};
    for (const auto& [method, rest] : all) {
        BOOST_TEST(ask(method, "/v5/iot/other" + std::string{rest}, "{}").result_int() == 403U,
                   rest);
    }
    token.clear();
    for (const auto& [method, rest] : all) {
        BOOST_TEST(ask(method, path(rest), "{").result_int() == 401U, rest);
    }
}

BOOST_AUTO_TEST_CASE(a_path_id_keeps_its_rule) {
    BOOST_TEST(words(ask(http::verb::get, path("/devices/a%20b"))) == "400 IOTDA.000006");
    BOOST_TEST(words(ask(http::verb::get, path("/devices/" + std::string(129, 'x')))) ==
               "400 IOTDA.000006");
    BOOST_TEST(words(ask(http::verb::get, path("/devices/" + std::string(128, 'x')))) ==
               "404 IOTDA.014000");
}

BOOST_AUTO_TEST_SUITE_END()
