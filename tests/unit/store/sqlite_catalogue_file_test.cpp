// The catalogue in a file: what is durable, and what is said when the file cannot be used.

#include "store/sqlite_catalogue.hpp"

#include "support/catalogue_caller.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace holdfast::store;
using test_support::CatalogueCaller;

/// A folder of its own, gone afterwards.
struct Folder {
    std::filesystem::path path;
    std::string file;

    Folder() {
        std::string name = boost::unit_test::framework::current_test_case().p_name;
        path = std::filesystem::temp_directory_path() / ("holdfast_catalogue_" + name);
        std::filesystem::remove_all(path);
        std::filesystem::create_directory(path);
        file = (path / "catalogue.db").string();
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string refusal() const {
        const auto catalogue = SqliteCatalogue::open(file);
        return catalogue ? "" : catalogue.error().sentence;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_catalogue_file, Folder)

BOOST_AUTO_TEST_CASE(what_was_answered_is_there_after_a_restart) {
    {
        const auto catalogue = SqliteCatalogue::open(file);
        BOOST_TEST_REQUIRE(catalogue.has_value());
        CatalogueCaller caller{**catalogue};
        BOOST_TEST_REQUIRE(!caller.add_product({.product_id = "p"}).error);
        BOOST_TEST_REQUIRE(!caller.add_device({.device_id = "x", .product_id = "p"}).error);
    }
    const auto catalogue = SqliteCatalogue::open(file);
    BOOST_TEST_REQUIRE(catalogue.has_value());
    BOOST_TEST(CatalogueCaller{**catalogue}.find_device("x").found->number == 1U);
}

BOOST_AUTO_TEST_CASE(what_was_answered_is_there_after_a_crash) {
    const auto catalogue = SqliteCatalogue::open(file);
    BOOST_TEST_REQUIRE(catalogue.has_value());
    CatalogueCaller caller{**catalogue};
    BOOST_TEST_REQUIRE(!caller.add_product({.product_id = "p"}).error);
    BOOST_TEST_REQUIRE(!caller.add_device({.device_id = "x", .product_id = "p"}).error);
    // What the disk has at this moment, with nobody to close it.
    const std::filesystem::path crashed = path / "crashed";
    std::filesystem::create_directory(crashed);
    for (const char* name : {"catalogue.db", "catalogue.db-wal"}) {
        std::filesystem::copy_file(path / name, crashed / name);
    }
    const auto after = SqliteCatalogue::open((crashed / "catalogue.db").string());
    BOOST_TEST_REQUIRE(after.has_value());
    BOOST_TEST(CatalogueCaller{**after}.find_device("x").found->number == 1U);
}

BOOST_AUTO_TEST_CASE(only_its_owner_may_read_the_file) {
    const auto catalogue = SqliteCatalogue::open(file);
    BOOST_TEST_REQUIRE(catalogue.has_value());
    BOOST_TEST_REQUIRE(!CatalogueCaller{**catalogue}.put_setting("a", "b"));
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        ++files;
        const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
        BOOST_TEST(((entry.status().permissions() & others) == std::filesystem::perms::none),
                   entry.path().string());
    }
    BOOST_TEST(files == 3U);  // and its write-ahead log, and its key
}

BOOST_AUTO_TEST_CASE(a_file_in_use_is_not_opened_a_second_time) {
    const auto catalogue = SqliteCatalogue::open(file);
    BOOST_TEST_REQUIRE(catalogue.has_value());
    BOOST_TEST(refusal() == "the catalogue " + file +
                                " is in use by another process; stop that one, or use another data "
                                "directory");
}

BOOST_AUTO_TEST_CASE(what_is_no_database_is_said_to_be_none) {
    std::ofstream{file} << std::string(5'000, 'x');
    BOOST_TEST(refusal() ==
               "the catalogue " + file +
                   " is damaged or no catalogue (file is not a database); move it away "
                   "and put a backup in its place");
}

BOOST_AUTO_TEST_CASE(the_database_of_another_program_is_left_as_it_is) {
    const auto bytes = [&] {
        std::ifstream stream{file, std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{stream}, {}};
    };
    {
        std::unique_ptr<Database> other;
        BOOST_TEST_REQUIRE(!Database::open(file, other));
        BOOST_TEST_REQUIRE(!other->execute("CREATE TABLE songs(title)"));
    }
    const std::string before = bytes();
    BOOST_TEST(refusal() ==
               "the catalogue " + file + " is the database of another program; name another file");
    BOOST_TEST((bytes() == before));
    BOOST_TEST(!before.empty());
}

BOOST_AUTO_TEST_CASE(a_damaged_database_is_not_used) {
    {
        const auto catalogue = SqliteCatalogue::open(file);
        BOOST_TEST_REQUIRE(catalogue.has_value());
        CatalogueCaller caller{**catalogue};
        for (int i = 0; i < 100; ++i) {
            BOOST_TEST_REQUIRE(!caller.put_setting(std::to_string(i), std::string(1'000, 'x')));
        }
    }
    {
        std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
        bytes.seekp(20 * 4096);
        bytes << std::string(20 * 4096, '\xA5');
    }
    const std::string sentence = refusal();
    BOOST_TEST(sentence.starts_with("the catalogue " + file + " is damaged"), sentence);
    BOOST_TEST(sentence.ends_with("move it away and put a backup in its place"), sentence);
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there_is_named) {
    file = (path / "no" / "catalogue.db").string();
    BOOST_TEST(refusal() ==
               "the catalogue " + file +
                   " cannot be opened; its folder must exist and this user must be able "
                   "to write there");
}

BOOST_AUTO_TEST_SUITE_END()
