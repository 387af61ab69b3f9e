// Two shards publish to a session of a third, which acknowledges: each is a thread. A settlement that
// overtook its append would leave a message in the store. Meant for ThreadSanitizer.

#include "router/router.hpp"
#include "session/connection.hpp"
#include "session/core.hpp"
#include "session/journal.hpp"
#include "session/registry.hpp"
#include "store/memory_store.hpp"
#include "support/client_packets.hpp"
#include "support/manual_executor.hpp"
#include "support/sent_text.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace holdfast;
using namespace test_support;
using codec::ProtocolVersion;

namespace {

constexpr std::size_t messages_per_publisher = 3'000;
constexpr std::size_t publishers = 2;

class FixedClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return Instant{Seconds{1'000}}; }
    [[nodiscard]] WallTime wall_now() const override { return WallTime{Seconds{1'000'000}}; }
};

class NoRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (std::uint8_t& byte : bytes) byte = 0;
    }
};

class NoEvents final : public EventSink {
public:
    [[nodiscard]] bool wants(Severity) const override { return false; }
    void on_event(const Event&) override {}
};

struct Server {
    FixedClock clock;
    NoRandom random;
    NoEvents events;
    const Limits limits{.queue_messages_max = 100'000};
    store::MemoryStore store;
    session::Journal journal{store, clock};
    router::Router router{limits, publishers + 1, &journal};
    session::Registry registry{limits, router, &journal};
    session::Core core{.limits = limits,
                       .router = router,
                       .registry = registry,
                       .random = random,
                       .events = events,
                       .response_information_prefix = {},
                       .journal = &journal};
};

/// One shard: its actions, and where the store's answers come.
class Shard {
public:
    Shard(Server& server, std::size_t index)
        : server_(server), actions_(static_cast<ShardIndex>(index), counters_) {
        actions_.now = server.clock.now();
        actions_.executor = &executor_;
    }
    session::Actions& actions() { return actions_; }
    /// The end of a turn. What is dirty is left to the reader's thread, which writes all the time.
    void finish_turn() {
        server_.journal.flush(actions_);
        while (executor_.waiting() > 0) executor_.run_one();
        server_.journal.flush(actions_);
        for (const session::ConnectionPtr& connection : std::exchange(actions_.to_flush, {})) {
            const auto lock = connection->lock_link();
            connection->link().flush_scheduled = false;
        }
    }
    void finish_commits() {
        do finish_turn();
        while (actions_.commits_done != actions_.commits_begun);
    }

private:
    Server& server_;
    Counters counters_;
    session::Actions actions_;
    ManualExecutor executor_;
};

template <class Packet>
void receive(session::Connection& connection, const Packet& packet, Shard& shard) {
    ByteBuffer bytes;
    packet.write(bytes, ProtocolVersion::v5);
    connection.on_bytes({bytes.data(), bytes.size()}, shard.actions());
    shard.finish_turn();
}

/// Everything that is in the connection's outbox is written.
ByteBuffer write_all(session::Connection& connection, Shard& shard) {
    ByteBuffer written;
    const auto lock = connection.lock_link();
    session::Outbox& outbox = connection.link().outbox;
    std::array<iovec, 16> parts{};
    const std::size_t count = outbox.gather(parts);
    for (std::size_t i = 0; i < count; ++i) {
        const auto* from = static_cast<const Byte*>(parts[i].iov_base);
        written.insert(written.end(), from, from + parts[i].iov_len);
    }
    if (!written.empty()) connection.on_sent(written.size(), shard.actions());
    return written;
}

/// Acknowledges what is in `bytes`, whole packets; returns how many publications there were.
std::size_t acknowledge(session::Connection& connection, const ByteBuffer& bytes, Shard& shard) {
    std::size_t publications = 0;
    ByteView rest{bytes.data(), bytes.size()};
    while (!rest.empty()) {
        const auto frame = codec::next_frame(rest, unlimited);
        const std::string text = sent_text(ProtocolVersion::v5, *frame);
        rest = rest.subspan(frame->size);
        if (!text.starts_with("PUBLISH q1")) continue;
        ++publications;
        const auto packet_id =
            static_cast<PacketId>(std::stoul(text.substr(text.find("id=") + 3)));
        receive(connection, puback(packet_id), shard);
    }
    return publications;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_threads)

BOOST_AUTO_TEST_CASE(no_settlement_overtakes_its_message) {
    Server server;
    Shard reader_shard{server, publishers};
    const session::ConnectionPtr reader{new session::Connection{
        server.core, static_cast<ShardIndex>(publishers), {}, server.clock.now()}};
    receive(*reader, connect("reader").clean_start(false).session_expiry(1'000), reader_shard);
    receive(*reader, subscribe("t", 1), reader_shard);

    std::vector<std::thread> threads;
    for (std::size_t index = 0; index < publishers; ++index) {
        threads.emplace_back([&server, index] {
            Shard shard{server, index};
            for (std::size_t i = 0; i < messages_per_publisher; ++i) {
                server.router.publish({.topic = "t", .payload = {}, .properties = {},
                                       .qos = QoS::at_least_once},
                                      shard.actions());
                shard.finish_turn();
            }
            shard.finish_commits();
        });
    }
    std::size_t received = 0;
    while (received < publishers * messages_per_publisher) {
        received += acknowledge(*reader, write_all(*reader, reader_shard), reader_shard);
        reader_shard.finish_turn();
    }
    for (std::thread& thread : threads) thread.join();
    reader_shard.finish_commits();

    BOOST_TEST(received == publishers * messages_per_publisher);
    BOOST_TEST(server.store.level(session::queue_of(reader->session()->number())).records == 0U);
    BOOST_TEST(reader->session()->levels().stored_messages == 0U);
    reader->on_closed(CloseReason::server_shutting_down, reader_shard.actions());
    reader_shard.actions().to_close.clear();
}

BOOST_AUTO_TEST_SUITE_END()
