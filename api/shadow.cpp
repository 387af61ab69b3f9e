#include "api/shadow.hpp"

#include "api/command_schema.hpp"
#include "api/json_text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace holdfast::api {

namespace {

namespace json = boost::json;

std::string unquoted(std::string_view quoted) {
    return std::string{std::string_view{json::parse({quoted.data(), quoted.size()}).as_string()}};
}

std::string properties_json(const ShadowProperties& properties) {
    std::string object = "{";
    for (const auto& [name, value] : properties.values) {
        if (object.size() > 1) object += ',';
        append_json_string(object, name);
        object.append(":").append(value);
    }
    object += '}';
    JsonWriter writer;
    writer.begin_object();
    writer.json("properties", object);
    writer.text("event_time", properties.event_time);
    writer.end_object();
    return writer.take();
}

ShadowProperties parse_properties(std::string_view text) {
    ShadowProperties properties;
    if (text.empty()) return properties;
    properties.set(find_member_text(text, "properties"),
                   unquoted(find_member_text(text, "event_time")));
    return properties;
}

std::uint64_t parse_version(std::string_view text) {
    std::uint64_t version = 0;
    std::from_chars(text.data(), text.data() + text.size(), version);
    return version;
}

}  // namespace

void ShadowProperties::set(std::string_view object, std::string_view time) {
    event_time = time;
    for (const MemberText& member : member_texts(object)) {
        values.insert_or_assign(unquoted(member.key), std::string{member.value});
    }
}

void ShadowProperties::set(const ShadowProperties& newer) {
    event_time = newer.event_time;
    for (const auto& [name, value] : newer.values) values.insert_or_assign(name, value);
}

Shadow Shadow::parse(std::string_view text) {
    Shadow shadow;
    for (const std::string_view element : element_texts(text)) {
        ShadowService service;
        service.service_id = unquoted(find_member_text(element, "service_id"));
        service.desired = parse_properties(find_member_text(element, "desired"));
        service.reported = parse_properties(find_member_text(element, "reported"));
        service.version = parse_version(find_member_text(element, "version"));
        shadow.services_.push_back(std::move(service));
    }
    return shadow;
}

std::string Shadow::to_json() const {
    std::string text = "[";
    for (const ShadowService& service : services_) {
        JsonWriter writer;
        writer.begin_object();
        writer.text("service_id", service.service_id);
        if (!service.desired.event_time.empty()) {
            writer.json("desired", properties_json(service.desired));
        }
        if (!service.reported.event_time.empty()) {
            writer.json("reported", properties_json(service.reported));
        }
        writer.number("version", static_cast<std::int64_t>(service.version));
        writer.end_object();
        if (text.size() > 1) text += ',';
        text += writer.take();
    }
    text += ']';
    return text;
}

ShadowService& Shadow::service(std::string_view service_id) {
    const auto known = std::ranges::find(services_, service_id, &ShadowService::service_id);
    if (known != services_.end()) return *known;
    ShadowService& made = services_.emplace_back();
    made.service_id = service_id;
    return made;
}

const ShadowService* Shadow::find(std::string_view service_id) const {
    const auto known = std::ranges::find(services_, service_id, &ShadowService::service_id);
    return known == services_.end() ? nullptr : &*known;
}

void Shadow::remove(std::string_view service_id) {
    std::erase_if(services_,
                  [&](const ShadowService& each) { return each.service_id == service_id; });
}

void Shadow::keep_only(std::string_view service_id) {
    std::erase_if(services_,
                  [&](const ShadowService& each) { return each.service_id != service_id; });
}

void Shadow::merge_reported(const std::vector<ReportedService>& services) {
    for (const ReportedService& reported : services) {
        service(reported.service_id).reported.set(reported.properties, reported.event_time);
    }
}

void Shadow::merge_reported(const Shadow& newer) {
    for (const ShadowService& each : newer.services_) {
        service(each.service_id).reported.set(each.reported);
    }
}

boost::system::result<std::vector<DesiredUpdate>, FieldError> read_desired(
    std::string_view text, const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    static_cast<void>(fields.value("shadow"));
    std::vector<JsonFields> services = fields.find_objects("shadow", reported_services_max);
    if (!error && services.empty()) fields.fail("shadow", "must have at least one element");
    if (error) return std::move(*error);
    const auto texts = element_texts(find_member_text(text, "shadow"));
    std::vector<DesiredUpdate> updates;
    for (std::size_t i = 0; i < services.size() && !error; ++i) {
        DesiredUpdate update;
        update.service_id = services[i].text("service_id", service_id_rule());
        static_cast<void>(services[i].object("desired"));
        const auto version = services[i].find_integer("version", {.min = 0});
        if (error) break;
        if (version) update.version = static_cast<std::uint64_t>(*version);
        update.desired = compact_json(find_member_text(texts[i], "desired"));
        updates.push_back(std::move(update));
    }
    if (error) return std::move(*error);
    return updates;
}

bool apply(const std::vector<DesiredUpdate>& updates, std::string_view time, Shadow& shadow) {
    for (const DesiredUpdate& update : updates) {
        const ShadowService* const known = shadow.find(update.service_id);
        const std::uint64_t version = known == nullptr ? 0 : known->version;
        if (update.version && *update.version != version) return false;
    }
    for (const DesiredUpdate& update : updates) {
        ShadowService& service = shadow.service(update.service_id);
        if (member_texts(update.desired).empty()) service.desired.values.clear();
        service.desired.set(update.desired, time);
        std::erase_if(service.desired.values,
                      [](const auto& each) { return each.second == "null"; });
        ++service.version;
    }
    return true;
}

}  // namespace holdfast::api
