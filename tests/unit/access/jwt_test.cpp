#include "access/jwt.hpp"

#include "unit/access/token_maker.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;
using namespace test_support;

namespace {

constexpr std::int64_t now_seconds = 1'800'000'000;
const std::string secret = "0123456789abcdef0123456789abcdef";
const std::string hs256 = R"({"alg":"HS256","typ":"JWT"})";

std::string at(std::int64_t offset) { return std::to_string(now_seconds + offset); }

/// Claims that hold for an hour, with `more` behind them.
std::string claims(const std::string& more = "") {
    return R"({"sub":"alice","exp":)" + at(3'600) + more + "}";
}

std::string by_secret(const std::string& header, const std::string& the_claims) {
    return make_token(header, the_claims,
                      [](std::string_view text) { return sign_by_secret(secret, text); });
}

struct Fixture {
    /// The name of who is let in, or why not.
    std::string told(const std::string& token) {
        const auto judged = judge_token(token, keys, demands, login);
        return judged ? judged->user_name : judged.error().detail;
    }
    std::string told_of(const std::string& the_claims) { return told(by_secret(hs256, the_claims)); }
    std::int64_t milliseconds_of(const std::string& the_claims) {
        const auto judged = judge_token(by_secret(hs256, the_claims), keys, demands, login);
        return judged ? judged->valid_for.count() : -1;
    }
    void use(const std::string& file) { keys = *TokenKeys::of_one_key(file, "key"); }

    TokenKeys keys = *TokenKeys::of_one_key(secret, "key");
    TokenDemands demands;
    TokenLogin login{.client_id = "c", .user_name = {}, .now = WallTime{Seconds{now_seconds}}};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(jwt)

BOOST_AUTO_TEST_CASE(a_token_looks_like_one) {
    BOOST_TEST(looks_like_token(by_secret(hs256, claims())));
    BOOST_TEST(looks_like_token("a.b.c"));
    BOOST_TEST(looks_like_token("a.b."));
    for (const std::string other : {"", ".", "..", "a.b", ".b.c", "a..c", "a.b.c.d", "a.b.c=", "a b.c.d"}) {
        BOOST_TEST(!looks_like_token(other), other);
    }
}

BOOST_FIXTURE_TEST_CASE(each_algorithm_lets_in_who_has_its_signature, Fixture) {
    BOOST_TEST(told_of(claims()) == "alice");
    const auto check = [&](const KeyPair& pair, const std::string& name) {
        use(public_pem(pair));
        const auto signer = [&](std::string_view text) { return sign(pair, text); };
        BOOST_TEST(told(make_token(R"({"alg":")" + name + "\"}", claims(), signer)) == "alice");
    };
    check(make_rsa(), "RS256");
    check(make_ec(), "ES256");
    check(make_ed25519(), "EdDSA");
}

BOOST_FIXTURE_TEST_CASE(a_token_of_rfc_7515_is_read, Fixture) {
    // Appendix A.1: the signature is right, and then it has no name.
    const std::string key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcg"
                            "UuTwjAzZr1Z9CAow";
    use("base64:" + key);
    const std::string token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOj"
                              "EzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJ"
                              "eZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    BOOST_TEST(told(token) == "it has no sub that can be a name");
}

BOOST_FIXTURE_TEST_CASE(every_changed_bit_of_a_part_is_seen, Fixture) {
    for (const auto& make : {+[] { return make_rsa(); }, +[] { return make_ec(); }, &make_ed25519}) {
        const KeyPair pair = make();
        use(public_pem(pair));
        const std::string header =
            R"({"alg":")" + std::string{to_string(keys.find({})->algorithm())} + "\"}";
        const std::string token =
            make_token(header, claims(), [&](std::string_view text) { return sign(pair, text); });
        BOOST_TEST(told(token) == "alice");
        for (std::size_t at = 0; at < token.size(); ++at) {
            std::string changed = token;
            changed[at] = changed[at] == 'A' ? 'B' : 'A';
            BOOST_TEST_REQUIRE(told(changed) != "alice");
        }
    }
    const std::string token = by_secret(hs256, claims());
    for (std::size_t at = 0; at < token.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string changed = token;
            changed[at] = static_cast<char>(changed[at] ^ 1 << bit);
            BOOST_TEST_REQUIRE(told(changed) != "alice");
        }
        BOOST_TEST_REQUIRE(told(token.substr(0, at)) != "alice");
    }
    BOOST_TEST(told(token + "A") != "alice");
    BOOST_TEST(told(token + "=") != "alice");
    BOOST_TEST(told(token + ".A") != "alice");
    BOOST_TEST(told(" " + token) != "alice");
}

BOOST_FIXTURE_TEST_CASE(parts_of_two_tokens_make_no_third, Fixture) {
    const std::string alice = by_secret(hs256, claims());
    const std::string eve = by_secret(hs256, R"({"sub":"eve","exp":)" + at(60) + "}");
    const std::string mixed = eve.substr(0, eve.rfind('.')) + alice.substr(alice.rfind('.'));
    BOOST_TEST(told(mixed) == "its signature is wrong");
}

BOOST_FIXTURE_TEST_CASE(no_algorithm_is_none, Fixture) {
    for (const std::string name : {"none", "None", "NONE", "nOnE", "", "hs256", "HS384", "HS512"}) {
        const std::string header = R"({"alg":")" + name + "\"}";
        const auto unsigned_one =
            make_token(header, claims(), [](std::string_view) { return std::string{}; });
        BOOST_TEST(looks_like_token(unsigned_one));
        BOOST_TEST(told(unsigned_one) == "its alg is not that of the key", name);
        BOOST_TEST(told(by_secret(header, claims())) == "its alg is not that of the key", name);
    }
    BOOST_TEST(told(by_secret("{}", claims())) == "its header has no alg");
    BOOST_TEST(told(by_secret(R"({"alg":null})", claims())) == "its header has no alg");
    BOOST_TEST(told(by_secret(R"({"alg":["HS256"]})", claims())) == "its header has no alg");
    const auto empty = make_token(hs256, claims(), [](std::string_view) { return std::string{}; });
    BOOST_TEST(told(empty) == "its signature is wrong");
}

BOOST_FIXTURE_TEST_CASE(a_public_key_is_no_secret, Fixture) {
    for (const auto& make : {+[] { return make_rsa(); }, +[] { return make_ec(); }, &make_ed25519}) {
        const std::string pem = public_pem(make());
        use(pem);
        for (const std::string& guess : {pem, pem.substr(0, pem.size() - 1)}) {
            const auto signer = [&](std::string_view text) { return sign_by_secret(guess, text); };
            BOOST_TEST(told(make_token(hs256, claims(), signer)) == "its alg is not that of the key");
            const std::string own =
                R"({"alg":")" + std::string{to_string(keys.find({})->algorithm())} + "\"}";
            BOOST_TEST(told(make_token(own, claims(), signer)) == "its signature is wrong");
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_key_that_a_token_brings_is_not_looked_at, Fixture) {
    const KeyPair theirs = make_rsa();
    use(public_pem(make_rsa()));
    const std::string header = R"({"alg":"RS256","jwk":)" + public_jwk(theirs, "k") + "}";
    const auto signer = [&](std::string_view text) { return sign(theirs, text); };
    BOOST_TEST(told(make_token(header, claims(), signer)) == "its signature is wrong");
}

BOOST_FIXTURE_TEST_CASE(the_kid_chooses_the_key_and_the_key_the_algorithm, Fixture) {
    const KeyPair rsa = make_rsa();
    const KeyPair ec = make_ec();
    keys = *TokenKeys::of_set(
        R"({"keys":[)" + public_jwk(rsa, "r") + "," + public_jwk(ec, "e") + "]}", "set");
    const auto by_rsa = [&](std::string_view text) { return sign(rsa, text); };
    const auto by_ec = [&](std::string_view text) { return sign(ec, text); };
    BOOST_TEST(told(make_token(R"({"alg":"RS256","kid":"r"})", claims(), by_rsa)) == "alice");
    BOOST_TEST(told(make_token(R"({"alg":"ES256","kid":"e"})", claims(), by_ec)) == "alice");
    BOOST_TEST(told(make_token(R"({"alg":"RS256","kid":"e"})", claims(), by_rsa)) != "alice");
    BOOST_TEST(told(make_token(R"({"alg":"ES256","kid":"e"})", claims(), by_rsa)) != "alice");
    BOOST_TEST(told(make_token(R"({"alg":"RS256"})", claims(), by_rsa)) == "no key has its kid");
    BOOST_TEST(told(make_token(R"({"alg":"RS256","kid":"x"})", claims(), by_rsa)) ==
               "no key has its kid");
    BOOST_TEST(told(make_token(R"({"alg":"RS256","kid":1})", claims(), by_rsa)) ==
               "its kid is no text");
}

BOOST_FIXTURE_TEST_CASE(a_header_that_is_not_understood_is_refused, Fixture) {
    BOOST_TEST(told(by_secret(R"({"alg":"HS256","crit":["exp"],"exp":1})", claims())) ==
               "its header makes something critical");
    BOOST_TEST(told(by_secret(R"({"alg":"HS256","crit":[]})", claims())) ==
               "its header makes something critical");
    BOOST_TEST(told(by_secret(R"({"alg":"HS256","b64":false,"crit":["b64"]})", claims())) ==
               "its header makes something critical");
    for (const std::string header : {R"({"alg":"none","alg":"HS256"})", R"(["HS256"])", "", "{"}) {
        BOOST_TEST(told(by_secret(header, claims())) != "alice", header);
    }
    BOOST_TEST(told(by_secret(R"({"alg":"HS256","x5t":"y","cty":"z"})", claims())) == "alice");
}

BOOST_FIXTURE_TEST_CASE(a_token_may_have_16_KiB, Fixture) {
    const auto of_size = [&](std::size_t padding) {
        return by_secret(hs256, claims(R"(,"p":")" + std::string(padding, 'x') + "\""));
    };
    std::size_t padding = 12'000;
    while (of_size(padding + 1).size() <= token_bytes_max) ++padding;
    BOOST_TEST(told(of_size(padding)) == "alice");
    BOOST_TEST(told(of_size(padding + 1)) == "it is longer than 16 KiB");
}

BOOST_FIXTURE_TEST_CASE(the_clock_decides_to_the_millisecond, Fixture) {
    BOOST_TEST(milliseconds_of(R"({"sub":"a","exp":)" + at(1) + "}") == 1'000);
    BOOST_TEST(milliseconds_of(R"({"sub":"a","exp":)" + at(1) + ".5}") == 1'500);
    // Expired: at this second, and a minute ago.
    BOOST_TEST(milliseconds_of(R"({"sub":"a","exp":)" + at(0) + "}") == 60'000);
    BOOST_TEST(milliseconds_of(R"({"sub":"a","exp":)" + at(-59) + "}") == 1'000);
    BOOST_TEST(milliseconds_of(R"({"sub":"a","exp":)" + at(-60) + "}") == -1);
    const auto late = judge_token(by_secret(hs256, R"({"sub":"a","exp":)" + at(-60) + "}"), keys,
                                  demands, login);
    BOOST_TEST(late.error().has_expired);
    BOOST_TEST(told_of(claims(",\"nbf\":" + at(60))) == "alice");
    BOOST_TEST(told_of(claims(",\"nbf\":" + at(61))) == "it does not hold yet");
    BOOST_TEST(told_of(claims(",\"nbf\":" + at(60) + ".001")) == "it does not hold yet");
    BOOST_TEST(told_of(claims(",\"nbf\":0")) == "alice");
}

BOOST_FIXTURE_TEST_CASE(times_are_numbers_within_reason, Fixture) {
    for (const std::string time : {"null", "\"1900000000\"", "true", "-1", "1e300", "1e999", "[]", "{}",
                                   "253402300800", "18446744073709551615"}) {
        BOOST_TEST(told_of(R"({"sub":"a","exp":)" + time + "}") != "a", time);
        BOOST_TEST(told_of(claims(",\"nbf\":" + time)) != "alice", time);
    }
    BOOST_TEST(told_of(R"({"sub":"a","exp":253402300799})") == "a");
    BOOST_TEST(told_of(R"({"sub":"a","exp":1.9e9})") == "a");
    BOOST_TEST(told_of(R"({"sub":"a"})") == "it has no exp that is a time");
}

BOOST_FIXTURE_TEST_CASE(the_names_of_connect_are_those_of_the_token, Fixture) {
    login.user_name = "alice";
    BOOST_TEST(told_of(claims()) == "alice");
    for (const auto* const other : {"bob", "", "alice ", "Alice"}) {
        login.user_name = other;
        BOOST_TEST(told_of(claims()) == "its sub is not the user name of CONNECT");
    }
    login.user_name.reset();
    BOOST_TEST(told_of(claims(R"(,"client_id":"c")")) == "alice");
    BOOST_TEST(told_of(claims(R"(,"client_id":"d")")) == "its client_id is not the Client Identifier");
    BOOST_TEST(told_of(claims(R"(,"client_id":1)")) == "its client_id is not the Client Identifier");
    for (const std::string subject : {"\"\"", "1", "null", R"("a\u0000b")", R"("a\nb")", R"("\u007f")"}) {
        BOOST_TEST(told_of(R"({"exp":)" + at(9) + R"(,"sub":)" + subject + "}") ==
                       "it has no sub that can be a name",
                   subject);
    }
    BOOST_TEST(told_of(R"({"exp":)" + at(9) + "}") == "it has no sub that can be a name");
}

BOOST_FIXTURE_TEST_CASE(issuer_and_audience_are_what_the_configuration_says, Fixture) {
    BOOST_TEST(told_of(claims(R"(,"iss":"x","aud":["y"])")) == "alice");
    demands.issuer = "us";
    BOOST_TEST(told_of(claims(R"(,"iss":"us")")) == "alice");
    for (const std::string more : {"", R"(,"iss":"them")", R"(,"iss":["us"])", R"(,"iss":"us/")"}) {
        BOOST_TEST(told_of(claims(more)) == "its iss is not jwt_issuer", more);
    }
    demands = {.issuer = {}, .audience = "mqtt"};
    BOOST_TEST(told_of(claims(R"(,"aud":"mqtt")")) == "alice");
    BOOST_TEST(told_of(claims(R"(,"aud":["http","mqtt"])")) == "alice");
    for (const std::string more :
         {"", R"(,"aud":"http")", R"(,"aud":[])", R"(,"aud":[["mqtt"]])", R"(,"aud":{"mqtt":1})"}) {
        BOOST_TEST(told_of(claims(more)) == "its aud does not name jwt_audience", more);
    }
}

BOOST_FIXTURE_TEST_CASE(a_broken_access_list_refuses_the_token, Fixture) {
    const auto judged = judge_token(
        by_secret(hs256, claims(R"(,"acl":[{"allow":["publish"],"topics":["a"]}])")), keys, demands,
        login);
    BOOST_TEST_REQUIRE(judged.has_value());
    BOOST_TEST(judged->rules->rules.size() == 1U);
    BOOST_TEST(judge_token(by_secret(hs256, claims()), keys, demands, login)->rules == nullptr);
    BOOST_TEST(told_of(claims(R"(,"acl":{})")) == "its acl is no list");
    BOOST_TEST(told_of(claims(R"(,"acl":null)")) == "its acl is no list");
}

BOOST_AUTO_TEST_SUITE_END()
