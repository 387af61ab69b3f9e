#pragma once
// ConnectionScript: one network connection of a client, as a script of what it sends and what it
// must get. No sockets and no sleeps: World has the time.
//
//   World world;
//   auto device = world.client("pump-7");
//   device.receive(connect("pump-7").clean_start(false)).expect_sent("CONNACK success");
//   device.receive(subscribe("a/#", 1).id(7)).expect_sent("SUBACK id=7 [1]");
//   device.receive(publish("a/b", "hi").qos1(1))
//       .expect_sent({"PUBLISH q1 id=1 topic=a/b payload=hi", "PUBACK id=1"});
//   device.receive(disconnect()).expect_closed(CloseReason::client_disconnected);
//
// Packets are written by support/client_packets.hpp, expected as support/sent_text.hpp says them.
// Every executable with scripts runs a second time with the argument "split": then each receive() gives
// its bytes one by one, and everything must come out the same.

#include "support/client_packets.hpp"
#include "support/scripted_connection.hpp"
#include "support/world.hpp"

#include <boost/assert/source_location.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace test_support {

class ConnectionScript {
public:
    using Place = boost::source_location;

    ConnectionScript(World& world, boost::intrusive_ptr<ScriptedConnection> connection,
                     std::string name);

    /// The server receives these from the client, in one piece: packets, or bytes in the notation of
    /// support/wire.hpp. A turn of the shard follows.
    template <class... Packets>
    ConnectionScript& receive(const Packets&... packets) {
        holdfast::ByteBuffer bytes;
        (append(bytes, packets), ...);
        deliver({bytes.data(), bytes.size()});
        return *this;
    }
    /// The same, one piece after the other, each of `piece_bytes`, with a turn after each.
    template <class... Packets>
    ConnectionScript& receive_in_pieces(std::size_t piece_bytes, const Packets&... packets) {
        holdfast::ByteBuffer bytes;
        (append(bytes, packets), ...);
        deliver_in_pieces({bytes.data(), bytes.size()}, piece_bytes);
        return *this;
    }

    /// All that reached the client since the last expectation, in order, is exactly this.
    ConnectionScript& expect_sent(std::initializer_list<std::string_view> packets,
                                  const Place& place = BOOST_CURRENT_LOCATION);
    ConnectionScript& expect_sent(std::string_view packet,
                                  const Place& place = BOOST_CURRENT_LOCATION) {
        return expect_sent({packet}, place);
    }
    ConnectionScript& expect_nothing_sent(const Place& place = BOOST_CURRENT_LOCATION) {
        return expect_sent({}, place);
    }
    /// The server has closed the network connection, for this reason.
    ConnectionScript& expect_closed(holdfast::CloseReason reason,
                                    const Place& place = BOOST_CURRENT_LOCATION);
    ConnectionScript& expect_open(const Place& place = BOOST_CURRENT_LOCATION);

    /// Takes what reached the client as texts, without expecting anything.
    std::vector<std::string> take_sent();
    /// The same with every field, as support/packet_text.hpp says it.
    std::vector<std::string> take_sent_in_full();
    /// When the packets that were not taken yet reached the client.
    [[nodiscard]] std::vector<holdfast::Instant> sent_at() const;

    /// The network fails: no byte goes either way any more.
    ConnectionScript& lose_connection();
    /// The socket takes so many more bytes, and then none until unblock_socket().
    ConnectionScript& block_socket(std::size_t bytes_taken = 0);
    ConnectionScript& unblock_socket();

    [[nodiscard]] ScriptedConnection& connection() { return *connection_; }
    /// Null before CONNECT was accepted.
    [[nodiscard]] holdfast::session::SessionPtr session() const { return connection_->session(); }
    [[nodiscard]] bool is_open() const { return connection_->is_open(); }

private:
    void append(holdfast::ByteBuffer& out, std::string_view notation) const;
    void append(holdfast::ByteBuffer& out, const std::vector<holdfast::Byte>& bytes) const;
    template <class Packet>
    requires requires(const Packet& packet, holdfast::ByteBuffer& out) { packet.write(out, v5); }
    void append(holdfast::ByteBuffer& out, const Packet& packet) const {
        packet.write(out, connection_->client_version);
    }
    void deliver(holdfast::ByteView bytes);
    void deliver_in_pieces(holdfast::ByteView bytes, std::size_t piece_bytes);
    [[nodiscard]] std::string at(const Place& place) const;

    World* world_;
    boost::intrusive_ptr<ScriptedConnection> connection_;
    std::string name_;
};

}  // namespace test_support
