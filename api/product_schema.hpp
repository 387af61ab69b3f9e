#pragma once
// What applications say about a product: bodies to values, checked field by field, and a product as they
// see it. Which rule a field has is in docs/http-api-devices.md.
// Threads: values of one thread.

#include "api/json_fields.hpp"
#include "store/catalogue.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace holdfast::api {

/// Of a product; more are refused.
inline constexpr std::size_t product_topics_max = 50;

/// The rule of product_id in bodies and paths.
[[nodiscard]] TextRule product_id_rule();

/// The product of a POST. Empty product_id and app_id are for the caller to fill in.
[[nodiscard]] boost::system::result<store::Product, FieldError> read_new_product(
    const boost::json::value& body);

/// What a PUT changes.
struct ProductUpdate {
    std::optional<std::string> name;
    std::optional<std::string> device_type;
    std::optional<std::string> protocol_type;
    std::optional<std::string> data_format;
    std::optional<std::string> manufacturer_name;
    std::optional<std::string> industry;
    std::optional<std::string> description;
    std::optional<std::string> service_capabilities;

    void apply_to(store::Product& product) const;
};
[[nodiscard]] boost::system::result<ProductUpdate, FieldError> read_product_update(
    const boost::json::value& body);

/// All custom topics of a product, which replace those it had.
[[nodiscard]] boost::system::result<std::vector<store::ProductTopic>, FieldError>
read_product_topics(const boost::json::value& body);

[[nodiscard]] boost::json::object product_json(const store::Product& product);
[[nodiscard]] boost::json::object product_topics_json(const store::Product& product);

}  // namespace holdfast::api
