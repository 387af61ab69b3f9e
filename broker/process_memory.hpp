#pragma once
// What memory the process has and may have: what is resident, and the least of what the machine has and
// what the control groups around the process allow (versions 1 and 2). Reads /proc and /sys; what cannot
// be read bounds nothing. Threads: any.

#include "base/limits.hpp"

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace holdfast {

/// Of this process; 0: it cannot be known.
[[nodiscard]] std::size_t resident_bytes();
/// The same from the text of /proc/self/statm.
[[nodiscard]] std::size_t resident_bytes(std::string_view statm, std::size_t page_bytes);

/// What the process may have before somebody ends it; `unlimited`: that cannot be known.
[[nodiscard]] std::size_t available_bytes();
/// The least limit on the way from the process's control group to the root. `groups`: the text of
/// /proc/self/cgroup; `mount`: where the file system of control groups is.
[[nodiscard]] std::size_t control_group_bytes(std::string_view groups,
                                              const std::filesystem::path& mount);

/// What memory_max and memory_percent_max come to where so much is available.
[[nodiscard]] std::size_t memory_budget(const Limits& limits, std::size_t available);

/// What was freed goes back to the system, or it would count as used for ever. Takes its time.
void give_back_freed_memory();

}  // namespace holdfast
