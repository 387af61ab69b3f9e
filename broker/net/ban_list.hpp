#pragma once
// BanList: who guessed too often, and may not try for a while. Wrong passwords count together by address
// and name: behind one address there may be many good clients beside a bad one, so that only that name is
// banned there first. An address is banned as a whole at a higher count, of all names. Each further ban of
// the same is twice as long; what was quiet for twice the longest ban is forgotten. A right password clears
// the failures of its name there, not those of the address: whoever has one account guesses no others.
// A name is never banned everywhere: anybody could lock it out.
// IPv6: a /64 is one address. This machine's own addresses are exempt unless ban_loopback is set.
// Bounded: of too many entries the one whose last failure is longest ago goes, bans last.
// Threads: any; one short mutex, not taken for questions while nobody is banned.

#include "base/limits.hpp"
#include "base/peer_address.hpp"
#include "base/recent_table.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::net {

struct Ban {
    std::uint64_t number = 0;  ///< unlike any other's since the start
    PeerAddress network;
    std::string name;          ///< empty: everybody who comes from there
    Instant until{};
    std::uint32_t failures = 0;  ///< that led to it
    std::uint32_t times = 0;     ///< how often it was banned, this time included
};

class BanList {
public:
    explicit BanList(const Limits& limits);

    /// Somebody wants to try; one of the three below when it is known how that went. False: the name or the
    /// address is banned, or would be if all those who are trying now were wrong: passwords that are looked
    /// at side by side count like others.
    [[nodiscard]] bool begin_attempt(const PeerAddress& peer, std::string_view name, Instant now);
    /// Nobody knows whether it was the right password.
    void end_attempt(const PeerAddress& peer, std::string_view name, Instant now);
    /// A wrong password: the attempt ends and counts in one step, so that there is never room for one more in
    /// between. The ban that begins with it, that of the address if both do.
    std::optional<Ban> on_failure(const PeerAddress& peer, std::string_view name, Instant now);
    void on_success(const PeerAddress& peer, std::string_view name, Instant now);

    /// Nobody may come from there.
    [[nodiscard]] bool is_banned(const PeerAddress& peer, Instant now);
    /// This name may not come from there, or nobody.
    [[nodiscard]] bool is_banned(const PeerAddress& peer, std::string_view name, Instant now);

    /// Those in force, by number.
    [[nodiscard]] std::vector<Ban> list(Instant now);
    [[nodiscard]] std::size_t count(Instant now);
    /// Ends it and forgets what led to it. False: there is none of that number.
    bool lift(std::uint64_t number, Instant now);

    /// Of a name longer than that only the beginning counts.
    static constexpr std::size_t name_bytes_max = 128;

private:
    /// Address and name; the address alone has an empty one.
    using Key = std::pair<std::array<std::uint8_t, 16>, std::string>;
    struct Entry {
        std::uint64_t number = 0;
        Instant window_began{};
        Instant last_failure{};
        Instant until{};  ///< in the past: no ban
        std::uint32_t failures = 0;
        std::uint32_t times = 0;
        std::uint32_t attempts = 0;  ///< under way
    };

    /// One attempt less is under way, if there is one; null: nothing is known of that key.
    Entry* take_attempt(const Key& key);
    [[nodiscard]] static Key key_of(const PeerAddress& peer, std::string_view name);
    [[nodiscard]] bool is_exempt(const PeerAddress& peer) const;
    /// What is too old to count is forgotten.
    void forget_old(Entry& entry, Instant now) const;
    std::optional<Ban> count_failure(const Key& key, std::size_t failures_max, Instant now);
    [[nodiscard]] bool is_entry_banned(const Key& key, Instant now);
    [[nodiscard]] static Ban ban_of(const Key& key, const Entry& entry);

    const Limits limits_;
    std::mutex mutex_;
    RecentTable<Key, Entry> entries_;
    std::uint64_t next_number_ = 1;
    std::atomic<std::int64_t> last_end_;  ///< no ban is in force from that instant on
};

}  // namespace holdfast::net
