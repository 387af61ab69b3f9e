#include "api/tokens.hpp"

#include "base/digest.hpp"
#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

constexpr WallTime start{1'000'000s};

}  // namespace

BOOST_AUTO_TEST_SUITE(tokens)

BOOST_AUTO_TEST_CASE(a_token_is_its_users_for_a_day) {
    CountingBytes random;
    Tokens tokens{random};
    const std::string token = tokens.issue("admin", start);
    BOOST_TEST(from_hex(token).size() == 32U);
    BOOST_TEST(tokens.find_user(token, start).value() == "admin");
    BOOST_TEST(tokens.find_user(token, start + 24h - 1ms).value() == "admin");
    BOOST_TEST(!tokens.find_user(token, start + 24h).has_value());
    for (const std::string& other :
         {std::string{}, token.substr(1), token + "0", sha256_hex(token)}) {
        BOOST_TEST(!tokens.find_user(other, start).has_value(), other);
    }
}

BOOST_AUTO_TEST_CASE(a_new_token_leaves_the_older_ones) {
    CountingBytes random;
    Tokens tokens{random};
    const std::string older = tokens.issue("admin", start);
    const std::string newer = tokens.issue("admin", start);
    BOOST_TEST(older != newer);
    BOOST_TEST(tokens.find_user(older, start).has_value());
    tokens.revoke(older);
    BOOST_TEST(!tokens.find_user(older, start).has_value());
    BOOST_TEST(tokens.find_user(newer, start).has_value());
}

BOOST_AUTO_TEST_CASE(at_the_maximum_the_expired_go_first_and_then_the_oldest) {
    CountingBytes random;
    Tokens tokens{random, 2};
    const std::string first = tokens.issue("a", start);
    const std::string second = tokens.issue("b", start + 1h);
    BOOST_TEST(tokens.find_user(first, start + 1h).has_value());
    const std::string third = tokens.issue("c", start + 2h);
    BOOST_TEST(tokens.size() == 2U);
    BOOST_TEST(!tokens.find_user(first, start + 2h).has_value());
    BOOST_TEST(tokens.find_user(second, start + 2h).has_value());
    BOOST_TEST(!tokens.issue("d", start + 48h).empty());
    BOOST_TEST(tokens.size() == 1U);
}

BOOST_AUTO_TEST_CASE(tokens_survive_as_text_that_does_not_have_them) {
    CountingBytes random;
    Tokens before{random};
    const std::string expired = before.issue("old", start - 24h);
    const std::string token = before.issue("admin", start);
    const std::string text = before.to_text(start);
    BOOST_TEST(text.find(token) == std::string::npos);
    Tokens after{random};
    BOOST_TEST(after.load(text, start));
    BOOST_TEST(after.size() == 1U);
    BOOST_TEST(after.find_user(token, start).value() == "admin");
    BOOST_TEST(!after.find_user(token, start + 24h).has_value());
    BOOST_TEST(!after.find_user(expired, start).has_value());
    Tokens late{random};
    BOOST_TEST(late.load(text, start + 24h));
    BOOST_TEST(late.size() == 0U);
}

BOOST_AUTO_TEST_CASE(no_token_is_taken_from_what_is_no_text_of_tokens) {
    CountingBytes random;
    const std::string hash(64, 'a');
    const std::string good = R"({"hash":")" + hash + R"(","user":"u","expires_at":1000000001})";
    for (const std::string& text :
         {std::string{}, std::string{"{}"}, std::string{"[1]"}, std::string{"[{}]"},
          "[" + good + R"(,{"hash":"short","user":"u","expires_at":1000000001}])",
          R"([{"hash":")" + hash + R"(","user":1,"expires_at":1000000001}])",
          R"([{"hash":")" + hash + R"(","user":"u","expires_at":"x"}])"}) {
        Tokens tokens{random};
        BOOST_TEST(!tokens.load(text, start), text);
        BOOST_TEST(tokens.size() == 0U);
    }
    Tokens tokens{random};
    BOOST_TEST(tokens.load("[" + good + "]", start));
    BOOST_TEST(tokens.size() == 1U);
}

BOOST_AUTO_TEST_CASE(all_tokens_of_a_user_are_revoked_and_no_others) {
    CountingBytes random;
    Tokens tokens{random};
    const std::string first = tokens.issue("admin", start);
    const std::string second = tokens.issue("admin", start);
    const std::string other = tokens.issue("alice", start);
    BOOST_TEST(tokens.find_user(first, start).has_value());  // shown, and known by that
    tokens.revoke_all("admin");
    BOOST_TEST(!tokens.find_user(first, start).has_value());
    BOOST_TEST(!tokens.find_user(second, start).has_value());
    BOOST_TEST(tokens.find_user(other, start).value() == "alice");
}

BOOST_AUTO_TEST_SUITE_END()
