// Fixed exchanges with the protocol core, for counting instructions: bench/instructions.py runs them
// under callgrind. By hand:
//   scripted_load --list            the names
//   scripted_load fanin-q1          one of them; prints what was delivered while it was measured
// Each begins with messages that are not measured: buffers have their size and tables theirs.

#include "bench/scripted_broker.hpp"
#include "store/memory_store.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace holdfast;
using bench::ScriptedBroker;
using bench::ScriptedClient;
using codec::ProtocolVersion;

constexpr std::size_t publishers_of_fanin = 50;
constexpr std::size_t subscribers_of_fanout = 100;
constexpr std::size_t warm_up_rounds = 4;
constexpr std::size_t payload_bytes = 200;

const std::string payload(payload_bytes, 'x');

struct Scenario {
    std::string_view name;
    /// Returns how many messages were delivered while they were measured.
    std::size_t (*run)(const Scenario& scenario);
    ProtocolVersion version;
    QoS qos;
    std::size_t rounds;
    bool is_stored = false;
};

/// 50 publishers with a topic each, one subscriber to all of them; in a round each publishes once.
std::size_t fan_in(const Scenario& scenario) {
    ScriptedBroker broker;
    ScriptedClient& subscriber = broker.client(scenario.version);
    subscriber.connect("subscriber");
    subscriber.subscribe("plant/+/state", scenario.qos);
    std::vector<ScriptedClient*> publishers;
    std::vector<std::string> topics;
    for (std::size_t i = 0; i < publishers_of_fanin; ++i) {
        publishers.push_back(&broker.client(scenario.version));
        publishers.back()->connect("publisher-" + std::to_string(i));
        topics.push_back("plant/pump-" + std::to_string(i) + "/state");
    }
    broker.exchange();

    const auto play = [&](std::size_t rounds) {
        for (std::size_t round = 0; round < rounds; ++round) {
            for (std::size_t i = 0; i < publishers.size(); ++i) {
                publishers[i]->publish(topics[i], as_bytes(payload), scenario.qos);
            }
            broker.exchange();
        }
    };
    play(warm_up_rounds);
    const std::size_t before = subscriber.received();
    broker.is_measuring = true;
    play(scenario.rounds);
    return subscriber.received() - before;
}

/// One publisher, 100 subscribers to its topic; a round is one publication.
std::size_t fan_out(const Scenario& scenario) {
    ScriptedBroker broker;
    std::vector<ScriptedClient*> subscribers;
    for (std::size_t i = 0; i < subscribers_of_fanout; ++i) {
        subscribers.push_back(&broker.client(scenario.version));
        subscribers.back()->connect("subscriber-" + std::to_string(i));
        subscribers.back()->subscribe("plant/state", scenario.qos);
    }
    ScriptedClient& publisher = broker.client(scenario.version);
    publisher.connect("publisher");
    broker.exchange();

    const auto play = [&](std::size_t rounds) {
        for (std::size_t round = 0; round < rounds; ++round) {
            publisher.publish("plant/state", as_bytes(payload), scenario.qos);
            broker.exchange();
        }
    };
    const auto received = [&] {
        std::size_t sum = 0;
        for (const ScriptedClient* subscriber : subscribers) sum += subscriber->received();
        return sum;
    };
    play(warm_up_rounds);
    const std::size_t before = received();
    broker.is_measuring = true;
    play(scenario.rounds);
    return received() - before;
}

/// A session that is away gets messages, 50 in a round; then its client comes back for them.
std::size_t be_away(const Scenario& scenario) {
    const auto store = scenario.is_stored ? std::make_unique<store::MemoryStore>() : nullptr;
    ScriptedBroker broker{store.get()};
    ScriptedClient& first = broker.client(scenario.version);
    first.connect("subscriber", true);
    first.subscribe("plant/state", scenario.qos);
    broker.exchange();
    first.disconnect();
    ScriptedClient& publisher = broker.client(scenario.version);
    publisher.connect("publisher");
    broker.exchange();

    broker.is_measuring = true;
    for (std::size_t round = 0; round < scenario.rounds; ++round) {
        for (std::size_t i = 0; i < publishers_of_fanin; ++i) {
            publisher.publish("plant/state", as_bytes(payload), scenario.qos);
        }
        broker.exchange();
    }
    ScriptedClient& second = broker.client(scenario.version);
    second.connect("subscriber", true);
    broker.exchange();
    return second.received();
}

constexpr auto v3 = ProtocolVersion::v3_1_1;
constexpr auto v5 = ProtocolVersion::v5;

constexpr std::array scenarios{
    Scenario{"fanin-q0", fan_in, v3, QoS::at_most_once, 100},
    Scenario{"fanin-q1", fan_in, v3, QoS::at_least_once, 100},
    Scenario{"fanin-q2", fan_in, v3, QoS::exactly_once, 100},
    Scenario{"fanin-q1-v5", fan_in, v5, QoS::at_least_once, 100},
    Scenario{"fanout-q0", fan_out, v3, QoS::at_most_once, 100},
    Scenario{"away-q1", be_away, v3, QoS::at_least_once, 100},
    Scenario{"away-q1-stored", be_away, v3, QoS::at_least_once, 100, true},
};

/// Whatever is lost would make the others look expensive.
std::size_t expected_of(const Scenario& scenario) {
    const bool is_fan_out = scenario.run == fan_out;
    return scenario.rounds * (is_fan_out ? subscribers_of_fanout : publishers_of_fanin);
}

int run(const Scenario& scenario) {
    const std::size_t delivered = scenario.run(scenario);
    if (delivered != expected_of(scenario)) {
        std::fprintf(stderr, "%s: %zu messages delivered instead of %zu\n", scenario.name.data(),
                     delivered, expected_of(scenario));
        return 1;
    }
    std::printf("{\"scenario\": \"%s\", \"delivered\": %zu, \"compiler\": \"%s\"}\n",
                scenario.name.data(), delivered, HOLDFAST_COMPILER);
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    const std::string_view asked = count == 2 ? arguments[1] : "";
    for (const Scenario& scenario : scenarios) {
        if (asked == "--list") std::printf("%s\n", scenario.name.data());
        if (asked == scenario.name) return run(scenario);
    }
    if (asked == "--list") return 0;
    std::fprintf(stderr, "scripted_load --list | NAME\n");
    return 2;
}
