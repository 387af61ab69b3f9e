#include "access/scram_server.hpp"

#include "access/base64.hpp"
#include "base/bytes.hpp"
#include "base/digest.hpp"

#include <algorithm>
#include <optional>

namespace holdfast::access {

namespace {

/// Removes what is before the next comma, and the comma; all, if there is none.
std::string_view take_field(std::string_view& text) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return field;
}

/// The value of a field `{name}={value}`; empty: it is another field, or has no value.
std::optional<std::string_view> value_of(std::string_view field, char name) {
    constexpr std::size_t name_bytes = 2;
    if (field.size() <= name_bytes || field[0] != name || field[1] != '=') return std::nullopt;
    return field.substr(name_bytes);
}

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_extension(std::string_view field) {
    return !field.empty() && is_letter(field[0]) && field[0] != 'm' && value_of(field, field[0]);
}

/// Extensions that nobody must understand, up to the end of the message.
bool are_extensions(std::string_view fields, std::string_view message) {
    if (message.ends_with(',')) return false;
    while (!fields.empty()) {
        if (!is_extension(take_field(fields))) return false;
    }
    return true;
}

bool is_nonce(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7E && c != ','; });
}

/// A saslname: `=2C` stands for a comma, `=3D` for an equals sign, and nothing else begins with `=`.
std::optional<std::string> unescaped(std::string_view name) {
    constexpr std::size_t escape_bytes = 3;
    std::string plain;
    while (!name.empty()) {
        const bool is_escape = name.front() == '=';
        const std::string_view piece = name.substr(0, is_escape ? escape_bytes : 1);
        if (piece == "=2C") {
            plain += ',';
        } else if (piece == "=3D") {
            plain += '=';
        } else if (is_escape || piece.front() == '\0') {
            return std::nullopt;
        } else {
            plain += piece;
        }
        name.remove_prefix(piece.size());
    }
    return plain;
}

constexpr ScramFault too_long{"a SCRAM message longer than 4096 bytes"};

}  // namespace

ScramResult<void> ScramServer::read_gs2_header(std::string_view message) {
    std::string_view rest = message;
    const std::string_view flag = take_field(rest);
    if (flag.starts_with("p=")) return ScramFault{"channel binding is not offered"};
    if (flag != "n" && flag != "y") return ScramFault{"the first SCRAM message has no GS2 header"};
    if (!rest.starts_with(',')) {
        const std::string_view field = take_field(rest);
        const auto escaped = value_of(field, 'a');
        const auto name = escaped ? unescaped(*escaped) : std::nullopt;
        if (!name) return ScramFault{"the authorization identity of a SCRAM message is none"};
        authorization_name_ = *name;
    } else {
        rest.remove_prefix(1);
    }
    gs2_header_ = message.substr(0, message.size() - rest.size());
    client_first_bare_ = rest;
    return {};
}

ScramResult<void> ScramServer::on_client_first(std::string_view message) {
    if (message.size() > scram_message_bytes_max) return too_long;
    if (const auto read = read_gs2_header(message); read.has_error()) return read.error();
    std::string_view rest = client_first_bare_;
    if (rest.starts_with("m=")) return ScramFault{"a mandatory SCRAM extension is not known"};
    const auto escaped = value_of(take_field(rest), 'n');
    const auto name = escaped ? unescaped(*escaped) : std::nullopt;
    if (!name || !is_fit_for_scram(*name)) {
        return ScramFault{"the first SCRAM message has no user name, or a malformed one"};
    }
    const auto nonce = value_of(take_field(rest), 'r');
    if (!nonce || !is_nonce(*nonce)) return ScramFault{"the first SCRAM message has no nonce"};
    if (!are_extensions(rest, message)) {
        return ScramFault{"the first SCRAM message has more than it may"};
    }
    user_name_ = *name;
    nonce_ = *nonce;
    if (!authorization_name_.empty() && authorization_name_ != user_name_) {
        return ScramFault{"a user may not act for another one"};
    }
    return {};
}

std::string ScramServer::challenge(const ScramVerifier& verifier, std::string_view nonce) {
    verifier_ = verifier;
    nonce_ += nonce;
    challenge_ = "r=" + nonce_ + ",s=" + to_base64(verifier.salt) +
                 ",i=" + std::to_string(verifier.iterations);
    return challenge_;
}

ScramResult<std::string> ScramServer::on_client_final(std::string_view message) const {
    if (message.size() > scram_message_bytes_max) return too_long;
    const std::size_t proof_at = message.rfind(",p=");
    if (proof_at == std::string_view::npos) {
        return ScramFault{"the final SCRAM message has no proof"};
    }
    const std::string_view without_proof = message.substr(0, proof_at);
    std::string_view rest = without_proof;
    const auto binding = value_of(take_field(rest), 'c');
    if (!binding || *binding != to_base64(as_bytes(gs2_header_))) {
        return ScramFault{"the final SCRAM message does not repeat the GS2 header of the first"};
    }
    const auto nonce = value_of(take_field(rest), 'r');
    if (!nonce || *nonce != nonce_) {
        return ScramFault{"the final SCRAM message has another nonce than this exchange"};
    }
    if (!are_extensions(rest, without_proof)) {
        return ScramFault{"the final SCRAM message has more than it may"};
    }
    const auto proof = from_base64(message.substr(proof_at + 3));
    if (!proof || proof->size() != verifier_.stored_key.size()) {
        return ScramFault{"the proof of a SCRAM message is none"};
    }
    std::string auth_message = client_first_bare_ + "," + challenge_ + ",";
    auth_message += without_proof;
    if (!is_proof(*proof, auth_message)) return ScramFault{"the proof is wrong", true};
    return {boost::system::in_place_value,
            "v=" + to_base64(hmac_sha256(verifier_.server_key, auth_message))};
}

/// The proof is the client's key, hidden by what only a client with the password and we can compute.
bool ScramServer::is_proof(std::string_view proof, std::string_view auth_message) const {
    Sha256 client_key = hmac_sha256(verifier_.stored_key, auth_message);
    for (std::size_t at = 0; at < client_key.size(); ++at) {
        client_key[at] ^= static_cast<std::uint8_t>(proof[at]);
    }
    const Sha256 stored_key = sha256_of(client_key);
    return is_equal_in_constant_time(as_text(stored_key), as_text(verifier_.stored_key));
}

}  // namespace holdfast::access
