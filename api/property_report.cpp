#include "api/property_report.hpp"

#include "api/contract_time.hpp"
#include "api/device_schema.hpp"
#include "api/json_fields.hpp"
#include "api/json_text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using Services = std::vector<ReportedService>;

constexpr TextRule service_id_rule{.characters_min = 1, .characters_max = 64};
constexpr TextRule time_rule{.characters_max = 64};

bool is_contract_time(std::string_view text) {
    constexpr std::string_view form = "00000000T000000Z";
    return std::ranges::equal(text, form, [](char c, char expected) {
        return expected == '0' ? c >= '0' && c <= '9' : c == expected;
    });
}

/// `fields` and `text` are the same object.
Services read_services(JsonFields& fields, std::string_view text, WallTime now) {
    static_cast<void>(fields.value("services"));
    Services services;
    std::vector<JsonFields> objects = fields.find_objects("services", reported_services_max);
    if (fields.failed()) return services;
    const auto texts = element_texts(find_member_text(text, "services"));
    for (std::size_t i = 0; i < objects.size(); ++i) {
        JsonFields& service = objects[i];
        ReportedService reported;
        reported.service_id = service.text("service_id", service_id_rule);
        static_cast<void>(service.object("properties"));
        const std::string_view time = service.find_text("event_time", time_rule).value_or("");
        if (fields.failed()) return {};
        reported.event_time = is_contract_time(time) ? std::string{time} : contract_time(now);
        reported.properties = compact_json(find_member_text(texts[i], "properties"));
        services.push_back(std::move(reported));
    }
    return services;
}

}  // namespace

boost::system::result<DeviceReport, JsonProblem> read_property_report(std::string_view payload,
                                                                      WallTime now) {
    const auto parsed = parse_json(payload);
    if (!parsed) return parsed.error();
    std::optional<FieldError> error;
    JsonFields fields{*parsed, error};
    DeviceReport report;
    if (!error) report.services = read_services(fields, payload, now);
    if (error) return JsonProblem{to_string(*error)};
    return report;
}

boost::system::result<std::vector<DeviceReport>, JsonProblem> read_gateway_report(
    std::string_view payload, WallTime now) {
    const auto parsed = parse_json(payload);
    if (!parsed) return parsed.error();
    std::optional<FieldError> error;
    JsonFields fields{*parsed, error};
    std::vector<DeviceReport> reports;
    static_cast<void>(fields.value("devices"));
    std::vector<JsonFields> devices = fields.find_objects("devices", reported_devices_max);
    if (error) return JsonProblem{to_string(*error)};
    const auto texts = element_texts(find_member_text(payload, "devices"));
    for (std::size_t i = 0; i < devices.size() && !error; ++i) {
        DeviceReport report;
        report.device_id = devices[i].text("device_id", device_id_rule());
        report.services = read_services(devices[i], texts[i], now);
        reports.push_back(std::move(report));
    }
    if (error) return JsonProblem{to_string(*error)};
    return reports;
}

std::string property_event_body(const DeviceReport& report) {
    JsonWriter writer;
    writer.begin_object();
    writer.begin_array("services");
    for (const ReportedService& service : report.services) {
        JsonWriter element;
        element.begin_object();
        element.text("service_id", service.service_id);
        element.json("properties", service.properties);
        element.text("event_time", service.event_time);
        element.end_object();
        writer.element(element.take());
    }
    writer.end_array();
    writer.end_object();
    return writer.take();
}

}  // namespace holdfast::api
