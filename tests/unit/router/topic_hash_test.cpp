#include "router/topic_hash.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <set>
#include <string>

using holdfast::router::hash_text;

BOOST_AUTO_TEST_SUITE(topic_hash)

BOOST_AUTO_TEST_CASE(every_byte_and_the_length_count) {
    for (std::size_t size = 1; size <= 70; ++size) {
        const std::string text(size, 'a');
        std::set<std::uint64_t> hashes{hash_text(text, 1), hash_text(text + 'a', 1)};
        for (std::size_t i = 0; i < size; ++i) {
            std::string other = text;
            other[i] = 'b';
            hashes.insert(hash_text(other, 1));
        }
        BOOST_TEST(hashes.size() == size + 2);
    }
}

BOOST_AUTO_TEST_CASE(the_seed_changes_every_hash) {
    for (const std::string text : {"", "a", "site/17/pump", "a/longer/topic/than/sixteen/bytes"}) {
        BOOST_TEST(hash_text(text, 1) != hash_text(text, 2));
    }
}

BOOST_AUTO_TEST_CASE(neighbouring_topics_differ_in_about_half_of_the_bits) {
    int bits = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::string topic = "devices/pump-" + std::to_string(i) + "/state";
        const std::string next = "devices/pump-" + std::to_string(i + 1) + "/state";
        bits += std::popcount(hash_text(topic, 7) ^ hash_text(next, 7));
    }
    BOOST_TEST(bits > 31'000);
    BOOST_TEST(bits < 33'000);
}

BOOST_AUTO_TEST_SUITE_END()
