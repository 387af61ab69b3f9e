#include "sim/store_model.hpp"

#include "support/manual_executor.hpp"

#include <algorithm>

namespace sim {

namespace {

using Kind = StoreModel::Change::Kind;

std::string text_of(const store::Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

store::ValuePtr value_of(const std::string& text) {
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    return std::make_shared<store::BytesValue>(store::Bytes(first, first + text.size()));
}

bool only_settles(const StoreModel::Changes& batch) {
    return std::ranges::all_of(batch, [](const StoreModel::Change& change) {
        return change.kind == Kind::settle || change.kind == Kind::remark;
    });
}

std::string describe(Place place) {
    return std::to_string(place.first) + "/" + std::to_string(place.second);
}

}  // namespace

StoreState read_state(store::Store& store) {
    constexpr store::PageLimits large{store::page_records_max, store::page_bytes_max};
    test_support::ManualExecutor executor;
    StoreState state;
    store.list_queues(store::QueueId{0}, store::page_records_max, executor,
                      [&](std::error_code, const store::QueueList& list) {
                          for (const auto& entry : list.queues) {
                              state.last_positions[static_cast<std::uint64_t>(entry.queue)] =
                                  static_cast<std::uint64_t>(entry.last);
                          }
                      });
    executor.run_one();
    for (const auto& [queue, last] : state.last_positions) {
        store.read_queue(
            store::QueueId{queue}, store::before_first, large, executor,
            [&, queue = queue](std::error_code, const store::QueuePage& page) {
                for (const store::QueuedRecord& record : page.records) {
                    state.queued[{queue, static_cast<std::uint64_t>(record.position)}] = {
                        text_of(record.bytes), static_cast<std::uint64_t>(record.mark)};
                }
            });
        executor.run_one();
    }
    for (int table = 0; table < static_cast<int>(store::Table::count_); ++table) {
        store.read_table(static_cast<store::Table>(table), {}, large, executor,
                         [&](std::error_code, const store::TablePage& page) {
                             for (const store::KeyedRecord& record : page.records) {
                                 state.tables[{table, record.key}] = text_of(record.bytes);
                             }
                         });
        executor.run_one();
    }
    return state;
}

StoreModel::StoreModel() : states_(1) {}

store::Batch StoreModel::commit(Changes changes) {
    store::Batch batch;
    StoreState next = states_.back();
    for (const Change& change : changes) {
        apply(next, change);
        const store::QueueId queue{change.place.first};
        const store::Position position{change.place.second};
        const auto table = static_cast<store::Table>(change.table);
        switch (change.kind) {
            case Kind::append:
                batch.append(queue, position, value_of(change.text), store::Mark{change.mark});
                break;
            case Kind::settle: batch.settle(queue, position); break;
            case Kind::remark: batch.remark(queue, position, store::Mark{change.mark}); break;
            case Kind::drop: batch.drop_queue(queue); break;
            case Kind::put: batch.put(table, change.key, value_of(change.text)); break;
            case Kind::erase: batch.erase(table, change.key); break;
        }
    }
    batches_.push_back(std::move(changes));
    states_.push_back(std::move(next));
    return batch;
}

void StoreModel::apply(StoreState& state, const Change& change) {
    const auto record = state.queued.find(change.place);
    switch (change.kind) {
        case Kind::append: {
            state.queued[change.place] = {change.text, change.mark};
            std::uint64_t& last = state.last_positions[change.place.first];
            last = std::max(last, change.place.second);
            break;
        }
        case Kind::settle:
            if (record != state.queued.end()) state.queued.erase(record);
            break;
        case Kind::remark:
            if (record != state.queued.end()) record->second.mark = change.mark;
            break;
        case Kind::drop:
            state.queued.erase(state.queued.lower_bound({change.place.first, 0}),
                               state.queued.lower_bound({change.place.first + 1, 0}));
            state.last_positions.erase(change.place.first);
            break;
        case Kind::put: state.tables[{change.table, change.key}] = change.text; break;
        case Kind::erase: state.tables.erase({change.table, change.key}); break;
    }
}

void StoreModel::forget(const std::set<std::size_t>& failed) {
    // The places of the batches stay, so that their numbers do.
    for (const std::size_t number : failed) batches_[number].clear();
    states_.assign(1, StoreState{});
    for (const Changes& batch : batches_) {
        StoreState next = states_.back();
        for (const Change& change : batch) apply(next, change);
        states_.push_back(std::move(next));
    }
}

std::string StoreModel::judge(const StoreState& found, std::size_t committed,
                              const IsAnswered& is_answered) const {
    std::string closest;
    for (std::size_t prefix = committed + 1; prefix-- > 0;) {
        // Every batch behind this beginning that was answered must have had no need to be durable.
        if (prefix < committed && is_answered(prefix) &&
            !may_vanish(batches_[prefix], found, committed)) {
            const std::string why = "batch " + std::to_string(prefix) + " was answered";
            return closest.empty() ? why : closest + "; and " + why;
        }
        const std::string difference = compare(found, prefix, committed);
        if (difference.empty()) return {};
        if (closest.empty()) {
            closest =
                "compared with the first " + std::to_string(prefix) + " batches: " + difference;
        }
    }
    return closest;
}

std::string StoreModel::compare(const StoreState& found, std::size_t prefix,
                                std::size_t committed) const {
    const StoreState& state = states_[prefix];
    if (found.tables != state.tables) return "tables differ";
    for (const auto& [place, record] : state.queued) {
        const auto other = found.queued.find(place);
        if (other == found.queued.end()) {
            if (settled_between(place, prefix, committed)) continue;
            return describe(place) + " is missing";
        }
        if (other->second.text != record.text) return describe(place) + " has other bytes";
        const std::uint64_t mark = other->second.mark;
        if (mark != record.mark && !marked_between(place, mark, prefix, committed)) {
            return describe(place) + " has another mark";
        }
    }
    for (const auto& [place, record] : found.queued) {
        if (!state.queued.contains(place)) return describe(place) + " should not be there";
    }
    for (const auto& [queue, last] : found.last_positions) {
        const auto expected = state.last_positions.find(queue);
        if (expected == state.last_positions.end()) return "a queue should not be known";
        if (last > expected->second) return "a last position is too high";
    }
    return {};
}

bool StoreModel::may_vanish(const Changes& batch, const StoreState& found,
                            std::size_t committed) const {
    return std::ranges::all_of(batch, [&](const Change& change) {
        switch (change.kind) {
            case Kind::append: return settled_between(change.place, 0, committed);
            case Kind::settle:
            case Kind::remark:
                return !found.queued.contains(change.place) ||
                       found.queued.at(change.place).mark == change.mark;
            default: return false;
        }
    });
}

bool StoreModel::settled_between(Place place, std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) {
        if (!only_settles(batches_[i])) continue;
        for (const Change& change : batches_[i]) {
            if (change.kind == Kind::settle && change.place == place) return true;
        }
    }
    return false;
}

bool StoreModel::marked_between(Place place, std::uint64_t mark, std::size_t from,
                                std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) {
        if (!only_settles(batches_[i])) continue;
        for (const Change& change : batches_[i]) {
            const bool is_mark = change.kind == Kind::remark && change.place == place;
            if (is_mark && change.mark == mark) return true;
        }
    }
    return false;
}

}  // namespace sim
