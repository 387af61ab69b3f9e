#include "api/message_query.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast::api;
using holdfast::delivery::MessageStatus;

boost::system::result<holdfast::delivery::ListQuery, Response> read(std::string_view name,
                                                                    std::string_view value) {
    Target target;
    if (!name.empty()) target.query.emplace(name, value);
    return read_list_query(Exchange{Request{}, std::move(target)});
}

std::string code_of(std::string_view name, std::string_view value) {
    const auto query = read(name, value);
    if (query) return {};
    BOOST_TEST(query.error().result_int() == 400U);
    return std::string{boost::json::parse(query.error().body()).at("error_code").as_string()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_query)

BOOST_AUTO_TEST_CASE(without_a_query_a_page_is_as_long_as_it_may_be) {
    const auto query = read("", "");
    BOOST_TEST_REQUIRE(query.has_value());
    BOOST_TEST(query->count_max == list_messages_max);
    BOOST_TEST(query->after_message_id.empty());
    BOOST_TEST(!query->status.has_value());
}

BOOST_AUTO_TEST_CASE(a_limit_is_met_and_exceeded) {
    BOOST_TEST(read("limit", "1")->count_max == 1U);
    BOOST_TEST(read("limit", "1000")->count_max == 1'000U);
    for (const char* const limit :
         {"0", "1001", "-1", "", "5x", " 5", "+5", "99999999999999999999"}) {
        BOOST_TEST(code_of("limit", limit) == "IOTDA.000017", limit);
    }
}

BOOST_AUTO_TEST_CASE(a_status_is_one_of_four_words) {
    BOOST_TEST((read("status", "PENDING")->status == MessageStatus::pending));
    BOOST_TEST((read("status", "DELIVERED")->status == MessageStatus::delivered));
    BOOST_TEST((read("status", "FAILED")->status == MessageStatus::failed));
    BOOST_TEST((read("status", "TIMEOUT")->status == MessageStatus::timeout));
    for (const char* const status : {"", "pending", "SENT"}) {
        BOOST_TEST(code_of("status", status) == "IOTDA.000006", status);
    }
}

BOOST_AUTO_TEST_CASE(a_marker_is_the_id_of_a_message) {
    BOOST_TEST(read("marker", "m-9")->after_message_id == "m-9");
    BOOST_TEST(read("marker", std::string(128, 'x')).has_value());
    for (const std::string& marker : {std::string{}, std::string{"a b"}, std::string(129, 'x')}) {
        BOOST_TEST(code_of("marker", marker) == "IOTDA.000006", marker);
    }
}

BOOST_AUTO_TEST_SUITE_END()
