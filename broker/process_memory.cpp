#include "process_memory.hpp"

#ifdef HOLDFAST_TCMALLOC
#include <gperftools/malloc_extension_c.h>
#else
#include <malloc.h>
#endif
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace holdfast {

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::optional<std::size_t> number_in(std::string_view text) {
    std::size_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    return number;
}

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

/// Of the group at `group` below `mount` and of all around it: the children share what a parent has.
std::size_t least_limit(const std::filesystem::path& mount, std::filesystem::path group,
                        const char* file) {
    std::size_t least = unlimited;
    while (true) {
        // "max" of version 2 is no number; version 1 writes one that no machine has.
        const auto limit = number_in(text_of(mount / group / file));
        if (limit) least = std::min(least, *limit);
        if (group.empty()) return least;
        group = group.parent_path();
    }
}

}  // namespace

std::size_t resident_bytes(std::string_view statm, std::size_t page) {
    const std::size_t space = statm.find(' ');
    if (space == std::string_view::npos) return 0;
    return number_in(statm.substr(space + 1)).value_or(0) * page;
}

std::size_t resident_bytes() { return resident_bytes(text_of("/proc/self/statm"), page_bytes()); }

std::size_t control_group_bytes(std::string_view groups, const std::filesystem::path& mount) {
    std::size_t least = unlimited;
    while (!groups.empty()) {
        const std::size_t end = std::min(groups.find('\n'), groups.size());
        const std::string_view line = groups.substr(0, end);
        groups.remove_prefix(std::min(end + 1, groups.size()));
        // number:controllers:/path; version 2 has the number 0 and names no controllers.
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(":/", first + 1);
        if (first == std::string_view::npos || second == std::string_view::npos) continue;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        const std::filesystem::path group{line.substr(second + 2)};
        if (controllers.empty()) {
            least = std::min(least, least_limit(mount, group, "memory.max"));
        } else if (controllers.find("memory") != std::string_view::npos) {
            least = std::min(least,
                             least_limit(mount / "memory", group, "memory.limit_in_bytes"));
        }
    }
    return least;
}

std::size_t available_bytes() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const std::size_t physical =
        pages > 0 ? static_cast<std::size_t>(pages) * page_bytes() : unlimited;
    return std::min(physical,
                    control_group_bytes(text_of("/proc/self/cgroup"), "/sys/fs/cgroup"));
}

std::size_t memory_budget(const Limits& limits, std::size_t available) {
    std::size_t budget = limits.memory_max;
    if (limits.memory_percent_max != unlimited && available != unlimited) {
        budget = std::min(budget, available / 100 * limits.memory_percent_max);
    }
    return budget;
}

void give_back_freed_memory() {
#ifdef HOLDFAST_TCMALLOC
    ::MallocExtension_ReleaseFreeMemory();
#else
    ::malloc_trim(0);
#endif
}

}  // namespace holdfast
