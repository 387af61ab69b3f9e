#pragma once
// How the tests of this folder use the table of wire examples.

#include "support/wire_cases.hpp"

#include <string_view>

namespace test_support {

/// The whole bytes as one frame; fails the test when they are not exactly that.
[[nodiscard]] holdfast::codec::Frame frame_of(const std::vector<holdfast::Byte>& bytes);

/// Fails the test unless the bytes are the packet or the violation that the row says.
void check_case(const WireCase& row);

/// Every row that is refused with this clause is refused, and there is such a row.
void check_refusals(std::string_view clause);

/// What to_text() says about the packet in `bytes`, or the reason of the violation.
[[nodiscard]] std::string decoded_text(Sender sender, holdfast::codec::ProtocolVersion version,
                                       std::string_view bytes);

}  // namespace test_support
