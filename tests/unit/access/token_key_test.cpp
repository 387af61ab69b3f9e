#include "access/token_key.hpp"

#include "unit/access/token_maker.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast::access;
using namespace test_support;

BOOST_AUTO_TEST_SUITE(token_key)

BOOST_AUTO_TEST_CASE(each_kind_of_key_has_one_algorithm) {
    const auto algorithm = [](const KeyPair& pair) {
        return std::string{to_string(TokenKey::from_pem(public_pem(pair))->algorithm())};
    };
    BOOST_TEST(algorithm(make_rsa()) == "RS256");
    BOOST_TEST(algorithm(make_ec()) == "ES256");
    BOOST_TEST(algorithm(make_ed25519()) == "EdDSA");
    BOOST_TEST(to_string(TokenKey::from_secret(std::string(32, 's'))->algorithm()) == "HS256");
}

BOOST_AUTO_TEST_CASE(weak_and_strange_keys_are_refused) {
    BOOST_TEST(TokenKey::from_secret(std::string(31, 's')).has_error());
    BOOST_TEST(TokenKey::from_secret("").has_error());
    BOOST_TEST(TokenKey::from_pem(public_pem(make_rsa(1'024))).has_error());
    BOOST_TEST(TokenKey::from_pem(public_pem(make_ec("P-384"))).has_error());
    BOOST_TEST(TokenKey::from_pem(public_pem(make_ec("secp256k1"))).has_error());
    BOOST_TEST(TokenKey::from_pem(private_pem(make_ec())).has_error());
    BOOST_TEST(TokenKey::from_pem("-----BEGIN PUBLIC KEY-----\n").has_error());
    BOOST_TEST(TokenKey::from_p256(std::string(32, '\x01'), std::string(32, '\x02')).has_error());
    BOOST_TEST(TokenKey::from_p256("x", "y").has_error());
    BOOST_TEST(TokenKey::from_ed25519("x").has_error());
    BOOST_TEST(TokenKey::from_rsa(std::string(256, '\xFF'), "\x01").has_error());
    BOOST_TEST(TokenKey::from_rsa(std::string(256, '\xFE'), "\x03").has_error());
    BOOST_TEST(TokenKey::from_rsa(std::string(2'000, '\xFF'), "\x03").has_error());
    BOOST_TEST(TokenKey::from_rsa("", "").has_error());
}

BOOST_AUTO_TEST_CASE(a_signature_is_of_its_text_by_its_key_and_in_its_form) {
    for (const auto& make : {+[] { return make_rsa(); }, +[] { return make_ec(); }, &make_ed25519}) {
        const KeyPair pair = make();
        const auto key = TokenKey::from_pem(public_pem(pair));
        BOOST_TEST_REQUIRE(key.has_value());
        const std::string signature = sign(pair, "text");
        BOOST_TEST(key->has_signed("text", signature));
        BOOST_TEST(!key->has_signed("Text", signature));
        BOOST_TEST(!key->has_signed("text", signature + signature));
        BOOST_TEST(!key->has_signed("text", signature.substr(1)));
        BOOST_TEST(!key->has_signed("text", ""));
        BOOST_TEST(!key->has_signed("text", std::string(signature.size(), '\0')));
        BOOST_TEST(!key->has_signed("text", sign(make(), "text")));
    }
    const std::string secret(32, 's');
    const auto key = TokenKey::from_secret(secret);
    BOOST_TEST(key->has_signed("text", sign_by_secret(secret, "text")));
    BOOST_TEST(!key->has_signed("text", sign_by_secret(secret, "text").substr(0, 31)));
    BOOST_TEST(!key->has_signed("text", ""));
    BOOST_TEST(!key->has_signed("text", sign_by_secret(secret + "s", "text")));
}

BOOST_AUTO_TEST_SUITE_END()
