#include "unit/codec/wire_table.hpp"

#include "support/packet_text.hpp"

#include <boost/test/unit_test.hpp>

namespace test_support {

using namespace holdfast;
using namespace holdfast::codec;

Frame frame_of(const std::vector<Byte>& bytes) {
    const Decoded<Frame> frame = next_frame(bytes, unlimited);
    BOOST_TEST_REQUIRE(frame.has_value());
    BOOST_TEST_REQUIRE(frame->size == bytes.size());
    return *frame;
}

void check_case(const WireCase& row) {
    BOOST_TEST_CONTEXT(row.bytes << " (" << row.text << ")") {
        const std::vector<Byte> bytes = bytes_of(row.bytes);
        const AnyDecoded decoded = decode_any(row.sender, row.version, frame_of(bytes));
        if (row.form != Form::refused) {
            BOOST_TEST_REQUIRE(decoded.packet.has_value());
            BOOST_TEST(to_text(*decoded.packet) == row.text);
            return;
        }
        BOOST_TEST_REQUIRE(decoded.packet.has_error());
        const Violation violation = decoded.packet.error();
        BOOST_TEST(to_string(violation.reason) == to_string(row.reason));
        BOOST_TEST(violation.clause == row.clause);
        BOOST_TEST(!violation.cause.empty());
    }
}

void check_refusals(std::string_view clause) {
    std::size_t rows = 0;
    for (const WireCase& row : wire_cases()) {
        if (row.clause != clause) continue;
        ++rows;
        check_case(row);
    }
    BOOST_TEST(rows > 0U, "no row for " << clause);
}

std::string decoded_text(Sender sender, ProtocolVersion version, std::string_view notation) {
    const std::vector<Byte> bytes = bytes_of(notation);
    const AnyDecoded decoded = decode_any(sender, version, frame_of(bytes));
    if (decoded.packet.has_error()) return std::string{to_string(decoded.packet.error().reason)};
    return to_text(*decoded.packet);
}

}  // namespace test_support
