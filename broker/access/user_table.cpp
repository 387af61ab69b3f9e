#include "access/user_table.hpp"

#include "access/text_file.hpp"
#include "base/limits.hpp"
#include "base/password.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace holdfast::access {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

constexpr std::string_view hash_remedy =
    "write it with `holdfast user passwd`, or with mosquitto_passwd";

/// How a user of a line proves who it is: `hash`, or `hash verifier`.
struct Proofs {
    std::optional<PasswordHash> hash;     ///< empty: it is none
    std::optional<ScramVerifier> scram;
    bool is_scram_broken = false;
};

Proofs parse_proofs(std::string_view text) {
    const std::size_t space = text.find(' ');
    Proofs proofs;
    proofs.hash = PasswordHash::parse(text.substr(0, space));
    if (space == std::string_view::npos) return proofs;
    proofs.scram = ScramVerifier::parse(text.substr(space + 1));
    proofs.is_scram_broken = !proofs.scram;
    return proofs;
}

}  // namespace

std::string_view problem_of_user_name(std::string_view name) {
    if (name.empty()) return "the name is empty";
    if (name.size() > string_bytes_max) return "the name is longer than 65535 bytes";
    if (name.starts_with('#')) return "a name that begins with # would be a comment";
    if (name.find(':') != std::string_view::npos) return "the name has a colon";
    if (!is_valid_utf8_string(name)) return "the name is not UTF-8";
    if (std::ranges::any_of(name, is_control)) return "the name has a control character";
    return {};
}

UserTable::UserTable() : nobody_(*PasswordHash::parse(hash_of_nobody())) {}

Loaded<void> UserTable::add(std::string_view text, const std::string& file) {
    std::optional<FileError> error;
    for_each_line(text, [&](unsigned number, std::string_view line) {
        const auto fail = [&](std::string problem, std::string_view remedy) {
            error = FileError{file, number, std::move(problem), std::string{remedy}};
            return false;
        };
        if (line.empty() || line.starts_with('#')) return true;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            return fail("a user without a password", "write name:hash; `holdfast user add` does");
        }
        const std::string_view name = line.substr(0, colon);
        if (const auto problem = problem_of_user_name(name); !problem.empty()) {
            return fail(std::string{problem}, "write name:hash; `holdfast user add` does");
        }
        const auto [hash, scram, is_scram_broken] = parse_proofs(line.substr(colon + 1));
        if (!hash) {
            return fail("what follows the name is no hash of a password that is known here",
                        hash_remedy);
        }
        if (is_scram_broken) {
            return fail("what follows the hash is no verifier of SCRAM-SHA-256",
                        "write it with `holdfast user passwd`, or take it out");
        }
        if (const User* const other = find(name)) {
            return fail("the user stands in " + other->file + ":" + std::to_string(other->line) +
                            " already",
                        "take one of the two out");
        }
        if (users_.size() >= users_max) {
            return fail("there are more than 1000000 users", "take some out");
        }
        if (!has_own_cost_ || hash->cost() > nobody_.cost()) nobody_ = hash->decoy();
        has_own_cost_ = true;
        if (scram) scram_iterations_.push_back(scram->iterations);
        users_.emplace(std::string{name}, User{*hash, scram, file, number});
        return true;
    });
    if (error) return *std::move(error);
    return {};
}

const User* UserTable::find(std::string_view name) const {
    const auto known = users_.find(name);
    return known == users_.end() ? nullptr : &known->second;
}

/// Where users differ in their iterations, nobody's do so likewise.
ScramVerifier UserTable::scram_of_nobody(std::string_view name,
                                         std::span<const std::uint8_t> secret) const {
    std::uint32_t iterations = ScramVerifier::iterations_default;
    if (!scram_iterations_.empty()) {
        std::size_t pick = 0;
        for (const std::uint8_t byte : hmac_sha256(secret, name)) {
            pick = (pick << 8U | byte) % scram_iterations_.size();
        }
        iterations = scram_iterations_[pick];
    }
    return ScramVerifier::of_nobody(name, secret, iterations);
}

std::vector<std::string> UserTable::missing_in(const UserTable& later) const {
    std::vector<std::string> missing;
    for (const auto& [name, user] : users_) {
        if (later.find(name) == nullptr) missing.push_back(name);
    }
    return missing;
}

}  // namespace holdfast::access
