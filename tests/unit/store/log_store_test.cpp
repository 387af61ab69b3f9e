#include "store/log_store.hpp"

#include "store/memory_directory.hpp"
#include "store/record.hpp"
#include "store/segments.hpp"
#include "unit/store/store_suite.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <iterator>

using namespace holdfast;
using store::Batch;
using store::LogStore;
using store::LogStoreOptions;
using store::MemoryDirectory;
using store::OpenReport;
using store::Position;
using store_suite::Caller;
using store_suite::queue_a;
using store_suite::queue_b;
using store_suite::value_of;

namespace {

constexpr LogStoreOptions small_segments{.segment_bytes = 4096};

/// A LogStore together with the directory it is in.
class OwningStore final : public store::Store {
public:
    explicit OwningStore(const LogStoreOptions& options) {
        OpenReport report;
        auto opened = LogStore::open(directory_, options, report);
        BOOST_REQUIRE(opened.has_value());
        log_ = *std::move(opened);
    }
    void commit(Batch batch, store::Executor& executor, store::Committed done) override {
        log_->commit(std::move(batch), executor, std::move(done));
    }
    void read_table(store::Table table, std::string after, store::PageLimits limits,
                    store::Executor& executor, store::TableRead done) override {
        log_->read_table(table, std::move(after), limits, executor, std::move(done));
    }
    void read_queue(store::QueueId queue, Position after, store::PageLimits limits,
                    store::Executor& executor, store::QueueRead done) override {
        log_->read_queue(queue, after, limits, executor, std::move(done));
    }
    void read_marks(store::QueueId queue, Position after, std::size_t records_max,
                    store::Executor& executor, store::MarksRead done) override {
        log_->read_marks(queue, after, records_max, executor, std::move(done));
    }
    void list_queues(store::QueueId after, std::size_t records_max, store::Executor& executor,
                     store::QueuesListed done) override {
        log_->list_queues(after, records_max, executor, std::move(done));
    }
    Position last_position(store::QueueId queue) const override {
        return log_->last_position(queue);
    }
    store::Level level(store::QueueId queue) const override { return log_->level(queue); }
    store::Level level(store::Table table) const override { return log_->level(table); }
    store::Level total() const override { return log_->total(); }
    store::Level backlog() const override { return log_->backlog(); }

private:
    MemoryDirectory directory_;
    std::unique_ptr<LogStore> log_;
};

const bool is_added =
    store_suite::add_store_suite("log_store_keeps_the_contract",
                                 [] { return std::make_unique<OwningStore>(LogStoreOptions{}); }) &&
    store_suite::add_store_suite("log_store_of_small_segments_keeps_the_contract",
                                 [] { return std::make_unique<OwningStore>(small_segments); });

constexpr LogStoreOptions by_hand{.segment_bytes = 4096, .has_thread = false};

std::unique_ptr<LogStore> open(MemoryDirectory& directory, LogStoreOptions options = {}) {
    OpenReport report;
    auto opened = LogStore::open(directory, options, report);
    BOOST_REQUIRE(opened.has_value());
    BOOST_TEST(report.damages.empty());
    return *std::move(opened);
}

/// Changes a byte of the first place in the first segment where the text stands.
void damage(MemoryDirectory& directory, std::string_view text) {
    const auto file = directory.open(store::segment_name(1));
    BOOST_REQUIRE(file.has_value());
    store::Bytes bytes(static_cast<std::size_t>(*(*file)->size()));
    BOOST_REQUIRE((*file)->read(0, bytes).has_value());
    const std::size_t at = store::text_of(bytes).find(text);
    BOOST_REQUIRE(at != std::string_view::npos);
    const store::Bytes other{bytes[at] ^ std::byte{1}};
    BOOST_REQUIRE(!(*file)->write(at, other));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_store)

BOOST_AUTO_TEST_CASE(what_was_answered_is_there_after_a_restart) {
    MemoryDirectory directory;
    {
        const auto log = open(directory, small_segments);
        Caller caller{*log};
        for (std::uint64_t position = 1; position <= 100; ++position) {
            caller.append(queue_a, position, std::string(100, 'x'));
        }
        caller.settle(queue_a, 1);
        Batch batch;
        batch.remark(queue_a, Position{2}, store::Mark{77});
        batch.append(queue_b, Position{9}, value_of("nine"));
        batch.put(store::Table::retained, "a/b", value_of("kept"));
        caller.commit(std::move(batch));
        caller.put(store::Table::sessions, "gone", "x");
        Batch erase;
        erase.erase(store::Table::sessions, "gone");
        caller.commit(std::move(erase));
    }
    const auto log = open(directory, small_segments);
    Caller caller{*log};
    BOOST_TEST((log->level(queue_a) == store::Level{99, 9900}));
    const store::QueuePage page = caller.read_queue(queue_a);
    BOOST_TEST((page.records.at(0).mark == store::Mark{77}));
    BOOST_TEST(store_suite::text_of(page.records.at(98).bytes) == std::string(100, 'x'));
    BOOST_TEST(caller.queue_text(queue_b) == "9:nine");
    BOOST_TEST(caller.read_table(store::Table::retained).records.at(0).second == "kept");
    BOOST_TEST(caller.read_table(store::Table::sessions).records.empty());
}

BOOST_AUTO_TEST_CASE(the_last_position_survives_settlement_and_restart_until_the_queue_is_dropped) {
    MemoryDirectory directory;
    {
        const auto log = open(directory);
        Caller caller{*log};
        caller.append(queue_a, 5, "x");
        caller.settle(queue_a, 5);
        caller.append(queue_b, 7, "x");
        Batch batch;
        batch.drop_queue(queue_b);
        caller.commit(std::move(batch));
    }
    const auto log = open(directory);
    BOOST_TEST((log->last_position(queue_a) == Position{5}));
    BOOST_TEST((log->last_position(queue_b) == store::before_first));
}

BOOST_AUTO_TEST_CASE(a_segment_that_is_missing_is_told_of_unless_it_was_given_back) {
    constexpr LogStoreOptions options{.segment_bytes = 4096,
                                      .spare_segments_max = 0,
                                      .snapshot_log_bytes = 8192,
                                      .has_thread = false};
    MemoryDirectory directory;
    test_support::ManualExecutor executor;
    const auto log = open(directory, options);
    const auto commit = [&](Batch batch) {
        log->commit(std::move(batch), executor, [](std::error_code error) { BOOST_TEST(!error); });
        (void)log->run_round();
        while (executor.waiting() > 0) executor.run_one();
    };
    Batch staying;  // more than half of its segment, so that it is not put elsewhere
    staying.append(queue_b, Position{1}, value_of(std::string(3000, 'b')));
    commit(std::move(staying));
    for (std::uint64_t position = 1; position <= 500; ++position) {
        Batch passing;
        passing.append(queue_a, Position{position}, value_of(std::string(500, 'a')));
        if (position > 1) passing.settle(queue_a, Position{position - 1});
        commit(std::move(passing));
    }
    // As after a crash: without the snapshot that an orderly end would take.
    MemoryDirectory::Contents files = directory.contents();
    BOOST_TEST(files.contains(store::segment_name(1)));
    BOOST_TEST_REQUIRE(!files.contains(store::segment_name(2)));
    OpenReport report;
    MemoryDirectory as_left{files};
    BOOST_REQUIRE(LogStore::open(as_left, options, report).has_value());
    BOOST_TEST(report.notes.empty());

    const auto is_segment = [](const auto& file) {
        return file.first.starts_with("log-") && !file.second.empty();
    };
    const auto last = std::find_if(files.rbegin(), files.rend(), is_segment);
    const auto before_last = std::find_if(std::next(last), files.rend(), is_segment);
    const std::string missing = before_last->first;
    files.erase(missing);
    OpenReport told;
    MemoryDirectory without{files};
    BOOST_REQUIRE(LogStore::open(without, options, told).has_value());
    BOOST_TEST_REQUIRE(!told.notes.empty());
    BOOST_TEST(told.notes.back() == missing + " was before " + last->first +
                                        " and is missing: what it held is lost");
}

BOOST_AUTO_TEST_CASE(a_value_of_many_queues_counts_once_until_it_is_written) {
    MemoryDirectory directory;
    test_support::ManualExecutor executor;
    const auto log = open(directory, by_hand);
    constexpr std::uint64_t queues = 100;
    Batch batch;
    const store::ValuePtr value = value_of(std::string(1000, 'x'));
    for (std::uint64_t queue = 1; queue <= queues; ++queue) {
        batch.append(store::QueueId{queue}, Position{1}, value);
    }
    log->commit(std::move(batch), executor, [](std::error_code error) { BOOST_TEST(!error); });
    BOOST_TEST((log->backlog() == store::Level{queues, 1000}));
    BOOST_TEST((log->total() == store::Level{queues, queues * 1000}));
    (void)log->run_round();
    while (executor.waiting() > 0) executor.run_one();
    BOOST_TEST((log->backlog() == store::Level{}));
    // 56 bytes besides the value at most for each: no more than two segments' worth.
    BOOST_TEST(log->figures().disk_bytes < 2U * by_hand.segment_bytes);
}

BOOST_AUTO_TEST_CASE(a_page_of_damaged_records_only_gives_way_to_what_is_behind_them) {
    MemoryDirectory directory;
    const auto log = open(directory);
    Caller caller{*log};
    for (const std::string text : {"first", "second", "third"}) {
        caller.append(queue_a, log->level(queue_a).records + 1, "queued " + text);
        caller.put(store::Table::retained, text, "retained " + text);
    }
    for (const std::string_view text : {"first", "second"}) {
        damage(directory, "queued " + std::string(text));
        damage(directory, "retained " + std::string(text));
    }
    constexpr store::PageLimits one_record{1, store::page_bytes_max};
    BOOST_TEST(caller.queue_text(queue_a, 0, one_record) == "3:queued third");
    const store_suite::TextPage page = caller.read_table(store::Table::retained, {}, one_record);
    BOOST_TEST_REQUIRE(page.records.size() == 1U);
    BOOST_TEST(page.records.front().first == "third");
    BOOST_TEST(log->figures().damaged_reads == 4U);
    // Nothing is left at all: that is the end.
    damage(directory, "queued third");
    BOOST_TEST(caller.queue_text(queue_a, 0, one_record).empty());
}

BOOST_AUTO_TEST_SUITE_END()
