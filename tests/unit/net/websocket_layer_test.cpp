#include "net/websocket_layer.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace holdfast;
using boost::unit_test::label;
using net::Opened;
using net::WebSocketLayer;

namespace {

constexpr std::string_view handshake =
    "GET /mqtt HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: mqtt\r\n\r\n";

/// A client's frame. `first`: the final bit and the opcode.
std::string frame(unsigned first, std::string_view payload) {
    constexpr std::string_view mask = "\x37\xfa\x21\x3d";
    std::string text{static_cast<char>(first)};
    const std::size_t length_bytes = payload.size() < 126 ? 0 : payload.size() < 65'536 ? 2 : 8;
    const std::size_t short_length =
        length_bytes == 0 ? payload.size() : length_bytes == 2 ? 126U : 127U;
    text += static_cast<char>(0x80U | short_length);
    for (std::size_t i = length_bytes; i > 0; --i) {
        text += static_cast<char>(payload.size() >> (8 * (i - 1)));
    }
    text += mask;
    for (std::size_t i = 0; i < payload.size(); ++i) text += static_cast<char>(payload[i] ^ mask[i % 4]);
    return text;
}

std::string text_of(const ByteBuffer& buffer) { return std::string{as_text({buffer.data(), buffer.size()})}; }

struct Client {
    Client() { send(handshake); }

    /// The last result; what came of the bytes is appended to `plain` and `reply`.
    Opened send(std::string_view bytes) {
        ByteBuffer opened_plain;
        ByteBuffer opened_reply;
        Opened opened = layer.open(as_bytes(bytes), opened_plain, opened_reply);
        plain += text_of(opened_plain);
        reply += text_of(opened_reply);
        if (reply.starts_with("HTTP/1.1 101")) reply.clear();
        return opened;
    }
    std::string seal(std::string_view bytes) {
        ByteBuffer raw;
        layer.seal(as_bytes(bytes), raw);
        return text_of(raw);
    }

    net::WebSocketSettings settings{};
    WebSocketLayer layer{settings, nullptr};
    std::string plain{};
    std::string reply{};
};

/// Whether `bytes` break the connection off with a close frame of `code`.
bool breaks_off(std::string_view bytes, unsigned code) {
    Client client;
    const Opened opened = client.send(bytes);
    const std::string close{'\x88', 2, static_cast<char>(code >> 8U), static_cast<char>(code)};
    return opened.failure && opened.failure->reason == CloseReason::websocket_broken &&
           client.reply.ends_with(close);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(websocket_layer)

BOOST_TEST_DECORATOR(*label("MQTT5-6.0.0-2") * label("MQTT3-6.0.0-2"))
BOOST_AUTO_TEST_CASE(packets_may_share_a_frame_or_be_split_over_several) {
    Client client;
    client.send(frame(0x82, "one") + frame(0x02, "two") + frame(0x00, "th") + frame(0x80, "ree"));
    BOOST_TEST(client.plain == "onetwothree");
    client.send(frame(0x82, "") + frame(0x02, "") + frame(0x80, "four"));
    BOOST_TEST(client.plain == "onetwothreefour");
}

BOOST_AUTO_TEST_CASE(frames_that_are_cut_anywhere_mean_the_same) {
    const std::string all = frame(0x02, "abc") + frame(0x89, "hi") + frame(0x80, std::string(300, 'd')) +
                            frame(0x82, std::string(70'000, 'e'));
    for (std::size_t cut = 0; cut < 340; ++cut) {
        Client client;
        client.send(all.substr(0, cut));
        client.send(all.substr(cut));
        BOOST_TEST(client.plain == "abc" + std::string(300, 'd') + std::string(70'000, 'e'));
        BOOST_TEST(client.reply == std::string("\x8A\x02hi"));
    }
}

BOOST_AUTO_TEST_CASE(the_handshake_may_come_in_pieces_with_a_frame_behind_it) {
    const std::string all = std::string{handshake} + frame(0x82, "first");
    for (std::size_t cut = 0; cut < all.size(); ++cut) {
        net::WebSocketSettings settings;
        WebSocketLayer layer{settings, nullptr};
        ByteBuffer plain;
        ByteBuffer reply;
        BOOST_TEST(!layer.open(as_bytes(all.substr(0, cut)), plain, reply).failure);
        BOOST_TEST(!layer.open(as_bytes(all.substr(cut)), plain, reply).failure);
        BOOST_TEST(text_of(plain) == "first");
        BOOST_TEST(text_of(reply).starts_with("HTTP/1.1 101"));
    }
}

BOOST_AUTO_TEST_CASE(a_handshake_without_end_is_given_up) {
    net::WebSocketSettings settings;
    WebSocketLayer layer{settings, nullptr};
    ByteBuffer plain;
    ByteBuffer reply;
    const std::string endless = "GET /mqtt HTTP/1.1\r\nX: " + std::string(20'000, 'x');
    const Opened opened = layer.open(as_bytes(endless), plain, reply);
    BOOST_TEST((opened.failure->reason == CloseReason::websocket_refused));
}

BOOST_AUTO_TEST_CASE(a_refused_handshake_says_why_and_no_frame_follows_it) {
    net::WebSocketSettings settings{.path = "/elsewhere", .origins = {}};
    WebSocketLayer layer{settings, nullptr};
    ByteBuffer plain;
    ByteBuffer reply;
    const Opened opened = layer.open(as_bytes(handshake), plain, reply);
    BOOST_TEST((opened.failure->reason == CloseReason::websocket_refused));
    layer.end(reply);
    BOOST_TEST(text_of(reply).starts_with("HTTP/1.1 404"));
    BOOST_TEST(text_of(reply).ends_with("MQTT over WebSocket is at /elsewhere\n"));
}

BOOST_TEST_DECORATOR(*label("MQTT5-6.0.0-1") * label("MQTT3-6.0.0-1"))
BOOST_AUTO_TEST_CASE(a_text_message_breaks_the_connection_off) {
    BOOST_TEST(breaks_off(frame(0x81, "text"), 1003));
}

BOOST_AUTO_TEST_CASE(what_rfc_6455_forbids_breaks_the_connection_off) {
    std::string unmasked = frame(0x82, "a");
    unmasked[1] = 1;
    BOOST_TEST(breaks_off(unmasked + "....", 1002));
    BOOST_TEST(breaks_off(frame(0xC2, "reserved bit"), 1002));
    BOOST_TEST(breaks_off(frame(0x83, "unknown opcode"), 1002));
    BOOST_TEST(breaks_off(frame(0x8B, "unknown control"), 1002));
    BOOST_TEST(breaks_off(frame(0x80, "continues nothing"), 1002));
    BOOST_TEST(breaks_off(frame(0x02, "a") + frame(0x82, "within a message"), 1002));
    BOOST_TEST(breaks_off(frame(0x09, "split ping"), 1002));
    BOOST_TEST(breaks_off(frame(0x89, std::string(126, 'p')), 1002));
    BOOST_TEST(breaks_off(std::string{"\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0", 14}, 1002));
}

BOOST_AUTO_TEST_CASE(pings_are_answered_however_many_there_are_in_one_read) {
    Client client;
    std::string pings;
    std::string pongs;
    for (int i = 0; i < 50'000; ++i) pings += frame(0x89, "");
    for (int i = 0; i < 50'000; ++i) pongs += std::string{"\x8A\0", 2};
    client.send(pings + frame(0x8A, "unasked"));
    BOOST_TEST((client.reply == pongs));
}

BOOST_AUTO_TEST_CASE(a_close_frame_is_answered_and_ends_what_is_read) {
    Client client;
    const Opened opened =
        client.send(frame(0x82, "last") + frame(0x88, "\x03\xE9") + frame(0x82, "too late"));
    BOOST_TEST(opened.is_ended);
    BOOST_TEST(client.plain == "last");
    BOOST_TEST(client.reply == "\x88\x02\x03\xE9");
    BOOST_TEST(client.seal("nothing is sent behind it") == "");
}

BOOST_AUTO_TEST_CASE(what_is_sealed_is_one_binary_frame_of_each_length) {
    Client client;
    BOOST_TEST(client.seal("abc") == "\x82\x03"
                                     "abc");
    BOOST_TEST(client.seal("") == "");
    BOOST_TEST(client.seal(std::string(126, 'a')).substr(0, 4) == (std::string{"\x82\x7E\x00\x7E", 4}));
    BOOST_TEST(client.seal(std::string(65'536, 'a')).substr(0, 10) ==
               (std::string{"\x82\x7F\0\0\0\0\0\x01\0\0", 10}));
    ByteBuffer raw;
    client.layer.end(raw);
    client.layer.end(raw);
    BOOST_TEST(text_of(raw) == "\x88\x02\x03\xE8");
}

BOOST_AUTO_TEST_SUITE_END()
