// UTF-8 Encoded Strings against a decoder written from RFC 3629, one code point at a time.

#include "base/utf8.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <random>
#include <string>

using boost::unit_test::label;
using holdfast::is_valid_utf8_string;

namespace {

/// The code point at `at`, advanced behind it; -1 when ill-formed.
std::int32_t take_code_point(const std::string& text, std::size_t& at) {
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const std::uint32_t lead = byte(at);
    std::size_t more = 0;
    std::uint32_t value = lead;
    std::uint32_t smallest = 0;
    if (lead >= 0x80) {
        if ((lead & 0xE0) == 0xC0)
            more = 1, value = lead & 0x1F, smallest = 0x80;
        else if ((lead & 0xF0) == 0xE0)
            more = 2, value = lead & 0x0F, smallest = 0x800;
        else if ((lead & 0xF8) == 0xF0)
            more = 3, value = lead & 0x07, smallest = 0x10000;
        else
            return -1;
    }
    for (std::size_t i = 1; i <= more; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80) return -1;
        value = value << 6 | (byte(at + i) & 0x3F);
    }
    at += 1 + more;
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest || value > 0x10FFFF || is_surrogate) return -1;
    return static_cast<std::int32_t>(value);
}

bool is_valid_slowly(const std::string& text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (take_code_point(text, at) <= 0) return false;
    }
    return true;
}

std::string bytes(std::initializer_list<unsigned> values) {
    std::string text;
    for (const unsigned value : values) text += static_cast<char>(value);
    return text;
}

/// Alone and at each place of two words, so that both the fast and the slow path see it.
void check_everywhere(const std::string& text) {
    const bool expected = is_valid_slowly(text);
    for (std::size_t before = 0; before <= 16; before += before < 9 ? 1 : 7) {
        for (const std::size_t after : {0U, 1U, 9U}) {
            const std::string padded = std::string(before, 'a') + text + std::string(after, 'z');
            BOOST_REQUIRE_EQUAL(is_valid_utf8_string(padded), expected);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(the_empty_string_is_valid) {
    BOOST_TEST(is_valid_utf8_string(""));
    BOOST_TEST(is_valid_utf8_string(std::string_view{}));
}

BOOST_AUTO_TEST_CASE(every_sequence_of_two_bytes_is_judged_as_the_standard_does,
                     *label("MQTT5-1.5.4-1") * label("MQTT3-1.5.3-1")) {
    for (unsigned first = 0; first < 256; ++first) {
        check_everywhere(bytes({first}));
        for (unsigned second = 0; second < 256; ++second) {
            const std::string text = bytes({first, second});
            BOOST_REQUIRE_EQUAL(is_valid_utf8_string(text), is_valid_slowly(text));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_sequence_of_three_bytes_at_a_boundary_is_judged_as_the_standard_does,
                     *label("MQTT5-1.5.4-1") * label("MQTT3-1.5.3-1")) {
    for (unsigned first = 0xDF; first < 0xF2; ++first) {
        for (unsigned second = 0x7E; second < 0xC2; ++second) {
            for (const unsigned third : {0x00U, 0x7FU, 0x80U, 0xBFU, 0xC0U}) {
                const std::string text = bytes({first, second, third});
                BOOST_REQUIRE_EQUAL(is_valid_utf8_string(text), is_valid_slowly(text));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(every_sequence_of_four_bytes_at_a_boundary_is_judged_as_the_standard_does,
                     *label("MQTT5-1.5.4-1") * label("MQTT3-1.5.3-1")) {
    for (unsigned first = 0xEF; first < 0xF9; ++first) {
        for (unsigned second = 0x7E; second < 0xC2; ++second) {
            for (const unsigned third : {0x7FU, 0x80U, 0xBFU, 0xC0U}) {
                for (const unsigned fourth : {0x00U, 0x7FU, 0x80U, 0xBFU, 0xC0U}) {
                    const std::string text = bytes({first, second, third, fourth});
                    BOOST_REQUIRE_EQUAL(is_valid_utf8_string(text), is_valid_slowly(text));
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(overlong_forms_surrogates_and_values_beyond_unicode_are_refused_anywhere,
                     *label("MQTT5-1.5.4-1") * label("MQTT3-1.5.3-1")) {
    for (const auto& text :
         {bytes({0xC0, 0x80}), bytes({0xC1, 0xBF}), bytes({0xE0, 0x9F, 0xBF}),
          bytes({0xF0, 0x8F, 0xBF, 0xBF}), bytes({0xED, 0xA0, 0x80}), bytes({0xED, 0xBF, 0xBF}),
          bytes({0xF4, 0x90, 0x80, 0x80}), bytes({0xF5, 0x80, 0x80, 0x80}), bytes({0x80}),
          bytes({0xC3}), bytes({0xE2, 0x82}), bytes({0xF0, 0x9F, 0x98}), bytes({0xFE}),
          bytes({0xFF})}) {
        BOOST_TEST(!is_valid_slowly(text));
        check_everywhere(text);
    }
}

BOOST_AUTO_TEST_CASE(u_0000_is_refused_anywhere, *label("MQTT5-1.5.4-2") * label("MQTT3-1.5.3-2")) {
    for (std::size_t size = 1; size <= 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'x');
            BOOST_TEST(is_valid_utf8_string(text));
            text[at] = '\0';
            BOOST_TEST(!is_valid_utf8_string(text));
        }
    }
}

BOOST_AUTO_TEST_CASE(control_characters_and_noncharacters_are_allowed) {
    BOOST_TEST(is_valid_utf8_string("\x01\x1F\x7F"));
    BOOST_TEST(is_valid_utf8_string(bytes({0xC2, 0x80, 0xC2, 0x9F})));
    BOOST_TEST(is_valid_utf8_string(bytes({0xEF, 0xBF, 0xBF})));
    BOOST_TEST(is_valid_utf8_string(bytes({0xF4, 0x8F, 0xBF, 0xBF})));
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_a_character_anywhere,
                     *label("MQTT5-1.5.4-3") * label("MQTT3-1.5.3-3")) {
    const std::string mark = bytes({0xEF, 0xBB, 0xBF});
    check_everywhere(mark);
    BOOST_TEST(is_valid_utf8_string(mark));
    BOOST_TEST(is_valid_utf8_string("a" + mark + "b" + mark));
}

BOOST_AUTO_TEST_CASE(random_text_is_judged_as_the_standard_does) {
    constexpr unsigned seed = 20'240'229;
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random{seed};
    constexpr unsigned interesting[] = {0x00, 0x41, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2,
                                        0xDF, 0xE0, 0xED, 0xEE, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF};
    for (int run = 0; run < 20'000; ++run) {
        std::string text(random() % 24, 'a');
        for (auto changes = random() % 6; changes > 0 && !text.empty(); --changes) {
            text[random() % text.size()] =
                static_cast<char>(interesting[random() % std::size(interesting)]);
        }
        BOOST_REQUIRE_EQUAL(is_valid_utf8_string(text), is_valid_slowly(text));
    }
}

BOOST_AUTO_TEST_SUITE_END()
