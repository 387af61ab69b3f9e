#include "api/sub_device_statuses.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using namespace holdfast::api;

struct Fixture {
    SubDeviceStatuses statuses;

    std::string taken(const std::string& gateway_id, std::size_t count_max = 100) {
        std::string text;
        for (const SubDevice& device : statuses.take_of(gateway_id, count_max)) {
            text += device.device_id + "=" + std::to_string(device.number) + " ";
        }
        return text;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sub_device_statuses, Fixture)

BOOST_AUTO_TEST_CASE(a_device_is_online_while_its_gateway_says_so) {
    BOOST_TEST(!statuses.is_online("a"));
    BOOST_TEST(statuses.set_online("gw", {1, "a"}));
    BOOST_TEST(!statuses.set_online("gw", {1, "a"}));  // nothing changed
    BOOST_TEST(statuses.is_online("a"));
    BOOST_TEST(!statuses.is_online("b"));
    BOOST_TEST(statuses.remove("a"));
    BOOST_TEST(!statuses.remove("a"));
    BOOST_TEST(!statuses.is_online("a"));
    BOOST_TEST(!statuses.has_some_of("gw"));
}

BOOST_AUTO_TEST_CASE(the_devices_of_one_gateway_are_taken_some_at_a_time) {
    for (const char* id : {"c", "a", "b"}) statuses.set_online("gw", {7, id});
    statuses.set_online("other", {8, "x"});
    statuses.remove("b");
    BOOST_TEST(statuses.has_some_of("gw"));
    BOOST_TEST(taken("gw", 1) == "a=7 ");
    BOOST_TEST(!statuses.is_online("a"));
    BOOST_TEST(statuses.is_online("c"));
    BOOST_TEST(taken("gw") == "c=7 ");
    BOOST_TEST(taken("gw").empty());
    BOOST_TEST(!statuses.has_some_of("gw"));
    BOOST_TEST(statuses.is_online("x"));
    BOOST_TEST(taken("other") == "x=8 ");
    BOOST_TEST(!statuses.is_online("x"));
}

BOOST_AUTO_TEST_SUITE_END()
