#include "api/handlers/device_policies.hpp"

#include "api/awaited_catalogue.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/group_schema.hpp"
#include "api/json_body.hpp"
#include "api/paging.hpp"
#include "api/policy_schema.hpp"
#include "api/stored_documents.hpp"

#include <boost/json/array.hpp>

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
using store::LinkKind;

using ContextPtr = std::shared_ptr<const DevicePoliciesContext>;

AwaitedCatalogue catalogue_of(const DevicePoliciesContext& context) {
    return {context.catalogue, context.executor};
}

std::string policy_id_of(const Exchange& exchange) { return exchange.parameter("policy_id"); }

Response policy_refusal(std::error_code error, std::string_view policy_id) {
    return document_refusal(error, policy_words, policy_id);
}

awaitable<Response> create_policy(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    auto policy = read_new_policy(*body, context->policies);
    if (policy.has_error()) co_return field_error_response(policy.error());
    if (policy->app_id.empty()) policy->app_id = context->apps.default_app_id();
    if (context->apps.find(policy->app_id) == nullptr) co_return no_such_app(policy->app_id);
    policy->created_at = context->clock.wall_now();
    policy->updated_at = policy->created_at;
    const auto [error, kept] =
        co_await catalogue_of(*context).add(document_of(*policy), policies_max);
    if (error) co_return policy_refusal(error, {});
    context->policies.put(kept->id, policy->statements);
    co_return json_response(http::status::created, policy_json(policy_of(*kept)));
}

awaitable<Response> list_policies(Exchange exchange, ContextPtr context) {
    const auto paging = read_paging(exchange);
    if (paging.has_error()) co_return paging.error();
    store::DocumentQuery query;
    query.kind = DocumentKind::device_policy;
    query.parent = exchange.find_query("app_id");
    query.name = exchange.find_query("policy_name");
    query.paging = *paging;
    const auto [error, page] = co_await catalogue_of(*context).list(std::move(query));
    if (error) co_return policy_refusal(error, {});
    json::array policies;
    for (const store::DocumentPtr& document : page.records) {
        policies.push_back(policy_json(policy_of(*document)));
    }
    co_return json_response(
        http::status::ok,
        {{"policies", std::move(policies)}, {"page", page_json(page.count, page.marker, *paging)}});
}

awaitable<Response> show_policy(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "policy_id")) co_return std::move(*refusal);
    const auto [error, document] =
        co_await catalogue_of(*context).find(DocumentKind::device_policy, policy_id_of(exchange));
    if (error) co_return policy_refusal(error, policy_id_of(exchange));
    co_return json_response(http::status::ok, policy_json(policy_of(*document)));
}

awaitable<Response> update_policy(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "policy_id")) co_return std::move(*refusal);
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto update = read_policy_update(*body, context->policies);
    if (update.has_error()) co_return field_error_response(update.error());
    const auto change = [update = *update, now = store::CatalogueTime{context->clock.wall_now()}](
                            store::Document& document) {
        DevicePolicy policy = policy_of(document);
        update.apply_to(policy);
        policy.updated_at = now;
        document = document_of(policy);
        return std::error_code{};
    };
    const auto [error, document] = co_await catalogue_of(*context).change(
        DocumentKind::device_policy, policy_id_of(exchange), change);
    if (error) co_return policy_refusal(error, policy_id_of(exchange));
    const DevicePolicy policy = policy_of(*document);
    context->policies.put(policy.policy_id, policy.statements);
    co_return json_response(http::status::ok, policy_json(policy));
}

awaitable<Response> remove_policy(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "policy_id")) co_return std::move(*refusal);
    const std::string policy_id = policy_id_of(exchange);
    const std::error_code error =
        co_await catalogue_of(*context).remove(DocumentKind::device_policy, policy_id);
    if (error) co_return policy_refusal(error, policy_id);
    context->policies.remove(policy_id);
    co_return empty_response(http::status::no_content);
}

/// Empty: it is there.
awaitable<std::optional<Response>> refuse_target(ContextPtr context, PolicyTargetKind kind,
                                                 std::string id) {
    switch (kind) {
        case PolicyTargetKind::device: {
            const auto [error, device] = co_await catalogue_of(*context).find_device(id);
            if (error) co_return device_refusal(error, id);
            break;
        }
        case PolicyTargetKind::product: {
            const auto [error, product] = co_await catalogue_of(*context).find_product(id);
            if (error) co_return product_refusal(error, id);
            break;
        }
        case PolicyTargetKind::app: {
            if (context->apps.find(id) == nullptr) co_return no_such_app(id);
            break;
        }
    }
    co_return std::nullopt;
}

std::vector<store::Link> links_of(const std::string& policy_id, const PolicyBinding& binding) {
    std::vector<store::Link> links;
    for (const std::string& id : binding.ids) {
        links.push_back({LinkKind::policy_target, policy_id, target_text(binding.kind, id), {}});
    }
    return links;
}

enum class Change : bool { unbind, bind };

awaitable<Response> change_binding(Exchange exchange, ContextPtr context, Change what) {
    if (auto refusal = refuse_document_id(exchange, "policy_id")) co_return std::move(*refusal);
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto binding = read_policy_binding(*body);
    if (binding.has_error()) co_return field_error_response(binding.error());
    const std::string policy_id = policy_id_of(exchange);
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    const auto [unknown, policy] = co_await catalogue.find(DocumentKind::device_policy, policy_id);
    if (unknown) co_return policy_refusal(unknown, policy_id);
    const bool is_binding = what == Change::bind;
    for (const std::string& id : binding->ids) {
        if (!is_binding) break;
        if (auto refusal = co_await refuse_target(context, binding->kind, id)) {
            co_return std::move(*refusal);
        }
    }
    std::vector<store::Link> links = links_of(policy_id, *binding);
    std::error_code error;
    if (is_binding) {
        error = co_await catalogue.put_links(std::move(links));
    } else {
        error = co_await catalogue.remove_links(std::move(links));
    }
    if (error) co_return policy_refusal(error, policy_id);
    for (const std::string& id : binding->ids) {
        if (is_binding) context->policies.bind(policy_id, binding->kind, id);
        if (!is_binding) context->policies.unbind(policy_id, binding->kind, id);
    }
    json::array ids(binding->ids.begin(), binding->ids.end());
    co_return json_response(http::status::ok, {{"policy_id", policy_id},
                                               {"target_type", to_string(binding->kind)},
                                               {"target_ids", std::move(ids)}});
}

/// `target_type` and `target_id` of the query choose some of them.
awaitable<Response> list_targets(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_document_id(exchange, "policy_id")) co_return std::move(*refusal);
    const auto paging = read_paging(exchange);
    if (paging.has_error()) co_return paging.error();
    const std::string policy_id = policy_id_of(exchange);
    const AwaitedCatalogue catalogue = catalogue_of(*context);
    const auto [unknown, policy] = co_await catalogue.find(DocumentKind::device_policy, policy_id);
    if (unknown) co_return policy_refusal(unknown, policy_id);
    store::LinkQuery query;
    query.kind = LinkKind::policy_target;
    query.source = policy_id;
    query.paging = *paging;
    const auto word = exchange.find_query("target_type");
    const auto kind = target_kind_of(word.value_or(std::string{}));
    if (word && !kind) {
        co_return field_error_response({"target_type", "must be one of device, product, app", {}});
    }
    if (const auto id = exchange.find_query("target_id"); id && kind) {
        query.target = target_text(*kind, *id);
    } else if (kind) {
        query.target_prefix = target_text(*kind, {});
    }
    const auto [error, page] = co_await catalogue.list_links(std::move(query));
    if (error) co_return policy_refusal(error, policy_id);
    json::array targets;
    for (const store::Link& link : page.records) {
        const PolicyTarget target = target_of(link.target);
        targets.push_back(
            json::object{{"target_type", to_string(target.kind)}, {"target_id", target.id}});
    }
    co_return json_response(
        http::status::ok,
        {{"targets", std::move(targets)}, {"page", page_json(page.count, page.marker, *paging)}});
}

}  // namespace

Result<void> load_policies(store::Documents& documents, PolicyEnforcer& enforcer) {
    const auto policies = read_all(documents, DocumentKind::device_policy);
    if (!policies) return policies.error();
    const auto links = read_all(documents, LinkKind::policy_target);
    if (!links) return links.error();
    for (const store::DocumentPtr& document : *policies) {
        enforcer.put(document->id, policy_of(*document).statements);
    }
    for (const store::Link& link : *links) {
        const PolicyTarget target = target_of(link.target);
        enforcer.bind(link.source, target.kind, target.id);
    }
    return {};
}

void add_device_policy_routes(Routes& routes, const DevicePoliciesContext& given) {
    const auto context = std::make_shared<const DevicePoliciesContext>(given);
    const std::string policies = "/v5/iot/{project_id}/device-policies";
    const std::string policy = policies + "/{policy_id}";
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    const auto changing = [&context](Change what) {
        return [context, what](Exchange exchange) {
            return change_binding(std::move(exchange), context, what);
        };
    };
    routes.add(http::verb::post, policies, Action::policies_create, with(create_policy),
               BodyKind::json);
    routes.add(http::verb::get, policies, Action::policies_query_list, with(list_policies));
    routes.add(http::verb::get, policy, Action::policies_query, with(show_policy));
    routes.add(http::verb::put, policy, Action::policies_modify, with(update_policy),
               BodyKind::json);
    routes.add(http::verb::delete_, policy, Action::policies_delete, with(remove_policy));
    routes.add(http::verb::post, policy + "/bind", Action::policies_modify, changing(Change::bind),
               BodyKind::json);
    routes.add(http::verb::post, policy + "/unbind", Action::policies_modify,
               changing(Change::unbind), BodyKind::json);
    routes.add(http::verb::post, policy + "/list-targets", Action::policies_query,
               with(list_targets));
}

}  // namespace holdfast::api
