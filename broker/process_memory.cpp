#include "process_memory.hpp"

#include "control_groups.hpp"

#ifdef HOLDFAST_TCMALLOC
#include <gperftools/malloc_extension_c.h>
#else
#include <malloc.h>
#endif
#include <unistd.h>

#include <algorithm>
#include <string>

namespace holdfast {

namespace {

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

std::size_t resident_bytes(std::string_view statm, std::size_t page) {
    const std::size_t space = statm.find(' ');
    if (space == std::string_view::npos) return 0;
    return number_in(statm.substr(space + 1)).value_or(0) * page;
}

std::size_t resident_bytes() { return resident_bytes(text_of("/proc/self/statm"), page_bytes()); }

std::size_t control_group_bytes(std::string_view groups, const std::filesystem::path& mount) {
    std::size_t least = unlimited;
    visit_control_groups(
        groups, mount, "memory",
        [&](const std::filesystem::path& group, ControlGroupVersion version) {
            const bool is_two = version == ControlGroupVersion::two;
            // Without a limit version 2 says "max", and version 1 a number that no machine has.
            const std::string text = text_of(group / (is_two ? "memory.max" : "memory.limit_in_bytes"));
            least = std::min(least, number_in(text).value_or(unlimited));
        });
    return least;
}

std::size_t available_bytes() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const std::size_t physical =
        pages > 0 ? static_cast<std::size_t>(pages) * page_bytes() : unlimited;
    return std::min(physical,
                    control_group_bytes(text_of(own_control_groups), control_group_mount));
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
