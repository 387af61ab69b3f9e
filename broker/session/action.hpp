#pragma once
// What a shard must do after calling into the core: flush these connections, close those, tell
// these events. One object per shard, its buffers reused from turn to turn.
// Threads: the shard's own. The connections named may belong to other shards (see each list).

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/message.hpp"
#include "base/telemetry.hpp"
#include "base/turn.hpp"
#include "store/store.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace holdfast::session {

class Connection;
using ConnectionPtr = boost::intrusive_ptr<Connection>;
class Session;
using SessionPtr = boost::intrusive_ptr<Session>;

/// A session's drops since it last announced some, to become one event.
struct DropNotice {
    ClientId client_id;
    DropReason reason;
    std::string topic;  ///< of the message dropped last, empty when it is no longer known
    std::uint64_t count;
};

/// A packet that must not be sent before the store has what it acknowledges or promises.
struct HeldAnswer {
    /// What is sent instead when the store cannot keep it.
    enum class IfNotKept : std::uint8_t {
        refuse_puback,  ///< PUBACK 0x97 to a v5 client; others lose the connection
        refuse_pubrec,  ///< PUBREC 0x97, the same
        close,          ///< the connection ends without the packet
        retry_pubrel,   ///< the session tries again; no answer, so it keeps no order with them
    };
    std::uint64_t after;   ///< commits that were begun before the packet that it answers
    std::uint64_t commit;  ///< goes out when so many commits of this shard are done
    ConnectionPtr connection;
    ByteBuffer bytes;
    IfNotKept if_not_kept = IfNotKept::close;
    PacketId packet_id = 0;
};

/// A message in a session's queue whose place in the store is in a batch.
struct QueuedChange {
    enum class Kind : std::uint8_t {
        append,          ///< it may be sent once commit() was called
        durable_append,  ///< QoS 2: it may be sent once it is durable
        rename,          ///< it has another Packet Identifier and may be sent once that is durable
    };
    SessionPtr session;
    store::Position position{};
    Kind kind = Kind::append;
};

/// What must be told about a commit, or done again, when it is done.
struct CommitNotes {
    SessionPtr recorded;  ///< its record is in it
    std::vector<QueuedChange> queued;
    std::vector<store::Batch::Settle> settled;
};

struct Actions : Turn {
    using Turn::Turn;

    /// Have bytes to write. Any shard's: whoever made them dirty flushes them.
    std::vector<ConnectionPtr> to_flush;
    /// Take no more input; close once their outbox is written (or at once when it cannot be).
    /// Own shard only.
    std::vector<ConnectionPtr> to_close;
    /// Lost their session to a newer connection: their shard calls on_taken_over(). Any shard's.
    std::vector<ConnectionPtr> taken_over;
    std::vector<DropNotice> drop_notices;

    /// Commits begun, and changes collected, when the packet that is being handled came.
    std::uint64_t commits_before_packet = 0;
    std::size_t changes_before_packet = 0;

    /// Commits begun and done on this shard; they are done in the order they were begun.
    std::uint64_t commits_begun = 0;
    std::uint64_t commits_done = 0;
    std::deque<HeldAnswer> held_answers;
    std::uint64_t last_failed_commit = 0;  ///< counted like commits_done; 0: none

    /// Changes of sessions' queues that are not committed yet; Journal::flush() does it, at the end of
    /// each publication and of each turn.
    store::Batch changes;
    bool is_publication_open = false;      ///< `changes` has a part of what must be one batch
    CommitNotes notes;                     ///< of `changes`
    std::deque<CommitNotes> begun_notes;   ///< of the commits begun and not done, in order
    /// Settled in commits that failed: once the store works again it is told again.
    std::vector<store::Batch::Settle> unsettled;
    /// The message stored last and its value, which all its receivers share.
    MessagePtr stored_message;
    store::ValuePtr stored_value;
    /// What came by DirectLine and was acknowledged by the packet that is being handled.
    MessagePtr acknowledged_direct;
    /// Scratch for properties that are passed on.
    ByteBuffer scratch;

    /// The commit that will have `changes`, or has had the last of them.
    [[nodiscard]] std::uint64_t commit_of_changes() const {
        return commits_begun + (changes.empty() ? 0 : 1);
    }
};

}  // namespace holdfast::session
