#include "sim/delivery_model.hpp"

#include <algorithm>

namespace sim {

using namespace holdfast;

DeliveryModel::Message* DeliveryModel::find(const std::string& id) {
    const auto found = std::ranges::find(messages_, id, &Message::id);
    return found == messages_.end() ? nullptr : &*found;
}

void DeliveryModel::attach(std::size_t session) {
    end_only_now(session);
    attached_ = session;
    for (Message& message : messages_) {
        if (message.state == State::in_flight && message.session != session) {
            message.state = State::waiting;
        }
    }
}

void DeliveryModel::detach() {
    if (attached_) end_only_now(*attached_);
    attached_.reset();
}

/// What has ttl 0 ends with the connection that has it.
void DeliveryModel::end_only_now(std::size_t session) {
    for (Message& message : messages_) {
        const bool is_there = message.state == State::in_flight && message.session == session;
        if (is_there && message.is_only_now) message.state = State::failed;
    }
}

void DeliveryModel::end(std::size_t session) {
    if (attached_ == session) attached_.reset();
    for (Message& message : messages_) {
        if (message.state == State::in_flight && message.session == session) {
            message.state = State::waiting;
        }
    }
}

void DeliveryModel::acknowledge(const std::string& id, bool is_refusal) {
    Message& message = *find(id);
    if (message.state != State::in_flight && message.state != State::waiting) return;
    message.state = is_refusal ? State::refused : State::delivered;
}

void DeliveryModel::pass_time(Instant now) {
    for (Message& message : messages_) {
        const bool is_open = message.state == State::waiting || message.state == State::in_flight;
        if (is_open && !message.is_only_now && message.expires_at <= now) {
            message.state = State::expired;
        }
    }
}

void DeliveryModel::restart() {
    bool has_later_sent = attached_.has_value();
    for (auto message = messages_.rbegin(); message != messages_.rend(); ++message) {
        if (message->state == State::in_flight) message->state = State::waiting;
        if (message->state != State::waiting) continue;
        message->may_have_dup |= has_later_sent;
        has_later_sent |= message->was_sent;
    }
    attached_.reset();
}

void DeliveryModel::forget(const std::string& id) {
    std::erase_if(messages_, [&id](const Message& message) { return message.id == id; });
}

std::string DeliveryModel::receive(std::size_t session, std::string token, Instant now) {
    const bool is_qos_0 = token.ends_with("/0");
    if (is_qos_0) token.resize(token.size() - 2);
    const bool has_dup = token.ends_with("*");
    if (has_dup) token.pop_back();
    Message* const message = find(token);
    if (message == nullptr) return token + " was never accepted";
    if (message->state == State::in_flight) {  // the session sends it again
        if (message->session != session) return token + " is with another session";
        return has_dup ? "" : token + " is repeated without DUP";
    }
    if (message->state != State::waiting) {
        return token + " had ended as " + std::to_string(static_cast<int>(message->state));
    }
    if (!message->is_only_now && message->expires_at <= now) return token + " had expired";
    if (!can_be_sent(*message)) return token + " is not subscribed";
    for (const Message& earlier : messages_) {
        if (&earlier == message) break;
        const bool is_passed_over = earlier.state == State::waiting && !earlier.is_only_now &&
                                    can_be_sent(earlier) && earlier.expires_at > now;
        if (is_passed_over) return token + " overtook " + earlier.id;
    }
    if (message->is_only_now && message->was_sent) return token + " has ttl 0 and comes again";
    const bool is_user_qos_0 = message->is_user_topic && user_qos == QoS::at_most_once;
    if (is_qos_0 != is_user_qos_0) return token + " has the wrong QoS";
    if (is_qos_0) {
        message->state = State::delivered;
        return has_dup ? token + " has DUP at QoS 0" : "";
    }
    if (message->was_sent && !has_dup) return token + " comes again without DUP";
    if (has_dup && !message->was_sent && !message->may_have_dup) return token + " has DUP at first";
    message->state = State::in_flight;
    message->session = session;
    message->was_sent = true;
    return "";
}

std::optional<std::string> DeliveryModel::owed() const {
    if (!attached_) return std::nullopt;
    for (const Message& message : messages_) {
        const bool is_owed =
            message.state == State::waiting && !message.is_only_now && can_be_sent(message);
        if (is_owed) return message.id;
    }
    return std::nullopt;
}

bool DeliveryModel::is_legal(const Message& message, const std::string& status) const {
    const bool is_open = message.state == State::waiting || message.state == State::in_flight;
    if (message.is_only_now && is_open && status == "FAILED") return true;
    switch (message.state) {
        case State::waiting:
        case State::in_flight: return status == "PENDING";
        case State::delivered: return status == "DELIVERED";
        case State::failed:
        case State::refused: return status == "FAILED";
        case State::expired: return status == "TIMEOUT";
        case State::cancelled: return status == "none";
    }
    return false;
}

std::vector<std::string> DeliveryModel::in_flight(std::size_t session) const {
    std::vector<std::string> ids;
    for (const Message& message : messages_) {
        if (message.state == State::in_flight && message.session == session) {
            ids.push_back(message.id);
        }
    }
    return ids;
}

}  // namespace sim
