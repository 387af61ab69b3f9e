#include "api/buffered_random.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace {

/// Gives 0, 1, 2, ... and counts how often it was asked.
class Counting final : public holdfast::Random {
public:
    std::size_t times_asked = 0;
    void fill(std::span<std::uint8_t> bytes) override {
        ++times_asked;
        for (std::uint8_t& byte : bytes) byte = next_++;
    }

private:
    std::uint8_t next_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(buffered_random)

BOOST_AUTO_TEST_CASE(every_byte_of_the_source_is_given_once) {
    Counting source;
    holdfast::api::BufferedRandom random{source};
    std::uint8_t expected = 0;
    for (const std::size_t count : {1, 16, 0, 1007, 1, 2048, 5}) {
        std::vector<std::uint8_t> bytes(count);
        random.fill(bytes);
        for (const std::uint8_t byte : bytes) BOOST_TEST_REQUIRE(byte == expected++);
    }
    BOOST_TEST(source.times_asked == 4U);
}

BOOST_AUTO_TEST_SUITE_END()
