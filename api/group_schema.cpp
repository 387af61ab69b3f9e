#include "api/group_schema.hpp"

#include "api/json_body.hpp"
#include "api/product_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

const TextRule name_rule{1, 64, name_alphabet};
const TextRule description_rule{0, 64};

std::optional<std::string> to_owned(std::optional<std::string_view> text) {
    if (!text) return std::nullopt;
    return std::string{*text};
}

}  // namespace

TextRule document_id_rule() { return {1, 36, identifier_alphabet}; }

std::optional<Response> refuse_document_id(const Exchange& exchange, std::string_view name) {
    if (is_within(exchange.parameter(name), document_id_rule())) return std::nullopt;
    return field_error_response({std::string{name}, to_string(document_id_rule()), {}});
}

boost::system::result<DeviceGroup, FieldError> read_new_group(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    DeviceGroup group;
    group.name = fields.text("name", name_rule);
    group.description = fields.find_text("description", description_rule).value_or("");
    group.app_id = fields.find_text("app_id", product_id_rule()).value_or("");
    group.super_group_id = fields.find_text("super_group_id", document_id_rule()).value_or("");
    constexpr std::array types{Word<bool>{"STATIC", true}};
    static_cast<void>(fields.find_word("group_type", types));
    if (error) return std::move(*error);
    return group;
}

void GroupUpdate::apply_to(DeviceGroup& group) const {
    if (name) group.name = *name;
    if (description) group.description = *description;
}

boost::system::result<GroupUpdate, FieldError> read_group_update(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    GroupUpdate update;
    update.name = to_owned(fields.find_text("name", name_rule));
    update.description = to_owned(fields.find_text("description", description_rule));
    if (error) return std::move(*error);
    return update;
}

DeviceGroup group_of(const store::Document& document) {
    const json::value body = json::parse(document.body);
    return {.group_id = document.id,
            .app_id = document.parent,
            .name = document.name,
            .description = std::string{body.at("description").as_string()},
            .super_group_id = std::string{body.at("super_group_id").as_string()}};
}

store::Document document_of(const DeviceGroup& group) {
    store::Document document;
    document.kind = store::DocumentKind::device_group;
    document.id = group.group_id;
    document.parent = group.app_id;
    document.name = group.name;
    document.body = json::serialize(
        json::object{{"description", group.description}, {"super_group_id", group.super_group_id}});
    return document;
}

json::object group_json(const DeviceGroup& group) {
    json::object shown{{"group_id", group.group_id},
                       {"app_id", group.app_id},
                       {"name", group.name},
                       {"description", group.description},
                       {"group_type", "STATIC"}};
    if (!group.super_group_id.empty()) shown["super_group_id"] = group.super_group_id;
    return shown;
}

}  // namespace holdfast::api
