#include "api/connection_times.hpp"

#include "unit/api/api_world.hpp"
#include "unit/api/fake_catalogue.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using std::chrono_literals::operator""ms;

struct World {
    Counters counters;
    Turn turn{ShardIndex{0}, counters};
    std::unique_ptr<store::SqliteCatalogue> catalogue = open_catalogue();
    test_support::CatalogueCaller caller{*catalogue};
    ConnectionTimes times{*catalogue};

    World() {
        turn.now = Instant{Seconds{1'000}};
        turn.executor = &caller.executor();
        store::Product product;
        product.product_id = "p";
        BOOST_TEST_REQUIRE(!caller.add_product(product).error);
        for (const char* id : {"a", "b"}) {
            store::Device device;
            device.device_id = id;
            device.product_id = "p";
            BOOST_TEST_REQUIRE(!caller.add_device(device).error);
        }
    }
    void pass(Milliseconds time) {
        turn.now += time;
        times.on_deadline(turn);
    }
    /// What the catalogue has, after everything before it was answered: -1: nothing.
    std::int64_t kept(const char* id) {
        const auto at = caller.find_device(id).found->connection_changed_at;
        return at ? at->time_since_epoch().count() : -1;
    }
    std::int64_t fresh(std::uint64_t number) {
        const auto at = times.find(number);
        return at ? at->time_since_epoch().count() : -1;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(connection_times, World)

BOOST_AUTO_TEST_CASE(what_happened_is_known_at_once_and_kept_soon) {
    times.note(1, WallTime{5ms});
    BOOST_TEST(fresh(1) == 5);
    BOOST_TEST(fresh(2) == -1);
    BOOST_TEST(kept("a") == -1);
    pass(0ms);
    BOOST_TEST(fresh(1) == 5);  // until it is durable
    BOOST_TEST(kept("a") == 5);
    BOOST_TEST(fresh(1) == -1);
    BOOST_TEST(kept("b") == -1);
}

BOOST_AUTO_TEST_CASE(the_last_of_a_second_is_written_once) {
    times.note(1, WallTime{5ms});
    pass(0ms);
    times.note(1, WallTime{6ms});
    times.note(1, WallTime{7ms});
    BOOST_TEST(kept("a") == 5);
    pass(999ms);
    BOOST_TEST(kept("a") == 5);
    BOOST_TEST(fresh(1) == 7);
    pass(1ms);
    BOOST_TEST(kept("a") == 7);
}

BOOST_AUTO_TEST_CASE(more_than_one_write_holds_follow_at_once) {
    for (std::uint64_t number = 1; number <= 5'000; ++number) times.note(number, WallTime{5ms});
    pass(0ms);
    static_cast<void>(kept("a"));
    pass(0ms);
    BOOST_TEST(kept("a") == 5);
    BOOST_TEST(kept("b") == 5);
    for (std::uint64_t number = 1; number <= 5'000; ++number) {
        BOOST_TEST_REQUIRE(fresh(number) == -1);
    }
}

BOOST_AUTO_TEST_CASE(the_end_writes_everything) {
    times.note(1, WallTime{5ms});
    pass(0ms);
    times.note(2, WallTime{6ms});
    times.write_all(caller.executor());
    BOOST_TEST(kept("a") == 5);
    BOOST_TEST(kept("b") == 6);
}

BOOST_AUTO_TEST_CASE(what_could_not_be_written_is_tried_again_unless_something_newer_is_known) {
    FakeCatalogue broken;
    broken.failure = std::make_error_code(std::errc::no_space_on_device);
    ConnectionTimes waiting{broken};
    waiting.note(1, WallTime{5ms});
    waiting.note(2, WallTime{5ms});
    waiting.on_deadline(turn);
    waiting.note(2, WallTime{6ms});
    caller.executor().run_until([&] { return broken.times_asked == 1; });
    static_cast<void>(kept("a"));  // what was posted before has run
    BOOST_TEST((waiting.find(1) == WallTime{5ms}));
    BOOST_TEST((waiting.find(2) == WallTime{6ms}));
    waiting.on_deadline(turn);
    BOOST_TEST(broken.times_asked == 1U);  // not before a second is over
    turn.now += Seconds{1};
    waiting.on_deadline(turn);
    BOOST_TEST(broken.times_asked == 2U);
    static_cast<void>(kept("a"));
}

BOOST_AUTO_TEST_CASE(a_device_that_is_gone_is_no_failure_and_an_update_keeps_the_time) {
    BOOST_TEST(!caller.remove_device("b"));
    times.note(1, WallTime{5ms});
    times.note(2, WallTime{5ms});
    pass(0ms);
    BOOST_TEST(kept("a") == 5);
    BOOST_TEST(fresh(2) == -1);
    const auto rename = [](store::Device& device) {
        device.device_name = "pump";
        device.connection_changed_at.reset();
        return std::error_code{};
    };
    BOOST_TEST(!caller.change_device("a", rename).error);
    BOOST_TEST(kept("a") == 5);
}

BOOST_AUTO_TEST_SUITE_END()
