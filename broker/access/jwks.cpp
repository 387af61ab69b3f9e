#include "access/jwks.hpp"

#include "access/base64url.hpp"
#include "access/token_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <utility>

namespace holdfast::access {

namespace {

using Object = boost::json::object;

constexpr std::string_view secret_prefix = "base64:";
constexpr std::string_view key_remedy =
    "write a public key in PEM (BEGIN PUBLIC KEY), or a secret of at least 32 bytes, as it is or "
    "as base64:...";
constexpr std::string_view set_remedy =
    R"(write a JSON Web Key Set, {"keys": [...]}, with keys of RS256, ES256, EdDSA or HS256)";

/// Base64 of either alphabet, with or without padding.
std::optional<std::string> decode_any_base64(std::string_view text) {
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    std::string url{text};
    std::ranges::replace(url, '+', '-');
    std::ranges::replace(url, '/', '_');
    return decode_base64url(url);
}

std::string_view without_last_line_end(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

/// The bytes of that member; empty: there is none, or it is not base64url.
std::string bytes_of(const Object& jwk, std::string_view name) {
    const boost::json::string* const text = find_text(jwk, name);
    if (text == nullptr) return {};
    return decode_base64url({text->data(), text->size()}).value_or(std::string{});
}

bool is(const boost::json::string* text, std::string_view word) {
    return text != nullptr && std::string_view{text->data(), text->size()} == word;
}

/// Whether the key may be used to check signatures; no word about it means yes.
bool is_to_verify(const Object& jwk) {
    if (const auto* const use = jwk.if_contains("use")) {
        if (!is(use->if_string(), "sig")) return false;
    }
    const auto* const operations = jwk.if_contains("key_ops");
    if (operations == nullptr) return true;
    const auto* const list = operations->if_array();
    return list != nullptr && std::ranges::any_of(*list, [](const boost::json::value& each) {
               return is(each.if_string(), "verify");
           });
}

/// The key; empty: it is of a kind that is not known here.
std::optional<TokenKey::Made> make_key(const Object& jwk) {
    const boost::json::string* const type = find_text(jwk, "kty");
    const boost::json::string* const curve = find_text(jwk, "crv");
    if (is(type, "RSA")) return TokenKey::from_rsa(bytes_of(jwk, "n"), bytes_of(jwk, "e"));
    if (is(type, "oct")) return TokenKey::from_secret(bytes_of(jwk, "k"));
    if (is(type, "EC") && is(curve, "P-256")) {
        return TokenKey::from_p256(bytes_of(jwk, "x"), bytes_of(jwk, "y"));
    }
    if (is(type, "OKP") && is(curve, "Ed25519")) return TokenKey::from_ed25519(bytes_of(jwk, "x"));
    return std::nullopt;
}

}  // namespace

Loaded<TokenKeys> TokenKeys::of_one_key(std::string_view text, const std::string& file) {
    const auto fail = [&](const std::string& problem) {
        return FileError{file, 0, problem, std::string{key_remedy}};
    };
    if (text.size() > token_key_file_bytes_max) return fail("the file is larger than 64 KiB");
    std::optional<TokenKey::Made> made;
    if (text.find("-----BEGIN") != std::string_view::npos) {
        made.emplace(TokenKey::from_pem(text));
    } else if (text.starts_with('{')) {
        return FileError{file, 0, "this is a key in JSON", "name a set of keys as jwt_keys_file"};
    } else if (text = without_last_line_end(text); text.starts_with(secret_prefix)) {
        const auto secret = decode_any_base64(text.substr(secret_prefix.size()));
        if (!secret) return fail("what follows base64: is not that");
        made.emplace(TokenKey::from_secret(*secret));
    } else {
        made.emplace(TokenKey::from_secret(text));
    }
    if (made->has_error()) return fail("this is " + made->error());
    TokenKeys keys;
    keys.keys_.push_back({std::nullopt, **std::move(made)});
    return keys;
}

Loaded<TokenKeys> TokenKeys::of_set(std::string_view text, const std::string& file) {
    const auto fail = [&](const std::string& problem) {
        return FileError{file, 0, problem, std::string{set_remedy}};
    };
    if (text.size() > token_keys_file_bytes_max) return fail("the file is larger than 1 MiB");
    const auto root = parse_token_json(text);
    if (!root) return fail("this is no JSON object, or one in which a name stands twice");
    const boost::json::value* const list = root->if_contains("keys");
    if (list == nullptr || !list->is_array()) return fail("there is no list of keys");
    if (list->get_array().size() > token_keys_max) return fail("there are more than 100 keys");
    TokenKeys keys;
    keys.has_ids_ = true;
    unsigned number = 0;
    for (const boost::json::value& element : list->get_array()) {
        const std::string place = "key " + std::to_string(++number);
        const Object* const jwk = element.if_object();
        if (jwk == nullptr) return fail(place + " is no object");
        if (!is_to_verify(*jwk)) continue;
        auto made = make_key(*jwk);
        if (!made) continue;
        if (made->has_error()) return fail(place + ": " + made->error());
        // One for another algorithm of the same kind of key, RS512 say, is not for ours.
        const boost::json::value* const algorithm = jwk->if_contains("alg");
        if (algorithm != nullptr && !is(algorithm->if_string(), to_string((*made)->algorithm()))) {
            continue;
        }
        std::optional<std::string> id;
        if (jwk->contains("kid")) {
            const boost::json::string* const kid = find_text(*jwk, "kid");
            if (kid == nullptr) return fail(place + ": its kid is no text");
            id.emplace(kid->data(), kid->size());
        }
        if (id && std::ranges::find(keys.keys_, id, &Named::id) != keys.keys_.end()) {
            return fail(place + ": another key has its kid");
        }
        keys.keys_.push_back({std::move(id), **std::move(made)});
    }
    if (keys.keys_.empty()) return fail("there is no key that a token may be signed with");
    return keys;
}

const TokenKey* TokenKeys::find(const std::optional<std::string>& id) const {
    if (!has_ids_ || (!id && keys_.size() == 1)) return &keys_.front().key;
    if (!id) return nullptr;
    const auto found = std::ranges::find(keys_, id, &Named::id);
    return found == keys_.end() ? nullptr : &found->key;
}

}  // namespace holdfast::access
