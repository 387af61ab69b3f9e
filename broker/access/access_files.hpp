#pragma once
// AccessFiles: which files say who the users are and what clients may do, as the configuration names them.

#include <string>

namespace holdfast::access {

struct AccessFiles {
    std::string users_file;     ///< our own format; empty, as with the others: none
    std::string password_file;  ///< Mosquitto's
    std::string acl_file;       ///< Mosquitto's
    std::string rules_file;     ///< our own

    [[nodiscard]] bool has_users() const { return !users_file.empty() || !password_file.empty(); }
    [[nodiscard]] bool has_rules() const { return !acl_file.empty() || !rules_file.empty(); }
    friend bool operator==(const AccessFiles&, const AccessFiles&) = default;
};

}  // namespace holdfast::access
