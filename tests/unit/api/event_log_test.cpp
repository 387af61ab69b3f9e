#include "api/event_log.hpp"

#include "support/device_world.hpp"
#include "unit/api/fake_catalogue.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

using namespace holdfast;
using namespace holdfast::api;
using store::Position;

namespace {

struct Fixture {
    Fixture() {
        settings.keep_all = true;
        catalogue.devices["d"] = {
            .device_id = "d", .node_id = "n", .product_id = "p", .app_id = "a"};
    }
    void open() {
        log.emplace(EventLog::Context{.store = store,
                                      .catalogue = catalogue,
                                      .home = home,
                                      .clock = clock,
                                      .events = told,
                                      .settings = settings});
        log->start();
        run();
    }
    void run() {
        while (home.waiting() > 0) home.run_one();
    }
    void happen(const std::string& device_id = "d") {
        PlatformEvent event;
        event.kind = PlatformEventKind::device_status_updated;
        event.subject.device_id = device_id;
        event.at = clock.wall_now();
        event.body = "{}";
        log->on_platform_event(std::move(event));
    }
    /// "1 d, 2 d|2" : events, and how far was looked.
    std::string read(std::uint64_t after = 0, std::size_t events_max = 100) {
        std::string text;
        log->read(
            Position{after}, events_max, [&](std::error_code error, const EventLog::Page& page) {
                BOOST_TEST(!error);
                for (const LoggedEvent& each : page.events) {
                    text += event_id(each.position) + " " + each.event.subject.device_id + ", ";
                }
                text += "|" + event_id(page.looked_through) + (page.is_last ? "" : "...");
                last_page = page;
            });
        run();
        return text;
    }
    Position record(store::Batch& batch) {
        return log->record(
            {.device_id = "d", .message_id = "m", .topic = "t", .at = clock.wall_now()}, batch);
    }

    EventSettings settings;
    test_support::FakeClock clock;
    test_support::EventSentences told;
    test_support::ManualExecutor home;
    test_support::FailingStore store;
    FakeCatalogue catalogue;
    std::optional<EventLog> log;
    EventLog::Page last_page;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(event_log, Fixture)

BOOST_AUTO_TEST_CASE(events_are_read_in_their_order_once_they_are_durable) {
    open();
    BOOST_TEST(read() == "|0");
    happen("d");
    happen("e");
    BOOST_TEST((log->last() == store::before_first));
    run();
    BOOST_TEST(read() == "1 d, 2 e, |2");
    BOOST_TEST(read(1) == "2 e, |2");
    BOOST_TEST(read(2) == "|2");
    BOOST_TEST(read(0, 1) == "1 d, |1...");
}

BOOST_AUTO_TEST_CASE(nothing_is_kept_that_nobody_wants) {
    settings.keep_all = false;
    open();
    BOOST_TEST(!log->wants_anything());
    happen();
    run();
    BOOST_TEST(read() == "|0");
    log->set_rule_kinds(kinds_of(PlatformEventKind::device_status_updated));
    BOOST_TEST(log->wants(PlatformEventKind::device_status_updated));
    BOOST_TEST(!log->wants_status());
    happen();
    run();
    BOOST_TEST(read() == "1 d, |1");
    log->set_rule_kinds(0);
    happen();
    run();
    BOOST_TEST(read() == "1 d, |1");
}

BOOST_AUTO_TEST_CASE(what_is_behind_an_open_change_waits_for_it) {
    open();
    store::Batch batch;
    const Position position = record(batch);
    happen();
    run();
    BOOST_TEST(read() == "|0");
    store.commit(std::move(batch), home, [&](std::error_code) { log->on_settled({position}); });
    run();
    BOOST_TEST(read() == "1 d, 2 d, |2");
}

BOOST_AUTO_TEST_CASE(positions_go_on_after_a_restart) {
    open();
    happen();
    run();
    log.reset();
    open();
    happen();
    run();
    BOOST_TEST(read() == "1 d, 2 d, |2");
    BOOST_TEST((log->first() == Position{1}));
}

BOOST_AUTO_TEST_CASE(what_the_store_did_not_keep_is_told_and_passed_over) {
    open();
    store.fail_with(std::make_error_code(std::errc::no_space_on_device));
    happen();
    run();
    store.fail_with({});
    happen("e");
    run();
    BOOST_TEST(read() == "2 e, |2");
    BOOST_TEST(log->totals().failed == 1U);
}

BOOST_AUTO_TEST_CASE(what_the_catalogue_knows_of_a_device_is_added) {
    open();
    happen("d");
    happen("e");  // it is gone
    run();
    for (const bool is_cached : {true, false}) {
        catalogue.is_cached = is_cached;
        catalogue.failure = {};
        static_cast<void>(read());
        BOOST_TEST_REQUIRE(last_page.events.size() == 2U);
        BOOST_TEST(last_page.events[0].event.subject.product_id == "p");
        BOOST_TEST(last_page.events[0].event.subject.node_id == "n");
        BOOST_TEST(last_page.events[0].event.subject.app_id == "a");
        BOOST_TEST(last_page.events[1].event.subject.product_id == "");
    }
}

BOOST_AUTO_TEST_CASE(the_oldest_go_when_there_are_too_many) {
    settings.events_max = 2;
    open();
    for (int i = 0; i < 5; ++i) happen();
    run();
    log->trim();
    run();
    BOOST_TEST(read() == "4 d, 5 d, |5");
    BOOST_TEST((log->first() == Position{4}));
    BOOST_TEST(log->totals().forgotten == 3U);
    log.reset();
    open();
    BOOST_TEST((log->first() == Position{4}));
}

BOOST_AUTO_TEST_CASE(the_oldest_go_when_they_have_too_many_bytes) {
    open();
    happen();
    happen();
    run();
    settings.bytes_max = store.level(delivery::event_queue).bytes - 1;
    log->trim();
    run();
    BOOST_TEST(read() == "2 d, |2");
}

BOOST_AUTO_TEST_CASE(the_oldest_go_when_they_are_too_old) {
    open();
    happen();
    run();
    clock.current += Seconds{3600};
    happen();
    run();
    clock.current += settings.age_max - Seconds{1800};
    log->trim();
    run();
    BOOST_TEST(read() == "2 d, |2");
    clock.current += Seconds{3600};
    log->trim();
    run();
    BOOST_TEST(read() == "|0");
    BOOST_TEST((log->first() == Position{3}));
}

BOOST_AUTO_TEST_CASE(who_watches_is_woken_once_for_many_events) {
    open();
    int times = 0;
    EventLog::Watch watch = log->watch([&] { ++times; });
    happen();
    happen();
    run();
    BOOST_TEST(times >= 1);
    BOOST_TEST(times <= 2);
    watch.reset();
    const int before = times;
    happen();
    run();
    BOOST_TEST(times == before);
    watch = log->watch([&] { ++times; });
    log->end_waiting();
    BOOST_TEST(times == before + 1);
    BOOST_TEST(log->has_ended_waiting());
}

BOOST_AUTO_TEST_SUITE_END()
