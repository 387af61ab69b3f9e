#include "api/catalogue_refusals.hpp"

#include "store/catalogue.hpp"

#include <string>

namespace holdfast::api {

namespace {

using store::CatalogueError;

std::string quoted(std::string_view text) { return "\"" + std::string{text} + "\""; }

Response catalogue_failed(std::error_code error) {
    if (error == std::errc::no_space_on_device) {
        return error_response(http::status::insufficient_storage,
                              "there is no space left to keep anything");
    }
    Response response = error_response(http::status::service_unavailable,
                                       "the catalogue failed: " + error.message());
    response.set(http::field::retry_after, "1");
    return response;
}

}  // namespace

Response no_such_device(std::string_view device_id) {
    return error_response(http::status::not_found, "IOTDA.014000",
                          "The device does not exist: " + quoted(device_id));
}

Response no_such_product(std::string_view product_id) {
    return error_response(http::status::not_found, "IOTDA.013190",
                          "The product does not exist: " + quoted(product_id));
}

Response no_such_app(std::string_view app_id) {
    return error_response(http::status::forbidden, "IOTDA.001000",
                          "The application does not exist: " + quoted(app_id) +
                              "; leave app_id out for the default one");
}

Response device_refusal(std::error_code error, std::string_view device_id) {
    if (error == CatalogueError::not_found) return no_such_device(device_id);
    if (error == CatalogueError::already_exists) {
        return error_response(http::status::bad_request, "IOTDA.014031",
                              "Invalid input. The device already exists: " + quoted(device_id));
    }
    if (error == CatalogueError::still_in_use) {
        return error_response(http::status::forbidden, "IOTDA.014180",
                              "The device " + quoted(device_id) +
                                  " is the gateway of other devices; delete those first");
    }
    if (error == CatalogueError::limit_reached) {
        return error_response(http::status::forbidden, "IOTDA.014181",
                              "There are as many devices as are allowed, in all or behind the "
                              "gateway");
    }
    return catalogue_failed(error);
}

Response product_refusal(std::error_code error, std::string_view product_id) {
    if (error == CatalogueError::not_found) return no_such_product(product_id);
    if (error == CatalogueError::already_exists) {
        return error_response(http::status::bad_request, "IOTDA.013191",
                              "The product already exists: " + quoted(product_id));
    }
    if (error == CatalogueError::still_in_use) {
        return error_response(
            http::status::forbidden, "IOTDA.013192",
            "The product " + quoted(product_id) + " still has devices; delete those first");
    }
    if (error == CatalogueError::limit_reached) {
        return error_response(http::status::forbidden, "IOTDA.013193",
                              "There are as many products as are allowed");
    }
    return catalogue_failed(error);
}

Response key_refusal(std::error_code error, std::string_view key_id) {
    if (error == CatalogueError::not_found) {
        return error_response(http::status::not_found, "IOTDA.000190",
                              "There is no such key: " + quoted(key_id));
    }
    if (error == CatalogueError::limit_reached) {
        return error_response(http::status::forbidden, "IOTDA.000191",
                              "There are as many keys of this kind as are allowed; delete one");
    }
    return catalogue_failed(error);
}

Response document_refusal(std::error_code error, const DocumentWords& words, std::string_view id) {
    const std::string noun{words.noun};
    if (error == CatalogueError::not_found) {
        return error_response(http::status::not_found, words.not_found,
                              "The " + noun + " does not exist: " + quoted(id));
    }
    if (error == CatalogueError::limit_reached) {
        return not_allowed(words.limit,
                           "There are as many of the kind " + noun + " as are allowed.");
    }
    return catalogue_failed(error);
}

Response app_refusal(std::error_code error, std::string_view app_id) {
    if (error == CatalogueError::not_found) return no_such_app(app_id);
    if (error == CatalogueError::limit_reached) {
        return not_allowed("IOTDA.001090", "There are as many resource spaces as are allowed: 10.");
    }
    return catalogue_failed(error);
}

Response not_allowed(std::string_view code, std::string_view why) {
    return error_response(http::status::forbidden, code,
                          "Operation not allowed. " + std::string{why});
}

}  // namespace holdfast::api
