#pragma once
// Shard: one thread with its event loop and its connections. Calls the core and performs the Actions
// it leaves, at the end of each turn of the loop: one gathered write for every connection that became
// dirty, whichever shard owns it; what only an owner may do is posted to it.
// Threads: all members run on the shard's thread unless they say otherwise.

#include "base/environment.hpp"
#include "net/admission.hpp"
#include "net/guard.hpp"
#include "net/loop_lag.hpp"
#include "net/moderation.hpp"
#include "net/readiness.hpp"
#include "net/timer_wheel.hpp"
#include "net/wakeups.hpp"
#include "session/action.hpp"
#include "session/core.hpp"
#include "session/registry.hpp"
#include "store/store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace holdfast::net {

class TcpConnection;

class Shard : private store::Executor {
public:
    Shard(ShardIndex index, session::Core& core, Admission& admission, Guard& guard,
          const Clock& clock);
    ~Shard() override;
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    /// The others, to post to; set once before run().
    void set_group(std::span<const std::unique_ptr<Shard>> group) {
        group_ = group;
        moderation_.set_loops(group.size());
    }
    /// Called every TimerWheel::tick on this shard, e.g. for the registry's deadlines.
    void on_tick(std::function<void(session::Actions&)> task) { tick_tasks_.push_back(std::move(task)); }

    [[nodiscard]] boost::asio::io_context& context() { return context_; }
    /// Where the answers of store, catalogue and delivery to this shard's calls run.
    [[nodiscard]] store::Executor& executor() { return *this; }
    [[nodiscard]] const Counters& counters() const { return counters_; }  ///< any thread
    [[nodiscard]] ShardIndex index() const { return index_; }
    [[nodiscard]] session::Core& core() { return core_; }
    [[nodiscard]] Admission& admission() { return admission_; }
    [[nodiscard]] Guard& guard() { return guard_; }
    [[nodiscard]] const LoopLag& lag() const { return lag_; }  ///< any thread
    [[nodiscard]] TimerWheel& wheel() { return wheel_; }
    [[nodiscard]] Readiness& readiness() { return readiness_; }
    /// The shard holds the connection until let_go(), and to the end of that turn.
    void hold(TcpConnection& connection);
    void let_go(TcpConnection& connection);
    /// The connection is to go on with its handshake, when others have had their turn.
    void queue_handshake(boost::intrusive_ptr<TcpConnection> connection);
    /// One more client that left may be served in this turn; the rest is to stand in line.
    [[nodiscard]] bool take_departure() { return departures_left_-- > 0; }
    /// The connection is to be read to its end, when others have had their turn.
    void queue_departure(boost::intrusive_ptr<TcpConnection> connection);
    /// So many are in line that new ones may wait in the backlog, where they cost nothing.
    [[nodiscard]] bool has_long_line() const { return handshakes_.waiting.size() >= handshakes_in_line_many; }
    /// So many have begun, each with tens of kilobytes, that new ones come in slowly; but they come in:
    /// whoever begins and does not go on must not keep others out.
    [[nodiscard]] bool has_many_handshakes() const { return unfinished_handshakes_ >= handshakes_many; }
    void count_handshakes(int change) { unfinished_handshakes_ += change; }
    /// Scratch for what is read from any socket of this shard.
    [[nodiscard]] std::span<std::uint8_t> read_buffer() { return read_buffer_; }
    /// Scratch for what a tunnel makes of it.
    [[nodiscard]] ByteBuffer& plain_buffer() { return plain_buffer_; }

    /// The loop; returns after finish_shutdown(). Call it on the shard's thread.
    void run();
    /// Enters the core: the actions with the time of this moment.
    session::Actions& enter();
    /// Leaves the core: what it asked for is done at the end of this turn of the loop.
    void leave();

    /// Closes every connection with DISCONNECT 0x8B; calls done when all are gone or at `deadline`.
    void begin_shutdown(Instant deadline, std::function<void()> done);
    /// The lists of revoked certificates are new: ends the connections of those that are on them.
    void check_certificates();
    /// Any thread: run() returns.
    void stop() { context_.stop(); }
    /// After every shard's run() has returned: lets go of all connections.
    void release();

private:
    /// Connections with work that others must not wait for: a few at a time, in turn with everybody who is
    /// ready, however many there are.
    struct Line {
        int at_a_time;
        std::deque<boost::intrusive_ptr<TcpConnection>> waiting{};
    };
    static constexpr std::size_t handshakes_in_line_many = 64;
    static constexpr int handshakes_many = 256;
    /// Any thread: the store's completions come back to this shard.
    void post(std::function<void()> task) override;
    [[nodiscard]] bool has_work() const;
    void wait_ready();
    void serve_ready();
    void finish_turn();
    void queue(Line& line, boost::intrusive_ptr<TcpConnection> connection);
    void serve(Line& line);
    void flush_dirty();
    void close_finished();
    void pass_on_takeovers();
    void announce_drops();
    void arm_tick();
    void tick();
    void measure_lag(Instant now);
    void consider_patience();
    void on_due(TimerHook& entry);

    const ShardIndex index_;
    session::Core& core_;
    Admission& admission_;
    Guard& guard_;
    const Clock& clock_;
    LoopLag lag_;
    Wakeups wakeups_;
    Moderation moderation_;
    Instant next_tick_ = never;
    Instant turn_began_ = never;  ///< never: nothing waits for the end of a turn
    Counters counters_;
    boost::asio::io_context context_;
    session::Actions actions_;
    TimerWheel wheel_;
    Readiness readiness_;
    boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> ready_;
    boost::asio::steady_timer timer_;
    std::vector<std::uint8_t> read_buffer_;
    ByteBuffer plain_buffer_;
    std::span<const std::unique_ptr<Shard>> group_;
    std::vector<std::function<void(session::Actions&)>> tick_tasks_;
    std::vector<session::ConnectionPtr> flushing_;
    std::vector<session::ConnectionPtr> gone_;  ///< until the turn ends
    Line handshakes_;
    Line departures_;
    int departures_left_ = 0;  ///< of this turn
    int unfinished_handshakes_ = 0;
    std::function<void()> shutdown_done_;
    Instant shutdown_deadline_ = never;
    bool finish_posted_ = false;
};

}  // namespace holdfast::net
