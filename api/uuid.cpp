#include "api/uuid.hpp"

#include "base/digest.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast::api {

std::string make_uuid(Random& random) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);  // version
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);  // variant
    std::string text;
    text.reserve(36);
    std::span<const std::uint8_t> rest{bytes};
    for (const std::size_t group : {4, 2, 2, 2, 6}) {
        if (!text.empty()) text += '-';
        append_hex(text, rest.first(group));
        rest = rest.subspan(group);
    }
    return text;
}

}  // namespace holdfast::api
