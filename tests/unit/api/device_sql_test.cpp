#include "api/device_sql.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <variant>

namespace {

using namespace holdfast::api;
using holdfast::store::Comparison;
using holdfast::store::ConditionTree;
using holdfast::store::SearchValue;

std::string text_of(const SearchValue& value) {
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
        return std::to_string(*number);
    }
    return std::get<std::string>(value);
}

/// "and(0 = a, or(5 in b c, 4 like d))", fields by their numbers.
std::string text_of(const ConditionTree& tree) {
    if (tree.kind == ConditionTree::Kind::condition) {
        constexpr const char* words[] = {"=", "!=", ">", "<", "like", "in", "not in"};
        std::string text = std::to_string(static_cast<int>(tree.condition.field)) + " " +
                           words[static_cast<int>(tree.condition.comparison)];
        for (const SearchValue& value : tree.condition.values) text += " " + text_of(value);
        return text;
    }
    std::string text;
    for (const ConditionTree& part : tree.parts) {
        text += (text.empty() ? "" : ", ") + text_of(part);
    }
    return (tree.kind == ConditionTree::Kind::all_of ? "and(" : "or(") + text + ")";
}

std::string where_of(const std::string& condition) {
    const auto sql = read_device_sql("select * from device where " + condition);
    if (!sql) return std::to_string(sql.error().place) + " " + sql.error().text;
    BOOST_TEST_REQUIRE(sql->search.where.size() == 1U);
    return text_of(sql->search.where.front());
}

/// What is wrong, and the rest of the statement from there on.
std::string problem_of(const std::string& statement) {
    const auto sql = read_device_sql(statement);
    if (sql) return "understood";
    BOOST_TEST_REQUIRE(sql.error().place <= statement.size());
    return statement.substr(sql.error().place) + " | " + sql.error().text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_sql)

BOOST_AUTO_TEST_CASE(a_statement_without_clauses_asks_for_ten_of_all) {
    for (const char* statement :
         {"select * from device", "SELECT * FROM device;", "\n select\t*  From  Device ; "}) {
        const auto sql = read_device_sql(statement);
        BOOST_TEST_REQUIRE(sql.has_value(), statement);
        BOOST_TEST(sql->search.where.empty());
        BOOST_TEST(sql->shown.empty());
        BOOST_TEST(!sql->is_count);
        BOOST_TEST(!sql->search.is_oldest_first);
        BOOST_TEST(sql->search.limit == 10U);
        BOOST_TEST(sql->search.offset == 0U);
    }
}

BOOST_AUTO_TEST_CASE(fields_and_counts_are_asked_for) {
    const auto sql = read_device_sql("select device_id, status,marker from device");
    BOOST_TEST_REQUIRE(sql.has_value());
    const std::vector<std::string> expected{"device_id", "status", "marker"};
    BOOST_TEST(sql->shown == expected, boost::test_tools::per_element());
    for (const char* statement :
         {"select count(*) from device", "select COUNT ( 1 ) from device limit 5"}) {
        const auto counted = read_device_sql(statement);
        BOOST_TEST_REQUIRE(counted.has_value());
        BOOST_TEST(counted->is_count);
        BOOST_TEST(counted->search.limit == 0U);
    }
}

BOOST_AUTO_TEST_CASE(order_and_limit_are_taken) {
    const auto sql = read_device_sql("select * from device order by marker asc limit 500,50");
    BOOST_TEST_REQUIRE(sql.has_value());
    BOOST_TEST(sql->search.is_oldest_first);
    BOOST_TEST(sql->search.offset == 500U);
    BOOST_TEST(sql->search.limit == 50U);
    BOOST_TEST(read_device_sql("select * from device limit 1")->search.limit == 1U);
    BOOST_TEST(!read_device_sql("select * from device order by marker")->search.is_oldest_first);
    BOOST_TEST(
        !read_device_sql("select * from device ORDER BY marker DESC")->search.is_oldest_first);
}

BOOST_AUTO_TEST_CASE(every_field_is_compared_as_the_contract_says) {
    BOOST_TEST(where_of("app_id = 'a'") == "0 = a");
    BOOST_TEST(where_of("device_id != 'a'") == "1 != a");
    BOOST_TEST(where_of("gateway_id <> 'a'") == "2 != a");
    BOOST_TEST(where_of("product_id in ('a', 'b')") == "3 in a b");
    BOOST_TEST(where_of("device_name like 'pump%'") == "4 like pump");
    BOOST_TEST(where_of("node_id not in('a')") == "5 not in a");
    BOOST_TEST(where_of("status = 'ONLINE'") == "6 = ONLINE");
    BOOST_TEST(where_of("node_type = 'GATEWAY'") == "7 = GATEWAY");
    BOOST_TEST(where_of("tag_key like '\u6e29\u5ea6\u6e7f\u5ea6%'") ==
               "8 like \u6e29\u5ea6\u6e7f\u5ea6");
    BOOST_TEST(where_of("tag_value != 'x'") == "9 != x");
    BOOST_TEST(where_of("sw_version='1.0'") == "10 = 1.0");
    BOOST_TEST(where_of("fw_version='1.0'") == "11 = 1.0");
    BOOST_TEST(where_of("device_sdk_version='1.0'") == "12 = 1.0");
    BOOST_TEST(where_of("group_id in ('a')") == "13 in a");
    BOOST_TEST(where_of("create_time > '1970-01-01T00:00:01.234Z'") == "14 > 1234");
    BOOST_TEST(where_of("marker < 'ffffffffffffffffffffffff'") == "15 < ffffffffffffffffffffffff");
}

BOOST_AUTO_TEST_CASE(and_binds_closer_than_or_and_parentheses_closest) {
    constexpr const char* a = "app_id = 'a'";
    const auto with = [a](std::string text) {
        for (std::size_t at; (at = text.find('@')) != std::string::npos;) text.replace(at, 1, a);
        return where_of(text);
    };
    BOOST_TEST(with("@ and @") == "and(0 = a, 0 = a)");
    BOOST_TEST(with("@ or @ AND @ or @") == "or(0 = a, and(0 = a, 0 = a), 0 = a)");
    BOOST_TEST(with("(@ or @) and @") == "and(or(0 = a, 0 = a), 0 = a)");
    BOOST_TEST(with("(((((@)))))") == "0 = a");
}

BOOST_AUTO_TEST_CASE(a_quote_in_a_text_is_doubled) {
    BOOST_TEST(where_of("device_name = 'the pump''s'") == "4 = the pump's");
    BOOST_TEST(where_of("device_name = ''''") == "4 = '");
    BOOST_TEST(where_of("device_name = 'x'' or ''1'' = ''1'") == "4 = x' or '1' = '1");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_with_its_place_and_what_to_write) {
    struct Row {
        const char* statement;
        const char* problem;
    };
    const Row rows[] = {
        {"", " | there must be select here, not the end"},
        {"delete from device", "delete from device | there must be select here, not delete"},
        {"select * from devices", "devices | there must be device here, not devices"},
        {"select count(2) from device", "2) from device | there must be * or 1 here, not 2"},
        {"select * from device where",
         " | there must be a field to search by here, not the end; "
         "these are app_id, device_id, gateway_id, product_id, device_name, node_id, status, "
         "node_type, tag_key, tag_value, sw_version, fw_version, device_sdk_version, group_id, "
         "create_time, marker"},
        {"select * from device where app_id > 'a'",
         "> 'a' | what compares app_id must be one of =, !=, in, not in, not >"},
        {"select * from device where tag_key in ('a')",
         "in ('a') | what compares tag_key must be one of =, !=, like, not in"},
        {"select * from device where marker like 'a'",
         "like 'a' | what compares marker must be one of =, !=, >, <, in, not in, not like"},
        {"select * from device where app_id = a",
         "a | there must be a text in single quotes here, not a"},
        {"select * from device where app_id = \"a\"",
         "\"a\" | texts stand in single quotes: 'pump-7'"},
        {"select * from device where app_id = 'a",
         "'a | the text that begins here has no second quote"},
        {"select * from device where app_id = ''", "'' | the text must not be empty, not ''"},
        {"select * from device where app_id in ('a'", " | there must be ) here, not the end"},
        {"select * from device where status = 'online'",
         "'online' | the status must be one of ONLINE, OFFLINE, ABNORMAL, INACTIVE, FROZEN, not "
         "'online'"},
        {"select * from device where node_type = 'x'",
         "'x' | the node_type must be one of GATEWAY, ENDPOINT, not 'x'"},
        {"select * from device where create_time > '20150606T121010Z'",
         "'20150606T121010Z' | the create_time must be a UTC time as "
         "'2015-06-06T12:10:10.000Z', not '20150606T121010Z'"},
        {"select * from device where marker > '12'",
         "'12' | the marker must be of 24 hexadecimal digits, not '12'"},
        {"select * from device where node_id like 'abc%'",
         "'abc%' | what is behind like must be at least 4 of Chinese, letters, digits, _ and -, "
         "and then %, not 'abc%'"},
        {"select * from device order by create_time",
         "create_time | there must be marker here, not create_time"},
        {"select * from device limit 0", "0 | the number of rows must be from 1 to 50, not 0"},
        {"select * from device limit 10,51",
         "51 | the number of rows must be from 1 to 50, not 51"},
        {"select * from device limit 99999999999999999999999",
         "99999999999999999999999 | the number of rows must be from 1 to 50, not "
         "99999999999999999999999"},
        {"select * from device limit 501,1",
         "501,1 | the offset must be at most 500, not 501; go on with marker < '...' instead"},
        {"select * from device limit 1 where app_id = 'a'",
         "where app_id = 'a' | the statement must end here, not go on with where; the order is "
         "where, order by, limit"},
        {"select * from device; drop table devices",
         "drop table devices | the statement must end here, not go on with drop; the order is "
         "where, order by, limit"},
        {"select * from device where app_id = 'a' -- x",
         "-- x | this character means nothing outside of single quotes"},
    };
    for (const Row& row : rows) BOOST_TEST(problem_of(row.statement) == row.problem, row.statement);
    BOOST_TEST(problem_of("select secret from device")
                   .starts_with("secret from device | there must be *, count(*) or a field of "
                                "devices here, not secret; fields are app_id, "));
}

BOOST_AUTO_TEST_CASE(what_would_be_matched_otherwise_is_no_prefix) {
    for (const char* text : {"'pump'", "'%'", "'%pump'", "'pu%mp%'", "'pump_1 %'", "'pump%%'",
                             "'pum'", "''", "'pump.%'"}) {
        BOOST_TEST(where_of(std::string{"device_name like "} + text).find("behind like") !=
                       std::string::npos,
                   text);
    }
}

BOOST_AUTO_TEST_CASE(conditions_and_parentheses_have_a_limit) {
    std::string five = "app_id = 'a'";
    for (int i = 1; i < 5; ++i) five += " or app_id = 'a'";
    BOOST_TEST(where_of(five).starts_with("or("));
    BOOST_TEST(where_of(five + " or app_id = 'a'").find("at most 5 conditions") !=
               std::string::npos);
    BOOST_TEST(where_of("((((((app_id = 'a'))))))").find("at most 5 parentheses") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
