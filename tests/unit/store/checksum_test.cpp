#include "store/checksum.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace holdfast;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checksum)

BOOST_AUTO_TEST_CASE(it_is_crc_32c) {
    BOOST_TEST(store::crc32c(0, bytes_of("123456789")) == 0xE3069283U);
    BOOST_TEST(store::crc32c(0, bytes_of("")) == 0U);
    BOOST_TEST(store::crc32c(0, bytes_of(std::string(32, '\0'))) == 0x8A9136AAU);  // RFC 3720
}

BOOST_AUTO_TEST_CASE(instruction_and_table_agree_for_every_length_and_alignment) {
    std::vector<std::byte> bytes;
    for (unsigned i = 0; i < 80; ++i) bytes.push_back(static_cast<std::byte>(i * 37U));
    for (std::size_t from = 0; from < 8; ++from) {
        for (std::size_t count = 0; count + from <= bytes.size(); ++count) {
            const auto part = std::span<const std::byte>(bytes).subspan(from, count);
            BOOST_REQUIRE_EQUAL(store::crc32c(7, part), store::crc32c_by_table(7, part));
        }
    }
}

BOOST_AUTO_TEST_CASE(parts_add_up_to_the_whole) {
    const std::string text = "one part and another";
    const std::uint32_t first = store::crc32c(0, bytes_of(text.substr(0, 7)));
    BOOST_TEST(store::crc32c(first, bytes_of(text.substr(7))) == store::crc32c(0, bytes_of(text)));
}

BOOST_AUTO_TEST_SUITE_END()
