#pragma once
// PasswordCheck: whether a request has the password of a user, made slow for who guesses (GuessGate: by
// address and by name). What is wrong is answered in the shape of Keystone: 401, 429, 503.
// Threads: the HTTP side's. Lifetime: what it was made of outlives it.

#include "api/exchange.hpp"
#include "api/guess_gate.hpp"
#include "api/password_worker.hpp"
#include "base/environment.hpp"
#include "base/password.hpp"
#include "store/catalogue.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

class PasswordCheck {
public:
    struct Parts {
        store::Catalogue& catalogue;
        store::Executor& executor;  ///< of the thread that the handlers run on
        PasswordWorker& passwords;
        const Clock& clock;
        PasswordCost cost;  ///< that of the users' hashes
    };
    explicit PasswordCheck(const Parts& parts)
        : parts_(parts), nobody_hash_(hash_of_nobody(parts.cost)) {}

    /// Empty: it is the user's password, now. `peer`: who asks, as Exchange::peer().
    [[nodiscard]] boost::asio::awaitable<std::optional<Response>> refuse(std::string peer,
                                                                         std::string user_name,
                                                                         std::string password);
    /// A password is being changed, or has just been: what was compared before does not count.
    void on_change() { ++edition_; }

private:
    [[nodiscard]] boost::asio::awaitable<std::optional<Response>> compare(std::string user_name,
                                                                          std::string password);

    const Parts parts_;
    const std::string nobody_hash_;
    GuessGate gate_;
    std::uint64_t edition_ = 0;
};

/// 429 or 503, and when to come again.
[[nodiscard]] Response keystone_try_later(http::status status, Seconds wait,
                                          std::string_view message);

}  // namespace holdfast::api
