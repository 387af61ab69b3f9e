// Answers that wait for the store: what happens when it has what they acknowledge, or has failed.

#include "session/connection.hpp"
#include "session/connection_send.hpp"

#include <algorithm>

namespace holdfast::session {

using codec::ReasonCode;

void Connection::on_committed(const HeldAnswer& answer, bool is_durable, Actions& actions) {
    const bool is_pubrel = answer.if_not_kept == HeldAnswer::IfNotKept::retry_pubrel;
    if (!is_pubrel) --held_answers_;
    if (answer.if_not_kept == HeldAnswer::IfNotKept::refuse_puback) --held_pubacks_;
    if (!is_durable && !is_pubrel) {
        refuse_kept(answer, actions);
        return;
    }
    const auto lock = lock_link();
    if (is_pubrel) session_->on_release_done(*this, answer.packet_id, is_durable);
    if (!is_durable) return;
    if (link_.closed || answer.bytes.empty()) return;
    const ByteBuffer& bytes = answer.bytes;
    std::copy(bytes.begin(), bytes.end(), extend(link_.outbox.buffer(), bytes.size()));
    actions.counters.add(Counter::packets_sent);
    schedule_flush(actions);
}

void Connection::depend_on_record(Actions& actions) {
    actions.held_answers.push_back({.after = actions.commits_begun - 1,
                                    .commit = actions.commits_begun,
                                    .connection = this,
                                    .bytes = {}});
    ++held_answers_;
}

/// What was to be acknowledged is not in the store, so it is not acknowledged.
void Connection::refuse_kept(const HeldAnswer& answer, Actions& actions) {
    constexpr std::string_view cause = "the store could not keep what was sent";
    const bool is_publication = answer.if_not_kept == HeldAnswer::IfNotKept::refuse_puback ||
                                answer.if_not_kept == HeldAnswer::IfNotKept::refuse_pubrec;
    if (is_publication) actions.counters.add(Counter::publish_refused);
    if (answer.if_not_kept == HeldAnswer::IfNotKept::refuse_pubrec) {
        forget_inbound(answer.packet_id, actions);
    }
    if (!is_publication || !link_.is_v5()) {
        // Not acknowledging is the only honest answer that every version understands.
        disconnect_with(ReasonCode::unspecified_error, CloseReason::store_failed, "", cause,
                        actions);
    } else if (answer.if_not_kept == HeldAnswer::IfNotKept::refuse_puback) {
        codec::Puback puback;
        puback.packet_id = answer.packet_id;
        puback.reason = ReasonCode::quota_exceeded;
        puback.reason_string = problem_text(request_problem_information_, cause);
        send(puback, actions);
    } else {
        codec::Pubrec pubrec;
        pubrec.packet_id = answer.packet_id;
        pubrec.reason = ReasonCode::quota_exceeded;
        pubrec.reason_string = problem_text(request_problem_information_, cause);
        send(pubrec, actions);
    }
}

}  // namespace holdfast::session
