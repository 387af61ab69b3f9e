// The waiting Caller of the store suite.

#include "unit/store/store_suite.hpp"

#include <boost/test/unit_test.hpp>

namespace store_suite {

store::ValuePtr value_of(std::string_view text) {
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    return std::make_shared<store::BytesValue>(store::Bytes(first, first + text.size()));
}

std::string text_of(const store::Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void Caller::commit(store::Batch batch) {
    bool is_answered = false;
    store_.commit(std::move(batch), executor_, [&](std::error_code error) {
        BOOST_TEST(!error);
        is_answered = true;
    });
    executor_.run_until([&] { return is_answered; });
}

void Caller::append(store::QueueId queue, std::uint64_t position, std::string_view text) {
    store::Batch batch;
    batch.append(queue, store::Position{position}, value_of(text));
    commit(std::move(batch));
}

void Caller::settle(store::QueueId queue, std::uint64_t position) {
    store::Batch batch;
    batch.settle(queue, store::Position{position});
    commit(std::move(batch));
}

void Caller::put(store::Table table, std::string key, std::string_view text) {
    store::Batch batch;
    batch.put(table, std::move(key), value_of(text));
    commit(std::move(batch));
}

TextPage Caller::read_table(store::Table table, std::string after, store::PageLimits limits) {
    bool is_answered = false;
    TextPage result;
    store_.read_table(table, std::move(after), limits, executor_,
                      [&](std::error_code error, const store::TablePage& page) {
                          BOOST_TEST(!error);
                          for (const store::KeyedRecord& record : page.records) {
                              result.records.emplace_back(record.key, text_of(record.bytes));
                          }
                          result.is_last = page.is_last;
                          is_answered = true;
                      });
    executor_.run_until([&] { return is_answered; });
    return result;
}

store::QueuePage Caller::read_queue(store::QueueId queue, std::uint64_t after,
                                    store::PageLimits limits) {
    bool is_answered = false;
    store::QueuePage result;
    store_.read_queue(queue, store::Position{after}, limits, executor_,
                      [&](std::error_code error, store::QueuePage page) {
                          BOOST_TEST(!error);
                          result = std::move(page);
                          is_answered = true;
                      });
    executor_.run_until([&] { return is_answered; });
    return result;
}

std::string Caller::queue_text(store::QueueId queue, std::uint64_t after,
                               store::PageLimits limits) {
    const store::QueuePage page = read_queue(queue, after, limits);
    std::string text;
    for (const store::QueuedRecord& record : page.records) {
        if (!text.empty()) text += ' ';
        text += std::to_string(static_cast<std::uint64_t>(record.position)) + ':' +
                text_of(record.bytes);
    }
    return page.is_last ? text : text + " ...";
}

std::vector<std::string> Caller::keys_by_pages(store::Table table, store::PageLimits limits) {
    std::vector<std::string> keys;
    TextPage page;
    while (!page.is_last) {
        page = read_table(table, keys.empty() ? "" : keys.back(), limits);
        BOOST_REQUIRE(page.is_last || !page.records.empty());
        for (const auto& [key, text] : page.records) keys.push_back(key);
    }
    return keys;
}

std::vector<std::uint64_t> Caller::positions_by_pages(store::QueueId queue,
                                                      store::PageLimits limits) {
    std::vector<std::uint64_t> positions;
    store::QueuePage page{{}, false};
    while (!page.is_last) {
        page = read_queue(queue, positions.empty() ? 0 : positions.back(), limits);
        BOOST_REQUIRE(page.is_last || !page.records.empty());
        for (const store::QueuedRecord& record : page.records) {
            positions.push_back(static_cast<std::uint64_t>(record.position));
        }
    }
    return positions;
}

}  // namespace store_suite
