#include "api/uuid.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace {

class SameByte final : public holdfast::Random {
public:
    explicit SameByte(std::uint8_t byte) : byte_(byte) {}
    void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, byte_); }

private:
    const std::uint8_t byte_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(uuid)

BOOST_AUTO_TEST_CASE(an_uuid_says_version_and_variant_and_is_random_otherwise) {
    SameByte zeros{0};
    SameByte ones{0xFF};
    BOOST_TEST(holdfast::api::make_uuid(zeros) == "00000000-0000-4000-8000-000000000000");
    BOOST_TEST(holdfast::api::make_uuid(ones) == "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

BOOST_AUTO_TEST_SUITE_END()
