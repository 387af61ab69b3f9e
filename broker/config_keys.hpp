#pragma once
// The keys of the configuration file that hold one plain value each: section, name, kind, range,
// the word that stands for "no bound", and the member of Config they set. config.cpp reads by this
// table, config_writer.cpp writes by it, and tests compare it with struct Limits and the page
// docs/configuration.md.
// A key's value is a number here: a count, bytes, seconds, the index of a word.

#include "config.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast {

enum class ValueKind : std::uint8_t {
    count,     ///< a plain integer
    bytes,     ///< an integer, or text with a unit: "64KiB"
    duration,  ///< text with a unit: "10s"
    brief,     ///< a duration in milliseconds, text with a unit: "200ms"
    flag,      ///< true or false
    choice,    ///< one of several words
};

/// The number that the open word of a key stands for.
inline constexpr std::uint64_t open_value = std::numeric_limits<std::uint64_t>::max();

struct ConfigKey {
    std::string_view section;
    std::string_view name;
    ValueKind kind;
    std::uint64_t minimum = 0;
    std::uint64_t maximum = 0;     ///< of the number, the open word apart
    std::string_view open_word{};  ///< "unlimited", "never", "auto", "off"; empty: there is none
    std::span<const std::string_view> choices{};
    std::uint64_t (*load)(const Config& config) = nullptr;
    void (*store)(Config& config, std::uint64_t value) = nullptr;
};

/// In the order in which the documentation and to_toml show them.
[[nodiscard]] std::span<const ConfigKey> config_keys();

/// Names of the sections, and of all keys of a section, those with a shape of their own included.
[[nodiscard]] std::span<const std::string_view> section_names();
[[nodiscard]] std::span<const std::string_view> key_names(std::string_view section);

/// "10s", "5m", "2h", "7d"; empty when the text is none or does not fit.
[[nodiscard]] std::optional<std::uint64_t> parse_duration(std::string_view text);

/// "200ms", "2s", "1m" as milliseconds; empty when the text is none or does not fit.
[[nodiscard]] std::optional<std::uint64_t> parse_brief(std::string_view text);

/// "512B", "64KiB", "1MiB", "2GiB"; empty when the text is none or does not fit.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// A value as the file says it, without quotes: `10000`, `64KiB`, `7d`, `unlimited`, `true`.
[[nodiscard]] std::string show(const ConfigKey& key, std::uint64_t value);

/// The range as a part of a sentence: `a duration from 1s to 1h, or "never"`.
[[nodiscard]] std::string describe_range(const ConfigKey& key);

}  // namespace holdfast
