#pragma once
// What the store keeps, and Batch: changes of it that become durable together. Part of store.hpp, which
// is the header to include.
// Threads: a Batch is its owner's; values never change and may be read by any thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast::store {

using Bytes = std::vector<std::byte>;

/// An immutable record, kept by reference until it is written (memory stores: until it goes).
/// Whoever writes may be another thread. One value may stand in many queues, and be written once.
class Value {
public:
    virtual ~Value() = default;
    /// Appends the record to `out`: always the same size() bytes.
    virtual void write_to(Bytes& out) const = 0;
    [[nodiscard]] virtual std::size_t size() const = 0;
};
using ValuePtr = std::shared_ptr<const Value>;

/// A record whose bytes are there already.
class BytesValue final : public Value {
public:
    explicit BytesValue(Bytes bytes) : bytes_(std::move(bytes)) {}
    void write_to(Bytes& out) const override {
        out.insert(out.end(), bytes_.begin(), bytes_.end());
    }
    [[nodiscard]] std::size_t size() const override { return bytes_.size(); }

private:
    const Bytes bytes_;
};

enum class Table : std::uint8_t {
    sessions,       ///< ClientId -> Session State without its queue
    subscriptions,  ///< ClientId, 0, Topic Filter -> options
    inbound_qos2,   ///< ClientId, 0, Packet Identifier in two bytes -> nothing worth reading
    retained,       ///< Topic Name -> message
    count_,
};

/// A session's or device's queue; chosen by the caller, never used again once dropped.
enum class QueueId : std::uint64_t {};

/// Place in a queue; chosen by the caller, from 1 up, each only once, also after a restart. Positions
/// may arrive out of order: two threads that took theirs under a lock commit behind it.
enum class Position : std::uint64_t {};
inline constexpr Position before_first{0};

/// What the caller notes beside a queued record and may change without writing the record again:
/// for a session the Packet Identifier it was sent with, subscription identifier, granted QoS.
enum class Mark : std::uint64_t { none = 0 };

/// Changes that become durable together, applied in their order. Keys are not empty.
class Batch {
public:
    struct Put {
        Table table;
        std::string key;
        ValuePtr value;
    };
    struct Erase {
        Table table;
        std::string key;
    };
    struct Append {
        QueueId queue;
        Position position;
        Mark mark;
        ValuePtr value;
    };
    struct Remark {
        QueueId queue;
        Position position;
        Mark mark;
    };
    struct Settle {  ///< that message is done with
        QueueId queue;
        Position position;
    };
    struct DropQueue {
        QueueId queue;
    };
    using Change = std::variant<Put, Erase, Append, Remark, Settle, DropQueue>;

    void put(Table table, std::string key, ValuePtr value) {
        changes_.emplace_back(Put{table, std::move(key), std::move(value)});
    }
    void erase(Table table, std::string key) {
        changes_.emplace_back(Erase{table, std::move(key)});
    }
    void append(QueueId queue, Position position, ValuePtr value, Mark mark = Mark::none) {
        changes_.emplace_back(Append{queue, position, mark, std::move(value)});
    }
    // To erase, remark, settle or drop what is not there is no error and does nothing. So a settlement
    // must not overtake its append: commit() a message before anybody can acknowledge it.
    void remark(QueueId queue, Position position, Mark mark) {
        changes_.emplace_back(Remark{queue, position, mark});
    }
    void settle(QueueId queue, Position position) {
        changes_.emplace_back(Settle{queue, position});
    }
    void drop_queue(QueueId queue) { changes_.emplace_back(DropQueue{queue}); }

    [[nodiscard]] bool empty() const { return changes_.empty(); }
    [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }
    [[nodiscard]] std::vector<Change> take() { return std::exchange(changes_, {}); }

private:
    std::vector<Change> changes_;
};

}  // namespace holdfast::store
