#include "banner.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;

Config listening_on(const std::string& address) {
    Config config;
    config.mqtt_listeners = {ListenerConfig{address, 1883}};
    return config;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(start_banner)

BOOST_AUTO_TEST_CASE(it_says_who_can_connect_and_how) {
    Config config = listening_on("127.0.0.1");
    config.http_listener = ListenerConfig{"::1", 0};
    const auto lines = banner(config, {.mqtt_port = 1883,
                                       .http_port = 8080,
                                       .pid = 77,
                                       .threads = 2,
                                       .project_id = "p1",
                                       .first_password_place = "in x/y"});
    BOOST_TEST_REQUIRE(lines.size() == 5U);
    BOOST_TEST(lines[0].text.find("pid 77, 2 threads") != std::string::npos);
    BOOST_TEST(lines[1].text == "data in holdfast-data: what is acknowledged is on the disk");
    BOOST_TEST(
        lines[2].text.starts_with("MQTT 3.1, 3.1.1 and 5.0 on 127.0.0.1:1883: this machine"));
    BOOST_TEST(lines[3].text.starts_with("HTTP on [::1]:8080: this machine only; the API asks"));
    BOOST_TEST(lines[4].text == "project p1, administrator \"admin\", password: in x/y");
    for (const BannerLine& line : lines) BOOST_TEST((line.severity == Severity::info));
}

BOOST_AUTO_TEST_CASE(a_free_port_is_named_by_its_number) {
    Config config = listening_on("127.0.0.1");
    config.mqtt_listeners.front().port = 0;
    BOOST_TEST(banner(config, {40'000, {40'000}, 0, 1}).back().text.find(":40000:") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_listener_for_other_machines_is_a_warning) {
    for (const char* const address : {"0.0.0.0", "192.0.2.1", "::"}) {
        Config open = listening_on(address);
        const auto closed = banner(open, {1883, {1883}, 0, 1}).back();
        BOOST_TEST((closed.severity == Severity::info));
        BOOST_TEST(closed.text.find("other machines too, who comes must log in") != std::string::npos);
        open.allow_anonymous_remote = true;
        const auto line = banner(open, {1883, {1883}, 0, 1}).back();
        BOOST_TEST((line.severity == Severity::warning));
        BOOST_TEST(line.text.find("OPEN TO OTHER MACHINES") != std::string::npos);

        Config config = listening_on("127.0.0.1");
        config.http_listener = ListenerConfig{address, 8080};
        const auto http = banner(config, {1883, {1883}, 8080, 1}).at(3);
        BOOST_TEST((http.severity == Severity::warning));
        BOOST_TEST(http.text.find(":8080: OPEN TO OTHER MACHINES; the API asks") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(what_can_be_lost_is_a_warning) {
    const auto storage_line = [](Config config) { return banner(config, {1883, {1883}, 0, 1}).at(1); };
    Config config = listening_on("127.0.0.1");
    BOOST_TEST((storage_line(config).severity == Severity::info));
    config.sync = store::SyncPolicy::interval;
    config.sync_interval = Milliseconds{250};
    BOOST_TEST((storage_line(config).severity == Severity::warning));
    BOOST_TEST(storage_line(config).text.find("in the last 250 ms") != std::string::npos);
    config.sync = store::SyncPolicy::never;
    BOOST_TEST((storage_line(config).severity == Severity::warning));
    config.data_directory.reset();
    BOOST_TEST((storage_line(config).severity == Severity::warning));
    BOOST_TEST(storage_line(config).text.find("nothing outlives") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_ready_line_is_one_json_object) {
    const StartedProcess started{
        .mqtt_port = 1883, .http_port = 8080, .pid = 77, .project_id = "p1", .token = "t",
        .access_key = "a", .secret_key = "s"};
    BOOST_TEST(ready_line({}, started) ==
               "{\"ready\":true,\"mqtt\":1883,\"http\":8080,\"pid\":77,"
               "\"project_id\":\"p1\",\"listeners\":[],\"token\":\"t\",\"ak\":\"a\",\"sk\":\"s\"}");
    Config config = listening_on("127.0.0.1");
    config.mqtt_listeners.push_back({.tls = net::TlsSettings{}, .websocket = net::WebSocketSettings{}});
    config.mqtt_listeners.push_back({.path = "socket"});
    BOOST_TEST(ready_line(config, {1883, {1883, 8884, 0}, 0, 77, 1, "p1"}) ==
               "{\"ready\":true,\"mqtt\":1883,\"http\":null,\"pid\":77,\"project_id\":\"p1\","
               "\"listeners\":[{\"scheme\":\"mqtt\",\"port\":1883},{\"scheme\":\"wss\",\"port\":8884},"
               "{\"scheme\":\"unix\",\"port\":0}]}");
    BOOST_CHECK_NO_THROW((void)boost::json::parse(ready_line(config, started)));
}

BOOST_AUTO_TEST_CASE(each_listener_is_told_with_what_lies_between) {
    Config config = listening_on("127.0.0.1");
    config.mqtt_listeners.front().tls = net::TlsSettings{};
    config.mqtt_listeners.front().websocket = net::WebSocketSettings{.path = "/m", .origins = {}};
    config.mqtt_listeners.push_back({.port = 0, .proxies = {*parse_address_range("10.0.0.0/8")}});
    config.mqtt_listeners.push_back({.path = "/run/mqtt"});
    config.tls_keylog = "secrets";
    const auto lines = banner(
        config, {.mqtt_port = 1883, .mqtt_ports = {1883, 1999, 0}, .http_port = 0, .pid = 1});
    BOOST_TEST((lines.at(2).severity == Severity::warning));
    BOOST_TEST(lines.at(2).text.find("are written to secrets") != std::string::npos);
    BOOST_TEST(lines.at(3).text.find(":1883 with TLS over WebSocket at /m:") != std::string::npos);
    BOOST_TEST(lines.at(4).text.find(":1999 behind load balancers") != std::string::npos);
    BOOST_TEST(lines.at(5).text.find("/run/mqtt: who may write to that file") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
