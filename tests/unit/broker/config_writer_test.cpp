#include "config_writer.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;

/// What is written, read, and written again.
std::string round_trip(const Config& config) {
    return to_toml(parse_config(to_toml(config), "written"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_writer)

BOOST_AUTO_TEST_CASE(the_defaults_read_back_the_same) {
    const Config defaults = parse_config("", "empty");
    const std::string text = to_toml(defaults);
    BOOST_TEST(round_trip(defaults) == text);
    BOOST_TEST(text.find("threads = \"auto\"\n") != std::string::npos);
    BOOST_TEST(text.find("session_expiry_max = \"7d\"\n") != std::string::npos);
    BOOST_TEST(text.find("connections_max = \"unlimited\"\n") != std::string::npos);
    BOOST_TEST(text.find("[http]") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_differs_from_the_defaults_reads_back_the_same) {
    Config config = parse_config("", "empty");
    config.threads = 3;
    config.allow_anonymous_remote = true;
    config.mqtt_listeners = {{"0.0.0.0", 1883}, {"::1", 1884}, {"::1", 8883}, {.path = "a \"b\""}};
    config.mqtt_listeners[2].tls = {.certificate = "c", .key = "k", .client_authorities = "a",
                                    .revocations = "r", .psk_file = "p", .ocsp_response = "o",
                                    .ciphers = "PSK",
                                    .client_certificate = net::ClientCertificate::optional,
                                    .minimum = net::TlsVersion::v1_3};
    config.mqtt_listeners[2].websocket = {.path = "/x", .origins = {"https://a", "*"}};
    config.mqtt_listeners[2].proxies = {*parse_address_range("10.0.0.0/8"), *parse_address_range("::/0")};
    config.mqtt_listeners[2].allow_anonymous = true;
    config.mqtt_listeners[2].certificate_identity = net::CertificateIdentity::fingerprint;
    config.http_listener = ListenerConfig{"127.0.0.1", 0};
    config.http_listener->tls = {.certificate = "c", .key = "k"};
    config.response_information_prefix = "a \"quoted\" \\ prefix";
    config.sys_topics_interval = std::nullopt;
    config.push.allowed_networks = {*parse_address_range("10.0.0.0/8"),
                                    *parse_address_range("::1")};
    config.limits.queue_policy = QueuePolicy::drop_newest;
    config.limits.will_delay_max = Seconds::max();
    config.http_limits.idle_deadline = Seconds{90};
    const Config read = parse_config(to_toml(config), "written");
    BOOST_TEST(to_toml(read) == to_toml(config));
    BOOST_TEST((read.mqtt_listeners == config.mqtt_listeners));
    BOOST_TEST((read.http_listener == config.http_listener));
    BOOST_TEST((read.push.allowed_networks == config.push.allowed_networks));
    BOOST_TEST(read.response_information_prefix == config.response_information_prefix);
    BOOST_TEST(!read.sys_topics_interval);
}

BOOST_AUTO_TEST_SUITE_END()
