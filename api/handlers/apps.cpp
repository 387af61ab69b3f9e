#include "api/handlers/apps.hpp"

#include "api/awaited_catalogue.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/contract_time.hpp"
#include "api/json_body.hpp"
#include "api/product_schema.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <string>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using store::DocumentKind;

using ContextPtr = std::shared_ptr<const AppsContext>;

constexpr std::string_view still_in_use = "IOTDA.001091";
constexpr std::string_view is_default = "IOTDA.001092";

const TextRule name_rule{1, 64, name_alphabet};

AwaitedCatalogue catalogue_of(const AppsContext& context) {
    return {context.catalogue, context.executor};
}

/// Empty: the request may go on, and the space is there. For paths with {app_id}.
std::optional<Response> refuse_request(const AppsContext& context, const Exchange& exchange) {
    // Spaces are named as products are.
    if (!is_within(exchange.parameter("app_id"), product_id_rule())) {
        return field_error_response({"app_id", to_string(product_id_rule()), {}});
    }
    const bool is_there = context.apps.find(exchange.parameter("app_id")) != nullptr;
    if (!is_there) return no_such_app(exchange.parameter("app_id"));
    return std::nullopt;
}

json::object app_json(const Apps& apps, const App& app) {
    return {{"app_id", app.app_id},
            {"app_name", app.name},
            {"create_time", contract_time(app.created_at)},
            {"default_app", apps.is_default(app.app_id)}};
}

boost::system::result<std::string, Response> read_name(const Exchange& exchange) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) return body.error();
    std::optional<FieldError> error;
    JsonFields fields{*body, error};
    std::string name{fields.text("app_name", name_rule)};
    if (error) return field_error_response(*error);
    return name;
}

awaitable<Response> create_app(Exchange exchange, ContextPtr context) {
    auto name = read_name(exchange);
    if (name.has_error()) co_return std::move(name.error());
    const App made{{}, std::move(*name), context->clock.wall_now()};
    const auto [error, kept] = co_await catalogue_of(*context).add(document_of(made), apps_max);
    if (error) co_return app_refusal(error, {});
    const App app = app_of(*kept);
    context->apps.put(app);
    co_return json_response(http::status::created, app_json(context->apps, app));
}

/// Newest first, as other lists.
awaitable<Response> list_apps(Exchange exchange, ContextPtr context) {
    const auto wanted = exchange.find_query("default_app");
    if (wanted && *wanted != "true" && *wanted != "false") {
        co_return field_error_response({"default_app", "must be true or false", {}});
    }
    store::DocumentQuery query;
    query.kind = DocumentKind::app;
    query.paging.limit = apps_max;
    const auto [error, page] = co_await catalogue_of(*context).list(std::move(query));
    if (error) co_return app_refusal(error, {});
    json::array shown;
    for (const store::DocumentPtr& document : page.records) {
        const bool is_wanted =
            !wanted || (*wanted == "true") == context->apps.is_default(document->id);
        if (is_wanted) shown.push_back(app_json(context->apps, app_of(*document)));
    }
    co_return json_response(http::status::ok, {{"applications", std::move(shown)}});
}

awaitable<Response> show_app(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(*context, exchange)) co_return std::move(*refusal);
    const App& app = *context->apps.find(exchange.parameter("app_id"));
    co_return json_response(http::status::ok, app_json(context->apps, app));
}

awaitable<Response> update_app(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(*context, exchange)) co_return std::move(*refusal);
    const auto name = read_name(exchange);
    if (name.has_error()) co_return name.error();
    const std::string app_id = exchange.parameter("app_id");
    const auto change = [name = *name](store::Document& document) {
        document.name = name;
        return std::error_code{};
    };
    const auto [error, kept] =
        co_await catalogue_of(*context).change(DocumentKind::app, app_id, change);
    if (error) co_return app_refusal(error, app_id);
    const App app = app_of(*kept);
    if (context->apps.find(app_id) != nullptr) context->apps.put(app);  // else it is being deleted
    co_return json_response(http::status::ok, app_json(context->apps, app));
}

/// What was bound to the space goes with it; what could not is not found again, as ids are not used twice.
awaitable<void> remove_bindings(ContextPtr context, std::string app_id) {
    store::LinkQuery query;
    query.kind = store::LinkKind::policy_target;
    query.target = "app/" + app_id;
    query.paging.limit = policies_per_target_max;
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    auto [error, page] = co_await catalogue.list_links(std::move(query));
    if (error || page.records.empty()) co_return;
    static_cast<void>(co_await catalogue.remove_links(std::move(page.records)));
}

/// Empty: nothing belongs to it.
awaitable<std::optional<Response>> refuse_removal(ContextPtr context, std::string app_id) {
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    store::ProductQuery products;
    products.app_id = app_id;
    const auto [products_failed, of_products] = co_await catalogue.list_products(products);
    if (products_failed) co_return app_refusal(products_failed, app_id);
    store::DeviceQuery devices;
    devices.app_id = app_id;
    const auto [devices_failed, of_devices] = co_await catalogue.list_devices(devices);
    if (devices_failed) co_return app_refusal(devices_failed, app_id);
    if (of_products.count == 0 && of_devices.count == 0) co_return std::nullopt;
    co_return not_allowed(still_in_use, "The resource space still has " +
                                            std::to_string(of_products.count) + " products and " +
                                            std::to_string(of_devices.count) +
                                            " devices; delete those first.");
}

awaitable<Response> remove_app(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(*context, exchange)) co_return std::move(*refusal);
    const std::string app_id = exchange.parameter("app_id");
    if (context->apps.is_default(app_id)) {
        co_return not_allowed(is_default, "The default resource space cannot be deleted.");
    }
    const App app = *context->apps.find(app_id);
    context->apps.begin_removal(app_id);
    if (auto refusal = co_await refuse_removal(context, app_id)) {
        context->apps.put(app);
        co_return std::move(*refusal);
    }
    const std::error_code error = co_await catalogue_of(*context).remove(DocumentKind::app, app_id);
    if (error && error != store::CatalogueError::not_found) {
        context->apps.put(app);
        co_return app_refusal(error, app_id);
    }
    context->apps.erase(app_id);
    co_await remove_bindings(context, app_id);
    context->policies.forget_target(PolicyTargetKind::app, app_id);
    co_return empty_response(http::status::no_content);
}

}  // namespace

void add_app_routes(Routes& routes, const AppsContext& given) {
    const auto context = std::make_shared<const AppsContext>(given);
    const std::string apps = "/v5/iot/{project_id}/apps";
    const std::string app = apps + "/{app_id}";
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    routes.add(http::verb::post, apps, Action::apps_create, with(create_app), BodyKind::json);
    routes.add(http::verb::get, apps, Action::apps_query_list, with(list_apps));
    routes.add(http::verb::get, app, Action::apps_query, with(show_app));
    routes.add(http::verb::put, app, Action::apps_modify, with(update_app), BodyKind::json);
    routes.add(http::verb::delete_, app, Action::apps_delete, with(remove_app));
}

}  // namespace holdfast::api
