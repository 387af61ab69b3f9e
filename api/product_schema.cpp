#include "api/product_schema.hpp"

#include "api/contract_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr std::size_t services_max = 500;
constexpr std::size_t capabilities_bytes_max = 500 * 1024;
/// Properties, commands or events of one service.
constexpr std::size_t members_max = 500;

const TextRule name_rule{1, 64};
const TextRule device_type_rule{1, 32};
const TextRule manufacturer_rule{0, 32};
const TextRule industry_rule{0, 64};
const TextRule description_rule{0, 128};

using Words = std::string_view;
constexpr std::array protocol_types{
    Word<Words>{"MQTT", "MQTT"},     Word<Words>{"CoAP", "CoAP"},     Word<Words>{"HTTP", "HTTP"},
    Word<Words>{"HTTPS", "HTTPS"},   Word<Words>{"Modbus", "Modbus"}, Word<Words>{"ONVIF", "ONVIF"},
    Word<Words>{"OPC-UA", "OPC-UA"}, Word<Words>{"OPC-DA", "OPC-DA"}, Word<Words>{"Other", "Other"},
    Word<Words>{"TCP", "TCP"},       Word<Words>{"UDP", "UDP"}};
constexpr std::array data_formats{Word<Words>{"json", "json"}, Word<Words>{"binary", "binary"}};
constexpr std::array data_types{
    Word<Words>{"int", ""},    Word<Words>{"long", ""},     Word<Words>{"decimal", ""},
    Word<Words>{"string", ""}, Word<Words>{"DateTime", ""}, Word<Words>{"jsonObject", ""},
    Word<Words>{"enum", ""},   Word<Words>{"boolean", ""},  Word<Words>{"string list", ""}};
constexpr std::array options{Word<Words>{"Master", ""}, Word<Words>{"Mandatory", ""},
                             Word<Words>{"Optional", ""}};

enum class TopicPermission : std::uint8_t { publish, subscribe, both };
constexpr std::array permissions{
    Word<TopicPermission>{"PUBLISH", TopicPermission::publish},
    Word<TopicPermission>{"SUBSCRIBE", TopicPermission::subscribe},
    Word<TopicPermission>{"PUBLISH_AND_SUBSCRIBE", TopicPermission::both}};

/// Letters, digits, '_' and '/'.
const Alphabet suffix_alphabet{[](char32_t c) {
                                   return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') ||
                                          (c >= U'0' && c <= U'9') || c == U'_' || c == U'/';
                               },
                               "letters, digits, _ and /"};
const TextRule suffix_rule{1, 64, suffix_alphabet};

std::optional<std::string> to_owned(std::optional<std::string_view> text) {
    if (!text) return std::nullopt;
    return std::string{*text};
}

void check_property(JsonFields& property) {
    (void)property.text("property_name", name_rule);
    if (property.value("data_type") != nullptr) (void)property.find_word("data_type", data_types);
}

void check_service(JsonFields& service) {
    (void)service.text("service_id", name_rule);
    (void)service.find_text("service_type", {0, 64});
    (void)service.find_word("option", options);
    for (JsonFields& property : service.find_objects("properties", members_max)) {
        check_property(property);
    }
    for (JsonFields& command : service.find_objects("commands", members_max)) {
        (void)command.text("command_name", name_rule);
    }
    (void)service.find_objects("events", members_max);
}

/// As its JSON text: what it says is for applications and devices, not for us.
std::optional<std::string> find_capabilities(JsonFields& fields) {
    constexpr std::string_view key = "service_capabilities";
    const json::array* const services = fields.find_array(key, services_max);
    if (services == nullptr) return std::nullopt;
    for (JsonFields& service : fields.find_objects(key, services_max)) check_service(service);
    std::string text = json::serialize(*services);
    if (text.size() > capabilities_bytes_max) fields.fail(key, "must have at most 512000 bytes");
    return text;
}

/// The fields that a POST and a PUT have in common, none of them required.
ProductUpdate read_fields(JsonFields& fields) {
    ProductUpdate read;
    read.name = to_owned(fields.find_text("name", name_rule));
    read.device_type = to_owned(fields.find_text("device_type", device_type_rule));
    read.protocol_type = to_owned(fields.find_word("protocol_type", protocol_types));
    read.data_format = to_owned(fields.find_word("data_format", data_formats));
    read.manufacturer_name = to_owned(fields.find_text("manufacturer_name", manufacturer_rule));
    read.industry = to_owned(fields.find_text("industry", industry_rule));
    read.description = to_owned(fields.find_text("description", description_rule));
    read.service_capabilities = find_capabilities(fields);
    return read;
}

}  // namespace

TextRule product_id_rule() { return {1, 36, identifier_alphabet}; }

void ProductUpdate::apply_to(store::Product& product) const {
    const auto replace = [](std::string& value, const std::optional<std::string>& with) {
        if (with) value = *with;
    };
    replace(product.name, name);
    replace(product.device_type, device_type);
    replace(product.protocol_type, protocol_type);
    replace(product.data_format, data_format);
    replace(product.manufacturer_name, manufacturer_name);
    replace(product.industry, industry);
    replace(product.description, description);
    replace(product.service_capabilities, service_capabilities);
}

boost::system::result<store::Product, FieldError> read_new_product(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    store::Product product;
    product.product_id = fields.find_text("product_id", product_id_rule()).value_or("");
    product.app_id = fields.find_text("app_id", product_id_rule()).value_or("");
    product.data_format = "json";
    for (const char* required : {"name", "device_type", "protocol_type", "service_capabilities"}) {
        (void)fields.value(required);
    }
    read_fields(fields).apply_to(product);
    if (error) return std::move(*error);
    return product;
}

boost::system::result<ProductUpdate, FieldError> read_product_update(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    ProductUpdate update = read_fields(fields);
    if (error) return std::move(*error);
    return update;
}

boost::system::result<std::vector<store::ProductTopic>, FieldError> read_product_topics(
    const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    (void)fields.value("topics");
    std::vector<store::ProductTopic> topics;
    for (JsonFields& topic : fields.find_objects("topics", product_topics_max)) {
        const std::string_view suffix = topic.text("topic", suffix_rule);
        const TopicPermission permission =
            topic.find_word("permission", permissions).value_or(TopicPermission::both);
        if (suffix.starts_with('/') || suffix.find("//") != std::string_view::npos) {
            topic.fail("topic", "must not begin with / or have two / in a row");
        }
        if (std::ranges::find(topics, suffix, &store::ProductTopic::suffix) != topics.end()) {
            topic.fail("topic", "must not be there twice");
        }
        topics.push_back({std::string{suffix}, permission != TopicPermission::subscribe,
                          permission != TopicPermission::publish});
    }
    if (error) return std::move(*error);
    return topics;
}

json::object product_json(const store::Product& product) {
    return {{"app_id", product.app_id},
            {"product_id", product.product_id},
            {"name", product.name},
            {"device_type", product.device_type},
            {"protocol_type", product.protocol_type},
            {"data_format", product.data_format},
            {"manufacturer_name", product.manufacturer_name},
            {"industry", product.industry},
            {"description", product.description},
            {"service_capabilities", json::parse(product.service_capabilities)},
            {"create_time", contract_time(product.created_at)}};
}

json::object product_topics_json(const store::Product& product) {
    json::array topics;
    for (const store::ProductTopic& topic : product.topics) {
        TopicPermission permission = TopicPermission::both;
        if (!topic.may_subscribe) permission = TopicPermission::publish;
        if (!topic.may_publish) permission = TopicPermission::subscribe;
        const auto word = std::ranges::find(permissions, permission, &Word<TopicPermission>::value);
        topics.push_back(json::object{{"topic", topic.suffix}, {"permission", word->text}});
    }
    return {{"product_id", product.product_id}, {"topics", std::move(topics)}};
}

}  // namespace holdfast::api
