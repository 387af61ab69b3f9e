#include "config.hpp"

#include <boost/pfr.hpp>
#include <boost/test/unit_test.hpp>

#include "config_keys.hpp"
#include "config_writer.hpp"

#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace {

using namespace holdfast;

Config parse(std::string_view text) { return parse_config(text, "test.toml"); }

/// The message of the error that the text must cause.
std::string error_of(std::string_view text) {
    try {
        (void)parse(text);
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "no error";
}

/// Whether the text is refused with a message that says all of these.
boost::test_tools::predicate_result refuses(std::string_view text,
                                            std::initializer_list<std::string_view> parts) {
    const std::string message = error_of(text);
    for (const std::string_view part : parts) {
        if (message.find(part) != std::string::npos) continue;
        boost::test_tools::predicate_result result{false};
        result.message() << "\"" << part << "\" is missing from: " << message;
        return result;
    }
    return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(an_empty_file_listens_on_loopback_with_every_default) {
    const Config read = parse("");
    BOOST_TEST(read.mqtt_listeners.size() == 1U);
    BOOST_TEST((read.mqtt_listeners.front() == ListenerConfig{"127.0.0.1", 1883}));
    BOOST_TEST(!read.http_listener);
    BOOST_TEST(read.threads == 0U);
    BOOST_TEST(!read.allow_anonymous_remote);
    BOOST_TEST((read.sys_topics_interval == Seconds{10}));
    BOOST_TEST((read.log_level == Severity::info));
    BOOST_TEST(!read.test_mode);
    BOOST_TEST(read.limits.packet_bytes_max == Limits{}.packet_bytes_max);
}

BOOST_AUTO_TEST_CASE(every_section_is_read) {
    const Config read = parse(R"(
        [server]
        threads = 8
        shutdown_grace = "2m"
        allow_anonymous_remote = true
        [mqtt]
        listeners = [{ address = "0.0.0.0", port = 1884 }, { address = "::1" }]
        response_information_prefix = "replies/"
        [http]
        port = 8081
        body_bytes_max = "3MiB"
        bodies_bytes_max = "1GiB"
        [limits]
        packet_bytes_max = 2048
        connections_max = 7
        session_expiry_max = "never"
        queue_policy = "drop_oldest"
        [sys_topics]
        interval = "off"
        [log]
        level = "debug"
        format = "json"
    )");
    BOOST_TEST(read.threads == 8U);
    BOOST_TEST((read.shutdown_grace == Seconds{120}));
    BOOST_TEST(read.mqtt_listeners.size() == 2U);
    BOOST_TEST((read.mqtt_listeners[0] == ListenerConfig{"0.0.0.0", 1884}));
    BOOST_TEST((read.mqtt_listeners[1] == ListenerConfig{"::1", 1883}));
    BOOST_TEST(read.response_information_prefix == "replies/");
    BOOST_TEST((read.http_listener == ListenerConfig{"127.0.0.1", 8081}));
    BOOST_TEST(read.http_limits.body_bytes_max == 3U * 1024 * 1024);
    BOOST_TEST(read.http_limits.bodies_bytes_max == 1024U * 1024 * 1024);
    BOOST_TEST(read.limits.packet_bytes_max == 2048U);
    BOOST_TEST(read.limits.connections_max == 7U);
    BOOST_TEST((read.limits.session_expiry_max == Seconds::max()));
    BOOST_TEST((read.limits.queue_policy == QueuePolicy::drop_oldest));
    BOOST_TEST(!read.sys_topics_interval);
    BOOST_TEST((read.log_level == Severity::debug));
    BOOST_TEST((read.log_format == LogFormat::json));
}

BOOST_AUTO_TEST_CASE(auto_and_unlimited_and_free_are_words) {
    const Config read = parse(R"(
        [server]
        threads = "auto"
        [mqtt]
        listeners = [{ port = "free" }]
        [limits]
        queue_messages_max = "unlimited"
        queue_bytes_max = "unlimited"
        queue_age_max = "never"
    )");
    BOOST_TEST(read.threads == 0U);
    BOOST_TEST(read.mqtt_listeners.front().port == 0U);
    BOOST_TEST(read.limits.queue_messages_max == unlimited);
    BOOST_TEST(read.limits.queue_bytes_max == unlimited);
    BOOST_TEST((read.limits.queue_age_max == Seconds::max()));
}

BOOST_AUTO_TEST_CASE(every_member_of_limits_can_be_set_from_the_file) {
    // A key for each member, and each key changes one member that no other key changes.
    std::size_t limit_keys = 0;
    std::vector<bool> is_set(boost::pfr::tuple_size_v<Limits>);
    for (const ConfigKey& key : config_keys()) {
        if (key.section != "limits") continue;
        ++limit_keys;
        const Limits defaults;
        const std::uint64_t usual = key.load(Config{});
        const std::uint64_t other = key.kind == ValueKind::flag     ? 1 - usual
                                    : key.kind == ValueKind::choice ? key.choices.size() - 1
                                    : key.minimum == usual        ? key.maximum
                                                                  : key.minimum;
        const bool has_quotes = key.kind != ValueKind::count && key.kind != ValueKind::flag;
        const std::string value = has_quotes ? "\"" + show(key, other) + "\"" : show(key, other);
        const Config read = parse("[limits]\n" + std::string{key.name} + " = " + value);
        std::size_t changed = 0;
        boost::pfr::for_each_field(read.limits, [&](const auto& field, std::size_t index) {
            bool is_same = true;
            boost::pfr::for_each_field(defaults, [&](const auto& before, std::size_t at) {
                using Field = std::decay_t<decltype(field)>;
                if constexpr (std::is_same_v<Field, std::decay_t<decltype(before)>>) {
                    if (at == index) is_same = before == field;
                }
            });
            if (is_same) return;
            ++changed;
            BOOST_TEST(!is_set[index], key.name << " sets what another key sets");
            is_set[index] = true;
        });
        BOOST_TEST(changed == 1U, key.name << " changes " << changed << " members");
    }
    BOOST_TEST(limit_keys == boost::pfr::tuple_size_v<Limits>);
}

BOOST_AUTO_TEST_CASE(every_key_accepts_its_bounds_and_refuses_what_lies_beyond) {
    for (const ConfigKey& key : config_keys()) {
        if (key.kind == ValueKind::flag || key.kind == ValueKind::choice) continue;
        const std::string path = std::string{key.section} + "." + std::string{key.name};
        const auto text = [&](std::uint64_t value) {
            const std::string shown = show(key, value);
            const std::string written = key.kind == ValueKind::count ? shown : "\"" + shown + "\"";
            return "[" + std::string{key.section} + "]\n" + std::string{key.name} + " = " + written;
        };
        BOOST_TEST(error_of(text(key.minimum)) == "no error");
        BOOST_TEST(error_of(text(key.maximum)) == "no error");
        BOOST_TEST(key.load(parse(text(key.minimum))) == key.minimum, path);
        BOOST_TEST(key.load(parse(text(key.maximum))) == key.maximum, path);
        BOOST_TEST(refuses(text(key.maximum + 1), {path, "out of range", describe_range(key)}));
        if (key.minimum == 0) continue;
        BOOST_TEST(refuses(text(key.minimum - 1), {path, "out of range", describe_range(key)}));
    }
}

BOOST_AUTO_TEST_CASE(an_error_names_file_line_column_key_and_remedy) {
    try {
        (void)parse("[limits]\n\n  packet_bytes_max = 0\n");
        BOOST_FAIL("accepted");
    } catch (const ConfigError& error) {
        BOOST_TEST(error.place().source == "test.toml");
        BOOST_TEST(error.place().line == 3U);
        BOOST_TEST(error.place().column == 22U);
        BOOST_TEST(error.key() == "limits.packet_bytes_max");
        BOOST_TEST(error.what() ==
                   "test.toml:3:22: limits.packet_bytes_max: 0 is out of range; write a size from "
                   "128B to 268435460B");
    }
}

BOOST_AUTO_TEST_CASE(zero_is_not_a_word_for_unlimited) {
    BOOST_TEST(refuses("[limits]\nconnections_max = 0", {"out of range", "or \"unlimited\""}));
    BOOST_TEST(refuses("[limits]\nqueue_age_max = \"0s\"", {"out of range", "or \"never\""}));
    BOOST_TEST(refuses("[limits]\nqueue_messages_max = -1", {"-1 is out of range"}));
    BOOST_TEST(refuses("[sys_topics]\ninterval = \"0s\"", {"out of range", "or \"off\""}));
    BOOST_TEST(refuses("[mqtt]\nlisteners = [{ port = 0 }]", {"is not a port", "\"free\""}));
}

BOOST_AUTO_TEST_CASE(unknown_names_suggest_the_near_one) {
    BOOST_TEST(refuses("[limit]\n", {"test.toml:1:", "no such section", "did you mean `limits`?"}));
    BOOST_TEST(refuses("[limits]\npacket_byte_max = 1",
                       {"limits.packet_byte_max", "did you mean `packet_bytes_max`?"}));
    BOOST_TEST(refuses("[limits]\nqueue_policy = \"drop_oldst\"", {"did you mean `drop_oldest`?"}));
    BOOST_TEST(refuses("[mqtt]\nlisteners = [{ adress = \"::1\" }]", {"did you mean `address`?"}));
    BOOST_TEST(refuses("[limits]\nxylophone = 1", {"docs/configuration.md lists the keys"}));
}

BOOST_AUTO_TEST_CASE(a_key_in_the_wrong_section_is_told_its_home) {
    BOOST_TEST(refuses("threads = 2", {"move it below [server]"}));
    BOOST_TEST(refuses("[mqtt]\nqueue_policy = \"reject\"", {"move it below [limits]"}));
    BOOST_TEST(refuses("limits = 3", {"is a section"}));
}

BOOST_AUTO_TEST_CASE(wrong_types_are_told_the_right_one) {
    BOOST_TEST(refuses("[limits]\npacket_bytes_max = true", {"wrong type", "a size from"}));
    BOOST_TEST(refuses("[limits]\nreceive_maximum = 1.5", {"wrong type", "a count from"}));
    BOOST_TEST(refuses("[limits]\nreceive_maximum = \"ten\"", {"\"ten\" is not understood"}));
    BOOST_TEST(refuses("[limits]\nconnect_deadline = 10", {"write \"10s\""}));
    BOOST_TEST(refuses("[limits]\nconnect_deadline = \"10\"", {"\"10\" is not understood"}));
    BOOST_TEST(refuses("[limits]\nqueue_policy = 1", {"wrong type", "one of \"reject\""}));
    BOOST_TEST(refuses("[server]\nallow_anonymous_remote = \"true\"", {"without quotes"}));
    BOOST_TEST(refuses("[mqtt]\nlisteners = \"127.0.0.1:1883\"", {"not a list of tables"}));
    BOOST_TEST(refuses("[mqtt]\nlisteners = [1883]", {"not a table"}));
    BOOST_TEST(refuses("[limits\n", {"test.toml:1:", "this is not TOML"}));
}

BOOST_AUTO_TEST_CASE(listeners_are_addresses_and_each_only_once) {
    BOOST_TEST(refuses("[mqtt]\nlisteners = []", {"nobody could connect"}));
    BOOST_TEST(refuses("[mqtt]\nlisteners = [{ address = \"localhost\" }]",
                       {"\"localhost\" is not an IP address", "write \"127.0.0.1\""}));
    BOOST_TEST(refuses("[mqtt]\nlisteners = [{ port = 65536 }]", {"is not a port"}));
    BOOST_TEST(refuses("[mqtt]\nlisteners = [{ port = 1884 }, { port = 1884 }]", {"twice"}));
    BOOST_TEST(refuses("[mqtt]\nlisteners = [{ path = \"a\" }, { path = \"a\" }]", {"names a twice"}));
    BOOST_TEST(parse("[mqtt]\nlisteners = [{ port = \"free\" }, { port = \"free\" }]")
                   .mqtt_listeners.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_lies_between_a_listeners_sockets_and_mqtt_is_read) {
    const Config read = parse(R"(
        [[mqtt.listeners]]
        port = 8883
        tls.certificate = "server.pem"
        tls.key = "server.key"
        tls.client_authorities = "authority.pem"
        tls.revocations = "revoked.pem"
        tls.minimum_version = "1.3"
        certificate_identity = "common_name"
        [[mqtt.listeners]]
        port = 8083
        websocket = true
        proxies = ["10.0.0.0/8", "::1"]
        allow_anonymous = false
        [[mqtt.listeners]]
        path = "mqtt.socket"
        websocket = { path = "/hub", origins = ["*"] }
        tls = { psk_file = "psk", ciphers = "PSK" }
    )");
    const ListenerConfig& with_tls = read.mqtt_listeners.at(0);
    BOOST_TEST(with_tls.tls->certificate == "server.pem");
    BOOST_TEST(with_tls.tls->revocations == "revoked.pem");
    // Authorities are there to be asked for.
    BOOST_TEST((with_tls.tls->client_certificate == net::ClientCertificate::required));
    BOOST_TEST((with_tls.tls->minimum == net::TlsVersion::v1_3));
    BOOST_TEST((with_tls.certificate_identity == net::CertificateIdentity::common_name));
    BOOST_TEST(!with_tls.websocket);
    const ListenerConfig& with_websocket = read.mqtt_listeners.at(1);
    BOOST_TEST(with_websocket.websocket->path == "/mqtt");
    BOOST_TEST(with_websocket.proxies.size() == 2U);
    BOOST_TEST((with_websocket.allow_anonymous == false));
    const ListenerConfig& of_unix = read.mqtt_listeners.at(2);
    BOOST_TEST(of_unix.path == "mqtt.socket");
    BOOST_TEST(of_unix.websocket->origins.front() == "*");
    BOOST_TEST(of_unix.tls->psk_file == "psk");
}

BOOST_AUTO_TEST_CASE(listeners_that_make_no_sense_are_told_what_is_missing) {
    const auto with = [](const std::string& keys) {
        return "[mqtt]\nlisteners = [{ " + keys + " }]";
    };
    BOOST_TEST(refuses(with("tls = true"), {"tls: is not a table", "certificate ="}));
    BOOST_TEST(refuses(with("tls = { certificate = \"a\" }"), {"only one of certificate and key"}));
    BOOST_TEST(refuses(with("tls = { }"), {"nothing to prove who the server is", "holdfast tls init"}));
    BOOST_TEST(refuses(with("tls = { psk_file = \"\" }"), {"tls.psk_file", "is empty"}));
    BOOST_TEST(refuses(with("tls = { certficate = \"a\" }"), {"did you mean `certificate`?"}));
    BOOST_TEST(refuses(with("tls = { psk_file = \"p\", minimum_version = \"1.1\" }"),
                       {"\"1.1\" is not known", "did you mean `1.2`?"}));
    BOOST_TEST(refuses(with("tls = { psk_file = \"p\", client_certificate = \"required\" }"),
                       {"client_certificate", "write client_authorities"}));
    BOOST_TEST(refuses(with("tls = { psk_file = \"p\", revocations = \"r\" }"), {"not asked for"}));
    BOOST_TEST(refuses(with("certificate_identity = \"common_name\""), {"none are asked for"}));
    BOOST_TEST(refuses(with("path = \"a\", port = 1"), {"a path and an address or port"}));
    BOOST_TEST(refuses(with("websocket = 1"), {"neither true nor a table"}));
    BOOST_TEST(refuses(with("websocket = { path = \"mqtt\" }"), {"does not begin with /"}));
    BOOST_TEST(refuses(with("websocket = { orgins = [] }"), {"did you mean `origins`?"}));
    BOOST_TEST(refuses(with("proxies = \"10.0.0.0/8\""), {"is not a list"}));
    BOOST_TEST(refuses(with("proxies = [\"10.0.0.1/8\"]"), {"\"10.0.0.1/8\" is no address"}));
    BOOST_TEST(refuses(with("allow_anonymous = \"no\""), {"without quotes"}));
    BOOST_TEST(refuses("[http]\ntls = { certificate = \"a\" }", {"http.tls", "write both"}));
}

BOOST_AUTO_TEST_CASE(networks_that_rules_may_name_are_a_list_of_ranges) {
    const Config read =
        parse_config("[push]\nallowed_networks = [\"10.0.0.0/8\", \"fd00::/8\"]", "test");
    BOOST_TEST_REQUIRE(read.push.allowed_networks.size() == 2U);
    BOOST_TEST(read.push.allowed_networks[0].to_string() == "10.0.0.0/8");
    BOOST_TEST(read.push.allowed_networks[1].to_string() == "fd00::/8");
    BOOST_TEST(refuses("[push]\nallowed_networks = \"10.0.0.0/8\"",
                       {"push.allowed_networks", "is not a list"}));
    BOOST_TEST(refuses("[push]\nallowed_networks = [\"10.0.0.1/8\"]",
                       {"\"10.0.0.1/8\" is no address", "bits behind"}));
    BOOST_TEST(refuses("[push]\nallowed_network = []", {"did you mean `allowed_networks`?"}));
}

BOOST_AUTO_TEST_CASE(a_listener_for_other_machines_needs_permission) {
    const std::string remote = "[mqtt]\nlisteners = [{ address = \"0.0.0.0\" }]\n";
    BOOST_TEST(refuses(remote, {"test.toml:2:", "allow_anonymous_remote = true"}));
    BOOST_TEST(refuses("[http]\naddress = \"::\"", {"allow_anonymous_remote = true"}));
    const Config read = parse(remote + "[server]\nallow_anonymous_remote = true");
    BOOST_TEST(read.allow_anonymous_remote);
    BOOST_TEST(error_of("[mqtt]\nlisteners = [{ address = \"127.0.0.9\" }]") == "no error");
}

BOOST_AUTO_TEST_CASE(loopback_is_recognised_in_both_families) {
    BOOST_TEST(is_loopback("127.0.0.1"));
    BOOST_TEST(is_loopback("::1"));
    BOOST_TEST(is_loopback("::ffff:127.0.0.1"));
    BOOST_TEST(!is_loopback("0.0.0.0"));
    BOOST_TEST(!is_loopback("::"));
    BOOST_TEST(!is_loopback("::ffff:192.0.2.1"));
    BOOST_TEST(!is_loopback("localhost"));
}

BOOST_AUTO_TEST_CASE(a_response_information_prefix_begins_a_topic_name) {
    BOOST_TEST(refuses("[mqtt]\nresponse_information_prefix = \"a/#\"", {"beginning of a topic"}));
    BOOST_TEST(refuses("[mqtt]\nresponse_information_prefix = \"" + std::string(1025, 'a') + "\"",
                       {"1024 bytes"}));
    BOOST_TEST(error_of("[mqtt]\nresponse_information_prefix = \"" + std::string(1024, 'a') +
                        "\"") == "no error");
}

BOOST_AUTO_TEST_CASE(data_is_kept_in_a_folder_unless_memory_is_asked_for) {
    BOOST_TEST(parse_config("", "x").data_directory.value() == "holdfast-data");
    BOOST_TEST(parse_config("[store]\ndata_directory = \"d\"", "x").data_directory.value() == "d");
    BOOST_TEST(!parse_config("[store]\ndata_directory = \"memory\"", "x").data_directory);
    BOOST_TEST(refuses("[store]\ndata_directory = \"\"", {"store.data_directory", "memory"}));
    BOOST_TEST(refuses("[store]\ndata_directory = 7", {"store.data_directory"}));
}

BOOST_AUTO_TEST_CASE(the_sync_policy_is_a_word_or_an_interval) {
    const auto sync = [](const std::string& value) {
        return parse_config("[store]\nsync = \"" + value + "\"", "x");
    };
    BOOST_TEST((sync("always").sync == store::SyncPolicy::always));
    BOOST_TEST((sync("never").sync == store::SyncPolicy::never));
    BOOST_TEST((sync("interval:1ms").sync == store::SyncPolicy::interval));
    BOOST_TEST((sync("interval:1ms").sync_interval == Milliseconds{1}));
    BOOST_TEST((sync("interval:1m").sync_interval == Milliseconds{60'000}));
    for (const char* const wrong :
         {"interval:0ms", "interval:61s", "interval:", "interval:5", "sometimes", ""}) {
        BOOST_TEST(refuses("[store]\nsync = \"" + std::string{wrong} + "\"",
                           {"store.sync", "interval:100ms"}));
    }
}

BOOST_AUTO_TEST_CASE(a_brief_duration_has_milliseconds) {
    const auto wait = [](const std::string& value) {
        return parse_config("[delivery]\nacknowledgement_wait = " + value, "x")
            .delivery.acknowledgement_wait;
    };
    BOOST_TEST((wait("\"0ms\"") == Milliseconds{0}));
    BOOST_TEST((wait("\"30s\"") == Milliseconds{30'000}));
    BOOST_TEST(refuses("[delivery]\nacknowledgement_wait = \"31s\"", {"out of range", "30s"}));
    BOOST_TEST(refuses("[delivery]\nacknowledgement_wait = 5", {"unit"}));
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_an_error) {
    try {
        (void)read_config("/nonexistent/holdfast.toml");
        BOOST_FAIL("accepted");
    } catch (const ConfigError& error) {
        BOOST_TEST(std::string{error.what()}.starts_with("/nonexistent/holdfast.toml: "));
        BOOST_TEST(std::string{error.what()}.find("No such file") != std::string::npos);
    }
    BOOST_CHECK_THROW((void)read_config("/"), ConfigError);
}

BOOST_AUTO_TEST_CASE(a_file_of_more_than_1_MiB_is_refused) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("holdfast_config_" + std::to_string(getpid()) + ".toml");
    const auto write = [&path](std::size_t bytes) {
        std::ofstream{path} << std::string(bytes, '\n');
    };
    write(1024 * 1024);
    BOOST_CHECK_NO_THROW((void)read_config(path));
    write(1024 * 1024 + 1);
    BOOST_CHECK_THROW((void)read_config(path), ConfigError);
    std::filesystem::remove(path);
}

BOOST_AUTO_TEST_CASE(the_example_is_accepted_as_it_stands) {
    const Config read = read_config("docs/holdfast.example.toml");
    BOOST_TEST((read.mqtt_listeners.front() == ListenerConfig{"127.0.0.1", 1883}));
    BOOST_TEST((read.http_listener == ListenerConfig{"127.0.0.1", 8080}));
}

BOOST_AUTO_TEST_CASE(files_of_users_and_rules_are_named) {
    const Config read = parse(
        "[access]\nusers_file = \"u\"\npassword_file = \"p\"\nacl_file = \"a\"\nrules_file = \"\"");
    BOOST_TEST((read.access == access::AccessFiles{"u", "p", "a", ""}));
    BOOST_TEST((parse("").access == access::AccessFiles{}));
    BOOST_TEST(refuses("[access]\nacl_file = \"a\"\nrules_file = \"r\"",
                       {"test.toml:3:", "keep one of acl_file and rules_file"}));
    BOOST_TEST(refuses("[access]\nusers_file = 1", {"access.users_file", "write a path"}));
    BOOST_TEST(refuses("[access]\nuser_file = \"u\"", {"users_file"}));
}

BOOST_AUTO_TEST_CASE(a_service_that_judges_logins_is_named) {
    const Config read = parse(
        "[access]\nhttp_login_url = \"https://a.example/login\"\nhttp_login_ca_file = \"ca.pem\"\n"
        "http_login_timeout = \"200ms\"\nhttp_login_cache = \"off\"\n"
        "[mqtt]\nlisteners = [{ port = 1 }, { port = 2, http_login = false }]");
    BOOST_TEST(read.http_login.url == "https://a.example/login");
    BOOST_TEST(read.http_login.ca_file == "ca.pem");
    BOOST_TEST((read.http_login.timeout == Milliseconds{200}));
    BOOST_TEST(!read.http_login.cache.has_value());
    BOOST_TEST(read.mqtt_listeners[0].http_login);
    BOOST_TEST(!read.mqtt_listeners[1].http_login);
    BOOST_TEST(to_toml(parse(to_toml(read))) == to_toml(read));
    BOOST_TEST(!parse("").http_login.is_used());
    BOOST_TEST(refuses("[access]\nhttp_login_url = \"ftp://a/\"",
                       {"test.toml:2:", "access.http_login_url", "neither with http://"}));
    BOOST_TEST(refuses("[access]\nhttp_login_url = \"a:1\"", {"write one such as"}));
    BOOST_TEST(refuses("[access]\nhttp_login_url = 1", {"is no URL"}));
    BOOST_TEST(refuses("[access]\nhttp_login_ca_file = 1", {"write a path"}));
    BOOST_TEST(refuses("[access]\nhttp_login_timeout = \"50ms\"", {"out of range"}));
    const std::string remote = "[mqtt]\nlisteners = [{ address = \"0.0.0.0\"";
    const std::string url = "[access]\nhttp_login_url = \"http://127.0.0.1:1/\"\n";
    BOOST_TEST(parse(url + remote + " }]").mqtt_listeners.size() == 1U);
    BOOST_TEST(refuses(url + remote + ", http_login = false }]", {"nothing says who may come"}));
}

BOOST_AUTO_TEST_CASE(keys_of_tokens_are_named) {
    const Config read = parse(
        "[access]\njwt_keys_file = \"k\"\njwt_issuer = \"https://us\"\njwt_audience = \"mqtt\"");
    BOOST_TEST((read.access == access::AccessFiles{.jwt_keys_file = "k",
                                                   .jwt_issuer = "https://us",
                                                   .jwt_audience = "mqtt"}));
    BOOST_TEST((parse(to_toml(read)).access == read.access));
    BOOST_TEST(parse("[access]\njwt_key_file = \"k\"").access.jwt_key_file == "k");
    BOOST_TEST(refuses("[access]\njwt_key_file = \"k\"\njwt_keys_file = \"l\"",
                       {"test.toml:3:", "keep one of jwt_key_file and jwt_keys_file"}));
    BOOST_TEST(refuses("[access]\njwt_key_file = 1", {"access.jwt_key_file", "write a path"}));
    BOOST_TEST(refuses("[access]\njwt_issuer = 1", {"access.jwt_issuer", "is no text"}));
}

BOOST_AUTO_TEST_CASE(a_listener_says_who_needs_no_password) {
    const std::string tls = "tls = { certificate = \"c\", key = \"k\", client_authorities = \"a\" }";
    const Config read = parse("[mqtt]\nlisteners = [{ port = 1, allow_anonymous = false }, "
                              "{ port = 2, allow_anonymous = true, " + tls +
                              ", certificate_identity = \"common_name\" }, { port = 3, " + tls +
                              ", certificate_identity = \"fingerprint\" }]");
    BOOST_TEST((read.mqtt_listeners[0].allow_anonymous == std::optional{false}));
    BOOST_TEST((read.mqtt_listeners[1].allow_anonymous == std::optional{true}));
    BOOST_TEST(!read.mqtt_listeners[2].allow_anonymous);
    BOOST_TEST((read.mqtt_listeners[0].certificate_identity == net::CertificateIdentity::none));
    BOOST_TEST((read.mqtt_listeners[1].certificate_identity == net::CertificateIdentity::common_name));
    BOOST_TEST((read.mqtt_listeners[2].certificate_identity == net::CertificateIdentity::fingerprint));
    BOOST_TEST((parse(to_toml(read)).mqtt_listeners == read.mqtt_listeners));
    BOOST_TEST(refuses("[mqtt]\nlisteners = [{ allow_anonymous = 1 }]", {"true or false"}));
    BOOST_TEST(refuses("[mqtt]\nlisteners = [{ certificate_identity = \"cn\" }]", {"common_name"}));
    BOOST_TEST(refuses("[mqtt]\nlisteners = [{ port = 1 }, { port = 1, allow_anonymous = false }]",
                       {"twice"}));
}

BOOST_AUTO_TEST_CASE(a_remote_listener_wants_to_know_who_may_come) {
    const std::string open = "[mqtt]\nlisteners = [{ address = \"0.0.0.0\" }]\n";
    BOOST_TEST(refuses(open, {"users_file", "allow_anonymous = false"}));
    const Config users = parse(open + "[access]\nusers_file = \"u\"");
    BOOST_TEST(!lets_anonymous_in(users.mqtt_listeners.front(), users));
    const Config tokens = parse(open + "[access]\njwt_key_file = \"k\"");
    BOOST_TEST(!lets_anonymous_in(tokens.mqtt_listeners.front(), tokens));
    const Config devices =
        parse("[mqtt]\nlisteners = [{ address = \"0.0.0.0\", allow_anonymous = false }]");
    BOOST_TEST(!lets_anonymous_in(devices.mqtt_listeners.front(), devices));
    const Config everybody = parse(open + "[server]\nallow_anonymous_remote = true");
    BOOST_TEST(lets_anonymous_in(everybody.mqtt_listeners.front(), everybody));
    const Config here = parse("");
    BOOST_TEST(lets_anonymous_in(here.mqtt_listeners.front(), here));
}

BOOST_AUTO_TEST_SUITE_END()
