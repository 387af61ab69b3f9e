#include "api/password_check.hpp"

#include "api/await_answer.hpp"
#include "api/keystone_error.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::api {

using boost::asio::awaitable;

Response keystone_try_later(http::status status, Seconds wait, std::string_view message) {
    Response response = keystone_error(status, message);
    response.set(http::field::retry_after, std::to_string(wait.count()));
    return response;
}

awaitable<std::optional<Response>> PasswordCheck::refuse(std::string peer, std::string user_name,
                                                         std::string password) {
    const std::string address_key = "address " + peer.substr(0, peer.rfind(':'));
    const std::string user_key = "user " + user_name;
    const Instant now = parts_.clock.now();
    const Seconds wait = std::max(gate_.wait_of(address_key, now), gate_.wait_of(user_key, now));
    if (wait > Seconds{0}) {
        co_return keystone_try_later(
            http::status::too_many_requests, wait,
            "too many wrong passwords; try again in " + std::to_string(wait.count()) + " s");
    }
    auto refusal = co_await compare(std::move(user_name), std::move(password));
    if (refusal && refusal->result() == http::status::unauthorized) {
        gate_.on_failure(address_key, now);
        gate_.on_failure(user_key, now);
    }
    if (!refusal) {
        gate_.on_success(address_key);
        gate_.on_success(user_key);
    }
    co_return refusal;
}

/// Unknown users take as long and are told the same.
awaitable<std::optional<Response>> PasswordCheck::compare(std::string user_name,
                                                          std::string password) {
    const std::uint64_t edition = edition_;
    const auto begin = [&](auto done) {
        parts_.catalogue.find_user(user_name, parts_.executor, done);
    };
    const auto [error, user] =
        co_await await_answer<std::error_code, std::optional<store::User>>(begin);
    if (error && error != store::CatalogueError::not_found) {
        co_return keystone_try_later(http::status::service_unavailable, Seconds{1},
                                     "users cannot be looked up: " + error.message());
    }
    const std::string hash = user ? user->password_hash : nobody_hash_;
    const PasswordVerdict verdict = co_await parts_.passwords.verify(std::move(password), hash);
    if (verdict == PasswordVerdict::busy || edition != edition_) {
        co_return keystone_try_later(http::status::service_unavailable, Seconds{1},
                                     verdict == PasswordVerdict::busy
                                         ? "too many passwords are being checked"
                                         : "a password is being changed");
    }
    if (verdict == PasswordVerdict::wrong) {
        co_return keystone_error(http::status::unauthorized, "The username or password is wrong.");
    }
    co_return std::nullopt;
}

}  // namespace holdfast::api
