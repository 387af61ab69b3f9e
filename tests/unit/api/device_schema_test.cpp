#include "api/device_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using std::chrono_literals::operator""s;
namespace json = boost::json;

json::object smallest() { return {{"node_id", "n"}}; }

store::Device read(const json::value& body) {
    auto device = read_new_device(body);
    BOOST_TEST_REQUIRE(device.has_value(), to_string(device.error()));
    return std::move(*device);
}
/// "" or what is wrong with the smallest body when `key` is `value` in it.
std::string told(std::string_view key, json::value value) {
    json::object body = smallest();
    body[key] = std::move(value);
    const auto device = read_new_device(body);
    return device ? "" : to_string(device.error());
}
std::string told_auth(std::string_view key, json::value value) {
    return told("auth_info", json::object{{key, std::move(value)}});
}
std::string xs(std::size_t count) { return std::string(count, 'x'); }

}  // namespace

BOOST_AUTO_TEST_SUITE(device_schema)

BOOST_AUTO_TEST_CASE(a_node_id_is_all_that_must_be_there) {
    const store::Device device = read(smallest());
    BOOST_TEST(device.node_id == "n");
    BOOST_TEST(device.device_id.empty());
    BOOST_TEST(device.secret.empty());
    BOOST_TEST(to_string(read_new_device(json::object{}).error()) == "node_id must be there");
    BOOST_TEST(to_string(read_new_device(json::array{}).error()) ==
               "the body must be an object, not []");
}

BOOST_AUTO_TEST_CASE(every_field_is_taken) {
    const store::Device device = read(json::parse(R"({
        "device_id":"d-1","node_id":"n_1","device_name":"水泵1","product_id":"p","app_id":"a",
        "gateway_id":"g","description":"any thing, 任意","extension_info":{"floor": -1},
        "auth_info":{"auth_type":"SECRET","secret":"12345678","secondary_secret":"abcdefgh",
                     "secure_access":true,"timeout":300},
        "shadow":null,"unknown":1})"));
    BOOST_TEST(device.device_id == "d-1");
    BOOST_TEST(device.node_id == "n_1");
    BOOST_TEST(device.device_name == "水泵1");
    BOOST_TEST(device.product_id == "p");
    BOOST_TEST(device.app_id == "a");
    BOOST_TEST(device.gateway_id == "g");
    BOOST_TEST(device.description == "any thing, 任意");
    BOOST_TEST(device.extension_info == R"({"floor":-1})");
    BOOST_TEST(device.secret == "12345678");
    BOOST_TEST(device.secondary_secret == "abcdefgh");
    BOOST_TEST(device.is_secure_access);
    BOOST_TEST((device.activation_timeout == 300s));
}

BOOST_AUTO_TEST_CASE(each_field_is_taken_at_its_limit_and_refused_beyond) {
    const std::vector<std::pair<const char*, std::size_t>> limits{
        {"device_id", 128}, {"node_id", 64},     {"device_name", 256},  {"product_id", 36},
        {"app_id", 36},     {"gateway_id", 128}, {"description", 2'048}};
    for (const auto& [key, characters] : limits) {
        BOOST_TEST(told(key, json::value(xs(characters))) == "", key);
        const std::string beyond = told(key, json::value(xs(characters + 1)));
        BOOST_TEST(beyond.starts_with(std::string{key} + " must be a text of "), beyond);
        BOOST_TEST(told(key, 7).starts_with(std::string{key} + " must be a text of "), key);
    }
    for (const char* key : {"device_id", "node_id", "product_id", "app_id", "gateway_id"}) {
        BOOST_TEST(told(key, "") != "", key);
        BOOST_TEST(told(key, "a/b") != "", key);
    }
    BOOST_TEST(told("device_name", "a/b") != "");
    BOOST_TEST(told("device_name", "_?'#().,&%@!-") == "");
    BOOST_TEST(told("extension_info", json::object{{"k", xs(1'024 - 8)}}) == "");
    BOOST_TEST(told("extension_info", json::object{{"k", xs(1'024 - 7)}}) ==
               "extension_info must have at most 1024 bytes");
    BOOST_TEST(told("extension_info", "text").starts_with("extension_info must be an object"));
}

BOOST_AUTO_TEST_CASE(auth_info_keeps_its_rules_and_shows_no_secret) {
    BOOST_TEST(told_auth("secret", json::value(xs(8))) == "");
    BOOST_TEST(told_auth("secret", json::value(xs(32))) == "");
    for (const std::string& wrong : {xs(7), xs(33), std::string{"1234567!"}}) {
        BOOST_TEST(told_auth("secret", json::value(wrong)) ==
                   "auth_info.secret must be a text of 8 to 32 characters of letters, digits, _ "
                   "and -");
    }
    BOOST_TEST(told_auth("timeout", 0) == "");
    BOOST_TEST(told_auth("timeout", 2'147'483'647) == "");
    BOOST_TEST(told_auth("timeout", -1) != "");
    BOOST_TEST(told_auth("timeout", 2'147'483'648) != "");
    BOOST_TEST(told_auth("secure_access", 1) ==
               "auth_info.secure_access must be true or false, not 1");
    BOOST_TEST(told_auth("auth_type", "CERTIFICATES") == "");
    BOOST_TEST(told_auth("auth_type", "NONE") ==
               "auth_info.auth_type must be one of SECRET, CERTIFICATES, not \"NONE\"");
}

BOOST_AUTO_TEST_CASE(an_update_changes_what_it_names) {
    store::Device device;
    device.device_name = "old";
    device.description = "old";
    device.secret = "12345678";
    const auto update = read_device_update(json::parse(
        R"({"device_name":"new","auth_info":{"timeout":5,"secret":"ignored!"},"node_id":"other"})"));
    BOOST_TEST_REQUIRE(update.has_value());
    update->apply_to(device);
    BOOST_TEST(device.device_name == "new");
    BOOST_TEST(device.description == "old");
    BOOST_TEST(device.secret == "12345678");
    BOOST_TEST(device.node_id.empty());
    BOOST_TEST((device.activation_timeout == 5s));
    const auto all = read_device_update(json::parse(
        R"({"device_name":"","description":"d","extension_info":{},
            "auth_info":{"secure_access":true}})"));
    BOOST_TEST_REQUIRE(all.has_value());
    all->apply_to(device);
    BOOST_TEST(device.device_name.empty());
    BOOST_TEST(device.description == "d");
    BOOST_TEST(device.extension_info == "{}");
    BOOST_TEST(device.is_secure_access);
    BOOST_TEST((device.activation_timeout == 5s));
    BOOST_TEST(read_device_update(json::parse(R"({"device_name":"a/b"})")).has_error());
}

BOOST_AUTO_TEST_CASE(a_reset_says_which_secret_and_whether_to_disconnect) {
    const auto plain = read_secret_reset(json::object{});
    BOOST_TEST_REQUIRE(plain.has_value());
    BOOST_TEST(plain->secret.empty());
    BOOST_TEST(!plain->is_secondary);
    BOOST_TEST(!plain->force_disconnect);
    const auto full = read_secret_reset(
        json::parse(R"({"secret":"12345678","secret_type":"SECONDARY","force_disconnect":true})"));
    BOOST_TEST_REQUIRE(full.has_value());
    BOOST_TEST(full->secret == "12345678");
    BOOST_TEST(full->is_secondary);
    BOOST_TEST(full->force_disconnect);
    BOOST_TEST(to_string(read_secret_reset(json::object{{"secret_type", "X"}}).error()) ==
               "secret_type must be one of PRIMARY, SECONDARY, not \"X\"");
    BOOST_TEST(read_secret_reset(json::object{{"secret", "short"}}).has_error());
}

BOOST_AUTO_TEST_CASE(a_fingerprint_is_of_sha_1_or_sha_256_in_any_case) {
    const auto auth = [](json::object more) {
        more["auth_type"] = "CERTIFICATES";
        json::object body = smallest();
        body["auth_info"] = std::move(more);
        return body;
    };
    const std::string upper = std::string(20, 'A') + std::string(20, '0');
    const store::Device device =
        read(auth({{"fingerprint", upper}, {"secondary_fingerprint", std::string(64, 'f')}}));
    BOOST_TEST((device.auth_type == store::AuthType::certificates));
    BOOST_TEST(device.fingerprint == std::string(20, 'a') + std::string(20, '0'));
    BOOST_TEST(device.secondary_fingerprint == std::string(64, 'f'));
    BOOST_TEST(read(auth({})).fingerprint.empty());
    for (const std::string& wrong :
         {std::string{}, std::string(39, 'a'), std::string(41, 'a'), std::string(63, 'a'),
          std::string(65, 'a'), std::string(40, 'g'),
          std::string(20, 'a') + ":" + std::string(19, 'a')}) {
        const auto refused = read_new_device(auth({{"fingerprint", wrong}}));
        BOOST_TEST_REQUIRE(refused.has_error(), wrong);
        BOOST_TEST(to_string(refused.error())
                       .starts_with("auth_info.fingerprint must be a text of 40 (SHA-1) or 64"));
    }
}

BOOST_AUTO_TEST_CASE(what_proves_the_other_type_of_device_is_refused) {
    BOOST_TEST(told_auth("fingerprint", json::value(xs(40)))
                   .starts_with("auth_info.fingerprint must be there with auth_type CERTIFICATES"));
    json::object body = smallest();
    body["auth_info"] = {{"auth_type", "CERTIFICATES"}, {"secret", "12345678"}};
    const std::string refused = to_string(read_new_device(body).error());
    BOOST_TEST(refused.starts_with("auth_info.secret must be there with auth_type SECRET only"));
    BOOST_TEST(refused.find("12345678") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_device_is_shown_as_the_contract_has_it) {
    store::Device device;
    device.device_id = "d";
    device.node_id = "n";
    device.product_id = "p";
    device.app_id = "a";
    device.secret = "12345678";
    device.created_at = store::CatalogueTime{1s};
    BOOST_TEST(json::serialize(device_json(device, "pumps", false, SecretsShown::yes)) ==
               R"({"app_id":"a","device_id":"d","node_id":"n","gateway_id":"d","device_name":"",)"
               R"("node_type":"GATEWAY","description":"","auth_info":{"auth_type":"SECRET",)"
               R"("secure_access":false,"timeout":0,"secret":"12345678"},"product_id":"p",)"
               R"("product_name":"pumps","status":"INACTIVE","create_time":"19700101T000001Z",)"
               R"("tags":[]})");
    device.gateway_id = "g";
    device.extension_info = R"({"floor":-1})";
    device.activated_at = store::CatalogueTime{2s};
    device.secondary_secret = "abcdefgh";
    const json::object shown = device_json(device, "pumps", true, SecretsShown::no);
    BOOST_TEST(shown.at("gateway_id").as_string() == "g");
    BOOST_TEST(shown.at("node_type").as_string() == "ENDPOINT");
    BOOST_TEST(shown.at("active_time").as_string() == "1970-01-01T00:00:02.000Z");
    BOOST_TEST(shown.at("extension_info").at("floor").as_int64() == -1);
    const std::string text = json::serialize(shown);
    BOOST_TEST(text.find("12345678") == std::string::npos);
    BOOST_TEST(text.find("abcdefgh") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_status_is_the_first_that_holds) {
    store::Device device;
    const auto status = [&](bool is_online) {
        return std::string{
            device_json(device, "", is_online, SecretsShown::no).at("status").as_string()};
    };
    BOOST_TEST(status(false) == "INACTIVE");
    BOOST_TEST(status(true) == "ONLINE");
    device.activated_at = store::CatalogueTime{1s};
    BOOST_TEST(status(false) == "OFFLINE");
    BOOST_TEST(status(true) == "ONLINE");
    device.is_frozen = true;
    BOOST_TEST(status(true) == "FROZEN");
    BOOST_TEST(status(false) == "FROZEN");
}

BOOST_AUTO_TEST_SUITE_END()
