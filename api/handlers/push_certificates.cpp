#include "api/handlers/push_certificates.hpp"

#include <algorithm>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using ContextPtr = PushRoutesContextPtr;

Response no_such_certificate(std::string_view id) {
    return document_refusal(store::CatalogueError::not_found, certificate_words, id);
}

awaitable<Response> create_certificate(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto certificate = read_new_certificate(*body, context->clock.wall_now());
    if (certificate.has_error()) co_return field_error_response(certificate.error());
    const auto keep = [context, certificate = *certificate](const std::string& id) mutable {
        certificate.certificate_id = id;
        context->pusher.change([&](PushBook& book) { book.certificates[id] = certificate; });
        return certificate_json(certificate);
    };
    co_return co_await add_document(context, document_of(*certificate), push_certificates_max,
                                    certificate_words, keep);
}

awaitable<Response> show_certificate(Exchange exchange, ContextPtr context) {
    const std::string id = exchange.parameter("certificate_id");
    const PushCertificate* const found = find_in(context->pusher.book().certificates, id);
    if (found == nullptr) co_return no_such_certificate(id);
    co_return json_response(http::status::ok, certificate_json(*found));
}

awaitable<Response> update_certificate(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const std::string id = exchange.parameter("certificate_id");
    const PushCertificate* const found = find_in(context->pusher.book().certificates, id);
    if (found == nullptr) co_return no_such_certificate(id);
    const auto certificate = read_certificate_update(*body, *found, context->clock.wall_now());
    if (certificate.has_error()) co_return field_error_response(certificate.error());
    const auto keep = [context, certificate = *certificate](const std::string& kept_id) {
        context->pusher.change([&](PushBook& book) { book.certificates[kept_id] = certificate; });
        return certificate_json(certificate);
    };
    co_return co_await replace_document(context, document_of(*certificate), certificate_words,
                                        keep);
}

/// Empty: no action names it.
std::optional<Response> refuse_removal(const PushBook& book, const std::string& id) {
    const auto user = std::ranges::find_if(
        book.actions, [&](const auto& each) { return each.second.cert_id == id; });
    if (user == book.actions.end()) return std::nullopt;
    return not_allowed("IOTDA.015183", "The certificate is used by the action " + user->first +
                                           ": delete that, or give it another cert_id.");
}

awaitable<Response> remove_certificate(Exchange exchange, ContextPtr context) {
    const std::string id = exchange.parameter("certificate_id");
    if (auto refusal = refuse_removal(context->pusher.book(), id)) co_return std::move(*refusal);
    const auto error = co_await remove_document(context, store::DocumentKind::push_certificate, id);
    if (error) co_return document_refusal(error, certificate_words, id);
    context->pusher.change([&](PushBook& book) { book.certificates.erase(id); });
    co_return empty_response(http::status::no_content);
}

awaitable<Response> list_certificates(Exchange exchange, ContextPtr context) {
    const auto matches = [&](const PushCertificate& each) {
        return is_asked_for(exchange, "app_id", each.app_id);
    };
    const auto page = page_of(exchange, "certificates", context->pusher.book().certificates,
                              matches, certificate_json);
    if (page.has_error()) co_return page.error();
    json::object place{{"count", page->at("count")}};
    if (!page->at("marker").as_string().empty()) place["marker"] = page->at("marker");
    json::object shown{{"certificates", page->at("certificates")}, {"page", std::move(place)}};
    co_return json_response(http::status::ok, std::move(shown));
}

}  // namespace

void add_push_certificate_routes(Routes& routes, const PushRoutesContext& given) {
    const auto context = std::make_shared<const PushRoutesContext>(given);
    const auto with = [&context](auto handle) { return with_context(context, handle); };
    const std::string all = "/v5/iot/{project_id}/certificates";
    const std::string one = all + "/{certificate_id}";
    routes.add(http::verb::post, all, Action::certificates_create, with(create_certificate),
               BodyKind::json);
    routes.add(http::verb::get, all, Action::certificates_query_list, with(list_certificates));
    routes.add(http::verb::get, one, Action::certificates_query, with(show_certificate));
    routes.add(http::verb::put, one, Action::certificates_modify, with(update_certificate),
               BodyKind::json);
    routes.add(http::verb::delete_, one, Action::certificates_delete, with(remove_certificate));
}

}  // namespace holdfast::api
