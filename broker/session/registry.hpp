#pragma once
// Registry: ClientId to Session. Decides when a session begins, is resumed, taken over, and ends, and
// when a will is published: docs/wills.md has the table of all cases. MQTT 5 sections 3.1.2.4,
// 3.1.2.5, 3.1.2.11.2, 3.1.4, 4.1.
// Owns the sessions. Threads: any shard; one mutex, held for connects, disconnects and deadlines; of
// messages only for a will at a time. Lock order: registry, router, session.

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "router/router.hpp"
#include "session/action.hpp"
#include "session/session.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::session {

class Journal;
struct SessionChange;
struct SessionRecord;

struct SessionTotals {
    std::size_t sessions = 0;
    std::size_t connected = 0;
    std::size_t queued_messages = 0;
    std::size_t queued_bytes = 0;
    std::size_t inflight_messages = 0;
    std::size_t stored_messages = 0;
};

class Registry {
public:
    /// `journal` may be null: sessions end with the process.
    Registry(const Limits& limits, router::Router& router, Journal* journal = nullptr);
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    struct ConnectRequest {
        std::string_view client_id;
        bool clean_start = true;
        Seconds session_expiry{0};
        WillPtr will;
        std::string_view user_name{};    ///< whose session it is or becomes; empty: nobody's
        RightsPtr rights{};              ///< null: everything
        delivery::DeviceFeedPtr feed{};  ///< a device's; null: no device
    };
    enum class Connected : std::uint8_t { yes, too_many_sessions, not_the_owner };
    /// Finds or makes the session and attaches the connection, whose CONNACK is then in its outbox.
    [[nodiscard]] Connected connect(Connection& connection, ConnectRequest request,
                                    Actions& actions);

    /// The client sent DISCONNECT: the will is discarded or kept, the expiry changed. Does nothing when
    /// another connection has the session.
    void on_disconnect_packet(Connection& connection, bool discard_will,
                              std::optional<Seconds> new_expiry);

    /// The connection ended. Sends or schedules the will, ends the session or lets it wait.
    /// False: another connection has the session, nothing was done.
    bool disconnect(Connection& connection, Actions& actions);

    /// The server's operator ends the client's connection, if it has one.
    void end_connection(std::string_view client_id, CloseReason why, Actions& actions);
    /// And its session, if there is one, with everything in it.
    void end(std::string_view client_id, CloseReason why, Actions& actions);

    /// And those of all clients of these users, which are sorted.
    void end_connections_of(std::span<const std::string> user_names, CloseReason why,
                            Actions& actions);
    /// The rules have changed: sessions lose the subscriptions that they may not have any more. What they
    /// may receive is asked for each message in any case. (registry_review.cpp)
    void review_subscriptions(Actions& actions);
    /// Only of this client.
    void review_subscriptions(std::string_view client_id, Actions& actions);

    /// The session left a shared subscription, or its connection: what it has not taken goes to
    /// another connected member.
    void move_shared(Session& session, std::string_view shared_filter, Actions& actions);

    /// A session as the store remembers it, without connection. Before anybody connects.
    SessionPtr restore(SessionRecord record, Turn& turn);

    /// Wills and session ends that are due.
    void on_deadline(Actions& actions);
    [[nodiscard]] Instant next_deadline() const;

    /// Drops expired messages from the queues of the next `visits_max` sessions, going round.
    void sweep(std::size_t visits_max, Actions& actions);

    [[nodiscard]] SessionTotals totals();
    [[nodiscard]] SessionPtr find(std::string_view client_id) const;

private:
    struct ById {
        using is_transparent = void;
        static std::string_view id(const SessionPtr& session) { return session->client_id(); }
        static std::string_view id(std::string_view text) { return text; }
        std::size_t operator()(const auto& key) const {
            return std::hash<std::string_view>{}(id(key));
        }
        bool operator()(const auto& a, const auto& b) const { return id(a) == id(b); }
    };
    /// At the same instant the older session comes first.
    struct Earlier {
        bool operator()(const std::pair<Instant, Session*>& a,
                        const std::pair<Instant, Session*>& b) const {
            return a.first != b.first ? a.first < b.first
                                      : a.second->number() < b.second->number();
        }
    };
    using Moved = std::vector<OutboundMessage>;

    [[nodiscard]] SessionPtr make_session(std::string_view client_id, SessionNumber number);
    void end_session(Session& session, Actions& actions);
    static void leave_will(Session& session, Connection& before);
    [[nodiscard]] ConnectionPtr attach(Session& session, Connection& connection,
                                       bool session_present, delivery::DeviceFeedPtr feed,
                                       Actions& actions);
    void schedule(Session& session);
    void unschedule(Session& session);
    /// False: nothing is due.
    bool finish_one_due(Actions& actions);
    /// The session has changed; its will is perhaps due.
    void record(Session& session, WillPtr due, Actions& actions);
    void publish(const Will& will, Session& publisher, SessionChange change,
                 Actions& actions);
    void redeliver(Moved& moved, const Session& from, Actions& actions);
    void move_shared_of(Session& session, Actions& actions);
    [[nodiscard]] std::vector<SessionPtr> all_sessions() const;
    void review_subscriptions_of(Session& session, const Rights& rights, Actions& actions);

    const Limits& limits_;
    router::Router& router_;
    Journal* const journal_;
    mutable std::mutex mutex_;
    boost::unordered_flat_set<SessionPtr, ById, ById> sessions_;
    boost::intrusive::list<Session> rotation_;  ///< all of them; sweep() takes from the front
    std::set<std::pair<Instant, Session*>, Earlier> deadlines_;
    std::uint64_t next_number_ = 1;
};

}  // namespace holdfast::session
