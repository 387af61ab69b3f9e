#pragma once
// DeliveryModel: what must become of the messages of one device, as one list in the order of acceptance, in
// which everything is looked for from the front: slow and obvious. It is told what is done, judges what
// the device receives, and knows which states of a message are legal.

#include "base/ids.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sim {

struct DeviceModelMessage {
    enum class State : unsigned char {
        waiting,
        in_flight,
        delivered,
        refused,
        failed,  ///< for want of a connection
        expired,
        cancelled,
    };
    std::string id;
    bool is_user_topic = false;
    bool is_only_now = false;  ///< ttl 0: may end at any time
    holdfast::Instant expires_at{};
    State state = State::waiting;
    std::size_t session = 0;    ///< with which it is in flight
    bool was_sent = false;      ///< at QoS 1: must have DUP the next time
    bool may_have_dup = false;  ///< a crash left that open
    bool is_certain = true;     ///< false: its post was not answered when the process ended
};

class DeliveryModel {
public:
    using Message = DeviceModelMessage;
    using State = Message::State;

    void accept(Message message) { messages_.push_back(std::move(message)); }
    void attach(std::size_t session);
    void detach();
    void end(std::size_t session);
    void acknowledge(const std::string& id, bool is_refusal);
    void cancel(const std::string& id) { find(id)->state = State::cancelled; }
    void pass_time(holdfast::Instant now);
    /// The process ended and has started again.
    void restart();
    /// The store did not get it: the post was never answered.
    void forget(const std::string& id);

    /// `token`: the identifier, with `*` for DUP, `/0` for QoS 0. Answers what is wrong, or nothing
    /// when it is legal, and notes it.
    [[nodiscard]] std::string receive(std::size_t session, std::string token,
                                      holdfast::Instant now);
    /// The first message that the device should have by now; empty: none.
    [[nodiscard]] std::optional<std::string> owed() const;
    /// Whether a message may be in that state ("PENDING", ..., "none").
    [[nodiscard]] bool is_legal(const Message& message, const std::string& status) const;

    [[nodiscard]] Message* find(const std::string& id);
    [[nodiscard]] std::vector<Message>& messages() { return messages_; }
    [[nodiscard]] std::vector<std::string> in_flight(std::size_t session) const;

    std::optional<holdfast::QoS> user_qos;  ///< of the subscription to the user topic

private:
    void end_only_now(std::size_t session);
    [[nodiscard]] bool can_be_sent(const Message& message) const {
        return !message.is_user_topic || user_qos.has_value();
    }

    std::vector<Message> messages_;
    std::optional<std::size_t> attached_;
};

}  // namespace sim
