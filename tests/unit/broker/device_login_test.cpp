#include "device_login.hpp"

#include "store/sqlite_catalogue.hpp"
#include "support/catalogue_caller.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using namespace holdfast;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using session::Verdict;

class FixedClock final : public Clock {
public:
    WallTime wall{std::chrono::sys_days{std::chrono::year{2025} / 4 / 14} + 1h + 59min};
    [[nodiscard]] Instant now() const override { return Instant{1s}; }
    [[nodiscard]] WallTime wall_now() const override { return wall; }
};

/// Only to be recognised.
class SomeFeed final : public delivery::DeviceFeed {
public:
    void attach(delivery::LiveSession&, std::vector<delivery::FeedSubscription>, Turn&) override {}
    void detach(delivery::LiveSession&, Turn&) override {}
    void on_subscribed(const delivery::FeedSubscription&, Turn&) override {}
    void on_unsubscribed(std::string_view, Turn&) override {}
    [[nodiscard]] QoS subscribed_qos(std::string_view) override { return QoS::at_most_once; }
    [[nodiscard]] bool has_next() const override { return false; }
    [[nodiscard]] std::optional<delivery::FeedItem> next(Turn&) override { return std::nullopt; }
    void on_paused(delivery::Cause) override {}
    void on_acknowledged(store::Position, std::uint8_t, Turn&) override {}
    void on_handed_over(store::Position, Turn&) override {}
    void on_too_large(store::Position, Turn&) override {}
    void on_lost(store::Position, Turn&) override {}
    [[nodiscard]] bool wants_again(store::Position, Turn&) override { return false; }
};

// Of the contract's own example.
constexpr std::string_view secret = "12345678";
constexpr std::string_view timestamp = "2025041401";
constexpr std::string_view password =
    "c75150e6cb841417396819e4d2ee4358a416344a03a083e3a8567074ddec820a";

struct World {
    std::unique_ptr<store::SqliteCatalogue> catalogue;
    std::optional<test_support::CatalogueCaller> caller;
    FixedClock clock;
    Counters counters;
    Turn turn{ShardIndex{0}, counters};
    delivery::DeviceFeedPtr feed{new SomeFeed};
    std::vector<std::string> feeds_made;

    World() {
        auto opened = store::SqliteCatalogue::open(":memory:");
        BOOST_TEST_REQUIRE(opened.has_value());
        catalogue = std::move(*opened);
        caller.emplace(*catalogue);
        turn.executor = &caller->executor();
        BOOST_TEST_REQUIRE(!caller->add_product({.product_id = "p"}).error);
        add(device("pump_7"));
    }

    ~World() { catalogue.reset(); }  // before the executor of its last answers
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    static store::Device device(std::string device_id) {
        store::Device device;
        device.device_id = std::move(device_id);
        device.product_id = "p";
        device.secret = secret;
        return device;
    }
    void add(const store::Device& device) { BOOST_TEST_REQUIRE(!caller->add_device(device).error); }
    void change(const store::DeviceChange& change) {
        BOOST_TEST_REQUIRE(!caller->change_device("pump_7", change).error);
    }

    Verdict authenticate(std::string_view client_id, std::optional<std::string_view> user_name,
                         std::optional<std::string_view> given_password,
                         bool allow_anonymous = false) {
        DeviceLogin login{{*catalogue, clock,
                           [this](delivery::DeviceRef device) {
                               feeds_made.push_back(std::to_string(device.number) + " " +
                                                    std::string{device.device_id});
                               return feed;
                           },
                           allow_anonymous}};
        session::Credentials credentials;
        credentials.client_id = client_id;
        credentials.user_name = user_name;
        if (given_password) credentials.password = as_bytes(*given_password);
        std::optional<Verdict> verdict;
        login.authenticate(credentials, turn, [&](Verdict given) { verdict = std::move(given); });
        caller->executor().run_until([&] { return verdict.has_value(); });
        return std::move(*verdict);
    }
    /// Of pump_7 with the right password, "accepted" or the reason.
    std::string outcome(std::string_view client_id) {
        return words(authenticate(client_id, "pump_7", password));
    }
    static std::string words(const Verdict& verdict) {
        return verdict.refusal ? std::string{to_string(*verdict.refusal)} : "accepted";
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(device_login, World)

BOOST_AUTO_TEST_CASE(the_password_is_that_of_the_contract) {
    BOOST_TEST(device_password(timestamp, secret) == password);
}

BOOST_AUTO_TEST_CASE(a_device_that_proves_its_secret_is_let_in_as_itself) {
    const Verdict verdict = authenticate("pump_7_0_0_2025041401", "pump_7", password);
    BOOST_TEST(words(verdict) == "accepted");
    BOOST_TEST(verdict.principal.device_id == "pump_7");
    BOOST_TEST(verdict.principal.session_key ==
               "\x01"
               "device/pump_7");
    BOOST_TEST(verdict.principal.feed == feed);
    const std::vector<std::string> expected{"1 pump_7"};
    BOOST_TEST(feeds_made == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_device_that_the_cache_has_not_is_looked_up) {
    store::CatalogueSettings settings;
    settings.cached_devices_max = 1;
    auto opened = store::SqliteCatalogue::open(":memory:", settings);
    catalogue = std::move(*opened);
    caller.emplace(*catalogue);
    turn.executor = &caller->executor();
    BOOST_TEST_REQUIRE(!caller->add_product({.product_id = "p"}).error);
    add(device("pump_7"));
    add(device("other"));
    BOOST_TEST_REQUIRE(catalogue->cached_device("pump_7") == nullptr);
    BOOST_TEST(outcome("pump_7_0_0_2025041401") == "accepted");
    const Verdict unknown = authenticate("nobody_0_0_2025041401", "nobody", password);
    BOOST_TEST(words(unknown) == "bad_credentials");
    BOOST_TEST(unknown.detail == "the device nobody is unknown");
}

BOOST_AUTO_TEST_CASE(a_client_id_is_split_from_the_right) {
    const auto parts = parse_device_client_id("a_0_1_b_0_1_2025041401");
    BOOST_TEST_REQUIRE(parts.has_value());
    BOOST_TEST(parts->device_id == "a_0_1_b");
    BOOST_TEST(parts->timestamp == "2025041401");
    BOOST_TEST((parts->signature_type == SignatureType::checked_time));
}

BOOST_AUTO_TEST_CASE(a_malformed_client_id_is_refused_as_such) {
    for (const char* client_id :
         {"", "pump_7", "pump_7_0", "pump_7_0_0", "0_0_2025041401", "_0_0_2025041401",
          "pump_7_1_0_2025041401", "pump_7_2_0_2025041401", "pump_7_0_2_2025041401",
          "pump_7_0__2025041401", "pump_7_0_00_2025041401", "pump_7_0_0_202504140",
          "pump_7_0_0_20250414011", "pump_7_0_0_202504140a", "pump 7_0_0_2025041401",
          "pump/7_0_0_2025041401", "pump_7_0_0_2025041401 "}) {
        BOOST_TEST(outcome(client_id) == "client_identifier_not_valid", client_id);
    }
}

BOOST_AUTO_TEST_CASE(a_device_id_has_at_most_128_characters) {
    const std::string longest(128, 'x');
    BOOST_TEST(parse_device_client_id(longest + "_0_0_2025041401").has_value());
    BOOST_TEST(!parse_device_client_id(longest + "x_0_0_2025041401").has_value());
}

BOOST_AUTO_TEST_CASE(a_user_name_must_be_the_device_of_the_client_id) {
    add(device("pump_8"));
    BOOST_TEST(words(authenticate("pump_7_0_0_2025041401", "pump_8", password)) ==
               "bad_credentials");
    BOOST_TEST(words(authenticate("pump_7_0_0_2025041401", "", password)) == "bad_credentials");
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_refused) {
    const std::string upper = "C75150E6CB841417396819E4D2EE4358A416344A03A083E3A8567074DDEC820A";
    for (const std::string& wrong :
         {std::string{}, std::string{secret}, upper, std::string{password.substr(1)},
          std::string{password} + "0", device_password("2025041402", secret),
          device_password(timestamp, "")}) {
        const Verdict verdict = authenticate("pump_7_0_0_2025041401", "pump_7", wrong);
        BOOST_TEST(words(verdict) == "bad_credentials", wrong);
        BOOST_TEST(verdict.principal.device_id.empty());
        BOOST_TEST(verdict.detail.find(std::string{secret}) == std::string::npos);
    }
    BOOST_TEST(words(authenticate("pump_7_0_0_2025041401", "pump_7", std::nullopt)) ==
               "bad_credentials");
    BOOST_TEST(feeds_made.empty());
}

BOOST_AUTO_TEST_CASE(both_secrets_are_valid_at_once) {
    change([](store::Device& device) {
        device.secret = "new-secret";
        device.secondary_secret = secret;
        return std::error_code{};
    });
    BOOST_TEST(outcome("pump_7_0_0_2025041401") == "accepted");
    BOOST_TEST(words(authenticate("pump_7_0_0_2025041401", "pump_7",
                                  device_password(timestamp, "new-secret"))) == "accepted");
    change([](store::Device& device) {
        device.secondary_secret.clear();
        return std::error_code{};
    });
    BOOST_TEST(outcome("pump_7_0_0_2025041401") == "bad_credentials");
}

BOOST_AUTO_TEST_CASE(signature_type_1_checks_the_hour_and_type_0_does_not) {
    const auto at = [&](std::string_view hour, std::string_view type) {
        const std::string client_id = "pump_7_0_" + std::string{type} + "_" + std::string{hour};
        return words(authenticate(client_id, "pump_7", device_password(hour, secret)));
    };
    for (const char* near : {"2025041400", "2025041401", "2025041402"}) {
        BOOST_TEST(at(near, "1") == "accepted", near);
    }
    for (const char* far : {"2025041323", "2025041403", "2024041401", "2025041424", "2025043101",
                            "0000000000", "9999999999"}) {
        BOOST_TEST(at(far, "1") == "bad_credentials", far);
        BOOST_TEST(at(far, "0") == "accepted", far);
    }
    clock.wall = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};
    BOOST_TEST(at("2024123123", "1") == "accepted");
}

BOOST_AUTO_TEST_CASE(a_frozen_device_is_told_so_only_when_it_proves_its_secret) {
    change([](store::Device& device) {
        device.is_frozen = true;
        return std::error_code{};
    });
    BOOST_TEST(outcome("pump_7_0_0_2025041401") == "not_authorized");
    BOOST_TEST(words(authenticate("pump_7_0_0_2025041401", "pump_7", "guess")) ==
               "bad_credentials");
    BOOST_TEST(feeds_made.empty());
}

BOOST_AUTO_TEST_CASE(the_first_connection_activates_the_device_and_later_ones_do_not) {
    BOOST_TEST(!caller->find_device("pump_7").found->activated_at.has_value());
    BOOST_TEST(words(authenticate("pump_7_0_0_2025041401", "pump_7", "guess")) ==
               "bad_credentials");
    BOOST_TEST(!caller->find_device("pump_7").found->activated_at.has_value());
    BOOST_TEST(outcome("pump_7_0_0_2025041401") == "accepted");
    const WallTime first = clock.wall;
    BOOST_TEST((caller->find_device("pump_7").found->activated_at == first));
    clock.wall += 1min;
    BOOST_TEST(outcome("pump_7_0_0_2025041401") == "accepted");
    BOOST_TEST((caller->find_device("pump_7").found->activated_at == first));
}

BOOST_AUTO_TEST_CASE(a_client_without_user_name_is_let_in_only_where_that_is_allowed) {
    BOOST_TEST(words(authenticate("tool", std::nullopt, std::nullopt)) == "not_authorized");
    const Verdict verdict = authenticate("tool", std::nullopt, std::nullopt, true);
    BOOST_TEST(words(verdict) == "accepted");
    BOOST_TEST(!verdict.principal.is_device());
    BOOST_TEST(verdict.principal.session_key.empty());
    BOOST_TEST(verdict.principal.feed == nullptr);
    // A device must prove itself also where others need not.
    BOOST_TEST(words(authenticate("tool", "somebody", "x", true)) == "client_identifier_not_valid");
}

BOOST_AUTO_TEST_CASE(no_plain_client_gets_the_session_of_a_device) {
    const Verdict verdict = authenticate(
        "\x01"
        "device/pump_7",
        std::nullopt, std::nullopt, true);
    BOOST_TEST(words(verdict) == "client_identifier_not_valid");
}

BOOST_AUTO_TEST_SUITE_END()
