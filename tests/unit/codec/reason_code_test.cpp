#include "codec/reason_code.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace holdfast::codec;
using boost::unit_test::label;

namespace {

std::string name(unsigned code) { return std::string{to_string(static_cast<ReasonCode>(code))}; }

unsigned return_code(ReasonCode code) { return static_cast<unsigned>(to_return_code(code)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(reason_codes)

BOOST_AUTO_TEST_CASE(every_code_of_the_specification_has_a_name_of_its_own) {
    std::set<std::string> names;
    std::string known;
    for (unsigned code = 0; code < 256; ++code) {
        if (name(code) == "unknown") continue;
        known += std::to_string(code) + " ";
        BOOST_TEST(names.insert(name(code)).second, name(code));
    }
    BOOST_TEST(
        known ==
        "0 1 2 4 16 17 24 25 128 129 130 131 132 133 134 135 136 137 138 139 140 141 142 143 "
        "144 145 146 147 148 149 150 151 152 153 154 155 156 157 158 159 160 161 162 ");
}

BOOST_AUTO_TEST_CASE(names_are_those_of_the_specification) {
    BOOST_TEST(name(0x00) == "success");
    BOOST_TEST(name(0x81) == "malformed_packet");
    BOOST_TEST(name(0x82) == "protocol_error");
    BOOST_TEST(name(0x95) == "packet_too_large");
    BOOST_TEST(name(0xA2) == "wildcard_subscriptions_not_supported");
    BOOST_TEST(name(0x03) == "unknown");
    BOOST_TEST(name(0xFF) == "unknown");
}

BOOST_AUTO_TEST_CASE(codes_from_0x80_on_are_errors) {
    BOOST_TEST(!is_error(ReasonCode::success));
    BOOST_TEST(!is_error(ReasonCode::re_authenticate));
    BOOST_TEST(is_error(ReasonCode::unspecified_error));
    BOOST_TEST(is_error(ReasonCode::wildcard_subscriptions_not_supported));
}

BOOST_AUTO_TEST_CASE(return_codes_of_3_1_1_are_the_nearest, *label("MQTT3-3.1.2-2")) {
    BOOST_TEST(return_code(ReasonCode::success) == 0U);
    BOOST_TEST(return_code(ReasonCode::unsupported_protocol_version) == 1U);
    BOOST_TEST(return_code(ReasonCode::client_identifier_not_valid) == 2U);
    BOOST_TEST(return_code(ReasonCode::server_unavailable) == 3U);
    BOOST_TEST(return_code(ReasonCode::server_busy) == 3U);
    BOOST_TEST(return_code(ReasonCode::quota_exceeded) == 3U);
    BOOST_TEST(return_code(ReasonCode::bad_user_name_or_password) == 4U);
    BOOST_TEST(return_code(ReasonCode::not_authorized) == 5U);
    BOOST_TEST(return_code(ReasonCode::banned) == 5U);
    for (unsigned code = 0x80; code < 0x100; ++code) {
        BOOST_TEST(return_code(static_cast<ReasonCode>(code)) != 0U);
    }
}

BOOST_AUTO_TEST_CASE(subscribe_return_codes_of_3_1_1_are_granted_qos_or_failure,
                     *label("MQTT3-3.9.3-2")) {
    BOOST_TEST((to_suback_return_code(ReasonCode::success) == ReasonCode::success));
    BOOST_TEST((to_suback_return_code(ReasonCode::granted_qos_2) == ReasonCode::granted_qos_2));
    BOOST_TEST(
        (to_suback_return_code(ReasonCode::topic_filter_invalid) == ReasonCode::unspecified_error));
}

BOOST_AUTO_TEST_SUITE_END()
