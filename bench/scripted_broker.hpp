#pragma once
// ScriptedBroker: the protocol core with one shard and no machine: no socket, thread or clock, so that a
// run executes the same instructions each time. ScriptedClient is a connection whose socket is memory
// and whose client answers what a client must: PUBACK, PUBREC, PUBREL, PUBCOMP.
// The order of a turn is that of net/shard.cpp. While is_measuring, every call into the core goes through
// a function named counted_*, which is what `callgrind --toggle-collect` counts: what the script does for
// the clients is not in the figure, nor is the copy that stands for the kernel's.
// Threads: none. Lifetime: clients live until the broker ends.

#include "base/environment.hpp"
#include "base/limits.hpp"
#include "codec/codec.hpp"
#include "router/router.hpp"
#include "session/connection.hpp"
#include "session/core.hpp"
#include "session/journal.hpp"
#include "session/registry.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

class ScriptedClient final : public holdfast::session::Connection {
public:
    ScriptedClient(holdfast::session::Core& core, holdfast::codec::ProtocolVersion version,
                   holdfast::Instant now);

    // --- What the client sends with the next turn

    void connect(std::string_view client_id, bool is_session_kept = false);
    void subscribe(std::string_view filter, holdfast::QoS qos);
    void publish(std::string_view topic, holdfast::ByteView payload, holdfast::QoS qos);
    void disconnect();

    [[nodiscard]] std::size_t received() const { return received_; }  ///< publications, in all

private:
    friend class ScriptedBroker;
    void take_outbox(holdfast::session::Actions& actions, bool is_measuring);
    /// Reads what came and prepares the answers.
    void read();
    void answer(holdfast::codec::PacketType type, holdfast::ByteView packet_id);

    const holdfast::codec::ProtocolVersion version_;
    holdfast::ByteBuffer to_send_;
    holdfast::ByteBuffer sending_;  ///< what was to_send_, while the core reads it
    holdfast::ByteBuffer unread_;
    holdfast::PacketId last_packet_id_ = 0;
    std::size_t received_ = 0;
    bool is_open_ = true;
};

class ScriptedBroker {
public:
    /// `store` may be null: then nothing is journaled.
    explicit ScriptedBroker(holdfast::store::Store* store = nullptr);
    ~ScriptedBroker();
    ScriptedBroker(const ScriptedBroker&) = delete;
    ScriptedBroker& operator=(const ScriptedBroker&) = delete;

    [[nodiscard]] ScriptedClient& client(holdfast::codec::ProtocolVersion version);
    /// Turns until no client has anything to send and the core nothing to do.
    void exchange();
    /// The end of a turn: the store's answers, then one flush of every connection that has output.
    void finish_turn();

    [[nodiscard]] holdfast::router::Router& router() { return router_; }
    [[nodiscard]] holdfast::session::Registry& registry() { return registry_; }
    [[nodiscard]] holdfast::session::Actions& actions() { return actions_; }

    bool is_measuring = false;

private:
    class StandingClock final : public holdfast::Clock {
    public:
        [[nodiscard]] holdfast::Instant now() const override;
        [[nodiscard]] holdfast::WallTime wall_now() const override;
    };
    class CountingRandom final : public holdfast::Random {
    public:
        void fill(std::span<std::uint8_t> bytes) override;

    private:
        std::uint8_t next_ = 0;
    };
    class NoEvents final : public holdfast::EventSink {
    public:
        [[nodiscard]] bool wants(holdfast::Severity) const override { return false; }
        void on_event(const holdfast::Event&) override {}
    };
    class TurnExecutor final : public holdfast::store::Executor {
    public:
        void post(std::function<void()> task) override { tasks.push_back(std::move(task)); }
        std::vector<std::function<void()>> tasks;
    };
    [[nodiscard]] bool has_work() const;
    [[nodiscard]] bool give_input();
    void finish_commits();
    void close_finished();

    const StandingClock clock_;
    const holdfast::Limits limits_;
    CountingRandom random_;
    NoEvents events_;
    const std::unique_ptr<holdfast::session::Journal> journal_;
    holdfast::router::Router router_;
    holdfast::session::Registry registry_;
    holdfast::session::Core core_;
    holdfast::Counters counters_;
    TurnExecutor executor_;
    holdfast::session::Actions actions_;
    std::vector<boost::intrusive_ptr<ScriptedClient>> clients_;
};

}  // namespace bench
