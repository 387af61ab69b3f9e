#pragma once
// AccessChain: the Authenticator of the server. Decides, by what a CONNECT shows and the listener it came in
// by, who has to prove what:
//
//   it looks like a device's (Client Identifier and user name)   the platform judges it, and nobody else
//   a certificate names it, and the listener goes by that        it is that user, without a password
//   its password looks like a token, and there are keys          it is whom a right one names, for its time
//   it has a user name of the files                              that user, with its password
//   there is a service to ask, and the listener asks it          whom it lets in; what it ignores goes on:
//   it has none                                                  anonymous, where the listener lets them in
//
// A CONNECT with an Authentication Method is let in by an exchange of that method alone: SCRAM-SHA-256,
// offered to users of the files, not to devices and not to whom a certificate names.
//
// Without files of users and a service any other CONNECT with a user name is the platform's matter, whatever
// it looks like.
// Everybody let in gets rights by the rules, if there are any. Docs: docs/access.md.
// Threads: any shard. Lifetime: everything it was made of outlives it.

#include "access/access.hpp"
#include "access/who.hpp"
#include "config.hpp"
#include "login_service.hpp"
#include "session/authenticator.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace holdfast {

class AccessChain final : public session::Authenticator {
public:
    /// `service`: null where nobody else is asked.
    AccessChain(session::Authenticator& devices, access::Access& access, const Config& config,
                LoginService* service = nullptr);

    void authenticate(const session::Credentials& credentials, Turn& turn,
                      std::function<void(session::Verdict)> done) override;
    void confirm(const session::Principal& device, Turn& turn,
                 std::function<void(bool)> done) override;
    [[nodiscard]] session::AuthenticationExchangePtr begin_exchange(
        std::string_view method, const session::Credentials& credentials) override;

private:
    [[nodiscard]] const ListenerConfig& listener_of(const session::Credentials& credentials) const;
    void judge_password(const session::Credentials& credentials, access::Who who, Turn& turn,
                        std::function<void(session::Verdict)> done);
    void ask_service(const session::Credentials& credentials, access::Who who, Turn& turn,
                     std::function<void(session::Verdict)> done);
    [[nodiscard]] session::Verdict judge_answer(const ServiceAnswer& answer, access::Who who,
                                                Instant now) const;
    [[nodiscard]] session::Verdict judge_nobody(const ListenerConfig& listener,
                                                access::Who who) const;
    [[nodiscard]] bool is_known_user(const session::Credentials& credentials) const;
    [[nodiscard]] session::Verdict judge_token(const session::Credentials& credentials,
                                               access::Who who, const Turn& turn) const;
    [[nodiscard]] access::Who who_is(const session::Credentials& credentials) const;
    [[nodiscard]] session::Verdict admit(access::Who who,
                                         access::TokenRulesPtr token_rules = nullptr) const;

    session::Authenticator& devices_;
    access::Access& access_;
    const Config& config_;
    LoginService* const service_;
};

/// What the certificate makes of the client on that listener; empty: nothing.
[[nodiscard]] std::string identity_of(const session::TlsIdentity* tls,
                                      const ListenerConfig& listener);

}  // namespace holdfast
