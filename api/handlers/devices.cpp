#include "api/handlers/devices.hpp"

#include "api/await_answer.hpp"
#include "api/catalogue_events.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/device_notes.hpp"
#include "api/device_query.hpp"
#include "api/device_schema.hpp"
#include "api/device_views.hpp"
#include "api/json_body.hpp"
#include "api/mailbox.hpp"
#include "api/paging.hpp"
#include "base/digest.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using store::Device;
using store::DevicePtr;

using ContextPtr = std::shared_ptr<const DevicesContext>;
using DevicesPage = store::CataloguePage<DevicePtr>;

constexpr std::size_t secret_bytes = 16;  // 32 digits, the longest that the contract allows

/// Empty: the request may go on. For paths with {device_id}.
std::optional<Response> refuse_request(const Exchange& exchange) {
    if (!is_within(exchange.parameter("device_id"), device_id_rule())) {
        return field_error_response({"device_id", to_string(device_id_rule()), {}});
    }
    return std::nullopt;
}

awaitable<std::tuple<std::error_code, DevicePtr>> find_device(ContextPtr context,
                                                              std::string device_id) {
    const auto begin = [&](auto done) {
        context->catalogue.find_device(std::move(device_id), context->executor, done);
    };
    co_return co_await await_answer<std::error_code, DevicePtr>(begin);
}

awaitable<std::tuple<std::error_code, DevicePtr>> change_device(ContextPtr context,
                                                                std::string device_id,
                                                                store::DeviceChange change) {
    const auto begin = [&](auto done) {
        context->catalogue.change_device(std::move(device_id), std::move(change), context->executor,
                                         done);
    };
    co_return co_await await_answer<std::error_code, DevicePtr>(begin);
}

DeviceViews views_of(const DevicesContext& context) {
    return DeviceViews{{.catalogue = context.catalogue,
                        .executor = context.executor,
                        .status = context.status,
                        .apps = context.apps}};
}

/// `shown`: the device, with or without its secrets; not looked at of one that is deleted.
void tell(const DevicesContext& context, PlatformEventKind kind, const Device& device,
          const json::object& shown) {
    if (!is_told(context.sink, kind)) return;
    const bool is_deleted = kind == PlatformEventKind::device_deleted;
    const json::object body = is_deleted ? json::object{} : without_secrets(shown);
    context.sink->on_platform_event(
        device_event(kind, device, body, context.clock.wall_now()));
}

/// What is not shown to who asked.
awaitable<void> tell_update(ContextPtr context, DevicePtr device) {
    if (!is_told(context->sink, PlatformEventKind::device_updated)) co_return;
    const json::object shown = co_await views_of(*context).show(device, SecretsShown::no);
    tell(*context, PlatformEventKind::device_updated, *device, shown);
}

/// Empty: the gateway is there, and a device behind it is at most the second level below.
awaitable<std::optional<Response>> refuse_gateway(ContextPtr context, std::string gateway_id) {
    for (int level = 0; !gateway_id.empty(); ++level) {
        constexpr int levels_max = 2;
        if (level == levels_max) {
            co_return field_error_response(
                {"gateway_id", "must be a device at most one level below another", {}});
        }
        const auto [error, gateway] = co_await find_device(context, gateway_id);
        if (error == store::CatalogueError::not_found) {
            co_return field_error_response({"gateway_id", "must be the id of a device", {}});
        }
        if (error) co_return device_refusal(error, gateway_id);
        gateway_id = gateway->gateway_id;
    }
    co_return std::nullopt;
}

/// What the application left to us.
void complete(Device& device, const DevicesContext& context) {
    if (device.product_id.empty()) device.product_id = context.installation.default_product_id;
    if (device.app_id.empty()) device.app_id = context.installation.default_app_id;
    if (device.device_id.empty()) device.device_id = device.product_id + "_" + device.node_id;
    const bool has_secret = device.auth_type == store::AuthType::secret;
    if (has_secret && device.secret.empty()) {
        device.secret = random_hex(context.random, secret_bytes);
    }
    device.created_at = context.clock.wall_now();
}

awaitable<Response> add_device(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    auto device = read_new_device(*body);
    if (device.has_error()) co_return field_error_response(device.error());
    complete(*device, *context);
    if (auto refusal = co_await refuse_gateway(context, device->gateway_id)) {
        co_return std::move(*refusal);
    }
    const std::string device_id = device->device_id;
    const std::string product_id = device->product_id;
    // At the last moment: a space that is being deleted counts its devices after this call.
    if (context->apps.find(device->app_id) == nullptr) co_return no_such_app(device->app_id);
    const auto begin = [&](auto done) {
        context->catalogue.add_device(std::move(*device), context->executor, done);
    };
    const auto [error, added] = co_await await_answer<std::error_code, DevicePtr>(begin);
    if (error == store::CatalogueError::not_found) co_return no_such_product(product_id);
    if (error) co_return device_refusal(error, device_id);
    json::object shown = co_await views_of(*context).show(added, SecretsShown::yes);
    tell(*context, PlatformEventKind::device_created, *added, shown);
    const bool has_gateway = !added->gateway_id.empty();
    if (has_gateway && context->sub_devices != nullptr) {
        context->sub_devices->on_sub_device_added(shown);
    }
    co_return json_response(http::status::created, std::move(shown));
}

awaitable<Response> list_devices(Exchange exchange, ContextPtr context) {
    const auto query = read_device_query(exchange);
    if (query.has_error()) co_return query.error();
    const auto begin = [&](auto done) {
        context->catalogue.list_devices(*query, context->executor, done);
    };
    const auto [error, page] = co_await await_answer<std::error_code, DevicesPage>(begin);
    if (error) co_return device_refusal(error, {});
    json::array devices = co_await views_of(*context).show_all(page.records);
    co_return json_response(http::status::ok,
                            {{"devices", std::move(devices)},
                             {"page", page_json(page.count, page.marker, query->paging)}});
}

awaitable<Response> show_device(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const auto [error, device] = co_await find_device(context, exchange.parameter("device_id"));
    if (error) co_return device_refusal(error, exchange.parameter("device_id"));
    json::object shown = co_await views_of(*context).show(device, SecretsShown::yes);
    co_return json_response(http::status::ok, std::move(shown));
}

awaitable<Response> update_device(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto update = read_device_update(*body);
    if (update.has_error()) co_return field_error_response(update.error());
    const auto change = [update = *update](Device& device) {
        update.apply_to(device);
        return std::error_code{};
    };
    const std::string device_id = exchange.parameter("device_id");
    const auto [error, device] = co_await change_device(context, device_id, change);
    if (error) co_return device_refusal(error, device_id);
    json::object shown = co_await views_of(*context).show(device, SecretsShown::yes);
    tell(*context, PlatformEventKind::device_updated, *device, shown);
    co_return json_response(http::status::ok, std::move(shown));
}

/// What a deleted device has left in its gateway's queue and among the documents.
awaitable<std::error_code> forget_rest(ContextPtr context, DevicePtr device) {
    if (!device->gateway_id.empty() && context->messages != nullptr) {
        auto keeper =
            co_await find_connected_device(context->catalogue, context->executor, device);
        if (keeper) {
            const Mailbox mailbox{device, std::move(*keeper)};
            const std::error_code failed =
                co_await empty_mailbox(*context->messages, *context->turns, mailbox);
            if (failed) co_return failed;
        }
    }
    const auto begin = [&](auto done) {
        DeviceNotes{context->catalogue.documents()}.remove(device->number, context->executor, done);
    };
    co_return co_await await_answer<std::error_code>(begin);
}

awaitable<Response> remove_device(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const std::string device_id = exchange.parameter("device_id");
    const auto [error, device] = co_await find_device(context, device_id);
    if (error) co_return device_refusal(error, device_id);
    const auto begin = [&](auto done) {
        context->catalogue.remove_device(device_id, context->executor, done);
    };
    const std::error_code removed = co_await await_answer<std::error_code>(begin);
    if (removed) co_return device_refusal(removed, device_id);
    context->policies.forget_target(PolicyTargetKind::device, device_id);
    tell(*context, PlatformEventKind::device_deleted, *device, {});
    const bool has_gateway = !device->gateway_id.empty();
    if (has_gateway && context->sub_devices != nullptr) {
        context->sub_devices->on_sub_device_removed(*device);
    }
    context->hooks.disconnect(device_id, DisconnectCause::deleted);
    const std::uint64_t number = device->number;
    const auto begin_messages = [&](auto done) {
        context->hooks.remove_messages(number, device_id, done);
    };
    const std::error_code failed = co_await await_answer<std::error_code>(begin_messages);
    // The next start finishes what could not be finished now.
    if (failed) co_return device_refusal(failed, device_id);
    const std::error_code kept = co_await forget_rest(context, device);
    if (kept) co_return device_refusal(kept, device_id);
    const auto begin_forgetting = [&](auto done) {
        context->catalogue.forget_removed_device(number, context->executor, done);
    };
    static_cast<void>(co_await await_answer<std::error_code>(begin_forgetting));
    co_return empty_response(http::status::no_content);
}

// What forbids a change is an error of it, and told as the contract does.

constexpr std::errc is_of_other_type = std::errc::wrong_protocol_type;
constexpr std::errc is_sub_device = std::errc::operation_not_permitted;
constexpr std::errc is_so_already = std::errc::operation_in_progress;

awaitable<Response> reset_secret(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    if (exchange.find_query("action_id") != "resetSecret") {
        co_return field_error_response({"action_id", "must be resetSecret", {}});
    }
    // The contract's SDKs send {}, others nothing.
    const auto body = parse_json_body(exchange.body().empty() ? "{}" : exchange.body());
    if (body.has_error()) co_return body.error();
    auto reset = read_secret_reset(*body);
    if (reset.has_error()) co_return field_error_response(reset.error());
    if (reset->secret.empty()) reset->secret = random_hex(context->random, secret_bytes);
    const auto change = [reset = *reset](Device& device) {
        if (device.auth_type != store::AuthType::secret) return make_error_code(is_of_other_type);
        (reset.is_secondary ? device.secondary_secret : device.secret) = reset.secret;
        return std::error_code{};
    };
    const std::string device_id = exchange.parameter("device_id");
    const auto [error, device] = co_await change_device(context, device_id, change);
    if (error == is_of_other_type) {
        co_return not_allowed("IOTDA.014182", "The device logs in with a certificate.");
    }
    if (error) co_return device_refusal(error, device_id);
    if (reset->force_disconnect) {
        context->hooks.disconnect(device_id, DisconnectCause::secret_reset);
    }
    co_return json_response(http::status::ok,
                            {{"device_id", device_id},
                             {"secret", reset->secret},
                             {"secret_type", reset->is_secondary ? "SECONDARY" : "PRIMARY"}});
}

awaitable<Response> reset_fingerprint(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const auto body = parse_json_body(exchange.body().empty() ? "{}" : exchange.body());
    if (body.has_error()) co_return body.error();
    const auto reset = read_fingerprint_reset(*body);
    if (reset.has_error()) co_return field_error_response(reset.error());
    const auto change = [reset = *reset](Device& device) {
        const bool has_some = device.auth_type == store::AuthType::certificates;
        if (!has_some) return make_error_code(is_of_other_type);
        (reset.is_secondary ? device.secondary_fingerprint : device.fingerprint) =
            reset.fingerprint;
        return std::error_code{};
    };
    const std::string device_id = exchange.parameter("device_id");
    const auto [error, device] = co_await change_device(context, device_id, change);
    if (error == is_of_other_type) {
        co_return not_allowed("IOTDA.014182", "The device logs in with a secret.");
    }
    if (error) co_return device_refusal(error, device_id);
    if (reset->force_disconnect) {
        context->hooks.disconnect(device_id, DisconnectCause::fingerprint_reset);
    }
    co_return json_response(http::status::ok,
                            {{"device_id", device_id},
                             {"fingerprint", reset->fingerprint},
                             {"fingerprint_type", reset->is_secondary ? "SECONDARY" : "PRIMARY"}});
}

awaitable<Response> freeze_device(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const std::string device_id = exchange.parameter("device_id");
    const auto change = [](Device& device) {
        if (!device.gateway_id.empty()) return std::make_error_code(is_sub_device);
        if (device.is_frozen) return std::make_error_code(is_so_already);
        device.is_frozen = true;
        return std::error_code{};
    };
    const auto [error, device] = co_await change_device(context, device_id, change);
    if (error == is_sub_device) {
        co_return not_allowed("IOTDA.014038",
                              "It is not allowed to freeze sub-devices, only gateways or directly "
                              "connected devices can be frozen.");
    }
    if (error == is_so_already) {
        co_return not_allowed("IOTDA.014039", "The device is frozen already.");
    }
    if (error) co_return device_refusal(error, device_id);
    context->hooks.disconnect(device_id, DisconnectCause::frozen);
    co_await tell_update(context, device);
    co_return empty_response(http::status::no_content);
}

awaitable<Response> unfreeze_device(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const std::string device_id = exchange.parameter("device_id");
    const auto change = [](Device& device) {
        if (!device.is_frozen) return std::make_error_code(is_so_already);
        device.is_frozen = false;
        return std::error_code{};
    };
    const auto [error, device] = co_await change_device(context, device_id, change);
    if (error == is_so_already) {
        co_return not_allowed("IOTDA.014040", "The device is not frozen, can not unfreeze.");
    }
    if (error) co_return device_refusal(error, device_id);
    co_await tell_update(context, device);
    co_return empty_response(http::status::no_content);
}

}  // namespace

void add_device_routes(Routes& routes, const DevicesContext& given) {
    const auto context = std::make_shared<const DevicesContext>(given);
    const std::string devices = "/v5/iot/{project_id}/devices";
    const std::string device = devices + "/{device_id}";
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    routes.add(http::verb::post, devices, Action::devices_register, with(add_device),
               BodyKind::json);
    routes.add(http::verb::get, devices, Action::devices_query_list, with(list_devices));
    routes.add(http::verb::get, device, Action::devices_query, with(show_device));
    routes.add(http::verb::put, device, Action::devices_modify, with(update_device),
               BodyKind::json);
    routes.add(http::verb::delete_, device, Action::devices_delete, with(remove_device));
    routes.add(http::verb::post, device + "/action", Action::devices_reset_secret,
               with(reset_secret), BodyKind::json);
    routes.add(http::verb::post, device + "/reset-fingerprint", Action::devices_reset_fingerprint,
               with(reset_fingerprint), BodyKind::json);
    routes.add(http::verb::post, device + "/freeze", Action::devices_freeze, with(freeze_device));
    routes.add(http::verb::post, device + "/unfreeze", Action::devices_unfreeze,
               with(unfreeze_device));
}

}  // namespace holdfast::api
