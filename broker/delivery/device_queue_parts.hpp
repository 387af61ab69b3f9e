#pragma once
// What a DeviceQueue is made of: the values in its tables, apart from WaitingMessages. No behaviour, no
// locks; each belongs to one queue and is guarded by its mutex.

#include "delivery/delivery.hpp"
#include "delivery/device_mark.hpp"
#include "delivery/effects.hpp"
#include "delivery/records_reader.hpp"
#include "delivery/waiting_messages.hpp"

#include <boost/container/small_vector.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::delivery {

[[nodiscard]] constexpr store::Position before_position(store::Position position) {
    return store::Position{static_cast<std::uint64_t>(position) - 1};
}
[[nodiscard]] constexpr store::Position after_position(store::Position position) {
    return store::Position{static_cast<std::uint64_t>(position) + 1};
}
[[nodiscard]] constexpr std::uint32_t seconds_of(WallTime time) {
    return static_cast<std::uint32_t>(std::chrono::floor<Seconds>(time.time_since_epoch()).count());
}

/// A post on its way through accept().
struct Post {
    DeviceMessage message;
    std::function<void(AcceptOutcome)> done;
    Turn* turn;
    std::vector<store::Position> told_apart;  ///< other identifiers with the same hash
    AcceptOutcome outcome;                    ///< once it is to be answered
};
using PostPtr = std::shared_ptr<Post>;

/// A post that is kept and not answered yet.
struct Waiter {
    PostPtr post;
    WallTime accepted_at{};
    WallTime expires_at{};
    Instant answer_by{};
};

/// How its application calls a message.
struct MessageName {
    std::string message_id;  ///< empty: not known
    std::string name{};      ///< empty: it has none
};
[[nodiscard]] inline MessageName name_of(const DeviceMessage& message) {
    return {message.message_id, message.name.value_or(std::string{})};
}

/// A message of the window: read, composed, next to be sent.
struct ReadyMessage {
    store::Position position{};
    MessageName name;
    MessagePtr message;
};

/// What is known of a message only while it is with the session.
struct SentMessage {
    MessageName name;
    Instant sent_at{};
    QoS qos = QoS::at_least_once;
    bool was_perhaps_sent = false;  ///< before this time
};

using ListDone = std::function<void(std::error_code, ListPage)>;
using FindDone = std::function<void(std::error_code, std::optional<MessageView>)>;
using TraceDone = std::function<void(std::error_code, std::optional<std::vector<TraceEvent>>)>;
using RemoveDone = std::function<void(std::error_code)>;
using Resolved = std::function<void(std::error_code, std::optional<FoundRecord>)>;
/// With the queue's lock held.
using NamesLearned = std::function<void(std::error_code, Effects&)>;
using CancelDone = std::function<void(std::error_code, bool)>;

/// A message whose end is decided and not durable yet; others still see it pending.
struct EndingMessage {
    enum class OnFailure : std::uint8_t {
        retry,     ///< it did end: the device has it, or its ttl is over
        put_back,  ///< it goes on waiting
    };
    WaitingMessage entry;
    FinishedMark mark;
    Cause before = Cause::offline;  ///< what it waited for
    MessageName name;               ///< without message_id: not in memory
    OnFailure on_failure = OnFailure::retry;
    bool is_mark_durable = false;
    bool has_failed = false;  ///< its commit has: to be tried again
    struct Canceller {
        Turn* turn;
        CancelDone done;
    };
    std::vector<Canceller> cancellers;  ///< its record goes, too, and they are told
};

struct FinishedMessage {
    store::Position position{};
    FinishedMark mark;
    std::uint32_t id_hash = 0;
};

using Positions = boost::container::small_vector<store::Position, 1>;

/// Changes on their way to the store, and whose they are.
struct QueueCommit {
    store::Batch batch;
    std::optional<store::Position> appended;
    Positions finished;
    RecordedPositions recorded;  ///< StatusRecorder's
};

}  // namespace holdfast::delivery
