#include "api/uuid.hpp"

#include "base/digest.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace holdfast::api {

std::string make_uuid(Random& random) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);  // version
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);  // variant
    const std::string digits = to_hex(bytes);
    std::string text(36, '-');
    std::size_t from = 0;
    for (std::size_t to = 0; to < text.size(); ++to) {
        const bool is_dash = to == 8 || to == 13 || to == 18 || to == 23;
        if (!is_dash) text[to] = digits[from++];
    }
    return text;
}

}  // namespace holdfast::api
