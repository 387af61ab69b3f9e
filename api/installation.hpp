#pragma once
// Installation: what a catalogue has from its first start on, whoever uses it: the project, an
// administrator, the default product, the tokens of before. Made where it is missing, otherwise read.
// Runs before the server's threads, and waits for the catalogue: nobody else is there to be kept waiting.

#include "base/password.hpp"
#include "api/tokens.hpp"
#include "base/environment.hpp"
#include "base/error.hpp"
#include "store/catalogue.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

/// The account that everything belongs to, and who may do everything in it.
inline constexpr std::string_view administrator_name = "admin";
inline constexpr std::string_view domain_name = "holdfast";
/// Of a password that somebody chooses.
inline constexpr std::size_t password_characters_min = 8;

struct Installation {
    std::string project_id;          ///< 32 hexadecimal digits
    std::string domain_id;           ///< 32 hexadecimal digits
    std::string default_app_id;      ///< 32 hexadecimal digits: the default resource space
    std::string default_product_id;  ///< 24 hexadecimal digits, name "default"
    bool lost_tokens = false;  ///< what the catalogue had was no tokens: all must log in again
};

struct InstallationContext {
    store::Catalogue& catalogue;
    Random& random;
    const Clock& clock;
    PasswordCost cost;
};

/// Makes what is missing, and gives the tokens that are still valid to `tokens`.
[[nodiscard]] Result<Installation> prepare_installation(const InstallationContext& context,
                                                        Tokens& tokens);

/// Makes the user administrator_name if there is none. Its password, this one time; empty: it was there.
[[nodiscard]] Result<std::optional<std::string>> ensure_administrator(
    const InstallationContext& context);

/// Gives the administrator that password, whoever it had before, and forgets all tokens.
[[nodiscard]] Result<void> reset_administrator(const InstallationContext& context,
                                               const std::string& password);

}  // namespace holdfast::api
