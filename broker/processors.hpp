#pragma once
// How many processors the process may use: those that it may be scheduled on, and no more than the quota of
// its control groups comes to (what `docker run --cpus` and limits of Kubernetes set). Threads: any.

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace holdfast {

/// At least 1.
[[nodiscard]] std::size_t available_processors();

/// The least quota, in whole processors, rounded up; `unlimited` (base/limits.hpp) without one. The
/// arguments: as of visit_control_groups().
[[nodiscard]] std::size_t control_group_processors(std::string_view groups,
                                                   const std::filesystem::path& mount);

/// How many threads to start: `asked` (0: as many as there are processors), and no more than processors
/// unless `oversubscribe`. A thread more than that takes turns with the others: each turn then finds less to
/// do for the same system calls. docs/decisions/0016-threads-and-processors.md
[[nodiscard]] std::size_t thread_count(std::size_t asked, std::size_t processors, bool oversubscribe);

}  // namespace holdfast
