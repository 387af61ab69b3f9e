#include "api/batch_task.hpp"

#include "api/json_text.hpp"
#include "base/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr std::array types{
    std::pair{BatchTaskType::create_messages, std::string_view{"createMessages"}},
    std::pair{BatchTaskType::create_devices, std::string_view{"createDevices"}},
    std::pair{BatchTaskType::delete_devices, std::string_view{"deleteDevices"}},
    std::pair{BatchTaskType::freeze_devices, std::string_view{"freezeDevices"}},
    std::pair{BatchTaskType::unfreeze_devices, std::string_view{"unfreezeDevices"}},
    std::pair{BatchTaskType::create_commands, std::string_view{"createCommands"}},
    std::pair{BatchTaskType::create_async_commands, std::string_view{"createAsyncCommands"}}};
constexpr std::array statuses{
    std::pair{BatchTaskStatus::initializing, std::string_view{"Initializing"}},
    std::pair{BatchTaskStatus::waiting, std::string_view{"Waitting"}},
    std::pair{BatchTaskStatus::processing, std::string_view{"Processing"}},
    std::pair{BatchTaskStatus::stopping, std::string_view{"Stopping"}},
    std::pair{BatchTaskStatus::stopped, std::string_view{"Stopped"}},
    std::pair{BatchTaskStatus::success, std::string_view{"Success"}},
    std::pair{BatchTaskStatus::fail, std::string_view{"Fail"}},
    std::pair{BatchTaskStatus::partial_success, std::string_view{"PartialSuccess"}}};
constexpr std::array states{
    std::pair{BatchTargetState::waiting, std::string_view{"Waitting"}},
    std::pair{BatchTargetState::processing, std::string_view{"Processing"}},
    std::pair{BatchTargetState::success, std::string_view{"Success"}},
    std::pair{BatchTargetState::fail, std::string_view{"Fail"}},
    std::pair{BatchTargetState::fail_wait_retry, std::string_view{"FailWaitRetry"}},
    std::pair{BatchTargetState::stopped, std::string_view{"Stopped"}},
    std::pair{BatchTargetState::removed, std::string_view{"Removed"}}};

template <class Words, class Value>
std::string_view word_of(const Words& words, Value value) {
    const auto found =
        std::ranges::find_if(words, [value](const auto& word) { return word.first == value; });
    CHECK(found != words.end());
    return found->second;
}

template <class Value, std::size_t Count>
std::optional<Value> value_of(const std::array<std::pair<Value, std::string_view>, Count>& words,
                              std::string_view text) {
    for (const auto& [value, word] : words) {
        if (word == text) return value;
    }
    return std::nullopt;
}

std::int64_t milliseconds_of(WallTime time) { return time.time_since_epoch().count(); }
WallTime time_of(std::int64_t milliseconds) { return WallTime{Milliseconds{milliseconds}}; }

void write_text(JsonWriter& writer, std::string_view key, std::string_view text) {
    if (!text.empty()) writer.text(key, text);
}
void write_json(JsonWriter& writer, std::string_view key, std::string_view text) {
    if (!text.empty()) writer.json(key, text);
}

std::string read_text(const json::object& object, std::string_view key) {
    const json::value* const found = object.if_contains(key);
    return found == nullptr ? std::string{} : std::string{found->as_string()};
}
std::int64_t read_number(const json::object& object, std::string_view key) {
    const json::value* const found = object.if_contains(key);
    return found == nullptr ? 0 : found->to_number<std::int64_t>();
}
std::optional<WallTime> read_time(const json::object& object, std::string_view key) {
    if (!object.contains(key)) return std::nullopt;
    return time_of(read_number(object, key));
}

}  // namespace

std::string_view to_string(BatchTaskType type) { return word_of(types, type); }
std::string_view to_string(BatchTaskStatus status) { return word_of(statuses, status); }
std::string_view to_string(BatchTargetState state) { return word_of(states, state); }

std::optional<BatchTaskType> batch_task_type_of(std::string_view word) {
    return value_of(types, word);
}
std::optional<BatchTaskStatus> batch_task_status_of(std::string_view word) {
    return value_of(statuses, word);
}
std::optional<BatchTargetState> batch_target_state_of(std::string_view word) {
    return value_of(states, word);
}

std::size_t BatchProgress::total() const {
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

BatchTaskStatus final_status(const BatchProgress& progress) {
    const std::size_t succeeded = progress.of(BatchTargetState::success);
    if (progress.of(BatchTargetState::stopped) != 0) return BatchTaskStatus::stopped;
    if (succeeded == progress.total()) return BatchTaskStatus::success;
    return succeeded == 0 ? BatchTaskStatus::fail : BatchTaskStatus::partial_success;
}

std::string body_prefix_of(BatchTaskStatus status) {
    return status_prefix(to_string(status));
}

store::Document document_of(const BatchTask& task) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("status", to_string(task.status));  // first: lists look for it there
    writer.text("task_name", task.name);
    write_text(writer, "task_mode", task.mode);
    write_json(writer, "task_ext_info", task.ext_info);
    write_json(writer, "targets_filter", task.targets_filter);
    write_json(writer, "document", task.document);
    write_text(writer, "document_source", task.document_source);
    if (task.policy.schedule_at) {
        writer.number("schedule_at", milliseconds_of(*task.policy.schedule_at));
    }
    writer.number("retry_count", task.policy.retry_count);
    writer.number("retry_interval", task.policy.retry_interval.count());
    writer.begin_object("progress");
    for (const auto& [state, word] : states) {
        writer.number(word, static_cast<std::int64_t>(task.progress.of(state)));
    }
    writer.end_object();
    writer.end_object();
    store::Document document;
    document.kind = store::DocumentKind::batch_task;
    document.id = task.task_id;
    document.parent = task.app_id;
    document.name = to_string(task.type);
    document.body = writer.take();
    document.secret = task.rows;
    document.created_at = task.created_at;
    return document;
}

BatchTask batch_task_of(const store::Document& document) {
    const json::value parsed = json::parse(document.body);
    const json::object& body = parsed.as_object();
    const auto type = batch_task_type_of(document.name);
    const auto status = batch_task_status_of(read_text(body, "status"));
    CHECK(type && status);
    BatchTask task;
    task.task_id = document.id;
    task.app_id = document.parent;
    task.type = *type;
    task.status = *status;
    task.name = read_text(body, "task_name");
    task.mode = read_text(body, "task_mode");
    task.ext_info = find_member_text(document.body, "task_ext_info");
    task.targets_filter = find_member_text(document.body, "targets_filter");
    task.document = find_member_text(document.body, "document");
    task.document_source = read_text(body, "document_source");
    task.policy.schedule_at = read_time(body, "schedule_at");
    task.policy.retry_count = static_cast<unsigned>(read_number(body, "retry_count"));
    task.policy.retry_interval = std::chrono::minutes{read_number(body, "retry_interval")};
    const json::object& progress = body.at("progress").as_object();
    for (const auto& [state, word] : states) {
        task.progress.of(state) = static_cast<std::size_t>(read_number(progress, word));
    }
    task.rows = document.secret;
    task.created_at = document.created_at;
    return task;
}

store::Link link_of(std::string_view task_id, const BatchTarget& target) {
    JsonWriter writer;
    writer.begin_object();
    writer.number("tries", target.tries);
    if (target.row) writer.number("row", static_cast<std::int64_t>(*target.row));
    write_json(writer, "output", target.output);
    write_text(writer, "error_code", target.error_code);
    write_text(writer, "error_msg", target.error_msg);
    if (target.due) writer.number("due", milliseconds_of(*target.due));
    writer.end_object();
    return {store::LinkKind::task_target, std::string{task_id}, target.target,
            std::string{to_string(target.state)} + " " + writer.take()};
}

BatchTarget batch_target_of(const store::Link& link) {
    const std::size_t space = link.value.find(' ');
    CHECK(space != std::string::npos);
    const auto state = batch_target_state_of(std::string_view{link.value}.substr(0, space));
    CHECK(state);
    const std::string text = link.value.substr(space + 1);
    const json::value parsed = json::parse(text);
    const json::object& body = parsed.as_object();
    BatchTarget target;
    target.target = link.target;
    target.state = *state;
    target.tries = static_cast<unsigned>(read_number(body, "tries"));
    if (body.contains("row")) target.row = static_cast<std::size_t>(read_number(body, "row"));
    target.output = find_member_text(text, "output");
    target.error_code = read_text(body, "error_code");
    target.error_msg = read_text(body, "error_msg");
    target.due = read_time(body, "due");
    return target;
}

}  // namespace holdfast::api
