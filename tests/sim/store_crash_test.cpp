// Power cuts. A log store with tiny segments is run by a seed: random batches of several callers, rounds,
// restarts, old segments rewritten, snapshots. Then the power goes, at every change that the disk saw and in
// several ways each, and the store that is opened on what may be left is judged by StoreModel: every
// answered batch is there whole, nothing that was not committed is, and what is there is a beginning.

#include "sim/store_model.hpp"
#include "store/log_store.hpp"
#include "store/memory_directory.hpp"
#include "support/faulty_directory.hpp"
#include "support/manual_executor.hpp"
#include "support/random_topics.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace holdfast;
using sim::Place;
using sim::StoreModel;
using sim::StoreState;
using store::LogStore;
using store::LogStoreOptions;
using store::OpenReport;
using test_support::FaultyDirectory;
using test_support::ManualExecutor;
using test_support::PowerCut;
using test_support::RandomTopics;
using Kind = StoreModel::Change::Kind;

constexpr std::size_t executor_count = 3;
constexpr std::uint64_t queue_count = 3;
constexpr std::size_t value_bytes_max = 150;

LogStoreOptions tiny_options() {
    LogStoreOptions options;
    options.segment_bytes = 2048;
    options.round_bytes_max = 1500;
    options.snapshot_log_bytes = 3000;
    options.has_thread = false;
    return options;
}

class Run {
public:
    explicit Run(std::uint64_t seed) : random_(seed) { reopen(); }
    ~Run() { log_.reset(); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    void step() {
        const std::size_t choice = random_.below(100);
        if (choice < 55) {
            commit();
        } else if (choice < 98) {
            (void)log_->run_round();
            collect();
        } else {
            reopen();
        }
    }
    void close() {
        if (log_) {
            const store::StoreFigures figures = log_->figures();
            seen_.elided += figures.appends_elided;
            seen_.rewritten += figures.bytes_rewritten;
            seen_.spares += figures.spare_segments;
        }
        log_.reset();
        collect();
    }
    /// What has happened in all runs: a test of a store that did none of it would prove nothing.
    struct Seen {
        std::uint64_t elided = 0;
        std::uint64_t rewritten = 0;
        std::uint64_t spares = 0;
    };
    [[nodiscard]] const Seen& seen() const { return seen_; }
    void reopen() {
        close();
        OpenReport report;
        auto opened = LogStore::open(directory_, tiny_options(), report);
        BOOST_REQUIRE(opened.has_value());
        BOOST_REQUIRE(report.damages.empty());
        log_ = *std::move(opened);
    }

    // When so many changes had reached the disk:
    [[nodiscard]] std::size_t committed(std::size_t steps) const {
        const auto end = std::upper_bound(committed_at_.begin(), committed_at_.end(), steps);
        return static_cast<std::size_t>(end - committed_at_.begin());
    }
    [[nodiscard]] bool is_answered(std::size_t number, std::size_t steps) const {
        const auto at = answered_at_.find(number);
        return at != answered_at_.end() && at->second <= steps;
    }
    [[nodiscard]] const StoreModel& model() const { return model_; }
    [[nodiscard]] StoreModel& model() { return model_; }
    [[nodiscard]] FaultyDirectory& directory() { return directory_; }
    [[nodiscard]] LogStore& log() { return *log_; }
    [[nodiscard]] const std::set<std::size_t>& failed() const { return failed_; }
    void commit() { commit(random_changes()); }
    void collect() {
        for (ManualExecutor& executor : executors_) {
            while (executor.waiting() > 0) executor.run_one();
        }
    }

private:
    void commit(StoreModel::Changes changes) {
        const std::size_t number = model_.committed();
        store::Batch batch = model_.commit(std::move(changes));
        committed_at_.push_back(directory_.step_count());
        log_->commit(std::move(batch), executors_[random_.below(executor_count)],
                     [this, number](std::error_code error) {
                         if (error) failed_.insert(number);
                         if (!error) answered_at_[number] = directory_.step_count();
                     });
        collect();
    }

    StoreModel::Changes random_changes() {
        StoreModel::Changes changes;
        const std::size_t kind = random_.below(10);
        for (std::size_t count = 1 + random_.below(4); count > 0; --count) {
            if (kind < 3) {
                changes.push_back(append());
            } else if (kind < 6) {
                changes.push_back(random_.chance(80) ? settle() : remark());
            } else {
                changes.push_back(anything());
            }
        }
        return changes;
    }
    StoreModel::Change anything() {
        const std::size_t choice = random_.below(100);
        if (choice < 30) return append();
        if (choice < 55) return settle();
        if (choice < 65) return remark();
        if (choice < 68) {
            const std::uint64_t queue = 1 + random_.below(queue_count);
            return {Kind::drop, {queue, 0}, 0, {}, {}, 0};
        }
        const auto table = static_cast<int>(random_.below(2));
        if (choice < 90) return {Kind::put, {}, table, random_.name(), random_text(), 0};
        return {Kind::erase, {}, table, random_.name(), {}, 0};
    }
    StoreModel::Change append() {
        const std::uint64_t queue = 1 + random_.below(queue_count);
        const std::uint64_t position = ++last_positions_[queue];
        return {Kind::append, {queue, position}, 0, {}, random_text(), random_.below(3)};
    }
    StoreModel::Change settle() { return {Kind::settle, waiting_place(), 0, {}, {}, 0}; }
    StoreModel::Change remark() {
        return {Kind::remark, waiting_place(), 0, {}, {}, 10 + random_.below(90)};
    }
    Place waiting_place() {
        const auto& queued = model_.latest().queued;
        if (queued.empty()) return {1, 1};
        const std::size_t index = random_.chance(70) ? 0 : random_.below(queued.size());
        return std::next(queued.begin(), static_cast<std::ptrdiff_t>(index))->first;
    }
    std::string random_text() {
        std::string text(random_.below(value_bytes_max), 'x');
        for (char& c : text) c = static_cast<char>(random_.below(256));
        return text;
    }

    RandomTopics random_;
    FaultyDirectory directory_;
    StoreModel model_;
    std::array<ManualExecutor, executor_count> executors_;
    std::unique_ptr<LogStore> log_;
    std::map<std::uint64_t, std::uint64_t> last_positions_;
    std::vector<std::size_t> committed_at_;
    std::map<std::size_t, std::size_t> answered_at_;
    std::set<std::size_t> failed_;
    Seen seen_;
};

void judge_cut(const Run& run, const FaultyDirectory::Contents& disk, std::size_t steps) {
    store::MemoryDirectory directory{disk};
    OpenReport report;
    auto opened = LogStore::open(directory, tiny_options(), report);
    BOOST_REQUIRE_MESSAGE(opened.has_value(),
                          "not opened: " << (opened ? "" : opened.error().sentence));
    for (const store::Damage& damage : report.damages) {
        BOOST_REQUIRE_MESSAGE(damage.is_torn_tail, damage.sentence);
    }
    const StoreState found = sim::read_state(**opened);
    const std::string why = run.model().judge(found, run.committed(steps), [&](std::size_t number) {
        return run.is_answered(number, steps);
    });
    BOOST_REQUIRE_MESSAGE(why.empty(), why);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_crash)

BOOST_AUTO_TEST_CASE(a_power_cut_loses_nothing_that_was_answered) {
    const std::uint64_t first_seed = test_support::number_from_environment("HOLDFAST_SEED", 1);
    const std::uint64_t steps = test_support::number_from_environment("HOLDFAST_STEPS", 600);
    constexpr std::uint64_t seeds = 6;
    constexpr int cuts_per_step = 3;
    std::size_t cuts = 0;
    for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
        BOOST_TEST_CONTEXT(test_support::repeat_command(
            "store_crash/a_power_cut_loses_nothing_that_was_answered", seed, steps)) {
            Run run{seed};
            for (std::uint64_t i = 0; i < steps; ++i) run.step();
            run.close();
            BOOST_TEST(run.seen().elided > 0U);
            BOOST_TEST(run.seen().rewritten > 0U);
            BOOST_TEST(run.seen().spares > 0U);
            RandomTopics random{seed};
            const auto choose = [&](std::size_t count) { return random.below(count); };
            PowerCut disk{{}};
            std::size_t taken = 0;
            for (const FaultyDirectory::Step& step : run.directory().steps()) {
                for (int i = 0; i < cuts_per_step; ++i) {
                    BOOST_TEST_CONTEXT("cut behind change " << taken << ", way " << i) {
                        judge_cut(run, disk.cut(choose), taken);
                    }
                    ++cuts;
                }
                disk.take(step);
                ++taken;
            }
            judge_cut(run, disk.all(), taken);
        }
    }
    BOOST_TEST_MESSAGE(cuts << " power cuts");
    BOOST_TEST(cuts >= 10'000U);
}

BOOST_AUTO_TEST_SUITE_END()
