#include "api/handlers/openapi.hpp"

#include <string>

namespace holdfast::api {

namespace {

boost::asio::awaitable<Response> show_document(Exchange) {
    Response response =
        text_response(http::status::ok, "application/json", std::string{openapi_document()});
    response.set(http::field::access_control_allow_origin, "*");
    co_return response;
}

}  // namespace

void add_openapi_routes(Routes& routes) {
    routes.add(http::verb::get, "/openapi.json", Action::open, show_document);
}

}  // namespace holdfast::api
