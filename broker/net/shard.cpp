#include "net/shard.hpp"

#include "net/tcp_connection.hpp"
#include "session/journal.hpp"

#include <string>
#include <utility>

namespace holdfast::net {

namespace {

constexpr std::size_t read_buffer_bytes = 256 * 1024;
/// Flushing and closing make new work; what is left after so many passes waits for the next turn.
constexpr int passes_per_turn_max = 4;
/// A handshake is about half a millisecond of work, an end 10 to 40 us.
constexpr int handshakes_at_a_time = 4;
constexpr int departures_at_a_time = 16;
/// So many ends are served where they are found; more of them in one turn are a crowd and stand in line.
constexpr int departures_per_turn = 4;

TcpConnection& tcp(session::Connection& connection) {
    return static_cast<TcpConnection&>(connection);
}

}  // namespace

Shard::Shard(ShardIndex index, session::Core& core, Admission& admission, Guard& guard,
             const Clock& clock)
    : index_(index),
      core_(core),
      admission_(admission),
      guard_(guard),
      clock_(clock),
      lag_(core.limits.loop_lag_max),
      context_(1),
      actions_(index, counters_),
      wheel_(clock.now()),
      ready_(context_, readiness_.descriptor()),
      timer_(context_),
      read_buffer_(read_buffer_bytes),
      handshakes_{handshakes_at_a_time},
      departures_{departures_at_a_time} {
    actions_.executor = this;
}

Shard::~Shard() = default;

void Shard::run() {
    turn_began_ = clock_.now();  // what the start took is no lag
    arm_tick();
    wait_ready();
    context_.run();
}

void Shard::wait_ready() {
    ready_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                      [this](const boost::system::error_code& error) {
                          if (!error) serve_ready();
                      });
}

void Shard::serve_ready() {
    const std::uint64_t packets_before = counters_.get(Counter::packets_received);
    const std::uint64_t bytes_before = counters_.get(Counter::bytes_received);
    finish_posted_ = true;  // by this function itself, when everybody has been read
    departures_left_ = departures_per_turn;
    turn_began_ = clock_.now();
    const std::size_t sockets = readiness_.for_each_ready(
        [](const Readiness::Ready& ready) { ready.connection->on_ready(ready.can, ready.has_ended); });
    finish_turn();
    rest(moderation_.after_turn(sockets, counters_.get(Counter::packets_received) - packets_before,
                                counters_.get(Counter::bytes_received) - bytes_before));
    wait_ready();
}

void Shard::hold(TcpConnection& connection) { intrusive_ptr_add_ref(&connection); }

void Shard::let_go(TcpConnection& connection) { gone_.emplace_back(&connection, false); }

session::Actions& Shard::enter() {
    actions_.now = clock_.now();
    return actions_;
}

void Shard::post(std::function<void()> task) {
    boost::asio::post(context_, [this, task = std::move(task)] {
        enter();
        task();
        leave();
    });
}

bool Shard::has_work() const {
    return !actions_.to_flush.empty() || !actions_.to_close.empty() ||
           !actions_.taken_over.empty() || !actions_.drop_notices.empty() || !gone_.empty();
}

void Shard::leave() {
    if (core_.journal != nullptr) core_.journal->flush(actions_);
    if (!has_work() || finish_posted_) return;
    finish_posted_ = true;
    turn_began_ = actions_.now;
    // Behind everything that is ready now: their writes are gathered with these.
    boost::asio::post(context_, [this] { finish_turn(); });
}

void Shard::finish_turn() {
    finish_posted_ = false;
    actions_.now = clock_.now();
    for (int pass = 0; pass < passes_per_turn_max && has_work(); ++pass) {
        flush_dirty();
        pass_on_takeovers();
        close_finished();
        announce_drops();
        gone_.clear();
    }
    lag_.on_turn(clock_.now() - turn_began_);
    leave();
}

void Shard::queue_handshake(boost::intrusive_ptr<TcpConnection> connection) {
    queue(handshakes_, std::move(connection));
}

void Shard::queue_departure(boost::intrusive_ptr<TcpConnection> connection) {
    queue(departures_, std::move(connection));
}

void Shard::queue(Line& line, boost::intrusive_ptr<TcpConnection> connection) {
    line.waiting.push_back(std::move(connection));
    if (line.waiting.size() == 1) boost::asio::post(context_, [this, &line] { serve(line); });
}

void Shard::serve(Line& line) {
    for (int i = 0; i < line.at_a_time && !line.waiting.empty(); ++i) {
        const auto connection = std::move(line.waiting.front());
        line.waiting.pop_front();
        connection->leave_line();
    }
    if (!line.waiting.empty()) boost::asio::post(context_, [this, &line] { serve(line); });
}

void Shard::flush_dirty() {
    flushing_.swap(actions_.to_flush);
    for (const session::ConnectionPtr& connection : flushing_) tcp(*connection).flush(actions_);
    flushing_.clear();
}

void Shard::pass_on_takeovers() {
    for (session::ConnectionPtr& connection : std::exchange(actions_.taken_over, {})) {
        if (connection->shard() == index_) {
            tcp(*connection).read_rest(actions_);
            connection->on_taken_over(actions_);
            continue;
        }
        Shard& owner = *group_[index_of(connection->shard())];
        boost::asio::post(owner.context_, [&owner, taken = std::move(connection)] {
            session::Actions& actions = owner.enter();
            tcp(*taken).read_rest(actions);
            taken->on_taken_over(actions);
            owner.leave();
        });
    }
}

void Shard::close_finished() {
    // Their last words first.
    if (!actions_.to_flush.empty()) return;
    for (const session::ConnectionPtr& connection : std::exchange(actions_.to_close, {})) {
        tcp(*connection).finish_close(actions_);
    }
}

void Shard::announce_drops() {
    for (const session::DropNotice& notice : actions_.drop_notices) {
        const bool is_usual = notice.reason == DropReason::offline_qos_0;
        const Severity severity = is_usual ? Severity::debug : Severity::warning;
        if (!core_.events.wants(severity)) continue;
        core_.events.on_event({.severity = severity,
                               .name = "message_dropped",
                               .client_id = notice.client_id,
                               .reason = to_string(notice.reason),
                               .topic = notice.topic,
                               .count = notice.count});
    }
    actions_.drop_notices.clear();
}

void Shard::release() {
    wheel_.for_each([this](TimerHook& entry) { let_go(static_cast<TcpConnection&>(entry)); });
    gone_.clear();
    actions_.to_flush.clear();
    actions_.to_close.clear();
    actions_.taken_over.clear();
    actions_.held_answers.clear();
    actions_.notes = {};
    actions_.begun_notes.clear();
    flushing_.clear();
    handshakes_.waiting.clear();
    departures_.waiting.clear();
}

// --- Time

void Shard::arm_tick() {
    next_tick_ = clock_.now() + TimerWheel::tick;
    timer_.expires_after(TimerWheel::tick);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) tick();
    });
}

void Shard::tick() {
    session::Actions& actions = enter();
    measure_lag(actions.now);
    consider_patience();
    wheel_.advance(actions.now, [this](TimerHook& entry) { on_due(entry); });
    for (const auto& task : tick_tasks_) task(actions);
    leave();
    const bool is_settled = wheel_.empty() && actions.commits_done == actions.commits_begun;
    if (shutdown_done_ && (is_settled || actions.now >= shutdown_deadline_)) {
        wheel_.for_each([&](TimerHook& entry) {
            static_cast<TcpConnection&>(entry).close_now(CloseReason::server_shutting_down, actions);
        });
        std::exchange(shutdown_done_, nullptr)();
    }
    arm_tick();
}

void Shard::measure_lag(Instant now) {
    if (!lag_.on_tick(now - next_tick_)) return;
    const bool is_over = lag_.pressure() == LoopLag::Pressure::none;
    const Severity severity = is_over ? Severity::info : Severity::warning;
    if (!core_.events.wants(severity)) return;
    const bool is_refused = lag_.pressure() == LoopLag::Pressure::refuse;
    const std::string detail =
        "thread " + std::to_string(index_of(index_)) + " runs " +
        std::to_string(lag_.lag().count()) + " ms late: " +
        (is_over ? "everybody is let in again"
                 : is_refused ? "new connections are refused" : "new connections are let in slowly");
    core_.events.on_event({.severity = severity,
                           .name = is_over ? "server_recovered" : "server_overloaded",
                           .client_id = {},
                           .address = {},
                           .reason = to_string(CloseReason::server_overloaded),
                           .clause = {},
                           .detail = detail,
                           .topic = {}});
}

void Shard::consider_patience() {
    // One thread gains nothing by patience: all that comes while it works waits for it anyway.
    if (group_.size() > 1 && wakeups_.on_tick(core_wait())) set_patient(wakeups_.is_patient());
}

void Shard::on_due(TimerHook& entry) {
    const boost::intrusive_ptr<TcpConnection> connection{&static_cast<TcpConnection&>(entry)};
    connection->on_due(actions_);
}

void Shard::check_certificates() {
    session::Actions& actions = enter();
    wheel_.for_each([&](TimerHook& entry) {
        const boost::intrusive_ptr<TcpConnection> connection{&static_cast<TcpConnection&>(entry)};
        wheel_.schedule(*connection, connection->next_look());
        connection->check_certificate(actions);
    });
    leave();
}

void Shard::begin_shutdown(Instant deadline, std::function<void()> done) {
    shutdown_deadline_ = deadline;
    shutdown_done_ = std::move(done);
    session::Actions& actions = enter();
    wheel_.for_each([&](TimerHook& entry) {
        const boost::intrusive_ptr<TcpConnection> connection{&static_cast<TcpConnection&>(entry)};
        connection->on_shutdown(actions);
        wheel_.schedule(*connection, connection->next_look());
    });
    leave();
}

}  // namespace holdfast::net
