#include "scram_login.hpp"

#include "access/text_file.hpp"
#include "support/counting_bytes.hpp"
#include "support/scram_client.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <optional>
#include <string>

using namespace holdfast;
using session::ExchangeStep;
using session::Verdict;
using test_support::ScramClient;
namespace fs = std::filesystem;

namespace {

struct Fixture {
    Fixture() : folder(fs::temp_directory_path() / "holdfast-scram-login-test") {
        fs::remove_all(folder);
        fs::create_directories(folder);
        write(user("alice", "secret", true) + user("bob", "secret", false));
        access.emplace(access::AccessFiles{.users_file = (folder / "users").string()}, clock,
                       random);
        BOOST_REQUIRE(access->load().has_value());
    }
    ~Fixture() { fs::remove_all(folder); }

    void write(const std::string& text) const {
        BOOST_REQUIRE(!access::replace_text_file((folder / "users").string(), text).has_error());
    }
    std::string user(const std::string& name, const std::string& password, bool has_verifier) {
        const std::string hash = hash_password(password, random, test_support::cheap_password);
        if (!has_verifier) return name + ":" + hash + "\n";
        return name + ":" + hash + " " +
               access::new_scram_verifier(password, random, 4'096).text() + "\n";
    }
    ScramLogin login(std::optional<std::string> named = std::nullopt) {
        return ScramLogin{*access, std::move(named), [](const std::string& name) {
                              Verdict verdict;
                              verdict.principal.user_name = name;
                              return verdict;
                          }};
    }
    /// The last step of a whole exchange, and what it must have brought.
    ExchangeStep told(ScramClient& client, ScramLogin& login) {
        const ExchangeStep asked = login.step(as_bytes(client.first()));
        BOOST_REQUIRE(!asked.verdict.has_value());
        return login.step(as_bytes(client.final_message(asked.data)));
    }
    std::string detail(const std::string& name, const std::string& password) {
        ScramClient client{name, password};
        ScramLogin one = login();
        const ExchangeStep last = told(client, one);
        BOOST_REQUIRE((last.verdict && last.verdict->refusal == CloseReason::bad_credentials));
        BOOST_TEST(last.data.empty());
        return last.verdict->detail;
    }

    SystemClock clock;
    test_support::CountingBytes random;
    fs::path folder;
    std::optional<access::Access> access;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(scram_login)

BOOST_FIXTURE_TEST_CASE(who_has_the_password_is_let_in_and_sees_that_the_server_has_it, Fixture) {
    ScramClient client{"alice", "secret"};
    ScramLogin one = login("alice");
    BOOST_TEST(one.user_name().empty());
    const ExchangeStep last = told(client, one);
    BOOST_TEST_REQUIRE(last.verdict.has_value());
    BOOST_TEST(!last.verdict->refusal.has_value());
    BOOST_TEST(last.verdict->principal.user_name == "alice");
    BOOST_TEST(one.user_name() == "alice");
    BOOST_TEST(last.data == client.expected());
}

BOOST_FIXTURE_TEST_CASE(who_is_wrong_unknown_or_without_a_verifier_fails_at_the_proof, Fixture) {
    BOOST_TEST(detail("alice", "guess") == "the user alice is unknown, or the password is wrong");
    BOOST_TEST(detail("nobody", "x") == "the user nobody is unknown, or the password is wrong");
    BOOST_TEST(
        detail("bob", "secret").find("bob has no verifier for SCRAM: `holdfast user passwd`") !=
        std::string::npos);
    const auto without_nonce = [this](const std::string& name) {
        ScramLogin one = login();
        const std::string asked = one.step(as_bytes(ScramClient{name, ""}.first())).data;
        return asked.substr(asked.find(",s="));
    };
    BOOST_TEST(without_nonce("nobody") == without_nonce("nobody"));
    BOOST_TEST(without_nonce("nobody") != without_nonce("somebody"));
    BOOST_TEST(without_nonce("nobody").ends_with(",i=4096"));
}

BOOST_FIXTURE_TEST_CASE(who_connect_names_is_who_logs_in, Fixture) {
    ScramLogin one = login("bob");
    const ExchangeStep refused = one.step(as_bytes(ScramClient{"alice", "secret"}.first()));
    BOOST_TEST_REQUIRE(refused.verdict.has_value());
    BOOST_TEST((refused.verdict->refusal == CloseReason::bad_credentials));
    BOOST_TEST(refused.data.empty());
}

BOOST_FIXTURE_TEST_CASE(what_is_no_message_of_scram_is_a_protocol_error, Fixture) {
    ScramLogin empty = login();
    BOOST_TEST((empty.step({}).verdict.value().refusal == CloseReason::protocol_error));
    ScramLogin one = login();
    BOOST_TEST(!one.step(as_bytes("n,,n=alice,r=x")).verdict.has_value());
    BOOST_TEST((one.step(as_bytes("n,,n=alice,r=x")).verdict.value().refusal ==
                CloseReason::protocol_error));
}

BOOST_FIXTURE_TEST_CASE(a_reload_in_between_is_heeded, Fixture) {
    for (const std::string& text : {user("alice", "changed", true), user("alice", "secret", false),
                                    user("carol", "x", true)}) {
        write(user("alice", "secret", true));
        BOOST_REQUIRE(access->load().has_value());
        ScramClient client{"alice", "secret"};
        ScramLogin one = login();
        const std::string asked = one.step(as_bytes(client.first())).data;
        write(text);
        BOOST_REQUIRE(access->load().has_value());
        const ExchangeStep last = one.step(as_bytes(client.final_message(asked)));
        BOOST_TEST((last.verdict.value().refusal == CloseReason::bad_credentials));
        BOOST_TEST(last.data.empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
