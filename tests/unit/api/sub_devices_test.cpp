#include "api/sub_devices.hpp"

#include "api/handlers/devices.hpp"
#include "unit/api/api_world.hpp"
#include "unit/api/fake_line.hpp"
#include "unit/api/fake_policies.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;
namespace json = boost::json;

/// Devices that nobody has a connection of but by their gateway's word.
class Behind final : public DeviceStatusSource, public DeviceHooks {
public:
    explicit Behind(SubDeviceStatuses& statuses) : statuses_(statuses) {}
    [[nodiscard]] bool is_online(std::string_view device_id) const override {
        return statuses_.is_online(device_id);
    }
    void disconnect(std::string_view, DisconnectCause) override {}
    void remove_messages(std::uint64_t, std::string_view,
                         std::function<void(std::error_code)> done) override {
        done({});
    }

private:
    SubDeviceStatuses& statuses_;
};

class RecordedPresence final : public delivery::PresenceListener {
public:
    std::vector<std::string> lines;
    void on_presence(std::uint64_t, std::string_view device_id, bool is_online, WallTime) override {
        lines.push_back(std::string{device_id} + (is_online ? " online" : " offline"));
    }
};

struct World : ApiWorld {
    SubDeviceStatuses statuses;
    Behind behind{statuses};
    Apps apps{installation.default_app_id};
    FakePolicies policies;
    FakeLine line;
    ManualGate gate;
    RecordedPresence presence;
    RecordedPlatformEvents told;
    SubDevices sub_devices{{.devices = {routes, installation.project_id},
                            .views = DeviceViews{{*catalogue, executor, behind, apps}},
                            .catalogue = {*catalogue, executor},
                            .statuses = statuses,
                            .presence = presence,
                            .line = line,
                            .turns = gate,
                            .clock = clock,
                            .loop = loop.get_executor(),
                            .pause = Milliseconds{0}}};

    World() : ApiWorld({.limits = {.devices_max = 30}}) {
        add_device_routes(routes, {.catalogue = *catalogue,
                                   .executor = executor,
                                   .status = behind,
                                   .hooks = behind,
                                   .installation = installation,
                                   .clock = clock,
                                   .random = random,
                                   .apps = apps,
                                   .policies = policies,
                                   .sink = &told});
        for (const char* id : {"gw", "other"}) add(id, "");
        add("sensor", "gw");
        add("stranger", "other");
        line.is_there = true;
        line.absent = {"sensor", "stranger", "leaf", "new"};
        told.events.clear();
    }

    void add(const std::string& id, const std::string& gateway_id) {
        json::object body{{"device_id", id}, {"node_id", "n-" + id}};
        if (!gateway_id.empty()) body["gateway_id"] = gateway_id;
        const auto response = ask(http::verb::post, path("/devices"), json::serialize(body));
        BOOST_TEST_REQUIRE(response.result_int() == 201U);
    }
    void run() {
        loop.restart();
        loop.run();
    }
    static SubDeviceRequest request(std::string_view type, std::string_view paras) {
        auto read = read_sub_device_request(
            {"$sub_device_manager", std::string{type}, "e-1", std::string{paras}});
        BOOST_TEST_REQUIRE((read.has_value() && read->has_value()));
        return **read;
    }
    void ask_for(std::string_view type, std::string_view paras) {
        sub_devices.on_request("gw", request(type, paras));
        run();
    }
    /// The only event that was sent, to "gw".
    json::object sent() {
        BOOST_TEST_REQUIRE(line.sent.size() == 1U);
        const FakeLine::Sent sent = line.sent.front();
        line.sent.clear();
        BOOST_TEST(sent.device_id == "gw");
        BOOST_TEST(sent.topic == "$oc/devices/gw/sys/events/down");
        const auto payload = json::parse(sent.payload);
        BOOST_TEST(payload.at("object_device_id").as_string() == "gw");
        return payload.at("services").at(0).as_object();
    }
    json::object answer(std::string_view type) {
        const json::object event = sent();
        BOOST_TEST(event.at("event_type").as_string() == type);
        BOOST_TEST(event.at("event_id").as_string() == "e-1");
        return event.at("paras").as_object();
    }
    /// "sensor stranger:IOTDA.014000"
    static std::string words(const json::object& answer) {
        std::string text;
        for (const json::value& each : answer.at("successful_devices").as_array()) {
            const json::value& id = each.is_object() ? each.at("device_id") : each;
            text += (text.empty() ? "" : " ") + std::string{id.as_string()};
        }
        for (const json::value& each : answer.at("failed_devices").as_array()) {
            const json::object& failed = each.as_object();
            const auto& id =
                failed.contains("device_id") ? failed.at("device_id") : failed.at("node_id");
            text += (text.empty() ? "" : " ") + std::string{id.as_string()} + ":" +
                    std::string{failed.at("error_code").as_string()};
        }
        return text;
    }
    std::string set(const std::string& id, const std::string& status) {
        ask_for("sub_device_update_status", R"({"device_statuses":[{"device_id":")" + id +
                                                R"(","status":")" + status + "\"}]}");
        return words(answer("sub_device_update_status_response"));
    }
    std::string status(const std::string& id) {
        const auto shown = object_of(ask(http::verb::get, path("/devices/" + id)));
        return std::string{shown.at("status").as_string()};
    }
    std::string events() {
        std::string text;
        for (const PlatformEvent& event : told.events) {
            text += std::string{name_of(event.kind).event} + " " + event.subject.device_id + ",";
        }
        told.events.clear();
        return text;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sub_devices_of_gateways, World)

BOOST_AUTO_TEST_CASE(a_gateway_registers_devices_behind_it) {
    ask_for("add_sub_device_request",
            R"({"devices":[{"node_id":"a","device_id":"new","name":"N","product_id":")" +
                installation.default_product_id + R"("},
                {"parent_device_id":"sensor","node_id":"b","device_id":"leaf"}]})");
    const auto response = answer("add_sub_device_response");
    BOOST_TEST(words(response) == "new leaf");
    const auto& first = response.at("successful_devices").at(0);
    BOOST_TEST(first.at("parent_device_id").as_string() == "gw");
    BOOST_TEST(first.at("name").as_string() == "N");
    BOOST_TEST(first.at("status").as_string() == "INACTIVE");
    BOOST_TEST(!first.as_object().contains("auth_info"));
    BOOST_TEST(events() == "create new,create leaf,");
    const auto leaf = object_of(ask(http::verb::get, path("/devices/leaf")));
    BOOST_TEST(leaf.at("gateway_id").as_string() == "sensor");
}

BOOST_AUTO_TEST_CASE(what_an_application_may_not_register_a_gateway_may_not_either) {
    ask_for("add_sub_device_request", R"({"devices":[
        {"node_id":"a","device_id":"sensor"}, {"node_id":"b","product_id":"no"}, {"node_id":"$"},
        {"node_id":"c","parent_device_id":"stranger"}, {"node_id":"d","parent_device_id":"other"},
        {"node_id":"e","parent_device_id":"nobody"}, {"node_id":"f","extension_info":"x"}]})");
    const auto response = answer("add_sub_device_response");
    BOOST_TEST(words(response) ==
               "a:IOTDA.014031 b:IOTDA.013190 $:IOTDA.000006 c:IOTDA.014000 d:IOTDA.014000 "
               "e:IOTDA.014000 f:IOTDA.000006");
    BOOST_TEST(response.at("failed_devices").at(1).at("product_id").as_string() == "no");
    BOOST_TEST(!response.at("failed_devices").at(0).at("error_msg").as_string().empty());
    BOOST_TEST(events().empty());
}

BOOST_AUTO_TEST_CASE(limits_of_devices_hold_for_gateways) {
    std::string devices;
    for (int i = 0; i < 27; ++i) {  // four are there
        devices += std::string{i == 0 ? "" : ","} + R"({"node_id":"x)" + std::to_string(i) + "\"}";
    }
    ask_for("add_sub_device_request", "{\"devices\":[" + devices + "]}");
    const auto response = answer("add_sub_device_response");
    BOOST_TEST(response.at("successful_devices").as_array().size() == 26U);
    BOOST_TEST(response.at("failed_devices").at(0).at("error_code").as_string() == "IOTDA.014181");
}

BOOST_AUTO_TEST_CASE(a_gateway_deletes_its_own_devices_alone) {
    add("leaf", "sensor");
    ask_for("delete_sub_device_request",
            R"({"devices":["sensor","stranger","other","gw","nobody","../x","leaf","sensor"]})");
    BOOST_TEST(words(answer("delete_sub_device_response")) ==
               "leaf sensor sensor:IOTDA.014180 stranger:IOTDA.014000 other:IOTDA.014000 "
               "gw:IOTDA.014000 nobody:IOTDA.014000 ../x:IOTDA.014000");
    BOOST_TEST(events() == "create leaf,delete leaf,delete sensor,");
    BOOST_TEST(ask(http::verb::get, path("/devices/sensor")).result_int() == 404U);
    BOOST_TEST(ask(http::verb::get, path("/devices/stranger")).result_int() == 200U);
}

BOOST_AUTO_TEST_CASE(a_gateway_says_who_is_online) {
    BOOST_TEST(status("sensor") == "INACTIVE");
    BOOST_TEST(set("sensor", "ONLINE") == "sensor");
    BOOST_TEST(status("sensor") == "ONLINE");
    BOOST_TEST(set("sensor", "ONLINE") == "sensor");
    BOOST_TEST(set("sensor", "OFFLINE") == "sensor");
    BOOST_TEST(status("sensor") == "OFFLINE");
    BOOST_TEST(set("stranger", "ONLINE") == "stranger:IOTDA.014000");
    BOOST_TEST(set("gw", "OFFLINE") == "gw:IOTDA.014000");
    BOOST_TEST(set("sensor", "ABNORMAL") == "sensor:IOTDA.000006");
    const std::vector<std::string> expected{"sensor online", "sensor offline"};
    BOOST_TEST(presence.lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(devices_are_offline_when_their_gateway_is_gone) {
    set("sensor", "ONLINE");
    sub_devices.on_connection_ended("other");
    run();
    BOOST_TEST(status("sensor") == "ONLINE");
    sub_devices.on_connection_ended("gw");  // it has another connection by now
    run();
    BOOST_TEST(status("sensor") == "ONLINE");
    line.absent.insert("gw");
    sub_devices.on_connection_ended("gw");
    run();
    BOOST_TEST(status("sensor") == "OFFLINE");
    BOOST_TEST(presence.lines.back() == "sensor offline");
}

BOOST_AUTO_TEST_CASE(what_a_gateway_said_last_counts_until_its_connection_ends) {
    line.absent.insert("gw");
    sub_devices.on_request(
        "gw", request("sub_device_update_status",
                      R"({"device_statuses":[{"device_id":"sensor","status":"ONLINE"}]})"));
    sub_devices.on_connection_ended("gw");  // before it was done
    run();
    BOOST_TEST(status("sensor") == "OFFLINE");
}

BOOST_AUTO_TEST_CASE(a_device_that_connects_itself_speaks_for_itself) {
    set("sensor", "ONLINE");
    line.absent.erase("sensor");
    sub_devices.on_connection_begun("sensor");
    BOOST_TEST(!statuses.is_online("sensor"));
    BOOST_TEST(set("sensor", "OFFLINE") == "sensor");
    BOOST_TEST(presence.lines.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_list_comes_in_parts_that_sdks_take) {
    for (int i = 0; i < 12; ++i) add("x" + std::to_string(i), "gw");
    add("leaf", "sensor");
    ask_for("sub_device_sync_request", R"({"version":0})");
    BOOST_TEST_REQUIRE(line.sent.size() == 2U);
    std::size_t devices = 0;
    std::int64_t version = 0;
    for (const FakeLine::Sent& sent : line.sent) {
        const auto event = json::parse(sent.payload).at("services").at(0);
        BOOST_TEST(event.at("event_type").as_string() == "add_sub_device_notify");
        devices += event.at("paras").at("devices").as_array().size();
        BOOST_TEST(event.at("paras").at("version").as_int64() > version);
        version = event.at("paras").at("version").as_int64();
    }
    BOOST_TEST(devices == 14U);
    BOOST_TEST(version >= 1'767'225'600);  // the seconds of the clock
}

BOOST_AUTO_TEST_CASE(a_version_is_newer_than_what_the_gateway_knows) {
    const auto version = [this](std::string_view known) {
        ask_for("sub_device_sync_request", "{\"version\":" + std::string{known} + "}");
        return sent().at("paras").at("version").as_int64();
    };
    const std::int64_t first = version("0");
    BOOST_TEST(version("-1") == first + 1);
    BOOST_TEST(version(std::to_string(first + 100)) == first + 101);  // the clock was set back
    BOOST_TEST(version("0") == first + 102);
    BOOST_TEST(version("9223372036854775807") == (std::int64_t{1} << 53) + 1);
    BOOST_TEST(version("0") == first + 104);  // others do not pay for that
}

BOOST_AUTO_TEST_CASE(a_gateway_with_nothing_behind_it_learns_that) {
    ask(http::verb::delete_, path("/devices/sensor"));
    ask_for("sub_device_sync_request", "{}");
    BOOST_TEST(sent().at("paras").at("devices").as_array().empty());
}

BOOST_AUTO_TEST_CASE(more_than_50_devices_in_one_request_fail) {
    const auto devices = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += std::string{i == 0 ? "" : ","} + "\"nobody\"";
        return "{\"devices\":[" + text + "]}";
    };
    const auto code = [&](int count) {
        ask_for("delete_sub_device_request", devices(count));
        const auto response = answer("delete_sub_device_response");
        BOOST_TEST(response.at("failed_devices").as_array().size() ==
                   static_cast<std::size_t>(count));
        return std::string{response.at("failed_devices").at(0).at("error_code").as_string()};
    };
    BOOST_TEST(code(50) == "IOTDA.014000");
    BOOST_TEST(code(51) == "IOTDA.000006");
}

BOOST_AUTO_TEST_CASE(more_requests_than_may_wait_are_refused_and_the_others_done) {
    for (std::size_t i = 0; i < requests_per_gateway_max + 2; ++i) {
        sub_devices.on_request("gw",
                               request("delete_sub_device_request", R"({"devices":["nobody"]})"));
    }
    run();
    BOOST_TEST_REQUIRE(line.sent.size() == requests_per_gateway_max + 2);
    std::size_t refused = 0;
    for (const FakeLine::Sent& sent : line.sent) {
        if (sent.payload.find("APIGW.0308") != std::string::npos) ++refused;
    }
    BOOST_TEST(refused == 1U);  // one is being done, as many as may wait do
    line.sent.clear();
    ask_for("delete_sub_device_request", R"({"devices":["nobody"]})");
    BOOST_TEST(words(answer("delete_sub_device_response")) == "nobody:IOTDA.014000");
}

BOOST_AUTO_TEST_CASE(a_gateway_that_is_slow_is_answered_when_it_takes_something) {
    line.outcome = delivery::DirectSend::blocked;
    line.on_send = [this] {
        if (line.sent.size() == 3) line.outcome = delivery::DirectSend::sent;
    };
    ask_for("delete_sub_device_request", R"({"devices":["nobody"]})");
    BOOST_TEST(line.sent.size() == 3U);
    line.outcome = delivery::DirectSend::blocked;
    line.on_send = {};
    line.sent.clear();
    ask_for("delete_sub_device_request", R"({"devices":["nobody"]})");
    BOOST_TEST(line.sent.size() == 50U);  // and then no more
}

BOOST_AUTO_TEST_CASE(a_connected_gateway_is_told_what_applications_do) {
    sub_devices.on_sub_device_added({{"gateway_id", "gw"}, {"device_id", "new"}});
    run();
    const auto added = sent();
    BOOST_TEST(added.at("event_type").as_string() == "add_sub_device_notify");
    BOOST_TEST(added.at("paras").at("devices").at(0).at("device_id").as_string() == "new");
    store::Device leaf;
    leaf.device_id = "leaf";
    leaf.node_id = "n";
    leaf.gateway_id = "sensor";  // told the gateway that is connected
    sub_devices.on_sub_device_removed(leaf);
    run();
    const auto removed = sent();
    BOOST_TEST(removed.at("event_type").as_string() == "delete_sub_device_notify");
    BOOST_TEST(json::serialize(removed.at("paras").at("devices")) ==
               R"([{"parent_device_id":"sensor","node_id":"n","device_id":"leaf"}])");
    BOOST_TEST(removed.at("paras").at("version").as_int64() >
               added.at("paras").at("version").as_int64());
    line.absent.insert("gw");
    sub_devices.on_sub_device_removed(leaf);
    leaf.gateway_id = "nobody";
    sub_devices.on_sub_device_removed(leaf);
    run();
    BOOST_TEST(line.sent.empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_once_the_server_stops) {
    sub_devices.stop();
    sub_devices.on_sub_device_added({{"gateway_id", "gw"}, {"device_id", "new"}});
    ask_for("sub_device_sync_request", "{}");
    BOOST_TEST(line.sent.empty());
}

BOOST_AUTO_TEST_SUITE_END()
