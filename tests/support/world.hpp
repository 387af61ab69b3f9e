#pragma once
// World: the core of a broker without its machine: limits, router, sessions and N shards, driven by a
// test. Nothing happens by itself: bytes come from scripts, time from advance(). After each input the
// shards' Actions are performed in the order of net/shard.cpp.
// At its end it checks the accounting equation of messages, before and after all connections are closed:
// accepted = delivered + dropped + moved + waiting; with a store, that its queues have what the sessions
// think they have. Threads: none.
// Every executable with scripts runs again with the argument "stored": then a World without a store gets
// one in memory, and everything must come out the same.

#include "router/router.hpp"
#include "session/action.hpp"
#include "session/core.hpp"
#include "session/guard.hpp"
#include "session/journal.hpp"
#include "session/registry.hpp"
#include "store/store.hpp"
#include "support/manual_executor.hpp"
#include "support/client_packets.hpp"
#include "support/scripted_connection.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace test_support {

class ConnectionScript;

inline constexpr auto v3_1 = holdfast::codec::ProtocolVersion::v3_1;
inline constexpr auto v3_1_1 = holdfast::codec::ProtocolVersion::v3_1_1;
inline constexpr auto v5 = holdfast::codec::ProtocolVersion::v5;

/// An Event with memory of its own.
struct RecordedEvent {
    holdfast::Severity severity;
    std::string name;
    std::string client_id;
    std::string reason;
    std::string clause;
    std::string detail;
    std::string topic;
    std::uint64_t count;
};

class EventRecorder final : public holdfast::EventSink {
public:
    [[nodiscard]] bool wants(holdfast::Severity) const override { return true; }
    void on_event(const holdfast::Event& event) override;
    /// The latest of that name, or one that is all empty.
    [[nodiscard]] RecordedEvent last(std::string_view name) const;

    std::vector<RecordedEvent> events;
};

/// The same bytes in every run, no two alike.
class CountingRandom final : public holdfast::Random {
public:
    void fill(std::span<std::uint8_t> bytes) override;

private:
    std::uint64_t state_ = 0;
};

class World {
public:
    explicit World(const holdfast::Limits& the_limits = {}, std::size_t shards = 1,
                   std::string response_information_prefix = {},
                   holdfast::store::Store* store = nullptr);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// A new network connection of a client that speaks `version`; `name` appears in failures.
    [[nodiscard]] ConnectionScript client(std::string name = "client",
                                          holdfast::codec::ProtocolVersion version = v5,
                                          std::size_t shard = 0);
    /// The same, connected by `packet`; what came up to then (CONNACK) is checked and taken.
    [[nodiscard]] ConnectionScript connected(const ConnectPacket& packet,
                                             holdfast::codec::ProtocolVersion version = v5,
                                             std::size_t shard = 0);
    /// A connection that admission lets in only to tell it why not.
    [[nodiscard]] ConnectionScript refused_client(holdfast::CloseReason refusal,
                                                  holdfast::codec::ProtocolVersion version = v5);

    /// Time goes on; every deadline on the way is met at its very instant, on the shard of its owner.
    void advance(holdfast::Milliseconds by);
    /// The next instant at which something is due by itself.
    [[nodiscard]] holdfast::Instant next_deadline() const;
    /// The server ends every connection.
    void shut_down();
    /// A message that the server itself publishes.
    void publish(const holdfast::MessageParts& parts);

    /// Who judges every CONNECT from now on; before, everybody is let in.
    void judge_by(holdfast::session::Authenticator& judge) { core_.authenticator = &judge; }

    /// Who is told what devices publish; before, nobody is.
    void tell_devices_to(holdfast::delivery::DeviceUplink& uplink) { core_.uplink = &uplink; }

    /// Who is asked and told from now on; before, nobody is.
    void guard_by(holdfast::session::Guard& guard) { core_.guard = &guard; }

    /// What the store remembers is read back; before any client comes.
    void restore();
    /// The process ends without a word: nothing reaches the store or a client any more.
    void crash() { has_crashed_ = true; }
    /// Commits take until complete_commits(): what they hold back is not sent.
    void make_store_slow() { is_store_slow_ = true; }
    void complete_commits();
    /// The oldest answer of the slow store to the shard comes. False: there is none.
    bool complete_one_commit(std::size_t shard = 0);

    /// Actions wait until release(): the end of the turn has not come.
    void hold() { is_held_ = true; }
    void release();

    [[nodiscard]] std::uint64_t count(holdfast::Counter counter) const;
    [[nodiscard]] std::uint64_t count(holdfast::DropReason reason) const;
    [[nodiscard]] std::uint64_t count(holdfast::CloseReason reason) const;
    [[nodiscard]] std::uint64_t dropped() const;  ///< by any reason
    [[nodiscard]] holdfast::session::SessionTotals totals() { return registry_.totals(); }
    [[nodiscard]] holdfast::session::SessionPtr find(std::string_view client_id) const {
        return registry_.find(client_id);
    }
    [[nodiscard]] holdfast::session::Registry& registry() { return registry_; }
    [[nodiscard]] holdfast::router::Router& router() { return router_; }

    // --- For ConnectionScript

    /// The shard's actions, with the present instant.
    [[nodiscard]] holdfast::session::Actions& enter(holdfast::ShardIndex shard);
    /// Performs what the core left to do, on every shard, until nothing is left.
    void finish_turn();

    const holdfast::Limits limits;
    EventRecorder events;
    holdfast::Instant now{holdfast::Seconds{1'000}};

private:
    using ScriptedPtr = boost::intrusive_ptr<ScriptedConnection>;
    struct Shard {
        explicit Shard(holdfast::ShardIndex index) : actions(index, counters) {
            actions.executor = &executor;
        }
        ManualExecutor executor;  ///< where the store's completions wait
        holdfast::Counters counters;
        holdfast::session::Actions actions;
        std::deque<holdfast::session::ConnectionPtr> taken_over;  ///< posted by other shards
    };
    [[nodiscard]] ConnectionScript open(std::string name, holdfast::codec::ProtocolVersion version,
                                        std::size_t shard,
                                        std::optional<holdfast::CloseReason> refusal);
    /// UTC of the world: its own time, and a date.
    class WorldClock final : public holdfast::Clock {
    public:
        explicit WorldClock(const World& world) : world_(world) {}
        [[nodiscard]] holdfast::Instant now() const override { return world_.now; }
        [[nodiscard]] holdfast::WallTime wall_now() const override;

    private:
        const World& world_;
    };
    [[nodiscard]] bool has_work(const Shard& shard) const;
    void finish_turn(Shard& shard);
    void announce_drops(Shard& shard);
    void meet_deadlines();
    void check_accounting();
    void check_stored();

    const WorldClock clock_{*this};
    const std::unique_ptr<holdfast::store::Store> own_store_;  ///< of a replay with "stored"
    holdfast::store::Store* const store_;
    const std::unique_ptr<holdfast::session::Journal> journal_;
    holdfast::router::Router router_;
    holdfast::session::Registry registry_;
    CountingRandom random_;
    holdfast::session::Core core_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<ScriptedPtr> connections_;
    bool is_held_ = false;
    bool is_store_slow_ = false;
    bool has_crashed_ = false;
};

}  // namespace test_support
