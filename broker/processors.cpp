#include "processors.hpp"

#include "base/limits.hpp"
#include "control_groups.hpp"

#include <sched.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace holdfast {

namespace {

/// "50000 100000" in version 2, where "max" stands for none; two files in version 1, where -1 does.
std::optional<std::size_t> quota_of(const std::filesystem::path& group, ControlGroupVersion version) {
    const bool is_one_file = version == ControlGroupVersion::two;
    const std::string quota_text = text_of(group / (is_one_file ? "cpu.max" : "cpu.cfs_quota_us"));
    const auto quota = number_in(quota_text);
    const std::size_t space = quota_text.find(' ');
    const auto period = !is_one_file ? number_in(text_of(group / "cpu.cfs_period_us"))
                        : space != std::string::npos
                            ? number_in(std::string_view{quota_text}.substr(space + 1))
                            : std::nullopt;
    if (!quota || !period || *period == 0) return std::nullopt;
    return std::max<std::size_t>((*quota + *period - 1) / *period, 1);
}

std::size_t schedulable_processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    // It fails where there are more than 1,024 of them.
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::thread::hardware_concurrency();
    return static_cast<std::size_t>(CPU_COUNT(&set));
}

}  // namespace

std::size_t available_processors() {
    const std::size_t quota =
        control_group_processors(text_of(own_control_groups), control_group_mount);
    return std::max<std::size_t>(std::min(schedulable_processors(), quota), 1);
}

std::size_t control_group_processors(std::string_view groups, const std::filesystem::path& mount) {
    std::size_t least = unlimited;
    visit_control_groups(groups, mount, "cpu",
                         [&](const std::filesystem::path& group, ControlGroupVersion version) {
                             least = std::min(least, quota_of(group, version).value_or(unlimited));
                         });
    return least;
}

std::size_t thread_count(std::size_t asked, std::size_t processors, bool oversubscribe) {
    if (asked == 0) return processors;
    return oversubscribe ? asked : std::min(asked, processors);
}

}  // namespace holdfast
