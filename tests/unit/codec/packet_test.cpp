#include "codec/packet.hpp"

#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;

namespace {

std::string text_of(const UserProperties& properties) {
    std::string text;
    properties.for_each([&text](const UserProperty& property) {
        text.append(property.name).append("=").append(property.value).append(" ");
    });
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(packets)

BOOST_AUTO_TEST_CASE(every_type_has_the_name_of_the_specification) {
    std::string names;
    for (unsigned type = 0; type < 16; ++type) {
        names.append(to_string(static_cast<PacketType>(type))).append(" ");
    }
    BOOST_TEST(names ==
               "RESERVED CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK "
               "UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT AUTH ");
}

BOOST_AUTO_TEST_CASE(user_properties_are_found_among_other_properties) {
    const std::vector<Byte> block = bytes_of(
        "01 01 26 ('a') ('1') 02 00000001 09 (26 0001) 26 ('b') () 0B FF7F 23 0001 26 () ('3') "
        "1F ('why')");
    const UserProperties properties{ByteView{block}};
    BOOST_TEST(!properties.empty());
    BOOST_TEST(properties.size() == 3U);
    BOOST_TEST(text_of(properties) == "a=1 b= =3 ");
}

BOOST_AUTO_TEST_CASE(no_user_properties_are_empty) {
    BOOST_TEST(UserProperties{}.empty());
    BOOST_TEST(UserProperties{}.size() == 0U);
    const std::vector<Byte> block = bytes_of("01 01 09 ('x')");
    const UserProperties properties{ByteView{block}};
    BOOST_TEST(properties.empty());
    BOOST_TEST(text_of(properties).empty());
}

BOOST_AUTO_TEST_CASE(user_properties_may_be_a_list) {
    const UserProperty list[] = {{"a", "1"}, {"b", "2"}};
    const UserProperties properties{std::span{list}};
    BOOST_TEST(!properties.empty());
    BOOST_TEST(properties.size() == 2U);
    BOOST_TEST(text_of(properties) == "a=1 b=2 ");
}

BOOST_AUTO_TEST_SUITE_END()
