#include "api/message_report.hpp"

#include "api/base64.hpp"
#include "api/json_body.hpp"
#include "api/json_text.hpp"
#include "base/utf8.hpp"
#include "delivery/device_publication.hpp"

namespace holdfast::api {

namespace {

using delivery::PublicationProperties;

std::string text_of(std::string_view bytes) {
    return is_valid_utf8_string(bytes) ? std::string{bytes} : encode_base64(bytes);
}

std::string content_json(std::string_view payload) {
    if (parse_json(payload)) return compact_json(payload);
    std::string content;
    append_json_string(content, text_of(payload));
    return content;
}

void write_properties(JsonWriter& body, const PublicationProperties& properties) {
    body.begin_object("properties");
    if (properties.correlation_data) {
        body.text("correlation_data", text_of(*properties.correlation_data));
    }
    if (properties.response_topic) body.text("response_topic", *properties.response_topic);
    if (properties.content_type) body.text("content_type", *properties.content_type);
    if (!properties.user_properties.empty()) {
        body.begin_array("user_properties");
        for (const auto& [key, value] : properties.user_properties) {
            JsonWriter property;
            property.begin_object();
            property.text("prop_key", key);
            property.text("prop_value", value);
            property.end_object();
            body.element(property.take());
        }
        body.end_array();
    }
    body.end_object();
}

}  // namespace

std::string message_report_body(const delivery::DevicePublication& publication) {
    const auto properties = PublicationProperties::read(publication.properties);
    JsonWriter body;
    body.begin_object();
    body.text("topic", publication.topic);
    body.json("content", content_json(as_text(publication.payload)));
    if (!properties.is_empty()) write_properties(body, properties);
    body.end_object();
    return body.take();
}

}  // namespace holdfast::api
