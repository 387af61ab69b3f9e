#include "store/memory_store.hpp"

#include "unit/store/store_suite.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using store_suite::Caller;
using store_suite::queue_a;
using store_suite::queue_b;

namespace {

const bool is_added = store_suite::add_store_suite(
    "memory_store_keeps_the_contract", [] { return std::make_unique<store::MemoryStore>(); });

/// Counts how often it is written, and says when it is destroyed.
class ProbeValue final : public store::Value {
public:
    struct Seen {
        int written = 0;
        int destroyed = 0;
    };
    explicit ProbeValue(Seen& seen) : seen_(seen) {}
    ~ProbeValue() override { ++seen_.destroyed; }
    ProbeValue(const ProbeValue&) = delete;
    ProbeValue& operator=(const ProbeValue&) = delete;
    void write_to(store::Bytes& out) const override {
        ++seen_.written;
        out.push_back(std::byte{'x'});
    }
    [[nodiscard]] std::size_t size() const override { return 1; }

private:
    Seen& seen_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(memory_store)

BOOST_AUTO_TEST_CASE(values_are_kept_by_reference_and_written_for_readers_only) {
    ProbeValue::Seen seen;
    store::MemoryStore store;
    Caller caller{store};
    store::Batch batch;
    const auto value = std::make_shared<const ProbeValue>(seen);
    batch.append(queue_a, store::Position{1}, value);
    batch.append(queue_b, store::Position{1}, value);
    caller.commit(std::move(batch));
    BOOST_TEST(value.use_count() == 3);
    BOOST_TEST(seen.written == 0);
    BOOST_TEST(caller.queue_text(queue_a) == "1:x");
    BOOST_TEST(seen.written == 1);
}

BOOST_AUTO_TEST_CASE(values_go_with_their_last_record) {
    ProbeValue::Seen seen;
    store::MemoryStore store;
    Caller caller{store};
    const auto commit = [&](auto change) {
        store::Batch batch;
        change(batch);
        caller.commit(std::move(batch));
        return seen.destroyed;
    };
    const auto probe = [&] { return std::make_shared<const ProbeValue>(seen); };
    BOOST_TEST(commit([&](store::Batch& batch) {
                   batch.append(queue_a, store::Position{1}, probe());
                   batch.append(queue_a, store::Position{2}, probe());
                   batch.append(queue_a, store::Position{3}, probe());
                   batch.put(store::Table::retained, "a", probe());
               }) == 0);
    BOOST_TEST(commit([](store::Batch& batch) { batch.settle(queue_a, store::Position{2}); }) == 1);
    BOOST_TEST(commit([](store::Batch& batch) { batch.drop_queue(queue_a); }) == 3);
    BOOST_TEST(
        commit([&](store::Batch& batch) { batch.put(store::Table::retained, "a", probe()); }) == 4);
    BOOST_TEST(commit([](store::Batch& batch) { batch.erase(store::Table::retained, "a"); }) == 5);
}

BOOST_AUTO_TEST_CASE(a_page_keeps_what_is_settled_before_it_is_delivered) {
    store::MemoryStore store;
    Caller caller{store};
    caller.append(queue_a, 1, "one");
    std::string seen;
    store.read_queue(queue_a, store::before_first, {}, caller.executor(),
                     [&](std::error_code, const store::QueuePage& page) {
                         seen = store_suite::text_of(page.records.at(0).bytes);
                     });
    caller.settle(queue_a, 1);
    BOOST_TEST(seen == "one");
}

BOOST_AUTO_TEST_SUITE_END()
