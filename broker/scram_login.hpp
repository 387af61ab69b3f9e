#pragma once
// ScramLogin: how a user of the files proves by SCRAM-SHA-256 who it is, for one CONNECT or one
// re-authentication. Who is unknown, or has no verifier, is asked as everybody else is and fails with the
// proof. Costs a few HMACs: on the shard. Threads: its connection's shard. Lifetime: Access outlives it.

#include "access/access.hpp"
#include "access/scram_server.hpp"
#include "session/authenticator.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

class ScramLogin final : public session::AuthenticationExchange {
public:
    /// `named`: the user name of CONNECT, or of before, which must be the same; empty: there is none.
    /// `admit` gives the verdict about a user who has proved to be it.
    ScramLogin(access::Access& access, std::optional<std::string> named,
               std::function<session::Verdict(const std::string& user_name)> admit);

    [[nodiscard]] session::ExchangeStep step(ByteView data) override;
    [[nodiscard]] std::string_view user_name() const override { return scram_.user_name(); }

private:
    [[nodiscard]] session::ExchangeStep on_first(std::string_view message);
    [[nodiscard]] session::ExchangeStep on_final(std::string_view message);
    [[nodiscard]] std::string refusal_text() const;

    access::Access& access_;
    const std::optional<std::string> named_;
    const std::function<session::Verdict(const std::string&)> admit_;
    access::ScramServer scram_;
    std::optional<access::ScramUser> user_;  ///< empty: the first message has not come
};

}  // namespace holdfast
