#pragma once
// Control groups of Linux, versions 1 and 2: what bounds the process is what its own group allows and each of
// those around it. Reads files; what cannot be read bounds nothing. Threads: any.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

enum class ControlGroupVersion : std::uint8_t { one, two };

/// Calls visit(folder, version) for the process's group of `controller` ("memory") and those around it.
/// `groups`: the text of /proc/self/cgroup; `mount`: where the file system of control groups is.
void visit_control_groups(
    std::string_view groups, const std::filesystem::path& mount, std::string_view controller,
    const std::function<void(const std::filesystem::path&, ControlGroupVersion)>& visit);

inline constexpr const char* own_control_groups = "/proc/self/cgroup";
inline constexpr const char* control_group_mount = "/sys/fs/cgroup";

/// Empty: it cannot be read.
[[nodiscard]] std::string text_of(const std::filesystem::path& file);
/// What the text begins with; empty: no number. "max" is none.
[[nodiscard]] std::optional<std::size_t> number_in(std::string_view text);

}  // namespace holdfast
