#include "explain.hpp"

#include "access/text_file.hpp"
#include "base/password.hpp"
#include "support/counting_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>

using namespace holdfast;
namespace fs = std::filesystem;

namespace {

class FixedClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return {}; }
    [[nodiscard]] WallTime wall_now() const override { return {}; }
};

struct Fixture {
    Fixture() : folder(fs::temp_directory_path() / "holdfast-explain-test") {
        fs::create_directories(folder);
        config.mqtt_listeners = {ListenerConfig{"127.0.0.1", 1883},
                                 ListenerConfig{"0.0.0.0", 8883}};
        config.access.users_file = (folder / "users").string();
        config.access.acl_file = (folder / "acl").string();
        const std::string users =
            "alice:" + hash_password("x", random, test_support::cheap_password) + "\n";
        BOOST_REQUIRE(!access::replace_text_file(config.access.users_file, users).has_error());
        const std::string acl =
            "topic read news/#\nuser alice\ntopic plant/#\ntopic deny plant/x\n";
        BOOST_REQUIRE(!access::replace_text_file(config.access.acl_file, acl).has_error());
    }
    ~Fixture() { fs::remove_all(folder); }

    std::string ask(const ExplainCommand& command) {
        access::Access access{config.access, clock, random};
        BOOST_REQUIRE(access.load().has_value());
        return explain(command, config, access);
    }
    bool says(const ExplainCommand& command, const std::string& part) {
        const std::string text = ask(command);
        BOOST_TEST(text.ends_with('\n'));
        if (text.find(part) == std::string::npos) BOOST_TEST_MESSAGE(text);
        return text.find(part) != std::string::npos;
    }

    using Deed = ExplainCommand::Deed;
    fs::path folder;
    FixedClock clock;
    test_support::CountingBytes random;
    Config config;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(explain_command)

BOOST_FIXTURE_TEST_CASE(connect_says_who_judges_it, Fixture) {
    ExplainCommand command{.deed = Deed::connect, .config_file = {}, .client_id = "c"};
    BOOST_TEST(says(command, "client \"c\", without a name by 127.0.0.1:1883: allowed"));
    command.listener_port = 8883;
    BOOST_TEST(says(command, "by 0.0.0.0:8883: refused: the listener lets nobody in"));
    command.user_name = "alice";
    BOOST_TEST(says(command, "users:1"));
    command.user_name = "eve";
    BOOST_TEST(says(command, "refused: no file of users has that name"));
    config.access.jwt_key_file = (folder / "key").string();
    BOOST_REQUIRE(
        !access::replace_text_file(config.access.jwt_key_file, std::string(32, 's')).has_error());
    BOOST_TEST(says(command, "key and names that user, and nothing else"));
    command.user_name = "alice";
    BOOST_TEST(says(command, "users:1, or with a token that is signed by a key of "));
    command.user_name = "eve";
    config.access.jwt_key_file.clear();
    command.client_id = "eve_0_1_2026010100";
    BOOST_TEST(says(command, "the device eve by 0.0.0.0:8883: the platform decides"));
    command.client_id = "\x01x";
    BOOST_TEST(says(command, "refused: U+0001"));
}

BOOST_FIXTURE_TEST_CASE(topics_name_the_line, Fixture) {
    ExplainCommand command{.deed = Deed::publish,
                           .config_file = {},
                           .client_id = "c",
                           .user_name = "alice",
                           .listener_port = {},
                           .topic = "plant/x"};
    BOOST_TEST(says(command, "refused: by "));
    BOOST_TEST(says(command, "acl:4"));
    command.topic = "plant/y";
    BOOST_TEST(says(command, "acl:3"));
    command.topic = "other";
    BOOST_TEST(says(command, "speaks of it"));
    command.topic = "a/#";
    BOOST_TEST(says(command, "refused: it is no topic name"));
    command.topic = "$SYS/x";
    BOOST_TEST(says(command, "the server alone"));
    command.deed = Deed::subscribe;
    command.topic = "$share/g/plant/#";
    BOOST_TEST(says(command, "allowed: by "));
    command.topic = "$share/g";
    BOOST_TEST(says(command, "no shared subscription"));
    command.topic = "a/#/b";
    BOOST_TEST(says(command, "no topic filter"));
    config.access.acl_file.clear();
    command.topic = "other";
    BOOST_TEST(says(command, "names no file of rules"));
}

BOOST_FIXTURE_TEST_CASE(the_platforms_topics_are_its_own_matter, Fixture) {
    ExplainCommand command{.deed = Deed::publish,
                           .config_file = {},
                           .client_id = "p_0_0_2026010100",
                           .user_name = "p",
                           .listener_port = {},
                           .topic = "$oc/devices/p/sys/x"};
    BOOST_TEST(says(command, "allowed: the device's own topic"));
    command.topic = "$oc/devices/p/user/x";
    BOOST_TEST(says(command, ": the platform decides, by the custom topics of the device's product"));
    command.topic = "$oc/devices/q/sys/x";
    BOOST_TEST(says(command, "another device's"));
    command.topic = "$oc/devices/q/user/x";
    BOOST_TEST(says(command, "another device's"));
}

BOOST_FIXTURE_TEST_CASE(a_running_server_says_the_same_of_what_is_in_force, Fixture) {
    access::Access access{config.access, clock, random};
    BOOST_REQUIRE(access.load().has_value());
    const LiveExplain live{config, {1883, 4711}, access};
    api::ExplainQuestion question;
    question.client_id = "c";
    question.user_name = "alice";
    const auto connect = live.explain(question).value();
    BOOST_TEST(connect.is_allowed);
    BOOST_TEST(connect.because.starts_with("with the password that stands in "));
    question.deed = api::ExplainQuestion::Deed::publish;
    question.topic = "plant/x";
    BOOST_TEST(!live.explain(question)->is_allowed);
    BOOST_TEST(live.explain(question)->because.ends_with("acl:4"));
    const std::string acl = "user alice\ntopic plant/#\n";
    BOOST_REQUIRE(!access::replace_text_file(config.access.acl_file, acl).has_error());
    BOOST_REQUIRE(access.load().has_value());
    BOOST_TEST(live.explain(question)->is_allowed);
    question.listener_port = 4711;
    BOOST_TEST(live.explain(question).has_value());
    question.listener_port = 8883;
    BOOST_TEST(!live.explain(question).has_value());
}

BOOST_FIXTURE_TEST_CASE(about_a_device_the_platform_is_asked, Fixture) {
    access::Access access{config.access, clock, random};
    BOOST_REQUIRE(access.load().has_value());
    const LiveExplain live{config, {1883, 8883}, access};
    api::ExplainQuestion question;
    question.client_id = "eve_0_1_2026010100";
    question.user_name = "eve";
    BOOST_TEST(live.explain(question)->device_id == "eve");
    question.user_name = "mallory";
    BOOST_TEST(live.explain(question)->device_id.empty());
}

BOOST_AUTO_TEST_SUITE_END()
