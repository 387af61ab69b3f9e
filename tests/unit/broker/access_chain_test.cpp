#include "access_chain.hpp"

#include "access/text_file.hpp"
#include "base/password.hpp"
#include "device_login.hpp"
#include "support/counting_bytes.hpp"
#include "support/fake_feed.hpp"
#include "support/scram_client.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace holdfast;
using session::TlsIdentity;
using session::Verdict;
namespace fs = std::filesystem;

namespace {

class FixedClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return {}; }
    [[nodiscard]] WallTime wall_now() const override { return wall; }
    WallTime wall{};
};

// Tokens of HS256 by that secret.
const std::string token_secret = "0123456789abcdef0123456789abcdef";
const std::string header = "eyJhbGciOiJIUzI1NiJ9";  // {"alg":"HS256"}
// {"sub":"alice","exp":100}
const std::string alices_token = header +
                                 ".eyJzdWIiOiJhbGljZSIsImV4cCI6MTAwfQ."
                                 "UvALTV3l3qz6_0ixBMAjN6J6g7eRRBQGA9WdL-cYesc";
// {"sub":"pump","exp":100}
const std::string pumps_token = header +
                                ".eyJzdWIiOiJwdW1wIiwiZXhwIjoxMDB9."
                                "qmezzqTao-gzKGI5C44Gd1PYXQvXQGLSiIonjUHmw44";
// {"sub":"al","exp":9,"acl":[{"allow":["publish"],"topics":["t"]}]}
const std::string listed_token =
    header +
    ".eyJzdWIiOiJhbCIsImV4cCI6OSwiYWNsIjpbeyJhbGxvdyI6WyJwdWJsaXNoIl0sInRvcGljcyI6WyJ0Il19XX0."
    "9yJZam3rld0ff-xfmrgxUopNfjFPeBf1kMBt4hJ2I-g";

/// One answer at a time is waited for.
class OneAnswer final : public store::Executor {
public:
    void post(std::function<void()> task) override {
        const std::scoped_lock lock{mutex_};
        task_ = std::move(task);
    }
    void run_one() {
        for (;;) {
            std::this_thread::yield();
            std::unique_lock lock{mutex_};
            if (!task_) continue;
            const auto task = std::exchange(task_, nullptr);
            lock.unlock();
            return task();
        }
    }

private:
    std::mutex mutex_;
    std::function<void()> task_;
};

/// Answers at once, the same every time.
class ScriptedService final : public LoginService {
public:
    void ask(const session::Credentials& credentials, std::string listener, store::Executor&,
             std::function<void(ServiceAnswer)> done) override {
        asked.push_back(std::string{credentials.client_id} + " at " + listener);
        done(answer);
    }
    std::vector<std::string> asked;
    ServiceAnswer answer;
};

struct Fixture {
    Fixture() : folder(fs::temp_directory_path() / "holdfast-access-chain-test") {
        fs::create_directories(folder);
        config.mqtt_listeners = {ListenerConfig{"127.0.0.1", 1883},
                                 ListenerConfig{"0.0.0.0", 8883}};
        turn.executor = &executor;
        devices.verdict.principal.device_id = "pump";
    }
    ~Fixture() { fs::remove_all(folder); }

    std::string user_line(const std::string& name) {
        return name + ":" + hash_password("secret", random, test_support::cheap_password) + " " +
               access::new_scram_verifier("secret", random, 4'096).text() + "\n";
    }

    void open(bool with_users = true, const std::string& rules = "", bool with_tokens = false) {
        access::AccessFiles files;
        if (with_tokens) {
            files.jwt_key_file = (folder / "key").string();
            BOOST_REQUIRE(!access::replace_text_file(files.jwt_key_file, token_secret).has_error());
        }
        if (with_users) {
            files.users_file = (folder / "users").string();
            const std::string text = user_line("alice") + user_line("pump");
            BOOST_REQUIRE(!access::replace_text_file(files.users_file, text).has_error());
        }
        if (!rules.empty()) {
            files.rules_file = (folder / "rules").string();
            BOOST_REQUIRE(!access::replace_text_file(files.rules_file, rules).has_error());
        }
        access.emplace(files, clock, random);
        BOOST_REQUIRE(access->load().has_value());
        chain.emplace(devices, *access, config, service);
    }

    struct Knock {
        std::string client_id = "c";
        std::optional<std::string> user_name{};
        std::optional<std::string> password{};
        std::uint16_t listener = 0;
        TlsIdentity tls{};
    };
    Verdict ask(const Knock& knock) {
        session::Credentials credentials{.client_id = knock.client_id,
                                         .user_name = knock.user_name,
                                         .password = {},
                                         .peer = {},
                                         .tls = &knock.tls,
                                         .listener = knock.listener};
        if (knock.password) credentials.password = as_bytes(*knock.password);
        std::optional<Verdict> verdict;
        chain->authenticate(credentials, turn, [&](Verdict given) { verdict = std::move(given); });
        while (!verdict) executor.run_one();
        return *std::move(verdict);
    }
    session::AuthenticationExchangePtr begin(const Knock& knock, std::string_view method) {
        return chain->begin_exchange(method, {.client_id = knock.client_id,
                                              .user_name = knock.user_name,
                                              .password = {},
                                              .peer = {},
                                              .tls = &knock.tls,
                                              .listener = knock.listener});
    }
    bool offers(const Knock& knock, std::string_view method = "SCRAM-SHA-256") {
        return begin(knock, method) != nullptr;
    }
    /// With the right password.
    Verdict log_in(const Knock& knock, const std::string& name) {
        const auto exchange = begin(knock, "SCRAM-SHA-256");
        BOOST_REQUIRE(exchange != nullptr);
        test_support::ScramClient client{name, "secret"};
        const std::string asked = exchange->step(as_bytes(client.first())).data;
        return exchange->step(as_bytes(client.final_message(asked))).verdict.value();
    }
    /// The word of the refusal, or who was let in.
    std::string told(const Knock& knock) {
        const Verdict verdict = ask(knock);
        if (verdict.refusal) return std::string{to_string(*verdict.refusal)};
        if (!verdict.principal.device_id.empty()) return "device " + verdict.principal.device_id;
        return "user " + verdict.principal.user_name;
    }

    fs::path folder;
    FixedClock clock;
    test_support::CountingBytes random;
    OneAnswer executor;
    Counters counters;
    Turn turn{ShardIndex{0}, counters};
    test_support::ScriptedJudge devices;
    Config config;
    std::optional<access::Access> access;
    ScriptedService asked_service;
    LoginService* service = nullptr;
    std::optional<AccessChain> chain;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(access_chain)

BOOST_FIXTURE_TEST_CASE(users_come_in_with_their_password, Fixture) {
    open();
    BOOST_TEST(told({"c", "alice", "secret"}) == "user alice");
    BOOST_TEST(told({"c", "alice", "Secret"}) == "bad_credentials");
    BOOST_TEST(told({"c", "nobody", "secret"}) == "bad_credentials");
    BOOST_TEST(told({"c", "alice"}) == "bad_credentials");
    BOOST_TEST(told({"c", "", "secret"}) == "bad_credentials");
    BOOST_TEST(told({"c", std::nullopt, "secret"}) == "bad_credentials");
    BOOST_TEST(devices.asked.empty());
}

BOOST_FIXTURE_TEST_CASE(a_device_is_the_platforms_whoever_has_its_name, Fixture) {
    open();
    BOOST_TEST(told({"pump_0_0_2026010100", "pump", "secret"}) == "device pump");
    BOOST_TEST(devices.asked.size() == 1U);
    BOOST_TEST(told({"pump", "pump", "secret"}) == "user pump");
    BOOST_TEST(told({"pump_0_0_2026010100", "alice", "secret"}) == "user alice");
    BOOST_TEST(devices.asked.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(scram_is_offered_to_users_of_the_files_alone, Fixture) {
    BOOST_TEST((open(), offers({"c"})));
    BOOST_TEST(offers({"c", "alice"}));
    BOOST_TEST(offers({"pump_0_0_2026010100", "alice"}));
    BOOST_TEST(!offers({"c"}, "SCRAM-SHA-1"));
    BOOST_TEST(!offers({"c"}, "SCRAM-SHA-256-PLUS"));
    BOOST_TEST(!offers({"pump_0_0_2026010100", "pump"}));
    BOOST_TEST(!offers({.client_id = "c", .tls = {.psk_identity = "key"}}));
    config.mqtt_listeners[1].certificate_identity = net::CertificateIdentity::common_name;
    BOOST_TEST(!offers({.client_id = "c", .listener = 1, .tls = {.common_name = "bob"}}));
    BOOST_TEST(offers({.client_id = "c", .listener = 0, .tls = {.common_name = "bob"}}));
    BOOST_TEST(offers({.client_id = "c", .listener = 1}));
    open(false);
    BOOST_TEST(!offers({"c", "alice"}));
}

BOOST_FIXTURE_TEST_CASE(who_logs_in_by_scram_gets_what_a_password_would_bring, Fixture) {
    open(true, "[[rules]]\nwho = \"user:alice\"\nallow = [\"publish\"]\ntopics = [\"t\"]\n");
    const Verdict verdict = log_in({"c"}, "alice");
    BOOST_TEST(!verdict.refusal.has_value());
    BOOST_TEST(verdict.principal.user_name == "alice");
    BOOST_TEST_REQUIRE(verdict.principal.rights != nullptr);
    BOOST_TEST(verdict.principal.rights->may_publish("t", QoS::at_most_once, false));
    BOOST_TEST(!verdict.principal.rights->may_publish("u", QoS::at_most_once, false));
    BOOST_TEST((log_in({"pump_0_0_2026010100"}, "pump").refusal ==
                CloseReason::bad_authentication_method));
    BOOST_TEST((log_in({"pump_0_0_2026010100"}, "alice").refusal == std::nullopt));
    BOOST_TEST((log_in({"\x01" "c"}, "alice").refusal == CloseReason::client_identifier_not_valid));
}

BOOST_FIXTURE_TEST_CASE(without_users_every_name_is_the_platforms_matter, Fixture) {
    open(false);
    devices.verdict = {
        .refusal = CloseReason::client_identifier_not_valid, .detail = "", .principal = {}};
    BOOST_TEST(told({"c", "alice", "secret"}) == "client_identifier_not_valid");
    BOOST_TEST(told({"c", ""}) == "client_identifier_not_valid");
    BOOST_TEST(told({"c", std::nullopt, "ignored"}) == "user ");
}

BOOST_FIXTURE_TEST_CASE(who_says_nothing_is_let_in_where_the_listener_says_so, Fixture) {
    open();
    BOOST_TEST(told({.client_id = "c", .listener = 0}) == "user ");
    BOOST_TEST(told({.client_id = "c", .listener = 1}) == "not_authorized");
    config.mqtt_listeners[0].allow_anonymous = false;
    config.mqtt_listeners[1].allow_anonymous = true;
    BOOST_TEST(told({.client_id = "c", .listener = 0}) == "not_authorized");
    BOOST_TEST(told({.client_id = "c", .listener = 1}) == "user ");
    config.mqtt_listeners[1].allow_anonymous.reset();
    config.allow_anonymous_remote = true;
    BOOST_TEST(told({.client_id = "c", .listener = 1}) == "user ");
}

BOOST_FIXTURE_TEST_CASE(keys_of_devices_sessions_are_nobodys_client_identifier, Fixture) {
    open();
    const std::string key = device_session_key("pump");
    BOOST_TEST(told({key}) == "client_identifier_not_valid");
    BOOST_TEST(told({key, "alice", "secret"}) == "client_identifier_not_valid");
    BOOST_TEST(told({"\x01", "alice", "secret"}) == "client_identifier_not_valid");
}

BOOST_FIXTURE_TEST_CASE(a_certificate_is_a_name_where_the_listener_goes_by_it, Fixture) {
    open();
    const TlsIdentity tls{.common_name = "gate", .fingerprint = "abcd", .psk_identity = ""};
    Knock knock{.client_id = "c", .listener = 1, .tls = tls};
    BOOST_TEST(told(knock) == "not_authorized");
    config.mqtt_listeners[1].certificate_identity = net::CertificateIdentity::common_name;
    BOOST_TEST(told(knock) == "user gate");
    knock.user_name = "alice";
    BOOST_TEST(told(knock) == "user gate");
    config.mqtt_listeners[1].certificate_identity = net::CertificateIdentity::fingerprint;
    BOOST_TEST(told(knock) == "user abcd");
    knock.tls = {};
    BOOST_TEST(told(knock) == "bad_credentials");
    knock.password = "secret";
    BOOST_TEST(told(knock) == "user alice");
}

BOOST_FIXTURE_TEST_CASE(everybody_has_rights_when_there_are_rules, Fixture) {
    open();
    BOOST_TEST(ask({"c", "alice", "secret"}).principal.rights == nullptr);
    open(true,
         "[[rules]]\nwho = \"users\"\nallow = \"publish\"\ntopics = "
         "[\"u/${username}/${client_id}\"]\n"
         "[[rules]]\nwho = \"devices\"\nallow = \"publish\"\ntopics = [\"d/${device_id}\"]\n"
         "[[rules]]\nwho = \"listener:1883\"\nallow = \"receive\"\ntopics = [\"l\"]\n"
         "[[rules]]\nwho = \"*\"\nallow = \"publish\"\ntopics = [\"cn/${cert.cn}\"]\n");
    const auto user = ask({"c", "alice", "secret"}).principal.rights;
    BOOST_TEST_REQUIRE(user != nullptr);
    BOOST_TEST(user->may_publish("u/alice/c", QoS::at_most_once, false));
    BOOST_TEST(!user->may_publish("d/pump", QoS::at_most_once, false));
    BOOST_TEST(user->may_receive("l"));
    const auto device = ask({"pump_0_0_2026010100", "pump", "x"}).principal.rights;
    BOOST_TEST_REQUIRE(device != nullptr);
    BOOST_TEST(device->may_publish("d/pump", QoS::at_most_once, false));
    const auto nobody = ask({"c"}).principal.rights;
    BOOST_TEST_REQUIRE(nobody != nullptr);
    BOOST_TEST(!nobody->may_publish("u//c", QoS::at_most_once, false));
    config.mqtt_listeners[1].certificate_identity = net::CertificateIdentity::common_name;
    const auto gate = ask({.client_id = "c", .listener = 1, .tls = {.common_name = "gate"}});
    BOOST_TEST(gate.principal.rights->may_publish("cn/gate", QoS::at_most_once, false));
    BOOST_TEST(!gate.principal.rights->may_receive("l"));
}

BOOST_FIXTURE_TEST_CASE(a_token_in_place_of_the_password_says_who_it_is, Fixture) {
    for (const bool with_users : {true, false}) {
        open(with_users, "", true);
        BOOST_TEST(told({"c", "alice", alices_token}) == "user alice");
        BOOST_TEST(told({"c", std::nullopt, alices_token}) == "user alice");
        BOOST_TEST(told({"c", "bob", alices_token}) == "bad_credentials");
        BOOST_TEST(told({"c", "", alices_token}) == "bad_credentials");
        BOOST_TEST(told({"c", "alice", alices_token + "A"}) == "bad_credentials");
        BOOST_TEST(told({"c", "alice", "a.b.c"}) == "bad_credentials");
        BOOST_TEST(told({"c", std::nullopt, "secret"}) == "bad_credentials");
        BOOST_TEST(devices.asked.empty());
    }
    BOOST_TEST(ask({"c", "alice", "a.b."}).detail.find("token") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(who_has_another_password_is_judged_as_without_tokens, Fixture) {
    open(true, "", true);
    BOOST_TEST(told({"c", "alice", "secret"}) == "user alice");
    BOOST_TEST(told({"c", "alice", "wrong"}) == "bad_credentials");
    open(false, "", true);
    devices.verdict = {
        .refusal = CloseReason::client_identifier_not_valid, .detail = "", .principal = {}};
    BOOST_TEST(told({"c", "alice", "secret"}) == "client_identifier_not_valid");
}

BOOST_FIXTURE_TEST_CASE(without_keys_a_token_is_a_password_like_any, Fixture) {
    open();
    BOOST_TEST(told({"c", "alice", alices_token}) == "bad_credentials");
    BOOST_TEST(told({"c", std::nullopt, alices_token}) == "bad_credentials");
}

BOOST_FIXTURE_TEST_CASE(a_token_makes_no_device_and_no_reserved_client, Fixture) {
    open(true, "", true);
    devices.verdict = {.refusal = CloseReason::bad_credentials, .detail = "", .principal = {}};
    BOOST_TEST(told({"pump_0_0_2026010100", "pump", pumps_token}) == "bad_credentials");
    BOOST_TEST(devices.asked.size() == 1U);
    BOOST_TEST(told({"c", "pump", pumps_token}) == "user pump");
    BOOST_TEST(told({device_session_key("pump"), "pump", pumps_token}) ==
               "client_identifier_not_valid");
}

BOOST_FIXTURE_TEST_CASE(a_token_ends_when_it_says_and_other_logins_never, Fixture) {
    open(true, "", true);
    turn.now = Instant{Seconds{5'000}};
    BOOST_TEST(
        (ask({"c", "alice", alices_token}).principal.valid_until == Instant{Seconds{5'100}}));
    BOOST_TEST((ask({"c", "alice", "secret"}).principal.valid_until == never));
    clock.wall = WallTime{Seconds{159}};
    BOOST_TEST(
        (ask({"c", "alice", alices_token}).principal.valid_until == Instant{Seconds{5'001}}));
    clock.wall = WallTime{Seconds{160}};
    BOOST_TEST(told({"c", "alice", alices_token}) == "token_expired");
    BOOST_TEST(told({"c", "alice", alices_token + "A"}) == "bad_credentials");
}

BOOST_FIXTURE_TEST_CASE(the_list_of_a_token_comes_before_the_rules, Fixture) {
    open(false, "", true);
    const auto alone = ask({"c", "al", listed_token}).principal.rights;
    BOOST_TEST_REQUIRE(alone != nullptr);
    BOOST_TEST(alone->may_publish("t", QoS::at_most_once, false));
    BOOST_TEST(!alone->may_publish("r", QoS::at_most_once, false));
    BOOST_TEST(ask({"c", "alice", alices_token}).principal.rights == nullptr);
    open(false,
         "[[rules]]\nwho = \"*\"\ndeny = \"publish\"\ntopics = [\"t\"]\n"
         "[[rules]]\nwho = \"user:al\"\nallow = \"publish\"\ntopics = [\"r\"]\n",
         true);
    const auto both = ask({"c", "al", listed_token}).principal.rights;
    BOOST_TEST(both->may_publish("t", QoS::at_most_once, false));
    BOOST_TEST(both->may_publish("r", QoS::at_most_once, false));
    BOOST_TEST(!both->may_publish("x", QoS::at_most_once, false));
    const auto alice = ask({"c", "alice", alices_token}).principal.rights;
    BOOST_TEST(!alice->may_publish("t", QoS::at_most_once, false));
}

BOOST_FIXTURE_TEST_CASE(a_service_judges_whom_nobody_else_knows, Fixture) {
    service = &asked_service;
    open();
    asked_service.answer.result = ServiceAnswer::Result::allow;
    BOOST_TEST(told({"c", "carol", "anything"}) == "user carol");
    BOOST_TEST(told({"c"}) == "user ");
    BOOST_TEST(asked_service.asked == (std::vector<std::string>(2, "c at 127.0.0.1:1883")),
               boost::test_tools::per_element());
    BOOST_TEST(told({"c", "alice", "secret"}) == "user alice");
    BOOST_TEST(told({"c", "alice", "wrong"}) == "bad_credentials");
    BOOST_TEST(told({"pump_0_0_2026010100", "pump", "secret"}) == "device pump");
    BOOST_TEST(asked_service.asked.size() == 2U);
    asked_service.answer.result = ServiceAnswer::Result::deny;
    BOOST_TEST(told({"c", "carol", "anything"}) == "bad_credentials");
    asked_service.answer.result = ServiceAnswer::Result::unavailable;
    BOOST_TEST(told({"c", "carol", "anything"}) == "authenticator_unavailable");
    BOOST_TEST(told({"c"}) == "authenticator_unavailable");
    config.mqtt_listeners[0].http_login = false;
    BOOST_TEST(told({"c", "carol", "anything"}) == "bad_credentials");
    BOOST_TEST(told({"c"}) == "user ");
}

BOOST_FIXTURE_TEST_CASE(what_a_service_ignores_is_judged_as_without_it, Fixture) {
    service = &asked_service;
    asked_service.answer.result = ServiceAnswer::Result::ignore;
    for (const bool with_users : {true, false}) {
        open(with_users);
        BOOST_TEST(told({"c", "carol", "anything"}) == "bad_credentials");
        BOOST_TEST(told({"c", std::nullopt, "anything"}) == "bad_credentials");
        BOOST_TEST(told({"c"}) == "user ");
        BOOST_TEST(told({.client_id = "c", .listener = 1}) == "not_authorized");
    }
    BOOST_TEST(devices.asked.empty());
}

BOOST_FIXTURE_TEST_CASE(a_service_may_give_rules_and_an_end, Fixture) {
    service = &asked_service;
    open(false);
    asked_service.answer.result = ServiceAnswer::Result::allow;
    auto set = std::make_shared<access::RuleSet>();
    asked_service.answer.rules = set;
    asked_service.answer.valid_until = turn.now + Seconds{9};
    const Verdict verdict = ask({"c", "carol", "anything"});
    BOOST_TEST(!verdict.refusal);
    BOOST_TEST((verdict.principal.valid_until == turn.now + Seconds{9}));
    BOOST_TEST_REQUIRE(verdict.principal.rights != nullptr);
    BOOST_TEST(!verdict.principal.rights->may_publish("t", QoS::at_most_once, false));
    asked_service.answer.valid_until = turn.now;
    BOOST_TEST(told({"c", "carol", "anything"}) == "token_expired");
}

BOOST_AUTO_TEST_SUITE_END()
