#pragma once
// What tests of stored records share: random messages, messages as text, golden files, and the walk
// over every way to cut a record short.

#include "base/message.hpp"
#include "delivery/record_io.hpp"
#include "store/store.hpp"
#include "support/random_topics.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace test_support {

/// Valid in every respect, with stamps near the given instant.
[[nodiscard]] holdfast::MessagePtr random_message(RandomTopics& random, holdfast::Instant near);
[[nodiscard]] std::string random_text(RandomTopics& random, std::size_t length_max);

/// Everything that a record keeps of a message.
[[nodiscard]] std::string to_text(const holdfast::ApplicationMessage& message);

/// The file of that name in tests/golden.
[[nodiscard]] holdfast::store::Bytes golden(std::string_view name);

[[nodiscard]] std::string hex_of(const holdfast::store::Bytes& bytes);
/// From pairs of hex digits.
[[nodiscard]] holdfast::store::Bytes stored_bytes_of(std::string_view notation);

/// The bytes cut at every place, and with one byte too many, are errors of the right kind.
template <class Decode>
void check_every_truncation(const holdfast::store::Bytes& bytes, Decode&& decode) {
    using Kind = holdfast::delivery::RecordError::Kind;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        // A copy of the exact size, so that AddressSanitizer sees one byte too many.
        const holdfast::store::Bytes cut(bytes.begin(),
                                         bytes.begin() + static_cast<std::ptrdiff_t>(size));
        const auto result = decode(cut);
        BOOST_REQUIRE_MESSAGE(result.has_error(), "cut at " << size << " of " << bytes.size());
        BOOST_REQUIRE_MESSAGE(result.error().kind == Kind::cut_short,
                              "cut at " << size << ": " << to_string(result.error()));
    }
    holdfast::store::Bytes longer = bytes;
    longer.push_back(std::byte{0});
    const auto result = decode(longer);
    BOOST_REQUIRE(result.has_error());
    BOOST_TEST((result.error().kind == Kind::trailing_bytes));
    BOOST_TEST(result.error().offset == bytes.size());
}

}  // namespace test_support
