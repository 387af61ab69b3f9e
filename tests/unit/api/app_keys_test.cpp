#include "api/app_keys.hpp"

#include "base/digest.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::api;

namespace {

AppKeyPtr make(KeyKind kind, std::string id, std::string secret, int created_at = 0) {
    AppKeyFacts facts;
    facts.kind = kind;
    facts.key_id = std::move(id);
    facts.secret = kind == KeyKind::api_key ? sha256_hex(secret) : std::move(secret);
    facts.created_at = WallTime{Milliseconds{created_at}};
    return std::make_shared<const AppKey>(std::move(facts));
}

WallTime at(int hours, int minutes) {
    return WallTime{Milliseconds{Seconds{hours * 3'600 + minutes * 60}}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(app_keys)

BOOST_AUTO_TEST_CASE(each_kind_is_found_by_what_is_shown) {
    AppKeys keys;
    keys.put(make(KeyKind::access_key, "HF1", "secret"));
    keys.put(make(KeyKind::api_key, "k2", "hf_2"));
    BOOST_TEST(keys.find_access_key("HF1")->key_id == "HF1");
    BOOST_TEST(keys.find_api_key("hf_2")->key_id == "k2");
    BOOST_TEST(keys.find_access_key("k2") == nullptr);
    for (const char* shown : {"", "secret", "HF1", "k2", "hf_20"}) {
        BOOST_TEST(keys.find_api_key(shown) == nullptr, shown);
    }
    BOOST_TEST(keys.find_api_key(sha256_hex("hf_2")) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_removed_is_not_found_any_more) {
    AppKeys keys;
    keys.put(make(KeyKind::api_key, "k2", "hf_2"));
    keys.remove("k1");
    keys.remove("k2");
    BOOST_TEST(keys.find("k2") == nullptr);
    BOOST_TEST(keys.find_api_key("hf_2") == nullptr);
    BOOST_TEST(keys.list().empty());
}

BOOST_AUTO_TEST_CASE(a_use_is_noted_once_an_hour) {
    AppKeys keys;
    BOOST_TEST(!keys.note_use("k", at(7, 59)).has_value());
    keys.put(make(KeyKind::api_key, "k", "s"));
    BOOST_TEST(!keys.last_used("k").has_value());
    BOOST_TEST((keys.note_use("k", at(7, 59)) == at(7, 0)));
    BOOST_TEST(!keys.note_use("k", at(7, 59)).has_value());
    BOOST_TEST((keys.note_use("k", at(8, 0)) == at(8, 0)));
    BOOST_TEST(!keys.note_use("k", at(7, 59)).has_value());  // the clock was set back
    BOOST_TEST((keys.last_used("k") == at(8, 0)));
}

BOOST_AUTO_TEST_CASE(a_change_keeps_the_last_use) {
    AppKeys keys;
    keys.put(make(KeyKind::api_key, "k", "s"), at(3, 0));
    BOOST_TEST((keys.last_used("k") == at(3, 0)));
    BOOST_TEST(keys.note_use("k", at(5, 0)).has_value());
    keys.put(make(KeyKind::api_key, "k", "s"), at(4, 0));
    BOOST_TEST((keys.last_used("k") == at(5, 0)));
    keys.put(make(KeyKind::api_key, "k", "s"));
    BOOST_TEST((keys.last_used("k") == at(5, 0)));
}

BOOST_AUTO_TEST_CASE(the_list_begins_with_the_latest) {
    AppKeys keys;
    keys.put(make(KeyKind::api_key, "a", "1", 1));
    keys.put(make(KeyKind::access_key, "b", "2", 3));
    keys.put(make(KeyKind::api_key, "c", "3", 2));
    std::string order;
    for (const AppKeyPtr& key : keys.list()) order += key->key_id;
    BOOST_TEST(order == "bca");
}

BOOST_AUTO_TEST_SUITE_END()
