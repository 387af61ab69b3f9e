#pragma once
// UTF-8 Encoded Strings as MQTT defines them (MQTT 5 and 3.1.1, section 1.5.3/1.5.4).

#include <string_view>

namespace holdfast {

/// Well-formed UTF-8 (no overlong form, no surrogate, nothing above U+10FFFF) without U+0000.
/// [MQTT5-1.5.4-1] [MQTT5-1.5.4-2] [MQTT3-1.5.3-1] [MQTT3-1.5.3-2]
[[nodiscard]] bool is_valid_utf8_string(std::string_view text);

}  // namespace holdfast
