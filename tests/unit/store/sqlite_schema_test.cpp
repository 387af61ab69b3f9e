#include "store/sqlite_schema.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace holdfast::store;

struct InMemory {
    std::unique_ptr<Database> database;
    InMemory() { BOOST_TEST_REQUIRE(!Database::open(":memory:", database)); }

    std::optional<CatalogueOpenFailure> prepare(const std::string& path) {
        std::unique_ptr<holdfast::SecretBox> box;
        return prepare_catalogue(*database, path, box);
    }
    std::string read(std::string_view sql) {
        std::string value;
        BOOST_TEST(!database->read(sql, value));
        return value;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_schema, InMemory)

BOOST_AUTO_TEST_CASE(an_empty_database_gets_the_newest_version) {
    BOOST_TEST(!prepare(":memory:").has_value());
    BOOST_TEST(read("PRAGMA user_version") == std::to_string(catalogue_version));
    BOOST_TEST(read("SELECT count(*) FROM devices") == "0");
}

BOOST_AUTO_TEST_CASE(a_catalogue_of_the_newest_version_is_left_as_it_is) {
    BOOST_TEST_REQUIRE(!prepare(":memory:").has_value());
    BOOST_TEST_REQUIRE(!database->execute("INSERT INTO settings VALUES('a', 'b')"));
    BOOST_TEST(!prepare(":memory:").has_value());
    BOOST_TEST(read("SELECT value FROM settings") == "b");
}

BOOST_AUTO_TEST_CASE(a_catalogue_of_version_1_is_brought_to_the_newest) {
    BOOST_TEST_REQUIRE(!prepare(":memory:").has_value());
    BOOST_TEST_REQUIRE(!database->execute("DROP TRIGGER device_removed_links;"
                                          "DROP TRIGGER product_removed_links;"
                                          "DROP TABLE documents;DROP TABLE links;"
                                          "DROP TABLE document_totals;"
                                          "DROP TRIGGER device_removed_elsewhere;"
                                          "DROP TABLE removed_devices;"
                                          "DROP INDEX devices_by_app;"
                                          "DROP INDEX devices_by_creation;"
                                          "ALTER TABLE devices DROP COLUMN connection_changed_at;"
                                          "ALTER TABLE devices DROP COLUMN auth_type;"
                                          "ALTER TABLE devices DROP COLUMN fingerprint;"
                                          "ALTER TABLE devices DROP COLUMN secondary_fingerprint;"
                                          "INSERT INTO settings VALUES('a', 'b');"
                                          "PRAGMA user_version = 1"));
    BOOST_TEST(!prepare(":memory:").has_value());
    BOOST_TEST(read("PRAGMA user_version") == std::to_string(catalogue_version));
    BOOST_TEST(read("SELECT count(*) FROM removed_devices") == "0");
    BOOST_TEST(read("SELECT value FROM settings") == "b");
}

BOOST_AUTO_TEST_CASE(when_one_migration_fails_the_catalogue_stays_at_the_version_it_had) {
    BOOST_TEST_REQUIRE(!prepare(":memory:").has_value());
    // The index of version 5 can be made, that of version 6 is there already.
    BOOST_TEST_REQUIRE(!database->execute("DROP INDEX devices_by_app;"
                                          "DROP INDEX devices_by_creation;"
                                          "ALTER TABLE devices DROP COLUMN connection_changed_at;"
                                          "PRAGMA user_version = 4"));
    BOOST_TEST(prepare(":memory:").has_value());
    BOOST_TEST(read("PRAGMA user_version") == "4");
    constexpr std::string_view of_version_5 =
        "SELECT count(*) FROM sqlite_schema WHERE name = 'devices_by_app'";
    BOOST_TEST(read(of_version_5) == "0");
    BOOST_TEST_REQUIRE(!database->execute("DROP INDEX documents_by_age"));
    BOOST_TEST(!prepare(":memory:").has_value());
    BOOST_TEST(read("PRAGMA user_version") == std::to_string(catalogue_version));
    BOOST_TEST(read(of_version_5) == "1");
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_refused_with_both_versions) {
    BOOST_TEST_REQUIRE(!prepare(":memory:").has_value());
    BOOST_TEST_REQUIRE(!database->execute("PRAGMA user_version = 7"));
    const auto failure = prepare("catalogue.db");
    BOOST_TEST_REQUIRE(failure.has_value());
    BOOST_TEST((failure->code == std::errc::not_supported));
    BOOST_TEST(
        failure->sentence ==
        "the catalogue catalogue.db has the format 7 of a newer Holdfast, and this one knows "
        "formats up to 6; start the newer program, or put a backup in its place");
}

BOOST_AUTO_TEST_CASE(the_database_of_another_program_is_not_touched) {
    BOOST_TEST_REQUIRE(!database->execute("CREATE TABLE songs(title)"));
    const auto failure = prepare("music.db");
    BOOST_TEST_REQUIRE(failure.has_value());
    BOOST_TEST(failure->sentence ==
               "the catalogue music.db is the database of another program; name another file");
    BOOST_TEST(read("SELECT group_concat(name) FROM sqlite_schema") == "songs");
}

BOOST_AUTO_TEST_SUITE_END()
