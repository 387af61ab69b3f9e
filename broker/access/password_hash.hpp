#pragma once
// PasswordHash: a password as a file of users keeps it, in one of three forms:
//
//   scrypt:15:8:1:{salt}:{hash}        ours (base/password.hpp)
//   $7${iterations}${salt}${hash}      Mosquitto's: PBKDF2 with HMAC-SHA512, base64
//   $6${salt}${hash}                   Mosquitto's of old: SHA-512 of password and salt, base64
//
// A value. matches() takes as long as the form says, up to some 100 ms: never on a shard. Threads: any.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::access {

class PasswordHash {
public:
    /// Empty: it is none of the forms.
    [[nodiscard]] static std::optional<PasswordHash> parse(std::string_view text);

    [[nodiscard]] bool matches(std::string_view password) const;

    /// A hash of nobody's password that costs as much: who does not exist cannot be told by the time.
    [[nodiscard]] PasswordHash decoy() const;
    /// Roughly, to compare.
    [[nodiscard]] std::uint64_t cost() const;
    /// As it stands in the file.
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    enum class Form : std::uint8_t { scrypt, pbkdf2_sha512, sha512 };

    Form form_ = Form::scrypt;
    std::uint32_t iterations_ = 0;
    std::string text_;
    std::string salt_;
    std::string hash_;
};

}  // namespace holdfast::access
