#include "api/command_schema.hpp"

#include "api/json_text.hpp"
#include "api/message_schema.hpp"

#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr std::size_t services_max = 500;  // as many as a product may have

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

/// The member as it was written, without spaces between its tokens.
RequestDraft::Member member_of(std::string_view text, std::string_view key) {
    return {key, compact_json(find_member_text(text, key))};
}

void check_size(JsonFields& fields, const RequestDraft::Member& member) {
    if (member.text.size() <= content_bytes_max) return;
    fields.fail(member.key, "must be at most " + std::to_string(content_bytes_max) +
                                " bytes long, not " + std::to_string(member.text.size()));
}

}  // namespace

TextRule service_id_rule() { return {.characters_min = 1, .characters_max = 64}; }

boost::system::result<RequestDraft, FieldError> read_command(std::string_view text,
                                                             const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    const auto service_id = fields.find_text("service_id", {.characters_max = 64});
    const auto name = fields.find_text("command_name", {.characters_max = 128});
    static_cast<void>(fields.object("paras"));
    if (error) return std::move(*error);
    RequestDraft draft;
    if (service_id) draft.members.push_back({"service_id", quoted(*service_id)});
    if (name) draft.members.push_back({"command_name", quoted(*name)});
    draft.members.push_back(member_of(text, "paras"));
    check_size(fields, draft.members.back());
    if (error) return std::move(*error);
    return draft;
}

boost::system::result<RequestDraft, FieldError> read_properties_to_set(std::string_view text,
                                                                       const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    static_cast<void>(fields.value("services"));
    std::vector<JsonFields> services = fields.find_objects("services", services_max);
    for (JsonFields& service : services) {
        static_cast<void>(service.text("service_id", service_id_rule()));
        static_cast<void>(service.object("properties"));
    }
    if (!error && services.empty()) fields.fail("services", "must have at least one element");
    if (error) return std::move(*error);
    RequestDraft draft;
    draft.members.push_back(member_of(text, "services"));
    check_size(fields, draft.members.back());
    if (error) return std::move(*error);
    return draft;
}

boost::system::result<RequestDraft, FieldError> read_properties_query(
    const std::optional<std::string>& service_id) {
    if (!service_id) return FieldError{"service_id", "must be there", {}};
    if (!is_within(*service_id, service_id_rule())) {
        return FieldError{"service_id", to_string(service_id_rule()), quoted(*service_id)};
    }
    RequestDraft draft;
    draft.members.push_back({"service_id", quoted(*service_id)});
    return draft;
}

std::string payload_of(const RequestDraft& draft, std::string_view object_device_id) {
    JsonWriter writer;
    writer.begin_object();
    if (!object_device_id.empty()) writer.text("object_device_id", object_device_id);
    for (const RequestDraft::Member& member : draft.members) {
        writer.json(member.key, member.text);
    }
    writer.end_object();
    return writer.take();
}

}  // namespace holdfast::api
