#include "session/inbound_qos2.hpp"

#include <algorithm>

namespace holdfast::session {

InboundQos2::Entries::iterator InboundQos2::lower_bound(PacketId packet_id) {
    return std::lower_bound(
        entries_->begin(), entries_->end(), packet_id,
        [](const Entry& entry, PacketId wanted) { return entry.packet_id < wanted; });
}

InboundQos2::Seen InboundQos2::receive(PacketId packet_id) {
    if (!entries_) entries_ = std::make_unique<Entries>();
    const auto place = lower_bound(packet_id);
    if (place == entries_->end() || place->packet_id != packet_id) {
        entries_->insert(place, {packet_id, true});
        return Seen::first_time;
    }
    const bool was_counted = place->counted;
    place->counted = true;
    return was_counted ? Seen::again_counted : Seen::again_not_counted;
}

InboundQos2::Released InboundQos2::release(PacketId packet_id) {
    if (!entries_) return {};
    const auto place = lower_bound(packet_id);
    if (place == entries_->end() || place->packet_id != packet_id) return {};
    const Released released{true, place->counted};
    entries_->erase(place);
    return released;
}

std::vector<PacketId> InboundQos2::identifiers() const {
    std::vector<PacketId> all;
    if (!entries_) return all;
    all.reserve(entries_->size());
    for (const Entry& entry : *entries_) all.push_back(entry.packet_id);
    return all;
}

void InboundQos2::start_connection() {
    if (!entries_) return;
    for (Entry& entry : *entries_) entry.counted = false;
}

}  // namespace holdfast::session
