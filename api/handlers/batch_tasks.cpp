#include "api/handlers/batch_tasks.hpp"

#include "api/await_answer.hpp"
#include "api/batch_schema.hpp"
#include "api/batch_targets.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/group_schema.hpp"
#include "api/json_body.hpp"
#include "api/json_text.hpp"
#include "api/paging.hpp"
#include "base/error.hpp"

#include <boost/json/serialize.hpp>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using store::DocumentKind;

using ContextPtr = std::shared_ptr<const BatchTasksContext>;

constexpr std::string_view too_many_active = "IOTDA.015392";
constexpr std::string_view is_not_over = "IOTDA.015393";
constexpr std::string_view wants_no_confirmation = "IOTDA.015394";
constexpr std::string_view is_over_already = "IOTDA.015397";

AwaitedCatalogue catalogue_of(const BatchTasksContext& context) {
    return {context.catalogue, context.executor};
}

std::string task_id_of(const Exchange& exchange) { return exchange.parameter("task_id"); }

Response task_refusal(std::error_code error, std::string_view task_id) {
    return document_refusal(error, task_words, task_id);
}

Response json_text(http::status status, std::string text) {
    text += '\n';
    return text_response(status, "application/json", std::move(text));
}

/// Right after a start, what was left by an earlier process is not known yet.
awaitable<void> until_ready(ContextPtr context) {
    const auto begin = [&](auto done) { context->runner.when_ready(done); };
    co_await await_answer<>(begin);
}

/// Empty: there is a place for one more task that is not over.
std::optional<Response> refuse_place(const BatchRunner::Place& place) {
    if (place != nullptr) return std::nullopt;
    return not_allowed(too_many_active,
                       "There are as many tasks that are not over as are allowed: " +
                           std::to_string(batch_tasks_active_max) + ".");
}

/// Keeps the task and its targets; else nothing of it is left. The task with its id.
Awaited<BatchTask> keep_task(ContextPtr context, BatchTask task, std::vector<BatchTarget> targets) {
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    const BatchTaskStatus status = std::exchange(task.status, BatchTaskStatus::initializing);
    const auto [failed, kept] = co_await catalogue.add(document_of(task), batch_tasks_max);
    if (failed) co_return std::tuple{failed, std::move(task)};
    task.task_id = kept->id;
    task.status = status;
    std::error_code error =
        co_await keep_batch_targets(catalogue, task.task_id, std::move(targets));
    if (!error) error = co_await context->runner.keep(task);
    if (!error) co_return std::tuple{error, std::move(task)};
    static_cast<void>(co_await catalogue.remove(DocumentKind::batch_task, task.task_id));
    co_return std::tuple{error, std::move(task)};
}

Action action_of(BatchTaskType type) {
    switch (type) {
        case BatchTaskType::create_messages: return Action::messages_send;
        case BatchTaskType::create_devices: return Action::devices_register;
        case BatchTaskType::delete_devices: return Action::devices_delete;
        case BatchTaskType::freeze_devices: return Action::devices_freeze;
        case BatchTaskType::unfreeze_devices: return Action::devices_unfreeze;
        case BatchTaskType::create_commands: return Action::commands_send;
        case BatchTaskType::create_async_commands: return Action::async_commands_send;
    }
    UNREACHABLE();
}

/// Empty: who asks may do to one device what the task does to many.
std::optional<Response> refuse_caller(const Exchange& exchange, BatchTaskType type) {
    const AppKeyPtr& key = exchange.caller().key;
    const Action action = action_of(type);
    if (!key || key->permissions.allow(action)) return std::nullopt;
    return not_allowed("IOTDA.000022", "The key does not have the permission " +
                                           std::string{name_of(action)} +
                                           ", which a task of this type needs.");
}

awaitable<Response> create_task(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const WallTime now = context->clock.wall_now();
    auto batch = read_new_batch_task(exchange.body(), *body, now);
    if (batch.has_error()) co_return field_error_response(batch.error());
    BatchTask task = batch->task;
    if (auto refusal = refuse_caller(exchange, task.type)) co_return std::move(*refusal);
    if (task.app_id.empty()) task.app_id = context->apps.default_app_id();
    if (context->apps.find(task.app_id) == nullptr) co_return no_such_app(task.app_id);
    co_await until_ready(context);
    BatchRunner::Place place = context->runner.reserve();
    if (auto refusal = refuse_place(place)) co_return std::move(*refusal);
    BatchTargets found = co_await find_batch_targets(catalogue_of(*context), *batch);
    if (found.refusal) co_return std::move(*found.refusal);
    const bool is_later = task.policy.schedule_at && *task.policy.schedule_at > now;
    task.status = is_later ? BatchTaskStatus::waiting : BatchTaskStatus::processing;
    task.rows = std::move(found.rows);
    task.progress.of(BatchTargetState::waiting) = found.targets.size();
    task.created_at = now;
    auto [error, kept] = co_await keep_task(context, std::move(task), found.targets);
    if (error) co_return task_refusal(error, {});
    const std::string shown = batch_task_json(kept);
    context->runner.begin(std::move(kept), std::move(found.targets), std::move(place));
    co_return json_text(http::status::created, shown);
}

/// With the figures of this moment, where it is not over.
BatchTask current(const BatchTasksContext& context, const store::Document& document) {
    if (auto active = context.runner.find(document.id)) return std::move(*active);
    return batch_task_of(document);
}

awaitable<Response> list_tasks(Exchange exchange, ContextPtr context) {
    const auto paging = read_paging(exchange);
    if (paging.has_error()) co_return paging.error();
    store::DocumentQuery query;
    query.kind = DocumentKind::batch_task;
    query.parent = exchange.find_query("app_id");
    query.name = exchange.find_query("task_type");
    query.paging = *paging;
    if (!query.name) co_return field_error_response({"task_type", "must be there", {}});
    if (const auto word = exchange.find_query("status")) {
        const auto status = batch_task_status_of(*word);
        if (!status) co_return field_error_response({"status", "must be a task's status", {}});
        query.body_prefix = body_prefix_of(*status);
    }
    const auto [error, page] = co_await catalogue_of(*context).list(std::move(query));
    if (error) co_return task_refusal(error, {});
    JsonWriter writer;
    writer.begin_object();
    writer.begin_array("batchtasks");
    for (const store::DocumentPtr& document : page.records) {
        writer.element(batch_task_json(current(*context, *document)));
    }
    writer.end_array();
    writer.json("page", json::serialize(page_json(page.count, page.marker, *paging)));
    writer.end_object();
    co_return json_text(http::status::ok, writer.take());
}

awaitable<Response> show_task(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "task_id")) co_return std::move(*refusal);
    const auto paging = read_paging(exchange);
    if (paging.has_error()) co_return paging.error();
    store::LinkQuery query;
    query.kind = store::LinkKind::task_target;
    query.source = task_id_of(exchange);
    query.target = exchange.find_query("target");
    query.paging = *paging;
    if (const auto word = exchange.find_query("task_detail_status")) {
        if (!batch_target_state_of(*word)) {
            co_return field_error_response({"task_detail_status", "must be a target's status", {}});
        }
        query.value_prefix = *word + " ";
    }
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    const auto [unknown, document] =
        co_await catalogue.find(DocumentKind::batch_task, task_id_of(exchange));
    if (unknown) co_return task_refusal(unknown, task_id_of(exchange));
    const auto [error, page] = co_await catalogue.list_links(std::move(query));
    if (error) co_return task_refusal(error, task_id_of(exchange));
    JsonWriter writer;
    writer.begin_object();
    writer.json("batchtask", batch_task_json(current(*context, *document)));
    writer.begin_array("task_details");
    for (const store::Link& link : page.records) {
        writer.element(batch_target_json(batch_target_of(link)));
    }
    writer.end_array();
    writer.json("page", json::serialize(page_json(page.count, page.marker, *paging)));
    writer.end_object();
    co_return json_text(http::status::ok, writer.take());
}

awaitable<Response> remove_task(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "task_id")) co_return std::move(*refusal);
    const std::string task_id = task_id_of(exchange);
    if (context->runner.find(task_id)) {
        co_return not_allowed(is_not_over, "The task is not over; stop it first.");
    }
    const std::error_code error =
        co_await catalogue_of(*context).remove(DocumentKind::batch_task, task_id);
    if (error) co_return task_refusal(error, task_id);
    co_return empty_response(http::status::no_content);
}

/// What an order to the runner came to; the task as it is then.
Response answer_of(const BatchTasksContext& context, BatchRunner::Obeyed obeyed,
                   const std::string& task_id) {
    switch (obeyed) {
        case BatchRunner::Obeyed::no_such_target:
            return field_error_response({"targets", "must be targets of the task", {}});
        case BatchRunner::Obeyed::not_kept:
            return task_refusal(std::make_error_code(std::errc::io_error), task_id);
        case BatchRunner::Obeyed::yes: break;
    }
    const auto task = context.runner.find(task_id);
    if (!task) return json_response(http::status::ok, json::object{});
    return json_text(http::status::ok, batch_task_json(*task));
}

boost::system::result<std::vector<std::string>, Response> read_targets(const Exchange& exchange) {
    const auto body = parse_json_body(exchange.body().empty() ? "{}" : exchange.body());
    if (body.has_error()) return body.error();
    auto targets = read_batch_targets(*body);
    if (targets.has_error()) return field_error_response(targets.error());
    return std::move(*targets);
}

awaitable<Response> stop_task(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "task_id")) co_return std::move(*refusal);
    const auto targets = read_targets(exchange);
    if (targets.has_error()) co_return targets.error();
    const std::string task_id = task_id_of(exchange);
    if (!context->runner.find(task_id)) {
        const auto [unknown, document] =
            co_await catalogue_of(*context).find(DocumentKind::batch_task, task_id);
        if (unknown) co_return task_refusal(unknown, task_id);
        co_return not_allowed(is_over_already, "The task is over.");
    }
    const auto obeyed = co_await context->runner.order(task_id, BatchRunner::Order::stop, *targets);
    co_return answer_of(*context, obeyed, task_id);
}

/// Of a task that is over: it goes on.
awaitable<std::optional<Response>> wake_task(ContextPtr context, std::string task_id) {
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    co_await until_ready(context);
    BatchRunner::Place place = context->runner.reserve();
    if (auto refusal = refuse_place(place)) co_return std::move(*refusal);
    const auto [unknown, document] = co_await catalogue.find(DocumentKind::batch_task, task_id);
    if (unknown) co_return task_refusal(unknown, task_id);
    BatchTask task = batch_task_of(*document);
    auto [error, targets] = co_await read_batch_targets(catalogue, task_id);
    if (error) co_return task_refusal(error, task_id);
    task.status = BatchTaskStatus::processing;
    task.policy.schedule_at.reset();
    const std::error_code failed = co_await context->runner.keep(task);
    if (failed) co_return task_refusal(failed, task_id);
    if (!context->runner.find(task_id)) {
        context->runner.begin(std::move(task), std::move(targets), std::move(place));
    }
    co_return std::nullopt;
}

awaitable<Response> retry_task(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "task_id")) co_return std::move(*refusal);
    const auto targets = read_targets(exchange);
    if (targets.has_error()) co_return targets.error();
    const std::string task_id = task_id_of(exchange);
    if (!context->runner.find(task_id)) {
        if (auto refusal = co_await wake_task(context, task_id)) co_return std::move(*refusal);
    }
    const auto obeyed =
        co_await context->runner.order(task_id, BatchRunner::Order::retry, *targets);
    co_return answer_of(*context, obeyed, task_id);
}

/// There are no tasks that wait for one: those that upgrade devices would.
awaitable<Response> confirm_task(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "task_id")) co_return std::move(*refusal);
    const auto [unknown, document] =
        co_await catalogue_of(*context).find(DocumentKind::batch_task, task_id_of(exchange));
    if (unknown) co_return task_refusal(unknown, task_id_of(exchange));
    co_return not_allowed(wants_no_confirmation, "The task does not wait for a confirmation.");
}

}  // namespace

void add_batch_task_routes(Routes& routes, const BatchTasksContext& given) {
    const auto context = std::make_shared<const BatchTasksContext>(given);
    const std::string tasks = "/v5/iot/{project_id}/batchtasks";
    const std::string task = tasks + "/{task_id}";
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    routes.add(http::verb::post, tasks, Action::batch_tasks_create, with(create_task),
               BodyKind::json);
    routes.add(http::verb::get, tasks, Action::batch_tasks_query_list, with(list_tasks));
    routes.add(http::verb::get, task, Action::batch_tasks_query, with(show_task));
    routes.add(http::verb::delete_, task, Action::batch_tasks_delete, with(remove_task));
    routes.add(http::verb::post, task + "/stop", Action::batch_tasks_modify, with(stop_task));
    routes.add(http::verb::post, task + "/retry", Action::batch_tasks_modify, with(retry_task));
    routes.add(http::verb::post, task + "/confirm", Action::batch_tasks_modify, with(confirm_task));
}

}  // namespace holdfast::api
