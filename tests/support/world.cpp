#include "support/world.hpp"

#include "session/restore.hpp"
#include "store/memory_store.hpp"

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace test_support {

using namespace holdfast;

namespace {

constexpr std::size_t swept_per_tick = 2'000;
/// A deadline that is met and stays due would be met for ever.
constexpr int stops_max = 100'000;

bool is_stored_replay() {
    const auto& suite = boost::unit_test::framework::master_test_suite();
    return std::any_of(suite.argv, suite.argv + suite.argc, [](const char* argument) {
        return std::string_view{argument} == "stored";
    });
}

ScriptedConnection& scripted(session::Connection& connection) {
    return static_cast<ScriptedConnection&>(connection);
}

}  // namespace

void EventRecorder::on_event(const Event& event) {
    events.push_back({event.severity, std::string{event.name}, std::string{event.client_id},
                      std::string{event.reason}, std::string{event.clause},
                      std::string{event.detail}, std::string{event.topic}, event.count});
}

RecordedEvent EventRecorder::last(std::string_view name) const {
    const auto found = std::find_if(events.rbegin(), events.rend(),
                                    [&](const RecordedEvent& event) { return event.name == name; });
    return found == events.rend() ? RecordedEvent{} : *found;
}

void CountingRandom::fill(std::span<std::uint8_t> bytes) {
    ++state_;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(i < 8 ? state_ >> (8 * i) : 0);
    }
}

World::World(const Limits& the_limits, std::size_t shards, std::string response_information_prefix,
             store::Store* store)
    : limits(the_limits),
      own_store_(store == nullptr && is_stored_replay() ? new store::MemoryStore : nullptr),
      store_(store == nullptr ? own_store_.get() : store),
      journal_(store_ == nullptr ? nullptr : std::make_unique<session::Journal>(*store_, clock_)),
      router_(limits, shards, journal_.get()),
      registry_(limits, router_, journal_.get()),
      core_{.limits = limits,
            .router = router_,
            .registry = registry_,
            .random = random_,
            .events = events,
            .response_information_prefix = std::move(response_information_prefix),
            .journal = journal_.get()} {
    for (std::size_t i = 0; i < shards; ++i) {
        shards_.push_back(std::make_unique<Shard>(static_cast<ShardIndex>(i)));
    }
}

World::~World() {
    if (has_crashed_) {
        // Nothing comes of it, but connections and their sessions hold each other.
        for (const ScriptedPtr& connection : connections_) {
            connection->close_now(CloseReason::connection_lost, enter(connection->shard()));
        }
        return;
    }
    release();
    complete_commits();
    check_accounting();
    for (const ScriptedPtr& connection : connections_) {
        connection->close_now(CloseReason::server_shutting_down, enter(connection->shard()));
    }
    finish_turn();
    check_accounting();
}

// --- Clients

ConnectionScript World::open(std::string name, codec::ProtocolVersion version, std::size_t shard,
                             std::optional<CloseReason> refusal) {
    const PeerAddress peer{.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1},
                           .port = static_cast<std::uint16_t>(50'000 + connections_.size())};
    connections_.emplace_back(new ScriptedConnection(core_, static_cast<ShardIndex>(shard), peer,
                                                     now, refusal, version));
    return ConnectionScript{*this, connections_.back(), std::move(name)};
}

ConnectionScript World::client(std::string name, codec::ProtocolVersion version,
                               std::size_t shard) {
    return open(std::move(name), version, shard, std::nullopt);
}

ConnectionScript World::refused_client(CloseReason refusal, codec::ProtocolVersion version) {
    return open("refused", version, 0, refusal);
}

ConnectionScript World::connected(const ConnectPacket& packet, codec::ProtocolVersion version,
                                  std::size_t shard) {
    ConnectionScript script = open("connected", version, shard, std::nullopt);
    script.receive(packet);
    const std::vector<std::string> sent = script.take_sent();
    BOOST_REQUIRE_MESSAGE(!sent.empty() && sent.front().starts_with("CONNACK") &&
                              sent.front().find("success") != std::string::npos,
                          "the client could not connect");
    return script;
}

void World::publish(const MessageParts& parts) {
    session::Actions& actions = enter(ShardIndex{0});
    MessageParts stamped = parts;
    stamped.accepted_at = now;
    router_.publish(stamped, actions);
    finish_turn();
}

// --- Turns: as net/shard.cpp has them

session::Actions& World::enter(ShardIndex shard) {
    session::Actions& actions = shards_[index_of(shard)]->actions;
    actions.now = now;
    return actions;
}

void World::release() {
    is_held_ = false;
    finish_turn();
}

bool World::has_work(const Shard& shard) const {
    if (!is_store_slow_ && shard.executor.waiting() > 0) return true;
    const session::Actions& actions = shard.actions;
    if (!actions.changes.empty()) return true;
    return !actions.to_flush.empty() || !actions.to_close.empty() || !actions.taken_over.empty() ||
           !shard.taken_over.empty() || !actions.drop_notices.empty();
}

void World::finish_turn() {
    if (is_held_) return;
    const auto has_any_work = [&] {
        return std::ranges::any_of(shards_, [this](const auto& shard) { return has_work(*shard); });
    };
    while (has_any_work()) {
        for (const auto& shard : shards_) finish_turn(*shard);
    }
}

WallTime World::WorldClock::wall_now() const {
    constexpr std::chrono::sys_days date{std::chrono::year{2030} / 1 / 1};
    return WallTime{date} + world_.now.time_since_epoch();
}

void World::complete_commits() {
    is_store_slow_ = false;
    finish_turn();
}

bool World::complete_one_commit(std::size_t shard) {
    ManualExecutor& executor = shards_[shard]->executor;
    if (executor.waiting() == 0) return false;
    shards_[shard]->actions.now = now;
    executor.run_one();
    finish_turn();
    return true;
}

void World::restore() {
    Shard& shard = *shards_.front();
    shard.actions.now = now;
    session::Restore restore{*store_, shard.executor, clock_,
                             {.router = router_,
                              .registry = registry_,
                              .events = events,
                              .turn = shard.actions}};
    std::optional<std::error_code> result;
    restore.start([&](std::error_code error) { result = error; });
    shard.executor.run_until([&] { return result.has_value(); });
    BOOST_REQUIRE(!*result);
}

void World::finish_turn(Shard& shard) {
    session::Actions& actions = shard.actions;
    actions.now = now;
    if (journal_) journal_->flush(actions);
    while (!is_store_slow_ && shard.executor.waiting() > 0) shard.executor.run_one();
    while (!shard.taken_over.empty()) {
        const session::ConnectionPtr taken = std::move(shard.taken_over.front());
        shard.taken_over.pop_front();
        taken->on_taken_over(actions);
    }
    while (!actions.to_flush.empty() || !actions.to_close.empty() || !actions.taken_over.empty()) {
        for (const auto& connection : std::exchange(actions.to_flush, {})) {
            scripted(*connection).flush(actions);
        }
        for (session::ConnectionPtr& taken : std::exchange(actions.taken_over, {})) {
            if (taken->shard() == actions.shard) {
                taken->on_taken_over(actions);
            } else {
                shards_[index_of(taken->shard())]->taken_over.push_back(std::move(taken));
            }
        }
        if (!actions.to_flush.empty()) continue;  // their last words first
        for (const auto& connection : std::exchange(actions.to_close, {})) {
            BOOST_REQUIRE(connection->shard() == actions.shard);
            scripted(*connection).finish_close(actions);
        }
    }
    announce_drops(shard);
}

void World::announce_drops(Shard& shard) {
    for (const session::DropNotice& notice : std::exchange(shard.actions.drop_notices, {})) {
        events.on_event({.severity = Severity::warning,
                         .name = "message_dropped",
                         .client_id = notice.client_id,
                         .reason = to_string(notice.reason),
                         .topic = notice.topic,
                         .count = notice.count});
    }
}

// --- Time

Instant World::next_deadline() const {
    Instant earliest = registry_.next_deadline();
    for (const ScriptedPtr& connection : connections_) {
        if (connection->is_open()) earliest = std::min(earliest, connection->next_look());
    }
    return earliest;
}

void World::advance(Milliseconds by) {
    const Instant target = now + by;
    for (int stops = 0; next_deadline() <= target; ++stops) {
        BOOST_REQUIRE_MESSAGE(stops < stops_max, "a deadline was met and stayed due");
        now = std::max(now, next_deadline());
        meet_deadlines();
    }
    now = target;
    meet_deadlines();
}

/// One tick of every shard at the present instant.
void World::meet_deadlines() {
    const std::vector<ScriptedPtr> all = connections_;
    for (const ScriptedPtr& connection : all) {
        if (connection->is_open() && connection->next_look() <= now) {
            connection->on_due(enter(connection->shard()));
        }
    }
    session::Actions& actions = enter(ShardIndex{0});
    registry_.on_deadline(actions);
    registry_.sweep(swept_per_tick, actions);
    router_.retained().remove_expired(now, swept_per_tick);
    finish_turn();
}

void World::shut_down() {
    const std::vector<ScriptedPtr> all = connections_;
    for (const ScriptedPtr& connection : all) {
        if (connection->is_open()) connection->on_shutdown(enter(connection->shard()));
    }
    finish_turn();
}

// --- Counting

std::uint64_t World::count(Counter counter) const {
    std::uint64_t sum = 0;
    for (const auto& shard : shards_) sum += shard->counters.get(counter);
    return sum;
}

std::uint64_t World::count(DropReason reason) const {
    std::uint64_t sum = 0;
    for (const auto& shard : shards_) sum += shard->counters.get(reason);
    return sum;
}

std::uint64_t World::count(CloseReason reason) const {
    std::uint64_t sum = 0;
    for (const auto& shard : shards_) sum += shard->counters.get(reason);
    return sum;
}

std::uint64_t World::dropped() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < index_in_list(DropReason::count_); ++i) {
        sum += count(static_cast<DropReason>(i));
    }
    return sum;
}

void World::check_accounting() {
    const session::SessionTotals held = totals();
    std::uint64_t waiting = held.queued_messages + held.inflight_messages;
    for (const ScriptedPtr& connection : connections_) waiting += connection->qos0_unsent();
    const std::uint64_t accepted = count(Counter::messages_accepted);
    const std::uint64_t delivered = count(Counter::messages_delivered);
    const std::uint64_t moved = count(Counter::messages_moved);
    BOOST_CHECK_MESSAGE(accepted == delivered + dropped() + moved + waiting,
                        "accounting: accepted " << accepted << " != delivered " << delivered
                                                << " + dropped " << dropped() << " + moved "
                                                << moved << " + waiting " << waiting);
    if (store_ != nullptr) check_stored();
}

/// Sessions' queues only: nobody else uses the store in a World.
void World::check_stored() {
    const std::size_t stored = store_->total().records;
    std::size_t tables = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(store::Table::count_); ++i) {
        tables += store_->level(static_cast<store::Table>(i)).records;
    }
    const std::size_t known = totals().stored_messages;
    BOOST_CHECK_MESSAGE(stored - tables == known,
                        "the store has " << stored - tables << " messages of sessions, which know "
                                         << known);
}

}  // namespace test_support
