// Micro benchmarks of the codec, run by hand or by bench/compare.py:
//   build/release/bench/micro_codec --benchmark_min_time=0.5
// A payload has 200 bytes and a topic 30, unless the name says otherwise. `items` are packets.

#include "base/bytes.hpp"
#include "base/message.hpp"
#include "codec/codec.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace {

using namespace holdfast;
using codec::ProtocolVersion;

constexpr auto v3 = ProtocolVersion::v3_1_1;
constexpr auto v5 = ProtocolVersion::v5;
constexpr std::string_view topic = "devices/pump-0000007/telemetry";
const std::string payload(200, 'x');
const codec::DecodeLimits limits;

/// The whole packet that starts the bytes.
codec::Frame frame_of(const ByteBuffer& bytes) {
    return *codec::next_frame(ByteView{bytes.data(), bytes.size()}, unlimited);
}

codec::Publish small_publish(QoS qos) {
    codec::Publish packet;
    packet.topic = topic;
    packet.payload = as_bytes(payload);
    packet.qos = qos;
    packet.packet_id = qos == QoS::at_most_once ? 0 : 7;
    return packet;
}

constexpr std::array user_properties{codec::UserProperty{"site", "north"},
                                     codec::UserProperty{"firmware", "4.2.1"}};

/// What a client that uses the properties of MQTT 5 says.
codec::Publish publish_with_properties() {
    codec::Publish packet = small_publish(QoS::at_least_once);
    packet.properties.payload_format_indicator = true;
    packet.properties.message_expiry_interval = 3600;
    packet.properties.content_type = "application/json";
    packet.properties.response_topic = "devices/pump-0000007/answers";
    packet.properties.correlation_data = as_bytes("0123456789abcdef");
    packet.properties.user_properties = codec::UserProperties{std::span{user_properties}};
    packet.properties.has_forwarded = true;
    return packet;
}

// --- Decoding

void decode_publish_bytes(benchmark::State& state, ProtocolVersion version,
                          const codec::Publish& packet) {
    ByteBuffer bytes;
    codec::encode(bytes, version, packet);
    const codec::Frame frame = frame_of(bytes);
    for (auto _ : state) {
        benchmark::DoNotOptimize(codec::decode_publish(version, frame, limits));
    }
    state.SetItemsProcessed(state.iterations());
}

void decode_publish(benchmark::State& state, ProtocolVersion version, QoS qos) {
    decode_publish_bytes(state, version, small_publish(qos));
}
BENCHMARK_CAPTURE(decode_publish, v3_q0, v3, QoS::at_most_once);
BENCHMARK_CAPTURE(decode_publish, v3_q1, v3, QoS::at_least_once);
BENCHMARK_CAPTURE(decode_publish, v5_q1, v5, QoS::at_least_once);

void decode_publish_with_properties(benchmark::State& state) {
    decode_publish_bytes(state, v5, publish_with_properties());
}
BENCHMARK(decode_publish_with_properties);

void decode_puback(benchmark::State& state, ProtocolVersion version) {
    ByteBuffer bytes;
    codec::encode(bytes, version, codec::Puback{.packet_id = 7});
    const codec::Frame frame = frame_of(bytes);
    for (auto _ : state) {
        benchmark::DoNotOptimize(codec::decode_puback(version, frame, limits));
    }
}
BENCHMARK_CAPTURE(decode_puback, v3, v3);
BENCHMARK_CAPTURE(decode_puback, v5, v5);

/// With a will, a user name and a password.
void decode_connect(benchmark::State& state, ProtocolVersion version) {
    codec::Connect packet;
    packet.version = version;
    packet.client_id = "pump-0000007_0_1_2026010100";
    packet.keep_alive = 60;
    packet.user_name = "pump-0000007";
    packet.password = as_bytes("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    packet.will = codec::Will{.topic = "devices/pump-0000007/state", .payload = as_bytes("gone")};
    if (version == v5) packet.properties.session_expiry_interval = 3600;
    ByteBuffer bytes;
    codec::encode(bytes, packet);
    const codec::Frame frame = frame_of(bytes);
    for (auto _ : state) benchmark::DoNotOptimize(codec::decode_connect(frame, limits));
}
BENCHMARK_CAPTURE(decode_connect, v3, v3);
BENCHMARK_CAPTURE(decode_connect, v5, v5);

// --- Framing

/// A read of 64 KiB, full of packets whose payload has so many bytes.
void frame_64_kib(benchmark::State& state) {
    constexpr std::size_t read_bytes = 64 * 1024;
    const std::string small(static_cast<std::size_t>(state.range(0)), 'x');
    codec::Publish packet;
    packet.topic = "a/b";
    packet.payload = as_bytes(small);
    ByteBuffer bytes;
    while (bytes.size() < read_bytes) codec::encode(bytes, v3, packet);
    const ByteView received{bytes.data(), read_bytes};
    std::int64_t packets = 0;
    for (auto _ : state) {
        std::size_t done = 0;
        for (;;) {
            const auto frame = codec::next_frame(received.subspan(done), unlimited);
            if (frame.has_error() || frame->size == 0) break;
            done += frame->size;
            ++packets;
        }
        benchmark::DoNotOptimize(done);
    }
    state.SetItemsProcessed(packets);
}
BENCHMARK(frame_64_kib)->Arg(0)->Arg(16)->Arg(200);

// --- Encoding

MessagePtr new_message(ProtocolVersion version) {
    ByteBuffer properties;
    if (version == v5) {
        codec::encode_forwarded_properties(properties, publish_with_properties().properties);
    }
    MessageParts parts;
    parts.topic = topic;
    parts.payload = as_bytes(payload);
    parts.properties = {properties.data(), properties.size()};
    parts.qos = QoS::at_least_once;
    return ApplicationMessage::create(parts);
}

/// Into a buffer that has its size already; `message_of` says whether the message has properties.
void encode_publish(benchmark::State& state, ProtocolVersion version, ProtocolVersion message_of,
                    QoS qos) {
    const MessagePtr message = new_message(message_of);
    codec::PublishOptions options;
    options.qos = qos;
    options.packet_id = qos == QoS::at_most_once ? 0 : 7;
    ByteBuffer out;
    for (auto _ : state) {
        out.clear();
        codec::encode_publish(out, version, *message, options);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(encode_publish, v3_q0, v3, v3, QoS::at_most_once);
BENCHMARK_CAPTURE(encode_publish, v3_q1, v3, v3, QoS::at_least_once);
BENCHMARK_CAPTURE(encode_publish, v5_q1, v5, v3, QoS::at_least_once);
BENCHMARK_CAPTURE(encode_publish, v5_q1_properties, v5, v5, QoS::at_least_once);

void size_of_publish(benchmark::State& state) {
    const MessagePtr message = new_message(v5);
    codec::PublishOptions options;
    options.qos = QoS::at_least_once;
    options.packet_id = 7;
    for (auto _ : state) benchmark::DoNotOptimize(codec::publish_size(v5, *message, options));
}
BENCHMARK(size_of_publish);

void encode_puback(benchmark::State& state, ProtocolVersion version) {
    ByteBuffer out;
    for (auto _ : state) {
        out.clear();
        codec::encode(out, version, codec::Puback{.packet_id = 7});
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK_CAPTURE(encode_puback, v3, v3);
BENCHMARK_CAPTURE(encode_puback, v5, v5);

}  // namespace

BENCHMARK_MAIN();
