#pragma once
// TokenKeys: the keys that tokens may be signed with, as one file has them. Either the one key of
// `jwt_key_file`: a public key in PEM, or a secret, as it stands there without the last line's end or behind
// `base64:`. Or those of `jwt_keys_file`, a JSON Web Key Set (RFC 7517), of which the token's `kid` chooses.
// Keys of a set that are for something else, or of a kind that is not known here, are passed over, as
// section 5 says; one that is broken, and a set without any usable key, are errors.
// Immutable once read. Threads: any. Errors: FileError. Limits: 1 MiB, 100 keys.

#include "access/file_error.hpp"
#include "access/token_key.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::access {

inline constexpr std::size_t token_key_file_bytes_max = 64 * 1024;
inline constexpr std::size_t token_keys_file_bytes_max = 1024 * 1024;
inline constexpr std::size_t token_keys_max = 100;

class TokenKeys {
public:
    /// `jwt_key_file`.
    [[nodiscard]] static Loaded<TokenKeys> of_one_key(std::string_view text,
                                                      const std::string& file);
    /// `jwt_keys_file`.
    [[nodiscard]] static Loaded<TokenKeys> of_set(std::string_view text, const std::string& file);

    /// The key for a token with that `kid`, or with none; null: there is no such key. The one of
    /// `jwt_key_file` is for every token; without a `kid`, that of a set is, too, when it is the only one.
    [[nodiscard]] const TokenKey* find(const std::optional<std::string>& id) const;
    [[nodiscard]] std::size_t size() const { return keys_.size(); }

private:
    struct Named {
        std::optional<std::string> id;
        TokenKey key;
    };
    std::vector<Named> keys_;
    bool has_ids_ = false;  ///< of a set
};

}  // namespace holdfast::access
