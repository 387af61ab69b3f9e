#include "access_chain.hpp"

#include "access/joined_rights.hpp"
#include "base/error.hpp"
#include "device_login.hpp"

#include <utility>

namespace holdfast {

using access::LoginVerdict;
using access::Who;
using session::Credentials;
using session::Verdict;

namespace {

/// U+0001: what the keys of devices' sessions begin with.
constexpr char reserved_first = '\x01';

Verdict refusal(CloseReason reason, std::string detail) { return {reason, std::move(detail), {}}; }

bool looks_like_a_device(const Credentials& credentials) {
    const auto parts = parse_device_client_id(credentials.client_id);
    return parts && credentials.user_name == parts->device_id;
}

}  // namespace

std::string identity_of(const session::TlsIdentity* tls, const ListenerConfig& listener) {
    if (tls == nullptr) return {};
    if (!tls->psk_identity.empty()) return tls->psk_identity;
    switch (listener.certificate_identity) {
        case net::CertificateIdentity::none: return {};
        case net::CertificateIdentity::common_name: return tls->common_name;
        case net::CertificateIdentity::fingerprint: return tls->fingerprint;
    }
    UNREACHABLE();
}

AccessChain::AccessChain(session::Authenticator& devices, access::Access& access,
                         const Config& config)
    : devices_(devices), access_(access), config_(config) {}

const ListenerConfig& AccessChain::listener_of(const Credentials& credentials) const {
    CHECK(credentials.listener < config_.mqtt_listeners.size());
    return config_.mqtt_listeners[credentials.listener];
}

void AccessChain::authenticate(const Credentials& credentials, Turn& turn,
                               std::function<void(Verdict)> done) {
    const ListenerConfig& listener = listener_of(credentials);
    Who who{.client_id = std::string{credentials.client_id}, .port = listener.port};
    if (credentials.tls != nullptr) who.certificate_name = credentials.tls->common_name;
    std::string identity = identity_of(credentials.tls, listener);
    const bool is_tokens_matter = access_.has_tokens() && credentials.password &&
                                  access::looks_like_token(as_text(*credentials.password));
    const bool is_users_matter = access_.has_users() && credentials.user_name;
    const bool is_platforms_matter =
        looks_like_a_device(credentials) ||
        (credentials.user_name && !is_users_matter && !is_tokens_matter && identity.empty());
    if (is_platforms_matter) {
        const auto add_rights = [this, who = std::move(who),
                                 done = std::move(done)](Verdict verdict) mutable {
            who.device_id = verdict.principal.device_id;
            if (!verdict.refusal) {
                verdict.principal.rights = access::join(access_.rights_of(std::move(who)),
                                                        std::move(verdict.principal.rights));
            }
            done(std::move(verdict));
        };
        return devices_.authenticate(credentials, turn, add_rights);
    }
    if (credentials.client_id.starts_with(reserved_first)) {
        return done(refusal(CloseReason::client_identifier_not_valid,
                            "a Client Identifier that begins with U+0001 is reserved"));
    }
    if (!identity.empty()) {
        who.user_name = std::move(identity);
        return done(admit(std::move(who)));
    }
    if (is_tokens_matter) return done(judge_token(credentials, std::move(who), turn));
    if (is_users_matter) {
        return judge_password(credentials, std::move(who), turn, std::move(done));
    }
    if (credentials.password && (access_.has_users() || access_.has_tokens())) {
        return done(refusal(CloseReason::bad_credentials, "a password without a user name"));
    }
    if (!lets_anonymous_in(listener, config_)) {
        return done(
            refusal(CloseReason::not_authorized,
                    "the client has no user name, and the listener lets nobody in without"));
    }
    done(admit(std::move(who)));
}

void AccessChain::judge_password(const Credentials& credentials, Who who, Turn& turn,
                                 std::function<void(Verdict)> done) {
    if (!credentials.password) {
        return done(refusal(CloseReason::bad_credentials, "a user name without a password"));
    }
    CHECK(turn.executor != nullptr);  // who has users has a place for their answers
    who.user_name = *credentials.user_name;
    access_.check(
        *credentials.user_name, as_text(*credentials.password), *turn.executor,
        [this, who, done = std::move(done)](LoginVerdict verdict) {
            switch (verdict) {
                case LoginVerdict::right: return done(admit(who));
                case LoginVerdict::busy:
                    return done(refusal(CloseReason::too_many_logins,
                                        "too many passwords wait to be checked"));
                case LoginVerdict::wrong: break;
            }
            done(refusal(CloseReason::bad_credentials,
                         "the user " + who.user_name + " is unknown, or the password is wrong"));
        });
}

Verdict AccessChain::judge_token(const Credentials& credentials, Who who, const Turn& turn) const {
    auto judged = access_.check_token(as_text(*credentials.password), credentials.client_id,
                                      credentials.user_name);
    if (!judged) {
        return refusal(judged.error().has_expired ? CloseReason::token_expired
                                                  : CloseReason::bad_credentials,
                       "the token in place of a password: " + judged.error().detail);
    }
    who.user_name = std::move(judged->user_name);
    Verdict verdict = admit(std::move(who), std::move(judged->rules));
    verdict.principal.valid_until = turn.now + judged->valid_for;
    return verdict;
}

Verdict AccessChain::admit(Who who, access::TokenRulesPtr token_rules) const {
    Verdict verdict;
    verdict.principal.user_name = who.user_name;
    verdict.principal.rights = access_.rights_of(std::move(who), std::move(token_rules));
    return verdict;
}

void AccessChain::confirm(const session::Principal& device, Turn& turn,
                          std::function<void(bool)> done) {
    devices_.confirm(device, turn, std::move(done));
}

}  // namespace holdfast
