#include "api/batch_requests.hpp"

#include "api/command_schema.hpp"
#include "api/contract_time.hpp"
#include "api/json_text.hpp"
#include "api/request_refusals.hpp"
#include "base/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using Kind = BatchOutcome::Kind;

/// The document with an id that is its own: of two members with the same name the last one counts.
std::string message_body(const BatchTask& task, const BatchTarget& target) {
    const std::string_view given = find_member_text(task.document, "message_id");
    if (!given.empty() && given != "null") return task.document;
    std::string body = task.document;
    CHECK(body.ends_with('}'));
    body.pop_back();
    return body + ",\"message_id\":\"" + task.task_id + "-" + std::to_string(target.tries) + "\"}";
}

/// Null: the answer is no object.
json::object object_of(const Response& response) {
    boost::system::error_code failed;
    json::value parsed = json::parse(response.body(), failed);
    if (failed || !parsed.is_object()) return {};
    return std::move(parsed.as_object());
}

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* const found = object.if_contains(key);
    return found != nullptr && found->is_string() ? std::string{found->get_string()}
                                                  : std::string{};
}

BatchOutcome failure(std::string code, std::string message) {
    return {Kind::failure, {}, std::move(code), std::move(message)};
}

/// A 201 may tell of a message that failed at once: ttl 0 and no device.
BatchOutcome outcome_of_message(const Response& response) {
    const json::object answer = object_of(response);
    const json::value* const result = answer.if_contains("result");
    const bool has_failed = result != nullptr && result->is_object() &&
                            text_of(result->get_object(), "status") == "FAILED";
    BatchOutcome outcome;
    if (has_failed) {
        const json::value* const info = result->get_object().if_contains("error_info");
        const bool has_info = info != nullptr && info->is_object();
        outcome = has_info ? failure(text_of(info->get_object(), "error_code"),
                                     text_of(info->get_object(), "error_msg"))
                           : failure("HOLDFAST.000500", "the message failed");
    }
    outcome.output = json::serialize(answer);
    return outcome;
}

/// A command that failed at once.
BatchOutcome outcome_of_async_command(const Response& response) {
    const json::object answer = object_of(response);
    BatchOutcome outcome;
    if (text_of(answer, "status") == "FAILED") {
        const json::object& info = answer.at("error_info").as_object();
        outcome = failure(text_of(info, "error_code"), text_of(info, "error_msg"));
    }
    outcome.output = compact_json(response.body());
    return outcome;
}

/// The device may have done what it was asked.
bool is_perhaps_done(std::string_view message) {
    return std::ranges::any_of(
        std::array{ReplyKind::gone, ReplyKind::too_late, ReplyKind::unreadable,
                   ReplyKind::stopping},
        [message](ReplyKind kind) { return failure_of(kind).message == message; });
}

BatchOutcome outcome_of_command(const Response& response) {
    const json::object answer = object_of(response);
    const bool is_answer = response.result_int() < 300;
    std::string code = text_of(answer, "error_code");
    std::string message = text_of(answer, "error_msg");
    BatchOutcome outcome;
    if (!is_answer) {
        const bool is_final = is_perhaps_done(message);
        const bool is_of_device = code == failure_of(ReplyKind::blocked).code;
        const unsigned status = response.result_int();
        const bool is_busy = status == 429 || status == 503 || status == 507;
        if (is_busy && !is_final && !is_of_device) return {Kind::busy, {}, {}, {}};
        outcome = failure(std::move(code), std::move(message));
        outcome.is_final = is_final;
        return outcome;
    }
    if (!says_done(answer.at("response").as_object())) {
        outcome = failure("IOTDA.014178", "The device has answered with a result_code not 0.");
    }
    outcome.output = compact_json(response.body());
    return outcome;
}

/// Of a device that was made, without what it logs in with: that is kept encrypted, and shown by the device.
BatchOutcome outcome_of_device(const Response& response) {
    const json::object answer = object_of(response);
    json::object shown;
    for (const std::string_view key : {"device_id", "node_id", "product_id", "app_id"}) {
        if (answer.contains(key)) shown[key] = answer.at(key);
    }
    return {Kind::success, json::serialize(shown), {}, {}};
}

bool is_done_already(const BatchTask& task, std::string_view code) {
    switch (task.type) {
        case BatchTaskType::delete_devices: return code == "IOTDA.014000";
        case BatchTaskType::freeze_devices: return code == "IOTDA.014039";
        case BatchTaskType::unfreeze_devices: return code == "IOTDA.014040";
        case BatchTaskType::create_messages:
        case BatchTaskType::create_devices:  // see is_made_by()
        case BatchTaskType::create_commands:
        case BatchTaskType::create_async_commands: break;
    }
    return false;
}

}  // namespace

InnerRequest request_of(const BatchTask& task, const BatchTarget& target,
                        const std::vector<std::string>& rows) {
    const std::string device = "/devices/" + target.target;
    switch (task.type) {
        case BatchTaskType::create_messages:
            return {http::verb::post, device + "/messages", message_body(task, target)};
        case BatchTaskType::create_devices:
            CHECK(target.row);
            return {http::verb::post, "/devices", rows.at(*target.row)};
        case BatchTaskType::delete_devices: return {http::verb::delete_, device, {}};
        case BatchTaskType::freeze_devices: return {http::verb::post, device + "/freeze", {}};
        case BatchTaskType::unfreeze_devices: return {http::verb::post, device + "/unfreeze", {}};
        case BatchTaskType::create_commands:
            return {http::verb::post, device + "/commands", task.document};
        case BatchTaskType::create_async_commands:
            return {http::verb::post, device + "/async-commands", task.document};
    }
    UNREACHABLE();
}

BatchOutcome outcome_of(const BatchTask& task, const Response& response, bool is_repeated) {
    if (task.type == BatchTaskType::create_commands) return outcome_of_command(response);
    const unsigned status = response.result_int();
    if (status == 429 || status == 503 || status == 507) return {Kind::busy, {}, {}, {}};
    if (status < 300) {
        if (task.type == BatchTaskType::create_async_commands) {
            return outcome_of_async_command(response);
        }
        if (task.type == BatchTaskType::create_messages) return outcome_of_message(response);
        if (task.type == BatchTaskType::create_devices) return outcome_of_device(response);
        return {};
    }
    const json::object answer = object_of(response);
    std::string code = text_of(answer, "error_code");
    if (is_repeated && is_done_already(task, code)) return {};
    return failure(std::move(code), text_of(answer, "error_msg"));
}

bool is_made_by(const BatchTask& task, const std::string& row, const Response& shown_device) {
    const json::object device = object_of(shown_device);
    const json::object wanted = json::parse(row).as_object();
    return text_of(device, "node_id") == text_of(wanted, "node_id") &&
           text_of(device, "create_time") >= contract_time(task.created_at);
}

}  // namespace holdfast::api
