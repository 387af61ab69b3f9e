// Honest clients on a server that crashes: a random walk of publishing, acknowledging, losing connections,
// durable answers that come late, and crashes that keep any part of what was not told durable. At the
// end everything is healed and drained. Then: QoS 2 was delivered exactly once, QoS 1 at least once, and
// what is new to the reader came in the order of publication. The seed is in the failure.

#include "support/connection_script.hpp"
#include "support/crashable_world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace holdfast;
using namespace test_support;

namespace {

/// What a test reads of a packet's text.
struct Seen {
    explicit Seen(const std::string& text) : name(text.substr(0, text.find(' '))) {
        const std::size_t at = text.find("id=");
        if (at != std::string::npos) packet_id = static_cast<PacketId>(std::stoul(text.substr(at + 3)));
        const std::size_t payload_at = text.find("payload=");
        if (payload_at != std::string::npos) payload = text.substr(payload_at + 8);
        is_qos_2 = text.find(" q2 ") != std::string::npos;
    }
    std::string name;
    PacketId packet_id = 0;
    std::string payload;
    bool is_qos_2 = false;
};

constexpr unsigned seeds = 40;

ConnectPacket staying(std::string name) {
    return connect(std::move(name)).clean_start(false).session_expiry(100'000);
}

class Client {
public:
    Client(CrashableWorld& world, std::string name, std::uint16_t receive_maximum, std::size_t shard)
        : world_(world), name_(std::move(name)), receive_maximum_(receive_maximum), shard_(shard) {}

    void connect_again() {
        if (script_) script_->lose_connection();
        script_.emplace(world_->client(name_, v5, shard_));
        script_->receive(staying(name_).receive_maximum(receive_maximum_));
        unread_.clear();
    }
    void forget_connection() { script_.reset(); }
    [[nodiscard]] bool is_connected() const { return script_ && script_->is_open(); }
    ConnectionScript& script() { return *script_; }

    /// The next packet that the client has not looked at.
    std::optional<Seen> next() {
        if (!is_connected()) return std::nullopt;
        for (const std::string& text : script_->take_sent()) unread_.push_back(text);
        if (unread_.empty()) return std::nullopt;
        Seen seen{unread_.front()};
        unread_.pop_front();
        return seen;
    }

protected:
    CrashableWorld& world_;
    const std::string name_;
    const std::uint16_t receive_maximum_;
    const std::size_t shard_;
    std::optional<ConnectionScript> script_;
    std::deque<std::string> unread_;
};

class Reader : public Client {
public:
    using Client::Client;

    /// Handles one packet; false: there is none.
    bool step() {
        const auto seen = next();
        if (!seen) return false;
        if (seen->name == "PUBLISH" && seen->is_qos_2) {
            if (unreleased_.insert(seen->packet_id).second) delivered.push_back(seen->payload);
            script().receive(pubrec(seen->packet_id));
        } else if (seen->name == "PUBLISH") {
            delivered.push_back(seen->payload);
            script().receive(puback(seen->packet_id));
        } else if (seen->name == "PUBREL") {
            unreleased_.erase(seen->packet_id);
            script().receive(pubcomp(seen->packet_id));
        }
        return true;
    }

    std::vector<std::string> delivered;

private:
    std::set<PacketId> unreleased_;  ///< received with QoS 2, not released
};

class Writer : public Client {
public:
    using Client::Client;

    [[nodiscard]] std::size_t unfinished() const { return open_.size(); }
    void publish_new(bool is_qos_2, bool is_retained) {
        const auto packet_id = static_cast<PacketId>(1 + published % 60'000);
        ++published;
        open_.push_back({packet_id, (is_qos_2 ? "b" : "a") + std::to_string(published), is_qos_2,
                         is_retained, false});
        send(open_.back(), false);
    }
    void resume() {
        connect_again();
        for (const Open& open : open_) send(open, true);
    }
    bool step() {
        const auto seen = next();
        if (!seen) return false;
        const auto open = std::find_if(open_.begin(), open_.end(), [&](const Open& each) {
            return each.packet_id == seen->packet_id;
        });
        if (seen->name == "PUBACK" || seen->name == "PUBCOMP") {
            if (open != open_.end()) open_.erase(open);
        } else if (seen->name == "PUBREC" && open != open_.end()) {
            open->is_received = true;
            send(*open, false);
        }
        return true;
    }

    std::size_t published = 0;

private:
    struct Open {
        PacketId packet_id;
        std::string payload;
        bool is_qos_2;
        bool is_retained;
        bool is_received;
    };
    void send(const Open& open, bool is_again) {
        if (!is_connected()) return;
        if (open.is_received) {
            script().receive(pubrel(open.packet_id));
            return;
        }
        auto packet = publish("t", open.payload);
        if (open.is_qos_2) {
            packet.qos2(open.packet_id);
        } else {
            packet.qos1(open.packet_id);
        }
        if (open.is_retained) packet.retain();
        if (is_again) packet.dup();
        script().receive(packet);
    }
    std::deque<Open> open_;
};

class Walk {
public:
    explicit Walk(unsigned seed) : random_(seed) {
        reader_.connect_again();
        reader_.script().receive(subscribe("t", 2));
        writer_.connect_again();
    }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) step();
        heal();
        check();
    }

private:
    [[nodiscard]] unsigned below(unsigned limit) {
        return std::uniform_int_distribution<unsigned>{0, limit - 1}(random_);
    }

    void step() {
        const unsigned choice = below(100);
        if (choice < 25) {
            if (writer_.is_connected() && writer_.unfinished() < 20) {
                writer_.publish_new(below(2) == 0, below(8) == 0);
            }
        } else if (choice < 45) {
            reader_.step();
        } else if (choice < 60) {
            writer_.step();
        } else if (choice < 75) {
            static_cast<void>(world_->complete_one_commit(below(2)));
        } else if (choice < 79) {
            world_->make_store_slow();
        } else if (choice < 82) {
            world_->complete_commits();
        } else if (choice < 86) {
            if (reader_.is_connected()) reader_.script().lose_connection();
        } else if (choice < 91) {
            reader_.connect_again();
        } else if (choice < 95) {
            writer_.resume();
        } else if (choice < 97) {
            crash();
        } else if (choice < 98) {
            burst();
        }
    }
    /// More than memory's part of a queue.
    void burst() {
        if (reader_.is_connected()) reader_.script().lose_connection();
        for (int i = 0; i < 150 && writer_.is_connected(); ++i) {
            writer_.publish_new(below(2) == 0, false);
            while (writer_.step()) {}
        }
    }
    void crash() {
        LoggedStore& store = world_.store();
        const auto lost = below(static_cast<unsigned>(store.begun() - store.told()) + 1);
        reader_.forget_connection();
        writer_.forget_connection();
        world_.crash_and_restart(store.begun() - lost);
        if (below(2) == 0) world_->make_store_slow();
        if (below(3) != 0) reader_.connect_again();
        if (below(3) != 0) writer_.resume();
    }
    void heal() {
        world_->complete_commits();
        writer_.resume();
        reader_.connect_again();
        for (bool has_more = true; has_more;) {
            has_more = writer_.step();
            has_more |= reader_.step();
        }
        BOOST_REQUIRE_EQUAL(writer_.unfinished(), 0U);
        BOOST_TEST(world_->totals().stored_messages == 0U);
    }
    void check() {
        std::map<std::string, std::size_t> times;
        std::vector<std::size_t> first_times;
        for (const std::string& payload : reader_.delivered) {
            if (++times[payload] == 1) first_times.push_back(std::stoul(payload.substr(1)));
        }
        BOOST_REQUIRE_EQUAL(times.size(), writer_.published);
        for (const auto& [payload, count] : times) {
            BOOST_TEST((payload[0] == 'a' || count == 1), payload << " came " << count << " times");
        }
        BOOST_TEST(std::is_sorted(first_times.begin(), first_times.end()));
    }

    std::mt19937 random_;
    CrashableWorld world_{{}, 2};
    Reader reader_{world_, "reader", 5, 0};
    Writer writer_{world_, "writer", 100, 1};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(restart_model)

BOOST_AUTO_TEST_CASE(nothing_acknowledged_is_lost_or_delivered_twice_over_crashes) {
    for (unsigned seed = 1; seed <= seeds; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) { Walk{seed}.run(800); }
    }
}

BOOST_AUTO_TEST_SUITE_END()
