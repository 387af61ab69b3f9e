#include "session/inflight.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace holdfast::session {

namespace {

constexpr std::uint32_t slots_at_first = 4;
constexpr std::uint32_t slots_max = 65'536;

}  // namespace

OutboundMessage::OutboundMessage(MessagePtr the_message, const router::Delivery& delivery)
    : message(std::move(the_message)), qos(delivery.qos), retain(delivery.retain) {
    const auto identifiers = delivery.subscription_identifiers;
    if (!identifiers.empty()) subscription_identifier = identifiers.front();
    if (identifiers.size() > 1 || delivery.shared_filter != nullptr) {
        extra = std::make_unique<OutboundExtra>();
        if (identifiers.size() > 1) {
            extra->more_identifiers.assign(identifiers.begin() + 1, identifiers.end());
        }
        if (delivery.shared_filter != nullptr) extra->shared_filter = *delivery.shared_filter;
    }
}

InflightEntry& Inflight::insert(OutboundMessage outbound, PacketId preferred) {
    CHECK(!full());
    const PacketId packet_id = preferred != 0 ? preferred : find_free();
    if (preferred == 0) last_packet_id_ = packet_id;
    // At the largest size each identifier has a slot of its own.
    if (count_ * 2U >= slot_count_ && slot_count_ < slots_max) grow();
    InflightEntry& entry = place_of(packet_id);
    CHECK(entry.packet_id == 0);
    entry.outbound = std::move(outbound);
    entry.order = next_order_++;
    entry.packet_id = packet_id;
    entry.state = InflightState::published;
    entry.holds_quota = false;
    entry.is_release_durable = false;
    ++count_;
    return entry;
}

PacketId Inflight::find_free() {
    PacketId packet_id = last_packet_id_;
    do {
        ++packet_id;
        if (packet_id == 0) packet_id = 1;  // [MQTT5-2.2.1-3]
    } while (find(packet_id) != nullptr);
    return packet_id;
}

InflightEntry& Inflight::place_of(PacketId packet_id) {
    std::size_t slot = slot_of(packet_id);
    while (slots_[slot].packet_id != 0 && slots_[slot].packet_id != packet_id) slot = behind(slot);
    return slots_[slot];
}

InflightEntry* Inflight::find(PacketId packet_id) {
    if (count_ == 0 || packet_id == 0) return nullptr;
    InflightEntry& entry = place_of(packet_id);
    return entry.packet_id == packet_id ? &entry : nullptr;
}

void Inflight::erase(InflightEntry& entry) {
    CHECK(entry.packet_id != 0);
    entry.outbound = OutboundMessage{};
    entry.packet_id = 0;
    --count_;
    // Those that had to go behind it come closer, so that no look stops short at the gap.
    auto gap = static_cast<std::size_t>(&entry - slots_.get());
    for (std::size_t slot = behind(gap); slots_[slot].packet_id != 0; slot = behind(slot)) {
        const std::size_t mask = slot_count_ - 1;
        const std::size_t home = slot_of(slots_[slot].packet_id);
        if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
        slots_[gap] = std::move(slots_[slot]);
        slots_[slot].outbound = OutboundMessage{};
        slots_[slot].packet_id = 0;
        gap = slot;
    }
}

void Inflight::clear() {
    slots_.reset();
    slot_count_ = 0;
    count_ = 0;
}

std::size_t Inflight::unacknowledged() const {
    if (count_ == 0) return 0;
    return static_cast<std::size_t>(
        std::ranges::count_if(slots(), [](const InflightEntry& entry) {
            return entry.packet_id != 0 && entry.state == InflightState::published &&
                   !entry.outbound.is_from_feed;
        }));
}

std::size_t Inflight::stored_count() const {
    if (count_ == 0) return 0;
    return static_cast<std::size_t>(
        std::ranges::count_if(slots(), [](const InflightEntry& entry) {
            return entry.packet_id != 0 && entry.outbound.is_stored();
        }));
}

std::vector<PacketId> Inflight::in_order() const {
    std::vector<const InflightEntry*> used;
    used.reserve(count_);
    for (const InflightEntry& entry : slots()) {
        if (entry.packet_id != 0) used.push_back(&entry);
    }
    std::sort(used.begin(), used.end(),
              [](const auto* a, const auto* b) { return a->order < b->order; });
    std::vector<PacketId> ids;
    ids.reserve(used.size());
    for (const InflightEntry* entry : used) ids.push_back(entry->packet_id);
    return ids;
}

void Inflight::grow() {
    const std::size_t smaller_count = slot_count_;
    const std::unique_ptr<InflightEntry[]> smaller = std::move(slots_);
    slot_count_ = std::max(slots_at_first, slot_count_ * 2);
    slots_ = std::make_unique<InflightEntry[]>(slot_count_);
    for (std::size_t slot = 0; slot < smaller_count; ++slot) {
        if (smaller[slot].packet_id == 0) continue;
        place_of(smaller[slot].packet_id) = std::move(smaller[slot]);
    }
}

}  // namespace holdfast::session
