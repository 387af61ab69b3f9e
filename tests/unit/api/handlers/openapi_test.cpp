#include "api/handlers/openapi.hpp"

#include "unit/api/ask.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace {

using namespace holdfast::api;
namespace json = boost::json;

json::value parsed() { return json::parse(openapi_document()); }

/// Every "$ref" in it leads somewhere.
void check_references(const json::value& node, const json::value& document) {
    if (const json::array* const array = node.if_array()) {
        for (const json::value& element : *array) check_references(element, document);
    }
    const json::object* const object = node.if_object();
    if (object == nullptr) return;
    for (const auto& [key, value] : *object) {
        if (key != "$ref") {
            check_references(value, document);
            continue;
        }
        boost::system::error_code error;
        const std::string_view target{value.get_string().data(), value.get_string().size()};
        BOOST_REQUIRE(target.starts_with("#/"));
        (void)document.find_pointer(json::string_view{target.data() + 1, target.size() - 1}, error);
        BOOST_CHECK_MESSAGE(!error, target << " leads nowhere");
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(openapi)

BOOST_AUTO_TEST_CASE(the_document_is_served_to_everybody) {
    Routes routes;
    add_openapi_routes(routes);
    const Response response = ask(routes, http::verb::get, "/openapi.json");
    BOOST_TEST(response.result_int() == 200U);
    BOOST_TEST(response[http::field::content_type] == "application/json");
    BOOST_TEST(response[http::field::access_control_allow_origin] == "*");
    BOOST_TEST((json::parse(response.body()).at("openapi") == "3.1.0"));
}

BOOST_AUTO_TEST_CASE(its_references_lead_somewhere) { check_references(parsed(), parsed()); }

BOOST_AUTO_TEST_CASE(every_body_that_must_come_has_an_example) {
    const json::value document = parsed();
    std::size_t bodies = 0;
    for (const auto& [path, operations] : document.at("paths").as_object()) {
        for (const auto& [method, operation] : operations.as_object()) {
            if (method == "parameters") continue;
            const json::object& members = operation.as_object();
            BOOST_CHECK_MESSAGE(
                members.contains("operationId") && members.contains("summary") &&
                    members.contains("tags"),
                path << " " << method << ": operationId, summary or tags is missing");
            const json::value* const body = members.if_contains("requestBody");
            if (body == nullptr || !body->as_object().contains("required")) continue;
            if (!body->at("required").as_bool()) continue;
            for (const auto& [type, content] : body->at("content").as_object()) {
                ++bodies;
                BOOST_CHECK_MESSAGE(content.as_object().contains("examples"),
                                    path << " " << method << ": an example of its body is missing");
            }
        }
    }
    BOOST_TEST(bodies > 0U);
}

BOOST_AUTO_TEST_SUITE_END()
