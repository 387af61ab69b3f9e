#include "codec/property.hpp"

#include "unit/codec/wire_table.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <set>
#include <string>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr auto v5 = ProtocolVersion::v5;

/// A valid value of each property, by identifier.
const std::map<unsigned, std::string>& values() {
    static const std::map<unsigned, std::string> all{
        {0x01, "01"},       {0x02, "00000001"}, {0x03, "('t')"},       {0x08, "('t')"},
        {0x09, "('t')"},    {0x0B, "01"},       {0x11, "00000001"},    {0x12, "('t')"},
        {0x13, "0001"},     {0x15, "('t')"},    {0x16, "('t')"},       {0x17, "01"},
        {0x18, "00000001"}, {0x19, "01"},       {0x1A, "('t')"},       {0x1C, "('t')"},
        {0x1F, "('t')"},    {0x21, "0001"},     {0x22, "0001"},        {0x23, "0001"},
        {0x24, "01"},       {0x25, "01"},       {0x26, "('t') ('v')"}, {0x27, "00000001"},
        {0x28, "01"},       {0x29, "01"},       {0x2A, "01"},
    };
    return all;
}

struct Place {
    std::string name;
    Sender sender;
    std::string before;  ///< notation up to the property block
    std::string after;
    std::set<unsigned> allowed;  ///< identifiers, from table 2-4 of the specification
};

// AUTH and Authentication Data need a method beside them.
const Place places[] = {
    {"CONNECT",
     Sender::client,
     "10 [ ('MQTT') 05 02 0000 [",
     "] ('a') ]",
     {0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27}},
    {"Will",
     Sender::client,
     "10 [ ('MQTT') 05 06 0000 [] ('a') [",
     "] ('t') () ]",
     {0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26}},
    {"CONNACK",
     Sender::server,
     "20 [ 00 00 [",
     "] ]",
     {0x11, 0x12, 0x13, 0x15, 0x16, 0x1A, 0x1C, 0x1F, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28,
      0x29, 0x2A}},
    {"PUBLISH of a client",
     Sender::client,
     "30 [ ('t') [",
     "] ]",
     {0x01, 0x02, 0x03, 0x08, 0x09, 0x23, 0x26}},
    {"PUBLISH of a server",
     Sender::server,
     "30 [ ('t') [",
     "] ]",
     {0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x23, 0x26}},
    {"PUBACK", Sender::client, "40 [ 0001 00 [", "] ]", {0x1F, 0x26}},
    {"PUBREC", Sender::client, "50 [ 0001 00 [", "] ]", {0x1F, 0x26}},
    {"PUBREL", Sender::client, "62 [ 0001 00 [", "] ]", {0x1F, 0x26}},
    {"PUBCOMP", Sender::client, "70 [ 0001 00 [", "] ]", {0x1F, 0x26}},
    {"SUBSCRIBE", Sender::client, "82 [ 0001 [", "] ('a') 00 ]", {0x0B, 0x26}},
    {"SUBACK", Sender::server, "90 [ 0001 [", "] 00 ]", {0x1F, 0x26}},
    {"UNSUBSCRIBE", Sender::client, "A2 [ 0001 [", "] ('a') ]", {0x26}},
    {"UNSUBACK", Sender::server, "B0 [ 0001 [", "] 00 ]", {0x1F, 0x26}},
    {"DISCONNECT", Sender::client, "E0 [ 00 [", "] ]", {0x11, 0x1C, 0x1F, 0x26}},
    {"AUTH", Sender::client, "F0 [ 18 [ 15 ('m') ", "] ]", {0x16, 0x1F, 0x26}},
};

std::string hex(unsigned value) { return hex_of(ByteView{{static_cast<Byte>(value)}}); }

std::string reason(const Place& place, const std::string& properties) {
    const auto bytes = bytes_of(place.before + properties + place.after);
    const AnyDecoded decoded = decode_any(place.sender, v5, frame_of(bytes));
    return std::string{decoded.packet ? "success" : to_string(decoded.packet.error().reason)};
}

/// What the property needs beside it.
std::string company(const Place& place, unsigned id) {
    return id == 0x16 && place.name == "CONNECT" ? "15 ('m') " : "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(properties)

BOOST_AUTO_TEST_CASE(a_property_stands_only_where_the_specification_lists_it) {
    for (const Place& place : places) {
        BOOST_TEST(reason(place, "") == "success", place.name);
        for (unsigned id = 0; id < 128; ++id) {
            const auto value = values().find(id);
            const std::string property =
                hex(id) + " " + (value == values().end() ? "00" : value->second);
            std::string expected = place.allowed.contains(id) ? "success" : "malformed_packet";
            if (place.name == "PUBLISH of a client" && id == 0x0B) expected = "protocol_error";
            if (place.name == "AUTH" && id == 0x15) expected = "protocol_error";  // a second one
            BOOST_TEST(reason(place, company(place, id) + property) == expected,
                       place.name << " property " << id);
        }
    }
}

BOOST_AUTO_TEST_CASE(only_user_properties_and_a_servers_subscription_identifiers_repeat) {
    for (const Place& place : places) {
        for (const unsigned id : place.allowed) {
            const std::string one = hex(id) + " " + values().at(id) + " ";
            const bool may_repeat = id == 0x26 || (id == 0x0B && place.name != "SUBSCRIBE");
            BOOST_TEST(reason(place, company(place, id) + one + one) ==
                           (may_repeat ? "success" : "protocol_error"),
                       place.name << " property " << id);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_property_cut_at_any_byte_is_malformed) {
    for (const Place& place : places) {
        for (const unsigned id : place.allowed) {
            const auto property = bytes_of(hex(id) + values().at(id));
            for (std::size_t size = 1; size < property.size(); ++size) {
                const std::string cut = hex_of(ByteView{property}.first(size));
                BOOST_TEST(reason(place, company(place, id) + cut) == "malformed_packet",
                           place.name << " property " << id);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_property_block_ends_within_the_packet) {
    for (const Place& place : places) {
        const std::size_t open = place.before.rfind('[');
        const std::string beyond = place.before.substr(0, open) + "7F 26 ('k') ('v') ]";
        const auto bytes = bytes_of(beyond);
        const AnyDecoded decoded = decode_any(place.sender, v5, frame_of(bytes));
        BOOST_TEST_REQUIRE(decoded.packet.has_error(), place.name);
        BOOST_TEST((decoded.packet.error().reason == ReasonCode::malformed_packet), place.name);
    }
}

BOOST_AUTO_TEST_CASE(an_empty_property_block_says_zero, *label("MQTT5-2.2.2-1")) {
    for (const Place& place : places) {
        if (place.name == "AUTH") continue;
        const auto bytes = bytes_of(place.before + place.after);
        const AnyDecoded decoded = decode_any(place.sender, v5, frame_of(bytes));
        BOOST_TEST_REQUIRE(decoded.packet.has_value(), place.name);
        ByteBuffer out;
        encode_any(out, v5, *decoded.packet);
        // Acknowledgements and DISCONNECT leave reason and length out where both say nothing.
        const bool is_short = out.size() < bytes.size();
        BOOST_TEST((is_short || hex_of({out.data(), out.size()}) == hex_of(bytes)), place.name);
    }
    BOOST_TEST(reason(places[3], "") == "success");
    const auto without = bytes_of("30 [ ('t') ]");
    BOOST_TEST(decode_any(Sender::client, v5, frame_of(without)).packet.has_error());
}

BOOST_AUTO_TEST_CASE(the_table_knows_its_properties_by_their_numbers) {
    for (std::uint32_t id = 0; id < 300; ++id) {
        const Property* property = find_property(id);
        BOOST_TEST((property != nullptr) == values().contains(id), id);
        if (property == nullptr) continue;
        BOOST_TEST(static_cast<std::uint32_t>(property->id) == id);
        BOOST_TEST(!property->name.empty());
    }
    BOOST_TEST(find_property(0xFFFFFFFF) == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
