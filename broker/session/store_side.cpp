#include "session/store_side.hpp"

#include "session/journal.hpp"

#include <algorithm>

namespace holdfast::session {

StoreSide::StoreSide(Journal& journal, SessionNumber session)
    : journal_(journal),
      queue_(queue_of(session)),
      last_(journal.last_position(queue_)) {}

void StoreSide::append(OutboundMessage& outbound, Actions& actions) {
    last_ = store::Position{static_cast<std::uint64_t>(last_) + 1};
    outbound.position = last_;
    actions.changes.append(queue_, last_, journal_.value_of(outbound, actions),
                           encode_queue_mark(queue_mark_of(outbound)));
}

void StoreSide::remark(store::Position position, const QueueMark& mark, Actions& actions) {
    actions.changes.remark(queue_, position, encode_queue_mark(mark));
}

void StoreSide::settle(store::Position position, Actions& actions) {
    actions.changes.settle(queue_, position);
    actions.notes.settled.push_back({queue_, position});
}

// --- What must wait

std::vector<StoreSide::Held>::const_iterator StoreSide::place_of(store::Position position) const {
    return std::lower_bound(held_.begin(), held_.end(), position,
                            [](const Held& held, store::Position wanted) {
                                return held.position < wanted;
                            });
}

const StoreSide::Held* StoreSide::find(store::Position position) const {
    const auto place = place_of(position);
    return place != held_.end() && place->position == position ? &*place : nullptr;
}

void StoreSide::hold(store::Position position, bool is_begun) {
    held_.insert(place_of(position), {position, is_begun});
}

void StoreSide::on_commit_begun(store::Position position) {
    if (const Held* const held = find(position)) held_[held - held_.data()].is_begun = true;
}

void StoreSide::release(store::Position position) {
    if (find(position) != nullptr) held_.erase(place_of(position));
}

bool StoreSide::can_send(store::Position position) const { return find(position) == nullptr; }

bool StoreSide::can_settle(store::Position position) const {
    const Held* const held = find(position);
    return held == nullptr || held->is_begun;
}

store::Position StoreSide::readable_through() const {
    const auto first = std::find_if(held_.begin(), held_.end(),
                                    [](const Held& held) { return !held.is_begun; });
    if (first == held_.end()) return last_;
    return store::Position{static_cast<std::uint64_t>(first->position) - 1};
}

}  // namespace holdfast::session
