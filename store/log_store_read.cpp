// The reading side of LogStore: what a page has is looked up under the lock, and read without it.

#include "store/log_store.hpp"
#include "store/page_budget.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::store {

WantedValue LogStore::wanted(const Stored& stored, std::uint32_t prefix) const {
    if (!stored.at.is_written()) return {contents_.unwritten(stored.at), {}, 0, 0, 0};
    return {
        {}, contents_.segments().find(stored.at.segment), stored.at.offset, prefix, stored.bytes};
}

void LogStore::count_damaged(const ReadValues& values) {
    if (values.damaged == 0) return;
    const std::scoped_lock lock{mutex_};
    figures_.damaged_reads += values.damaged;
}

namespace {

/// Leaves out of a page's records those that could not be read; false: nothing is left.
template <class Record>
bool keep_readable(std::vector<Record>& records, ReadValues& read) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (!read.values[i]) continue;
        if (kept != i) records[kept] = std::move(records[i]);
        records[kept].bytes = *std::move(read.values[i]);
        ++kept;
    }
    records.resize(kept);
    return kept > 0;
}

}  // namespace

/// `place`: the member of a record that says where it stands, as `after` does.
template <class Page, class From, class After, class Place, class Done>
void LogStore::read_page(From from, After after, Place place, PageLimits limits,
                         Executor& executor, Done done) {
    const Answers::Ticket ticket = answers_.enter(executor, [](std::error_code) {});
    Page page;
    std::error_code error;
    std::vector<WantedValue> wanted_values;
    // A page of damaged records only would be taken for the end: what is behind them comes instead.
    while (look_up(from, after, limits, page, wanted_values)) {
        after = page.records.back().*place;
        ReadValues read = read_values(wanted_values);
        count_damaged(read);
        error = read.error;
        if (keep_readable(page.records, read) || error || page.is_last) break;
        wanted_values.clear();
    }
    answers_.finish_with(ticket, [done = std::move(done), error, page = std::move(page)](
                                     std::error_code) mutable { done(error, std::move(page)); });
}

bool LogStore::look_up(Table table, std::string_view after, PageLimits limits, TablePage& page,
                       std::vector<WantedValue>& wanted_values) const {
    PageBudget budget{limits};
    const std::scoped_lock lock{mutex_};
    const Index::TableRecords& records = contents_.index().records(table);
    auto record = records.upper_bound(after);
    while (record != records.end() && budget.admits(record->first.size() + record->second.bytes)) {
        const auto key_bytes = static_cast<std::uint32_t>(record->first.size());
        wanted_values.push_back(wanted(record->second, key_bytes));
        page.records.push_back({record->first, {}});
        ++record;
    }
    page.is_last = record == records.end();
    return !page.records.empty();
}

void LogStore::read_table(Table table, std::string after, PageLimits limits, Executor& executor,
                          TableRead done) {
    read_page<TablePage>(table, std::move(after), &KeyedRecord::key, limits, executor,
                         std::move(done));
}

bool LogStore::look_up(QueueId queue, Position after, PageLimits limits, QueuePage& page,
                       std::vector<WantedValue>& wanted_values) const {
    PageBudget budget{limits};
    const std::scoped_lock lock{mutex_};
    page.is_last = true;
    const QueueState* state = contents_.index().find_queue(queue);
    if (state == nullptr) return false;
    state->records.visit_after(after, [&](const QueueRecords::Record& record) {
        page.is_last = budget.admits(record.stored.bytes);
        if (!page.is_last) return false;
        wanted_values.push_back(wanted(record.stored, append_prefix_bytes));
        page.records.push_back({record.position, record.mark, {}});
        return true;
    });
    return !page.records.empty();
}

void LogStore::read_queue(QueueId queue, Position after, PageLimits limits, Executor& executor,
                          QueueRead done) {
    read_page<QueuePage>(queue, after, &QueuedRecord::position, limits, executor, std::move(done));
}

void LogStore::read_marks(QueueId queue, Position after, std::size_t records_max,
                          Executor& executor, MarksRead done) {
    const std::size_t count_max = std::clamp<std::size_t>(records_max, 1, page_records_max);
    MarkPage page;
    {
        const std::scoped_lock lock{mutex_};
        const QueueState* state = contents_.index().find_queue(queue);
        if (state != nullptr) {
            state->records.visit_after(after, [&](const QueueRecords::Record& record) {
                page.is_last = page.records.size() < count_max;
                if (!page.is_last) return false;
                page.records.push_back({record.position, record.mark, record.stored.bytes});
                return true;
            });
        }
    }
    const Answers::Ticket ticket = answers_.enter(executor, [](std::error_code) {});
    answers_.finish_with(ticket, [done = std::move(done), page = std::move(page)](
                                     std::error_code) mutable { done({}, std::move(page)); });
}

void LogStore::list_queues(QueueId after, std::size_t records_max, Executor& executor,
                           QueuesListed done) {
    const std::size_t count_max = std::clamp<std::size_t>(records_max, 1, page_records_max);
    QueueList list;
    {
        const std::scoped_lock lock{mutex_};
        const std::set<QueueId>& queues = contents_.index().queues();
        auto queue = queues.upper_bound(after);
        for (; queue != queues.end() && list.queues.size() < count_max; ++queue) {
            const QueueState& state = *contents_.index().find_queue(*queue);
            list.queues.push_back({*queue, state.level, state.last});
        }
        list.is_last = queue == queues.end();
    }
    const Answers::Ticket ticket = answers_.enter(executor, [](std::error_code) {});
    answers_.finish_with(ticket, [done = std::move(done), list = std::move(list)](
                                     std::error_code) mutable { done({}, std::move(list)); });
}

}  // namespace holdfast::store
