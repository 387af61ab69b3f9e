#include "delivery/device_publication.hpp"

#include "support/device_world.hpp"
#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <string_view>
#include <utility>
#include <vector>

using namespace holdfast;
using test_support::DeviceWorld;

BOOST_AUTO_TEST_SUITE(device_publication)

BOOST_AUTO_TEST_CASE(properties_are_in_wire_form_and_in_order) {
    const delivery::MessageProperties properties{.correlation_data = "c-1",
                                                 .response_topic = "a/b",
                                                 .user_properties = {{"k", "v"}, {"k", ""}}};
    ByteBuffer bytes;
    delivery::encode_properties(properties, bytes);
    const std::vector<Byte> expected =
        test_support::bytes_of("08 ('a/b')  09 ('c-1')  26 ('k') ('v')  26 ('k') ('')");
    BOOST_TEST(std::vector<Byte>(bytes.begin(), bytes.end()) == expected,
               boost::test_tools::per_element());
    ByteBuffer none;
    delivery::encode_properties({}, none);
    BOOST_TEST(none.empty());
}

BOOST_AUTO_TEST_CASE(what_a_device_said_is_read_out_of_its_wire_form) {
    using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;
    const std::vector<Byte> bytes = test_support::bytes_of(
        "01 01  03 ('text/plain')  08 ('a/b')  09 ('c-1')  26 ('k') ('v')  26 ('k') ('')");
    const auto read = delivery::PublicationProperties::read(bytes);
    BOOST_TEST(read.content_type.value() == "text/plain");
    BOOST_TEST(read.response_topic.value() == "a/b");
    BOOST_TEST(read.correlation_data.value() == "c-1");
    BOOST_TEST((read.user_properties == Pairs{{"k", "v"}, {"k", ""}}));
    BOOST_TEST(!read.is_empty());
    const auto none = delivery::PublicationProperties::read({});
    BOOST_TEST(none.is_empty());
    // It says how the payload is to be read, and nothing more.
    BOOST_TEST(delivery::PublicationProperties::read(test_support::bytes_of("01 01")).is_empty());
    const auto empty = delivery::PublicationProperties::read(test_support::bytes_of("09 ('')"));
    BOOST_TEST(empty.correlation_data.value().empty());
    BOOST_TEST(!empty.is_empty());
}

BOOST_AUTO_TEST_CASE(a_publication_has_topic_payload_and_time) {
    delivery::DeviceMessage message = DeviceWorld::message("m1");
    message.properties = {.correlation_data = "c", .response_topic = {}, .user_properties = {}};
    const Instant now{Milliseconds{5'000}};
    const MessagePtr publication = delivery::make_publication(
        message, test_support::ContentComposer{}, now, now + Seconds{60});
    BOOST_TEST(publication->topic() == message.topic);
    BOOST_TEST(as_text(publication->payload()) == "m1");
    BOOST_TEST(publication->properties().size() == 4U);
    BOOST_TEST((publication->accepted_at() == now));
    BOOST_TEST((publication->expires_at() == now + Seconds{60}));
    BOOST_TEST((publication->qos() == QoS::at_least_once));
    BOOST_TEST(!publication->retain());
}

BOOST_AUTO_TEST_SUITE_END()
