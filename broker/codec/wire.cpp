#include "codec/wire.hpp"

#include "base/utf8.hpp"

namespace holdfast::codec {

std::uint32_t Reader::variable_byte_integer() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        const Byte byte = u8();
        value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
        if ((byte & 0x80) != 0) continue;
        require(byte != 0 || shift == 0, rules::integer_not_shortest);  // [MQTT5-1.5.5-1]
        return failed() ? 0 : value;
    }
    fail(rules::integer_too_long);
    return 0;
}

std::string_view Reader::string() {
    const std::string_view text = unchecked_string();
    if (is_valid_utf8_string(text)) [[likely]]
        return text;
    fail_utf8(text);
    return {};
}

bool Reader::boolean() {
    const Byte value = u8();
    require(value <= 1, rules::property_not_boolean);
    return value == 1;
}

std::uint16_t Reader::u16_not_zero(const Rule& rule) {
    const std::uint16_t value = u16();
    require(value != 0, rule);
    return value;
}

std::uint32_t Reader::u32_not_zero() {
    const std::uint32_t value = u32();
    require(value != 0, rules::property_zero);
    return value;
}

void Reader::fail_utf8(std::string_view text) {
    const bool has_nul = text.find('\0') != std::string_view::npos;
    fail(has_nul ? rules::string_has_nul : rules::string_not_utf8);
}

}  // namespace holdfast::codec
