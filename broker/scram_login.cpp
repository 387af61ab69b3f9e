#include "scram_login.hpp"

#include <utility>

namespace holdfast {

using access::ScramFault;
using session::ExchangeStep;
using session::Verdict;

namespace {

ExchangeStep refusal(CloseReason reason, std::string detail) {
    return {.data = {}, .verdict = Verdict{reason, std::move(detail), {}}};
}

/// The message is none that may come there.
ExchangeStep refusal(const ScramFault& fault) {
    return refusal(CloseReason::protocol_error, std::string{fault.detail});
}

}  // namespace

ScramLogin::ScramLogin(access::Access& access, std::optional<std::string> named,
                       std::function<Verdict(const std::string& user_name)> admit)
    : access_(access), named_(std::move(named)), admit_(std::move(admit)) {}

ExchangeStep ScramLogin::step(ByteView data) {
    return user_ ? on_final(as_text(data)) : on_first(as_text(data));
}

ExchangeStep ScramLogin::on_first(std::string_view message) {
    if (const auto read = scram_.on_client_first(message); read.has_error()) {
        return refusal(read.error());
    }
    if (named_ && *named_ != scram_.user_name()) {
        return refusal(CloseReason::bad_credentials,
                       "the SCRAM message is of another user than " + *named_);
    }
    user_ = access_.scram_user(scram_.user_name());
    return {.data = scram_.challenge(user_->verifier, access_.new_scram_nonce()), .verdict = {}};
}

ExchangeStep ScramLogin::on_final(std::string_view message) {
    auto final_message = scram_.on_client_final(message);
    if (!final_message && !final_message.error().is_wrong_proof) {
        return refusal(final_message.error());
    }
    // A reload meanwhile may have taken the user away, or the password.
    const access::ScramUser still = access_.scram_user(scram_.user_name());
    const bool holds = user_->is_user && still.is_user && still.verifier == user_->verifier;
    if (!final_message || !holds) return refusal(CloseReason::bad_credentials, refusal_text());
    ExchangeStep last{.data = {}, .verdict = admit_(scram_.user_name())};
    if (!last.verdict->refusal) last.data = *std::move(final_message);
    return last;
}

/// For the log alone.
std::string ScramLogin::refusal_text() const {
    const std::string who = "the user " + scram_.user_name();
    if (user_->has_password && !user_->is_user) {
        return who + " has no verifier for SCRAM: `holdfast user passwd` writes one";
    }
    return who + " is unknown, or the password is wrong";
}

}  // namespace holdfast
