#include "codec/violation.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>

using namespace holdfast::codec;

BOOST_AUTO_TEST_SUITE(violations)

BOOST_AUTO_TEST_CASE(asking_a_violation_for_its_value_tells_what_happened) {
    const Decoded<int> decoded =
        Violation{ReasonCode::protocol_error, "MQTT5-3.8.3-2", "SUBSCRIBE holds no Topic Filter."};
    BOOST_CHECK_EXCEPTION((void)decoded.value(), std::runtime_error, [](const auto& error) {
        return std::string{error.what()} ==
               "protocol_error [MQTT5-3.8.3-2]: SUBSCRIBE holds no Topic Filter.";
    });
}

BOOST_AUTO_TEST_CASE(a_violation_without_a_clause_tells_none) {
    const Decoded<int> decoded = Violation{ReasonCode::malformed_packet, "", "Too short."};
    BOOST_CHECK_EXCEPTION((void)decoded.value(), std::runtime_error, [](const auto& error) {
        return std::string{error.what()} == "malformed_packet: Too short.";
    });
}

BOOST_AUTO_TEST_SUITE_END()
