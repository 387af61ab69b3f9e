#include "api/product_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;
namespace json = boost::json;

json::object smallest() {
    return {{"name", "pumps"},
            {"device_type", "pump"},
            {"protocol_type", "MQTT"},
            {"service_capabilities", json::array{}}};
}
std::string told(json::object body) {
    const auto product = read_new_product(std::move(body));
    return product ? "" : to_string(product.error());
}
std::string told(std::string_view key, json::value value) {
    json::object body = smallest();
    body[key] = std::move(value);
    return told(std::move(body));
}
std::string told_service(const char* service) {
    return told("service_capabilities", json::array{json::parse(service)});
}
std::string told_topics(const json::value& topics) {
    const auto read = read_product_topics(json::object{{"topics", topics}});
    return read ? "" : to_string(read.error());
}
json::object topic(std::string_view suffix) { return {{"topic", suffix}}; }
std::string xs(std::size_t count) { return std::string(count, 'x'); }

}  // namespace

BOOST_AUTO_TEST_SUITE(product_schema)

BOOST_AUTO_TEST_CASE(what_must_be_there_is_named) {
    BOOST_TEST(told(smallest()) == "");
    for (const char* key : {"name", "device_type", "protocol_type", "service_capabilities"}) {
        json::object body = smallest();
        body.erase(key);
        BOOST_TEST(told(body) == std::string{key} + " must be there");
    }
}

BOOST_AUTO_TEST_CASE(every_field_is_taken) {
    const auto product = read_new_product(json::parse(R"({
        "product_id":"p-1","name":"pumps","device_type":"pump","protocol_type":"OPC-UA",
        "data_format":"binary","manufacturer_name":"ACME","industry":"water","description":"all",
        "app_id":"a","service_capabilities":[{"service_id":"s","service_type":"t",
        "option":"Master","properties":[{"property_name":"level","data_type":"string list",
        "method":"RW"}],"commands":[{"command_name":"open"}],"events":[]}]})"));
    BOOST_TEST_REQUIRE(product.has_value());
    BOOST_TEST(product->product_id == "p-1");
    BOOST_TEST(product->name == "pumps");
    BOOST_TEST(product->device_type == "pump");
    BOOST_TEST(product->protocol_type == "OPC-UA");
    BOOST_TEST(product->data_format == "binary");
    BOOST_TEST(product->manufacturer_name == "ACME");
    BOOST_TEST(product->industry == "water");
    BOOST_TEST(product->description == "all");
    BOOST_TEST(product->app_id == "a");
    BOOST_TEST(product->service_capabilities.starts_with(R"([{"service_id":"s")"));
    BOOST_TEST(read_new_product(smallest())->data_format == "json");
}

BOOST_AUTO_TEST_CASE(each_field_is_taken_at_its_limit_and_refused_beyond) {
    const std::vector<std::pair<const char*, std::size_t>> limits{
        {"product_id", 36},        {"app_id", 36},   {"name", 64},        {"device_type", 32},
        {"manufacturer_name", 32}, {"industry", 64}, {"description", 128}};
    for (const auto& [key, characters] : limits) {
        BOOST_TEST(told(key, json::value(xs(characters))) == "", key);
        const std::string beyond = told(key, json::value(xs(characters + 1)));
        BOOST_TEST(beyond.starts_with(std::string{key} + " must be a text of "), beyond);
    }
    BOOST_TEST(told("protocol_type", "mqtt").starts_with("protocol_type must be one of MQTT, "));
    BOOST_TEST(told("data_format", "xml") ==
               "data_format must be one of json, binary, not \"xml\"");
    BOOST_TEST(told("name", "") != "");
}

BOOST_AUTO_TEST_CASE(services_are_checked_one_by_one) {
    json::array services(500, json::parse(R"({"service_id":"s"})"));
    BOOST_TEST(told("service_capabilities", services) == "");
    services.push_back(services[0]);
    BOOST_TEST(told("service_capabilities", services) ==
               "service_capabilities must be an array of at most 500 elements");
    BOOST_TEST(told_service("{}") == "service_capabilities[0].service_id must be there");
    BOOST_TEST(told_service(R"({"service_id":"s","option":"Any"})")
                   .starts_with("service_capabilities[0].option must be one of Master, "));
    BOOST_TEST(told_service(R"({"service_id":"s","properties":[{"property_name":"p"}]})") ==
               "service_capabilities[0].properties[0].data_type must be there");
    BOOST_TEST(told_service(R"({"service_id":"s","commands":[{}]})") ==
               "service_capabilities[0].commands[0].command_name must be there");
    const std::size_t around = std::string{R"([{"service_id":"s","x":""}])"}.size();
    const auto sized = [&](std::size_t bytes) {
        return told("service_capabilities",
                    json::array{json::object{{"service_id", "s"}, {"x", xs(bytes - around)}}});
    };
    BOOST_TEST(sized(512'000) == "");
    BOOST_TEST(sized(512'001) == "service_capabilities must have at most 512000 bytes");
}

BOOST_AUTO_TEST_CASE(an_update_changes_what_it_names) {
    auto product = read_new_product(smallest());
    BOOST_TEST_REQUIRE(product.has_value());
    const auto update = read_product_update(json::parse(R"({"name":"valves","description":"d"})"));
    BOOST_TEST_REQUIRE(update.has_value());
    update->apply_to(*product);
    BOOST_TEST(product->name == "valves");
    BOOST_TEST(product->description == "d");
    BOOST_TEST(product->device_type == "pump");
    BOOST_TEST(product->service_capabilities == "[]");
    BOOST_TEST(read_product_update(json::object{{"name", ""}}).has_error());
}

BOOST_AUTO_TEST_CASE(topics_have_a_suffix_and_a_permission) {
    const auto topics = read_product_topics(json::parse(
        R"({"topics":[{"topic":"alarm/high","permission":"PUBLISH"},
            {"topic":"set","permission":"SUBSCRIBE"},
            {"topic":"both","permission":"PUBLISH_AND_SUBSCRIBE"},{"topic":"Any_1"}]})"));
    BOOST_TEST_REQUIRE(topics.has_value());
    BOOST_TEST_REQUIRE(topics->size() == 4U);
    BOOST_TEST((*topics)[0].suffix == "alarm/high");
    BOOST_TEST(((*topics)[0].may_publish && !(*topics)[0].may_subscribe));
    BOOST_TEST((!(*topics)[1].may_publish && (*topics)[1].may_subscribe));
    BOOST_TEST(((*topics)[2].may_publish && (*topics)[2].may_subscribe));
    BOOST_TEST(((*topics)[3].may_publish && (*topics)[3].may_subscribe));
    BOOST_TEST(told_topics(json::array{}) == "");
    BOOST_TEST(to_string(read_product_topics(json::object{}).error()) == "topics must be there");
}

BOOST_AUTO_TEST_CASE(a_suffix_keeps_its_rules) {
    BOOST_TEST(told_topics(json::array{topic(xs(64))}) == "");
    for (const std::string& wrong :
         {xs(65), std::string{}, std::string{"a+b"}, std::string{"#"}, std::string{"a b"},
          std::string{"a-b"}, std::string{"水"}, std::string{"{device_id}"}}) {
        BOOST_TEST(told_topics(json::array{topic(wrong)})
                       .starts_with("topics[0].topic must be a text of 1 to 64 characters"),
                   wrong);
    }
    for (const char* wrong : {"/a", "a//b", "//"}) {
        BOOST_TEST(told_topics(json::array{topic(wrong)}) ==
                       "topics[0].topic must not begin with / or have two / in a row",
                   wrong);
    }
    BOOST_TEST(told_topics(json::array{topic("a"), topic("a")}) ==
               "topics[1].topic must not be there twice");
    json::array many;
    for (std::size_t i = 0; i < product_topics_max; ++i)
        many.push_back(topic("t" + std::to_string(i)));
    BOOST_TEST(told_topics(many) == "");
    many.push_back(topic("one_more"));
    BOOST_TEST(told_topics(many) == "topics must be an array of at most 50 elements");
}

BOOST_AUTO_TEST_CASE(a_product_is_shown_as_it_was_read) {
    auto product = read_new_product(smallest());
    BOOST_TEST_REQUIRE(product.has_value());
    product->product_id = "p";
    product->topics = {{"a", true, false}, {"b", false, true}, {"c", true, true}};
    BOOST_TEST(json::serialize(product_json(*product)) ==
               R"({"app_id":"","product_id":"p","name":"pumps","device_type":"pump",)"
               R"("protocol_type":"MQTT","data_format":"json","manufacturer_name":"",)"
               R"("industry":"","description":"","service_capabilities":[],)"
               R"("create_time":"19700101T000000Z"})");
    const json::object shown = product_topics_json(*product);
    BOOST_TEST(json::serialize(shown) ==
               R"({"product_id":"p","topics":[{"topic":"a","permission":"PUBLISH"},)"
               R"({"topic":"b","permission":"SUBSCRIBE"},)"
               R"({"topic":"c","permission":"PUBLISH_AND_SUBSCRIBE"}]})");
    BOOST_TEST(read_product_topics(shown)->size() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
