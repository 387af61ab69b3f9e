#pragma once
// What a shard must do after calling into the core: flush these connections, close those, tell
// these events. One object per shard, its buffers reused from turn to turn.
// Threads: the shard's own. The connections named may belong to other shards (see each list).

#include "base/bytes.hpp"
#include "base/ids.hpp"
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

/// A session's drops since it last announced some, to become one event.
struct DropNotice {
    ClientId client_id;
    DropReason reason;
    std::string topic;  ///< of the message dropped last, empty when it is no longer known
    std::uint64_t count;
};

/// An answer that acknowledges something the store does not have yet.
struct HeldAnswer {
    std::uint64_t commit;  ///< goes out when so many commits of this shard are done
    ConnectionPtr connection;
    ByteBuffer bytes;
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

    /// Commits begun and done on this shard; they are done in the order they were begun.
    std::uint64_t commits_begun = 0;
    std::uint64_t commits_done = 0;
    std::deque<HeldAnswer> held_answers;
    /// Scratch for properties that are passed on.
    ByteBuffer scratch;
};

}  // namespace holdfast::session
