#include "device_removals.hpp"

#include "device_login.hpp"
#include "store/memory_store.hpp"
#include "store/sqlite_catalogue.hpp"
#include "support/catalogue_caller.hpp"
#include "support/connection_script.hpp"
#include "support/device_world.hpp"
#include "support/world.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <utility>

namespace {

using namespace holdfast;
using namespace test_support;

/// Devices with a session and a waiting message each, as a start finds them.
struct Fixture {
    World world;
    FailingStore store;
    FakeClock clock;
    ContentComposer composer;
    EventRecorder events;
    ManualExecutor executor;
    const delivery::DeliverySettings settings;
    delivery::Delivery delivery{{.store = store,
                                 .settings = settings,
                                 .clock = clock,
                                 .events = events,
                                 .composer = composer}};
    std::unique_ptr<store::SqliteCatalogue> catalogue;

    Fixture() {
        auto opened = store::SqliteCatalogue::open(":memory:");
        BOOST_TEST_REQUIRE(opened.has_value());
        catalogue = std::move(*opened);
        BOOST_TEST_REQUIRE(!caller().add_product({.product_id = "p"}).error);
    }
    ~Fixture() { catalogue.reset(); }  // before the executor of its last answers
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    CatalogueCaller caller() { return CatalogueCaller{*catalogue}; }

    std::uint64_t add(const std::string& device_id) {
        store::Device device;
        device.device_id = device_id;
        device.product_id = "p";
        return caller().add_device(device).found->number;
    }
    void add_with_message(const std::string& device_id) {
        const std::uint64_t number = add(device_id);
        bool is_answered = false;
        with_actions([&](session::Actions& actions) {
            delivery.accept({number, device_id}, DeviceWorld::message("m"), actions,
                            [&](const delivery::AcceptOutcome&) { is_answered = true; });
            executor.run_until([&] { return is_answered; });
        });
    }
    void begin_session(const std::string& device_id) {
        auto script = world.connected(connect(device_session_key(device_id)).session_expiry(3600));
        script.lose_connection();
    }
    [[nodiscard]] bool has_session(const std::string& device_id) {
        return world.find(device_session_key(device_id)) != nullptr;
    }

    /// What the start does.
    std::error_code finish() {
        std::optional<std::error_code> result;
        with_actions([&](session::Actions& actions) {
            const DeviceRemovals::Context context{*catalogue, delivery, world.registry(), actions};
            std::make_shared<DeviceRemovals>(context, [&](std::error_code error) {
                result = error;
            })->start();
            executor.run_until([&] { return result.has_value(); });
        });
        return *result;
    }

private:
    template <class Act>
    void with_actions(Act act) {
        session::Actions& actions = world.enter(ShardIndex{0});
        store::Executor* const before = std::exchange(actions.executor, &executor);
        act(actions);
        actions.executor = before;
        world.finish_turn();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(device_removals, Fixture)

BOOST_AUTO_TEST_CASE(without_removals_nothing_changes) {
    add_with_message("pump");
    begin_session("pump");
    BOOST_TEST(!finish());
    BOOST_TEST(delivery.levels().waiting_messages == 1U);
    BOOST_TEST(has_session("pump"));
}

BOOST_AUTO_TEST_CASE(what_a_removed_device_left_is_removed) {
    for (const char* const device_id : {"pump", "valve", "stays"}) {
        add_with_message(device_id);
        begin_session(device_id);
    }
    BOOST_TEST_REQUIRE(!caller().remove_device("pump"));
    BOOST_TEST_REQUIRE(!caller().remove_device("valve"));
    BOOST_TEST(!finish());
    BOOST_TEST(delivery.levels().waiting_messages == 1U);
    BOOST_TEST(!has_session("pump"));
    BOOST_TEST(!has_session("valve"));
    BOOST_TEST(has_session("stays"));
    BOOST_TEST(caller().list_removed_devices().found.empty());
}

BOOST_AUTO_TEST_CASE(the_session_of_a_device_registered_since_then_stays) {
    add_with_message("pump");
    BOOST_TEST_REQUIRE(!caller().remove_device("pump"));
    add("pump");
    begin_session("pump");
    BOOST_TEST(!finish());
    BOOST_TEST(delivery.levels().waiting_messages == 0U);
    BOOST_TEST(has_session("pump"));
}

BOOST_AUTO_TEST_CASE(what_fails_is_left_to_the_next_start) {
    add_with_message("pump");
    BOOST_TEST_REQUIRE(!caller().remove_device("pump"));
    store.fail_with(std::make_error_code(std::errc::no_space_on_device));
    BOOST_TEST((finish() == std::errc::no_space_on_device));
    BOOST_TEST(delivery.levels().waiting_messages == 1U);
    BOOST_TEST(caller().list_removed_devices().found.size() == 1U);
    store.fail_with({});
    BOOST_TEST(!finish());
    BOOST_TEST(delivery.levels().waiting_messages == 0U);
    BOOST_TEST(caller().list_removed_devices().found.empty());
}

BOOST_AUTO_TEST_SUITE_END()
