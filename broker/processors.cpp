#include "processors.hpp"

#include "base/limits.hpp"
#include "control_groups.hpp"

#include <sched.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>

namespace holdfast {

namespace {

/// Of the texts of a quota and the period that it is for. No number or no period: there is no quota.
std::size_t processors_of(std::string_view quota_text, std::string_view period_text) {
    const std::size_t period = number_in(period_text).value_or(0);
    const auto quota = number_in(quota_text);
    if (!quota || period == 0) return unlimited;
    return std::max<std::size_t>((*quota + period - 1) / period, 1);
}

std::size_t quota_of(const std::filesystem::path& group, ControlGroupVersion version) {
    if (version == ControlGroupVersion::one) {  // -1: none
        return processors_of(text_of(group / "cpu.cfs_quota_us"), text_of(group / "cpu.cfs_period_us"));
    }
    const std::string text = text_of(group / "cpu.max");  // "50000 100000", "max 100000"
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view period = std::string_view{text}.substr(space);
    return processors_of(text, period.empty() ? period : period.substr(1));
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
                             least = std::min(least, quota_of(group, version));
                         });
    return least;
}

std::size_t thread_count(std::size_t asked, std::size_t processors, bool oversubscribe) {
    if (asked == 0) return processors;
    return oversubscribe ? asked : std::min(asked, processors);
}

}  // namespace holdfast
