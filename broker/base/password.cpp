#include "base/password.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace holdfast {

namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;
/// What a hash read from the catalogue may ask of us: 128 MB.
constexpr PasswordCost cost_max{17, 8, 4};

std::vector<std::uint8_t> derive(std::string_view password, std::span<const std::uint8_t> salt,
                                 PasswordCost cost) {
    const std::uint64_t n = std::uint64_t{1} << cost.log2_n;
    const std::uint64_t memory_max = 128 * cost.r * (n + cost.p + 2) + 1024 * 1024;
    std::vector<std::uint8_t> hash(hash_bytes);
    CHECK(EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(), n, cost.r,
                         cost.p, memory_max, hash.data(), hash.size()) == 1);
    return hash;
}

std::string write(PasswordCost cost, std::span<const std::uint8_t> salt,
                  std::span<const std::uint8_t> hash) {
    return "scrypt:" + std::to_string(cost.log2_n) + ":" + std::to_string(cost.r) + ":" +
           std::to_string(cost.p) + ":" + to_hex(salt) + ":" + to_hex(hash);
}

/// What is before the next ':' or the end.
std::string_view take_part(std::string_view& text) {
    const std::size_t end = std::min(text.find(':'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

/// 0: it is no number from 1 to `max`.
std::uint32_t take_number(std::string_view& text, std::uint32_t max) {
    const std::string_view part = take_part(text);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc{} || end != part.data() + part.size() || number > max) return 0;
    return number;
}

struct Parts {
    PasswordCost cost;
    std::vector<std::uint8_t> salt;
    std::string_view expected;
};

/// Empty: it is not what write() writes, or asks too much.
std::optional<Parts> split(std::string_view hash) {
    constexpr auto colons = 5;
    if (std::ranges::count(hash, ':') != colons || take_part(hash) != "scrypt") return std::nullopt;
    Parts parts;
    parts.cost.log2_n = take_number(hash, cost_max.log2_n);
    parts.cost.r = take_number(hash, cost_max.r);
    parts.cost.p = take_number(hash, cost_max.p);
    parts.salt = from_hex(take_part(hash));
    parts.expected = take_part(hash);
    const bool is_whole = parts.cost.log2_n > 0 && parts.cost.r > 0 && parts.cost.p > 0 &&
                          parts.salt.size() == salt_bytes;
    if (!is_whole) return std::nullopt;
    return parts;
}

}  // namespace

std::string hash_password(std::string_view password, Random& random, PasswordCost cost) {
    CHECK(password.size() <= password_bytes_max);
    std::array<std::uint8_t, salt_bytes> salt{};
    random.fill(salt);
    return write(cost, salt, derive(password, salt, cost));
}

bool is_password(std::string_view password, std::string_view hash) {
    const auto parts = split(hash);
    if (!parts || password.size() > password_bytes_max) return false;
    return is_equal_in_constant_time(to_hex(derive(password, parts->salt, parts->cost)),
                                     parts->expected);
}

bool is_password_hash(std::string_view text) {
    const auto parts = split(text);
    return parts && from_hex(parts->expected).size() == hash_bytes;
}

std::string hash_of_nobody(PasswordCost cost) {
    const std::array<std::uint8_t, salt_bytes> salt{};
    const std::array<std::uint8_t, hash_bytes> hash{};
    return write(cost, salt, hash);
}

}  // namespace holdfast
