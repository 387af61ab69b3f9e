#include "api/app_key.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::api;

namespace {

AppKeyFacts facts_of(std::string id, std::string secret) {
    AppKeyFacts facts;
    facts.key_id = std::move(id);
    facts.secret = std::move(secret);
    return facts;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(app_key)

// A vector of the contract, made with the platform's own SDK.
BOOST_AUTO_TEST_CASE(a_derived_key_is_that_of_the_contract) {
    BOOST_TEST(as_text(derive_key("TESTAK", "TESTSK", "20260101/cn-north-4/iotdm")) ==
               "ced3e863daba4ccb77e37b671e2a7a898cb15088280a3e9d54dfab3c1e4b952c");
}

BOOST_AUTO_TEST_CASE(the_last_derived_key_is_kept_and_each_scope_has_its_own) {
    const AppKey key{facts_of("TESTAK", "TESTSK")};
    const auto first = key.signing_of("20260101/a/iotdm");
    BOOST_TEST(key.signing_of("20260101/a/iotdm") == first);
    const auto second = key.signing_of("20260102/a/iotdm");
    BOOST_TEST(second != first);
    BOOST_TEST((second->mac("x") != first->mac("x")));
    BOOST_TEST((key.signing_of("20260101/a/iotdm")->mac("x") == first->mac("x")));
}

BOOST_AUTO_TEST_CASE(a_key_expires_at_its_instant_or_never) {
    AppKeyFacts facts;
    BOOST_TEST(!facts.has_expired(WallTime::max()));
    facts.expires_at = WallTime{Milliseconds{1'000}};
    BOOST_TEST(!facts.has_expired(WallTime{Milliseconds{999}}));
    BOOST_TEST(facts.has_expired(WallTime{Milliseconds{1'000}}));
}

BOOST_AUTO_TEST_CASE(a_caller_has_a_name) {
    BOOST_TEST((Caller{"admin", nullptr}.name()) == "admin");
    BOOST_TEST((Caller{"", std::make_shared<const AppKey>(facts_of("HFX", "s"))}.name()) ==
               "key HFX");
}

BOOST_AUTO_TEST_SUITE_END()
