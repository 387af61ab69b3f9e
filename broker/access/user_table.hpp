#pragma once
// UserTable: the users of the files, by name. A file has one user in a line, `name:hash` (the forms of
// the hash: password_hash.hpp), or `name:hash verifier` for one who can use SCRAM (scram_verifier.hpp); empty
// lines and those that begin with # are passed over. Mosquitto's password files are such files.
// A name is valid UTF-8 without control characters and without `:`, and does not begin with #; no two
// lines, whichever the file, have the same. Immutable once read. Threads: any. Errors: FileError.

#include "access/file_error.hpp"
#include "access/password_hash.hpp"
#include "access/scram_verifier.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::access {

struct User {
    PasswordHash hash;
    std::optional<ScramVerifier> scram;  ///< empty: this user cannot use SCRAM
    std::string file;
    unsigned line = 0;
};

/// Empty: it can be a user's name; else what is wrong with it.
[[nodiscard]] std::string_view problem_of_user_name(std::string_view name);

class UserTable {
public:
    /// Adds the users of one file.
    [[nodiscard]] Loaded<void> add(std::string_view text, const std::string& file);

    /// Null: there is none of that name.
    [[nodiscard]] const User* find(std::string_view name) const;
    [[nodiscard]] std::size_t size() const { return users_.size(); }
    /// What a password is compared with when its user does not exist: costs as much as the costliest.
    [[nodiscard]] const PasswordHash& nobody() const { return nobody_; }
    /// What SCRAM has of a user of that name who does not exist, or has no verifier: as many iterations as
    /// one of those who have, and always the same for the same secret.
    [[nodiscard]] ScramVerifier scram_of_nobody(std::string_view name,
                                                std::span<const std::uint8_t> secret) const;
    /// Those of this table that `later` does not have, ascending.
    [[nodiscard]] std::vector<std::string> missing_in(const UserTable& later) const;
    /// Calls visit(name, user) in the order of names.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const auto& [name, user] : users_) visit(name, user);
    }

    UserTable();

private:
    std::map<std::string, User, std::less<>> users_;
    PasswordHash nobody_;
    bool has_own_cost_ = false;  ///< nobody_ costs what a user of the table costs
    std::vector<std::uint32_t> scram_iterations_;  ///< of each verifier
};

}  // namespace holdfast::access
