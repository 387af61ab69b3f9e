#include "api/batch_schema.hpp"

#include "api/command_schema.hpp"
#include "api/contract_time.hpp"
#include "api/device_schema.hpp"
#include "api/group_schema.hpp"
#include "api/json_text.hpp"
#include "api/message_schema.hpp"
#include "api/product_schema.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr std::chrono::days schedule_max{7};
constexpr IntegerRule retry_count_rule{.min = 0, .max = 5};
constexpr IntegerRule retry_interval_rule{.min = 0, .max = 1440};
constexpr std::array types{
    Word<BatchTaskType>{"createMessages", BatchTaskType::create_messages},
    Word<BatchTaskType>{"createDevices", BatchTaskType::create_devices},
    Word<BatchTaskType>{"deleteDevices", BatchTaskType::delete_devices},
    Word<BatchTaskType>{"freezeDevices", BatchTaskType::freeze_devices},
    Word<BatchTaskType>{"unfreezeDevices", BatchTaskType::unfreeze_devices},
    Word<BatchTaskType>{"createCommands", BatchTaskType::create_commands},
    Word<BatchTaskType>{"createAsyncCommands", BatchTaskType::create_async_commands}};

bool is_of_task_name(char32_t c) {
    constexpr std::u32string_view others = U"?'#().,&%@!-";
    return others.find(c) == std::u32string_view::npos && name_alphabet.contains(c);
}
const TextRule name_rule{1, 128, {is_of_task_name, "Chinese, letters, digits and _"}};

/// The object's text without its spaces; empty: absent or wrong.
std::string find_object_text(JsonFields& fields, std::string_view text, std::string_view key) {
    const bool is_there = fields.find_object(key).has_value();
    if (!is_there || fields.failed()) return {};
    return compact_json(find_member_text(text, key));
}

std::vector<std::string> without_repetitions(const std::vector<std::string_view>& texts) {
    boost::unordered_flat_set<std::string_view> seen;
    std::vector<std::string> kept;
    for (const std::string_view text : texts) {
        if (seen.insert(text).second) kept.emplace_back(text);
    }
    return kept;
}

void read_schedule(JsonFields& policy, WallTime now, BatchPolicy& kept) {
    const auto text = policy.find_text("schedule_time", {});
    if (!text) return;
    kept.schedule_at = parse_contract_time(*text);
    // What is in the second that has begun is now.
    const bool is_in_time = kept.schedule_at && *kept.schedule_at > now - Seconds{60} &&
                            *kept.schedule_at <= now + schedule_max;
    if (is_in_time) return;
    policy.fail("schedule_time", "must be a UTC time as 20151212T121212Z within the next 7 days");
}

void read_policy(JsonFields& fields, WallTime now, BatchPolicy& kept) {
    auto policy = fields.find_object("task_policy");
    if (!policy) return;
    read_schedule(*policy, now, kept);
    const auto count = policy->find_integer("retry_count", retry_count_rule);
    const auto interval = policy->find_integer("retry_interval", retry_interval_rule);
    if (count.has_value() != interval.has_value()) {
        policy->fail("retry_count", "and retry_interval must come together");
    }
    kept.retry_count = static_cast<unsigned>(count.value_or(0));
    kept.retry_interval = std::chrono::minutes{interval.value_or(0)};
}

/// Every target gets the document.
bool has_document(BatchTaskType type) {
    return type == BatchTaskType::create_messages || type == BatchTaskType::create_commands ||
           type == BatchTaskType::create_async_commands;
}

/// What is wrong with the body of the request that is made for each target.
std::optional<FieldError> read_document(BatchTaskType type, const std::string& text,
                                        const json::value& document) {
    const auto error_of = [](const auto& read) {
        return read.has_error() ? std::optional{read.error()} : std::nullopt;
    };
    if (type == BatchTaskType::create_commands) return error_of(read_command(text, document));
    if (type == BatchTaskType::create_async_commands) {
        return error_of(read_async_command(text, document));
    }
    return error_of(read_message(text, document, "device"));
}

/// What every target gets is judged once, here; a device and its topics are each target's.
std::optional<FieldError> refuse_document(const NewBatchTask& batch, const json::value& body) {
    if (!has_document(batch.task.type)) return std::nullopt;
    if (batch.task.document.empty()) return FieldError{"document", "must be there", {}};
    auto error = read_document(batch.task.type, batch.task.document, body.at("document"));
    if (error) error->path = "document." + error->path;
    return error;
}

std::optional<FieldError> refuse_source(const NewBatchTask& batch) {
    const bool has_file = !batch.file_id.empty();
    if (batch.task.type == BatchTaskType::create_devices) {
        if (has_file) return std::nullopt;
        return FieldError{"document_source", "must be the id of a file with createDevices", {}};
    }
    if (has_document(batch.task.type) && has_file) {
        return FieldError{"document_source",
                          "must not be there with " + std::string{to_string(batch.task.type)},
                          {}};
    }
    if (has_file || !batch.targets.empty() || !batch.group_ids.empty()) return std::nullopt;
    return FieldError{"targets", "or targets_filter or document_source must be there", {}};
}

}  // namespace

boost::system::result<NewBatchTask, FieldError> read_new_batch_task(std::string_view text,
                                                                    const json::value& body,
                                                                    WallTime now) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    NewBatchTask batch;
    BatchTask& task = batch.task;
    task.app_id = fields.find_text("app_id", product_id_rule()).value_or("");
    task.name = fields.text("task_name", name_rule);
    const auto type = fields.find_word("task_type", types);
    if (!type) fields.fail("task_type", "must be there");
    task.type = type.value_or(BatchTaskType::create_messages);
    task.mode = fields.find_text("task_mode", {0, 64}).value_or("");
    task.ext_info = find_object_text(fields, text, "task_ext_info");
    task.document = find_object_text(fields, text, "document");
    task.targets_filter = find_object_text(fields, text, "targets_filter");
    batch.targets =
        without_repetitions(fields.find_texts("targets", batch_targets_max, device_id_rule()));
    if (auto filter = fields.find_object("targets_filter")) {
        batch.group_ids = without_repetitions(
            filter->find_texts("group_ids", batch_groups_max, document_id_rule()));
    }
    batch.file_id = fields.find_text("document_source", document_id_rule()).value_or("");
    task.document_source = batch.file_id;
    read_policy(fields, now, task.policy);
    if (!error) error = refuse_source(batch);
    if (!error) error = refuse_document(batch, body);
    if (error) return std::move(*error);
    return batch;
}

boost::system::result<std::vector<std::string>, FieldError> read_batch_targets(
    const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    std::vector<std::string> targets = without_repetitions(
        fields.find_texts("targets", batch_named_targets_max, device_id_rule()));
    if (error) return std::move(*error);
    return targets;
}

std::string batch_task_json(const BatchTask& task) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("task_id", task.task_id);
    writer.text("task_name", task.name);
    writer.text("task_type", to_string(task.type));
    writer.text("app_id", task.app_id);
    if (!task.mode.empty()) writer.text("task_mode", task.mode);
    if (!task.ext_info.empty()) writer.json("task_ext_info", task.ext_info);
    if (!task.targets_filter.empty()) writer.json("targets_filter", task.targets_filter);
    if (!task.document.empty()) writer.json("document", task.document);
    if (!task.document_source.empty()) writer.text("document_source", task.document_source);
    writer.begin_object("task_policy");
    if (task.policy.schedule_at) {
        writer.text("schedule_time", contract_time(*task.policy.schedule_at));
    }
    writer.number("retry_count", task.policy.retry_count);
    writer.number("retry_interval", task.policy.retry_interval.count());
    writer.end_object();
    writer.text("status", to_string(task.status));
    writer.begin_object("task_progress");
    const auto count = [&](std::string_view key, std::size_t number) {
        writer.number(key, static_cast<std::int64_t>(number));
    };
    count("total", task.progress.total());
    count("processing", task.progress.of(BatchTargetState::processing));
    count("success", task.progress.of(BatchTargetState::success));
    count("fail", task.progress.of(BatchTargetState::fail));
    count("waitting", task.progress.of(BatchTargetState::waiting));
    count("fail_wait_retry", task.progress.of(BatchTargetState::fail_wait_retry));
    count("stopped", task.progress.of(BatchTargetState::stopped));
    count("removed", task.progress.of(BatchTargetState::removed));
    writer.end_object();
    writer.text("create_time", contract_time(task.created_at));
    writer.end_object();
    return writer.take();
}

std::string batch_target_json(const BatchTarget& target) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("target", target.target);
    writer.text("status", to_string(target.state));
    if (!target.output.empty()) writer.text("output", target.output);
    if (!target.error_code.empty()) {
        writer.begin_object("error");
        writer.text("error_code", target.error_code);
        writer.text("error_msg", target.error_msg);
        writer.end_object();
    }
    writer.end_object();
    return writer.take();
}

}  // namespace holdfast::api
