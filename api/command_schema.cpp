#include "api/command_schema.hpp"

#include "api/json_text.hpp"
#include "api/message_schema.hpp"

#include <array>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr std::size_t services_max = 500;  // as many as a product may have
constexpr std::size_t async_paras_bytes_max = 32 * 1024;
/// 0 is as good as nothing.
constexpr IntegerRule expire_time_rule{.min = 0, .max = 2 * 86'400};
constexpr std::array strategies{Word<SendStrategy>{"delay", SendStrategy::delay},
                                Word<SendStrategy>{"immediately", SendStrategy::immediately}};

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

/// The member as it was written, without spaces between its tokens.
RequestDraft::Member member_of(std::string_view text, std::string_view key) {
    return {key, compact_json(find_member_text(text, key))};
}

void check_size(JsonFields& fields, const RequestDraft::Member& member,
                std::size_t bytes_max = content_bytes_max) {
    if (member.text.size() <= bytes_max) return;
    fields.fail(member.key, "must be at most " + std::to_string(bytes_max) + " bytes long, not " +
                                std::to_string(member.text.size()));
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

std::string_view to_string(SendStrategy strategy) {
    return strategies.at(static_cast<std::size_t>(strategy)).text;
}

std::optional<SendStrategy> send_strategy_of(std::string_view word) {
    for (const auto& [text, value] : strategies) {
        if (text == word) return value;
    }
    return std::nullopt;
}

boost::system::result<AsyncCommandDraft, FieldError> read_async_command(std::string_view text,
                                                                        const json::value& body) {
    auto request = read_command(text, body);
    if (!request) return request.error();
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    AsyncCommandDraft draft;
    check_size(fields, request->members.back(), async_paras_bytes_max);
    draft.request = std::move(*request);
    draft.command_name = fields.find_text("command_name", {}).value_or("");
    draft.strategy = fields.find_word("send_strategy", strategies).value_or(SendStrategy::delay);
    const auto expire_time = fields.find_integer("expire_time", expire_time_rule).value_or(0);
    if (expire_time != 0) draft.expire_time = Seconds{expire_time};
    if (draft.strategy == SendStrategy::immediately) draft.expire_time = Seconds{0};
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

bool says_done(const json::object& answer) {
    const json::value* const code = answer.if_contains("result_code");
    return code == nullptr || code->is_null() ||
           (code->is_number() && code->to_number<double>() == 0);
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
