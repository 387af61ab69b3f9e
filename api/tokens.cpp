#include "api/tokens.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr std::size_t token_bytes = 32;
constexpr std::size_t hash_digits = 64;
constexpr std::size_t shown_max = 64;

}  // namespace

Tokens::Tokens(Random& random, std::size_t tokens_max) : random_(random), tokens_max_(tokens_max) {
    CHECK(tokens_max > 0);
}

std::string Tokens::issue(std::string_view user_name, WallTime now) {
    std::string token = random_hex(random_, token_bytes);
    const std::scoped_lock lock{mutex_};
    add(sha256_hex(token), {std::string{user_name}, now + token_lifetime}, now);
    return token;
}

std::optional<std::string> Tokens::find_user(std::string_view token, WallTime now) const {
    {
        const std::scoped_lock lock{mutex_};
        const auto shown = shown_.find(token);
        if (shown != shown_.end() && shown->second.expires_at > now) return shown->second.user_name;
    }
    // The look-up is by hash: what its time tells about the hash tells nothing about the token.
    const std::string hash = sha256_hex(token);
    const std::scoped_lock lock{mutex_};
    const auto found = by_hash_.find(hash);
    if (found == by_hash_.end() || found->second.expires_at <= now) return std::nullopt;
    if (shown_.size() >= shown_max) shown_.clear();
    shown_.insert_or_assign(std::string{token}, found->second);
    return found->second.user_name;
}

void Tokens::revoke(std::string_view token) {
    const std::string hash = sha256_hex(token);
    const std::scoped_lock lock{mutex_};
    by_hash_.erase(hash);
    shown_.clear();
}

void Tokens::revoke_all(std::string_view user_name) {
    const std::scoped_lock lock{mutex_};
    boost::unordered::erase_if(
        by_hash_, [&](const auto& entry) { return entry.second.user_name == user_name; });
    shown_.clear();
}

std::string Tokens::to_text(WallTime now) const {
    json::array tokens;
    const std::scoped_lock lock{mutex_};
    for (const auto& [hash, token] : by_hash_) {
        if (token.expires_at <= now) continue;
        tokens.push_back(json::object{{"hash", hash},
                                      {"user", token.user_name},
                                      {"expires_at", token.expires_at.time_since_epoch().count()}});
    }
    return json::serialize(tokens);
}

bool Tokens::load(std::string_view text, WallTime now) {
    boost::system::error_code error;
    const json::value parsed = json::parse(json::string_view{text.data(), text.size()}, error);
    if (error || !parsed.is_array()) return false;
    std::vector<std::pair<std::string, Token>> read;
    for (const json::value& element : parsed.get_array()) {
        const json::object* const object = element.if_object();
        if (object == nullptr) return false;
        const json::value* const hash = object->if_contains("hash");
        const json::value* const user = object->if_contains("user");
        const json::value* const expires_at = object->if_contains("expires_at");
        const bool is_whole = hash != nullptr && hash->is_string() &&
                              hash->get_string().size() == hash_digits && user != nullptr &&
                              user->is_string() && expires_at != nullptr && expires_at->is_int64();
        if (!is_whole) return false;
        read.emplace_back(std::string{hash->get_string()},
                          Token{std::string{user->get_string()},
                                WallTime{Milliseconds{expires_at->get_int64()}}});
    }
    const std::scoped_lock lock{mutex_};
    for (auto& [hash, token] : read) {
        if (token.expires_at > now) add(std::move(hash), std::move(token), now);
    }
    return true;
}

std::size_t Tokens::size() const {
    const std::scoped_lock lock{mutex_};
    return by_hash_.size();
}

void Tokens::add(std::string hash, Token token, WallTime now) {
    if (by_hash_.size() >= tokens_max_) {
        boost::unordered::erase_if(
            by_hash_, [&](const auto& entry) { return entry.second.expires_at <= now; });
    }
    if (by_hash_.size() >= tokens_max_) {
        shown_.clear();
        by_hash_.erase(
            std::min_element(by_hash_.begin(), by_hash_.end(), [](const auto& a, const auto& b) {
                return a.second.expires_at < b.second.expires_at;
            }));
    }
    by_hash_.insert_or_assign(std::move(hash), std::move(token));
}

}  // namespace holdfast::api
