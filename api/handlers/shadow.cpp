#include "api/handlers/shadow.hpp"

#include "api/await_answer.hpp"
#include "api/command_schema.hpp"
#include "api/contract_time.hpp"
#include "api/device_lookup.hpp"
#include "api/device_schema.hpp"
#include "api/json_body.hpp"
#include "api/json_text.hpp"
#include "api/message_refusals.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

using boost::asio::awaitable;

using ContextPtr = std::shared_ptr<const ShadowContext>;

/// Empty: the request may go on.
std::optional<Response> refuse_request(const Exchange& exchange) {
    if (!is_within(exchange.parameter("device_id"), device_id_rule())) {
        return field_error_response({"device_id", to_string(device_id_rule()), {}});
    }
    const auto service_id = exchange.find_query("service_id");
    if (service_id && !is_within(*service_id, service_id_rule())) {
        return field_error_response({"service_id", to_string(service_id_rule()), {}});
    }
    return std::nullopt;
}

Response shadow_refusal(std::error_code error) {
    if (error == version_conflict) {
        return error_response(http::status::conflict, "IOTDA.014173",
                              "version is not that of the service's shadow; nothing was changed");
    }
    if (error == shadow_too_large) {
        return error_response(
            http::status::forbidden, "IOTDA.014174",
            "the shadow would be larger than " + std::to_string(shadow_bytes_max) + " bytes");
    }
    return store_failed(error);
}

Response shadow_response(const std::string& device_id, const Shadow& shadow) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("device_id", device_id);
    writer.json("shadow", shadow.to_json());
    writer.end_object();
    return text_response(http::status::ok, "application/json", writer.take() + "\n");
}

awaitable<Response> show(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    auto device = co_await find_device(context->catalogue, context->executor,
                                       exchange.parameter("device_id"));
    if (!device) co_return std::move(device.error());
    const auto begin = [&](auto done) {
        context->shadows.find((*device)->number, context->executor, done);
    };
    auto [error, shadow] = co_await await_answer<std::error_code, Shadow>(begin);
    if (error) co_return shadow_refusal(error);
    if (const auto service_id = exchange.find_query("service_id")) shadow.keep_only(*service_id);
    co_return shadow_response((*device)->device_id, shadow);
}

awaitable<Response> update(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const auto body = parse_json_body(exchange.body());
    if (!body) co_return body.error();
    const auto updates = read_desired(exchange.body(), *body);
    if (!updates) co_return field_error_response(updates.error());
    auto device = co_await find_device(context->catalogue, context->executor,
                                       exchange.parameter("device_id"));
    if (!device) co_return std::move(device.error());
    const ShadowOwner owner{(*device)->number, (*device)->device_id};
    const std::string time = contract_time(context->clock.wall_now());
    const auto begin = [&](auto done) {
        context->shadows.desire(owner, *updates, time, context->executor, done);
    };
    const auto [error, shadow] = co_await await_answer<std::error_code, Shadow>(begin);
    if (error) co_return shadow_refusal(error);
    co_return shadow_response(owner.device_id, shadow);
}

awaitable<Response> remove(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    auto device = co_await find_device(context->catalogue, context->executor,
                                       exchange.parameter("device_id"));
    if (!device) co_return std::move(device.error());
    const auto begin = [&](auto done) {
        context->shadows.remove((*device)->number, exchange.find_query("service_id"),
                                context->executor, done);
    };
    const std::error_code error = co_await await_answer<std::error_code>(begin);
    if (error) co_return shadow_refusal(error);
    co_return empty_response(http::status::no_content);
}

}  // namespace

void add_shadow_routes(Routes& routes, const ShadowContext& given) {
    const auto context = std::make_shared<const ShadowContext>(given);
    const auto answered_by = [&](awaitable<Response> (*handler)(Exchange, ContextPtr)) -> Handler {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    const std::string path = "/v5/iot/{project_id}/devices/{device_id}/shadow";
    routes.add(http::verb::get, path, Action::properties_query, answered_by(show));
    routes.add(http::verb::put, path, Action::properties_modify, answered_by(update),
               BodyKind::json);
    routes.add(http::verb::delete_, path, Action::properties_modify, answered_by(remove));
}

}  // namespace holdfast::api
