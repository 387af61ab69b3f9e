#include "api/async_commands.hpp"

#include "support/device_world.hpp"
#include "support/manual_executor.hpp"
#include "unit/api/api_world.hpp"
#include "unit/api/fake_line.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using delivery::DirectSend;
using Kind = AsyncAcceptance::Kind;
using Texts = std::vector<std::string>;

/// A catalogue in memory, a line that says what the test wants, and time that the test moves.
struct World {
    test_support::ManualExecutor executor;
    std::unique_ptr<store::SqliteCatalogue> catalogue = open_catalogue();
    FakeLine line;
    ManualGate gate;
    RecordedPlatformEvents sink;
    test_support::FakeClock clock;
    AsyncCommandSettings settings;
    DeviceRequestSettings requests;
    std::optional<AsyncCommands> commands;
    test_support::CatalogueCaller caller{*catalogue};

    World() {
        BOOST_TEST_REQUIRE(!caller.add_product({.product_id = "pumps"}).error);
        add("d", "");
        add("sensor", "d");
        start();
    }
    ~World() { catalogue.reset(); }  // before the executor of its last answers
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void add(const std::string& id, const std::string& gateway_id) {
        store::Device device;
        device.device_id = id;
        device.product_id = "pumps";
        device.gateway_id = gateway_id;
        BOOST_TEST_REQUIRE(!caller.add_device(device).error);
    }
    /// As another process does.
    void start() {
        commands.emplace(AsyncCommands::Context{.catalogue = *catalogue,
                                                .line = line,
                                                .home = executor,
                                                .turns = gate,
                                                .clock = clock,
                                                .events = sink,
                                                .settings = settings,
                                                .requests = requests});
        BOOST_TEST_REQUIRE(commands->load().has_value());
    }

    store::DevicePtr device(const std::string& id) { return caller.find_device(id).found; }

    std::shared_ptr<std::optional<AsyncAcceptance>> begin(const std::string& id,
                                                          const std::string& fields = {}) {
        const std::string text = R"({"paras":{})" + fields + "}";
        const store::DevicePtr it = device(id);
        const store::DevicePtr connected = it->gateway_id.empty() ? it : device(it->gateway_id);
        const auto answer = std::make_shared<std::optional<AsyncAcceptance>>();
        commands->accept({it, connected, *read_async_command(text, boost::json::parse(text))},
                         [answer](AsyncAcceptance given) { *answer = std::move(given); });
        return answer;
    }
    AsyncAcceptance accept(const std::string& id, const std::string& fields = {}) {
        const auto answer = begin(id, fields);
        executor.run_until([&] { return answer->has_value(); });
        return **answer;
    }
    /// The id; it must be as `status` says.
    std::string post(const std::string& status, const std::string& fields = {},
                     const std::string& id = "d") {
        const AsyncAcceptance acceptance = accept(id, fields);
        BOOST_TEST_REQUIRE((acceptance.kind == Kind::accepted));
        BOOST_TEST(to_string(acceptance.command.status) == status);
        return acceptance.command.command_id;
    }
    /// Runs everything that was begun before.
    void settle() {
        for (int i = 0; i < 4; ++i) {
            bool is_done = false;
            catalogue->find_device("d", executor, [&](auto...) { is_done = true; });
            executor.run_until([&] { return is_done; });
        }
    }
    void connect() {
        line.is_there = true;
        commands->on_connection_begun("d");
        settle();
    }
    void wait(Milliseconds time) {
        clock.current += time;
        commands->on_tick(clock.current);
        settle();
    }
    void answer(const std::string& id, const std::string& payload,
                ReplyKind kind = ReplyKind::answered) {
        BOOST_TEST(commands->on_answer("d", id, {kind, payload}));
        settle();
    }
    std::string topic(const std::string& id) {
        return "$oc/devices/d/sys/commands/request_id=" + id;
    }
    void acknowledge(const std::string& id, bool is_refused = false) {
        commands->on_acknowledged("d", topic(id), is_refused);
        settle();
    }

    std::optional<AsyncCommand> find(const std::string& id) {
        std::optional<AsyncCommand> found;
        bool is_done = false;
        catalogue->documents().find(store::DocumentKind::async_command, id, executor,
                                    [&](std::error_code error, const store::DocumentPtr& it) {
                                        is_done = true;
                                        if (!error) found = async_command_of(*it);
                                    });
        executor.run_until([&] { return is_done; });
        return found;
    }
    std::string status(const std::string& id) {
        const auto found = find(id);
        return found ? std::string{to_string(found->status)} : "none";
    }
    std::size_t kept() {
        std::optional<std::size_t> count;
        store::DocumentQuery query;
        query.kind = store::DocumentKind::async_command;
        catalogue->documents().list(query, executor,
                                    [&](std::error_code, const auto& page) { count = page.count; });
        executor.run_until([&] { return count.has_value(); });
        return *count;
    }
    /// What applications were told since the last time, without the ids.
    Texts told() {
        Texts words;
        for (const PlatformEvent& event : sink.events) {
            BOOST_TEST((event.kind == PlatformEventKind::device_command_status_updated));
            words.emplace_back(boost::json::parse(event.body).at("status").as_string().c_str());
        }
        sink.events.clear();
        return words;
    }
    void expect_told(const Texts& words) {
        BOOST_TEST(told() == words, boost::test_tools::per_element());
    }
    Texts sent() const {
        Texts ids;
        for (const FakeLine::Sent& message : line.sent) {
            ids.push_back(message.topic.substr(message.topic.find('=') + 1));
        }
        return ids;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(async_commands, World)

BOOST_AUTO_TEST_CASE(a_device_that_is_there_gets_it_at_once) {
    line.is_there = true;
    const std::string id = post("SENT", R"(,"command_name":"C")");
    BOOST_TEST(line.sent.at(0).topic == topic(id));
    BOOST_TEST(line.sent[0].payload == R"({"command_name":"C","paras":{}})");
    BOOST_TEST(status(id) == "SENT");
    expect_told({"SENT"});
    acknowledge(id);
    expect_told({"DELIVERED"});
    BOOST_TEST(status(id) == "DELIVERED");
    answer(id, R"({ "result_code": 0, "paras": {"x": 1.50} })");
    expect_told({"SUCCESSFUL"});
    const AsyncCommand command = find(id).value();
    BOOST_TEST(command.result == R"({"result_code":0,"paras":{"x":1.50}})");
    BOOST_TEST((command.sent_at && command.delivered_at && command.answered_at));
    BOOST_TEST(commands->live() == 0U);
}

BOOST_AUTO_TEST_CASE(a_device_that_is_away_gets_them_when_it_comes_in_their_order) {
    Texts ids;
    for (int i = 0; i < 3; ++i) ids.push_back(post("PENDING"));
    BOOST_TEST(line.sent.empty());
    expect_told({"PENDING", "PENDING", "PENDING"});
    connect();
    executor.run_until([&] { return line.sent.size() == 3; });
    BOOST_TEST(sent() == ids, boost::test_tools::per_element());
    expect_told({"SENT", "SENT", "SENT"});
    connect();
    BOOST_TEST(line.sent.size() == 3U);  // never again
}

BOOST_AUTO_TEST_CASE(what_comes_later_does_not_overtake_what_waits) {
    const std::string first = post("PENDING");
    line.is_there = true;
    const std::string second = post("PENDING");
    executor.run_until([&] { return line.sent.size() == 2; });
    BOOST_TEST(sent() == (Texts{first, second}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(immediately_is_now_or_never) {
    const AsyncAcceptance refused = accept("d", R"(,"send_strategy":"immediately")");
    BOOST_TEST((refused.command.status == AsyncCommandStatus::failed));
    BOOST_TEST(refused.command.error_code == "IOTDA.014016");
    BOOST_TEST(status(refused.command.command_id) == "FAILED");
    expect_told({"FAILED"});
    connect();
    BOOST_TEST(line.sent.empty());
    post("SENT", R"(,"send_strategy":"immediately")");
    line.outcome = DirectSend::blocked;
    const AsyncAcceptance blocked = accept("d", R"(,"send_strategy":"immediately")");
    BOOST_TEST((blocked.command.status == AsyncCommandStatus::failed));
    BOOST_TEST(blocked.command.error_code == "IOTDA.014171");
    BOOST_TEST(!blocked.command.sent_at);
    expect_told({"SENT", "FAILED"});
}

BOOST_AUTO_TEST_CASE(what_the_connection_does_not_take_waits_again) {
    line.is_there = true;
    line.outcome = DirectSend::blocked;
    const std::string id = post("PENDING");
    BOOST_TEST(status(id) == "PENDING");
    BOOST_TEST(!find(id)->sent_at);
    expect_told({"PENDING"});
    line.sent.clear();
    line.outcome = DirectSend::sent;
    wait(Milliseconds{999});
    BOOST_TEST(line.sent.empty());
    wait(Milliseconds{1'001});
    executor.run_until([&] { return line.sent.size() == 1; });
    expect_told({"SENT"});
    BOOST_TEST(status(id) == "SENT");
}

BOOST_AUTO_TEST_CASE(a_connection_that_ends_while_it_is_being_sent_costs_nothing) {
    const std::string first = post("PENDING");
    const std::string second = post("PENDING");
    line.outcome = DirectSend::offline;
    line.on_send = [&] { line.is_there = false; };
    connect();
    executor.run_until([&] { return line.sent.size() == 1; });
    settle();
    BOOST_TEST(status(first) == "PENDING");
    expect_told({"PENDING", "PENDING"});
    line.sent.clear();
    line.on_send = {};
    line.outcome = DirectSend::sent;
    connect();
    executor.run_until([&] { return line.sent.size() == 2; });
    BOOST_TEST(sent() == (Texts{first, second}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_too_large_for_the_device_fails) {
    line.is_there = true;
    line.outcome = DirectSend::too_large;
    const AsyncAcceptance acceptance = accept("d");
    BOOST_TEST(acceptance.command.error_code == "IOTDA.014172");
    expect_told({"FAILED"});
    BOOST_TEST(commands->live() == 0U);
}

BOOST_AUTO_TEST_CASE(twenty_wait_and_one_more_is_refused) {
    for (std::size_t i = 0; i < pending_commands_max; ++i) post("PENDING");
    BOOST_TEST((accept("d").kind == Kind::too_many_pending));
    post("PENDING", {}, "sensor");  // has its own
    BOOST_TEST(kept() == 21U);
}

BOOST_AUTO_TEST_CASE(those_that_are_accepted_at_the_same_time_count_too) {
    std::vector<std::shared_ptr<std::optional<AsyncAcceptance>>> answers;
    for (std::size_t i = 0; i < pending_commands_max + 5; ++i) answers.push_back(begin("d"));
    executor.run_until([&] {
        return std::ranges::all_of(answers, [](const auto& it) { return it->has_value(); });
    });
    const auto refused = std::ranges::count_if(
        answers, [](const auto& it) { return (*it)->kind == Kind::too_many_pending; });
    BOOST_TEST(refused == 5);
    BOOST_TEST(kept() == pending_commands_max);
}

BOOST_AUTO_TEST_CASE(a_device_has_only_so_many_to_answer) {
    requests.waiting_per_device_max = 2;
    line.is_there = true;
    const std::string first = post("SENT");
    post("SENT");
    const std::string third = post("PENDING");
    BOOST_TEST(
        (accept("d", R"(,"send_strategy":"immediately")").kind == Kind::too_many_unanswered));
    BOOST_TEST(line.sent.size() == 2U);
    answer(first, "{}");
    executor.run_until([&] { return line.sent.size() == 3; });
    BOOST_TEST(sent().back() == third);
}

BOOST_AUTO_TEST_CASE(what_the_device_says_decides) {
    line.is_there = true;
    struct Case {
        std::string payload;
        std::string status;
        std::string code;
    };
    for (const auto& [payload, status, code] :
         {Case{"{}", "SUCCESSFUL", ""}, Case{R"({"result_code":null})", "SUCCESSFUL", ""},
          Case{R"({"result_code":1})", "FAILED", ""}, Case{R"({"result_code":"0"})", "FAILED", ""},
          Case{"[]", "FAILED", "IOTDA.014170"}, Case{"{oops", "FAILED", "IOTDA.014170"}}) {
        const std::string id = post("SENT");
        answer(id, payload);
        const AsyncCommand command = find(id).value();
        BOOST_TEST(to_string(command.status) == status);
        BOOST_TEST(command.error_code == code);
    }
    const std::string id = post("SENT");
    answer(id, R"({"x":")" + std::string(command_result_bytes_max, 'x') + "\"}");
    BOOST_TEST(status(id) == "SUCCESSFUL");
    BOOST_TEST(find(id)->result == "");
    BOOST_TEST(find(id)->error_code == "IOTDA.014170");
}

BOOST_AUTO_TEST_CASE(a_device_that_refuses_the_packet_has_failed_it) {
    line.is_there = true;
    const std::string id = post("SENT");
    acknowledge(id, true);
    BOOST_TEST(status(id) == "FAILED");
    BOOST_TEST(find(id)->error_code == "IOTDA.014195");
    acknowledge(id);
    BOOST_TEST(status(id) == "FAILED");
}

BOOST_AUTO_TEST_CASE(answers_of_others_and_to_nothing_are_unknown) {
    line.is_there = true;
    const std::string id = post("SENT");
    BOOST_TEST(!commands->on_answer("d", "9b2f0e0a-0000-4000-8000-000000000001", {}));
    BOOST_TEST(commands->on_answer("sensor", id, {ReplyKind::answered, "{}"}));
    BOOST_TEST(commands->on_answer("d", "6955b90000000000000000ff", {ReplyKind::answered, "{}"}));
    settle();
    BOOST_TEST(status(id) == "SENT");
    BOOST_TEST(gate.counters.get(Counter::device_answers_unknown) == 2U);
    answer(id, "{}");
    BOOST_TEST(!commands->on_answer("d", id, {ReplyKind::answered, R"({"result_code":1})"}));
    BOOST_TEST(status(id) == "SUCCESSFUL");
}

BOOST_AUTO_TEST_CASE(what_waits_too_long_expires_whatever_the_wall_clock_says) {
    const std::string id = post("PENDING", R"(,"expire_time":60)");
    clock.jump = Seconds{100'000};
    wait(Milliseconds{59'999});
    BOOST_TEST(status(id) == "PENDING");
    wait(Milliseconds{1});
    BOOST_TEST(status(id) == "EXPIRED");
    expect_told({"PENDING", "EXPIRED"});
    connect();
    BOOST_TEST(line.sent.empty());
    BOOST_TEST(gate.counters.get(Counter::device_requests_unanswered) == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_not_answered_in_time_times_out_and_makes_room) {
    requests.waiting_per_device_max = 1;
    line.is_there = true;
    const std::string id = post("SENT");
    const std::string next = post("PENDING");
    wait(Milliseconds{179'999});
    BOOST_TEST(status(id) == "SENT");
    wait(Milliseconds{1});
    BOOST_TEST(status(id) == "TIMEOUT");
    BOOST_TEST(find(id)->error_code == "IOTDA.014111");
    BOOST_TEST(gate.counters.get(Counter::device_requests_unanswered) == 1U);
    executor.run_until([&] { return line.sent.size() == 2; });
    BOOST_TEST(status(next) == "SENT");
}

BOOST_AUTO_TEST_CASE(another_process_goes_on_and_sends_nothing_twice) {
    line.is_there = true;
    const std::string sent_one = post("SENT", R"(,"send_strategy":"immediately")");
    line.is_there = false;
    const std::string pending = post("PENDING", R"(,"expire_time":100)");
    const std::string late = post("PENDING", R"(,"expire_time":30)");
    line.sent.clear();
    clock.current += Seconds{40};
    start();
    wait(Milliseconds{0});
    BOOST_TEST(status(late) == "EXPIRED");
    connect();
    executor.run_until([&] { return line.sent.size() == 1; });
    BOOST_TEST(sent() == Texts{pending}, boost::test_tools::per_element());
    answer(sent_one, "{}");  // sent by the earlier process
    BOOST_TEST(status(sent_one) == "SUCCESSFUL");
}

BOOST_AUTO_TEST_CASE(what_an_earlier_process_sent_times_out_when_it_would_have) {
    line.is_there = true;
    const std::string id = post("SENT");
    clock.current += Seconds{100};
    clock.jump = -Seconds{1'000'000};  // set back: a whole time from here
    start();
    wait(Seconds{179});
    BOOST_TEST(status(id) == "SENT");
    wait(Seconds{1});
    BOOST_TEST(status(id) == "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(a_device_that_is_deleted_has_none) {
    line.is_there = true;
    post("SENT", R"(,"send_strategy":"immediately")");
    line.is_there = false;
    post("PENDING");
    const std::uint64_t number = device("d")->number;
    commands->forget_device(number);
    BOOST_TEST(commands->live() == 0U);
    connect();
    BOOST_TEST(line.sent.size() == 1U);
    wait(Seconds{200'000});
    expect_told({"SENT", "PENDING"});
}

BOOST_AUTO_TEST_CASE(a_device_of_the_same_id_gets_none_of_its_predecessors) {
    const std::string id = post("PENDING", {}, "sensor");
    BOOST_TEST(!caller.remove_device("sensor"));
    add("sensor", "d");
    start();
    connect();
    settle();
    BOOST_TEST(line.sent.empty());
    BOOST_TEST(status(id) == "none");
    BOOST_TEST(commands->live() == 0U);
}

BOOST_AUTO_TEST_CASE(one_that_is_deleted_meanwhile_is_told) {
    const store::DevicePtr gone = device("sensor");
    BOOST_TEST(!caller.remove_device("sensor"));
    std::optional<AsyncAcceptance> given;
    commands->accept({gone, device("d"), {}},
                     [&](AsyncAcceptance acceptance) { given = std::move(acceptance); });
    executor.run_until([&] { return given.has_value(); });
    BOOST_TEST((given->kind == Kind::device_gone));
    settle();
    BOOST_TEST(kept() == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_behind_a_gateway_comes_by_its_connection) {
    const std::string id = post("PENDING", {}, "sensor");
    connect();
    executor.run_until([&] { return line.sent.size() == 1; });
    BOOST_TEST(line.sent[0].device_id == "d");
    BOOST_TEST(line.sent[0].payload == R"({"object_device_id":"sensor","paras":{}})");
    answer(id, "{}");
    BOOST_TEST(status(id) == "SUCCESSFUL");
}

BOOST_AUTO_TEST_CASE(of_those_that_are_over_the_newest_are_kept) {
    settings.finished_max = 3;
    line.is_there = true;
    Texts ids;
    for (int i = 0; i < 5; ++i) {
        ids.push_back(post("SENT"));
        answer(ids.back(), "{}");
    }
    const std::string live = post("SENT");
    wait(Seconds{2});
    BOOST_TEST(status(ids[1]) == "none");
    BOOST_TEST(status(ids[2]) == "SUCCESSFUL");
    BOOST_TEST(status(live) == "SENT");
    BOOST_TEST(kept() == 4U);
}

BOOST_AUTO_TEST_CASE(what_has_been_over_for_long_goes_and_what_is_live_does_not) {
    line.is_there = true;
    const std::string over = post("SENT");
    answer(over, "{}");
    line.is_there = false;
    const std::string live = post("PENDING", R"(,"expire_time":172800)");
    clock.jump = settings.finished_age_max + Seconds{1};
    wait(Seconds{61});
    BOOST_TEST(status(over) == "none");
    BOOST_TEST(status(live) == "PENDING");
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_once_the_server_stops) {
    const std::string id = post("PENDING");
    commands->stop();
    connect();
    BOOST_TEST(line.sent.empty());
    BOOST_TEST((accept("d").kind == Kind::stopping));
    BOOST_TEST(status(id) == "PENDING");
}

BOOST_AUTO_TEST_SUITE_END()
