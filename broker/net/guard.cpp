#include "net/guard.hpp"

#include <string>

namespace holdfast::net {

namespace {

std::string in_mib(std::size_t bytes) { return std::to_string(bytes / (1024 * 1024)) + " MiB"; }

}  // namespace

Guard::Guard(const Limits& limits, std::size_t memory_max, EventSink& events, Instant now)
    : events_(events),
      rate_(limits, now),
      bans_(limits),
      guessed_names_({.times_max = limits.login_failures_per_address_max,
                      .window = limits.login_failures_window,
                      .entries_max = limits.watched_entries_max}),
      flapping_({.times_max = limits.flapping_takeovers_max,
                 .window = limits.flapping_window,
                 .entries_max = limits.watched_entries_max}),
      memory_(memory_max) {}

/// The cheapest questions first.
std::optional<CloseReason> Guard::refusal_of(const PeerAddress& peer, LoopLag::Pressure pressure,
                                             Instant now) {
    if (is_memory_exhausted()) return CloseReason::memory_exhausted;
    if (pressure == LoopLag::Pressure::refuse) return CloseReason::server_overloaded;
    if (bans_.is_banned(peer, now)) return CloseReason::banned;
    if (!rate_.admit(peer, now)) return CloseReason::connection_rate_exceeded;
    return std::nullopt;
}

std::optional<CloseReason> Guard::refuse_login(const PeerAddress& peer, std::string_view name,
                                               Instant now) {
    if (bans_.begin_attempt(peer, name, now)) return std::nullopt;
    return CloseReason::banned;
}

void Guard::on_login(const PeerAddress& peer, std::string_view name, session::LoginOutcome outcome,
                     Turn& turn) {
    if (outcome == session::LoginOutcome::right) return bans_.on_success(peer, name, turn.now);
    if (outcome != session::LoginOutcome::wrong) return bans_.end_attempt(peer, name, turn.now);
    turn.counters.add(Counter::logins_failed);
    const std::uint32_t times = guessed_names_.on_event(name, turn.now);
    if (times != 0) tell_guessed(name, peer, times);
    const std::optional<Ban> ban = bans_.on_failure(peer, name, turn.now);
    if (!ban) return;
    turn.counters.add(Counter::bans_begun);
    tell_ban(*ban, peer, turn.now);
}

/// From one address it would have been banned long ago. Banning it everywhere would lock out its owner.
void Guard::tell_guessed(std::string_view name, const PeerAddress& peer, std::uint32_t times) {
    if (!events_.wants(Severity::warning)) return;
    const std::string address = peer.to_string();
    events_.on_event({.severity = Severity::warning,
                      .name = "name_guessed",
                      .client_id = name,
                      .address = address,
                      .reason = to_string(CloseReason::bad_credentials),
                      .clause = {},
                      .detail = "too many wrong passwords for it, from many addresses or one that is exempt",
                      .topic = {},
                      .count = times});
}

void Guard::tell_ban(const Ban& ban, const PeerAddress& peer, Instant now) {
    if (!events_.wants(Severity::warning)) return;
    const std::string address = peer.to_string();
    const std::string who = ban.name.empty() ? "everybody from there" : "this name from there";
    const std::string detail = who + " for " + std::to_string(seconds_left(now, ban.until)) +
                               " s, after " + std::to_string(ban.failures) +
                               " wrong passwords; ban " + std::to_string(ban.number);
    events_.on_event({.severity = Severity::warning,
                      .name = "ban_begun",
                      .client_id = ban.name,
                      .address = address,
                      .reason = to_string(CloseReason::banned),
                      .clause = {},
                      .detail = detail,
                      .topic = {}});
}

void Guard::on_takeover(std::string_view client_id, const PeerAddress& from, const PeerAddress& by,
                        Turn& turn) {
    const std::uint32_t takeovers = flapping_.on_event(client_id, turn.now);
    if (takeovers == 0) return;
    turn.counters.add(Counter::flapping_client_ids);
    if (!events_.wants(Severity::warning)) return;
    const std::string address = by.to_string();
    const std::string detail = "connections from " + from.to_string() + " and " + address +
                               " take it from each other: is it used twice?";
    events_.on_event({.severity = Severity::warning,
                      .name = "client_id_flapping",
                      .client_id = client_id,
                      .address = address,
                      .reason = to_string(CloseReason::session_taken_over),
                      .clause = {},
                      .detail = detail,
                      .topic = {},
                      .count = takeovers});
}

void Guard::on_memory_measured(std::size_t bytes) {
    if (!memory_.on_measured(bytes)) return;
    const bool is_exhausted = memory_.is_exhausted();
    is_memory_exhausted_.store(is_exhausted, std::memory_order_relaxed);
    const Severity severity = is_exhausted ? Severity::error : Severity::info;
    if (!events_.wants(severity)) return;
    const std::string detail = in_mib(bytes) + " of " + in_mib(memory_.bytes_max()) +
                               (is_exhausted ? " are used: new connections and publications are "
                                               "refused until there is less"
                                             : " are used: everything is taken again");
    events_.on_event({.severity = severity,
                      .name = is_exhausted ? "memory_exhausted" : "memory_recovered",
                      .client_id = {},
                      .address = {},
                      .reason = to_string(CloseReason::memory_exhausted),
                      .clause = {},
                      .detail = detail,
                      .topic = {}});
}

bool Guard::lift_ban(std::uint64_t number, std::string_view who, Instant now) {
    if (!bans_.lift(number, now)) return false;
    const std::string detail = "ban " + std::to_string(number) + " was lifted by " + std::string{who};
    events_.on_event({.severity = Severity::info,
                      .name = "ban_lifted",
                      .client_id = {},
                      .address = {},
                      .reason = to_string(CloseReason::banned),
                      .clause = {},
                      .detail = detail,
                      .topic = {}});
    return true;
}

}  // namespace holdfast::net
