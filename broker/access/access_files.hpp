#pragma once
// AccessFiles: which files say who the users are and what clients may do, as the configuration names them,
// and what it asks of tokens. A value. Threads: any.

#include <string>

namespace holdfast::access {

struct AccessFiles {
    std::string users_file;     ///< our own format; empty, as with the others: none
    std::string password_file;  ///< Mosquitto's
    std::string acl_file;       ///< Mosquitto's
    std::string rules_file;     ///< our own
    std::string jwt_key_file;   ///< the key of tokens, a public one or a secret
    std::string jwt_keys_file;  ///< a JSON Web Key Set; not together with the other
    std::string jwt_issuer;     ///< the `iss` of tokens; empty: any
    std::string jwt_audience;   ///< in the `aud` of tokens; empty: any

    [[nodiscard]] bool has_users() const { return !users_file.empty() || !password_file.empty(); }
    [[nodiscard]] bool has_rules() const { return !acl_file.empty() || !rules_file.empty(); }
    [[nodiscard]] bool has_tokens() const { return !jwt_key_file.empty() || !jwt_keys_file.empty(); }
    friend bool operator==(const AccessFiles&, const AccessFiles&) = default;
};

}  // namespace holdfast::access
