// A LogStore on a disk that fails: what failed is not there, what was answered is, and the store goes on as
// soon as the disk does.

#include "store/log_store.hpp"

#include "support/faulty_directory.hpp"
#include "unit/store/store_suite.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using store::Batch;
using store::LogStore;
using store::LogStoreOptions;
using store::OpenReport;
using store::Position;
using store_suite::Caller;
using store_suite::queue_a;
using store_suite::queue_b;
using store_suite::value_of;
using test_support::FaultyDirectory;
using test_support::ManualExecutor;
using Kind = FaultyDirectory::Kind;

namespace {

const std::error_code no_space = std::make_error_code(std::errc::no_space_on_device);
const std::error_code io_error = std::make_error_code(std::errc::io_error);

std::unique_ptr<LogStore> open(FaultyDirectory& directory) {
    LogStoreOptions options;
    options.segment_bytes = 4096;
    options.snapshot_log_bytes = 8192;
    options.has_thread = false;
    OpenReport report;
    auto opened = LogStore::open(directory, options, report);
    BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().sentence));
    return *std::move(opened);
}

/// Commits, does the round by hand, and says how it was answered.
class ByHand {
public:
    explicit ByHand(LogStore& log) : log_(log) {}

    std::error_code commit(Batch batch) {
        std::error_code answer = std::make_error_code(std::errc::timed_out);
        log_.commit(std::move(batch), executor_, [&](std::error_code error) { answer = error; });
        while (log_.run_round()) {
        }
        while (executor_.waiting() > 0) executor_.run_one();
        return answer;
    }
    std::error_code append(store::QueueId queue, std::uint64_t position, std::string_view text) {
        Batch batch;
        batch.append(queue, Position{position}, value_of(text));
        return commit(std::move(batch));
    }
    std::error_code settle(store::QueueId queue, std::uint64_t position) {
        Batch batch;
        batch.settle(queue, Position{position});
        return commit(std::move(batch));
    }

private:
    LogStore& log_;
    ManualExecutor executor_;
};

/// One of every change, on what prepare() has left.
Batch every_change() {
    Batch batch;
    batch.append(queue_a, Position{3}, value_of("three"));
    batch.settle(queue_a, Position{1});
    batch.remark(queue_a, Position{2}, store::Mark{9});
    batch.put(store::Table::retained, "changed", value_of("new"));
    batch.put(store::Table::retained, "added", value_of("new"));
    batch.erase(store::Table::retained, "erased");
    batch.drop_queue(queue_b);
    batch.append(store::QueueId{99}, Position{1}, value_of("in a new queue"));
    return batch;
}

void prepare(ByHand& caller) {
    BOOST_TEST(!caller.append(queue_a, 1, "one"));
    BOOST_TEST(!caller.append(queue_a, 2, "two"));
    BOOST_TEST(!caller.append(queue_b, 1, "b"));
    Batch batch;
    batch.put(store::Table::retained, "changed", value_of("old"));
    batch.put(store::Table::retained, "erased", value_of("old"));
    BOOST_TEST(!caller.commit(std::move(batch)));
}

/// Everything that every_change() touches, as text.
std::string text_of(LogStore& log) {
    Caller reader{log};
    std::string text = reader.queue_text(queue_a) + " | " + reader.queue_text(queue_b) + " | ";
    for (const auto& [key, value] : reader.read_table(store::Table::retained).records) {
        text += key + "=" + value + " ";
    }
    const store::QueuePage page = reader.read_queue(queue_a);
    for (const auto& record : page.records) {
        text += std::to_string(static_cast<std::uint64_t>(record.mark)) + " ";
    }
    text += std::to_string(static_cast<std::uint64_t>(log.last_position(queue_a)));
    text += " " + std::to_string(log.total().records) + " " + std::to_string(log.total().bytes);
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_store_failure)

BOOST_AUTO_TEST_CASE(a_batch_that_fails_is_answered_with_the_error_and_taken_back) {
    FaultyDirectory directory;
    const auto log = open(directory);
    ByHand caller{*log};
    prepare(caller);
    const std::string before = text_of(*log);
    for (const Kind kind : {Kind::write, Kind::sync}) {
        directory.fail_all(kind, io_error);
        BOOST_TEST(caller.commit(every_change()) == io_error);
        BOOST_TEST(text_of(*log) == before);
        directory.heal();
    }
    BOOST_TEST(log->figures().failed_batches == 2U);
    BOOST_TEST((log->backlog() == store::Level{}));
    BOOST_TEST(!caller.commit(every_change()));
    BOOST_TEST(text_of(*log) != before);
}

BOOST_AUTO_TEST_CASE(what_was_committed_behind_a_failing_batch_fails_with_it) {
    FaultyDirectory directory;
    const auto log = open(directory);
    ByHand caller{*log};
    prepare(caller);
    const std::string before = text_of(*log);
    ManualExecutor executor;
    std::vector<std::error_code> answers;
    const auto note = [&](std::error_code error) { answers.push_back(error); };
    log->commit(every_change(), executor, note);
    Batch behind;
    behind.settle(queue_a, Position{3});
    behind.put(store::Table::retained, "added", value_of("newer"));
    log->commit(std::move(behind), executor, note);
    directory.fail_all(Kind::sync, io_error);
    (void)log->run_round();
    executor.run_until([&] { return answers.size() == 2; });
    BOOST_TEST(answers[0] == io_error);
    BOOST_TEST(answers[1] == io_error);
    BOOST_TEST(text_of(*log) == before);
    directory.heal();
}

BOOST_AUTO_TEST_CASE(a_failed_round_does_not_come_back_once_the_log_has_gone_on) {
    FaultyDirectory directory;
    {
        const auto log = open(directory);
        ByHand caller{*log};
        directory.fail_all(Kind::sync, io_error);
        BOOST_TEST(caller.append(queue_a, 1, "failed") == io_error);
        directory.heal();
        BOOST_TEST(!caller.append(queue_a, 2, "kept"));
    }
    const auto log = open(directory);
    BOOST_TEST(Caller{*log}.queue_text(queue_a) == "2:kept");
}

/// Nothing of a segment whose only round failed needs to be on the disk, not even its header.
BOOST_AUTO_TEST_CASE(a_power_cut_behind_a_segment_whose_first_round_failed_loses_nothing) {
    for (const bool can_remove : {true, false}) {
        BOOST_TEST_CONTEXT("can remove: " << can_remove) {
            FaultyDirectory directory;
            const auto log = open(directory);
            ByHand caller{*log};
            directory.fail_all(Kind::sync, io_error);
            if (!can_remove) directory.fail_all(Kind::remove, io_error);
            BOOST_TEST(caller.append(queue_a, 1, "failed") == io_error);
            directory.heal();
            BOOST_TEST(log->figures().segments == (can_remove ? 0U : 1U));
            BOOST_TEST(!caller.append(queue_a, 2, "kept"));
            test_support::PowerCut power{{}};
            for (const FaultyDirectory::Step& step : directory.steps()) power.take(step);
            FaultyDirectory left{power.cut([](std::size_t) { return std::size_t{0}; })};
            const auto again = open(left);
            BOOST_TEST(Caller{*again}.queue_text(queue_a) == "2:kept");
        }
    }
}

/// Without the snapshot that a clean end leaves: the records alone must say it.
BOOST_AUTO_TEST_CASE(the_last_of_several_merged_remarks_is_there_after_a_crash) {
    FaultyDirectory directory;
    ManualExecutor executor;
    const auto log = open(directory);
    BOOST_TEST(!ByHand{*log}.append(queue_b, 5, "five"));
    const auto commit = [&](Batch batch) {
        log->commit(std::move(batch), executor, [](std::error_code) {});
    };
    Batch append;
    append.append(queue_a, Position{1}, value_of("one"));
    commit(std::move(append));
    Batch in_part;  // the settlement is written, the remark is not
    in_part.remark(queue_a, Position{1}, store::Mark{1});
    in_part.settle(queue_b, Position{5});
    commit(std::move(in_part));
    Batch whole;
    whole.remark(queue_a, Position{1}, store::Mark{2});
    commit(std::move(whole));
    BOOST_TEST(log->figures().remarks_elided == 2U);
    (void)log->run_round();

    FaultyDirectory left{directory.contents()};
    const auto again = open(left);
    BOOST_TEST((Caller{*again}.read_queue(queue_a).records.at(0).mark == store::Mark{2}));
    BOOST_TEST(again->level(queue_b).records == 0U);
}

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_and_accepts_again_when_there_is_room) {
    FaultyDirectory directory;
    const auto log = open(directory);
    ByHand caller{*log};
    const std::string large(3000, 'x');
    BOOST_TEST(!caller.append(queue_a, 1, large));
    directory.fail_all(Kind::allocate, no_space);
    directory.fail_all(Kind::create, no_space);
    BOOST_TEST(caller.append(queue_a, 2, large) == no_space);
    BOOST_TEST(caller.append(queue_a, 2, large) == no_space);
    BOOST_TEST(!caller.settle(queue_a, 1));  // there is room for that in the segment
    directory.heal();
    BOOST_TEST(!caller.append(queue_a, 2, large));
    BOOST_TEST((log->level(queue_a) == store::Level{1, 3000}));
}

/// The same script with each changing call failing in turn, its write done in part.
BOOST_AUTO_TEST_CASE(any_call_may_fail_and_nothing_that_was_answered_is_lost) {
    std::uint64_t calls = 0;
    for (std::uint64_t failing = 1; failing <= calls || failing == 1; ++failing) {
        BOOST_TEST_CONTEXT("call " << failing) {
            FaultyDirectory directory;
            std::string expected;
            {
                const auto log = open(directory);
                ByHand caller{*log};
                directory.fail_call(failing, failing % 2 == 0 ? io_error : no_space, failing % 64);
                for (std::uint64_t position = 1; position <= 40; ++position) {
                    const std::string text(150, static_cast<char>('a' + position % 26));
                    if (caller.append(queue_a, position, text)) continue;
                    if (position % 4 == 0) (void)caller.settle(queue_a, position - 1);
                }
                directory.heal();
                BOOST_TEST(!caller.append(queue_b, 1, "the end"));
                expected = Caller{*log}.queue_text(queue_a);
            }
            calls = std::max(calls, directory.calls());
            const auto log = open(directory);
            BOOST_TEST(Caller{*log}.queue_text(queue_a) == expected);
            BOOST_TEST(Caller{*log}.queue_text(queue_b) == "1:the end");
        }
    }
    BOOST_TEST(calls > 100U);
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_be_opened_says_why_and_changes_nothing) {
    FaultyDirectory directory;
    {
        const auto log = open(directory);
        ByHand caller{*log};
        prepare(caller);
        OpenReport report;
        auto second = LogStore::open(directory, {}, report);
        BOOST_REQUIRE(second.has_error());
        BOOST_TEST((second.error().code == std::errc::device_or_resource_busy));
        BOOST_TEST(second.error().sentence.find("another process") != std::string::npos);
    }
    const auto log = open(directory);
    BOOST_TEST(log->total().records == 5U);
}

BOOST_AUTO_TEST_SUITE_END()
