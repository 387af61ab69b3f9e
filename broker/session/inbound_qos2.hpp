#pragma once
// InboundQos2: Packet Identifiers of QoS 2 publications that were taken over and wait for PUBREL, so
// that none is published twice (MQTT 5 section 4.3.3, method B). Part of the Session State.
// Each is marked with the connection that counts it against its Receive Maximum.
// Bounded by that maximum per connection, and by 65,535 in all. Threads: the session's mutex.

#include "base/ids.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace holdfast::session {

class InboundQos2 {
public:
    enum class Seen : std::uint8_t { first_time, again_counted, again_not_counted };

    /// Where a publication stands; marks it as counted by the current connection.
    Seen receive(PacketId packet_id);
    /// Forgets an identifier that was refused or released. False: it is unknown.
    struct Released {
        bool was_known = false;
        bool was_counted = false;  ///< by the current connection
    };
    Released release(PacketId packet_id);
    /// A new connection counts from nothing.
    void start_connection();

    /// In ascending order.
    [[nodiscard]] std::vector<PacketId> identifiers() const;
    [[nodiscard]] std::size_t count() const { return entries_ ? entries_->size() : 0; }
    void clear() { entries_.reset(); }

private:
    struct Entry {
        PacketId packet_id;
        bool counted;
    };
    using Entries = std::vector<Entry>;
    [[nodiscard]] Entries::iterator lower_bound(PacketId packet_id);
    std::unique_ptr<Entries> entries_;  ///< by identifier; null: there never was one
};

}  // namespace holdfast::session
