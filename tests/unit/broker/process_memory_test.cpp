#include "process_memory.hpp"

#include "unit/broker/control_group_mount.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using Mount = test_support::ControlGroupMount;

namespace {

constexpr std::size_t mib = 1024 * 1024;

}  // namespace

BOOST_AUTO_TEST_SUITE(process_memory)

BOOST_AUTO_TEST_CASE(the_resident_pages_are_the_second_number) {
    BOOST_TEST(resident_bytes("1000 250 30 1 0 200 0\n", 4096) == 250U * 4096);
    BOOST_TEST(resident_bytes("", 4096) == 0U);
    BOOST_TEST(resident_bytes("1000", 4096) == 0U);
    BOOST_TEST(resident_bytes() > mib);
}

BOOST_AUTO_TEST_CASE(the_least_limit_of_the_groups_around_counts) {
    const Mount mount;
    mount.put("system.slice/hub.service/memory.max", "max\n");
    mount.put("system.slice/memory.max", "1048576\n");
    BOOST_TEST(control_group_bytes("0::/system.slice/hub.service\n", mount.root) == mib);
    mount.put("system.slice/hub.service/memory.max", "4096\n");
    BOOST_TEST(control_group_bytes("0::/system.slice/hub.service\n", mount.root) == 4096U);
    // Inside a container the group is the root.
    mount.put("memory.max", "2048\n");
    BOOST_TEST(control_group_bytes("0::/\n", mount.root) == 2048U);
}

BOOST_AUTO_TEST_CASE(version_1_has_a_hierarchy_of_its_own) {
    const Mount mount;
    mount.put("memory/docker/abc/memory.limit_in_bytes", "1048576\n");
    BOOST_TEST(control_group_bytes("5:cpu:/docker/abc\n4:memory:/docker/abc\n", mount.root) == mib);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_bounds_nothing) {
    const Mount mount;
    BOOST_TEST(control_group_bytes("0::/gone\n", mount.root) == unlimited);
    BOOST_TEST(control_group_bytes("no groups at all", mount.root) == unlimited);
    BOOST_TEST(control_group_bytes("", mount.root) == unlimited);
    BOOST_TEST(available_bytes() > mib);
}

BOOST_AUTO_TEST_CASE(the_lower_of_both_limits_holds) {
    BOOST_TEST(memory_budget({}, 1'000) == 800U);
    BOOST_TEST(memory_budget({.memory_max = 500}, 1'000) == 500U);
    BOOST_TEST(memory_budget({.memory_max = 900}, 1'000) == 800U);
    BOOST_TEST(memory_budget({}, unlimited) == unlimited);
    BOOST_TEST(memory_budget({.memory_percent_max = unlimited}, 1'000) == unlimited);
}

BOOST_AUTO_TEST_SUITE_END()
