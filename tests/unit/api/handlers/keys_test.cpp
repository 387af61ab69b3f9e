#include "api/handlers/keys.hpp"

#include "api/contract_time.hpp"
#include "api/key_schema.hpp"
#include "unit/api/api_world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using namespace holdfast::api;

constexpr const char* sender = R"({"name":"shop","permissions":["iotda:messages:send"]})";

struct World : ApiWorld {
    KeyStore store{catalogue->documents(), executor, keys};

    World() { add_key_routes(routes, {store, keys, clock, random}); }

    Response add(const std::string& body) { return ask(http::verb::post, path("/keys"), body); }
    std::string added(const std::string& body = sender) {
        const Response response = add(body);
        BOOST_TEST_REQUIRE(response.result_int() == 201U);
        return std::string{object_of(response).at("key_id").as_string()};
    }
    Response change(const std::string& key_id, const std::string& body) {
        return ask(http::verb::put, path("/keys/" + key_id), body);
    }
    boost::json::object show(const std::string& key_id) {
        return object_of(ask(http::verb::get, path("/keys/" + key_id)));
    }
    std::string refusal(const Response& response) {
        return std::to_string(response.result_int()) + " " + error_code_of(response);
    }
    std::string why_not(const std::string& body) {
        const Response response = add(body);
        BOOST_TEST(refusal(response) == "400 IOTDA.000006");
        return error_message_of(response);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(keys_of_applications, World)

BOOST_AUTO_TEST_CASE(an_access_key_is_made_and_its_secret_shown_once) {
    const Response response = add(sender);
    BOOST_TEST(response.result_int() == 201U);
    BOOST_TEST(response[http::field::cache_control] == "no-store");
    auto key = object_of(response);
    const std::string ak{key.at("ak").as_string()};
    BOOST_TEST(ak.size() == 20U);
    BOOST_TEST(ak.starts_with("HF"));
    BOOST_TEST(key.at("sk").as_string().size() == 40U);
    BOOST_TEST(key.at("key_id").as_string() == ak);
    BOOST_TEST(keys.find_access_key(ak)->secret == key.at("sk").as_string());
    key.erase("ak");
    key.erase("sk");
    BOOST_TEST(show(ak) == key);
    BOOST_TEST(boost::json::serialize(key) ==
               R"({"key_id":")" + ak +
                   R"(","kind":"ACCESS_KEY","name":"shop","permissions":["iotda:messages:send"],)"
                   R"("status":"ENABLED","created_time":"20260101T000000Z"})");
}

BOOST_AUTO_TEST_CASE(an_api_key_is_kept_as_its_digest_only) {
    const auto key = object_of(add(
        R"({"kind":"API_KEY","name":"n","permissions":["iotda:*"],"expires_time":"20270101T000000Z"})"));
    const std::string shown{key.at("api_key").as_string()};
    BOOST_TEST(shown.starts_with("hf_"));
    BOOST_TEST(shown.size() == 67U);
    BOOST_TEST(!key.contains("sk"));
    BOOST_TEST(key.at("expires_time").as_string() == "20270101T000000Z");
    const AppKeyPtr found = keys.find_api_key(shown);
    BOOST_TEST_REQUIRE(found != nullptr);
    BOOST_TEST(found->key_id == key.at("key_id").as_string());
    BOOST_TEST(found->secret != shown);
}

BOOST_AUTO_TEST_CASE(keys_are_read_again_as_they_were) {
    const std::string access_key = added();
    const std::string api_key = added(R"({"kind":"API_KEY","name":"n","permissions":["iotda:*"]})");
    store.keep_use(*keys.find(api_key), clock.wall + Seconds{3'600});
    change(access_key, R"({"status":"DISABLED","expires_time":"20270101T000000Z"})");
    AppKeys again;
    KeyStore reader{catalogue->documents(), executor, again};
    BOOST_TEST(reader.load().value() == 0U);
    BOOST_TEST_REQUIRE(again.list().size() == 2U);
    const AppKeyPtr read = again.find_access_key(access_key);
    BOOST_TEST_REQUIRE(read != nullptr);
    BOOST_TEST(read->secret == keys.find(access_key)->secret);
    BOOST_TEST(read->project_id == installation.project_id);
    BOOST_TEST(!read->is_enabled);
    BOOST_TEST((read->expires_at == parse_contract_time("20270101T000000Z")));
    BOOST_TEST(again.find(api_key)->secret == keys.find(api_key)->secret);
    BOOST_TEST((again.last_used(api_key) == clock.wall + Seconds{3'600}));
}

BOOST_AUTO_TEST_CASE(what_is_no_key_is_counted_and_the_others_are_read) {
    const std::string key_id = added();
    for (const char* body : {"", "[]", "{}", R"({"permissions":[1],"enabled":true})",
                             R"({"permissions":[],"enabled":true,"digest":"0"})"}) {
        test_support::ManualExecutor waiting;
        bool is_done = false;
        store::Document document{.kind = store::DocumentKind::api_key,
                                 .id = {},
                                 .parent = {},
                                 .name = {},
                                 .body = body,
                                 .secret = {}};
        catalogue->documents().add(std::move(document), 100, waiting,
                                   [&](std::error_code error, const store::DocumentPtr&) {
                                       BOOST_TEST(!error);
                                       is_done = true;
                                   });
        waiting.run_until([&] { return is_done; });
    }
    AppKeys again;
    KeyStore reader{catalogue->documents(), executor, again};
    BOOST_TEST(reader.load().value() == 5U);
    BOOST_TEST(again.find(key_id) != nullptr);
}

BOOST_AUTO_TEST_CASE(a_change_names_what_it_changes_and_keeps_the_rest) {
    const std::string key_id = added();
    auto changed = object_of(change(key_id, R"({"status":"DISABLED"})"));
    BOOST_TEST(changed.at("status").as_string() == "DISABLED");
    BOOST_TEST(changed.at("name").as_string() == "shop");
    BOOST_TEST(!keys.find(key_id)->is_enabled);
    BOOST_TEST(keys.find(key_id)->permissions.allow(Action::messages_send));
    changed = object_of(change(key_id, R"({"name":"new","permissions":["iotda:devices:*"],
                                           "expires_time":"20270101T000000Z"})"));
    BOOST_TEST(changed.at("name").as_string() == "new");
    BOOST_TEST(changed.at("expires_time").as_string() == "20270101T000000Z");
    BOOST_TEST(!keys.find(key_id)->permissions.allow(Action::messages_send));
    changed = object_of(change(key_id, R"({"status":"ENABLED","expires_time":"never"})"));
    BOOST_TEST(!changed.contains("expires_time"));
    BOOST_TEST(keys.find(key_id)->is_enabled);
}

BOOST_AUTO_TEST_CASE(all_are_listed_with_their_last_use_and_no_secret) {
    const std::string first = added();
    clock.wall += Seconds{60};
    const std::string second = added();
    BOOST_TEST(keys.note_use(first, clock.wall).has_value());
    const auto listed = object_of(ask(http::verb::get, path("/keys"))).at("keys").as_array();
    BOOST_TEST_REQUIRE(listed.size() == 2U);
    BOOST_TEST(listed[0].at("key_id").as_string() == second);
    BOOST_TEST(listed[1].at("last_used_time").as_string() == "20260101T000000Z");
    BOOST_TEST(!listed[1].as_object().contains("sk"));
}

BOOST_AUTO_TEST_CASE(a_deleted_key_is_gone) {
    const std::string key_id = added();
    BOOST_TEST(ask(http::verb::delete_, path("/keys/" + key_id)).result_int() == 204U);
    BOOST_TEST(keys.find(key_id) == nullptr);
    BOOST_TEST(refusal(ask(http::verb::get, path("/keys/" + key_id))) == "404 IOTDA.000190");
    BOOST_TEST(refusal(ask(http::verb::delete_, path("/keys/" + key_id))) == "404 IOTDA.000190");
    BOOST_TEST(refusal(change(key_id, "{}")) == "404 IOTDA.000190");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_new_key_is_said) {
    BOOST_TEST(why_not(R"({"permissions":["iotda:*"]})") == "name must be there");
    BOOST_TEST(why_not(R"({"name":"n"})").starts_with("permissions must have one action at least"));
    BOOST_TEST(
        why_not(R"({"name":"n","permissions":[]})").starts_with("permissions must have one"));
    BOOST_TEST(why_not(R"({"name":"n","permissions":["iotda:x"]})")
                   .starts_with("permissions must have names of actions, \"iotda:x\" is none"));
    BOOST_TEST(why_not(R"({"name":"n","permissions":["holdfast:keys:manage"]})")
                   .starts_with("permissions must have names of actions"));
    BOOST_TEST(
        why_not(R"({"name":"n","permissions":["iotda:*"],"expires_time":"20260101T000000Z"})") ==
        "expires_time must be in the future");
    BOOST_TEST(why_not(R"({"name":"n","permissions":["iotda:*"],"expires_time":"tomorrow"})")
                   .starts_with("expires_time must be a UTC time"));
    BOOST_TEST(why_not(R"({"name":"n","permissions":["iotda:*"],"kind":"TOKEN"})")
                   .starts_with("kind must be one of ACCESS_KEY, API_KEY"));
    BOOST_TEST(refusal(change(added(), R"({"status":"on"})")) == "400 IOTDA.000006");
    BOOST_TEST(refusal(change(added(), R"({"permissions":[]})")) == "400 IOTDA.000006");
    BOOST_TEST(refusal(add("{")) == "400 IOTDA.000008");
}

BOOST_AUTO_TEST_CASE(lists_and_names_end_at_their_maximum) {
    const auto body = [](std::size_t name, std::size_t count) {
        std::string text = R"({"name":")" + std::string(name, 'n') + R"(","permissions":[)";
        for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "\"iotda:*\"" : ",\"iotda:*\"";
        return text + "]}";
    };
    BOOST_TEST(add(body(key_name_characters_max, key_permissions_max)).result_int() == 201U);
    BOOST_TEST(add(body(key_name_characters_max + 1, 1)).result_int() == 400U);
    BOOST_TEST(add(body(1, key_permissions_max + 1)).result_int() == 400U);
}

BOOST_AUTO_TEST_CASE(as_many_keys_as_allowed_are_kept_of_each_kind) {
    for (std::size_t i = 0; i < app_keys_max; ++i) {
        AppKeyFacts facts;
        facts.key_id = "HF" + std::to_string(i);
        facts.secret = "s";
        BOOST_TEST_REQUIRE(store.add_and_wait(std::move(facts)).has_value());
    }
    BOOST_TEST(refusal(add(sender)) == "403 IOTDA.000191");
    BOOST_TEST(add(R"({"kind":"API_KEY","name":"n","permissions":["iotda:*"]})").result_int() ==
               201U);
}

BOOST_AUTO_TEST_CASE(a_key_has_no_business_here) {
    const auto key =
        object_of(add(R"({"kind":"API_KEY","name":"n","permissions":["holdfast:*"]})"));
    Request request{http::verb::get, path("/keys"), 11};
    request.set("X-Api-Key", key.at("api_key").as_string());
    BOOST_TEST(refusal(ask(std::move(request))) == "403 IOTDA.000022");
    token.clear();
    BOOST_TEST(refusal(add(sender)) == "401 IOTDA.000002");
}

BOOST_AUTO_TEST_SUITE_END()
