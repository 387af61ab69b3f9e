#pragma once
// Tokens: what an application shows instead of its password, for 24 hours. 256 random bits; kept as their
// SHA-256, in memory for every request and as one setting of the catalogue, so that they survive a restart
// and nobody can use what the catalogue's file has. A new token leaves the older ones valid; at tokens_max
// the oldest one goes.
// Time is wall time: a token ends at an instant that is told to others, and outlives the process.
// Threads: any; one mutex, held for one look-up or one change.

#include "base/environment.hpp"

#include <boost/unordered/unordered_map.hpp>

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

inline constexpr Seconds token_lifetime{24 * 3600};

class Tokens {
public:
    /// The catalogue's setting that has them.
    static constexpr std::string_view setting_name = "tokens";
    static constexpr std::size_t default_tokens_max = 1'024;

    explicit Tokens(Random& random, std::size_t tokens_max = default_tokens_max);

    /// A new token of the user, 64 hexadecimal digits. Valid at once; durable when to_text() is.
    [[nodiscard]] std::string issue(std::string_view user_name, WallTime now);
    /// Whose it is. Empty: nobody's, or it has expired.
    [[nodiscard]] std::optional<std::string> find_user(std::string_view token, WallTime now) const;
    void revoke(std::string_view token);
    /// Those of one user, after a new password for example.
    void revoke_all(std::string_view user_name);

    /// All that are valid, as JSON: for the setting.
    [[nodiscard]] std::string to_text(WallTime now) const;
    /// Takes what to_text() wrote. False: it did not, and none was taken.
    [[nodiscard]] bool load(std::string_view text, WallTime now);

    [[nodiscard]] std::size_t size() const;

private:
    struct Token {
        std::string user_name;
        WallTime expires_at;
    };

    struct Plain {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    void add(std::string hash, Token token, WallTime now);

    Random& random_;
    const std::size_t tokens_max_;
    mutable std::mutex mutex_;
    boost::unordered_map<std::string, Token> by_hash_;
    /// Tokens that were shown and found, so that not every request costs a SHA-256.
    mutable boost::unordered_map<std::string, Token, Plain, std::equal_to<>> shown_;
};

}  // namespace holdfast::api
