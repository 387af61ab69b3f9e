#include "store/checksum.hpp"

#include <array>
#include <cstring>

namespace holdfast::store {

namespace {

constexpr std::uint32_t polynomial = 0x82F63B78;  // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value & 1U) != 0 ? (value >> 1U) ^ polynomial : value >> 1U;
        }
        table[i] = value;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> table = make_table();

#if defined(__x86_64__)
#define HOLDFAST_CRC32C_INSTRUCTION 1

__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(
    std::uint32_t before, std::span<const std::byte> bytes) {
    std::uint64_t state = static_cast<std::uint32_t>(~before);
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        state = __builtin_ia32_crc32di(state, word);
    }
    auto state32 = static_cast<std::uint32_t>(state);
    for (; left > 0; --left, ++at) {
        state32 = __builtin_ia32_crc32qi(state32, static_cast<unsigned char>(*at));
    }
    return ~state32;
}
#endif

}  // namespace

std::uint32_t crc32c_by_table(std::uint32_t before, std::span<const std::byte> bytes) {
    std::uint32_t state = ~before;
    for (const std::byte byte : bytes) {
        state = (state >> 8U) ^ table[(state ^ static_cast<std::uint32_t>(byte)) & 0xFFU];
    }
    return ~state;
}

std::uint32_t crc32c(std::uint32_t before, std::span<const std::byte> bytes) {
#ifdef HOLDFAST_CRC32C_INSTRUCTION
    static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
    if (has_instruction) return crc32c_by_instruction(before, bytes);
#endif
    return crc32c_by_table(before, bytes);
}

}  // namespace holdfast::store
