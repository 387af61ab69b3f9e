#include "api/handlers/async_commands.hpp"

#include "api/await_answer.hpp"
#include "api/awaited_catalogue.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/device_lookup.hpp"
#include "api/device_query.hpp"
#include "api/device_schema.hpp"
#include "api/json_body.hpp"
#include "api/json_text.hpp"
#include "api/message_refusals.hpp"
#include "api/paging.hpp"
#include "api/request_refusals.hpp"

#include <boost/json/serialize.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using ContextPtr = std::shared_ptr<const AsyncCommandsContext>;

enum class Commands : bool { live, ended };

Response json_text(std::string text) {
    text += '\n';
    return text_response(http::status::ok, "application/json", std::move(text));
}

/// 404 when there is none.
awaitable<Found<store::DevicePtr>> device_of(const Exchange& exchange, ContextPtr context) {
    const std::string device_id = exchange.parameter("device_id");
    if (!is_within(device_id, device_id_rule())) {
        co_return field_error_response({"device_id", to_string(device_id_rule()), {}});
    }
    co_return co_await find_device(context->catalogue, context->executor, device_id);
}

Response answer_of(const AsyncAcceptance& acceptance, const std::string& device_id) {
    using Kind = AsyncAcceptance::Kind;
    switch (acceptance.kind) {
        case Kind::accepted: return json_text(async_command_json(acceptance.command));
        case Kind::too_many_pending:
            return not_allowed("IOTDA.014175", "As many commands wait for the device as may: " +
                                                   std::to_string(pending_commands_max) + ".");
        case Kind::too_many_unanswered: return request_refusal(ReplyKind::too_many);
        case Kind::device_gone: return device_not_found(device_id);
        case Kind::stopping: {
            Response response =
                error_response(http::status::service_unavailable,
                               "the server is shutting down; nothing was kept or sent");
            response.set(http::field::retry_after, "1");
            return response;
        }
        case Kind::failed: return document_refusal(acceptance.error, command_words, {});
    }
    UNREACHABLE();
}

awaitable<Response> create_command(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (!body) co_return body.error();
    auto draft = read_async_command(exchange.body(), *body);
    if (!draft) co_return field_error_response(draft.error());
    auto device = co_await device_of(exchange, context);
    if (!device) co_return std::move(device.error());
    auto connected = co_await find_connected_device(context->catalogue, context->executor, *device);
    if (!connected) co_return std::move(connected.error());
    const std::string device_id = (*device)->device_id;
    NewAsyncCommand command{std::move(*device), std::move(*connected), std::move(*draft)};
    const auto begin = [&](auto done) { context->commands.accept(std::move(command), done); };
    const AsyncAcceptance acceptance = co_await await_answer<AsyncAcceptance>(begin);
    co_return answer_of(acceptance, device_id);
}

/// The commands that the query's filters leave.
boost::system::result<store::DocumentQuery, Response> read_query(const Exchange& exchange,
                                                                 const store::Device& device,
                                                                 Commands which) {
    const bool are_live = which == Commands::live;
    const auto times = read_time_range(exchange);
    if (times.has_error()) return times.error();
    store::DocumentQuery query;
    query.kind = store::DocumentKind::async_command;
    query.parent = parent_of_commands(device.number);
    query.created_from = times->from;
    query.created_until = times->until;
    if (const auto name = exchange.find_query("command_name")) {
        query.name = name_of_commands(are_live, *name);
    } else {
        query.name_prefix = name_prefix_of_commands(are_live);
    }
    if (const auto word = exchange.find_query("status")) {
        const auto status = async_command_status_of(*word);
        if (!status || is_live(*status) != are_live) {
            return field_error_response({"status",
                                         are_live
                                             ? "must be PENDING, SENT or DELIVERED"
                                             : "must be EXPIRED, SUCCESSFUL, FAILED or TIMEOUT",
                                         {}});
        }
        query.body_prefix = body_prefix_of(*status);
    }
    return query;
}

awaitable<Response> list_commands(Exchange exchange, ContextPtr context, Commands which) {
    const auto paging = read_paging(exchange);
    if (paging.has_error()) co_return paging.error();
    const auto device = co_await device_of(exchange, context);
    if (!device) co_return device.error();
    auto query = read_query(exchange, **device, which);
    if (query.has_error()) co_return query.error();
    query->paging = *paging;
    const AwaitedCatalogue catalogue{context->catalogue, context->executor};
    const auto [error, page] = co_await catalogue.list(std::move(*query));
    if (error) co_return document_refusal(error, command_words, {});
    JsonWriter writer;
    writer.begin_object();
    writer.text("device_id", (*device)->device_id);
    writer.begin_array("commands");
    for (const store::DocumentPtr& document : page.records) {
        writer.element(async_command_json(async_command_of(*document)));
    }
    writer.end_array();
    writer.json("page", boost::json::serialize(page_json(page.count, page.marker, *paging)));
    writer.end_object();
    co_return json_text(writer.take());
}

awaitable<Response> list_live(Exchange exchange, ContextPtr context) {
    co_return co_await list_commands(std::move(exchange), context, Commands::live);
}

awaitable<Response> list_ended(Exchange exchange, ContextPtr context) {
    co_return co_await list_commands(std::move(exchange), context, Commands::ended);
}

awaitable<Response> count_ended(Exchange exchange, ContextPtr context) {
    const auto device = co_await device_of(exchange, context);
    if (!device) co_return device.error();
    auto query = read_query(exchange, **device, Commands::ended);
    if (query.has_error()) co_return query.error();
    query->paging.limit = 0;
    const AwaitedCatalogue catalogue{context->catalogue, context->executor};
    const auto [error, page] = co_await catalogue.list(std::move(*query));
    if (error) co_return document_refusal(error, command_words, {});
    co_return json_response(http::status::ok, boost::json::object{{"count", page.count}});
}

awaitable<Response> show_command(Exchange exchange, ContextPtr context) {
    const std::string command_id = exchange.parameter("command_id");
    if (!is_command_id(command_id)) {
        co_return field_error_response({"command_id", "must be 24 hexadecimal digits", {}});
    }
    const auto device = co_await device_of(exchange, context);
    if (!device) co_return device.error();
    const AwaitedCatalogue catalogue{context->catalogue, context->executor};
    auto [error, document] =
        co_await catalogue.find(store::DocumentKind::async_command, command_id);
    const bool is_anothers = !error && document->parent != parent_of_commands((*device)->number);
    if (is_anothers) error = store::CatalogueError::not_found;
    if (error) co_return document_refusal(error, command_words, command_id);
    co_return json_text(async_command_json(async_command_of(*document)));
}

}  // namespace

void add_async_command_routes(Routes& routes, const AsyncCommandsContext& given) {
    const auto context = std::make_shared<const AsyncCommandsContext>(given);
    const std::string device = "/v5/iot/{project_id}/devices/{device_id}";
    const std::string commands = device + "/async-commands";
    const std::string history = device + "/async-commands-history";
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    routes.add(http::verb::post, commands, Action::async_commands_send, with(create_command),
               BodyKind::json);
    routes.add(http::verb::get, commands, Action::async_commands_query_list, with(list_live));
    routes.add(http::verb::get, commands + "/{command_id}", Action::async_commands_query,
               with(show_command));
    routes.add(http::verb::get, history, Action::async_commands_query_list, with(list_ended));
    routes.add(http::verb::post, history + "/count", Action::async_commands_query_list,
               with(count_ended));
}

}  // namespace holdfast::api
