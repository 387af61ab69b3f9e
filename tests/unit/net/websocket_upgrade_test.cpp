#include "net/websocket_upgrade.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using boost::unit_test::label;
using net::UpgradeAnswer;

namespace {

struct Asked {
    std::string line = "GET /mqtt HTTP/1.1";
    std::string host = "Host: hub.example:8083\r\n";
    std::string upgrade = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n";
    std::string version = "Sec-WebSocket-Version: 13\r\n";
    std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    std::string protocol = "Sec-WebSocket-Protocol: mqtt\r\n";
    std::string more{};
};

UpgradeAnswer ask(const Asked& asked, const net::WebSocketSettings& settings = {}) {
    return net::answer_upgrade(asked.line + "\r\n" + asked.host + asked.upgrade + asked.version +
                                   asked.key + asked.protocol + asked.more + "\r\n",
                               settings);
}

bool is_refused(const Asked& asked, std::string_view status) {
    const UpgradeAnswer answer = ask(asked);
    return !answer.is_accepted && !answer.detail.empty() &&
           answer.response.starts_with("HTTP/1.1 " + std::string{status});
}

Asked from_page(const std::string& origin) { return {.more = "Origin: " + origin + "\r\n"}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(websocket_upgrade)

BOOST_TEST_DECORATOR(*label("MQTT5-6.0.0-4") * label("MQTT3-6.0.0-4"))
BOOST_AUTO_TEST_CASE(the_example_of_rfc_6455_is_answered_as_it_says) {
    const UpgradeAnswer answer = ask({});
    BOOST_TEST(answer.is_accepted);
    BOOST_TEST(answer.response ==
               "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
               "Sec-WebSocket-Protocol: mqtt\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(mqtt_is_chosen_among_the_sub_protocols) {
    const auto chosen = [](const std::string& protocol) {
        const UpgradeAnswer answer = ask({.protocol = "Sec-WebSocket-Protocol: " + protocol + "\r\n"});
        return answer.response.substr(answer.response.find("Protocol: ") + 10);
    };
    BOOST_TEST(chosen("mqttv3.1, mqtt") == "mqtt\r\n\r\n");
    BOOST_TEST(chosen("mqttv3.1") == "mqttv3.1\r\n\r\n");
    BOOST_TEST(chosen("chat\r\nSec-WebSocket-Protocol: mqtt") == "mqtt\r\n\r\n");
    BOOST_TEST(is_refused({.protocol = ""}, "400"));
    BOOST_TEST(is_refused({.protocol = "Sec-WebSocket-Protocol: chat\r\n"}, "400"));
}

BOOST_AUTO_TEST_CASE(the_path_may_have_a_query_and_must_be_the_listeners) {
    BOOST_TEST(ask({.line = "GET /mqtt?token=1 HTTP/1.1"}).is_accepted);
    BOOST_TEST(is_refused({.line = "GET / HTTP/1.1"}, "404"));
    BOOST_TEST(is_refused({.line = "GET /mqtt/ HTTP/1.1"}, "404"));
    BOOST_TEST(ask({.line = "GET /hub HTTP/1.1"}, {.path = "/hub", .origins = {}}).is_accepted);
}

BOOST_AUTO_TEST_CASE(what_is_no_upgrade_is_refused) {
    BOOST_TEST(is_refused({.upgrade = ""}, "426"));
    BOOST_TEST(is_refused({.upgrade = "Upgrade: websocket\r\n"}, "426"));
    BOOST_TEST(is_refused({.line = "POST /mqtt HTTP/1.1"}, "426"));
    BOOST_TEST(is_refused({.line = "GET /mqtt HTTP/1.0"}, "426"));
    BOOST_TEST(is_refused({.version = "Sec-WebSocket-Version: 8\r\n"}, "426"));
    BOOST_TEST(is_refused({.key = ""}, "400"));
    BOOST_TEST(is_refused({.key = "Sec-WebSocket-Key: short\r\n"}, "400"));
    BOOST_TEST(!net::answer_upgrade("\x10\x0c\r\n\r\n", {}).is_accepted);
}

BOOST_AUTO_TEST_CASE(a_page_of_another_host_is_refused_unless_it_is_listed) {
    BOOST_TEST(ask(from_page("https://hub.example")).is_accepted);
    BOOST_TEST(ask(from_page("http://HUB.example:3000")).is_accepted);
    BOOST_TEST(is_refused(from_page("https://evil.example"), "403"));
    BOOST_TEST(is_refused(from_page("https://hub.example.evil.example"), "403"));
    BOOST_TEST(is_refused(from_page("null"), "403"));
    const net::WebSocketSettings listed{.path = "/mqtt", .origins = {"https://console.example"}};
    BOOST_TEST(ask(from_page("https://console.example"), listed).is_accepted);
    BOOST_TEST(!ask(from_page("http://console.example"), listed).is_accepted);
    const net::WebSocketSettings all{.path = "/mqtt", .origins = {"*"}};
    BOOST_TEST(ask(from_page("https://evil.example"), all).is_accepted);
}

BOOST_AUTO_TEST_CASE(hosts_that_are_ipv6_addresses_are_compared_without_their_port) {
    Asked asked = from_page("http://[::1]:3000");
    asked.host = "Host: [::1]:8083\r\n";
    BOOST_TEST(ask(asked).is_accepted);
    asked.host = "Host: [::2]:8083\r\n";
    BOOST_TEST(!ask(asked).is_accepted);
}

BOOST_AUTO_TEST_SUITE_END()
