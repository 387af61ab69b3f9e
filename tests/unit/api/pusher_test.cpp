#include "api/pusher.hpp"

#include "support/counting_bytes.hpp"
#include "support/device_world.hpp"
#include "unit/api/certificates.hpp"
#include "unit/api/fake_catalogue.hpp"
#include "unit/api/fake_documents.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

using namespace holdfast;
using namespace holdfast::api;
using store::DocumentKind;

namespace {

/// The names of what was told.
class Told final : public EventSink {
public:
    [[nodiscard]] bool wants(Severity) const override { return true; }
    void on_event(const Event& event) override { names.emplace_back(event.name); }
    std::vector<std::string> names;
};

/// The Pusher with its log, without a socket: the test hears each request and answers when it likes.
struct World {
    World() {
        rule.rule_id = "r";
        rule.kind = PlatformEventKind::device_status_updated;
        rule.is_active = true;
        action.action_id = "a";
        action.rule_id = "r";
        action.url = "http://hub.example/push";
        open();
    }
    /// What was there before is gone; documents and log stay.
    void open() {
        const PushBook book = read_push_book(documents).value();
        pusher.reset();
        log.reset();
        sent.clear();
        log.emplace(EventLog::Context{.store = store,
                                      .catalogue = catalogue,
                                      .home = home,
                                      .clock = clock,
                                      .events = told,
                                      .settings = event_settings});
        log->start();
        pusher.emplace(PushContext{.log = *log,
                                   .documents = documents,
                                   .home = home,
                                   .clock = clock,
                                   .random = random,
                                   .events = told,
                                   .settings = settings,
                                   .policy = {},
                                   .send = [this](ClientRequest request, ClientDone done) {
                                       sent.push_back({std::move(request), std::move(done)});
                                   }});
        pusher->start(book);
        run();
    }
    void run() {
        while (home.waiting() > 0) home.run_one();
    }
    void tick(Milliseconds passed = Milliseconds{0}) {
        clock.current += passed;
        pusher->on_tick();
        run();
    }
    /// As an application does: documents, and the Pusher's book.
    void set_up() {
        documents.set(document_of(rule));
        documents.set(document_of(action));
        pusher->change([&](PushBook& book) {
            book.rules[rule.rule_id] = rule;
            book.actions[action.action_id] = action;
        });
        run();
    }
    void happen(const std::string& device_id, std::size_t bytes = 0) {
        PlatformEvent event;
        event.kind = PlatformEventKind::device_status_updated;
        event.subject.device_id = device_id;
        event.at = clock.wall_now();
        event.body = "\"" + std::string(bytes, 'x') + "\"";
        log->on_platform_event(std::move(event));
        run();
    }
    /// The devices of the requests that wait for an answer: "d e".
    std::string requested() {
        std::string text;
        for (const Sent& each : sent) {
            const auto body = boost::json::parse(each.request.body);
            const auto& header = body.at("notify_data").at("header");
            text += (text.empty() ? "" : " ") + std::string{header.at("device_id").as_string()};
        }
        return text;
    }
    void answer(unsigned status) {
        BOOST_TEST_REQUIRE(!sent.empty());
        const Sent first = std::move(sent.front());
        sent.erase(sent.begin());
        ClientResponse response;
        response.status = status;
        first.done(std::move(response));
        run();
    }
    void fail() {
        BOOST_TEST_REQUIRE(!sent.empty());
        const Sent first = std::move(sent.front());
        sent.erase(sent.begin());
        first.done(ClientError{ClientFailure::connect_failed, "nobody is there"});
        run();
    }
    [[nodiscard]] PushActionState state() const { return pusher->state_of("a"); }
    [[nodiscard]] std::ptrdiff_t count(const std::string& name) const {
        return std::ranges::count(told.names, name);
    }

    struct Sent {
        ClientRequest request;
        ClientDone done;
    };
    PushSettings settings;
    EventSettings event_settings;
    test_support::FakeClock clock;
    Told told;
    test_support::ManualExecutor home;
    test_support::FailingStore store;
    test_support::CountingBytes random;
    FakeCatalogue catalogue;
    FakeDocuments documents;
    std::vector<Sent> sent;
    PushRule rule;
    PushAction action;
    std::optional<EventLog> log;
    std::optional<Pusher> pusher;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pusher_suite, World)

BOOST_AUTO_TEST_CASE(
    what_happens_after_a_rule_became_active_is_posted_once_and_forgotten_when_taken) {
    happen("before");
    set_up();
    happen("d");
    BOOST_TEST(requested() == "d");
    const ClientRequest& request = sent.front().request;
    BOOST_TEST((request.method == boost::beast::http::verb::post));
    BOOST_TEST(request.url.host == "hub.example");
    BOOST_TEST(request.fields.size() == 1U);
    BOOST_TEST((request.limits.request_timeout == settings.timeout));
    answer(204);
    tick(Seconds{10});
    BOOST_TEST(requested() == "");
    BOOST_TEST(state().totals.pushed == 1U);
    BOOST_TEST(state().waiting == 0U);
    BOOST_TEST(documents.body(DocumentKind::push_cursor, "a") == event_id(log->last()));
}

BOOST_AUTO_TEST_CASE(what_failed_goes_again_with_the_same_event_and_says_why) {
    set_up();
    happen("d");
    const std::string first = sent.front().request.body;
    fail();
    BOOST_TEST((state().state == PushState::working));
    BOOST_TEST(state().last_failure == "connect_failed: nobody is there");
    BOOST_TEST(state().waiting == 1U);
    tick(Milliseconds{499});
    BOOST_TEST(requested() == "");
    tick(Seconds{2});
    BOOST_TEST(requested() == "d");
    BOOST_TEST(sent.front().request.body == first);
    answer(500);
    BOOST_TEST(state().last_failure == "the receiver answered 500");
    tick(Seconds{5});
    answer(200);
    BOOST_TEST(state().last_failure == "");
    BOOST_TEST(state().totals.failed == 2U);
    BOOST_TEST(state().totals.pushed == 1U);
}

BOOST_AUTO_TEST_CASE(a_restart_goes_on_behind_the_cursor_that_was_saved) {
    set_up();
    happen("d");
    happen("e");
    BOOST_TEST(requested() == "d e");
    answer(200);
    tick(Seconds{1});  // the cursor is saved behind d
    open();
    BOOST_TEST(requested() == "e");
    answer(200);
    happen("f");
    BOOST_TEST(requested() == "f");
}

BOOST_AUTO_TEST_CASE(cursors_that_cannot_be_read_stop_the_pushes_and_say_so) {
    set_up();
    documents.failing = DocumentKind::push_cursor;
    open();
    BOOST_TEST(count("push_cursors_unreadable") == 1);
    happen("d");
    BOOST_TEST(requested() == "");
}

BOOST_AUTO_TEST_CASE(a_cursor_that_cannot_be_saved_is_saved_later) {
    set_up();
    happen("d");
    answer(200);
    documents.failure = std::make_error_code(std::errc::io_error);
    tick(Seconds{1});
    BOOST_TEST(documents.body(DocumentKind::push_cursor, "a") != event_id(log->last()));
    documents.failure = {};
    tick(Seconds{1});
    BOOST_TEST(documents.body(DocumentKind::push_cursor, "a") == event_id(log->last()));
    const std::size_t writes = documents.writes;
    tick(Seconds{1});
    BOOST_TEST(documents.writes == writes);  // nothing has moved
}

BOOST_AUTO_TEST_CASE(an_action_that_is_gone_sends_nothing_more_and_its_answers_are_for_nobody) {
    set_up();
    happen("d");
    happen("d");
    BOOST_TEST(requested() == "d");
    pusher->change([](PushBook& book) { book.actions.clear(); });
    run();
    BOOST_TEST((state().state == PushState::inactive));
    BOOST_TEST(documents.body(DocumentKind::push_cursor, "a") == "");
    answer(200);
    tick(Seconds{100});
    BOOST_TEST(requested() == "");
    BOOST_TEST(pusher->states().empty());
}

BOOST_AUTO_TEST_CASE(
    a_host_that_failed_ten_times_is_told_once_tried_now_and_then_and_told_when_back) {
    set_up();
    for (int i = 0; i < 11; ++i) happen("d" + std::to_string(i));
    BOOST_TEST(sent.size() == 11U);
    while (!sent.empty()) fail();
    BOOST_TEST((state().state == PushState::blocked));
    BOOST_TEST(count("push_blocked") == 1);
    tick(settings.probe_interval - Milliseconds{1});
    BOOST_TEST(sent.size() == 0U);
    tick(Milliseconds{1});
    BOOST_TEST(requested() == "d0");
    answer(200);
    BOOST_TEST((state().state == PushState::working));
    BOOST_TEST(count("push_resumed") == 1);
    BOOST_TEST(sent.size() == 10U);
}

BOOST_AUTO_TEST_CASE(actions_to_one_origin_share_what_is_known_of_it) {
    set_up();
    PushAction other = action;
    other.action_id = "b";
    other.url = "http://hub.example/other";
    pusher->change([&](PushBook& book) { book.actions["b"] = other; });
    for (int i = 0; i < 6; ++i) happen("d" + std::to_string(i));
    BOOST_TEST(sent.size() == 12U);
    while (!sent.empty()) fail();
    BOOST_TEST((pusher->state_of("a").state == PushState::blocked));
    BOOST_TEST((pusher->state_of("b").state == PushState::blocked));
}

BOOST_AUTO_TEST_CASE(a_flow_policy_holds_for_all_that_it_names_and_nobody_keeps_it_for_himself) {
    set_up();
    PushAction other = action;
    other.action_id = "b";
    other.url = "http://other.example/";
    const FlowPolicy policy{.policy_id = "p", .limit = 2};
    pusher->change([&](PushBook& book) {
        book.actions["b"] = other;
        book.flow_policies["p"] = policy;
    });
    for (int i = 0; i < 8; ++i) happen("d" + std::to_string(i));
    BOOST_TEST(sent.size() == 2U);
    std::size_t of_other = 0;
    for (int i = 0; i < 14; ++i) {
        tick(Milliseconds{500});
        BOOST_TEST(sent.size() == 3U + static_cast<std::size_t>(i));
    }
    for (const Sent& each : sent) of_other += each.request.url.host == "other.example" ? 1U : 0U;
    BOOST_TEST(of_other >= 6U);
    BOOST_TEST(of_other <= 8U);
    pusher->change([](PushBook& book) { book.flow_policies.clear(); });
    tick();
    happen("e");
    BOOST_TEST(sent.size() == 18U);
}

BOOST_AUTO_TEST_CASE(more_than_the_backlog_policy_allows_is_discarded_counted_and_told_once) {
    set_up();
    BacklogPolicy policy{.policy_id = "p"};
    policy.size = 3000;
    pusher->change([&](PushBook& book) { book.backlog_policies["p"] = policy; });
    for (int i = 0; i < 10; ++i) happen("d", 744 - 2);  // 1000 bytes each
    BOOST_TEST(requested() == "d");
    BOOST_TEST(state().waiting == 3U);
    BOOST_TEST(state().waiting_bytes == 3000U);
    BOOST_TEST(state().totals.of(PushDrop::backlog_size) == 7U);
    BOOST_TEST(count("push_backlog_full") == 1);
    while (!sent.empty()) answer(200);
    BOOST_TEST(state().totals.pushed == 3U);
    BOOST_TEST(state().totals.pushed + state().totals.all_dropped() == 10U);
    BOOST_TEST(count("push_backlog_over") == 1);
    for (int i = 0; i < 5; ++i) happen("d", 744 - 2);
    BOOST_TEST(count("push_backlog_full") == 2);
}

BOOST_AUTO_TEST_CASE(what_waits_behind_the_window_is_counted_after_a_restart_too) {
    set_up();
    constexpr std::uint64_t events = push_window_max + 400;
    for (std::uint64_t i = 0; i < events; ++i) happen("d");
    BOOST_TEST(state().waiting == events);
    open();
    BOOST_TEST(state().waiting == events);
    for (std::uint64_t i = 0; i < 300; ++i) answer(200);
    BOOST_TEST(state().waiting == events - 300);
    clock.current += Seconds{7};
    BOOST_TEST((state().oldest_age == Seconds{7}));
    while (!sent.empty()) answer(200);
    BOOST_TEST(state().waiting == 0U);
    BOOST_TEST(state().totals.pushed == events);
}

BOOST_AUTO_TEST_CASE(events_that_the_log_let_go_are_counted_and_told) {
    set_up();
    event_settings.events_max = 5;
    for (std::uint64_t i = 0; i < push_window_max + 100; ++i) happen("d");
    log->trim();
    run();
    while (!sent.empty()) answer(200);
    const PushTotals totals = state().totals;
    BOOST_TEST(totals.of(PushDrop::gone_from_log) > 0U);
    BOOST_TEST(totals.pushed + totals.all_dropped() == push_window_max + 100);
    BOOST_TEST(count("push_events_lost") == 1);
    BOOST_TEST(state().waiting == 0U);
}

BOOST_AUTO_TEST_CASE(a_receiver_is_checked_with_the_authority_that_the_action_names) {
    action.url = "https://hub.example/";
    action.cert_id = "c";
    action.cn_name = "receiver.local";
    PushCertificate certificate{.certificate_id = "c", .pem = plant_authority};
    certificate.expires_at = clock.wall_now() + Seconds{1000};
    pusher->change([&](PushBook& book) { book.certificates["c"] = certificate; });
    set_up();
    happen("d");
    BOOST_TEST_REQUIRE(sent.size() == 1U);
    const ClientTlsPtr first = sent.front().request.tls;
    BOOST_TEST(first->settings.authorities_pem == plant_authority);
    BOOST_TEST(first->settings.name == "receiver.local");
    BOOST_TEST(!first->settings.sends_name);
    answer(200);
    // What does not change it keeps the connection; another text or name makes a new one.
    set_up();
    happen("d");
    BOOST_TEST((sent.front().request.tls == first));
    answer(200);
    certificate.pem = successor_authority;
    pusher->change([&](PushBook& book) { book.certificates["c"] = certificate; });
    happen("d");
    BOOST_TEST((sent.front().request.tls != first));
    BOOST_TEST(sent.front().request.tls->settings.authorities_pem == successor_authority);
    answer(200);
    action.sends_name = true;
    set_up();
    happen("d");
    BOOST_TEST(sent.front().request.tls->settings.sends_name);
}

BOOST_AUTO_TEST_CASE(without_a_valid_certificate_nothing_goes_until_there_is_one) {
    action.url = "https://hub.example/";
    action.cert_id = "c";
    set_up();
    happen("d");
    BOOST_TEST(requested() == "");
    BOOST_TEST((state().state == PushState::certificate_missing));
    BOOST_TEST(count("push_stopped") == 1);
    PushCertificate certificate{.certificate_id = "c", .pem = plant_authority};
    certificate.expires_at = clock.wall_now() + Seconds{1000};
    pusher->change([&](PushBook& book) { book.certificates["c"] = certificate; });
    BOOST_TEST(count("push_resumed") == 1);
    BOOST_TEST(requested() == "d");
    answer(200);
    clock.jump = Seconds{1000};  // its time is over
    happen("e");
    BOOST_TEST(requested() == "");
    BOOST_TEST((state().state == PushState::certificate_expired));
    BOOST_TEST(count("push_stopped") == 2);
    BOOST_TEST(state().waiting == 1U);
    tick(settings.retry_for);
    BOOST_TEST(state().waiting == 0U);
    BOOST_TEST(state().totals.of(PushDrop::expired) == 1U);
}

BOOST_AUTO_TEST_CASE(a_signature_is_made_of_token_timestamp_and_nonce) {
    action.is_signed = true;
    action.token = "tok";
    set_up();
    happen("d");
    const auto& fields = sent.front().request.fields;
    BOOST_TEST_REQUIRE(fields.size() == 4U);
    BOOST_TEST(fields[1].first == "timestamp");
    BOOST_TEST(fields[1].second == std::to_string(clock.wall_now().time_since_epoch().count()));
    BOOST_TEST(fields[2].first == "nonce");
    BOOST_TEST(fields[3].first == "signature");
    BOOST_TEST(fields[3].second.size() == 64U);
}

BOOST_AUTO_TEST_CASE(when_the_server_ends_nothing_new_goes_and_the_cursor_is_saved) {
    set_up();
    happen("d");
    log->end_waiting();
    happen("e");
    answer(200);
    tick(Seconds{1});
    BOOST_TEST(requested() == "");
    BOOST_TEST(documents.body(DocumentKind::push_cursor, "a") == "1");
    open();
    BOOST_TEST(requested() == "e");
}

BOOST_AUTO_TEST_SUITE_END()
