#pragma once
// Files that are written whole or not at all: beside their place first, synced, then renamed over it.

#include <filesystem>
#include <string_view>
#include <system_error>

namespace holdfast {

enum class FileMode : unsigned { owner_only = 0600, everybody_reads = 0644 };

[[nodiscard]] std::error_code write_whole_file(const std::filesystem::path& file, std::string_view text,
                                               FileMode mode);

}  // namespace holdfast
