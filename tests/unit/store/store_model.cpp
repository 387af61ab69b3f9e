// Random batches and reads beside a model that is slow and obvious: plain maps. HOLDFAST_SEED and
// HOLDFAST_STEPS choose another run; a failure prints how to repeat it.

#include "support/random_topics.hpp"
#include "unit/store/store_suite.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <map>

namespace store_suite {

namespace {

using store::Level;
using store::Mark;
using store::PageLimits;
using store::Position;
using store::QueueId;
using store::Table;

constexpr std::size_t queue_count = 4;
constexpr std::size_t table_count = static_cast<std::size_t>(Table::count_);

class World {
public:
    World(std::uint64_t seed, store::Store& store) : random_(seed), store_(store), caller_(store) {}

    void step() {
        const std::size_t choice = random_.below(10);
        if (choice < 6) {
            caller_.commit(random_batch());
        } else if (choice < 8) {
            check_a_queue_page();
        } else {
            check_a_table_page();
        }
        check_levels();
    }
    void check_everything() {
        for (std::size_t i = 0; i < queue_count; ++i) {
            std::vector<std::uint64_t> expected;
            for (const auto& [position, record] : queues_[i]) expected.push_back(position);
            const auto positions = caller_.positions_by_pages(queue(i), random_limits());
            BOOST_REQUIRE_EQUAL_COLLECTIONS(positions.begin(), positions.end(), expected.begin(),
                                            expected.end());
        }
        for (std::size_t i = 0; i < table_count; ++i) {
            std::vector<std::string> expected;
            for (const auto& [key, text] : tables_[i]) expected.push_back(key);
            const auto keys = caller_.keys_by_pages(static_cast<Table>(i), random_limits());
            BOOST_REQUIRE_EQUAL_COLLECTIONS(keys.begin(), keys.end(), expected.begin(),
                                            expected.end());
        }
    }

private:
    struct Record {
        std::string text;
        std::uint64_t mark;
    };

    static QueueId queue(std::size_t index) { return QueueId{1000 + index}; }

    std::string random_text() {
        std::string text(random_.below(20), 'x');
        for (char& c : text) c = static_cast<char>(random_.below(256));
        return text;
    }
    std::string random_key() { return random_.name(); }
    PageLimits random_limits() { return {random_.below(8), random_.below(60)}; }

    /// Mostly the next position, sometimes one that was left out before.
    std::uint64_t new_position(std::size_t index) {
        std::uint64_t& last = last_positions_[index];
        auto& left_out = left_out_[index];
        if (!left_out.empty() && random_.chance(20)) {
            const std::uint64_t position = left_out.back();
            left_out.pop_back();
            return position;
        }
        if (random_.chance(10)) left_out.push_back(++last);
        return ++last;
    }
    /// One that is there if there is any, mostly the first, or now and then one that is not.
    std::uint64_t old_position(std::size_t index) {
        const auto& records = queues_[index];
        if (records.empty() || random_.chance(5)) return 1 + random_.below(1000);
        if (random_.chance(60)) return records.begin()->first;
        return std::next(records.begin(),
                         static_cast<std::ptrdiff_t>(random_.below(records.size())))
            ->first;
    }

    store::Batch random_batch() {
        store::Batch batch;
        for (std::size_t changes = random_.below(6); changes > 0; --changes) {
            const std::size_t choice = random_.below(100);
            if (choice < 60) {
                change_queue(batch, choice);
            } else {
                change_table(batch);
            }
        }
        return batch;
    }

    void change_queue(store::Batch& batch, std::size_t choice) {
        const std::size_t index = random_.below(queue_count);
        auto& records = queues_[index];
        if (choice < 30) {
            const std::uint64_t position = new_position(index);
            const Record record{random_text(), random_.below(100)};
            batch.append(queue(index), Position{position}, value_of(record.text),
                         Mark{record.mark});
            records[position] = record;
        } else if (choice < 50) {
            const std::uint64_t position = old_position(index);
            batch.settle(queue(index), Position{position});
            records.erase(position);
        } else if (choice < 59) {
            const std::uint64_t position = old_position(index);
            const std::uint64_t mark = random_.below(100);
            batch.remark(queue(index), Position{position}, Mark{mark});
            if (records.contains(position)) records[position].mark = mark;
        } else {
            batch.drop_queue(queue(index));
            records.clear();
        }
    }

    void change_table(store::Batch& batch) {
        const std::size_t index = random_.below(table_count);
        const std::string key = random_key();
        if (random_.chance(50)) {
            const std::string text = random_text();
            batch.put(static_cast<Table>(index), key, value_of(text));
            tables_[index][key] = text;
        } else {
            batch.erase(static_cast<Table>(index), key);
            tables_[index].erase(key);
        }
    }

    void check_a_queue_page() {
        const std::size_t index = random_.below(queue_count);
        const std::uint64_t after = random_.chance(50) ? 0 : old_position(index);
        const PageLimits limits = random_limits();
        const store::QueuePage page = caller_.read_queue(queue(index), after, limits);
        auto expected = queues_[index].upper_bound(after);
        std::size_t bytes = 0;
        for (const store::QueuedRecord& record : page.records) {
            BOOST_REQUIRE(expected != queues_[index].end());
            BOOST_REQUIRE(record.position == Position{expected->first});
            BOOST_REQUIRE(record.mark == Mark{expected->second.mark});
            BOOST_REQUIRE(text_of(record.bytes) == expected->second.text);
            bytes += record.bytes.size();
            ++expected;
        }
        const bool is_last = expected == queues_[index].end();
        const std::size_t next = is_last ? 0 : expected->second.text.size();
        check_page_end(limits, {page.records.size(), bytes}, next, is_last, page.is_last);
    }

    void check_a_table_page() {
        const std::size_t index = random_.below(table_count);
        const std::string after = random_.chance(50) ? "" : random_key();
        const PageLimits limits = random_limits();
        const TextPage page = caller_.read_table(static_cast<Table>(index), after, limits);
        auto expected = tables_[index].upper_bound(after);
        std::size_t bytes = 0;
        for (const auto& [key, text] : page.records) {
            BOOST_REQUIRE(expected != tables_[index].end());
            BOOST_REQUIRE(key == expected->first);
            BOOST_REQUIRE(text == expected->second);
            bytes += key.size() + text.size();
            ++expected;
        }
        const bool is_last = expected == tables_[index].end();
        const std::size_t next = is_last ? 0 : expected->first.size() + expected->second.size();
        check_page_end(limits, {page.records.size(), bytes}, next, is_last, page.is_last);
    }

    /// A page ends where it must, and no earlier.
    static void check_page_end(PageLimits limits, Level page, std::size_t next_bytes, bool is_last,
                               bool says_last) {
        BOOST_REQUIRE_EQUAL(says_last, is_last);
        const std::size_t records_max = std::max<std::size_t>(limits.records_max, 1);
        BOOST_REQUIRE(page.records <= records_max);
        BOOST_REQUIRE(page.records <= 1 || page.bytes <= limits.bytes_max);
        if (is_last) return;
        BOOST_REQUIRE(page.records >= 1);
        BOOST_REQUIRE(page.records == records_max || page.bytes + next_bytes > limits.bytes_max);
    }

    void check_levels() const {
        Level total;
        for (std::size_t i = 0; i < queue_count; ++i) {
            Level level;
            for (const auto& [position, record] : queues_[i]) {
                ++level.records;
                level.bytes += record.text.size();
            }
            BOOST_REQUIRE(store_.level(queue(i)) == level);
            total = {total.records + level.records, total.bytes + level.bytes};
        }
        for (std::size_t i = 0; i < table_count; ++i) {
            Level level;
            for (const auto& [key, text] : tables_[i]) {
                ++level.records;
                level.bytes += key.size() + text.size();
            }
            BOOST_REQUIRE(store_.level(static_cast<Table>(i)) == level);
            total = {total.records + level.records, total.bytes + level.bytes};
        }
        BOOST_REQUIRE(store_.total() == total);
    }

    test_support::RandomTopics random_;
    store::Store& store_;
    Caller caller_;
    std::array<std::map<std::uint64_t, Record>, queue_count> queues_;
    std::array<std::map<std::string, std::string>, table_count> tables_;
    std::array<std::uint64_t, queue_count> last_positions_{};
    std::array<std::vector<std::uint64_t>, queue_count> left_out_;
};

}  // namespace

void random_batches_agree_with_the_model(const Open& open) {
    const std::uint64_t seed = test_support::number_from_environment("HOLDFAST_SEED", 1);
    const std::uint64_t steps = test_support::number_from_environment("HOLDFAST_STEPS", 5'000);
    BOOST_TEST_CONTEXT("repeat with: HOLDFAST_SEED="
                       << seed << " HOLDFAST_STEPS=" << steps
                       << " unit_store --run_test=*/random_batches_agree_with_the_model") {
        const auto store = open();
        World world{seed, *store};
        for (std::uint64_t i = 0; i < steps; ++i) {
            BOOST_TEST_CONTEXT("step " << i) { world.step(); }
        }
        world.check_everything();
    }
}

}  // namespace store_suite
