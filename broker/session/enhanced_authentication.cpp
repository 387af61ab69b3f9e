#include "session/enhanced_authentication.hpp"

#include "base/error.hpp"
#include "session/guard.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::session {

namespace {

ExchangeStep refusal(CloseReason reason, std::string detail) {
    return {.data = {}, .verdict = Verdict{reason, std::move(detail), {}}};
}

}  // namespace

void EnhancedAuthentication::begin(AuthenticationExchangePtr exchange, Instant until) {
    CHECK(exchange != nullptr && attempt_ == nullptr);
    attempt_ = std::make_unique<Attempt>(
        Attempt{.exchange = std::move(exchange), .until = until, .guarded_name = {}});
}

ExchangeStep EnhancedAuthentication::step(ByteView data, Guard* guard, const PeerAddress& peer,
                                          Turn& turn) {
    CHECK(attempt_ != nullptr);
    ExchangeStep step = attempt_->exchange->step(data);
    if (is_banned(guard, peer, turn.now)) {
        step = refusal(CloseReason::banned, "banned: too many wrong passwords");
    }
    if (!step.verdict) return step;
    const bool is_somebody_else =
        user_name_ && !step.verdict->refusal && step.verdict->principal.user_name != *user_name_;
    if (is_somebody_else) {
        step = refusal(CloseReason::bad_credentials,
                       "re-authentication as another user than " + *user_name_);
    }
    end(*step.verdict, guard, peer, turn);
    if (!step.verdict->refusal) user_name_ = step.verdict->principal.user_name;
    return step;
}

/// Asks the guard once it is known who is meant, and before the client hears anything of it.
bool EnhancedAuthentication::is_banned(Guard* guard, const PeerAddress& peer, Instant now) {
    const std::string_view name = attempt_->exchange->user_name();
    if (guard == nullptr || attempt_->guarded_name || name.empty()) return false;
    if (guard->refuse_login(peer, name, now)) return true;
    attempt_->guarded_name = std::string{name};
    return false;
}

void EnhancedAuthentication::end(const Verdict& verdict, Guard* guard, const PeerAddress& peer,
                                 Turn& turn) {
    const std::unique_ptr<const Attempt> ended = std::move(attempt_);
    if (!ended->guarded_name) return;
    guard->on_login(peer, *ended->guarded_name, outcome_of(verdict), turn);
}

/// Who does not say the last word has not guessed.
void EnhancedAuthentication::abandon(Guard* guard, const PeerAddress& peer, Turn& turn) {
    connect_.reset();
    if (attempt_) end(Verdict{CloseReason::connection_lost, {}, {}}, guard, peer, turn);
}

codec::Frame EnhancedAuthentication::KeptConnect::frame() const {
    return {.first_byte = first_byte, .body = {body.data(), body.size()}, .size = body.size()};
}

void EnhancedAuthentication::keep_connect(const codec::Frame& frame) {
    connect_ = std::make_unique<KeptConnect>();
    connect_->first_byte = frame.first_byte;
    std::ranges::copy(frame.body, extend(connect_->body, frame.body.size()));
}

EnhancedAuthentication::KeptConnect EnhancedAuthentication::take_connect() {
    CHECK(connect_ != nullptr);
    return std::move(*std::exchange(connect_, nullptr));
}

}  // namespace holdfast::session
