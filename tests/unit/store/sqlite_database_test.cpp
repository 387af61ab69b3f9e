#include "store/sqlite_database.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace holdfast::store;

struct InMemory {
    std::unique_ptr<Database> database;
    InMemory() { BOOST_TEST_REQUIRE(!Database::open(":memory:", database)); }

    std::string read(std::string_view sql) {
        std::string value;
        BOOST_TEST(!database->read(sql, value));
        return value;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_database, InMemory)

BOOST_AUTO_TEST_CASE(any_number_of_texts_may_be_prepared_and_what_is_in_use_stays) {
    BOOST_TEST_REQUIRE(!database->execute("CREATE TABLE t(n); INSERT INTO t VALUES(1), (2), (3)"));
    Statement rows = database->statement("SELECT n FROM t ORDER BY n");
    BOOST_TEST(rows.next());
    for (int i = 0; i < 2'000; ++i) {
        const std::string number = std::to_string(i);
        BOOST_TEST_REQUIRE(read("SELECT " + number) == number);
    }
    BOOST_TEST(rows.next());
    BOOST_TEST(rows.number(0) == 2);
    BOOST_TEST(read("SELECT 1") == "1");
}

BOOST_AUTO_TEST_CASE(a_function_of_the_program_judges_texts) {
    const auto is_long = [](std::string_view text) { return text.size() > 3; };
    BOOST_TEST_REQUIRE(!database->define("is_long", is_long));
    BOOST_TEST(read("SELECT is_long('abcd')") == "1");
    BOOST_TEST(read("SELECT is_long('abc')") == "0");
    BOOST_TEST(read("SELECT is_long(NULL)") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
