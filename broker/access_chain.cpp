#include "access_chain.hpp"

#include "access/joined_rights.hpp"
#include "base/error.hpp"
#include "device_login.hpp"
#include "scram_login.hpp"

#include <memory>
#include <optional>
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

std::string text_of(const ListenerConfig& listener) {
    if (!listener.path.empty()) return listener.path;
    const auto address = parse_address(listener.address, listener.port);
    CHECK(address.has_value());
    return address->to_string();
}

bool looks_like_a_device(std::string_view client_id, std::optional<std::string_view> user_name) {
    const auto parts = parse_device_client_id(client_id);
    return parts && user_name == parts->device_id;
}

Verdict reserved_client_identifier() {
    return refusal(CloseReason::client_identifier_not_valid,
                   "a Client Identifier that begins with U+0001 is reserved");
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
                         const Config& config, LoginService* service)
    : devices_(devices), access_(access), config_(config), service_(service) {}

const ListenerConfig& AccessChain::listener_of(const Credentials& credentials) const {
    CHECK(credentials.listener < config_.mqtt_listeners.size());
    return config_.mqtt_listeners[credentials.listener];
}

Who AccessChain::who_is(const Credentials& credentials) const {
    Who who{.client_id = std::string{credentials.client_id},
            .port = listener_of(credentials).port};
    if (credentials.tls != nullptr) who.certificate_name = credentials.tls->common_name;
    return who;
}

void AccessChain::authenticate(const Credentials& credentials, Turn& turn,
                               std::function<void(Verdict)> done) {
    const ListenerConfig& listener = listener_of(credentials);
    Who who = who_is(credentials);
    std::string identity = identity_of(credentials.tls, listener);
    const bool is_tokens_matter = access_.has_tokens() && credentials.password &&
                                  access::looks_like_token(as_text(*credentials.password));
    const bool is_services_matter =
        service_ != nullptr && listener.http_login && !is_known_user(credentials);
    const bool is_users_matter = access_.has_users() && credentials.user_name;
    const bool is_platforms_matter =
        looks_like_a_device(credentials.client_id, credentials.user_name) ||
        (credentials.user_name && !is_users_matter && !is_tokens_matter && !is_services_matter &&
         identity.empty());
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
        return done(reserved_client_identifier());
    }
    if (!identity.empty()) {
        who.user_name = std::move(identity);
        return done(admit(std::move(who)));
    }
    if (is_tokens_matter) return done(judge_token(credentials, std::move(who), turn));
    if (is_services_matter) {
        return ask_service(credentials, std::move(who), turn, std::move(done));
    }
    if (is_users_matter) {
        return judge_password(credentials, std::move(who), turn, std::move(done));
    }
    if (credentials.password && (access_.has_users() || access_.has_tokens())) {
        return done(refusal(CloseReason::bad_credentials, "a password without a user name"));
    }
    done(judge_nobody(listener, std::move(who)));
}

Verdict AccessChain::judge_nobody(const ListenerConfig& listener, Who who) const {
    if (lets_anonymous_in(listener, config_)) return admit(std::move(who));
    return refusal(CloseReason::not_authorized,
                   "the client has no user name, and the listener lets nobody in without");
}

bool AccessChain::is_known_user(const Credentials& credentials) const {
    return access_.has_users() && credentials.user_name &&
           access_.users()->find(*credentials.user_name) != nullptr;
}

void AccessChain::ask_service(const Credentials& credentials, Who who, Turn& turn,
                              std::function<void(Verdict)> done) {
    CHECK(turn.executor != nullptr);
    const ListenerConfig& listener = listener_of(credentials);
    const bool shows_something = credentials.user_name || credentials.password;
    if (credentials.user_name) who.user_name = *credentials.user_name;
    // A shard's turn outlives its connections.
    service_->ask(credentials, text_of(listener), *turn.executor,
                  [this, who = std::move(who), shows_something, &listener, &turn,
                   done = std::move(done)](const ServiceAnswer& answer) {
                      if (answer.result != ServiceAnswer::Result::ignore) {
                          return done(judge_answer(answer, who, turn.now));
                      }
                      if (!shows_something) return done(judge_nobody(listener, who));
                      done(refusal(CloseReason::bad_credentials,
                                   "neither the files nor the service of http_login_url know it"));
                  });
}

Verdict AccessChain::judge_answer(const ServiceAnswer& answer, Who who, Instant now) const {
    switch (answer.result) {
        case ServiceAnswer::Result::allow: break;
        case ServiceAnswer::Result::deny:
            return refusal(CloseReason::bad_credentials, answer.detail);
        case ServiceAnswer::Result::ignore:
        case ServiceAnswer::Result::unavailable:
            return refusal(CloseReason::authenticator_unavailable, answer.detail);
    }
    if (answer.valid_until <= now) {
        return refusal(CloseReason::token_expired,
                       "the service of http_login_url lets it in until an instant that has passed");
    }
    Verdict verdict = admit(std::move(who), answer.rules);
    verdict.principal.valid_until = answer.valid_until;
    return verdict;
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

session::AuthenticationExchangePtr AccessChain::begin_exchange(std::string_view method,
                                                               const Credentials& credentials) {
    const bool is_named_by_tls =
        !identity_of(credentials.tls, listener_of(credentials)).empty();
    const bool is_offered = method == access::scram_method && access_.has_users() &&
                            !is_named_by_tls &&
                            !looks_like_a_device(credentials.client_id, credentials.user_name);
    if (!is_offered) return nullptr;
    const auto admit_user = [this, who = who_is(credentials)](const std::string& user_name) {
        if (who.client_id.starts_with(reserved_first)) return reserved_client_identifier();
        if (looks_like_a_device(who.client_id, user_name)) {
            return refusal(CloseReason::bad_authentication_method,
                           "devices log in by their secret or certificate alone");
        }
        Who user = who;
        user.user_name = user_name;
        return admit(std::move(user));
    };
    std::optional<std::string> named;
    if (credentials.user_name) named = std::string{*credentials.user_name};
    return std::make_unique<ScramLogin>(access_, std::move(named), admit_user);
}

Verdict AccessChain::judge_token(const Credentials& credentials, Who who, const Turn& turn) const {
    auto judged = access_.check_token(as_text(*credentials.password), credentials.client_id,
                                      credentials.user_name);
    if (!judged) {
        return refusal(
            judged.error().has_expired ? CloseReason::token_expired : CloseReason::bad_credentials,
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
