#pragma once
// CRC-32C (Castagnoli), the checksum of everything the log writes: with the processor's instruction where
// it has one, with a table elsewhere; both give the same number.
// Threads: pure functions.

#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast::store {

/// Goes on from `before`, the checksum of what came before these bytes; 0: nothing did.
[[nodiscard]] std::uint32_t crc32c(std::uint32_t before, std::span<const std::byte> bytes);

/// As crc32c(), always by the table: for tests, and for processors without the instruction.
[[nodiscard]] std::uint32_t crc32c_by_table(std::uint32_t before, std::span<const std::byte> bytes);

}  // namespace holdfast::store
