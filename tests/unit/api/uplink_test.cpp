#include "api/uplink.hpp"

#include "support/device_world.hpp"
#include "support/manual_executor.hpp"
#include "unit/api/api_world.hpp"
#include "unit/api/fake_line.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct Fixture {
    test_support::ManualExecutor executor;
    std::unique_ptr<store::SqliteCatalogue> catalogue = open_catalogue();
    FakeLine line;
    RecordedPlatformEvents sink;
    test_support::FakeClock clock;
    test_support::EventSentences events;
    DeviceRequestSettings settings;
    DeviceRequests requests{line, settings};
    ManualGate gate;
    AsyncCommandSettings command_settings;
    AsyncCommands commands{{.catalogue = *catalogue,
                            .line = line,
                            .home = executor,
                            .turns = gate,
                            .clock = clock,
                            .events = sink,
                            .settings = command_settings,
                            .requests = settings}};
    DeviceNotes notes{catalogue->documents()};
    Shadows shadows{catalogue->documents()};
    Counters counters;
    Turn turn{ShardIndex{0}, counters};
    Uplink uplink{{.requests = requests,
                   .async_commands = commands,
                   .line = line,
                   .notes = notes,
                   .shadows = shadows,
                   .catalogue = *catalogue,
                   .sink = sink,
                   .clock = clock,
                   .events = events}};
    std::uint64_t number = 0;

    Fixture() {
        turn.executor = &executor;
        test_support::CatalogueCaller caller{*catalogue};
        BOOST_TEST_REQUIRE(!caller.add_product({.product_id = "pumps"}).error);
        number = add(caller, "gw", "");
        add(caller, "sensor", "gw");
        add(caller, "stranger", "");
    }
    ~Fixture() { catalogue.reset(); }  // before the executor of its last answers
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    static std::uint64_t add(test_support::CatalogueCaller& caller, const std::string& id,
                             const std::string& gateway_id) {
        store::Device device;
        device.device_id = id;
        device.node_id = "n-" + id;
        device.product_id = "pumps";
        device.app_id = "app";
        device.gateway_id = gateway_id;
        return caller.add_device(device).found->number;
    }
    /// From the device "gw".
    void publish(std::string_view suffix, std::string_view payload) {
        const std::string topic = "$oc/devices/gw/" + std::string{suffix};
        uplink.on_publication({.device_number = number,
                               .device_id = "gw",
                               .topic = topic,
                               .suffix = suffix,
                               .payload = as_bytes(payload)},
                              turn);
    }
    void expect_event(PlatformEventKind kind, std::string_view body) {
        BOOST_TEST_REQUIRE(sink.events.size() == 1U);
        BOOST_TEST((sink.events.front().kind == kind));
        BOOST_TEST(sink.events.front().body == body);
        sink.events.clear();
    }
    [[nodiscard]] std::uint64_t malformed() const {
        return counters.get(Counter::device_publications_malformed);
    }
    std::string note() {
        std::optional<std::string> found;
        notes.find({number}, executor, [&](std::error_code error, std::vector<std::string> texts) {
            BOOST_TEST(!error);
            found = std::move(texts.at(0));
        });
        executor.run_until([&] { return found.has_value(); });
        return *found;
    }
    static std::string sdk_info(std::string_view paras) {
        return R"({"services":[{"service_id":"$sdk_info","event_type":"sdk_info_report","paras":)" +
               std::string{paras} + "}]}";
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(uplink)

BOOST_FIXTURE_TEST_CASE(a_message_becomes_an_event, Fixture) {
    publish("sys/messages/up", R"({ "a" : 1.50 })");
    const PlatformEventSubject& subject = sink.events.at(0).subject;
    BOOST_TEST(subject.device_id == "gw");
    BOOST_TEST(subject.product_id == "pumps");
    BOOST_TEST(subject.app_id == "app");
    BOOST_TEST(subject.node_id == "n-gw");
    BOOST_TEST(subject.gateway_id == "gw");
    expect_event(PlatformEventKind::device_message_reported,
                 R"({"topic":"$oc/devices/gw/sys/messages/up","content":{"a":1.50}})");
    publish("sys/messages/up?request_id=abc", "hello");
    expect_event(PlatformEventKind::device_message_reported,
                 R"({"topic":"$oc/devices/gw/sys/messages/up?request_id=abc","content":"hello"})");
    uplink.on_publication({.device_number = number,
                           .device_id = "gw",
                           .topic = "$oc/devices/gw/user/x",
                           .suffix = "user/x",
                           .payload = as_bytes("1"),
                           .properties = as_bytes(std::string_view{"\x08\0\x01r", 4})},
                          turn);
    expect_event(
        PlatformEventKind::device_message_reported,
        R"({"topic":"$oc/devices/gw/user/x","content":1,"properties":{"response_topic":"r"}})");
    publish("user/alarm", "\xff\xfe");
    expect_event(PlatformEventKind::device_message_reported,
                 R"({"topic":"$oc/devices/gw/user/alarm","content":"//4="})");
    sink.is_interested = false;
    publish("sys/messages/up", "{}");
    BOOST_TEST(sink.events.empty());
    BOOST_TEST(malformed() == 0U);
}

BOOST_FIXTURE_TEST_CASE(properties_become_an_event, Fixture) {
    publish("sys/properties/report",
            R"({"services":[{"service_id":"Pump","properties":{"rpm":2.50},)"
            R"("event_time":"20260101T000000Z"}]})");
    expect_event(PlatformEventKind::device_property_reported,
                 R"({"services":[{"service_id":"Pump","properties":{"rpm":2.50},)"
                 R"("event_time":"20260101T000000Z"}]})");
}

BOOST_FIXTURE_TEST_CASE(a_gateway_reports_of_what_is_behind_it_and_of_nothing_else, Fixture) {
    const auto report = [](const std::string& id) {
        return R"({"device_id":")" + id +
               R"(","services":[{"service_id":"T","properties":{},"event_time":"20260101T000000Z"}]})";
    };
    publish("sys/gateway/sub_devices/properties/report", R"({"devices":[)" + report("sensor") +
                                                             "," + report("stranger") + "," +
                                                             report("nobody") + "]}");
    // Who is not in the cache is looked for.
    while (executor.waiting() < 1) {
    }
    executor.run_one();
    BOOST_TEST(sink.events.at(0).subject.device_id == "sensor");
    BOOST_TEST(sink.events.at(0).subject.gateway_id == "gw");
    expect_event(
        PlatformEventKind::device_property_reported,
        R"({"services":[{"service_id":"T","properties":{},"event_time":"20260101T000000Z"}]})");
    BOOST_TEST(malformed() == 0U);
}

BOOST_FIXTURE_TEST_CASE(what_is_not_json_is_counted_and_ignored, Fixture) {
    for (const char* suffix :
         {"sys/properties/report", "sys/events/up", "sys/gateway/sub_devices/properties/report"}) {
        publish(suffix, "{oops");
        publish(suffix, "[]");
    }
    BOOST_TEST(malformed() == 6U);
    BOOST_TEST(events.has("debug is not JSON: syntax error at byte 1"));
    BOOST_TEST(sink.events.empty());
    BOOST_TEST(line.sent.empty());
    BOOST_TEST(counters.get(Counter::device_publications) == 6U);
}

BOOST_FIXTURE_TEST_CASE(answers_reach_who_asked, Fixture) {
    std::optional<DeviceReply> reply;
    const auto ask = [&](RequestKind kind, const char* id) {
        reply.reset();
        requests.ask({.device_id = "gw", .kind = kind, .request_id = id, .payload = "{}"}, turn,
                     [&](DeviceReply given) { reply = std::move(given); });
    };
    ask(RequestKind::command, "r-1");
    publish("sys/commands/response/request_id=r-1", R"({"result_code":0})");
    executor.run_one();
    BOOST_TEST(reply->payload == R"({"result_code":0})");
    ask(RequestKind::set_properties, "r-2");
    publish("sys/properties/get/response/request_id=r-2", "{}");
    BOOST_TEST(counters.get(Counter::device_answers_unknown) == 1U);
    publish("sys/properties/set/response/request_id=r-2", "{}");
    executor.run_one();
    BOOST_TEST((reply->kind == ReplyKind::answered));
    ask(RequestKind::get_properties, "r-3");
    publish("sys/properties/get/response/request_id=r-3", "[]");
    executor.run_one();
    BOOST_TEST((reply->kind == ReplyKind::unreadable));
    BOOST_TEST(malformed() == 1U);
}

BOOST_FIXTURE_TEST_CASE(the_end_of_a_connection_is_passed_on, Fixture) {
    std::optional<DeviceReply> reply;
    requests.ask({.device_id = "gw", .request_id = "r-1", .payload = "{}"}, turn,
                 [&](DeviceReply given) { reply = std::move(given); });
    uplink.on_connection_ended("gw", turn);
    executor.run_one();
    BOOST_TEST((reply->kind == ReplyKind::gone));
}

BOOST_FIXTURE_TEST_CASE(the_time_is_told, Fixture) {
    publish("sys/events/up",
            R"({"services":[{"service_id":"$time_sync","event_type":"time_sync_request",)"
            R"("event_id":"e-1","paras":{"device_send_time":7}}]})");
    BOOST_TEST_REQUIRE(line.sent.size() == 1U);
    BOOST_TEST(line.sent[0].topic == "$oc/devices/gw/sys/events/down");
    const std::string now = std::to_string(clock.wall_now().time_since_epoch().count());
    const auto answer = boost::json::parse(line.sent[0].payload);
    BOOST_TEST(answer.at("object_device_id").as_string() == "gw");
    const auto& service = answer.at("services").at(0);
    BOOST_TEST(service.at("event_type").as_string() == "time_sync_response");
    BOOST_TEST(service.at("event_id").as_string() == "e-1");
    BOOST_TEST(boost::json::serialize(service.at("paras")) ==
               R"({"device_send_time":7,"server_recv_time":)" + now + R"(,"server_send_time":)" +
                   now + "}");
}

BOOST_FIXTURE_TEST_CASE(versions_are_noted_and_other_events_are_not, Fixture) {
    publish("sys/events/up", sdk_info(R"({"sw_version":"1","other":2,"fw_version":3})"));
    while (executor.waiting() == 0) {
    }
    executor.run_one();  // none is there: it is added
    BOOST_TEST(note() == R"({"sw_version":"1"})");
    publish("sys/events/up", sdk_info(R"({"sw_version":"2","fw_version":"b"})"));
    BOOST_TEST(note() == R"({"sw_version":"2","fw_version":"b"})");
    publish("sys/events/up", sdk_info("{}"));
    publish("sys/events/up",
            R"({"services":[{"service_id":"$log","event_type":"log_report","paras":{}}]})");
    publish("sys/events/up",
            R"({"object_device_id":"sensor","services":[{"service_id":"$sdk_info",)"
            R"("event_type":"sdk_info_report","paras":{"sw_version":"of another"}}]})");
    BOOST_TEST(note() == R"({"sw_version":"2","fw_version":"b"})");
    BOOST_TEST(malformed() == 0U);
    BOOST_TEST(line.sent.empty());
}

BOOST_FIXTURE_TEST_CASE(a_device_is_told_its_shadow_and_those_behind_it, Fixture) {
    publish("sys/properties/report", R"({"services":[{"service_id":"P","properties":{"x":1.0},)"
                                     R"("event_time":"20260101T000000Z"}]})");
    publish("sys/shadow/get/request_id=r-1", "");
    executor.run_until([&] { return line.sent.size() == 1; });
    BOOST_TEST(line.sent[0].topic == "$oc/devices/gw/sys/shadow/get/response/request_id=r-1");
    BOOST_TEST(line.sent[0].payload ==
               R"({"object_device_id":"gw","shadow":[{"service_id":"P","reported":)"
               R"({"properties":{"x":1.0},"event_time":"20260101T000000Z"},"version":0}]})");
    publish("sys/shadow/get/request_id=r-2", R"({"object_device_id":"sensor","service_id":"P"})");
    executor.run_until([&] { return line.sent.size() == 2; });
    BOOST_TEST(line.sent[1].payload == R"({"object_device_id":"sensor","shadow":[]})");
    publish("sys/shadow/get/request_id=r-3", R"({"object_device_id":"stranger"})");
    publish("sys/shadow/get/request_id=r-4", R"({"service_id":"Q"})");
    executor.run_until([&] { return line.sent.size() == 3; });
    BOOST_TEST(line.sent[2].payload == R"({"object_device_id":"gw","shadow":[]})");
    publish("sys/shadow/get/request_id=r-5", "[");
    BOOST_TEST(malformed() == 1U);
}

BOOST_FIXTURE_TEST_CASE(requests_about_devices_behind_a_gateway_are_handed_on, Fixture) {
    class Nobody final : public DeviceStatusSource, public delivery::PresenceListener {
    public:
        [[nodiscard]] bool is_online(std::string_view) const override { return false; }
        void on_presence(std::uint64_t, std::string_view, bool, WallTime) override {}
    };
    boost::asio::io_context loop;
    LoopExecutor home{loop};
    Routes routes;
    Nobody nobody;
    Apps apps{"app"};
    SubDeviceStatuses statuses;
    SubDevices sub_devices{{.devices = {routes, "project"},
                            .views = DeviceViews{{*catalogue, home, nobody, apps}},
                            .catalogue = {*catalogue, home},
                            .statuses = statuses,
                            .presence = nobody,
                            .line = line,
                            .turns = gate,
                            .clock = clock,
                            .loop = loop.get_executor()}};
    Uplink with_them{{.requests = requests,
                      .async_commands = commands,
                      .line = line,
                      .notes = notes,
                      .shadows = shadows,
                      .catalogue = *catalogue,
                      .sink = sink,
                      .clock = clock,
                      .events = events,
                      .sub_devices = &sub_devices}};
    const auto say = [&](std::string_view about, std::string_view type, std::string_view paras) {
        const std::string payload = R"({"object_device_id":")" + std::string{about} +
                                    R"(","services":[{"service_id":"$sub_device_manager",)" +
                                    R"("event_type":")" + std::string{type} + R"(","paras":)" +
                                    std::string{paras} + "}]}";
        with_them.on_publication({.device_number = number,
                                  .device_id = "gw",
                                  .topic = "$oc/devices/gw/sys/events/up",
                                  .suffix = "sys/events/up",
                                  .payload = as_bytes(payload)},
                                 turn);
        loop.restart();
        loop.run();
        return std::exchange(line.sent, {}).size();
    };
    BOOST_TEST(say("gw", "sub_device_sync_request", "{}") == 1U);
    BOOST_TEST(say("sensor", "sub_device_sync_request", "{}") == 0U);  // not for itself
    BOOST_TEST(say("gw", "scan_result", "{}") == 0U);
    BOOST_TEST(malformed() == 0U);
    BOOST_TEST(say("gw", "add_sub_device_request", "{}") == 0U);
    BOOST_TEST(malformed() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
