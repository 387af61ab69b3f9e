#include "storage.hpp"

#include "store/log_store.hpp"
#include "support/world.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace {

using namespace holdfast;
using test_support::EventRecorder;

struct Folder {
    Folder() {
        std::filesystem::remove_all(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }

    [[nodiscard]] Config config() const {
        Config made;
        made.data_directory = path.string();
        return made;
    }

    const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                       ("holdfast_storage_" + std::to_string(getpid()));
    EventRecorder events;
};

std::string sentence_of(const Config& config, EventSink& events) {
    try {
        (void)open_storage(config, events);
        return "no error";
    } catch (const StorageError& error) {
        return error.what();
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(storage)

BOOST_FIXTURE_TEST_CASE(a_data_directory_is_made_and_can_be_opened_again, Folder) {
    for (int times = 0; times < 2; ++times) {
        const Storage opened = open_storage(config(), events);
        BOOST_TEST(opened.is_durable());
        BOOST_TEST((opened.log == opened.store.get()));
        BOOST_TEST(std::filesystem::exists(path / "catalogue.db"));
        BOOST_TEST(std::filesystem::is_directory(path / "log"));
    }
    struct stat status {};
    BOOST_TEST_REQUIRE(::stat(path.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777U) == 0700U);
}

BOOST_FIXTURE_TEST_CASE(without_one_everything_is_in_memory, Folder) {
    Config in_memory;
    in_memory.data_directory.reset();
    const Storage opened = open_storage(in_memory, events);
    BOOST_TEST(!opened.is_durable());
    BOOST_TEST(opened.log == nullptr);
    BOOST_TEST((opened.store && opened.catalogue));
}

BOOST_FIXTURE_TEST_CASE(one_that_is_in_use_is_named, Folder) {
    const Storage opened = open_storage(config(), events);
    const std::string sentence = sentence_of(config(), events);
    BOOST_TEST(sentence.find((path / "log").string()) != std::string::npos);
    BOOST_TEST(sentence.find("another process") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(one_that_cannot_be_made_is_named_with_the_reason, Folder) {
    Config nowhere;
    nowhere.data_directory = (path / "missing" / "data").string();
    const std::string sentence = sentence_of(nowhere, events);
    BOOST_TEST(sentence.find("missing/data") != std::string::npos);
    BOOST_TEST(sentence.find("No such file") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_file_in_its_place_is_an_error, Folder) {
    std::ofstream{path} << "no folder";
    BOOST_TEST(sentence_of(config(), events).find(path.string()) != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_closed_one_can_be_looked_into, Folder) {
    std::vector<std::string> lines;
    const PrintLine print = [&](std::string_view line) { lines.emplace_back(line); };
    {
        const Storage opened = open_storage(config(), events);
        BOOST_CHECK_THROW((void)verify_storage(path.string(), print), StorageError);
    }
    BOOST_TEST(verify_storage(path.string(), print));
    BOOST_TEST_REQUIRE(!lines.empty());
    BOOST_TEST(lines.back() == "healthy");
    BOOST_TEST(dump_storage(path.string(), print));
    BOOST_CHECK_THROW((void)dump_storage((path / "x").string(), print), StorageError);
    BOOST_TEST(!std::filesystem::exists(path / "x"));
}

BOOST_FIXTURE_TEST_CASE(the_first_password_is_for_the_owner_alone, Folder) {
    std::filesystem::create_directory(path);
    const std::string file = leave_first_password(path.string(), "secret");
    std::string line;
    std::getline(std::ifstream{file}, line);
    BOOST_TEST(line == "secret");
    struct stat status {};
    BOOST_TEST_REQUIRE(::stat(file.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777U) == 0600U);
    BOOST_CHECK_THROW((void)leave_first_password((path / "x").string(), "s"), StorageError);
}

BOOST_AUTO_TEST_SUITE_END()
