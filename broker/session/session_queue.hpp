#pragma once
// SessionQueue: what waits for a session's client, oldest first. Its front is in memory with bodies; of
// what the store has as well, only `window` stays there, and the rest is a line of 16 bytes each until
// its page is read. So the memory of a client that is away does not grow with what its messages hold.
//
// Three parts, in this order of age: `loaded` (whole messages), then the lines. A line whose message the
// store does not have (QoS 0), or which may be handed to another member of a shared subscription, has
// its message in `kept`, in the order of the lines.
// Units: bytes are ApplicationMessage::footprint(). Threads: the session's mutex. Who counts and settles
// is the session.

#include "base/time.hpp"
#include "session/outbound_message.hpp"

#include <boost/container/deque.hpp>

#include <cstdint>
#include <functional>
#include <optional>

namespace holdfast::session {

struct Waiting {
    OutboundMessage outbound;
    Instant since;  ///< for queue_age_max
};

/// A message that is not in memory.
struct StoredLine {
    /// Never, or not known before it is read.
    static constexpr std::uint32_t no_end = 0xFFFFFFFF;

    store::Position position{};  ///< before_first: only `kept` has it
    std::uint32_t bytes : 29 = 0;
    std::uint32_t is_kept : 1 = 0;
    std::uint32_t is_perhaps_sent : 1 = 0;
    std::uint32_t ends_by_age : 1 = 0;      ///< by queue_age_max, not by its expiry
    std::uint32_t ends_at_seconds = no_end;  ///< of the steady timeline, rounded up
};

class SessionQueue {
public:
    static constexpr std::size_t window_messages_max = 64;
    static constexpr std::size_t window_bytes_max = 256 * 1024;
    /// What is in memory for a client that is away: enough for the few messages that most come back to.
    static constexpr std::size_t away_messages_max = 8;
    static constexpr std::size_t away_bytes_max = 16 * 1024;
    enum class Client : std::uint8_t { connected, away };

    [[nodiscard]] bool empty() const { return loaded_.empty() && lines_.empty(); }
    [[nodiscard]] std::size_t size() const { return loaded_.size() + lines_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    /// Messages in memory.
    [[nodiscard]] std::size_t loaded_count() const { return loaded_.size() + kept_.size(); }

    /// `age_max`: how long it may wait.
    void push_back(Waiting waiting, Seconds age_max, Client client);
    /// One that an earlier process left in the store.
    void push_back_stored(store::Position position, std::size_t bytes, bool is_perhaps_sent);

    /// The oldest message; null: it must be read first, or there is none.
    [[nodiscard]] Waiting* front() { return loaded_.empty() ? nullptr : &loaded_.front(); }
    /// The oldest line. Precondition: not empty(), and no front().
    [[nodiscard]] const StoredLine& front_line() const { return lines_.front(); }
    /// Precondition: front().
    [[nodiscard]] OutboundMessage take_front();

    // --- Reading what is not in memory

    /// Less than half the window is in memory and the store has more.
    [[nodiscard]] bool wants_page() const;
    /// Where the page begins: behind this position. Precondition: wants_page().
    [[nodiscard]] store::Position page_after() const;
    using Lost = std::function<void(const StoredLine&)>;
    /// True: the oldest line is the one of `position`, whose message was read. Lines before it are gone
    /// from the store if they are not behind `through`: they are removed and told as lost.
    [[nodiscard]] bool seek(store::Position position, store::Position through, const Lost& lost);
    /// The oldest line, which seek() found. Its message is loaded next, or the line is gone.
    [[nodiscard]] StoredLine take_line();
    void load(Waiting waiting);

    // --- Removing

    /// The message at that position. Empty: it does not wait.
    struct Removed {
        std::optional<OutboundMessage> outbound;  ///< when it was in memory
        std::size_t bytes = 0;
    };
    [[nodiscard]] std::optional<Removed> remove(store::Position position);
    /// Takes every message in memory for which `is_wanted`, oldest first.
    void take_if(const std::function<bool(const Waiting&)>& is_wanted,
                 const std::function<void(Waiting)>& take);
    /// Removes every line without message in memory for which `is_wanted`.
    void remove_lines_if(const std::function<bool(const StoredLine&)>& is_wanted);

    /// Calls look(position) for what an earlier process perhaps sent.
    template <class Look>
    void for_each_perhaps_sent(Look&& look) const {
        for (const Waiting& waiting : loaded_) {
            if (waiting.outbound.is_perhaps_sent) look(waiting.outbound.position);
        }
        for (const StoredLine& line : lines_) {
            if (line.is_perhaps_sent) look(line.position);
        }
    }
    /// Messages that the store has as well.
    [[nodiscard]] std::size_t stored_count() const;

private:
    [[nodiscard]] bool is_window_full(Client client) const {
        const bool is_away = client == Client::away;
        return loaded_.size() >= (is_away ? away_messages_max : window_messages_max) ||
               loaded_bytes_ >= (is_away ? away_bytes_max : window_bytes_max);
    }
    void add_loaded(Waiting waiting);
    /// Kept messages whose turn it is become loaded ones.
    void advance();

    // These own no memory when empty.
    boost::container::deque<Waiting> loaded_;
    boost::container::deque<StoredLine> lines_;
    boost::container::deque<Waiting> kept_;
    std::size_t bytes_ = 0;         ///< of all
    std::size_t loaded_bytes_ = 0;  ///< of loaded_
};

}  // namespace holdfast::session
