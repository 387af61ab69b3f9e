#include "api/device_requests.hpp"

#include "support/manual_executor.hpp"
#include "unit/api/fake_line.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct Fixture {
    FakeLine line;
    DeviceRequestSettings settings{
        .timeout = Seconds{20}, .waiting_max = 3, .waiting_per_device_max = 2};
    test_support::ManualExecutor executor;
    Counters counters;
    Turn turn{ShardIndex{0}, counters};
    DeviceRequests requests{line, settings};

    Fixture() {
        turn.executor = &executor;
        turn.now = Instant{Seconds{1'000}};
    }
    /// The answer comes into the place that is returned, when the executor has run.
    std::shared_ptr<std::optional<DeviceReply>> ask(const std::string& id,
                                                    const std::string& device_id = "pump-7",
                                                    RequestKind kind = RequestKind::command) {
        const auto place = std::make_shared<std::optional<DeviceReply>>();
        requests.ask({.device_id = device_id, .kind = kind, .request_id = id, .payload = "{}"},
                     turn, [place](DeviceReply reply) {
                         BOOST_TEST(!place->has_value());
                         *place = std::move(reply);
                     });
        BOOST_TEST(!place->has_value());
        return place;
    }
    void run() {
        while (executor.waiting() > 0) executor.run_one();
    }
    bool answer(const std::string& id, const std::string& device_id = "pump-7",
                RequestKind kind = RequestKind::command) {
        const bool is_awaited =
            requests.on_answer(kind, device_id, id, {ReplyKind::answered, "said " + id});
        run();
        return is_awaited;
    }
    static bool is(const std::shared_ptr<std::optional<DeviceReply>>& place, ReplyKind kind) {
        return place->has_value() && (*place)->kind == kind;
    }
    [[nodiscard]] std::uint64_t unanswered() const {
        return counters.get(Counter::device_requests_unanswered);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(device_requests)

BOOST_FIXTURE_TEST_CASE(a_request_goes_to_its_topic_and_gets_its_answer, Fixture) {
    const auto command = ask("r-1");
    const auto set = ask("r-2", "pump-7", RequestKind::set_properties);
    BOOST_TEST_REQUIRE(line.sent.size() == 2U);
    BOOST_TEST(line.sent[0].device_id == "pump-7");
    BOOST_TEST(line.sent[0].topic == "$oc/devices/pump-7/sys/commands/request_id=r-1");
    BOOST_TEST(line.sent[0].payload == "{}");
    BOOST_TEST((line.sent[0].expires_at == turn.now + Seconds{20}));
    BOOST_TEST(line.sent[1].topic == "$oc/devices/pump-7/sys/properties/set/request_id=r-2");
    BOOST_TEST(answer("r-2", "pump-7", RequestKind::set_properties));
    BOOST_TEST(answer("r-1"));
    BOOST_TEST(is(command, ReplyKind::answered));
    BOOST_TEST((*command)->payload == "said r-1");
    BOOST_TEST((*set)->payload == "said r-2");
    BOOST_TEST(requests.waiting() == 0U);
    BOOST_TEST(counters.get(Counter::device_requests_sent) == 2U);
    BOOST_TEST(unanswered() == 0U);
}

BOOST_FIXTURE_TEST_CASE(only_the_right_answer_of_the_right_device_counts_and_only_once, Fixture) {
    const auto reply = ask("r-1");
    BOOST_TEST(!answer("r-2"));
    BOOST_TEST(!answer("r-1", "pump-8"));
    BOOST_TEST(!answer("r-1", "pump-7", RequestKind::get_properties));
    BOOST_TEST(!reply->has_value());
    BOOST_TEST(answer("r-1"));
    BOOST_TEST(!answer("r-1"));
}

BOOST_FIXTURE_TEST_CASE(an_answer_may_come_while_the_request_is_being_sent, Fixture) {
    line.on_send = [this] {
        BOOST_TEST(requests.on_answer(RequestKind::command, "pump-7", "r-1",
                                      {ReplyKind::answered, "fast"}));
    };
    const auto reply = ask("r-1");
    run();
    BOOST_TEST((*reply)->payload == "fast");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_sent_is_told_and_forgotten, Fixture) {
    using delivery::DirectSend;
    for (const auto& [outcome, kind] : {std::pair{DirectSend::offline, ReplyKind::offline},
                                        std::pair{DirectSend::blocked, ReplyKind::blocked},
                                        std::pair{DirectSend::too_large, ReplyKind::too_large}}) {
        line.outcome = outcome;
        const auto reply = ask("r-1");
        run();
        BOOST_TEST(is(reply, kind));
        BOOST_TEST(requests.waiting() == 0U);
    }
    BOOST_TEST(counters.get(Counter::device_requests_sent) == 0U);
}

BOOST_FIXTURE_TEST_CASE(no_answer_in_time_ends_the_wait, Fixture) {
    const auto first = ask("r-1");
    turn.now += Seconds{5};
    const auto second = ask("r-2");
    turn.now += Seconds{15} - Milliseconds{1};
    requests.on_deadline(turn);
    run();
    BOOST_TEST(!first->has_value());
    turn.now += Milliseconds{1};
    requests.on_deadline(turn);
    run();
    BOOST_TEST(is(first, ReplyKind::too_late));
    BOOST_TEST(!second->has_value());
    BOOST_TEST(!answer("r-1"));
    BOOST_TEST(answer("r-2"));
    BOOST_TEST(unanswered() == 1U);
}

BOOST_FIXTURE_TEST_CASE(only_so_many_wait_for_one_device_and_for_all, Fixture) {
    const auto a1 = ask("a-1", "a");
    const auto a2 = ask("a-2", "a");
    const auto a3 = ask("a-3", "a");
    run();
    BOOST_TEST(is(a3, ReplyKind::too_many));
    const auto b1 = ask("b-1", "b");
    const auto c1 = ask("c-1", "c");
    run();
    BOOST_TEST(is(c1, ReplyKind::too_many));
    BOOST_TEST(line.sent.size() == 3U);
    BOOST_TEST(answer("a-1", "a"));
    const auto a4 = ask("a-4", "a");
    run();
    BOOST_TEST(!a4->has_value());
}

BOOST_FIXTURE_TEST_CASE(a_device_that_is_gone_ends_the_wait_for_it_alone, Fixture) {
    const auto gone = ask("r-1");
    const auto other = ask("r-2", "pump-8");
    requests.on_connection_ended("pump-7", turn);
    run();
    BOOST_TEST(is(gone, ReplyKind::gone));
    BOOST_TEST(!other->has_value());
    BOOST_TEST(unanswered() == 1U);
    requests.on_connection_ended("pump-7", turn);
}

BOOST_FIXTURE_TEST_CASE(a_device_that_is_back_already_may_still_answer, Fixture) {
    const auto reply = ask("r-1");
    line.is_there = true;
    requests.on_connection_ended("pump-7", turn);
    run();
    BOOST_TEST(!reply->has_value());
    BOOST_TEST(answer("r-1"));
}

BOOST_FIXTURE_TEST_CASE(the_end_answers_everybody_and_takes_nobody, Fixture) {
    const auto waiting = ask("r-1");
    requests.stop();
    const auto late = ask("r-2");
    run();
    BOOST_TEST(is(waiting, ReplyKind::stopping));
    BOOST_TEST(is(late, ReplyKind::stopping));
    BOOST_TEST(line.sent.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
