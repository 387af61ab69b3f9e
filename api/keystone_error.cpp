#include "api/keystone_error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <string>

namespace holdfast::api {

namespace json = boost::json;

Response keystone_error(http::status status, std::string_view message) {
    const auto title = http::obsolete_reason(status);
    return json_response(status, {{"error",
                                   {{"code", static_cast<unsigned>(status)},
                                    {"message", message},
                                    {"title", json::string_view{title.data(), title.size()}}}}});
}

Response as_keystone_error(const Response& error) {
    const json::value body = json::parse(error.body());
    Response response = error;
    response.body() = keystone_error(error.result(), body.at("error_msg").as_string()).body();
    return response;
}

}  // namespace holdfast::api
