// Secrets of devices in a catalogue's file: encrypted, bound to their places, never read without their key.

#include "store/secret_keys.hpp"
#include "store/sqlite_catalogue.hpp"
#include "support/catalogue_caller.hpp"
#include "support/stored_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace holdfast::store;
using test_support::CatalogueCaller;
namespace fs = std::filesystem;

struct Folder {
    fs::path path;
    std::string file;
    std::string key;

    Folder() {
        const std::string name = boost::unit_test::framework::current_test_case().p_name;
        path = fs::temp_directory_path() / ("holdfast_secrets_" + name);
        fs::remove_all(path);
        fs::create_directory(path);
        file = (path / "catalogue.db").string();
        key = secret_key_file(file);
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string refusal() const {
        const auto catalogue = SqliteCatalogue::open(file);
        return catalogue ? "" : catalogue.error().sentence;
    }
    void fill() const {
        const auto catalogue = SqliteCatalogue::open(file);
        BOOST_TEST_REQUIRE(catalogue.has_value());
        CatalogueCaller caller{**catalogue};
        BOOST_TEST_REQUIRE(!caller.add_product({.product_id = "p"}).error);
        for (const char* id : {"pump", "valve"}) {
            Device device;
            device.device_id = id;
            device.product_id = "p";
            device.secret = std::string{"primary-of-"} + id;
            device.secondary_secret = std::string{"secondary-of-"} + id;
            BOOST_TEST_REQUIRE(!caller.add_device(device).error);
        }
    }
    void execute(const std::string& sql) const {
        std::unique_ptr<Database> database;
        BOOST_TEST_REQUIRE(!Database::open(file, database));
        BOOST_TEST_REQUIRE(!database->execute(sql), sql);
    }
    /// "primary/secondary", or the error.
    std::string secrets_of(const std::string& device_id) const {
        const auto catalogue = SqliteCatalogue::open(file);
        BOOST_TEST_REQUIRE(catalogue.has_value());
        const auto answer = CatalogueCaller{**catalogue}.find_device(device_id);
        if (answer.error) return answer.error.message();
        return answer.found->secret + "/" + answer.found->secondary_secret;
    }
    /// Somewhere in the folder's files.
    bool has_text(const std::string& text) const {
        for (const auto& entry : fs::directory_iterator(path)) {
            std::ifstream stream{entry.path(), std::ios::binary};
            const std::string bytes{std::istreambuf_iterator<char>{stream}, {}};
            if (bytes.find(text) != std::string::npos) return true;
        }
        return false;
    }
    void write_key(const std::string& bytes) const {
        std::ofstream{key, std::ios::binary | std::ios::trunc} << bytes;
    }
    std::string the_key(const std::string& what) const {
        return "the key of the devices' secrets " + key + " " + what;
    }
};

constexpr const char* unreadable =
    "the device's secret was not encrypted for it with this data directory's key";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(secrets_at_rest, Folder)

BOOST_AUTO_TEST_CASE(the_first_start_makes_a_key_for_its_owner_alone) {
    BOOST_TEST(refusal().empty());
    BOOST_TEST(fs::file_size(key) == 32U);
    const fs::perms wanted = fs::perms::owner_read | fs::perms::owner_write;
    BOOST_TEST((fs::status(key).permissions() == wanted));
    BOOST_TEST(!SqliteCatalogue::open(":memory:").has_error());
    BOOST_TEST(!fs::exists("secrets.key"));
}

BOOST_AUTO_TEST_CASE(secrets_are_read_after_a_restart_and_stand_nowhere_in_plain) {
    fill();
    BOOST_TEST(secrets_of("pump") == "primary-of-pump/secondary-of-pump");
    BOOST_TEST(secrets_of("valve") == "primary-of-valve/secondary-of-valve");
    BOOST_TEST(has_text("valve"));
    BOOST_TEST(!has_text("primary-of-"));
    BOOST_TEST(!has_text("secondary-of-"));
}

BOOST_AUTO_TEST_CASE(a_change_encrypts_again_for_the_device_that_has_it) {
    fill();
    {
        const auto catalogue = SqliteCatalogue::open(file);
        CatalogueCaller caller{**catalogue};
        Device device = *caller.find_device("valve").found;
        device.number = 0;  // the catalogue knows it
        device.secret = "another-secret";
        device.secondary_secret.clear();
        BOOST_TEST(caller.update_device(device).found->secret == "another-secret");
    }
    BOOST_TEST(secrets_of("valve") == "another-secret/");
    BOOST_TEST(!has_text("another-secret"));
}

BOOST_AUTO_TEST_CASE(a_secret_in_anothers_place_is_none) {
    fill();
    execute(
        "UPDATE devices SET secret = (SELECT secret FROM devices WHERE device_id = 'pump') "
        "WHERE device_id = 'valve'");
    BOOST_TEST(secrets_of("valve") == unreadable);
    BOOST_TEST(secrets_of("pump") == "primary-of-pump/secondary-of-pump");
    execute(
        "UPDATE devices SET secret = secondary_secret, secondary_secret = secret "
        "WHERE device_id = 'pump'");
    BOOST_TEST(secrets_of("pump") == unreadable);
}

BOOST_AUTO_TEST_CASE(a_changed_secret_or_one_in_plain_text_is_none) {
    fill();
    execute(
        "UPDATE devices SET secret = substr(secret, 1, 30) || "
        "CASE substr(secret, 31, 1) WHEN '0' THEN '1' ELSE '0' END || substr(secret, 32) "
        "WHERE device_id = 'pump'");
    execute("UPDATE devices SET secret = '12345678' WHERE device_id = 'valve'");
    BOOST_TEST(secrets_of("pump") == unreadable);
    BOOST_TEST(secrets_of("valve") == unreadable);
}

BOOST_AUTO_TEST_CASE(without_its_key_a_catalogue_with_secrets_is_not_opened) {
    fill();
    fs::remove(key);
    BOOST_TEST(refusal() == the_key("is missing, and the secrets in " + file +
                                    " are encrypted with it; put it back from the backup of the "
                                    "data directory"));
    BOOST_TEST(!fs::exists(key));
}

BOOST_AUTO_TEST_CASE(with_another_key_it_is_not_opened_either) {
    fill();
    write_key(std::string(32, 'k'));
    const std::string sentence =
        the_key("is not the one that the secrets in " + file +
                " are encrypted with; put that one back from the backup that the catalogue is of");
    BOOST_TEST(refusal() == sentence);
    execute("DELETE FROM settings WHERE name = 'secrets_key_mark'");
    BOOST_TEST(refusal() == sentence);
    write_key("short");
    BOOST_TEST(refusal().starts_with(the_key("is damaged: it has 5 bytes and not 32;")));
    fs::remove(key);
    fs::create_directory(key);
    BOOST_TEST(refusal().starts_with(the_key("is no readable file;")));
}

BOOST_AUTO_TEST_CASE(a_key_that_others_can_read_is_refused) {
    fill();
    for (const fs::perms more : {fs::perms::group_read, fs::perms::others_read,
                                 fs::perms::group_write, fs::perms::others_exec}) {
        fs::permissions(key, fs::perms::owner_read | fs::perms::owner_write | more);
        BOOST_TEST(refusal().starts_with(the_key("is open to others than its owner; chmod it")));
    }
    fs::permissions(key, fs::perms::owner_read);
    BOOST_TEST(refusal().empty());
}

BOOST_AUTO_TEST_CASE(a_catalogue_without_secrets_gets_another_key) {
    BOOST_TEST(refusal().empty());
    fs::remove(key);
    BOOST_TEST(refusal().empty());
    fill();
    BOOST_TEST(secrets_of("pump") == "primary-of-pump/secondary-of-pump");
}

BOOST_AUTO_TEST_CASE(a_catalogue_of_version_2_is_encrypted_when_it_is_opened) {
    const Bytes sql = test_support::golden("catalogue_v2.sql");
    execute(std::string{reinterpret_cast<const char*>(sql.data()), sql.size()});
    BOOST_TEST(has_text("second-secret"));
    BOOST_TEST(secrets_of("pump-7") == "12345678/");
    BOOST_TEST(secrets_of("valve-1") == "abcdefgh/second-secret");
    for (const char* secret : {"12345678", "abcdefgh", "second-secret"}) {
        BOOST_TEST(!has_text(secret), secret);
    }
    const auto catalogue = SqliteCatalogue::open(file);
    BOOST_TEST_REQUIRE(catalogue.has_value());
    CatalogueCaller caller{**catalogue};
    const DevicePtr device = caller.find_device("valve-1").found;
    BOOST_TEST(device->number == 2U);
    BOOST_TEST(device->is_secure_access);
    BOOST_TEST((device->auth_type == AuthType::secret));
    BOOST_TEST(device->fingerprint.empty());
    BOOST_TEST(caller.list_removed_devices().found.size() == 0U);
    BOOST_TEST(caller.list_devices({}).found.count == 2U);
}

BOOST_AUTO_TEST_CASE(a_start_that_ended_between_key_and_encryption_is_made_up_for) {
    const Bytes sql = test_support::golden("catalogue_v2.sql");
    execute(std::string{reinterpret_cast<const char*>(sql.data()), sql.size()});
    write_key(std::string(32, 'k'));
    fs::permissions(key, fs::perms::owner_read | fs::perms::owner_write);
    BOOST_TEST(secrets_of("pump-7") == "12345678/");
    BOOST_TEST(secrets_of("pump-7") == "12345678/");
}

BOOST_AUTO_TEST_SUITE_END()
