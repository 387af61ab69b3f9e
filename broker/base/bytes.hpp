#pragma once
// Bytes and the two ways they are held: a view of somebody else's, and a growing buffer of one's own.
// Lifetime: a ByteView lives as long as what it points into; nothing here copies silently.

#include <boost/container/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace holdfast {

using Byte = std::uint8_t;
using ByteView = std::span<const Byte>;

/// Grows without zeroing: `resize(n, boost::container::default_init)`.
using ByteBuffer = boost::container::vector<Byte>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const Byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Appends `count` uninitialised bytes and returns where they start.
inline Byte* extend(ByteBuffer& buffer, std::size_t count) {
    const std::size_t old_size = buffer.size();
    buffer.resize(old_size + count, boost::container::default_init);
    return buffer.data() + old_size;
}

}  // namespace holdfast
