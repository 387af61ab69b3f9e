// How a device with a certificate logs in, and what secure_access means.

#include "device_login.hpp"
#include "store/sqlite_catalogue.hpp"
#include "support/catalogue_caller.hpp"
#include "support/fake_feed.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

namespace {

using namespace holdfast;
using session::TlsIdentity;
using session::Verdict;
using std::chrono_literals::operator""s;

class FixedClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return Instant{1s}; }
    [[nodiscard]] WallTime wall_now() const override { return WallTime{1'000'000s}; }
};

TlsIdentity certificate(char digit) {
    TlsIdentity identity;
    identity.common_name = "pump_7";
    identity.fingerprint = std::string(64, digit);
    identity.fingerprint_sha1 = std::string(40, digit);
    return identity;
}

struct World {
    std::unique_ptr<store::SqliteCatalogue> catalogue;
    std::optional<test_support::CatalogueCaller> caller;
    FixedClock clock;
    Counters counters;
    Turn turn{ShardIndex{0}, counters};
    std::optional<DeviceLogin> login;
    std::string_view client_id = "pump_7_0_1_2000010100";  // nobody's hour
    const TlsIdentity ours = certificate('a');
    const TlsIdentity others = certificate('b');

    World() {
        auto opened = store::SqliteCatalogue::open(":memory:");
        BOOST_TEST_REQUIRE(opened.has_value());
        catalogue = std::move(*opened);
        caller.emplace(*catalogue);
        turn.executor = &caller->executor();
        login.emplace(DeviceLogin::Context{
            *catalogue, clock, [](delivery::DeviceRef) { return delivery::DeviceFeedPtr{}; }});
        BOOST_TEST_REQUIRE(!caller->add_product({.product_id = "p"}).error);
    }
    ~World() { catalogue.reset(); }  // before the executor of its last answers
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void add(const std::string& fingerprint, const std::string& secondary = {}) {
        store::Device device;
        device.device_id = "pump_7";
        device.product_id = "p";
        device.auth_type = store::AuthType::certificates;
        device.fingerprint = fingerprint;
        device.secondary_fingerprint = secondary;
        BOOST_TEST_REQUIRE(!caller->add_device(device).error);
    }
    void change(const std::function<void(store::Device&)>& how) {
        const auto change = [&how](store::Device& device) {
            how(device);
            return std::error_code{};
        };
        BOOST_TEST_REQUIRE(!caller->change_device("pump_7", change).error);
    }
    [[nodiscard]] store::DevicePtr found() { return caller->find_device("pump_7").found; }

    void begin(const TlsIdentity* tls, std::optional<Verdict>& verdict,
               std::optional<std::string_view> password = std::nullopt, bool is_secure = true) {
        session::Credentials credentials;
        credentials.client_id = client_id;
        credentials.user_name = "pump_7";
        if (password) credentials.password = as_bytes(*password);
        credentials.tls = tls;
        credentials.is_secure = is_secure;
        login->authenticate(credentials, turn, [&](Verdict given) { verdict = std::move(given); });
    }
    static std::string words(const Verdict& verdict) {
        return verdict.refusal ? std::string{to_string(*verdict.refusal)} : "accepted";
    }
    std::string outcome(const TlsIdentity* tls,
                        std::optional<std::string_view> password = std::nullopt,
                        bool is_secure = true) {
        std::optional<Verdict> verdict;
        begin(tls, verdict, password, is_secure);
        caller->executor().run_until([&] { return verdict.has_value(); });
        return words(*verdict);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(device_certificate_login, World)

BOOST_AUTO_TEST_CASE(either_fingerprint_of_either_kind_lets_a_device_in) {
    add(ours.fingerprint, others.fingerprint_sha1);
    BOOST_TEST(outcome(&ours) == "accepted");
    BOOST_TEST(outcome(&others) == "accepted");
    const TlsIdentity third = certificate('c');
    BOOST_TEST(outcome(&third) == "bad_credentials");
    change([&](store::Device& device) { device.fingerprint = ours.fingerprint_sha1; });
    BOOST_TEST(outcome(&ours) == "accepted");
    BOOST_TEST(outcome(&ours, "any password") == "accepted");
    BOOST_TEST(found()->activated_at.has_value());
}

BOOST_AUTO_TEST_CASE(without_its_certificate_it_is_refused_like_a_wrong_password) {
    add(ours.fingerprint);
    TlsIdentity by_key;
    by_key.psk_identity = "pump_7";
    BOOST_TEST(outcome(nullptr, std::nullopt, false) == "bad_credentials");
    BOOST_TEST(outcome(nullptr) == "bad_credentials");
    BOOST_TEST(outcome(&by_key) == "bad_credentials");
    BOOST_TEST(outcome(&others) == "bad_credentials");
    // The secret of a device without one is no password.
    BOOST_TEST(outcome(nullptr, device_password("2000010100", "")) == "bad_credentials");
    BOOST_TEST(!found()->activated_at.has_value());
}

BOOST_AUTO_TEST_CASE(the_first_certificate_is_learnt_and_no_later_one) {
    add("");
    TlsIdentity by_key;
    by_key.psk_identity = "pump_7";
    BOOST_TEST(outcome(nullptr) == "bad_credentials");
    BOOST_TEST(outcome(&by_key) == "bad_credentials");
    BOOST_TEST(found()->fingerprint.empty());
    BOOST_TEST(outcome(&ours) == "accepted");
    BOOST_TEST(found()->fingerprint == ours.fingerprint);
    BOOST_TEST(found()->activated_at.has_value());
    BOOST_TEST(outcome(&others) == "bad_credentials");
    BOOST_TEST(outcome(&ours) == "accepted");
    change([](store::Device& device) { device.fingerprint.clear(); });
    BOOST_TEST(outcome(&others) == "accepted");
    BOOST_TEST(outcome(&ours) == "bad_credentials");
}

BOOST_AUTO_TEST_CASE(the_secondary_certificate_is_not_learnt_as_the_primary_one) {
    add("", others.fingerprint);
    BOOST_TEST(outcome(&others) == "accepted");
    BOOST_TEST(found()->fingerprint.empty());
    BOOST_TEST(outcome(&ours) == "accepted");
    BOOST_TEST(found()->fingerprint == ours.fingerprint);
}

BOOST_AUTO_TEST_CASE(of_two_first_certificates_at_once_one_is_learnt) {
    add("");
    std::optional<Verdict> first;
    std::optional<Verdict> second;
    std::optional<Verdict> again;
    begin(&ours, first);
    begin(&others, second);
    begin(&ours, again);
    BOOST_TEST((!first && !second && !again));  // all three have seen it without a fingerprint
    caller->executor().run_until([&] { return first && second && again; });
    BOOST_TEST(words(*first) == "accepted");
    BOOST_TEST(words(*second) == "bad_credentials");
    BOOST_TEST(words(*again) == "accepted");
    BOOST_TEST(found()->fingerprint == ours.fingerprint);
}

BOOST_AUTO_TEST_CASE(a_device_of_the_same_name_does_not_learn_for_the_one_before) {
    add("");
    std::optional<Verdict> verdict;
    catalogue->remove_device("pump_7", caller->executor(), [](std::error_code) {});
    begin(&ours, verdict);
    caller->executor().run_until([&] { return verdict.has_value(); });
    BOOST_TEST(words(*verdict) == "bad_credentials");
    add("");
    BOOST_TEST(found()->fingerprint.empty());
}

BOOST_AUTO_TEST_CASE(a_frozen_device_learns_nothing_and_is_told_only_with_its_certificate) {
    add("");
    change([](store::Device& device) { device.is_frozen = true; });
    BOOST_TEST(outcome(&ours) == "bad_credentials");
    BOOST_TEST(found()->fingerprint.empty());
    change([&](store::Device& device) { device.fingerprint = ours.fingerprint; });
    BOOST_TEST(outcome(&ours) == "not_authorized");
    BOOST_TEST(outcome(&others) == "bad_credentials");
}

BOOST_AUTO_TEST_CASE(a_device_with_a_secret_needs_it_behind_mutual_tls_too) {
    add("");
    change([&](store::Device& device) {
        device.auth_type = store::AuthType::secret;
        device.secret = "12345678";
        device.fingerprint = ours.fingerprint;  // nothing to it
    });
    client_id = "pump_7_0_0_2025041401";
    BOOST_TEST(outcome(&ours) == "bad_credentials");
    BOOST_TEST(outcome(&ours, "12345678") == "bad_credentials");
    BOOST_TEST(outcome(&others, device_password("2025041401", "12345678")) == "accepted");
}

BOOST_AUTO_TEST_CASE(secure_access_is_over_tls_only_and_told_to_who_proved_itself) {
    add("");
    change([](store::Device& device) {
        device.auth_type = store::AuthType::secret;
        device.secret = "12345678";
        device.is_secure_access = true;
    });
    client_id = "pump_7_0_0_2025041401";
    const std::string password = device_password("2025041401", "12345678");
    BOOST_TEST(outcome(nullptr, password, false) == "not_authorized");
    BOOST_TEST(outcome(nullptr, "wrong", false) == "bad_credentials");
    BOOST_TEST(!found()->activated_at.has_value());
    BOOST_TEST(outcome(nullptr, password, true) == "accepted");
}

BOOST_AUTO_TEST_SUITE_END()
