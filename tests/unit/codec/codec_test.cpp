// The table of wire examples through every decoder and encoder: as it is, cut at every byte, and
// with every bit flipped.

#include "codec/codec.hpp"

#include "support/packet_text.hpp"
#include "unit/codec/wire_table.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;

namespace {

/// A copy whose end the sanitizer guards.
struct Guarded {
    explicit Guarded(ByteView bytes) : size(bytes.size()), data(new Byte[size]) {
        std::copy(bytes.begin(), bytes.end(), data.get());
    }
    [[nodiscard]] ByteView view() const { return {data.get(), size}; }
    std::size_t size;
    std::unique_ptr<Byte[]> data;
};

/// Decodes and reads everything that the packet shows; only the sanitizers look at the result.
void read_all(const WireCase& row, ByteView bytes) {
    const Guarded copy{bytes};
    const Decoded<Frame> frame = next_frame(copy.view(), unlimited);
    if (!frame || frame->size == 0) return;
    for (const Sender sender : {Sender::client, Sender::server}) {
        const AnyDecoded decoded = decode_any(sender, row.version, *frame);
        if (decoded.packet) (void)to_text(*decoded.packet);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_table)

BOOST_AUTO_TEST_CASE(every_example_decodes_as_the_table_says) {
    for (const WireCase& row : wire_cases()) check_case(row);
}

BOOST_AUTO_TEST_CASE(every_canonical_example_encodes_to_the_same_bytes) {
    std::size_t rows = 0;
    for (const WireCase& row : wire_cases()) {
        if (row.form != Form::canonical) continue;
        BOOST_TEST_CONTEXT(row.bytes) {
            ++rows;
            const std::vector<Byte> bytes = bytes_of(row.bytes);
            const AnyDecoded decoded = decode_any(row.sender, row.version, frame_of(bytes));
            BOOST_TEST_REQUIRE(decoded.packet.has_value());
            ByteBuffer out;
            encode_any(out, row.version, *decoded.packet);
            BOOST_TEST(hex_of({out.data(), out.size()}) == hex_of(bytes));
        }
    }
    BOOST_TEST(rows > 50U);
}

BOOST_AUTO_TEST_CASE(every_packet_means_the_same_after_encoding) {
    for (const WireCase& row : wire_cases()) {
        if (row.form == Form::refused) continue;
        BOOST_TEST_CONTEXT(row.bytes) {
            const std::vector<Byte> bytes = bytes_of(row.bytes);
            const AnyDecoded decoded = decode_any(row.sender, row.version, frame_of(bytes));
            BOOST_TEST_REQUIRE(decoded.packet.has_value());
            ByteBuffer out;
            encode_any(out, row.version, *decoded.packet);
            const std::vector<Byte> again(out.begin(), out.end());
            const AnyDecoded second = decode_any(row.sender, row.version, frame_of(again));
            BOOST_TEST_REQUIRE(second.packet.has_value());
            // The client's encoders of requests do not write User Properties.
            if (row.text.find("SUBSCRIBE") != std::string_view::npos) continue;
            BOOST_TEST(to_text(*second.packet) == row.text);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_packet_cut_at_any_byte_is_incomplete) {
    for (const WireCase& row : wire_cases()) {
        const std::vector<Byte> bytes = bytes_of(row.bytes);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const Guarded copy{ByteView{bytes}.first(size)};
            const Decoded<Frame> frame = next_frame(copy.view(), unlimited);
            BOOST_TEST_REQUIRE(frame.has_value());
            BOOST_TEST_REQUIRE(frame->size == 0U);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_body_cut_at_any_byte_is_a_violation_or_a_shorter_packet) {
    for (const WireCase& row : wire_cases()) {
        const std::vector<Byte> bytes = bytes_of(row.bytes);
        const Frame whole = frame_of(bytes);
        for (std::size_t size = 0; size < whole.body.size(); ++size) {
            const Guarded copy{whole.body.first(size)};
            Frame frame = whole;
            frame.body = copy.view();
            const AnyDecoded decoded = decode_any(row.sender, row.version, frame);
            if (decoded.packet) (void)to_text(*decoded.packet);
        }
    }
}

BOOST_AUTO_TEST_CASE(any_flipped_bit_is_read_without_harm) {
    for (const WireCase& row : wire_cases()) {
        std::vector<Byte> bytes = bytes_of(row.bytes);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            const auto mask = static_cast<Byte>(1U << bit % 8);
            bytes[bit / 8] ^= mask;
            read_all(row, bytes);
            bytes[bit / 8] ^= mask;
        }
    }
}

BOOST_AUTO_TEST_CASE(every_type_is_in_the_table_as_it_should_be_and_as_it_should_not) {
    bool accepted[16]{};
    bool refused[16]{};
    for (const WireCase& row : wire_cases()) {
        const std::size_t type = bytes_of(row.bytes)[0] >> 4;
        (row.form == Form::refused ? refused : accepted)[type] = true;
    }
    for (std::size_t type = 1; type < 16; ++type) {
        BOOST_TEST(accepted[type], "no accepted example of type " << type);
        BOOST_TEST(refused[type], "no refused example of type " << type);
    }
}

BOOST_AUTO_TEST_SUITE_END()
