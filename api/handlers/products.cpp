#include "api/handlers/products.hpp"

#include "api/await_answer.hpp"
#include "api/catalogue_events.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/json_body.hpp"
#include "api/paging.hpp"
#include "api/product_schema.hpp"
#include "base/digest.hpp"

#include <boost/json/array.hpp>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using store::ProductPtr;

using ContextPtr = std::shared_ptr<const ProductsContext>;
using ProductsPage = store::CataloguePage<ProductPtr>;

/// 24 digits as the contract's ids have them, newer ones behind older ones.
std::string make_product_id(const ProductsContext& context) {
    const auto now = std::chrono::floor<Seconds>(context.clock.wall_now()).time_since_epoch();
    const auto seconds = static_cast<std::uint32_t>(now.count());
    const std::array<std::uint8_t, 4> bytes{
        static_cast<std::uint8_t>(seconds >> 24U), static_cast<std::uint8_t>(seconds >> 16U),
        static_cast<std::uint8_t>(seconds >> 8U), static_cast<std::uint8_t>(seconds)};
    return to_hex(bytes) + random_hex(context.random, 8);
}

void tell(const ProductsContext& context, PlatformEventKind kind, const store::Product& product) {
    if (!is_told(context.sink, kind)) return;
    json::object body;
    if (kind != PlatformEventKind::product_deleted) body = product_json(product);
    const WallTime at = context.clock.wall_now();
    context.sink->on_platform_event(product_event(kind, product, body, at));
}

/// Empty: the request may go on. For paths with {product_id}.
std::optional<Response> refuse_request(const Exchange& exchange) {
    if (!is_within(exchange.parameter("product_id"), product_id_rule())) {
        return field_error_response({"product_id", to_string(product_id_rule()), {}});
    }
    return std::nullopt;
}

awaitable<Response> create_product(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    auto product = read_new_product(*body);
    if (product.has_error()) co_return field_error_response(product.error());
    if (product->app_id.empty()) product->app_id = context->installation.default_app_id;
    if (context->apps.find(product->app_id) == nullptr) co_return no_such_app(product->app_id);
    if (product->product_id.empty()) product->product_id = make_product_id(*context);
    product->created_at = context->clock.wall_now();
    const std::string product_id = product->product_id;
    const auto begin = [&](auto done) {
        context->catalogue.add_product(std::move(*product), context->executor, done);
    };
    const auto [error, added] = co_await await_answer<std::error_code, ProductPtr>(begin);
    if (error) co_return product_refusal(error, product_id);
    tell(*context, PlatformEventKind::product_created, *added);
    co_return json_response(http::status::created, product_json(*added));
}

awaitable<Response> list_products(Exchange exchange, ContextPtr context) {
    const auto paging = read_paging(exchange);
    if (paging.has_error()) co_return paging.error();
    store::ProductQuery query;
    query.app_id = exchange.find_query("app_id");
    query.name = exchange.find_query("product_name");
    query.paging = *paging;
    const auto begin = [&](auto done) {
        context->catalogue.list_products(std::move(query), context->executor, done);
    };
    const auto [error, page] = co_await await_answer<std::error_code, ProductsPage>(begin);
    if (error) co_return product_refusal(error, {});
    json::array products;
    for (const ProductPtr& product : page.records) {
        json::object shown = product_json(*product);
        shown.erase("service_capabilities");  // of the single product only, as the contract has it
        products.push_back(std::move(shown));
    }
    co_return json_response(
        http::status::ok,
        {{"products", std::move(products)}, {"page", page_json(page.count, page.marker, *paging)}});
}

/// Of GET: the product as `show` has it.
awaitable<Response> show_product(Exchange exchange, ContextPtr context,
                                 json::object (*show)(const store::Product&)) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const std::string product_id = exchange.parameter("product_id");
    const auto begin = [&](auto done) {
        context->catalogue.find_product(product_id, context->executor, done);
    };
    const auto [error, product] = co_await await_answer<std::error_code, ProductPtr>(begin);
    if (error) co_return product_refusal(error, product_id);
    co_return json_response(http::status::ok, show(*product));
}

/// Of PUT: changes the product, and answers with it as `show` has it.
awaitable<Response> change_product(std::string product_id, ContextPtr context,
                                   store::ProductChange change,
                                   json::object (*show)(const store::Product&)) {
    const auto begin = [&](auto done) {
        context->catalogue.change_product(product_id, std::move(change), context->executor, done);
    };
    const auto [error, product] = co_await await_answer<std::error_code, ProductPtr>(begin);
    if (error) co_return product_refusal(error, product_id);
    tell(*context, PlatformEventKind::product_updated, *product);
    co_return json_response(http::status::ok, show(*product));
}

awaitable<Response> update_product(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto update = read_product_update(*body);
    if (update.has_error()) co_return field_error_response(update.error());
    const auto change = [update = *update](store::Product& product) {
        update.apply_to(product);
        return std::error_code{};
    };
    co_return co_await change_product(exchange.parameter("product_id"), context, change,
                                      product_json);
}

awaitable<Response> replace_topics(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto topics = read_product_topics(*body);
    if (topics.has_error()) co_return field_error_response(topics.error());
    const auto change = [topics = *topics](store::Product& product) {
        product.topics = topics;
        return std::error_code{};
    };
    const std::string product_id = exchange.parameter("product_id");
    Response response =
        co_await change_product(product_id, context, change, product_topics_json);
    const bool is_changed = response.result() == http::status::ok;
    if (is_changed && context->topics != nullptr) context->topics->put(product_id, *topics);
    co_return response;
}

awaitable<Response> remove_product(Exchange exchange, ContextPtr context) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const std::string product_id = exchange.parameter("product_id");
    const auto begin = [&](auto done) {
        context->catalogue.remove_product(product_id, context->executor, done);
    };
    const std::error_code error = co_await await_answer<std::error_code>(begin);
    if (error) co_return product_refusal(error, product_id);
    context->policies.forget_target(PolicyTargetKind::product, product_id);
    if (context->topics != nullptr) context->topics->forget(product_id);
    store::Product gone;
    gone.product_id = product_id;
    tell(*context, PlatformEventKind::product_deleted, gone);
    co_return empty_response(http::status::no_content);
}

}  // namespace

void add_product_routes(Routes& routes, const ProductsContext& given) {
    const auto context = std::make_shared<const ProductsContext>(given);
    const std::string products = "/v5/iot/{project_id}/products";
    const std::string product = products + "/{product_id}";
    const std::string topics = product + "/topics";
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    const auto showing = [&context](json::object (*show)(const store::Product&)) {
        return [context, show](Exchange exchange) {
            return show_product(std::move(exchange), context, show);
        };
    };
    routes.add(http::verb::post, products, Action::products_create, with(create_product),
               BodyKind::json);
    routes.add(http::verb::get, products, Action::products_query_list, with(list_products));
    routes.add(http::verb::get, product, Action::products_query, showing(product_json));
    routes.add(http::verb::put, product, Action::products_modify, with(update_product),
               BodyKind::json);
    routes.add(http::verb::delete_, product, Action::products_delete, with(remove_product));
    routes.add(http::verb::get, topics, Action::products_query, showing(product_topics_json));
    routes.add(http::verb::put, topics, Action::products_modify, with(replace_topics),
               BodyKind::json);
}

}  // namespace holdfast::api
