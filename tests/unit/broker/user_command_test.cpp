#include "user_command.hpp"

#include "access/text_file.hpp"
#include "access/user_table.hpp"
#include "support/counting_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>

using namespace holdfast;
namespace fs = std::filesystem;

namespace {

struct Fixture {
    Fixture() : folder(fs::temp_directory_path() / "holdfast-user-command-test") {
        fs::remove_all(folder);
        fs::create_directories(folder);
        file = (folder / "users").string();
    }
    ~Fixture() { fs::remove_all(folder); }

    /// What it prints, or what is wrong.
    std::string run(UserCommand::Action action, const std::string& name = "") {
        const auto ask = [this] {
            ++asked;
            return password;
        };
        const auto done = run_user_command({action, file, name, scram_iterations}, ask, random,
                                           test_support::cheap_password);
        return done ? *done : done.error().message();
    }
    [[nodiscard]] bool knows(const std::string& name, const std::string& given) const {
        access::UserTable table;
        BOOST_REQUIRE(!table.add(*access::read_text_file(file), file).has_error());
        const access::User* const user = table.find(name);
        return user != nullptr && user->hash.matches(given);
    }

    [[nodiscard]] std::optional<access::ScramVerifier> scram_of(const std::string& name) const {
        access::UserTable table;
        BOOST_REQUIRE(!table.add(*access::read_text_file(file), file).has_error());
        return table.find(name)->scram;
    }

    using Action = UserCommand::Action;
    fs::path folder;
    std::string file;
    test_support::CountingBytes random;
    std::optional<std::string> password = "secret";
    std::optional<std::uint32_t> scram_iterations = 4'096;
    int asked = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(user_command)

BOOST_FIXTURE_TEST_CASE(users_are_added_changed_listed_and_removed, Fixture) {
    BOOST_TEST(run(Action::add, "bob").empty());
    BOOST_TEST(run(Action::add, "alice").empty());
    BOOST_TEST(run(Action::list) == "alice\nbob\n");
    BOOST_TEST(knows("bob", "secret"));
    password = "changed";
    BOOST_TEST(run(Action::passwd, "bob").empty());
    BOOST_TEST(knows("bob", "changed"));
    BOOST_TEST(knows("alice", "secret"));
    BOOST_TEST(run(Action::remove, "bob").empty());
    BOOST_TEST(run(Action::list) == "alice\n");
}

BOOST_FIXTURE_TEST_CASE(a_verifier_for_scram_is_written_beside_the_hash, Fixture) {
    const auto fits = [this](const std::string& name, const std::string& given) {
        const auto verifier = scram_of(name).value();
        return verifier == access::ScramVerifier::of_password(given, verifier.salt, 4'096);
    };
    BOOST_TEST(run(Action::add, "bob").empty());
    BOOST_TEST(knows("bob", "secret"));
    BOOST_TEST(fits("bob", "secret"));
    BOOST_TEST(run(Action::add, "alice").empty());
    BOOST_TEST((scram_of("alice")->salt != scram_of("bob")->salt));
    password = "changed";
    BOOST_TEST(run(Action::passwd, "bob").empty());
    BOOST_TEST(fits("bob", "changed"));
    scram_iterations.reset();
    BOOST_TEST(run(Action::passwd, "bob").empty());
    BOOST_TEST(!scram_of("bob").has_value());
    BOOST_TEST(knows("bob", "changed"));
}

BOOST_FIXTURE_TEST_CASE(a_password_that_is_no_text_is_for_passwords_alone, Fixture) {
    for (const char* unfit : {"a\tb", "\xFF", "\x7F"}) {
        password = unfit;
        BOOST_TEST(run(fs::exists(file) ? Action::passwd : Action::add, "bob").find("SCRAM") !=
                   std::string::npos);
        BOOST_TEST(knows("bob", unfit));
        BOOST_TEST(!scram_of("bob").has_value());
    }
    password = "gr\xC3\xBC\xC3\x9F";
    BOOST_TEST(run(Action::passwd, "bob").empty());
    BOOST_TEST(scram_of("bob").has_value());
}

BOOST_FIXTURE_TEST_CASE(a_change_that_cannot_be_made_asks_for_no_password, Fixture) {
    BOOST_TEST(run(Action::passwd, "bob").find("cannot be read") != std::string::npos);
    BOOST_TEST(run(Action::list).find("cannot be read") != std::string::npos);
    BOOST_TEST(run(Action::add, "bob").empty());
    BOOST_TEST(asked == 1);
    BOOST_TEST(run(Action::add, "bob").find("is there already") != std::string::npos);
    BOOST_TEST(run(Action::passwd, "eve").find("there is no user eve") != std::string::npos);
    BOOST_TEST(run(Action::add, "a:b").find("colon") != std::string::npos);
    BOOST_TEST(asked == 1);
}

BOOST_FIXTURE_TEST_CASE(a_password_that_is_none_changes_nothing, Fixture) {
    for (const std::optional<std::string>& none :
         {std::optional<std::string>{}, std::optional<std::string>{""},
          std::optional{std::string(password_bytes_max + 1, 'x')}}) {
        password = none;
        BOOST_TEST(run(Action::add, "bob").find("nothing was changed") != std::string::npos);
    }
    BOOST_TEST(!fs::exists(file));
}

BOOST_AUTO_TEST_SUITE_END()
