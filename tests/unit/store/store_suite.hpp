#pragma once
// What every implementation of Store must do, as one Boost.Test suite that is run against a factory.
// A test file of an implementation calls add_store_suite() once; a new promise of store.hpp becomes a
// new case here, and so a test of all of them.

#include "store/store.hpp"
#include "support/manual_executor.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace store_suite {

namespace store = holdfast::store;

/// Makes an empty store.
using Open = std::function<std::unique_ptr<store::Store>()>;

/// Adds the suite `name` to the executable's tests; called while it starts.
bool add_store_suite(const std::string& name, const Open& open);

/// Random batches and reads beside a model that is slow and obvious.
void random_batches_agree_with_the_model(const Open& open);

[[nodiscard]] store::ValuePtr value_of(std::string_view text);
[[nodiscard]] std::string text_of(const store::Bytes& bytes);

inline constexpr store::QueueId queue_a{71};
inline constexpr store::QueueId queue_b{72};
inline constexpr store::PageLimits one_large_page{store::page_records_max, store::page_bytes_max};

struct TextPage {
    std::vector<std::pair<std::string, std::string>> records;
    bool is_last = false;
    friend bool operator==(const TextPage&, const TextPage&) = default;
};

/// A caller that waits for each answer.
class Caller {
public:
    explicit Caller(store::Store& store) : store_(store) {}

    void commit(store::Batch batch);
    void append(store::QueueId queue, std::uint64_t position, std::string_view text);
    void settle(store::QueueId queue, std::uint64_t position);
    void put(store::Table table, std::string key, std::string_view text);

    [[nodiscard]] TextPage read_table(store::Table table, std::string after = {},
                                      store::PageLimits limits = one_large_page);
    [[nodiscard]] store::QueuePage read_queue(store::QueueId queue, std::uint64_t after = 0,
                                              store::PageLimits limits = one_large_page);
    /// The page as "1:one 2:two", ending in "..." when it is not the last.
    [[nodiscard]] std::string queue_text(store::QueueId queue, std::uint64_t after = 0,
                                         store::PageLimits limits = one_large_page);
    /// All pages' keys, or positions, as they follow each other.
    [[nodiscard]] std::vector<std::string> keys_by_pages(store::Table table,
                                                         store::PageLimits limits);
    [[nodiscard]] std::vector<std::uint64_t> positions_by_pages(store::QueueId queue,
                                                                store::PageLimits limits);

    [[nodiscard]] test_support::ManualExecutor& executor() { return executor_; }

private:
    store::Store& store_;
    test_support::ManualExecutor executor_;
};

}  // namespace store_suite
