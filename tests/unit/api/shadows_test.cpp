#include "api/shadows.hpp"

#include "support/manual_executor.hpp"
#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct Fixture {
    test_support::ManualExecutor executor;
    std::unique_ptr<store::SqliteCatalogue> catalogue = open_catalogue();
    std::optional<Shadows> shadows{std::in_place, catalogue->documents()};
    Counters counters;
    Turn turn{ShardIndex{0}, counters};
    const ShadowOwner owner{7, "pump-7"};

    Fixture() {
        turn.executor = &executor;
        turn.now = Instant{Seconds{1'000}};
    }
    ~Fixture() { catalogue.reset(); }  // before the executor of its last answers
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    bool report(const std::string& properties) {
        return shadows->on_reported(owner, {{"S", properties, "20260101T000000Z"}}, turn.now);
    }
    /// What is due is written, and the answer has come.
    void write() {
        shadows->on_deadline(turn);
        settle();
    }
    /// Everything that was asked before is answered.
    void settle() {
        bool is_done = false;
        catalogue->find_setting(
            "x", executor,
            [&](std::error_code, const std::optional<std::string>&) { is_done = true; });
        executor.run_until([&] { return is_done; });
    }
    template <class Ask>
    std::string answer(Ask ask) {
        std::optional<std::string> text;
        ask([&](std::error_code error, const Shadow& shadow) {
            text = error ? error.message() : shadow.to_json();
        });
        executor.run_until([&] { return text.has_value(); });
        return *text;
    }
    std::string found() {
        return answer([&](const auto& done) { shadows->find(owner.number, executor, done); });
    }
    std::string desire(const std::string& object, std::optional<std::uint64_t> version = {}) {
        return answer([&](const auto& done) {
            shadows->desire(owner, {{"S", object, version}}, "20260102T000000Z", executor, done);
        });
    }
    /// As the catalogue has it: a new process.
    std::string kept() {
        settle();
        shadows.emplace(catalogue->documents());
        return found();
    }
    static std::string reported(const std::string& properties) {
        return R"([{"service_id":"S","reported":{"properties":)" + properties +
               R"(,"event_time":"20260101T000000Z"},"version":0}])";
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(shadows)

BOOST_FIXTURE_TEST_CASE(what_is_reported_is_seen_at_once_and_written_once_a_second, Fixture) {
    BOOST_TEST(found() == "[]");
    BOOST_TEST(report(R"({"a":1})"));
    BOOST_TEST(report(R"({"b":2})"));
    BOOST_TEST(found() == reported(R"({"a":1,"b":2})"));
    turn.now += Seconds{1} - Milliseconds{1};
    write();
    BOOST_TEST(kept() == "[]");
    BOOST_TEST(report(R"({"a":1})"));
    turn.now += Seconds{1};
    write();
    settle();  // the first one is added when it was not found
    BOOST_TEST(found() == reported(R"({"a":1})"));
    BOOST_TEST(kept() == reported(R"({"a":1})"));
    BOOST_TEST(report(R"({"b":3})"));
    turn.now += Seconds{1};
    write();
    BOOST_TEST(kept() == reported(R"({"a":1,"b":3})"));
}

BOOST_FIXTURE_TEST_CASE(a_clean_end_loses_nothing, Fixture) {
    BOOST_TEST(report(R"({"a":1})"));
    shadows->write_all(executor);
    BOOST_TEST(kept() == reported(R"({"a":1})"));
    BOOST_TEST(report(R"({"a":2})"));
    shadows->write_all(executor);
    BOOST_TEST(kept() == reported(R"({"a":2})"));
}

BOOST_FIXTURE_TEST_CASE(what_is_desired_is_durable_when_it_is_answered, Fixture) {
    BOOST_TEST(report(R"({"a":1})"));
    const std::string both =
        R"([{"service_id":"S","desired":{"properties":{"a":5},"event_time":"20260102T000000Z"},)"
        R"("reported":{"properties":{"a":1},"event_time":"20260101T000000Z"},"version":1}])";
    BOOST_TEST(desire(R"({"a":5})", 0) == both);
    BOOST_TEST(desire(R"({"a":6})", 0) == std::make_error_code(version_conflict).message());
    BOOST_TEST(kept() == R"([{"service_id":"S","desired":{"properties":{"a":5},)"
                         R"("event_time":"20260102T000000Z"},"version":1}])");
}

BOOST_FIXTURE_TEST_CASE(a_shadow_has_a_maximum, Fixture) {
    const auto object = [](std::size_t size) {
        return R"({"a":")" + std::string(size, 'x') + "\"}";
    };
    const std::string too_large = std::make_error_code(shadow_too_large).message();
    BOOST_TEST(desire(object(shadow_bytes_max)) == too_large);
    BOOST_TEST(desire(object(shadow_bytes_max - 200)) != too_large);
    BOOST_TEST(!report(object(shadow_bytes_max)));
    for (int times = 0; times < 5; ++times) {  // the same property again
        BOOST_TEST(report(object(shadow_bytes_max / 4)));
    }
    BOOST_TEST(found() != too_large);
}

BOOST_FIXTURE_TEST_CASE(a_service_or_all_of_it_can_be_removed, Fixture) {
    static_cast<void>(desire("{}"));
    const auto remove = [&](const std::optional<std::string>& service_id) {
        std::optional<std::error_code> outcome;
        shadows->remove(owner.number, service_id, executor,
                        [&](std::error_code error) { outcome = error; });
        executor.run_until([&] { return outcome.has_value(); });
        BOOST_TEST(!*outcome);
    };
    remove("T");
    BOOST_TEST(found() != "[]");
    BOOST_TEST(report("{}"));
    remove("S");
    BOOST_TEST(found() == "[]");
    remove(std::nullopt);
    remove(std::nullopt);
    BOOST_TEST(kept() == "[]");
}

BOOST_FIXTURE_TEST_CASE(a_deleted_device_gets_no_shadow_any_more, Fixture) {
    BOOST_TEST(report(R"({"a":1})"));
    shadows->forget(owner.number);
    turn.now += Seconds{1};
    write();
    BOOST_TEST(kept() == "[]");
    BOOST_TEST(report(R"({"a":1})"));
    turn.now += Seconds{1};
    shadows->on_deadline(turn);  // being written
    shadows->forget(owner.number);
    settle();
    settle();
    settle();
    BOOST_TEST(kept() == "[]");
}

BOOST_AUTO_TEST_SUITE_END()
