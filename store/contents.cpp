#include "store/contents.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace holdfast::store {

namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

std::uint32_t size_of(const ValuePtr& value) { return static_cast<std::uint32_t>(value->size()); }

bool only_settles(const std::vector<Batch::Change>& changes) {
    return std::ranges::all_of(changes, [](const Batch::Change& change) {
        return std::holds_alternative<Batch::Settle>(change) ||
               std::holds_alternative<Batch::Remark>(change);
    });
}

Location slot_location(std::uint32_t slot) { return {0, slot}; }

}  // namespace

// --- Unwritten

std::uint32_t Unwritten::add(ValuePtr value, PendingBatch& batch, std::size_t change) {
    Slot slot{std::move(value), &batch, static_cast<std::uint32_t>(change), false, {}};
    if (free_.empty()) {
        CHECK(slots_.size() < no_slot);
        slots_.push_back(std::move(slot));
        return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    const std::uint32_t number = free_.back();
    free_.pop_back();
    slots_[number] = std::move(slot);
    return number;
}

void Unwritten::remove(std::uint32_t number) {
    slots_[number] = {};
    free_.push_back(number);
}

// --- Applying

struct Contents::Applying {
    PendingBatch& batch;
    std::size_t change;
    bool may_elide;
    std::vector<PendingBatch*>& emptied;

    [[nodiscard]] Applied& applied() const { return batch.applied[change]; }
};

void Contents::apply(PendingBatch& batch, std::vector<PendingBatch*>& emptied) {
    batch.applied.resize(batch.changes.size());
    Applying now{batch, 0, only_settles(batch.changes), emptied};
    bool did_nothing = batch.changes.empty();
    for (; now.change < batch.changes.size(); ++now.change) {
        Before before =
            std::visit([&](auto& kind) { return apply_one(now, kind); }, batch.changes[now.change]);
        did_nothing = did_nothing || !before.is_change;
        now.applied().before = std::move(before);
        if (batch.is_written(now.change)) ++batch.to_write;
    }
    // What did nothing may owe that to a batch that is not durable yet, and waits for it.
    if (batch.to_write == 0 && !did_nothing) {
        batch.is_answered = true;
        emptied.push_back(&batch);
    }
}

Before Contents::apply_one(Applying& now, Batch::Put& put) {
    CHECK(put.value);
    const std::uint32_t slot = unwritten_.add(put.value, now.batch, now.change);
    now.applied().slot = slot;
    return index_.put(put.table, put.key, {slot_location(slot), size_of(put.value)});
}

Before Contents::apply_one(Applying&, Batch::Erase& erase) {
    return index_.erase(erase.table, erase.key);
}

Before Contents::apply_one(Applying& now, Batch::Append& append) {
    CHECK(append.value);
    const std::uint32_t slot = unwritten_.add(append.value, now.batch, now.change);
    now.applied().slot = slot;
    return index_.append(append.queue, {append.position, append.mark,
                                        Stored{slot_location(slot), size_of(append.value)}});
}

Before Contents::apply_one(Applying& now, Batch::Remark& remark) {
    Before before = index_.remark(remark.queue, remark.position, remark.mark);
    if (!before.is_change) return before;
    const auto record = index_.find_queue(remark.queue)->records.find(remark.position);
    Unwritten::Slot* slot = untaken(record->stored);
    if (slot == nullptr) return before;
    // A remark that will be written would undo at a restart what is merged into the append now.
    if (!now.may_elide || slot->is_remarked) {
        slot->is_remarked = true;
        return before;
    }
    std::get<Batch::Append>(slot->batch->changes[slot->change]).mark = remark.mark;
    now.applied().is_elided = true;
    ++elided_.remarks;
    return before;
}

Before Contents::apply_one(Applying& now, Batch::Settle& settle) {
    Before before = index_.settle(settle.queue, settle.position);
    if (!before.is_change || !now.may_elide) return before;
    Unwritten::Slot* slot = untaken(before.stored);
    if (slot == nullptr) return before;
    PendingBatch& appended = *slot->batch;
    Applied& append = appended.applied[slot->change];
    append.is_elided = true;
    append.slot = no_slot;
    now.applied().is_elided = true;
    unwritten_.remove(before.stored.at.offset);
    --appended.to_write;
    ++elided_.appends;
    ++elided_.settlements;
    count_emptied(appended, now.emptied);
    return before;
}

Before Contents::apply_one(Applying&, Batch::DropQueue& drop) {
    return index_.drop_queue(drop.queue);
}

Unwritten::Slot* Contents::untaken(const Stored& stored) {
    if (stored.at.is_written()) return nullptr;
    Unwritten::Slot& slot = unwritten_.at(stored.at.offset);
    return slot.batch == nullptr || slot.batch->is_taken ? nullptr : &slot;
}

void Contents::count_emptied(PendingBatch& batch, std::vector<PendingBatch*>& emptied) const {
    if (batch.to_write > 0) return;
    const bool is_empty =
        std::ranges::all_of(batch.applied, [](const Applied& each) { return each.is_elided; });
    if (!is_empty) return;
    batch.is_answered = true;
    emptied.push_back(&batch);
}

// --- Durable

void Contents::keep(PendingBatch& batch, std::uint32_t segment) {
    for (std::size_t i = 0; i < batch.changes.size(); ++i) {
        if (!batch.is_written(i)) continue;
        if (batch.applied[i].slot != no_slot) keep_value(batch, i, segment);
        keep_before(batch.changes[i], batch.applied[i].before);
    }
}

void Contents::keep_value(PendingBatch& batch, std::size_t change, std::uint32_t segment) {
    const std::uint32_t slot = batch.applied[change].slot;
    const Location from = slot_location(slot);
    const Location to{segment, batch.applied[change].offset};
    bool is_moved = false;
    if (const auto* append = std::get_if<Batch::Append>(&batch.changes[change])) {
        segments_.hold(to, append->value->size());
        is_moved = index_.move(append->queue, append->position, from, to);
    } else {
        const auto& put = std::get<Batch::Put>(batch.changes[change]);
        segments_.hold(to, put.key.size() + put.value->size());
        is_moved = index_.move(put.table, put.key, from, to);
    }
    if (is_moved) {
        unwritten_.remove(slot);
    } else {  // a later batch has replaced or settled it, and still refers to it
        unwritten_.at(slot) = {{}, nullptr, 0, false, to};
    }
}

void Contents::keep_before(const Batch::Change& change, Before& before) {
    if (before.was_there) {
        std::size_t key_bytes = 0;
        if (const auto* put = std::get_if<Batch::Put>(&change)) key_bytes = put->key.size();
        if (const auto* erase = std::get_if<Batch::Erase>(&change)) key_bytes = erase->key.size();
        release(before.stored, key_bytes);
    }
    if (!before.queue) return;
    before.queue->records.visit_after(before_first, [&](const QueueRecords::Record& record) {
        release(record.stored, 0);
        return true;
    });
}

void Contents::release(const Stored& stored, std::size_t key_bytes) {
    Location at = stored.at;
    if (!at.is_written()) {
        const std::uint32_t slot = at.offset;
        at = unwritten_.at(slot).written;
        unwritten_.remove(slot);
    }
    segments_.release(at, key_bytes + stored.bytes);
}

// --- Undone

void Contents::undo(PendingBatch& batch) {
    for (std::size_t i = batch.changes.size(); i-- > 0;) {
        if (batch.is_written(i)) undo_one(batch.changes[i], batch.applied[i]);
    }
}

void Contents::undo_one(const Batch::Change& change, Applied& applied) {
    Before& before = applied.before;
    if (before.was_there) settle_location(before.stored);
    if (before.queue) settle_locations(*before.queue);
    std::visit(
        Overloaded{
            [&](const Batch::Put& put) { index_.undo_put(put.table, put.key, before); },
            [&](const Batch::Erase& erase) { index_.undo_erase(erase.table, erase.key, before); },
            [&](const Batch::Append& append) {
                index_.undo_append(append.queue, append.position, before);
            },
            [&](const Batch::Remark& remark) {
                index_.undo_remark(remark.queue, remark.position, before);
            },
            [&](const Batch::Settle& settle) {
                index_.undo_settle(settle.queue, settle.position, before);
            },
            [&](const Batch::DropQueue& drop) { index_.undo_drop_queue(drop.queue, before); },
        },
        change);
    if (applied.slot != no_slot) unwritten_.remove(applied.slot);
}

void Contents::settle_location(Stored& stored) {
    if (stored.at.is_written()) return;
    const std::uint32_t slot = stored.at.offset;
    const Location written = unwritten_.at(slot).written;
    if (!written.is_written()) return;
    unwritten_.remove(slot);
    stored.at = written;
}

void Contents::settle_locations(QueueState& queue) {
    std::vector<QueueRecords::Record> unsettled;
    queue.records.visit_after(before_first, [&](const QueueRecords::Record& record) {
        if (!record.stored.at.is_written()) unsettled.push_back(record);
        return true;
    });
    for (QueueRecords::Record& record : unsettled) {
        settle_location(record.stored);
        queue.records.move(record.position, record.stored.at);
    }
}

// --- At the start

void Contents::restore_append(QueueId queue, const QueueRecords::Record& record) {
    segments_.hold(record.stored.at, record.stored.bytes);
    const Before before = index_.append_or_replace(queue, record);
    // A copy stands in for what it was copied from.
    if (before.was_there) release(before.stored, 0);
}

void Contents::restore_put(Table table, const std::string& key, const Stored& stored) {
    segments_.hold(stored.at, key.size() + stored.bytes);
    const Before before = index_.put(table, key, stored);
    if (before.was_there) release(before.stored, key.size());
}

void Contents::restore_remark(QueueId queue, Position position, Mark mark) {
    (void)index_.remark(queue, position, mark);
}

void Contents::restore_settle(QueueId queue, Position position) {
    const Before before = index_.settle(queue, position);
    if (before.was_there) release(before.stored, 0);
    index_.note_position(queue, position);
}

void Contents::restore_erase(Table table, const std::string& key) {
    const Before before = index_.erase(table, key);
    if (before.was_there) release(before.stored, key.size());
}

void Contents::restore_drop_queue(QueueId queue) {
    Before before = index_.drop_queue(queue);
    keep_before(Batch::DropQueue{queue}, before);
}

// --- Copies

bool Contents::move(QueueId queue, Position position, Location from, const Stored& to) {
    if (!index_.move(queue, position, from, to.at)) return false;
    segments_.hold(to.at, to.bytes);
    segments_.release(from, to.bytes);
    return true;
}

bool Contents::move(Table table, const std::string& key, Location from, const Stored& to) {
    if (!index_.move(table, key, from, to.at)) return false;
    segments_.hold(to.at, key.size() + to.bytes);
    segments_.release(from, key.size() + to.bytes);
    return true;
}

}  // namespace holdfast::store
