// The cases of the store suite. Each gets a new, empty store; the name is the promise it checks.

#include "unit/store/store_suite.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace store_suite {

namespace {

using store::Batch;
using store::before_first;
using store::Level;
using store::Mark;
using store::PageLimits;
using store::Position;
using store::QueueId;
using store::Table;
using test_support::ManualExecutor;
using Texts = std::vector<std::string>;

// --- Answers

void answers_are_never_given_inside_the_call(const Open& open) {
    const auto store = open();
    ManualExecutor executor;
    int answers = 0;
    Batch batch;
    batch.append(queue_a, Position{1}, value_of("one"));
    store->commit(std::move(batch), executor, [&](std::error_code) { ++answers; });
    store->commit(Batch{}, executor, [&](std::error_code) { ++answers; });
    store->read_table(Table::sessions, {}, {}, executor,
                      [&](std::error_code, const store::TablePage&) { ++answers; });
    store->read_queue(queue_a, before_first, {}, executor,
                      [&](std::error_code, const store::QueuePage&) { ++answers; });
    BOOST_TEST(answers == 0);
    executor.run_until([&] { return answers == 4; });
}

void answers_come_in_the_order_of_the_calls(const Open& open) {
    const auto store = open();
    ManualExecutor executor;
    std::vector<int> answers;
    for (int i = 0; i < 300; i += 3) {
        Batch batch;
        batch.append(queue_a, Position{static_cast<std::uint64_t>(i) + 1}, value_of("x"));
        store->commit(std::move(batch), executor,
                      [&answers, i](std::error_code) { answers.push_back(i); });
        store->read_queue(
            queue_a, before_first, {}, executor,
            [&answers, i](std::error_code, const store::QueuePage&) { answers.push_back(i + 1); });
        store->commit(Batch{}, executor,
                      [&answers, i](std::error_code) { answers.push_back(i + 2); });
    }
    executor.run_until([&] { return answers.size() == 300; });
    BOOST_TEST(std::ranges::is_sorted(answers));
}

void each_executor_gets_its_own_answers(const Open& open) {
    const auto store = open();
    ManualExecutor first;
    ManualExecutor second;
    std::string answers;
    store->commit(Batch{}, first, [&](std::error_code) { answers += "1"; });
    store->commit(Batch{}, second, [&](std::error_code) { answers += "2"; });
    second.run_one();
    first.run_one();
    BOOST_TEST(answers == "21");
}

void a_commit_may_want_no_answer(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    Batch batch;
    batch.append(queue_a, Position{1}, value_of("one"));
    store->commit(std::move(batch), caller.executor(), {});
    caller.commit(Batch{});
    BOOST_TEST(caller.queue_text(queue_a) == "1:one");
    BOOST_TEST(caller.executor().waiting() == 0U);
}

void an_answer_may_call_the_store(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    bool is_answered = false;
    const auto append = [&](std::uint64_t position, store::Committed done) {
        Batch batch;
        batch.append(queue_a, Position{position}, value_of("x"));
        store->commit(std::move(batch), caller.executor(), std::move(done));
    };
    append(1, [&](std::error_code) { append(2, [&](std::error_code) { is_answered = true; }); });
    caller.executor().run_until([&] { return is_answered; });
    BOOST_TEST(caller.queue_text(queue_a) == "1:x 2:x");
}

// --- Batches

void a_batch_reaches_tables_and_queues(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    Batch batch;
    batch.put(Table::sessions, "pump-7", value_of("state"));
    batch.put(Table::subscriptions, std::string("pump-7\0a/#", 10), value_of("options"));
    batch.append(queue_a, Position{1}, value_of("one"));
    batch.append(queue_b, Position{1}, value_of("eins"));
    caller.commit(std::move(batch));
    BOOST_TEST((caller.read_table(Table::sessions) == TextPage{{{"pump-7", "state"}}, true}));
    const std::string key("pump-7\0a/#", 10);
    BOOST_TEST((caller.read_table(Table::subscriptions) == TextPage{{{key, "options"}}, true}));
    BOOST_TEST((caller.read_table(Table::retained) == TextPage{{}, true}));
    BOOST_TEST(caller.queue_text(queue_a) == "1:one");
    BOOST_TEST(caller.queue_text(queue_b) == "1:eins");
}

void changes_are_applied_in_their_order(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    caller.append(queue_b, 5, "old");
    Batch batch;
    batch.put(Table::retained, "kept", value_of("first"));
    batch.put(Table::retained, "kept", value_of("second"));
    batch.put(Table::retained, "gone", value_of("x"));
    batch.erase(Table::retained, "gone");
    batch.append(queue_a, Position{1}, value_of("settled at once"));
    batch.settle(queue_a, Position{1});
    batch.append(queue_a, Position{2}, value_of("two"), Mark{1});
    batch.remark(queue_a, Position{2}, Mark{2});
    batch.drop_queue(queue_b);
    batch.append(queue_b, Position{6}, value_of("new"));
    caller.commit(std::move(batch));
    BOOST_TEST((caller.read_table(Table::retained) == TextPage{{{"kept", "second"}}, true}));
    BOOST_TEST(caller.queue_text(queue_a) == "2:two");
    BOOST_TEST((caller.read_queue(queue_a).records.at(0).mark == Mark{2}));
    BOOST_TEST(caller.queue_text(queue_b) == "6:new");
}

void what_is_not_there_is_no_error(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    caller.append(queue_a, 2, "two");
    Batch batch;
    batch.erase(Table::sessions, "nobody");
    for (const QueueId queue : {queue_a, queue_b}) {
        batch.settle(queue, Position{1});
        batch.settle(queue, Position{3});
        batch.remark(queue, Position{3}, Mark{1});
    }
    batch.drop_queue(queue_b);
    caller.commit(std::move(batch));
    BOOST_TEST(caller.queue_text(queue_a) == "2:two");
    BOOST_TEST(caller.queue_text(queue_b).empty());
    BOOST_TEST((store->total() == Level{1, 3}));
}

/// One thread commits triples while another reads: nobody sees a part of one.
void nobody_sees_half_a_batch(const Open& open) {
    constexpr std::uint64_t batches = 300;
    const auto store = open();
    std::atomic<bool> is_done{false};
    std::thread writer{[&] {  // Boost.Test's checks are for one thread only
        ManualExecutor executor;
        for (std::uint64_t i = 0; i < batches; ++i) {
            Batch batch;
            for (std::uint64_t j = 1; j <= 3; ++j) {
                batch.append(queue_a, Position{3 * i + j}, value_of("x"));
                batch.put(Table::retained, std::to_string(j), value_of(std::to_string(i)));
            }
            store->commit(std::move(batch), executor, [](std::error_code) {});
            executor.run_one();
        }
        is_done = true;
    }};
    Caller reader{*store};
    std::size_t torn = 0;
    while (!is_done) {
        torn += reader.read_queue(queue_a).records.size() % 3;
        const TextPage page = reader.read_table(Table::retained);
        for (const auto& [key, text] : page.records) {
            if (text != page.records[0].second) ++torn;
        }
    }
    writer.join();
    BOOST_TEST(torn == 0U);
    BOOST_TEST(reader.read_queue(queue_a).records.size() == 3 * batches);
}

void one_value_may_stand_in_many_places(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    const store::ValuePtr value = value_of("shared");
    Batch batch;
    batch.append(queue_a, Position{1}, value, Mark{10});
    batch.append(queue_b, Position{9}, value, Mark{20});
    batch.put(Table::retained, "t", value);
    caller.commit(std::move(batch));
    caller.settle(queue_a, 1);
    BOOST_TEST(caller.queue_text(queue_b) == "9:shared");
    BOOST_TEST((caller.read_queue(queue_b).records.at(0).mark == Mark{20}));
    BOOST_TEST((caller.read_table(Table::retained) == TextPage{{{"t", "shared"}}, true}));
}

// --- Tables

void tables_are_read_in_the_bytewise_order_of_keys(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    const Texts sorted{std::string(1, '\0'), "A",   "a", std::string("a\0b", 3), "a/b", "aa", "b",
                       "\xC3\xA9",           "\xFF"};
    Texts shuffled = sorted;
    std::ranges::reverse(shuffled);
    for (const std::string& key : shuffled) caller.put(Table::retained, key, "x");
    for (const std::size_t records_max : {1U, 2U, 4U, 100U}) {
        const Texts keys = caller.keys_by_pages(Table::retained, {records_max, 1000});
        BOOST_TEST(keys == sorted, boost::test_tools::per_element());
    }
}

void a_table_page_has_as_many_records_as_asked(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    for (const char* key : {"a", "b", "c", "d"}) caller.put(Table::sessions, key, "x");
    const auto read = [&](std::string after, std::size_t records_max) {
        return caller.read_table(Table::sessions, std::move(after), {records_max, 1000});
    };
    BOOST_TEST((read("", 2) == TextPage{{{"a", "x"}, {"b", "x"}}, false}));
    BOOST_TEST((read("b", 2) == TextPage{{{"c", "x"}, {"d", "x"}}, true}));
    BOOST_TEST((read("bb", 1) == TextPage{{{"c", "x"}}, false}));
    BOOST_TEST((read("", 0) == TextPage{{{"a", "x"}}, false}));
    BOOST_TEST((read("d", 2) == TextPage{{}, true}));
}

void a_table_page_ends_before_it_has_too_many_bytes(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    for (const char* key : {"a", "b", "c"}) caller.put(Table::sessions, key, "xxxx");
    const auto count = [&](std::size_t bytes_max) {
        return caller.read_table(Table::sessions, {}, {10, bytes_max}).records.size();
    };
    BOOST_TEST(count(10) == 2U);
    BOOST_TEST(count(9) == 1U);
    BOOST_TEST(count(0) == 1U);
    BOOST_TEST(count(15) == 3U);
}

void tables_change_between_pages(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    for (const char* key : {"a", "b", "c", "d"}) caller.put(Table::retained, key, "old");
    Batch batch;
    batch.erase(Table::retained, "b");  // where the next page would begin
    batch.erase(Table::retained, "c");
    batch.put(Table::retained, "d", value_of("new"));
    batch.put(Table::retained, "e", value_of("new"));
    caller.commit(std::move(batch));
    BOOST_TEST(
        (caller.read_table(Table::retained, "b") == TextPage{{{"d", "new"}, {"e", "new"}}, true}));
}

// --- Queues

void queues_are_read_by_position(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    for (const std::uint64_t position : {7U, 2U, 1U, 9U, 4U}) {  // may arrive out of order
        caller.append(queue_a, position, "x");
    }
    const std::vector<std::uint64_t> sorted{1, 2, 4, 7, 9};
    for (const std::size_t records_max : {1U, 2U, 5U, 100U}) {
        const auto positions = caller.positions_by_pages(queue_a, {records_max, 1000});
        BOOST_TEST(positions == sorted, boost::test_tools::per_element());
    }
    BOOST_TEST(caller.queue_text(queue_a, 2) == "4:x 7:x 9:x");
    BOOST_TEST(caller.queue_text(queue_a, 3) == "4:x 7:x 9:x");
    BOOST_TEST(caller.queue_text(queue_a, 9).empty());
}

void positions_have_64_bits(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    constexpr std::uint64_t last = ~std::uint64_t{0};
    caller.append(queue_a, last, "last");
    caller.append(queue_a, last / 2, "middle");
    BOOST_TEST(caller.queue_text(queue_a, last / 2) == std::to_string(last) + ":last");
    BOOST_TEST(caller.queue_text(queue_a, last).empty());
}

void a_queue_page_has_as_many_records_as_asked(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    for (std::uint64_t position = 1; position <= 4; ++position) {
        caller.append(queue_a, position, "x");
    }
    BOOST_TEST(caller.queue_text(queue_a, 0, {3, 1000}) == "1:x 2:x 3:x ...");
    BOOST_TEST(caller.queue_text(queue_a, 3, {3, 1000}) == "4:x");
    BOOST_TEST(caller.queue_text(queue_a, 0, {4, 1000}) == "1:x 2:x 3:x 4:x");
    BOOST_TEST(caller.queue_text(queue_a, 0, {0, 1000}) == "1:x ...");
}

void a_queue_page_ends_before_it_has_too_many_bytes(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    caller.append(queue_a, 1, "four");
    caller.append(queue_a, 2, "also");
    caller.append(queue_a, 3, "much longer");
    caller.append(queue_a, 4, "x");
    BOOST_TEST(caller.queue_text(queue_a, 0, {10, 8}) == "1:four 2:also ...");
    BOOST_TEST(caller.queue_text(queue_a, 0, {10, 7}) == "1:four ...");
    BOOST_TEST(caller.queue_text(queue_a, 0, {10, 0}) == "1:four ...");
    BOOST_TEST(caller.queue_text(queue_a, 2, {10, 8}) == "3:much longer ...");
    BOOST_TEST(caller.queue_text(queue_a, 2, {10, 12}) == "3:much longer 4:x");
}

void no_page_is_larger_than_the_store_allows(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    const store::ValuePtr small = value_of("x");
    Batch batch;
    for (std::uint64_t i = 1; i <= store::page_records_max + 1; ++i) {
        batch.append(queue_a, Position{i}, small);
    }
    const store::ValuePtr quarter = value_of(std::string(store::page_bytes_max / 4, 'x'));
    for (std::uint64_t i = 1; i <= 5; ++i) batch.append(queue_b, Position{i}, quarter);
    caller.commit(std::move(batch));
    constexpr PageLimits everything{~std::size_t{0}, ~std::size_t{0}};
    const store::QueuePage many = caller.read_queue(queue_a, 0, everything);
    BOOST_TEST(many.records.size() == store::page_records_max);
    BOOST_TEST(!many.is_last);
    BOOST_TEST(caller.read_queue(queue_a, 1, everything).is_last);
    const store::QueuePage large = caller.read_queue(queue_b, 0, everything);
    BOOST_TEST(large.records.size() == 4U);
    BOOST_TEST(!large.is_last);
    BOOST_TEST(caller.read_queue(queue_b, 1, everything).is_last);
}

void records_are_settled_in_any_order(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    for (std::uint64_t position = 1; position <= 5; ++position) {
        caller.append(queue_a, position, "x");
    }
    caller.settle(queue_a, 3);
    BOOST_TEST(caller.queue_text(queue_a) == "1:x 2:x 4:x 5:x");
    BOOST_TEST(caller.queue_text(queue_a, 2) == "4:x 5:x");
    caller.settle(queue_a, 5);
    caller.settle(queue_a, 1);
    caller.settle(queue_a, 1);
    BOOST_TEST(caller.queue_text(queue_a) == "2:x 4:x");
    caller.settle(queue_a, 4);
    caller.settle(queue_a, 2);
    BOOST_TEST(caller.queue_text(queue_a).empty());
    caller.append(queue_a, 6, "next");
    BOOST_TEST(caller.queue_text(queue_a) == "6:next");
}

void marks_change_without_the_record(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    Batch batch;
    batch.append(queue_a, Position{1}, value_of("one"));
    batch.append(queue_a, Position{2}, value_of("two"), Mark{~std::uint64_t{0}});
    caller.commit(std::move(batch));
    Batch remark;
    remark.remark(queue_a, Position{1}, Mark{77});
    caller.commit(std::move(remark));
    const store::QueuePage page = caller.read_queue(queue_a);
    BOOST_TEST((page.records.at(0).mark == Mark{77}));
    BOOST_TEST((page.records.at(1).mark == Mark{~std::uint64_t{0}}));
    BOOST_TEST(text_of(page.records.at(0).bytes) == "one");
    BOOST_TEST((store->level(queue_a) == Level{2, 6}));
}

void a_dropped_queue_is_gone_and_others_are_not(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    for (std::uint64_t position = 1; position <= 100; ++position) {
        caller.append(queue_a, position, "x");
        caller.append(queue_b, position, "y");
    }
    Batch batch;
    batch.drop_queue(queue_a);
    caller.commit(std::move(batch));
    BOOST_TEST(caller.queue_text(queue_a).empty());
    BOOST_TEST((store->level(queue_a) == Level{}));
    BOOST_TEST((store->level(queue_b) == Level{100, 100}));
    BOOST_TEST((store->total() == Level{100, 100}));
    BOOST_TEST(caller.queue_text(queue_b, 99) == "100:y");
}

void unknown_queues_are_empty(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    BOOST_TEST(caller.queue_text(queue_a).empty());
    BOOST_TEST((store->level(queue_a) == Level{}));
    BOOST_TEST((store->total() == Level{}));
}

void empty_records_are_records(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    caller.append(queue_a, 1, "");
    caller.put(Table::sessions, "a", "");
    BOOST_TEST(caller.queue_text(queue_a) == "1:");
    BOOST_TEST((caller.read_table(Table::sessions) == TextPage{{{"a", ""}}, true}));
    BOOST_TEST((store->total() == Level{2, 1}));
}

// --- Levels

void levels_count_records_and_bytes(const Open& open) {
    const auto store = open();
    Caller caller{*store};
    caller.append(queue_a, 1, "four");
    caller.append(queue_a, 2, "seventh");
    caller.put(Table::sessions, "key", "value");
    BOOST_TEST((store->level(queue_a) == Level{2, 11}));
    BOOST_TEST((store->level(queue_b) == Level{}));
    BOOST_TEST((store->level(Table::sessions) == Level{1, 8}));
    BOOST_TEST((store->level(Table::retained) == Level{}));
    BOOST_TEST((store->total() == Level{3, 19}));
    BOOST_TEST((store->backlog() == Level{}));
    caller.put(Table::sessions, "key", "longer value");
    caller.settle(queue_a, 1);
    BOOST_TEST((store->level(Table::sessions) == Level{1, 15}));
    BOOST_TEST((store->level(queue_a) == Level{1, 7}));
    Batch batch;
    batch.erase(Table::sessions, "key");
    batch.settle(queue_a, Position{2});
    caller.commit(std::move(batch));
    BOOST_TEST((store->total() == Level{}));
}

// --- Threads

/// Threads share the store and one of its queues; each has an executor and a queue of its own.
void threads_commit_at_once(const Open& open) {
    constexpr std::uint64_t commits = 500;
    constexpr std::uint64_t threads = 4;
    constexpr QueueId common{1};
    const auto store = open();
    std::atomic<int> faults{0};
    const auto work = [&](std::uint64_t thread) {
        const QueueId own{100 + thread};
        ManualExecutor executor;
        std::uint64_t answers = 0;
        for (std::uint64_t i = 0; i < commits; ++i) {
            Batch batch;
            batch.append(own, Position{i + 1}, value_of("own"));
            batch.append(common, Position{i * threads + thread + 1}, value_of("common"));
            if (i % 2 == 1) batch.settle(own, Position{i});
            store->commit(std::move(batch), executor, [&, i](std::error_code error) {
                if (error || answers++ != i) ++faults;
            });
            if (i % 16 == 0) (void)store->level(common);
        }
        executor.run_until([&] { return answers == commits; });
    };
    std::vector<std::thread> pool;
    for (std::uint64_t thread = 0; thread < threads; ++thread) pool.emplace_back(work, thread);
    for (std::thread& thread : pool) thread.join();
    BOOST_TEST(faults == 0);
    BOOST_TEST((store->level(common) == Level{commits * threads, commits * threads * 6}));
    Caller caller{*store};
    const auto positions = caller.positions_by_pages(common, {64, 10'000});
    BOOST_TEST(positions.size() == commits * threads);
    BOOST_TEST(std::ranges::is_sorted(positions));
    for (std::uint64_t thread = 0; thread < threads; ++thread) {
        BOOST_TEST(store->level(QueueId{100 + thread}).records == commits / 2);
    }
}

/// Changes of one thing made under a lock keep the order that the lock gave them.
void the_order_of_a_lock_is_kept(const Open& open) {
    constexpr int rounds = 500;
    const auto store = open();
    std::mutex mutex;
    int last = 0;
    const auto work = [&] {
        ManualExecutor executor;
        int answers = 0;
        for (int i = 0; i < rounds; ++i) {
            const std::scoped_lock lock{mutex};
            Batch batch;
            batch.put(Table::sessions, "pump-7", value_of(std::to_string(++last)));
            store->commit(std::move(batch), executor, [&](std::error_code) { ++answers; });
        }
        executor.run_until([&] { return answers == rounds; });
    };
    std::thread other{work};
    work();
    other.join();
    BOOST_TEST(last == 2 * rounds);
    const TextPage page = Caller{*store}.read_table(Table::sessions);
    BOOST_TEST(page.records.at(0).second == std::to_string(last));
}

struct Case {
    const char* name;
    void (*run)(const Open&);
};

constexpr Case cases[] = {
    {"answers_are_never_given_inside_the_call", answers_are_never_given_inside_the_call},
    {"answers_come_in_the_order_of_the_calls", answers_come_in_the_order_of_the_calls},
    {"each_executor_gets_its_own_answers", each_executor_gets_its_own_answers},
    {"a_commit_may_want_no_answer", a_commit_may_want_no_answer},
    {"an_answer_may_call_the_store", an_answer_may_call_the_store},
    {"a_batch_reaches_tables_and_queues", a_batch_reaches_tables_and_queues},
    {"changes_are_applied_in_their_order", changes_are_applied_in_their_order},
    {"what_is_not_there_is_no_error", what_is_not_there_is_no_error},
    {"nobody_sees_half_a_batch", nobody_sees_half_a_batch},
    {"one_value_may_stand_in_many_places", one_value_may_stand_in_many_places},
    {"tables_are_read_in_the_bytewise_order_of_keys",
     tables_are_read_in_the_bytewise_order_of_keys},
    {"a_table_page_has_as_many_records_as_asked", a_table_page_has_as_many_records_as_asked},
    {"a_table_page_ends_before_it_has_too_many_bytes",
     a_table_page_ends_before_it_has_too_many_bytes},
    {"tables_change_between_pages", tables_change_between_pages},
    {"queues_are_read_by_position", queues_are_read_by_position},
    {"positions_have_64_bits", positions_have_64_bits},
    {"a_queue_page_has_as_many_records_as_asked", a_queue_page_has_as_many_records_as_asked},
    {"a_queue_page_ends_before_it_has_too_many_bytes",
     a_queue_page_ends_before_it_has_too_many_bytes},
    {"no_page_is_larger_than_the_store_allows", no_page_is_larger_than_the_store_allows},
    {"records_are_settled_in_any_order", records_are_settled_in_any_order},
    {"marks_change_without_the_record", marks_change_without_the_record},
    {"a_dropped_queue_is_gone_and_others_are_not", a_dropped_queue_is_gone_and_others_are_not},
    {"unknown_queues_are_empty", unknown_queues_are_empty},
    {"empty_records_are_records", empty_records_are_records},
    {"levels_count_records_and_bytes", levels_count_records_and_bytes},
    {"threads_commit_at_once", threads_commit_at_once},
    {"the_order_of_a_lock_is_kept", the_order_of_a_lock_is_kept},
    {"random_batches_agree_with_the_model", random_batches_agree_with_the_model},
};

}  // namespace

bool add_store_suite(const std::string& name, const Open& open) {
    namespace ut = boost::unit_test;
    auto* suite = new ut::test_suite(name, __FILE__, __LINE__);  // the framework owns it
    for (const Case& each : cases) {
        suite->add(ut::make_test_case([run = each.run, open] { run(open); }, each.name, __FILE__,
                                      __LINE__));
    }
    ut::framework::master_test_suite().add(suite);
    return true;
}

}  // namespace store_suite
