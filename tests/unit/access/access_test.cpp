#include "access/access.hpp"

#include "access/text_file.hpp"
#include "base/password.hpp"
#include "support/counting_bytes.hpp"
#include "unit/access/token_maker.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <string>

using namespace holdfast;
using namespace holdfast::access;
namespace fs = std::filesystem;

namespace {

class FixedClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return Instant{Seconds{1'000}}; }
    [[nodiscard]] WallTime wall_now() const override { return {}; }
};

/// Runs what the worker posts, on the thread of the test.
class WaitingExecutor final : public store::Executor {
public:
    void post(std::function<void()> task) override {
        const std::scoped_lock lock{mutex_};
        tasks_.push_back(std::move(task));
        has_tasks_.notify_one();
    }
    void run_one() {
        std::unique_lock lock{mutex_};
        has_tasks_.wait(lock, [this] { return !tasks_.empty(); });
        const auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
    }

private:
    std::mutex mutex_;
    std::condition_variable has_tasks_;
    std::deque<std::function<void()>> tasks_;
};

struct Fixture {
    Fixture() : folder(fs::temp_directory_path() / "holdfast-access-test") {
        fs::remove_all(folder);
        fs::create_directories(folder);
    }
    ~Fixture() { fs::remove_all(folder); }

    std::string write(const std::string& name, const std::string& text) const {
        const std::string file = (folder / name).string();
        BOOST_REQUIRE(!replace_text_file(file, text).has_error());
        return file;
    }
    std::string user(const std::string& name, const std::string& password) {
        return name + ":" + hash_password(password, random, test_support::cheap_password) + "\n";
    }
    LoginVerdict login(Access& access, std::string_view name, std::string_view password,
                       bool is_at_once = false) {
        std::optional<LoginVerdict> verdict;
        access.check(name, password, executor, [&](LoginVerdict given) { verdict = given; });
        BOOST_TEST(verdict.has_value() == is_at_once);
        while (!verdict) executor.run_one();
        return *verdict;
    }

    fs::path folder;
    FixedClock clock;
    test_support::CountingBytes random;
    WaitingExecutor executor;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(access_files)

BOOST_FIXTURE_TEST_CASE(a_password_is_compared_elsewhere_and_then_known_for_a_while, Fixture) {
    const std::string file = write("users", user("alice", "secret"));
    Access subject{{.users_file = file}, clock, random};
    BOOST_TEST_REQUIRE(subject.load().has_value());
    BOOST_TEST((login(subject, "alice", "wrong") == LoginVerdict::wrong));
    BOOST_TEST((login(subject, "alice", "secret") == LoginVerdict::right));
    BOOST_TEST((login(subject, "alice", "secret", true) == LoginVerdict::right));
    BOOST_TEST((login(subject, "alice", "wrong") == LoginVerdict::wrong));
    BOOST_TEST((login(subject, "nobody", "secret") == LoginVerdict::wrong));
    BOOST_TEST((login(subject, "", "") == LoginVerdict::wrong));
    write("users", user("alice", "changed"));
    BOOST_TEST_REQUIRE(subject.load().has_value());
    BOOST_TEST((login(subject, "alice", "secret") == LoginVerdict::wrong));
    BOOST_TEST((login(subject, "alice", "changed") == LoginVerdict::right));
}

BOOST_FIXTURE_TEST_CASE(scram_knows_users_and_asks_nobody_the_same_way, Fixture) {
    const ScramVerifier verifier = ScramVerifier::of_password("secret", {}, 4'096);
    std::string alice = user("alice", "secret");
    alice.insert(alice.size() - 1, " " + verifier.text());
    Access subject{{.users_file = write("users", alice + user("bob", "b"))}, clock, random};
    BOOST_TEST_REQUIRE(subject.load().has_value());
    BOOST_TEST((subject.scram_user("alice").verifier == verifier));
    BOOST_TEST(subject.scram_user("alice").is_user);
    const ScramUser bob = subject.scram_user("bob");
    const ScramUser nobody = subject.scram_user("nobody");
    BOOST_TEST((!bob.is_user && bob.has_password));
    BOOST_TEST((!nobody.is_user && !nobody.has_password));
    BOOST_TEST((bob.verifier.iterations == 4'096 && nobody.verifier.iterations == 4'096));
    BOOST_TEST((bob.verifier.salt != nobody.verifier.salt));
    BOOST_TEST((subject.scram_user("nobody").verifier == nobody.verifier));
    BOOST_TEST((login(subject, "alice", "secret") == LoginVerdict::right));
    const std::string nonce = subject.new_scram_nonce();
    BOOST_TEST(nonce.size() == 24U);
    BOOST_TEST(nonce != subject.new_scram_nonce());
}

BOOST_FIXTURE_TEST_CASE(users_of_both_files_are_known, Fixture) {
    Access subject{{.users_file = write("users", user("alice", "a")),
                    .password_file = write("passwd", user("bob", "b"))},
                   clock,
                   random};
    BOOST_TEST_REQUIRE(subject.load().has_value());
    BOOST_TEST((login(subject, "alice", "a") == LoginVerdict::right));
    BOOST_TEST((login(subject, "bob", "b") == LoginVerdict::right));
}

BOOST_FIXTURE_TEST_CASE(a_broken_file_changes_nothing, Fixture) {
    const std::string file = write("users", user("alice", "a") + user("bob", "b"));
    const std::string acl = write("acl", "topic a\n");
    Access subject{{.users_file = file, .acl_file = acl}, clock, random};
    BOOST_TEST_REQUIRE(subject.load().has_value());
    const session::RightsPtr rights = subject.rights_of({.client_id = "c"});
    write("users", user("bob", "b"));
    write("acl", "nonsense\n");
    const auto refused = subject.load();
    BOOST_TEST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().message().find("acl:1: ") != std::string::npos);
    BOOST_TEST((login(subject, "alice", "a") == LoginVerdict::right));
    BOOST_TEST(rights->may_receive("a"));
    write("acl", "topic b\n");
    const auto changed = subject.load();
    BOOST_TEST_REQUIRE(changed.has_value());
    BOOST_TEST(changed->gone_users == std::vector<std::string>{"alice"},
               boost::test_tools::per_element());
    BOOST_TEST((login(subject, "alice", "a") == LoginVerdict::wrong));
    BOOST_TEST(!rights->may_receive("a"));
    BOOST_TEST(rights->may_receive("b"));
}

BOOST_FIXTURE_TEST_CASE(keys_of_tokens_are_read_again_and_a_broken_file_keeps_them, Fixture) {
    const std::string first(32, 'a');
    const std::string second(32, 'b');
    Access subject{{.jwt_key_file = write("key", first)}, clock, random};
    BOOST_TEST_REQUIRE(subject.load().has_value());
    BOOST_TEST(subject.has_tokens());
    BOOST_TEST(!subject.has_users());
    const auto lets_in = [&](const std::string& secret) {
        const auto token = test_support::make_token(
            R"({"alg":"HS256"})", R"({"sub":"alice","exp":60})",
            [&](std::string_view text) { return test_support::sign_by_secret(secret, text); });
        return subject.check_token(token, "c", "alice").has_value();
    };
    BOOST_TEST(lets_in(first));
    write("key", "short");
    const auto refused = subject.load();
    BOOST_TEST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().message().find("less than 32 bytes") != std::string::npos);
    BOOST_TEST(lets_in(first));
    write("key", second);
    BOOST_TEST_REQUIRE(subject.load().has_value());
    BOOST_TEST(!lets_in(first));
    BOOST_TEST(lets_in(second));
    fs::remove(folder / "key");
    BOOST_TEST(subject.load().has_error());
    BOOST_TEST(lets_in(second));
}

BOOST_FIXTURE_TEST_CASE(a_missing_file_is_an_error_and_no_file_no_rights, Fixture) {
    Access missing{{.rules_file = (folder / "none").string()}, clock, random};
    BOOST_TEST(missing.load().has_error());
    Access keyless{{.jwt_keys_file = (folder / "none").string()}, clock, random};
    BOOST_TEST(keyless.load().has_error());
    Access none{{}, clock, random};
    BOOST_TEST_REQUIRE(none.load().has_value());
    BOOST_TEST(none.rights_of({.client_id = "c"}) == nullptr);
    BOOST_TEST(!none.has_users());
    BOOST_TEST(!none.has_tokens());
}

BOOST_FIXTURE_TEST_CASE(too_many_at_once_are_told_to_come_again, Fixture) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += user("u" + std::to_string(i), "p");
    Access subject{{.users_file = write("users", text)}, clock, random};
    BOOST_TEST_REQUIRE(subject.load().has_value());
    int busy = 0;
    int answers = 0;
    constexpr int asked = 5'000;
    for (int i = 0; i < asked; ++i) {
        subject.check("nobody" + std::to_string(i), "p", executor, [&](LoginVerdict verdict) {
            ++answers;
            if (verdict == LoginVerdict::busy) ++busy;
        });
    }
    while (answers < asked) executor.run_one();
    BOOST_TEST(busy > 0);
    BOOST_TEST(busy < asked);
}

BOOST_AUTO_TEST_SUITE_END()
