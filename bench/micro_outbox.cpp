// Micro benchmarks of what a session does for one message on its way out, run by hand or by bench/compare.py:
//   build/release/bench/micro_outbox --benchmark_min_time=0.5
// A payload has 200 bytes unless the name says otherwise. `items` are messages.

#include "bench/scripted_broker.hpp"
#include "session/inflight.hpp"
#include "session/outbox.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace {

using namespace holdfast;
using bench::ScriptedBroker;
using bench::ScriptedClient;
using codec::ProtocolVersion;

MessagePtr new_message(std::size_t payload_bytes, QoS qos = QoS::at_least_once) {
    const std::string payload(payload_bytes, 'x');
    MessageParts parts;
    parts.topic = "plant/state";
    parts.payload = as_bytes(payload);
    parts.qos = qos;
    return ApplicationMessage::create(parts);
}

// --- Outbox

/// So many messages, then one gathered write that takes them all. Small payloads are copied into the buffer.
void outbox_of_copies(benchmark::State& state) {
    const MessagePtr message = new_message(200);
    std::array<iovec, 64> parts;
    session::Outbox outbox;
    for (auto _ : state) {
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            codec::encode_publish(outbox.buffer(), ProtocolVersion::v3_1_1, *message, {});
        }
        benchmark::DoNotOptimize(outbox.gather(parts));
        outbox.consume(outbox.size());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(outbox_of_copies)->Arg(1)->Arg(50)->Arg(1000);

/// The same with 16 KiB each, which are referenced; a write has 64 parts, so it takes 32 of them at most.
void outbox_of_references(benchmark::State& state) {
    const MessagePtr message = new_message(16 * 1024);
    std::array<iovec, 64> parts;
    session::Outbox outbox;
    for (auto _ : state) {
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            codec::encode_publish_header(outbox.buffer(), ProtocolVersion::v3_1_1, *message, {});
            outbox.append_payload(message);
        }
        while (!outbox.empty()) {
            const std::size_t count = outbox.gather(parts);
            std::size_t taken = 0;
            for (std::size_t i = 0; i < count; ++i) taken += parts[i].iov_len;
            outbox.consume(taken);
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(outbox_of_references)->Arg(1)->Arg(32)->Arg(256);

/// A full socket: 64 KiB wait and are taken 1,448 bytes at a time.
void outbox_in_segments(benchmark::State& state) {
    constexpr std::size_t segment_bytes = 1448;
    const MessagePtr message = new_message(200);
    std::array<iovec, 64> parts;
    session::Outbox outbox;
    std::int64_t segments = 0;
    for (auto _ : state) {
        while (outbox.size() < 64 * 1024) {
            codec::encode_publish(outbox.buffer(), ProtocolVersion::v3_1_1, *message, {});
        }
        while (!outbox.empty()) {
            benchmark::DoNotOptimize(outbox.gather(parts));
            outbox.consume(std::min(outbox.size(), segment_bytes));
            ++segments;
        }
    }
    state.counters["segments"] =
        static_cast<double>(segments) / static_cast<double>(state.iterations());
}
BENCHMARK(outbox_in_segments);

// --- Inflight

/// One more is sent and the oldest acknowledged, while so many are in flight.
void inflight_insert_find_erase(benchmark::State& state) {
    const MessagePtr message = new_message(200);
    const router::Delivery delivery{.qos = QoS::at_least_once};
    session::Inflight inflight;
    const auto ahead = static_cast<PacketId>(state.range(0));
    for (PacketId i = 0; i < ahead; ++i) inflight.insert({message, delivery});
    PacketId oldest = 0;
    for (auto _ : state) {
        inflight.insert({message, delivery});
        if (++oldest == 0) oldest = 1;
        inflight.erase(*inflight.find(oldest));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(inflight_insert_find_erase)->Arg(0)->Arg(20)->Arg(1000)->Arg(60'000);

/// Looks for one among so many, in their order.
void inflight_find(benchmark::State& state) {
    const MessagePtr message = new_message(200);
    session::Inflight inflight;
    const auto count = static_cast<PacketId>(state.range(0));
    for (PacketId i = 0; i < count; ++i) inflight.insert({message, {.qos = QoS::at_least_once}});
    PacketId next = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(inflight.find(static_cast<PacketId>(next + 1)));
        if (++next == count) next = 0;
    }
}
BENCHMARK(inflight_find)->Arg(20)->Arg(1000)->Arg(60'000);

// --- Session

/// So many messages are routed to a connected session, flushed, and acknowledged by its client in one read.
void deliver_and_acknowledge(benchmark::State& state, QoS qos) {
    ScriptedBroker broker;
    ScriptedClient& client = broker.client(ProtocolVersion::v3_1_1);
    client.connect("subscriber");
    client.subscribe("plant/state", qos);
    broker.exchange();
    const MessagePtr message = new_message(200, qos);
    for (auto _ : state) {
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            benchmark::DoNotOptimize(broker.router().publish(message, broker.actions()));
        }
        broker.finish_turn();
        broker.exchange();
    }
    if (client.received() != static_cast<std::size_t>(state.iterations() * state.range(0))) {
        state.SkipWithError("messages are missing");
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(deliver_and_acknowledge, q0, QoS::at_most_once)->Arg(1)->Arg(50);
BENCHMARK_CAPTURE(deliver_and_acknowledge, q1, QoS::at_least_once)->Arg(1)->Arg(50);
BENCHMARK_CAPTURE(deliver_and_acknowledge, q2, QoS::exactly_once)->Arg(1)->Arg(50);

}  // namespace

BENCHMARK_MAIN();
