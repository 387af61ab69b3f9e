#include "access/password_hash.hpp"

#include "access/base64.hpp"
#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/password.hpp"

#include <openssl/evp.h>

#include <array>
#include <charconv>

namespace holdfast::access {

namespace {

/// What Mosquitto's tools write, with room to spare; a check stays below a second.
constexpr std::uint32_t iterations_max = 1'000'000;
constexpr std::size_t salt_bytes_max = 64;
constexpr std::size_t sha512_bytes = 64;
/// A step of PBKDF2 against one of scrypt, roughly.
constexpr std::uint64_t scrypt_cost = 100'000;

using Sha512 = std::array<unsigned char, sha512_bytes>;

std::string_view view(const Sha512& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// What is before the next '$' or the end.
std::string_view take_part(std::string_view& text) {
    const std::size_t end = std::min(text.find('$'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

std::optional<std::uint32_t> take_iterations(std::string_view& text) {
    const std::string_view part = take_part(text);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    const bool is_number = error == std::errc{} && end == part.data() + part.size();
    if (!is_number || number == 0 || number > iterations_max) return std::nullopt;
    return number;
}

Sha512 sha512_of(std::string_view password, std::string_view salt) {
    std::string both{password};
    both += salt;
    Sha512 digest{};
    CHECK(EVP_Digest(both.data(), both.size(), digest.data(), nullptr, EVP_sha512(), nullptr) == 1);
    return digest;
}

Sha512 pbkdf2_of(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    Sha512 digest{};
    CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                            static_cast<int>(salt.size()), static_cast<int>(iterations),
                            EVP_sha512(), static_cast<int>(digest.size()), digest.data()) == 1);
    return digest;
}

}  // namespace

std::optional<PasswordHash> PasswordHash::parse(std::string_view text) {
    PasswordHash parsed;
    parsed.text_ = text;
    if (is_password_hash(text)) return parsed;
    if (text.starts_with("$7$")) {
        parsed.form_ = Form::pbkdf2_sha512;
    } else if (text.starts_with("$6$")) {
        parsed.form_ = Form::sha512;
    } else {
        return std::nullopt;
    }
    text.remove_prefix(3);
    if (parsed.form_ == Form::pbkdf2_sha512) {
        const auto iterations = take_iterations(text);
        if (!iterations) return std::nullopt;
        parsed.iterations_ = *iterations;
    }
    parsed.salt_ = from_base64(take_part(text)).value_or("");
    parsed.hash_ = from_base64(text).value_or("");
    const bool is_whole = !parsed.salt_.empty() && parsed.salt_.size() <= salt_bytes_max &&
                          parsed.hash_.size() == sha512_bytes;
    if (!is_whole) return std::nullopt;
    return parsed;
}

bool PasswordHash::matches(std::string_view password) const {
    if (password.size() > password_bytes_max) return false;
    switch (form_) {
        case Form::scrypt: return is_password(password, text_);
        case Form::pbkdf2_sha512:
            return is_equal_in_constant_time(view(pbkdf2_of(password, salt_, iterations_)), hash_);
        case Form::sha512:
            return is_equal_in_constant_time(view(sha512_of(password, salt_)), hash_);
    }
    UNREACHABLE();
}

PasswordHash PasswordHash::decoy() const {
    PasswordHash nobody = *this;
    if (form_ == Form::scrypt) {
        nobody.text_ = text_.substr(0, text_.rfind(':') + 1);
        nobody.text_.append(2 * 32, '0');
    } else {
        nobody.hash_.assign(sha512_bytes, '\0');
    }
    return nobody;
}

std::uint64_t PasswordHash::cost() const {
    switch (form_) {
        case Form::scrypt: return scrypt_cost;
        case Form::pbkdf2_sha512: return iterations_;
        case Form::sha512: return 1;
    }
    UNREACHABLE();
}

}  // namespace holdfast::access
