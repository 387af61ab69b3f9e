#pragma once
// Base64url without padding, as tokens and their keys are written (RFC 4648 section 5, RFC 7515 section 2):
// no other character, no bits left over, so that a value has one text only. Threads: any.

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::access {

/// Whether every character is of the alphabet; the empty text, too.
[[nodiscard]] bool is_base64url_alphabet(std::string_view text);
/// The bytes that the text stands for; empty: it is not base64url.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace holdfast::access
