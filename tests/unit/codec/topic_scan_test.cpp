// The one pass against the plain rules it combines.

#include "codec/topic_scan.hpp"

#include "base/topic.hpp"
#include "base/utf8.hpp"
#include "support/random_topics.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>

using namespace holdfast;
using namespace holdfast::codec;

namespace {

void check(const std::string& topic) {
    const TopicScan scan = scan_topic(topic);
    const bool is_utf8 = is_valid_utf8_string(topic);
    const auto slashes = std::count(topic.begin(), topic.end(), '/');
    BOOST_REQUIRE_EQUAL(scan.is_utf8, is_utf8);
    BOOST_REQUIRE_EQUAL(scan.has_wildcard, has_wildcard(topic));
    const auto levels = static_cast<std::size_t>(slashes) + 1;
    BOOST_REQUIRE(!is_too_deep(topic, levels));
    BOOST_REQUIRE(levels == 1 || is_too_deep(topic, levels - 1));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(topic_scans)

BOOST_AUTO_TEST_CASE(any_byte_at_any_place_is_seen) {
    for (std::size_t size = 1; size <= 26; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string topic(size, 't');
                topic[at] = static_cast<char>(byte);
                check(topic);
            }
        }
    }
    check("");
}

BOOST_AUTO_TEST_CASE(bytes_beside_a_special_one_are_not_mistaken) {
    // What a borrow between the bytes of a word could touch.
    for (const char special : {'\0', '+', '#', '/', '\x01', '*', ',', '"', '$', '.', '0', '\x7F'}) {
        for (const char other : {'\x01', '*', ',', '"', '$', '.', '0', '/', '\x7F', '\x80'}) {
            for (std::size_t at = 0; at < 8; ++at) {
                std::string topic(8, other);
                topic[at] = special;
                check(topic);
                check("12345678" + topic + "123");
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(random_topics_are_seen_as_the_plain_rules_see_them) {
    const std::uint64_t seed = test_support::number_from_environment("HOLDFAST_SEED", 1);
    const std::uint64_t steps = test_support::number_from_environment("HOLDFAST_STEPS", 20'000);
    BOOST_TEST_MESSAGE("HOLDFAST_SEED=" << seed << " HOLDFAST_STEPS=" << steps);
    std::mt19937_64 random{seed};
    const std::string alphabet = "ab/+#\xC3\xA4\x7F$";
    for (std::uint64_t step = 0; step < steps; ++step) {
        std::string topic(random() % 40, 'x');
        for (char& c : topic) {
            if (random() % 8 == 0) c = alphabet[random() % alphabet.size()];
        }
        check(topic);
    }
}

BOOST_AUTO_TEST_SUITE_END()
