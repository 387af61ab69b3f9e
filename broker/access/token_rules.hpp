#pragma once
// What a token says about topics: its claim `acl`, read into rules of the same kind as those of a file, and
// TokenRights, which asks them first and the files' rules about what they do not speak of. Where there is no
// file of rules, that is denied: who gives a client a list means all of it.
//
//   "acl": [{"allow": ["publish"], "topics": ["plant/${client_id}/#"]},
//           {"deny": ["receive"], "topics": ["x"]}]
//
// Immutable once made. Threads: any. A list with anything in it that is not understood is refused whole.

#include "access/rules.hpp"
#include "session/rights.hpp"

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace holdfast::access {

using TokenRulesPtr = std::shared_ptr<const RuleSet>;

/// The error: what is wrong, in a few words.
[[nodiscard]] boost::system::result<TokenRulesPtr, std::string> read_token_rules(
    const boost::json::value& acl);

class TokenRights final : public session::Rights {
public:
    /// `others` decides what the token does not speak of; null: that is denied.
    TokenRights(TokenRulesPtr rules, Who who, session::RightsPtr others);

    [[nodiscard]] bool may_publish(std::string_view topic, QoS qos, bool retain) const override;
    [[nodiscard]] bool may_subscribe(std::string_view filter, QoS qos) const override;
    [[nodiscard]] bool may_receive(std::string_view topic) const override;

private:
    [[nodiscard]] Decider decider() const { return {*rules_, selection_, who_}; }

    const TokenRulesPtr rules_;
    const Who who_;
    const Selection selection_;
    const session::RightsPtr others_;
};

}  // namespace holdfast::access
