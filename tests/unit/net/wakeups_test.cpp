#include "net/wakeups.hpp"

#include <boost/test/unit_test.hpp>

#include <sched.h>

using namespace holdfast;
using net::Wakeups;
using std::chrono::milliseconds;

BOOST_AUTO_TEST_SUITE(wakeups)

BOOST_AUTO_TEST_CASE(a_thread_that_gets_its_core_at_once_stays_eager) {
    Wakeups wakeups;
    BOOST_TEST(!wakeups.on_tick(milliseconds{0}));
    BOOST_TEST(!wakeups.on_tick(milliseconds{10}));
    BOOST_TEST(!wakeups.is_patient());
}

BOOST_AUTO_TEST_CASE(a_thread_that_waits_much_becomes_patient_until_it_hardly_waits) {
    Wakeups wakeups;
    BOOST_TEST(wakeups.on_tick(milliseconds{80}));
    BOOST_TEST(wakeups.is_patient());
    BOOST_TEST(!wakeups.on_tick(milliseconds{80 + 30}));
    BOOST_TEST(wakeups.is_patient());
    BOOST_TEST(wakeups.on_tick(milliseconds{80 + 30 + 5}));
    BOOST_TEST(!wakeups.is_patient());
}

BOOST_AUTO_TEST_CASE(where_the_kernel_does_not_count_all_stays_as_it_is) {
    Wakeups wakeups;
    for (int i = 0; i < 3; ++i) BOOST_TEST(!wakeups.on_tick(milliseconds{0}));
}

BOOST_AUTO_TEST_CASE(the_kernels_count_never_goes_back) {
    const auto before = net::core_wait();
    BOOST_TEST((before.count() >= 0));
    BOOST_TEST((net::core_wait() >= before));
}

BOOST_AUTO_TEST_CASE(the_kernel_is_told_and_told_back) {
    BOOST_TEST_REQUIRE(::sched_getscheduler(0) == SCHED_OTHER);
    net::set_patient(true);
    BOOST_TEST(::sched_getscheduler(0) == SCHED_BATCH);
    net::set_patient(false);
    BOOST_TEST(::sched_getscheduler(0) == SCHED_OTHER);
}

BOOST_AUTO_TEST_SUITE_END()
