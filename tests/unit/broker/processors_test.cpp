#include "processors.hpp"

#include "base/limits.hpp"
#include "unit/broker/control_group_mount.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using Mount = test_support::ControlGroupMount;

BOOST_AUTO_TEST_SUITE(processors)

BOOST_AUTO_TEST_CASE(a_quota_is_rounded_up_to_whole_processors) {
    const Mount mount;
    mount.put("hub/cpu.max", "150000 100000\n");
    BOOST_TEST(control_group_processors("0::/hub\n", mount.root) == 2U);
    mount.put("hub/cpu.max", "5000 100000\n");
    BOOST_TEST(control_group_processors("0::/hub\n", mount.root) == 1U);
    mount.put("hub/cpu.max", "400000 100000\n");
    BOOST_TEST(control_group_processors("0::/hub\n", mount.root) == 4U);
}

BOOST_AUTO_TEST_CASE(the_least_quota_of_the_groups_around_counts) {
    const Mount mount;
    mount.put("pods.slice/hub/cpu.max", "max 100000\n");
    mount.put("pods.slice/cpu.max", "300000 100000\n");
    BOOST_TEST(control_group_processors("0::/pods.slice/hub\n", mount.root) == 3U);
    mount.put("cpu.max", "100000 100000\n");
    BOOST_TEST(control_group_processors("0::/pods.slice/hub\n", mount.root) == 1U);
}

BOOST_AUTO_TEST_CASE(version_1_has_two_files) {
    const Mount mount;
    mount.put("cpu/docker/abc/cpu.cfs_quota_us", "250000\n");
    mount.put("cpu/docker/abc/cpu.cfs_period_us", "100000\n");
    const char* const groups = "6:cpuset:/elsewhere\n5:cpu,cpuacct:/docker/abc\n";
    BOOST_TEST(control_group_processors(groups, mount.root) == 3U);
    mount.put("cpu/docker/abc/cpu.cfs_quota_us", "-1\n");
    BOOST_TEST(control_group_processors(groups, mount.root) == unlimited);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_or_makes_no_sense_bounds_nothing) {
    const Mount mount;
    BOOST_TEST(control_group_processors("0::/gone\n", mount.root) == unlimited);
    for (const char* const text : {"", "max", "100000", "100000 0", "100000 x"}) {
        mount.put("hub/cpu.max", text);
        BOOST_TEST(control_group_processors("0::/hub\n", mount.root) == unlimited, text);
    }
    BOOST_TEST(available_processors() >= 1U);
}

BOOST_AUTO_TEST_CASE(no_more_threads_than_processors_are_started_unless_one_insists) {
    BOOST_TEST(thread_count(0, 4, false) == 4U);
    BOOST_TEST(thread_count(0, 4, true) == 4U);
    BOOST_TEST(thread_count(2, 4, false) == 2U);
    BOOST_TEST(thread_count(8, 4, false) == 4U);
    BOOST_TEST(thread_count(8, 4, true) == 8U);
}

BOOST_AUTO_TEST_SUITE_END()
