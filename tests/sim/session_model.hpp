#pragma once
// SessionModel: what clients must see of a broker, kept the slow and obvious way: for each session
// the line of messages it is owed, for each shared group the messages somebody of it is owed, for
// each connection the answers that must come, in order. It knows nothing of queues, windows, outboxes.
// What a client was not owed, misses, gets twice, too early or in another order fails the test.
//
// Plain subscriptions are to topics "t/...", shared ones to "s/...", so that a packet tells which it
// is. The payload is the number of the message.

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "codec/packet.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

struct Message {
    int number = 0;
    std::string topic;
    int qos = 0;
    holdfast::Instant expires_at = holdfast::never;
};

/// A packet of the server's, taken apart from its text (support/sent_text.hpp).
struct SeenPublish {
    int qos = 0;
    bool dup = false;
    bool retain = false;
    holdfast::PacketId packet_id = 0;
    std::uint16_t alias = 0;
    std::string topic;
    int number = 0;
};

struct Answer {
    enum class Kind { puback, pubrec, pubcomp } kind;
    holdfast::PacketId packet_id;
};

/// What the client gave to the server and has no answer to yet.
struct Pending {
    int number = 0;
    int qos = 0;
    bool is_received = false;  ///< PUBREC came: PUBREL is next
    bool is_released = false;  ///< PUBREL went out on this connection
};

struct ConnectChoice {
    holdfast::codec::ProtocolVersion version = holdfast::codec::ProtocolVersion::v5;
    bool clean_start = false;
    holdfast::Seconds expiry{0};
    std::size_t quota = 0;
};

class SessionModel {
public:
    struct Totals {
        std::uint64_t accepted = 0;      ///< copies that sessions and groups were owed
        std::uint64_t acknowledged = 0;  ///< QoS 1 and 2 taken by clients
        std::uint64_t refused = 0;       ///< answered with an error
        std::uint64_t qos_0_seen = 0;
        std::uint64_t missing = 0;  ///< owed, and never seen or acknowledged
        std::uint64_t retained_seen = 0;
    };

    /// `may_drop`: the server's queues are so small that messages may be missing.
    SessionModel(std::size_t clients, bool may_drop) : may_drop_(may_drop), clients_(clients) {}

    // --- What happens. Clients are called by number.

    void set_now(holdfast::Instant now);
    void on_connect(std::size_t client, const ConnectChoice& choice);
    void on_connection_lost(std::size_t client);
    void on_disconnect_packet(std::size_t client, holdfast::Seconds expiry) {
        clients_[client].session.expiry = expiry;
    }
    void on_subscribe(std::size_t client, const std::string& filter, int qos);
    void on_unsubscribe(std::size_t client, const std::string& filter);
    /// The server took it. `is_refused`: some queue had no room and the publisher may be told.
    void on_publish(std::size_t client, holdfast::PacketId packet_id, const Message& message,
                    bool retain, bool is_refused);
    void on_publish_again(std::size_t client, holdfast::PacketId packet_id, bool is_refused);
    void on_pubrel(std::size_t client, holdfast::PacketId packet_id);
    void on_answer(std::size_t client, const Answer& answer, bool is_error);
    void on_ping(std::size_t client) { expect(client, "PINGRESP"); }
    void on_blocked(std::size_t client) { clients_[client].session.did_not_read = true; }
    /// A packet reached the client.
    void on_sent(std::size_t client, std::string_view text);

    // --- What is known

    [[nodiscard]] bool is_connected(std::size_t client) const {
        return clients_[client].connection != 0;
    }
    [[nodiscard]] bool is_v5(std::size_t client) const {
        return clients_[client].choice.version == holdfast::codec::ProtocolVersion::v5;
    }
    [[nodiscard]] holdfast::Seconds expiry_of(std::size_t client) const {
        return clients_[client].session.expiry;
    }
    /// Answers that the client owes, in order.
    [[nodiscard]] std::deque<Answer>& answers(std::size_t client) {
        return clients_[client].answers;
    }
    [[nodiscard]] std::map<holdfast::PacketId, Pending>& pending(std::size_t client) {
        return clients_[client].pending;
    }
    [[nodiscard]] const Message& message(int number) const {
        return messages_[static_cast<std::size_t>(number)];
    }
    [[nodiscard]] int next_number() const { return static_cast<int>(messages_.size()); }
    [[nodiscard]] const Totals& totals() const { return totals_; }

    /// Every client is connected, reads and has answered everything: nothing may be owed any more.
    void check_nothing_is_owed();

private:
    struct Owed {
        int number;
        int qos;
        std::uint64_t since;               ///< step of the model
        std::uint64_t first_connection;    ///< that could send it; 0: none yet
        bool was_connection_lost = false;  ///< since it could be sent
    };
    struct InFlight {
        int number;
        int qos;
        bool is_retained;
        bool is_released;
        std::uint64_t order;
        std::uint64_t connection;  ///< on which it was seen last
    };
    struct Walk {
        std::uint64_t since;
        int qos;
        bool is_sure;  ///< nothing has happened that excuses its absence
    };
    struct Session {
        bool exists = false;
        holdfast::Seconds expiry{0};
        holdfast::Instant expires_at = holdfast::never;
        std::map<std::string, int> filters;
        std::deque<Owed> line;
        std::map<holdfast::PacketId, InFlight> in_flight;
        std::multimap<std::pair<std::string, int>, Walk> walks;  ///< by filter and message
        std::set<holdfast::PacketId> inbound;               ///< QoS 2 taken, not released
        std::uint64_t next_order = 1;
        bool did_not_read = false;  ///< for some time
    };
    struct Client {
        Session session;
        ConnectChoice choice;
        std::uint64_t connection = 0;      ///< number of the present one; 0: none
        std::deque<std::string> expected;  ///< answers of the server
        std::deque<Answer> answers;
        std::map<holdfast::PacketId, Pending> pending;
        std::set<holdfast::PacketId> outstanding;  ///< that hold quota of this connection
        std::uint64_t last_order_again = 0;        ///< of what was sent again on this connection
        std::map<std::uint16_t, std::string> aliases;
    };
    /// A message that some member of a group is owed.
    struct Shared {
        int number;
        std::string group;
        std::size_t holder;  ///< to whom it was sent, or nobody
        bool may_vanish = false;
    };
    static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

    void expect(std::size_t client, std::string text) {
        clients_[client].expected.push_back(std::move(text));
    }
    [[nodiscard]] bool is_expired(int number) const { return message(number).expires_at <= now_; }
    [[nodiscard]] std::size_t give(const Message& message);
    void retain(const Message& message);
    void answer_publish(std::size_t client, holdfast::PacketId packet_id, int qos,
                        std::size_t matched, bool is_refused);
    void end_session(std::size_t client);
    [[nodiscard]] bool has_other_member(const std::string& group, std::size_t client,
                                        bool is_connected_only) const;
    [[nodiscard]] Shared* find_shared(int number);
    void give_back_shared(std::size_t client, const InFlight& entry);
    void forget_shared(std::size_t client, int number);

    void on_publish_seen(std::size_t client, const SeenPublish& seen);
    void on_publish_seen_again(std::size_t client, const SeenPublish& seen, InFlight& entry);
    /// Takes what arrives out of what is owed.
    void settle_owed(std::size_t client, const SeenPublish& seen);
    void settle_walk(std::size_t client, const SeenPublish& seen);
    void settle_line(std::size_t client, const SeenPublish& seen);
    void settle_shared(std::size_t client, const SeenPublish& seen);
    void check_dup(const SeenPublish& seen, std::uint64_t first_connection,
                   std::uint64_t connection) const;
    void check_all_sent_again(const Client& client) const;
    void check_order_again(Client& client, std::uint64_t order) const;
    void on_pubrel_seen(std::size_t client, std::string_view text, holdfast::PacketId packet_id);
    void on_answer_seen(std::size_t client, std::string_view text);

    bool may_drop_;
    holdfast::Instant now_{};
    std::uint64_t step_ = 0;
    std::uint64_t last_connection_ = 0;
    std::vector<Client> clients_;
    std::deque<Message> messages_;
    std::deque<Shared> shared_;
    std::map<std::string, int> retained_;
    Totals totals_;
};

}  // namespace sim
