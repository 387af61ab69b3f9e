#include "api/handlers/device_groups.hpp"

#include "api/awaited_catalogue.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/device_schema.hpp"
#include "api/group_schema.hpp"
#include "api/json_body.hpp"
#include "api/paging.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using store::DocumentKind;
using store::DocumentPtr;
using store::LinkKind;

using ContextPtr = std::shared_ptr<const DeviceGroupsContext>;

constexpr std::string_view has_groups = "IOTDA.015192";
constexpr std::string_view group_is_full = "IOTDA.015193";
constexpr std::string_view device_is_in_many = "IOTDA.015194";
constexpr std::string_view is_of_other_app = "IOTDA.015195";

AwaitedCatalogue catalogue_of(const DeviceGroupsContext& context) {
    return {context.catalogue, context.executor};
}

std::string group_id_of(const Exchange& exchange) { return exchange.parameter("group_id"); }

Response group_refusal(std::error_code error, std::string_view group_id) {
    return document_refusal(error, group_words, group_id);
}

/// Empty: it may stand there. A parent is of the same space, and not too deep itself.
awaitable<std::optional<Response>> refuse_parent(ContextPtr context, DeviceGroup group) {
    std::string above = group.super_group_id;
    for (std::size_t level = 1; !above.empty(); ++level) {
        if (level == group_levels_max) {
            co_return field_error_response(
                {"super_group_id", "must be a group with at most 3 others above it", {}});
        }
        const auto [error, document] =
            co_await catalogue_of(*context).find(DocumentKind::device_group, above);
        if (error == store::CatalogueError::not_found) {
            co_return field_error_response({"super_group_id", "must be the id of a group", {}});
        }
        if (error) co_return group_refusal(error, above);
        if (document->parent != group.app_id) {
            co_return field_error_response(
                {"super_group_id", "must be a group of the same resource space", {}});
        }
        above = group_of(*document).super_group_id;
    }
    co_return std::nullopt;
}

awaitable<Response> create_group(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    auto group = read_new_group(*body);
    if (group.has_error()) co_return field_error_response(group.error());
    if (group->app_id.empty()) group->app_id = context->apps.default_app_id();
    if (auto refusal = co_await refuse_parent(context, *group)) co_return std::move(*refusal);
    if (context->apps.find(group->app_id) == nullptr) co_return no_such_app(group->app_id);
    store::Document document = document_of(*group);
    document.created_at = context->clock.wall_now();
    const auto [error, kept] = co_await catalogue_of(*context).add(std::move(document), groups_max);
    if (error) co_return group_refusal(error, {});
    co_return json_response(http::status::created, group_json(group_of(*kept)));
}

awaitable<Response> list_groups(Exchange exchange, ContextPtr context) {
    const auto paging = read_paging(exchange);
    if (paging.has_error()) co_return paging.error();
    store::DocumentQuery query;
    query.kind = DocumentKind::device_group;
    query.parent = exchange.find_query("app_id");
    query.name = exchange.find_query("name");
    query.paging = *paging;
    const auto [error, page] = co_await catalogue_of(*context).list(std::move(query));
    if (error) co_return group_refusal(error, {});
    json::array groups;
    for (const DocumentPtr& document : page.records) {
        groups.push_back(group_json(group_of(*document)));
    }
    co_return json_response(http::status::ok,
                            {{"device_groups", std::move(groups)},
                             {"page", page_json(page.count, page.marker, *paging)}});
}

awaitable<Response> show_group(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "group_id")) co_return std::move(*refusal);
    const auto [error, document] =
        co_await catalogue_of(*context).find(DocumentKind::device_group, group_id_of(exchange));
    if (error) co_return group_refusal(error, group_id_of(exchange));
    co_return json_response(http::status::ok, group_json(group_of(*document)));
}

awaitable<Response> update_group(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "group_id")) co_return std::move(*refusal);
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto update = read_group_update(*body);
    if (update.has_error()) co_return field_error_response(update.error());
    const auto change = [update = *update](store::Document& document) {
        DeviceGroup group = group_of(document);
        update.apply_to(group);
        document.name = group.name;
        document.body = document_of(group).body;
        return std::error_code{};
    };
    const auto [error, document] = co_await catalogue_of(*context).change(
        DocumentKind::device_group, group_id_of(exchange), change);
    if (error) co_return group_refusal(error, group_id_of(exchange));
    co_return json_response(http::status::ok, group_json(group_of(*document)));
}

/// Its devices are in it no more; groups in it must go first.
awaitable<Response> remove_group(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "group_id")) co_return std::move(*refusal);
    const std::string group_id = group_id_of(exchange);
    store::DocumentQuery query;
    query.kind = DocumentKind::device_group;
    query.paging.limit = groups_max;
    const auto [failed, page] = co_await catalogue_of(*context).list(std::move(query));
    if (failed) co_return group_refusal(failed, group_id);
    const auto is_in_it = [&](const DocumentPtr& document) {
        return group_of(*document).super_group_id == group_id;
    };
    if (std::ranges::any_of(page.records, is_in_it)) {
        co_return not_allowed(has_groups, "Other groups stand in this one; delete those first.");
    }
    const std::error_code error =
        co_await catalogue_of(*context).remove(DocumentKind::device_group, group_id);
    if (error) co_return group_refusal(error, group_id);
    co_return empty_response(http::status::no_content);
}

awaitable<Response> list_group_devices(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "group_id")) co_return std::move(*refusal);
    const auto paging = read_paging(exchange);
    if (paging.has_error()) co_return paging.error();
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    const std::string group_id = group_id_of(exchange);
    const auto [unknown, group] = co_await catalogue.find(DocumentKind::device_group, group_id);
    if (unknown) co_return group_refusal(unknown, group_id);
    store::LinkQuery query;
    query.kind = LinkKind::group_device;
    query.source = group_id;
    query.paging = *paging;
    const auto [error, page] = co_await catalogue.list_links(std::move(query));
    if (error) co_return group_refusal(error, group_id);
    json::array devices;
    for (const store::Link& link : page.records) {
        const auto [gone, device] = co_await catalogue.find_device(link.target);
        if (gone) continue;
        devices.push_back(json::object{{"device_id", device->device_id},
                                       {"node_id", device->node_id},
                                       {"device_name", device->device_name},
                                       {"product_id", device->product_id}});
    }
    co_return json_response(
        http::status::ok,
        {{"devices", std::move(devices)}, {"page", page_json(page.count, page.marker, *paging)}});
}

/// How many links there are of those that `query` finds.
awaitable<std::size_t> count_links(ContextPtr context, store::LinkQuery query) {
    query.kind = LinkKind::group_device;
    query.paging.limit = 1;
    const auto [error, page] = co_await catalogue_of(*context).list_links(std::move(query));
    co_return error ? 0 : page.count;
}

/// Empty: the device may be put into the group.
awaitable<std::optional<Response>> refuse_device(ContextPtr context, DocumentPtr group,
                                                 std::string device_id) {
    const auto [error, device] = co_await catalogue_of(*context).find_device(device_id);
    if (error) co_return device_refusal(error, device_id);
    if (device->app_id != group->parent) {
        co_return not_allowed(is_of_other_app, "The device is of another resource space.");
    }
    store::LinkQuery of_group;
    of_group.source = group->id;
    if (co_await count_links(context, of_group) >= devices_per_group_max) {
        co_return not_allowed(group_is_full, "The group has as many devices as are allowed: " +
                                                 std::to_string(devices_per_group_max) + ".");
    }
    store::LinkQuery of_device;
    of_device.target = device_id;
    if (co_await count_links(context, of_device) >= groups_per_device_max) {
        co_return not_allowed(device_is_in_many,
                              "The device is in as many groups as are allowed: " +
                                  std::to_string(groups_per_device_max) + ".");
    }
    co_return std::nullopt;
}

awaitable<Response> act_on_device(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "group_id")) co_return std::move(*refusal);
    const auto action = exchange.find_query("action_id");
    if (action != "addDevice" && action != "removeDevice") {
        co_return field_error_response({"action_id", "must be addDevice or removeDevice", {}});
    }
    const std::string device_id = exchange.find_query("device_id").value_or(std::string{});
    if (!is_within(device_id, device_id_rule())) {
        co_return field_error_response({"device_id", to_string(device_id_rule()), {}});
    }
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    const std::string group_id = group_id_of(exchange);
    const auto [unknown, group] = co_await catalogue.find(DocumentKind::device_group, group_id);
    if (unknown) co_return group_refusal(unknown, group_id);
    std::vector<store::Link> links{{LinkKind::group_device, group_id, device_id, {}}};
    std::error_code error;
    if (action == "addDevice") {
        if (auto refusal = co_await refuse_device(context, group, device_id)) {
            co_return std::move(*refusal);
        }
        error = co_await catalogue.put_links(std::move(links));
    } else {
        error = co_await catalogue.remove_links(std::move(links));
    }
    if (error) co_return group_refusal(error, group_id);
    co_return json_response(http::status::ok, json::object{});
}

}  // namespace

void add_device_group_routes(Routes& routes, const DeviceGroupsContext& given) {
    const auto context = std::make_shared<const DeviceGroupsContext>(given);
    const std::string groups = "/v5/iot/{project_id}/device-group";
    const std::string group = groups + "/{group_id}";
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    routes.add(http::verb::post, groups, Action::groups_create, with(create_group), BodyKind::json);
    routes.add(http::verb::get, groups, Action::groups_query_list, with(list_groups));
    routes.add(http::verb::get, group, Action::groups_query, with(show_group));
    routes.add(http::verb::put, group, Action::groups_modify, with(update_group), BodyKind::json);
    routes.add(http::verb::delete_, group, Action::groups_delete, with(remove_group));
    routes.add(http::verb::get, group + "/devices", Action::groups_query, with(list_group_devices));
    routes.add(http::verb::post, group + "/action", Action::groups_modify, with(act_on_device));
}

}  // namespace holdfast::api
