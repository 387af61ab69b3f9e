#include "bench/scripted_broker.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bench {

using namespace holdfast;
using codec::PacketType;

namespace {

constexpr std::size_t parts_max = 64;  // as net/tcp_connection.cpp gathers
constexpr Byte pubrel_flags = 0x02;

// The calls into the core that are counted. Never inlined or cloned, so that their names stay; none of
// them calls another, because entering a second one would end the count of the first.
#define HOLDFAST_COUNTED [[gnu::noipa]]

HOLDFAST_COUNTED void counted_on_bytes(session::Connection& connection, ByteView bytes,
                                       session::Actions& actions) {
    connection.on_bytes(bytes, actions);
}
HOLDFAST_COUNTED std::size_t counted_gather(const session::Outbox& outbox, std::span<iovec> parts) {
    return outbox.gather(parts);
}
HOLDFAST_COUNTED void counted_on_sent(session::Connection& connection, std::size_t count,
                                      session::Actions& actions) {
    connection.on_sent(count, actions);
}
HOLDFAST_COUNTED void counted_flush(session::Journal& journal, session::Actions& actions) {
    journal.flush(actions);
}
HOLDFAST_COUNTED void counted_task(const std::function<void()>& task) { task(); }

#undef HOLDFAST_COUNTED

ScriptedClient& scripted(session::Connection& connection) {
    return static_cast<ScriptedClient&>(connection);
}

void append(ByteBuffer& buffer, const iovec& part) {
    const auto* bytes = static_cast<const Byte*>(part.iov_base);
    std::copy_n(bytes, part.iov_len, extend(buffer, part.iov_len));
}

}  // namespace

// --- ScriptedClient

ScriptedClient::ScriptedClient(session::Core& core, codec::ProtocolVersion version, Instant now)
    : Connection(core, ShardIndex{0}, PeerAddress{}, now), version_(version) {}

void ScriptedClient::connect(std::string_view client_id, bool is_session_kept) {
    codec::Connect packet;
    packet.version = version_;
    packet.client_id = client_id;
    packet.clean_start = !is_session_kept;
    if (is_session_kept) packet.properties.session_expiry_interval = 3600;
    codec::encode(to_send_, packet);
}

void ScriptedClient::subscribe(std::string_view filter, QoS qos) {
    const std::array requests{codec::SubscriptionRequest{filter, {.maximum_qos = qos}}};
    codec::encode_subscribe(to_send_, version_, 1, requests);
}

void ScriptedClient::publish(std::string_view topic, ByteView payload, QoS qos) {
    codec::Publish packet;
    packet.topic = topic;
    packet.payload = payload;
    packet.qos = qos;
    if (qos != QoS::at_most_once) {
        if (++last_packet_id_ == 0) last_packet_id_ = 1;
        packet.packet_id = last_packet_id_;
    }
    codec::encode(to_send_, version_, packet);
}

void ScriptedClient::disconnect() { codec::encode(to_send_, version_, codec::Disconnect{}); }

void ScriptedClient::take_outbox(session::Actions& actions, bool is_measuring) {
    const auto lock = lock_link();
    session::Link& sending_half = link();
    sending_half.flush_scheduled = true;
    while (is_open_ && !sending_half.outbox.empty()) {
        std::array<iovec, parts_max> parts;
        const std::size_t count = is_measuring ? counted_gather(sending_half.outbox, parts)
                                               : sending_half.outbox.gather(parts);
        std::size_t taken = 0;
        for (const iovec& part : std::span{parts}.first(count)) {
            append(unread_, part);
            taken += part.iov_len;
        }
        if (is_measuring) {
            counted_on_sent(*this, taken, actions);
        } else {
            on_sent(taken, actions);
        }
    }
    sending_half.flush_scheduled = false;
}

void ScriptedClient::read() {
    std::size_t done = 0;
    for (;;) {
        const auto frame = codec::next_frame(ByteView{unread_}.subspan(done), unlimited);
        if (frame.has_error() || frame->size == 0) break;
        done += frame->size;
        switch (frame->type()) {
            case PacketType::publish: {
                ++received_;
                const int qos = frame->flags() >> 1 & 3;
                const std::size_t topic_bytes = frame->body[0] * 256U + frame->body[1];
                const ByteView packet_id = frame->body.subspan(2 + topic_bytes);
                if (qos == 1) answer(PacketType::puback, packet_id);
                if (qos == 2) answer(PacketType::pubrec, packet_id);
                break;
            }
            case PacketType::pubrec: answer(PacketType::pubrel, frame->body); break;
            case PacketType::pubrel: answer(PacketType::pubcomp, frame->body); break;
            default: break;
        }
    }
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(done));
}

/// Success may leave the reason code out: the packet is the same in all versions.
void ScriptedClient::answer(PacketType type, ByteView packet_id) {
    const Byte flags = type == PacketType::pubrel ? pubrel_flags : 0;
    const auto first = static_cast<Byte>(static_cast<unsigned>(type) << 4U | flags);
    const std::array<Byte, 4> packet{first, 2, packet_id[0], packet_id[1]};
    std::copy(packet.begin(), packet.end(), extend(to_send_, packet.size()));
}

// --- ScriptedBroker

Instant ScriptedBroker::StandingClock::now() const { return Instant{Seconds{1'000}}; }

WallTime ScriptedBroker::StandingClock::wall_now() const {
    return WallTime{Milliseconds{1'700'000'000'000}};
}

void ScriptedBroker::CountingRandom::fill(std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = next_++;
}

ScriptedBroker::ScriptedBroker(store::Store* store)
    : journal_(store == nullptr ? nullptr : std::make_unique<session::Journal>(*store, clock_)),
      router_(limits_, 1, journal_.get()),
      registry_(limits_, router_, journal_.get()),
      core_{.limits = limits_,
            .router = router_,
            .registry = registry_,
            .random = random_,
            .events = events_,
            .response_information_prefix = {},
            .journal = journal_.get()},
      actions_(ShardIndex{0}, counters_) {
    actions_.executor = &executor_;
    actions_.now = clock_.now();
}

ScriptedBroker::~ScriptedBroker() {
    is_measuring = false;
    // Connections and their sessions hold each other.
    for (const auto& client : clients_) {
        if (client->is_open_) client->on_closed(CloseReason::server_shutting_down, actions_);
        client->is_open_ = false;
    }
    finish_turn();
}

ScriptedClient& ScriptedBroker::client(codec::ProtocolVersion version) {
    clients_.emplace_back(new ScriptedClient(core_, version, clock_.now()));
    return *clients_.back();
}

void ScriptedBroker::exchange() {
    while (give_input()) finish_turn();
}

bool ScriptedBroker::give_input() {
    bool is_any = false;
    for (const auto& client : clients_) {
        if (client->to_send_.empty() || !client->is_open_) continue;
        is_any = true;
        client->sending_.swap(client->to_send_);
        const ByteView bytes{client->sending_.data(), client->sending_.size()};
        if (is_measuring) {
            counted_on_bytes(*client, bytes, actions_);
        } else {
            client->on_bytes(bytes, actions_);
        }
        client->sending_.clear();
    }
    return is_any;
}

bool ScriptedBroker::has_work() const {
    return !executor_.tasks.empty() || !actions_.to_flush.empty() || !actions_.to_close.empty() ||
           !actions_.changes.empty();
}

void ScriptedBroker::finish_turn() {
    while (has_work()) {
        finish_commits();
        for (const auto& connection : std::exchange(actions_.to_flush, {})) {
            scripted(*connection).take_outbox(actions_, is_measuring);
            scripted(*connection).read();
        }
        close_finished();
    }
    actions_.drop_notices.clear();
}

void ScriptedBroker::finish_commits() {
    if (!journal_) return;
    if (is_measuring) {
        counted_flush(*journal_, actions_);
    } else {
        journal_->flush(actions_);
    }
    for (const std::function<void()>& task : std::exchange(executor_.tasks, {})) {
        if (is_measuring) {
            counted_task(task);
        } else {
            task();
        }
    }
}

void ScriptedBroker::close_finished() {
    if (!actions_.to_flush.empty()) return;  // their last words first
    for (const auto& connection : std::exchange(actions_.to_close, {})) {
        ScriptedClient& client = scripted(*connection);
        if (client.is_open_) client.on_closed(client.close_reason(), actions_);
        client.is_open_ = false;
    }
}

}  // namespace bench
