#include "api/routes.hpp"

#include "api/http_limits.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast::api;

boost::asio::awaitable<Response> ok(Exchange) {
    co_return text_response(http::status::ok, "text/plain", "ok");
}

RequestHeader asking(std::string_view method, std::string_view target) {
    RequestHeader header;
    header.version(11);
    header.method_string(method);
    header.target(target);
    return header;
}

struct Table {
    Routes routes;

    Table() {
        routes.add(http::verb::get, "/version", Action::devices_query, ok);
        routes.add(http::verb::get, "/devices/{device_id}/messages", Action::devices_query, ok);
        routes.add(http::verb::post, "/devices/{device_id}/messages", Action::devices_query, ok,
                   BodyKind::json);
        routes.add(http::verb::delete_, "/devices/{device_id}", Action::devices_query, ok);
    }

    Target target_of(std::string_view method, std::string_view target) const {
        const auto match = routes.resolve(asking(method, target));
        BOOST_TEST_REQUIRE(match.has_value(), method << " " << target);
        return match->target;
    }

    Response refusal_of(const RequestHeader& header) const {
        const auto match = routes.resolve(header);
        BOOST_TEST_REQUIRE(match.has_error());
        return match.error();
    }
    Response refusal_of(std::string_view method, std::string_view target) const {
        return refusal_of(asking(method, target));
    }
    unsigned status_of(std::string_view method, std::string_view target) const {
        const auto match = routes.resolve(asking(method, target));
        return match ? 200 : match.error().result_int();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(routes_table, Table)

BOOST_AUTO_TEST_CASE(a_path_of_words_matches_itself_only) {
    BOOST_TEST(status_of("GET", "/version") == 200U);
    for (const char* const target : {"/", "/versio", "/version/", "/version/x", "//version",
                                     "/Version", "/devices//messages", "/devices/a/b/messages"}) {
        BOOST_TEST(status_of("GET", target) == 404U, target);
    }
}

BOOST_AUTO_TEST_CASE(words_are_found_in_whatever_order_they_came) {
    Routes table;
    for (const char* const word : {"m", "a", "z", "ma", "b", "Z", "m-1"}) {
        table.add(http::verb::get, "/" + std::string{word} + "/{id}/tail", Action::devices_query, ok);
    }
    table.add(http::verb::get, "/{word}/only", Action::devices_query, ok);
    for (const char* const word : {"m", "a", "z", "ma", "b", "Z", "m-1"}) {
        BOOST_TEST(table.resolve(asking("GET", "/" + std::string{word} + "/1/tail")).has_value(), word);
        BOOST_TEST(table.resolve(asking("GET", "/" + std::string{word} + "/only")).has_value(), word);
    }
    BOOST_TEST(table.resolve(asking("GET", "/n/1/tail")).has_error());
}

BOOST_AUTO_TEST_CASE(parameters_are_taken_from_the_path_and_decoded) {
    BOOST_TEST(target_of("GET", "/devices/pump-7/messages").parameters.at("device_id") == "pump-7");
    BOOST_TEST(target_of("DELETE", "/devices/a%2Fb%20c").parameters.at("device_id") == "a/b c");
}

BOOST_AUTO_TEST_CASE(the_query_is_decoded_and_the_last_of_a_name_counts) {
    const auto query = target_of("GET", "/version?limit=10&name=a%26b&limit=20&bare").query;
    BOOST_TEST(query.size() == 3U);
    BOOST_TEST(query.at("limit") == "20");
    BOOST_TEST(query.at("name") == "a&b");
    BOOST_TEST(query.at("bare").empty());
}

BOOST_AUTO_TEST_CASE(a_target_with_scheme_and_host_is_accepted) {
    BOOST_TEST(status_of("GET", "http://hub.example:8080/version?x=1") == 200U);
}

BOOST_AUTO_TEST_CASE(a_malformed_target_is_a_bad_request) {
    for (const char* const target : {"version", "", "*", "/devices/%zz", "/devices/%2", "/a b"}) {
        BOOST_TEST(status_of("GET", target) == 400U, target);
    }
}

BOOST_AUTO_TEST_CASE(a_target_is_accepted_at_its_maximum_and_refused_beyond) {
    const std::string path = "/devices/";
    const std::string longest = path + std::string(target_bytes_max - path.size(), 'x');
    BOOST_TEST(status_of("DELETE", longest) == 200U);
    BOOST_TEST(status_of("DELETE", longest + "x") == 414U);
}

BOOST_AUTO_TEST_CASE(another_method_is_refused_with_those_allowed) {
    const Response response = refusal_of("PUT", "/devices/a/messages");
    BOOST_TEST(response.result_int() == 405U);
    BOOST_TEST(response[http::field::allow] == "GET, POST, HEAD, OPTIONS");
    BOOST_TEST(refusal_of("GET", "/devices/a")[http::field::allow] == "DELETE, OPTIONS");
}

BOOST_AUTO_TEST_CASE(options_names_the_methods) {
    const Response response = refusal_of("OPTIONS", "/version");
    BOOST_TEST(response.result_int() == 204U);
    BOOST_TEST(response[http::field::allow] == "GET, HEAD, OPTIONS");
    BOOST_TEST(response.body().empty());
    BOOST_TEST(status_of("OPTIONS", "/nowhere") == 404U);
}

BOOST_AUTO_TEST_CASE(head_is_answered_where_get_is) {
    BOOST_TEST(status_of("HEAD", "/version") == 200U);
    BOOST_TEST(status_of("HEAD", "/devices/a") == 405U);
}

BOOST_AUTO_TEST_CASE(an_unknown_method_is_not_implemented) {
    BOOST_TEST(status_of("BREW", "/version") == 501U);
}

BOOST_AUTO_TEST_CASE(a_json_route_takes_json_only) {
    RequestHeader header = asking("POST", "/devices/a/messages");
    BOOST_TEST(refusal_of(header).result_int() == 415U);
    for (const char* const type : {"text/plain", "application/jsonx", "application/xml; json"}) {
        header.set(http::field::content_type, type);
        BOOST_TEST(refusal_of(header).result_int() == 415U, type);
    }
    for (const char* const type :
         {"application/json", "Application/JSON", "application/json;charset=UTF-8",
          "application/json ; charset=utf-8"}) {
        header.set(http::field::content_type, type);
        BOOST_TEST(routes.resolve(header).has_value(), type);
    }
}

BOOST_AUTO_TEST_CASE(a_json_route_takes_no_packed_body) {
    RequestHeader header = asking("POST", "/devices/a/messages");
    header.set(http::field::content_type, "application/json");
    for (const char* const encoding : {"gzip", "br", "identity, gzip"}) {
        header.set(http::field::content_encoding, encoding);
        BOOST_TEST(refusal_of(header).result_int() == 415U, encoding);
    }
    for (const char* const encoding : {"identity", "Identity", ""}) {
        header.set(http::field::content_encoding, encoding);
        BOOST_TEST(routes.resolve(header).has_value(), encoding);
    }
}

BOOST_AUTO_TEST_CASE(every_row_says_what_it_asks_for) {
    const auto rows = routes.rows();
    BOOST_TEST_REQUIRE(rows.size() == 4U);
    BOOST_TEST(rows[1].pattern == "/devices/{device_id}/messages");
    BOOST_TEST((rows[1].method == http::verb::get));
    BOOST_TEST((rows[1].action == Action::devices_query));
    BOOST_TEST((routes.resolve(asking("GET", "/version"))->action == Action::devices_query));
}

BOOST_AUTO_TEST_SUITE_END()
