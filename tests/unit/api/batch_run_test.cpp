#include "api/batch_run.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using Kind = BatchOutcome::Kind;
using State = BatchTargetState;
using Indexes = std::vector<std::size_t>;

std::vector<BatchTarget> targets_named(const std::vector<std::string>& names) {
    std::vector<BatchTarget> targets;
    for (const std::string& name : names) {
        BatchTarget target;
        target.target = name;
        targets.push_back(target);
    }
    return targets;
}

struct World {
    WallTime now{Seconds{1'000'000}};
    BatchPolicy policy;

    BatchRun run(const std::vector<std::string>& names = {"a", "b", "c"}) const {
        return BatchRun{policy, targets_named(names)};
    }
    void succeed(BatchRun& run, std::size_t index) const {
        run.on_outcome(index, {Kind::success, "{}", {}, {}}, now);
    }
    void fail(BatchRun& run, std::size_t index) const {
        run.on_outcome(index, {Kind::failure, {}, "CODE", "why"}, now);
    }
    static void keep_all(BatchRun& run) {
        const auto changes = run.take_changes(100);
        run.on_kept(changes, true);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(batch_run, World)

BOOST_AUTO_TEST_CASE(targets_are_worked_on_in_their_order_as_many_as_there_is_room_for) {
    BatchRun tasks = run();
    BOOST_TEST(tasks.take_due(now, 2) == (Indexes{0, 1}), boost::test_tools::per_element());
    BOOST_TEST(tasks.take_due(now, 2) == (Indexes{2}), boost::test_tools::per_element());
    BOOST_TEST(tasks.take_due(now, 2).empty());
    BOOST_TEST(tasks.in_progress() == 3U);
    for (std::size_t index : {0, 1, 2}) succeed(tasks, index);
    BOOST_TEST(tasks.progress().of(State::success) == 3U);
    BOOST_TEST(!tasks.is_over());  // nothing of it is kept
    keep_all(tasks);
    BOOST_TEST(tasks.is_over());
}

BOOST_AUTO_TEST_CASE(nothing_begins_before_its_time) {
    policy.schedule_at = now + Seconds{60};
    BatchRun tasks = run();
    BOOST_TEST(tasks.take_due(now + Seconds{59}, 9).empty());
    BOOST_TEST((tasks.next_due() == now + Seconds{60}));
    BOOST_TEST(tasks.take_due(now + Seconds{60}, 9).size() == 3U);
    BOOST_TEST(!tasks.next_due());
}

BOOST_AUTO_TEST_CASE(a_failure_is_tried_again_after_the_interval_and_only_so_often) {
    policy.retry_count = 2;
    policy.retry_interval = std::chrono::minutes{5};
    BatchRun tasks = run({"a"});
    for (int retry = 0; retry < 2; ++retry) {
        BOOST_TEST(tasks.take_due(now, 9).size() == 1U);
        fail(tasks, 0);
        BOOST_TEST((tasks.target(0).state == State::fail_wait_retry));
        keep_all(tasks);
        BOOST_TEST(tasks.take_due(now + std::chrono::minutes{4}, 9).empty());
        now += std::chrono::minutes{5};
    }
    BOOST_TEST(tasks.take_due(now, 9).size() == 1U);
    fail(tasks, 0);
    BOOST_TEST((tasks.target(0).state == State::fail));
    BOOST_TEST(tasks.target(0).tries == 3U);
    BOOST_TEST(tasks.target(0).error_code == "CODE");
    keep_all(tasks);
    BOOST_TEST(tasks.is_over());
    BOOST_TEST((final_status(tasks.progress()) == BatchTaskStatus::fail));
}

BOOST_AUTO_TEST_CASE(a_target_is_not_tried_again_before_its_failure_is_kept) {
    policy.retry_count = 1;
    BatchRun tasks = run({"a"});
    static_cast<void>(tasks.take_due(now, 9));
    fail(tasks, 0);
    BOOST_TEST(tasks.take_due(now, 9).empty());
    const Indexes changes = tasks.take_changes(9);
    BOOST_TEST(tasks.take_due(now, 9).empty());
    tasks.on_kept(changes, false);
    BOOST_TEST(tasks.take_due(now, 9).empty());
    BOOST_TEST(tasks.changes() == 1U);
    keep_all(tasks);
    BOOST_TEST(tasks.take_due(now, 9).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_server_without_room_is_left_alone_for_a_moment) {
    BatchRun tasks = run();
    static_cast<void>(tasks.take_due(now, 1));
    tasks.on_outcome(0, {Kind::busy, {}, {}, {}}, now);
    BOOST_TEST(tasks.target(0).tries == 0U);
    BOOST_TEST(tasks.changes() == 0U);
    BOOST_TEST(tasks.take_due(now, 9).empty());
    BOOST_TEST((tasks.next_due() == now + Milliseconds{500}));
    BOOST_TEST(tasks.take_due(now + Milliseconds{500}, 9).size() == 3U);
}

BOOST_AUTO_TEST_CASE(what_must_not_be_repeated_ends_when_its_end_is_unknown) {
    policy.retry_count = 5;
    std::vector<BatchTarget> targets = targets_named({"a", "b"});
    targets[0].state = State::processing;  // as an earlier process has kept it
    BatchRun tasks{policy, std::move(targets), false};
    BOOST_TEST((tasks.target(0).state == State::fail));
    BOOST_TEST(tasks.target(0).error_code == "IOTDA.014179");
    BOOST_TEST(tasks.take_due(now, 9) == (Indexes{1}), boost::test_tools::per_element());
    keep_all(tasks);
    BOOST_TEST(tasks.take_due(now, 9).empty());
    BOOST_TEST(tasks.retry({}));  // on request it is
    keep_all(tasks);
    BOOST_TEST(tasks.take_due(now, 9) == (Indexes{0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_must_not_be_repeated_is_kept_as_waiting_again_when_there_was_no_room) {
    BatchRun tasks{policy, targets_named({"a"}), false};
    static_cast<void>(tasks.take_due(now, 1));
    tasks.on_outcome(0, {Kind::busy, {}, {}, {}}, now);
    BOOST_TEST(tasks.changes() == 1U);  // it is kept as Processing
    BOOST_TEST(tasks.take_due(now + Seconds{1}, 9).empty());
    keep_all(tasks);
    BOOST_TEST(tasks.take_due(now + Seconds{1}, 9).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_failure_that_is_perhaps_none_is_not_tried_again) {
    policy.retry_count = 5;
    BatchRun tasks{policy, targets_named({"a"}), false};
    static_cast<void>(tasks.take_due(now, 1));
    tasks.on_outcome(0, {Kind::failure, {}, "CODE", "why", true}, now);
    BOOST_TEST((tasks.target(0).state == State::fail));
}

BOOST_AUTO_TEST_CASE(what_is_stopped_is_not_begun_and_what_is_begun_ends) {
    BatchRun tasks = run();
    static_cast<void>(tasks.take_due(now, 1));
    BOOST_TEST(tasks.stop({}));
    BOOST_TEST(tasks.progress().of(State::stopped) == 2U);
    BOOST_TEST(tasks.take_due(now, 9).empty());
    succeed(tasks, 0);
    keep_all(tasks);
    BOOST_TEST(tasks.is_over());
    BOOST_TEST((final_status(tasks.progress()) == BatchTaskStatus::stopped));
}

BOOST_AUTO_TEST_CASE(what_was_stopped_or_failed_is_tried_again_on_request) {
    BatchRun tasks = run();
    static_cast<void>(tasks.take_due(now, 1));
    fail(tasks, 0);
    BOOST_TEST(tasks.stop(std::vector<std::string>{"b"}));
    BOOST_TEST(!tasks.stop(std::vector<std::string>{"b", "x"}));
    keep_all(tasks);
    BOOST_TEST(tasks.take_due(now, 9) == (Indexes{2}), boost::test_tools::per_element());
    succeed(tasks, 2);
    BOOST_TEST(tasks.retry({}));
    BOOST_TEST(tasks.take_due(now, 9).empty());  // that they wait again is not kept
    keep_all(tasks);
    const Indexes again = tasks.take_due(now, 9);
    BOOST_TEST(again.size() == 2U);
    BOOST_TEST(tasks.target(0).tries == 1U);
    for (const std::size_t index : again) succeed(tasks, index);
    keep_all(tasks);
    BOOST_TEST((final_status(tasks.progress()) == BatchTaskStatus::success));
}

BOOST_AUTO_TEST_CASE(a_change_of_what_is_being_kept_is_kept_afterwards) {
    policy.retry_count = 1;
    BatchRun tasks = run({"a"});
    static_cast<void>(tasks.take_due(now, 9));
    fail(tasks, 0);
    const Indexes changes = tasks.take_changes(9);
    BOOST_TEST(tasks.stop({}));
    tasks.on_kept(changes, true);
    BOOST_TEST(tasks.changes() == 1U);
    BOOST_TEST(tasks.take_due(now, 9).empty());
    keep_all(tasks);
    BOOST_TEST(tasks.is_over());
}

BOOST_AUTO_TEST_CASE(it_goes_on_from_what_was_kept) {
    std::vector<BatchTarget> kept = targets_named({"a", "b", "c"});
    kept[0].state = State::success;
    kept[1].state = State::fail_wait_retry;
    kept[1].tries = 1;
    kept[1].due = now + Seconds{10};
    BatchRun tasks{policy, kept};
    BOOST_TEST(tasks.take_due(now, 9) == (Indexes{2}), boost::test_tools::per_element());
    BOOST_TEST((tasks.next_due() == now + Seconds{10}));
    BOOST_TEST(tasks.take_due(now + Seconds{10}, 9) == (Indexes{1}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
