#pragma once
// Base64 with padding, RFC 4648 section 4: no line breaks, no other alphabet. Threads: any.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

/// How many bytes the text stands for; empty: it is not Base64.
[[nodiscard]] std::optional<std::size_t> base64_decoded_size(std::string_view text);

/// Appends the bytes that the text stands for. False: it is not Base64; nothing was appended.
[[nodiscard]] bool decode_base64(std::string_view text, std::string& bytes);

/// With padding.
[[nodiscard]] std::string encode_base64(std::string_view bytes);

}  // namespace holdfast::api
