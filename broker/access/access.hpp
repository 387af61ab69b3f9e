#pragma once
// Access: who the users are and what clients may do, as the files of the configuration say it: reads them, at
// the start and again when asked, compares passwords, judges tokens, gives each client its rights.
// A file that is missing or broken is an error; a reload that meets one changes nothing.
// Threads: any; load() by one at a time. Lifetime: outlives the shards, whose executors its answers go to.
// Limits: LoginWorker, VerifiedPasswords, and those of the files (file_error.hpp).

#include "access/access_files.hpp"
#include "access/file_error.hpp"
#include "access/jwt.hpp"
#include "access/login_worker.hpp"
#include "access/rule_rights.hpp"
#include "access/scram_verifier.hpp"
#include "access/sha256.hpp"
#include "access/user_table.hpp"
#include "access/verified_passwords.hpp"
#include "access/who.hpp"
#include "base/environment.hpp"
#include "session/rights.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::access {

enum class LoginVerdict : std::uint8_t {
    right,
    wrong,  ///< or there is no such user: nobody is told which
    busy,   ///< too many wait: nothing was compared
};

/// What SCRAM has of a user.
struct ScramUser {
    ScramVerifier verifier;
    bool is_user = false;        ///< it has that verifier; else nothing fits
    bool has_password = false;   ///< it is a user, if only one without a verifier
};

/// What load() found to be different.
struct AccessChanges {
    std::vector<std::string> gone_users;  ///< ascending
    std::size_t users = 0;
    std::size_t rules = 0;
};

using TokenKeysPtr = std::shared_ptr<const TokenKeys>;
using UserTablePtr = std::shared_ptr<const UserTable>;

class Access {
public:
    Access(AccessFiles files, const Clock& clock, Random& random);

    /// Reads all the files. Before anything else is asked, and again to have changes.
    [[nodiscard]] Loaded<AccessChanges> load();

    [[nodiscard]] bool has_users() const { return files_.has_users(); }
    [[nodiscard]] bool has_tokens() const { return files_.has_tokens(); }
    [[nodiscard]] bool has_rules() const { return files_.has_rules(); }

    /// `done` runs once: inside the call, or by `executor`.
    void check(std::string_view user_name, std::string_view password, store::Executor& executor,
               std::function<void(LoginVerdict)> done);

    /// Of any name: who is no user cannot be told from one until the proof is wrong.
    [[nodiscard]] ScramUser scram_user(std::string_view user_name) const;
    /// For one challenge of SCRAM.
    [[nodiscard]] std::string new_scram_nonce();

    /// Of a token that was shown in place of a password, now. Only with has_tokens().
    [[nodiscard]] TokenResult<TokenClaims> check_token(
        std::string_view token, std::string_view client_id,
        std::optional<std::string_view> user_name) const;

    /// Null: there are no rules, everybody may everything. `token_rules`: those that the client brought.
    [[nodiscard]] session::RightsPtr rights_of(Who who, TokenRulesPtr token_rules = nullptr) const;

    [[nodiscard]] UserTablePtr users() const;
    [[nodiscard]] RuleSetPtr rules() const { return book_->current(); }

private:
    [[nodiscard]] Loaded<UserTablePtr> read_users() const;
    [[nodiscard]] Loaded<RuleSetPtr> read_rules() const;
    [[nodiscard]] Loaded<TokenKeysPtr> read_token_keys() const;

    const AccessFiles files_;
    const TokenDemands demands_;
    const Clock& clock_;
    Random& random_;
    Sha256 secret_of_nobody_{};  ///< of the process: the names of nobody keep their salts
    mutable std::mutex mutex_;
    UserTablePtr users_;
    TokenKeysPtr token_keys_;  ///< null: there is no file of them
    const std::shared_ptr<RuleBook> book_;
    VerifiedPasswords verified_;
    LoginWorker worker_;  ///< last: its tasks use the others
};

}  // namespace holdfast::access
