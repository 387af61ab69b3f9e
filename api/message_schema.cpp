#include "api/message_schema.hpp"

#include "api/base64.hpp"
#include "api/json_text.hpp"
#include "base/limits.hpp"
#include "base/topic.hpp"
#include "base/utf8.hpp"

#include <array>
#include <optional>
#include <utility>

namespace holdfast::api {

namespace {

using delivery::ContentKind;
using delivery::DeviceMessage;
using delivery::Encoding;
using delivery::MessageProperties;
using delivery::PayloadFormat;
using delivery::TopicKind;

constexpr std::size_t text_characters_max = 128;
constexpr std::array encodings{Word<Encoding>{"none", Encoding::none},
                               Word<Encoding>{"base64", Encoding::base64}};
constexpr std::array payload_formats{Word<PayloadFormat>{"standard", PayloadFormat::standard},
                                     Word<PayloadFormat>{"raw", PayloadFormat::raw}};
/// Minutes.
constexpr IntegerRule ttl_rule{.min = 0, .max = 1440, .multiple_of = 5};

/// Letters, digits and _-?=$/. The contract allows # and + besides, which MQTT 5 forbids in a Response
/// Topic. [MQTT5-3.3.2-14]
bool is_of_response_topic(char32_t c) {
    constexpr std::u32string_view marks = U"?=$/";
    return identifier_alphabet.contains(c) || marks.find(c) != std::u32string_view::npos;
}
constexpr Alphabet response_topic_alphabet{
    is_of_response_topic, "letters, digits and _-?=$/ without the wildcards # and +"};

std::string system_topic(std::string_view device_id) {
    return "$oc/devices/" + std::string{device_id} + "/sys/messages/down";
}

void read_topic(JsonFields& fields, std::string_view device_id, DeviceMessage& message) {
    const TextRule rule{.characters_min = 1, .characters_max = text_characters_max};
    const auto suffix = fields.find_text("topic", rule);
    const auto full_name = fields.find_text("topic_full_name", rule);
    const auto must_be_a_name = [&](std::string_view key, std::string_view topic) {
        if (is_valid_utf8_string(topic) && is_valid_topic_name(topic, unlimited)) return;
        fields.fail(key, "must be a topic without wildcards and without U+0000");
    };
    if (suffix && full_name) {
        fields.fail("topic", "and topic_full_name exclude each other");
    } else if (suffix) {
        must_be_a_name("topic", *suffix);
        message.topic_kind = TopicKind::user;
        message.topic = user_topic_prefix(device_id).append(*suffix);
    } else if (full_name) {
        must_be_a_name("topic_full_name", *full_name);
        message.topic_kind = TopicKind::full;
        message.topic = *full_name;
    } else {
        message.topic = system_topic(device_id);
    }
}

void check_content_size(JsonFields& fields, std::size_t bytes) {
    if (bytes <= content_bytes_max) return;
    fields.fail("message", "must be at most " + std::to_string(content_bytes_max) +
                               " bytes long, not " + std::to_string(bytes));
}

/// After encoding was read.
void read_content(JsonFields& fields, std::string_view text, DeviceMessage& message) {
    const boost::json::value* const value = fields.value("message");
    if (value == nullptr) return;
    const bool is_base64 = message.encoding == Encoding::base64;
    if (value->is_string()) {
        message.content = std::string_view{value->get_string()};
        const auto bytes = is_base64 ? base64_decoded_size(message.content)
                                     : std::optional{message.content.size()};
        if (!bytes) {
            fields.fail("message", "must be Base64 with padding, as encoding says");
        } else {
            check_content_size(fields, *bytes);
        }
        return;
    }
    if (is_base64) fields.fail("message", "must be a text when encoding is base64");
    if (fields.failed()) return;  // then `text` is perhaps no object
    message.content_kind = ContentKind::json;
    message.content = compact_json(find_member_text(text, "message"));
    check_content_size(fields, message.content.size());
}

std::optional<MessageProperties> read_properties(JsonFields& fields) {
    const TextRule key_rule{.characters_min = 1,
                            .characters_max = text_characters_max,
                            .alphabet = identifier_alphabet};
    auto given = fields.find_object("properties");
    if (!given) return std::nullopt;
    MessageProperties properties;
    const TextRule correlation_rule{.characters_max = text_characters_max,
                                    .alphabet = identifier_alphabet};
    properties.correlation_data = given->find_text("correlation_data", correlation_rule);
    const TextRule response_rule{.characters_min = 1,
                                 .characters_max = text_characters_max,
                                 .alphabet = response_topic_alphabet};
    properties.response_topic = given->find_text("response_topic", response_rule);
    const TextRule value_rule{.characters_max = text_characters_max,
                              .alphabet = spaced_name_alphabet};
    for (JsonFields& property : given->find_objects("user_properties", user_properties_max)) {
        const std::string_view key = property.text("prop_key", key_rule);
        const std::string_view value = property.text("prop_value", value_rule);
        properties.user_properties.push_back({std::string{key}, std::string{value}});
    }
    return properties;
}

}  // namespace

const TextRule& identifier_rule() {
    static const TextRule rule{.characters_min = 1,
                               .characters_max = text_characters_max,
                               .alphabet = identifier_alphabet};
    return rule;
}

std::string user_topic_prefix(std::string_view device_id) {
    return "$oc/devices/" + std::string{device_id} + "/user/";
}

boost::system::result<DeviceMessage, FieldError> read_message(std::string_view text,
                                                              const boost::json::value& body,
                                                              std::string_view device_id) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    DeviceMessage message;
    message.message_id = fields.find_text("message_id", identifier_rule()).value_or("");
    message.name = fields.find_text(
        "name", {.characters_max = text_characters_max, .alphabet = name_alphabet});
    message.encoding = fields.find_word("encoding", encodings);
    message.payload_format = fields.find_word("payload_format", payload_formats);
    read_content(fields, text, message);
    read_topic(fields, device_id, message);
    message.properties = read_properties(fields);
    const auto ttl = fields.find_integer("ttl", ttl_rule);
    if (ttl) message.ttl = std::chrono::minutes{*ttl};
    if (error) return std::move(*error);
    return message;
}

}  // namespace holdfast::api
