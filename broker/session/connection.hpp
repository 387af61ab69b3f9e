#pragma once
// Connection: one Network Connection as the protocol sees it (MQTT 5 chapter 3 and 4.8-4.13). Takes
// bytes and instants from its owner, checks the order and rights of packets, acts on its Session and
// the Router, and leaves what must be written in its Link and what must be done in Actions.
// No socket, no timer, no clock. The owner (net, or a test) derives from it and does the I/O.
//
// Threads: on_* functions run on the shard that owns the connection. The Link is guarded by the
// session's mutex once connected. Lifetime: reference counted; whoever flushes may hold it longest.

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/peer_address.hpp"
#include "codec/codec.hpp"
#include "session/action.hpp"
#include "session/authenticator.hpp"
#include "session/core.hpp"
#include "session/link.hpp"
#include "session/phase.hpp"
#include "session/session.hpp"
#include "session/throttle.hpp"

#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::session {

class EnhancedAuthentication;

class Connection : public boost::intrusive_ref_counter<Connection> {
public:
    /// `refusal`: a reason to answer the CONNECT with an error and close (server too full).
    Connection(Core& core, ShardIndex shard, const PeerAddress& peer, Instant accepted_at,
               std::optional<CloseReason> refusal = std::nullopt);
    virtual ~Connection();

    /// Handles every whole packet in `received`; keeps an incomplete rest.
    void on_bytes(ByteView received, Actions& actions);
    /// next_deadline() has come (calling it early does no harm).
    void on_deadline(Actions& actions);
    void on_closed(CloseReason reason, Actions& actions);  ///< it is gone, or the owner ends it; idempotent
    /// A newer connection has the session. [MQTT5-3.1.4-3] [MQTT3-3.1.4-2]
    void on_taken_over(Actions& actions);
    /// Why on_taken_over() will be called, when it is not that. Any thread, before it is asked for.
    void set_loss_reason(CloseReason reason) { loss_reason_ = reason; }
    /// The store has what this answer acknowledges, or has failed to keep it.
    void on_committed(const HeldAnswer& answer, bool is_durable, Actions& actions);
    void on_shutdown(Actions& actions);  ///< the server ends: DISCONNECT 0x8B to v5 clients

    /// The earliest instant at which on_deadline() has something to do.
    [[nodiscard]] Instant next_deadline() const;

    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] CloseReason close_reason() const { return close_reason_; }
    [[nodiscard]] ShardIndex shard() const { return shard_; }
    [[nodiscard]] const PeerAddress& peer() const { return peer_; }
    [[nodiscard]] const SessionPtr& session() const { return session_; }
    [[nodiscard]] bool is_refused() const { return refusal_.has_value(); }
    [[nodiscard]] CloseReason refusal() const { return *refusal_; }  ///< of one that is_refused()
    [[nodiscard]] std::size_t kept_input_bytes() const;
    /// CONNECT has come and is being judged: the owner reads nothing more until on_judged().
    [[nodiscard]] bool is_being_judged() const { return judging_ == Judging::asked; }
    /// While it is on the owner reads nothing; on_deadline() ends it.
    [[nodiscard]] const Throttle& throttle() const { return throttle_; }
    /// What was kept back by its rate is handled, and nothing more is: it has lost its session.
    void lift_throttle(Actions& actions);

    // --- The sending half, for whoever flushes and for Session

    [[nodiscard]] std::unique_lock<SmallMutex> lock_link();  ///< locks what guards the link
    [[nodiscard]] Link& link() { return link_; }  ///< with the lock held
    void schedule_flush(Actions& actions);
    /// `count` bytes of the outbox are with the kernel; fills it again with what waits.
    void on_sent(std::size_t count, Actions& actions);
    /// Takes no more bytes from now on; what it has is still written.
    void close_link() { link_.closed = true; }
    /// The socket took nothing since `since`; never: it is not full. Owner's shard only.
    void set_write_stalled_since(Instant since) { write_stalled_since_ = since; }
    /// While the owner reads nothing the keep alive rests: not the client is silent. Owner's shard only.
    void set_listening(bool is_listening, Instant now);
    /// The connection ends unless the store keeps the record that was committed last: its session is new.
    void depend_on_record(Actions& actions);
    /// Called by Session while attaching, its mutex held: CONNACK goes out.
    void on_attached(SessionPtr session, bool session_present, Actions& actions);
    /// Of the session that went to another connection: published when this one is closed, unless its
    /// client's DISCONNECT is read before. Guarded by the registry's mutex.
    WillPtr will_left;

protected:
    [[nodiscard]] Instant closing_since() const { return counted_from_; }  ///< Phase::closing only
    /// How it came in, asked once CONNECT is there.
    [[nodiscard]] virtual Origin origin() const { return {}; }
    /// Before CONNECT: it is somebody else's than it seemed.
    void on_source(const PeerAddress& peer, std::optional<CloseReason> refusal);
    /// What lies below MQTT is broken: nothing can be said any more.
    void on_transport_failed(CloseReason reason, std::string_view detail, Actions& actions);
    void end_by_operator(std::string_view why, Actions& actions);  ///< DISCONNECT 0x98 to v5 clients
    /// The answer to CONNECT is given and what came behind it is handled: the owner reads again.
    virtual void on_judged() {}

private:
    using Violation = codec::Violation;
    using Handled = codec::Decoded<void>;
    // connection_input.cpp
    void keep_input(ByteView bytes);
    void handle_kept(Actions& actions);
    [[nodiscard]] ByteView complete_kept_packet(ByteView received, Actions& actions);
    [[nodiscard]] ByteView handle_packets(ByteView received, Actions& actions);
    [[nodiscard]] std::size_t packet_bytes_max() const;
    // connection.cpp
    [[nodiscard]] Handled on_frame(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] Handled on_connected_frame(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] Handled on_pingreq(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] Handled on_disconnect(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] Seconds expiry_of(std::uint32_t interval) const;
    void fail(const Violation& violation, Actions& actions);
    void disconnect_with(codec::ReasonCode code, CloseReason reason, std::string_view clause,
                         std::string_view cause, Actions& actions);
    void send_disconnect(codec::ReasonCode code, std::string_view cause, Actions& actions);
    void begin_close(CloseReason reason, std::string_view clause, std::string_view detail, Actions& actions);
    void tell_closed(std::string_view clause, std::string_view detail) const;
    [[nodiscard]] codec::DecodeLimits decode_limits() const;
    template <class PacketT> void send(const PacketT& packet, Actions& actions);
    template <class PacketT> void put(const PacketT& packet, Actions& actions);
    template <class PacketT> void answer(const PacketT& packet, Actions& actions);
    [[nodiscard]] bool has_changed_store(const Actions& actions) const;  ///< the packet being handled
    void refuse_kept(const HeldAnswer& answer, Actions& actions);
    // connection_connect.cpp
    [[nodiscard]] Handled on_connect(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] bool is_acceptable(const codec::Connect& connect, Actions& actions);
    void judge(const codec::Connect& connect, Actions& actions);
    void on_verdict(Verdict verdict, Actions& actions);
    void admit(const codec::Connect& connect, Actions& actions);
    [[nodiscard]] Credentials credentials_of(const codec::Connect& connect) const;
    [[nodiscard]] std::string_view client_id_of(const codec::Connect& connect) const;
    [[nodiscard]] bool is_device() const { return principal_ && principal_->is_device(); }
    void refuse(codec::ReasonCode code, CloseReason reason, std::string_view detail, Actions& actions);
    void adopt(const codec::Connect& connect);
    [[nodiscard]] Seconds negotiate_expiry(const codec::Connect& connect);
    [[nodiscard]] codec::Connack make_connack(bool session_present) const;  ///< of login_->answer
    // connection_authenticate.cpp
    [[nodiscard]] EnhancedAuthentication* authentication() const;  ///< null: CONNECT named no method
    void authenticate(const codec::Frame& frame, const codec::Connect& connect, Actions& actions);
    [[nodiscard]] bool begin_exchange(const codec::Connect& connect, Instant now);
    [[nodiscard]] Handled on_exchange_frame(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] Handled on_auth(const codec::Frame& frame, Actions& actions);
    void take_step(ByteView data, Actions& actions);
    void send_auth(codec::ReasonCode reason, std::string_view data, Actions& actions);
    // connection_publish.cpp
    [[nodiscard]] Handled on_publish(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] Handled resolve_alias(codec::Publish& publish);
    [[nodiscard]] Handled on_publish_qos2(const codec::Publish& publish, bool is_quota_used_up,
                                          Actions& actions);
    [[nodiscard]] codec::ReasonCode accept_qos2(const codec::Publish& publish, Actions& actions);
    /// A QoS 2 publication was not taken: its identifier is free again. [MQTT5-4.3.3-9]
    void forget_inbound(PacketId packet_id, Actions& actions);
    void journal_inbound(PacketId packet_id, Actions& actions);
    [[nodiscard]] codec::ReasonCode accept(const codec::Publish& publish, Actions& actions);
    [[nodiscard]] Handled on_puback(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] Handled on_pubrec(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] Handled on_pubrel(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] Handled on_pubcomp(const codec::Frame& frame, Actions& actions);
    // connection_subscribe.cpp
    [[nodiscard]] Handled on_subscribe(const codec::Frame& frame, Actions& actions);
    [[nodiscard]] bool is_remembered() const;
    [[nodiscard]] Handled on_unsubscribe(const codec::Frame& frame, Actions& actions);

    Core& core_;
    SessionPtr session_;
    Link link_;
    std::unique_ptr<ByteBuffer> kept_input_;  ///< an incomplete packet; null: none
    std::unique_ptr<std::vector<std::string>> inbound_aliases_;  ///< by alias - 1
    Throttle throttle_;
    std::unique_ptr<Login> login_;  ///< null: before CONNECT, and once that is answered if it named no method
    std::unique_ptr<const Principal> principal_;     ///< null: nobody in particular, who may everything
    Instant counted_from_;  ///< what its phase's deadline counts from: accepted, last heard, closing
    Instant write_stalled_since_ = never;
    PeerAddress peer_;
    Phase phase_ = Phase::awaiting_connect;
    CloseReason close_reason_ = CloseReason::connection_lost;
    const ShardIndex shard_;
    std::uint32_t keep_alive_limit_ms_ = 0;  ///< 1.5 times the keep alive; 0: none
    std::uint32_t held_answers_ = 0;         ///< answers that wait for the store
    std::uint16_t held_pubacks_ = 0;        ///< of these, PUBACKs: counted against our Receive Maximum
    std::uint16_t inbound_qos2_count_ = 0;  ///< counted against our Receive Maximum
    std::optional<CloseReason> refusal_;
    std::atomic<CloseReason> loss_reason_ = CloseReason::session_taken_over;
    Judging judging_ : 2 = Judging::not_asked;  // in one byte with what follows: there are many connections
    bool is_closed_ : 1 = false;
    bool is_listening_ : 1 = true;
    bool session_expiry_was_zero_ : 1 = false;
    bool request_problem_information_ : 1 = true;
};

}  // namespace holdfast::session
