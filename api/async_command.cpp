#include "api/async_command.hpp"

#include "api/contract_time.hpp"
#include "api/json_text.hpp"
#include "api/request_refusals.hpp"
#include "base/error.hpp"
#include "delivery/device_uplink.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using Status = AsyncCommandStatus;

constexpr std::array<std::string_view, 7> status_words{
    "PENDING", "SENT", "DELIVERED", "SUCCESSFUL", "FAILED", "EXPIRED", "TIMEOUT"};
constexpr std::string_view live_prefix = "live/";
constexpr std::string_view ended_prefix = "ended/";
constexpr std::string_view topic_part = "/sys/commands/request_id=";
/// Of a command's members, in the order in which the device gets them.
constexpr std::array<std::string_view, 3> members{"service_id", "command_name", "paras"};

std::int64_t milliseconds_of(WallTime time) { return time.time_since_epoch().count(); }

void write_instant(JsonWriter& writer, std::string_view key, const std::optional<WallTime>& time) {
    if (time) writer.number(key, milliseconds_of(*time));
}
void write_time(JsonWriter& writer, std::string_view key, const std::optional<WallTime>& time) {
    if (time) writer.text(key, contract_time(*time));
}
void write_members(JsonWriter& writer, const RequestDraft& request) {
    for (const RequestDraft::Member& member : request.members) writer.json(member.key, member.text);
}

std::string read_text(const json::object& object, std::string_view key) {
    const json::value* const found = object.if_contains(key);
    return found == nullptr ? std::string{} : std::string{found->as_string()};
}
std::optional<WallTime> read_instant(const json::object& object, std::string_view key) {
    const json::value* const found = object.if_contains(key);
    if (found == nullptr) return std::nullopt;
    return WallTime{Milliseconds{found->to_number<std::int64_t>()}};
}

/// What happened to it, for applications.
void write_course(JsonWriter& writer, const AsyncCommand& command) {
    writer.text("status", to_string(command.status));
    if (!command.result.empty()) writer.json("result", command.result);
    writer.text("created_time", contract_time(command.created_at));
    write_time(writer, "sent_time", command.sent_at);
    write_time(writer, "delivered_time", command.delivered_at);
    write_time(writer, "response_time", command.answered_at);
    if (command.error_code.empty()) return;
    writer.begin_object("error_info");
    writer.text("error_code", command.error_code);
    writer.text("error_msg", command.error_msg);
    writer.end_object();
}

}  // namespace

std::string_view to_string(AsyncCommandStatus status) {
    return status_words.at(static_cast<std::size_t>(status));
}

std::optional<AsyncCommandStatus> async_command_status_of(std::string_view word) {
    const auto found = std::ranges::find(status_words, word);
    if (found == status_words.end()) return std::nullopt;
    return static_cast<Status>(found - status_words.begin());
}

void set_error(AsyncCommand& command, ReplyKind why) {
    const RequestFailure failure = failure_of(why);
    command.error_code = failure.code;
    command.error_msg = failure.message;
}

std::string parent_of_commands(std::uint64_t device_number) {
    return std::to_string(device_number);
}

std::string_view name_prefix_of_commands(bool are_live) {
    return are_live ? live_prefix : ended_prefix;
}

std::string name_of_commands(bool are_live, std::string_view command_name) {
    return std::string{name_prefix_of_commands(are_live)}.append(command_name);
}

std::string body_prefix_of(AsyncCommandStatus status) {
    return status_prefix(to_string(status));
}

store::Document document_of(const AsyncCommand& command) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("status", to_string(command.status));  // first: lists look for it there
    writer.text("device_id", command.device_id);
    writer.text("connected_id", command.connected_id);
    write_members(writer, command.draft.request);
    writer.number("expire_time", command.draft.expire_time.count());
    writer.text("send_strategy", to_string(command.draft.strategy));
    write_instant(writer, "sent_at", command.sent_at);
    write_instant(writer, "delivered_at", command.delivered_at);
    write_instant(writer, "answered_at", command.answered_at);
    if (!command.result.empty()) writer.json("result", command.result);
    if (!command.error_code.empty()) {
        writer.text("error_code", command.error_code);
        writer.text("error_msg", command.error_msg);
    }
    writer.end_object();
    return {.kind = store::DocumentKind::async_command,
            .id = command.command_id,
            .parent = parent_of_commands(command.device_number),
            .name = name_of_commands(is_live(command.status), command.draft.command_name),
            .body = writer.take(),
            .secret = {},
            .created_at = command.created_at};
}

AsyncCommand async_command_of(const store::Document& document) {
    const json::value parsed = json::parse(document.body);
    const json::object& body = parsed.as_object();
    const auto status = async_command_status_of(read_text(body, "status"));
    const auto strategy = send_strategy_of(read_text(body, "send_strategy"));
    CHECK(status && strategy);
    AsyncCommand command;
    command.command_id = document.id;
    command.device_number = std::stoull(document.parent);
    command.device_id = read_text(body, "device_id");
    command.connected_id = read_text(body, "connected_id");
    for (const std::string_view key : members) {
        const std::string_view text = find_member_text(document.body, key);
        if (!text.empty()) command.draft.request.members.push_back({key, std::string{text}});
    }
    command.draft.command_name = read_text(body, "command_name");
    command.draft.expire_time = Seconds{body.at("expire_time").to_number<std::int64_t>()};
    command.draft.strategy = *strategy;
    command.status = *status;
    command.created_at = document.created_at;
    command.sent_at = read_instant(body, "sent_at");
    command.delivered_at = read_instant(body, "delivered_at");
    command.answered_at = read_instant(body, "answered_at");
    command.result = find_member_text(document.body, "result");
    command.error_code = read_text(body, "error_code");
    command.error_msg = read_text(body, "error_msg");
    return command;
}

store::DocumentChange document_change(std::function<void(AsyncCommand&)> change) {
    return [change = std::move(change)](store::Document& document) {
        AsyncCommand command = async_command_of(document);
        change(command);
        document = document_of(command);
        return std::error_code{};
    };
}

std::string payload_of(const AsyncCommand& command, bool object_device_id_always) {
    const bool is_named = object_device_id_always || command.device_id != command.connected_id;
    return payload_of(command.draft.request, is_named ? command.device_id : std::string{});
}

std::string topic_of(const AsyncCommand& command) {
    std::string topic{delivery::device_topics_prefix};
    return topic.append(command.connected_id).append(topic_part).append(command.command_id);
}

std::string_view find_command_id(std::string_view topic) {
    const std::size_t at = topic.find(topic_part);
    if (at == std::string_view::npos) return {};
    const std::string_view id = topic.substr(at + topic_part.size());
    return is_command_id(id) ? id : std::string_view{};
}

bool is_command_id(std::string_view text) {
    constexpr std::size_t digits = 24;
    return text.size() == digits &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string async_command_json(const AsyncCommand& command) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("device_id", command.device_id);
    writer.text("command_id", command.command_id);
    write_members(writer, command.draft.request);
    writer.number("expire_time", command.draft.expire_time.count());
    writer.text("send_strategy", to_string(command.draft.strategy));
    write_course(writer, command);
    writer.end_object();
    return writer.take();
}

std::string command_status_body(const AsyncCommand& command) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("command_id", command.command_id);
    write_course(writer, command);
    writer.end_object();
    return writer.take();
}

}  // namespace holdfast::api
