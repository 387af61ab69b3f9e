#include "api/handlers/tags.hpp"

#include "api/awaited_catalogue.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/json_body.hpp"
#include "api/paging.hpp"
#include "api/tag_schema.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;

using ContextPtr = std::shared_ptr<const TagsContext>;

constexpr std::string_view too_many_tags = "IOTDA.014183";

AwaitedCatalogue catalogue_of(const TagsContext& context) {
    return {context.catalogue, context.executor};
}

/// Those that the device has, and not by a key of `tags`.
std::size_t count_others(const std::vector<store::Link>& links, const std::vector<Tag>& tags) {
    return static_cast<std::size_t>(std::ranges::count_if(links, [&](const store::Link& link) {
        return std::ranges::none_of(tags, [&](const Tag& tag) { return tag.key == link.target; });
    }));
}

awaitable<Response> bind(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto binding = read_tag_binding(*body);
    if (binding.has_error()) co_return field_error_response(binding.error());
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    const auto [unknown, device] = co_await catalogue.find_device(binding->device_id);
    if (unknown) co_return device_refusal(unknown, binding->device_id);
    const auto [failed, page] = co_await catalogue.list_links(tags_query(binding->device_id));
    if (failed) co_return device_refusal(failed, binding->device_id);
    if (count_others(page.records, binding->tags) + binding->tags.size() > device_tags_max) {
        co_return not_allowed(too_many_tags, "A device has at most 10 tags.");
    }
    const std::error_code error = co_await catalogue.put_links(links_of(*binding));
    if (error) co_return device_refusal(error, binding->device_id);
    co_return json_response(http::status::ok, json::object{});
}

awaitable<Response> unbind(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto binding = read_tag_unbinding(*body);
    if (binding.has_error()) co_return field_error_response(binding.error());
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    const auto [unknown, device] = co_await catalogue.find_device(binding->device_id);
    if (unknown) co_return device_refusal(unknown, binding->device_id);
    const std::error_code error = co_await catalogue.remove_links(links_of(*binding));
    if (error) co_return device_refusal(error, binding->device_id);
    co_return json_response(http::status::ok, json::object{});
}

awaitable<Response> query(Exchange exchange, ContextPtr context) {
    const auto paging = read_paging(exchange);
    if (paging.has_error()) co_return paging.error();
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto tags = read_tag_query(*body);
    if (tags.has_error()) co_return field_error_response(tags.error());
    store::LinkQuery wanted;
    wanted.kind = store::LinkKind::device_tag;
    wanted.target = tags->front().key;
    wanted.value = tags->front().value;
    for (auto tag = tags->begin() + 1; tag != tags->end(); ++tag) {
        wanted.siblings.push_back({tag->key, tag->value});
    }
    wanted.paging = *paging;
    const auto [error, page] = co_await catalogue_of(*context).list_links(std::move(wanted));
    if (error) co_return device_refusal(error, {});
    json::array resources;
    for (const store::Link& link : page.records) {
        resources.push_back(json::object{{"resource_id", link.source}});
    }
    co_return json_response(http::status::ok,
                            {{"resources", std::move(resources)},
                             {"page", page_json(page.count, page.marker, *paging)}});
}

}  // namespace

void add_tag_routes(Routes& routes, const TagsContext& given) {
    const auto context = std::make_shared<const TagsContext>(given);
    const std::string tags = "/v5/iot/{project_id}/tags";
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    routes.add(http::verb::post, tags + "/bind-resource", Action::tags_bind, with(bind),
               BodyKind::json);
    routes.add(http::verb::post, tags + "/unbind-resource", Action::tags_unbind, with(unbind),
               BodyKind::json);
    routes.add(http::verb::post, tags + "/query-resources", Action::tags_query, with(query),
               BodyKind::json);
}

}  // namespace holdfast::api
