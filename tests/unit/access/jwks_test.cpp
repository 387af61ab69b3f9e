#include "access/jwks.hpp"

#include "unit/access/token_maker.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast::access;
using namespace test_support;

namespace {

const std::string secret = "0123456789abcdef0123456789abcdef";

std::string set_of(const std::string& keys) { return R"({"keys":[)" + keys + "]}"; }

std::string secret_jwk(const std::string& more) {
    return R"({"kty":"oct","k":")" + base64url(secret) + "\"" + more + "}";
}

/// Part of what is said about the file; empty: it is good.
std::string problem_of(const std::string& text) {
    const auto keys = TokenKeys::of_set(text, "set");
    return keys ? "" : keys.error().message();
}

bool is_refused(const std::string& text, const std::string& part) {
    BOOST_TEST_INFO(problem_of(text));
    return problem_of(text).find(part) != std::string::npos;
}

bool knows(const std::string& file, std::string_view the_secret) {
    const auto keys = TokenKeys::of_one_key(file, "key");
    return keys && keys->find("any")->has_signed("t", sign_by_secret(the_secret, "t"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(jwks)

BOOST_AUTO_TEST_CASE(a_secret_is_what_stands_there_or_what_base64_says) {
    BOOST_TEST(knows(secret, secret));
    BOOST_TEST(knows(secret + "\n", secret));
    BOOST_TEST(knows(secret + "\r\n", secret));
    BOOST_TEST(knows(secret + "\n\n", secret + "\n"));
    BOOST_TEST(knows(" " + secret, " " + secret));
    const std::string bytes = std::string(31, '\xFF') + std::string(3, '\0');
    BOOST_TEST(knows("base64:" + base64url(bytes), bytes));
    BOOST_TEST(knows("base64:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n", secret));
    for (const std::string file : {"", "short", "base64:", "base64:MDEy", "base64:!!!!", "{\"keys\":[]}"}) {
        BOOST_TEST(TokenKeys::of_one_key(file, "key").has_error(), file);
    }
    BOOST_TEST(TokenKeys::of_one_key(std::string(token_key_file_bytes_max + 1, 'x'), "k").has_error());
}

BOOST_AUTO_TEST_CASE(a_file_that_has_pem_is_never_a_secret) {
    const KeyPair pair = make_rsa();
    const auto keys = TokenKeys::of_one_key("a comment\n" + public_pem(pair), "key");
    BOOST_TEST_REQUIRE(keys.has_value());
    BOOST_TEST((keys->find({})->algorithm() == TokenAlgorithm::rs256));
    BOOST_TEST(TokenKeys::of_one_key(private_pem(pair), "key").has_error());
    BOOST_TEST(TokenKeys::of_one_key("-----BEGIN CERTIFICATE-----\n" + secret, "key").has_error());
}

BOOST_AUTO_TEST_CASE(the_kid_chooses_among_a_set) {
    const KeyPair rsa = make_rsa();
    const KeyPair ec = make_ec();
    const KeyPair ed = make_ed25519();
    const auto keys = TokenKeys::of_set(
        set_of(public_jwk(rsa, "r", R"(,"alg":"RS256","use":"sig")") + "," + public_jwk(ec, "e") +
               "," + public_jwk(ed, "d", R"(,"key_ops":["verify"])") + "," +
               secret_jwk(R"(,"kid":"h")")),
        "set");
    BOOST_TEST_REQUIRE(keys.has_value());
    BOOST_TEST(keys->size() == 4U);
    BOOST_TEST(keys->find("r")->has_signed("t", sign(rsa, "t")));
    BOOST_TEST(keys->find("e")->has_signed("t", sign(ec, "t")));
    BOOST_TEST(keys->find("d")->has_signed("t", sign(ed, "t")));
    BOOST_TEST(keys->find("h")->has_signed("t", sign_by_secret(secret, "t")));
    BOOST_TEST(keys->find("x") == nullptr);
    BOOST_TEST(keys->find("") == nullptr);
    BOOST_TEST(keys->find({}) == nullptr);
}

BOOST_AUTO_TEST_CASE(the_only_key_of_a_set_needs_no_kid) {
    const auto one = TokenKeys::of_set(set_of(secret_jwk(R"(,"kid":"h")")), "set");
    BOOST_TEST(one->find({}) != nullptr);
    BOOST_TEST(one->find("h") != nullptr);
    BOOST_TEST(one->find("x") == nullptr);
    const auto nameless = TokenKeys::of_set(set_of(secret_jwk("")), "set");
    BOOST_TEST(nameless->find({}) != nullptr);
    BOOST_TEST(nameless->find("x") == nullptr);
}

BOOST_AUTO_TEST_CASE(keys_for_something_else_are_passed_over) {
    const std::string ours = secret_jwk(R"(,"kid":"h")");
    for (const std::string& other :
         {secret_jwk(R"(,"use":"enc")"), secret_jwk(R"(,"alg":"HS512")"), secret_jwk(R"(,"alg":7)"),
          secret_jwk(R"(,"key_ops":["encrypt"])"), std::string{R"({"kty":"EC","crv":"P-521"})"},
          std::string{R"({"kty":"new"})"}, std::string{"{}"}}) {
        const auto keys = TokenKeys::of_set(set_of(other + "," + ours), "set");
        BOOST_TEST_REQUIRE(keys.has_value());
        BOOST_TEST(keys->size() == 1U);
        BOOST_TEST(is_refused(set_of(other), "no key that a token may be signed with"));
    }
}

BOOST_AUTO_TEST_CASE(broken_sets_are_refused) {
    BOOST_TEST(is_refused("", "no JSON object"));
    BOOST_TEST(is_refused("[]", "no JSON object"));
    BOOST_TEST(is_refused("{}", "no list of keys"));
    BOOST_TEST(is_refused(R"({"keys":{}})", "no list of keys"));
    BOOST_TEST(is_refused(set_of(""), "no key"));
    BOOST_TEST(is_refused(set_of("1"), "key 1 is no object"));
    BOOST_TEST(is_refused(set_of(R"({"kty":"RSA","n":"AQ","e":"AQAB"})"), "bits"));
    BOOST_TEST(is_refused(set_of(R"({"kty":"RSA"})"), "key 1: "));
    BOOST_TEST(is_refused(set_of(R"({"kty":"oct","k":"c2hvcnQ"})"), "less than 32 bytes"));
    BOOST_TEST(is_refused(set_of(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"), "32 bytes"));
    BOOST_TEST(is_refused(set_of(R"({"kty":"OKP","crv":"Ed25519","x":"!"})"), "Ed25519"));
    BOOST_TEST(is_refused(set_of(secret_jwk(R"(,"kid":1)")), "kid is no text"));
    const std::string named = secret_jwk(R"(,"kid":"h")");
    BOOST_TEST(is_refused(set_of(named + "," + named), "another key has its kid"));
    BOOST_TEST(is_refused(set_of(secret_jwk(R"(,"kty":"oct")")), "stands twice"));
    std::string many = named;
    for (std::size_t i = 0; i < token_keys_max; ++i) many += ",{}";
    BOOST_TEST(is_refused(set_of(many), "more than 100 keys"));
    BOOST_TEST(is_refused(std::string(token_keys_file_bytes_max + 1, ' '), "larger than 1 MiB"));
}

BOOST_AUTO_TEST_SUITE_END()
