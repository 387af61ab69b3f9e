// Any bytes, cut in any way, are the same frames. The first byte chooses the size limit, the second
// how the rest arrives.

#include "base/error.hpp"
#include "base/limits.hpp"
#include "codec/framer.hpp"

#include <algorithm>
#include <vector>

using namespace holdfast;
using namespace holdfast::codec;

namespace {

struct Found {
    std::vector<std::size_t> sizes;
    bool is_broken = false;
    ReasonCode reason = ReasonCode::success;
    friend bool operator==(const Found&, const Found&) = default;
};

/// Takes whole frames off the front of `kept`.
void take_frames(std::vector<Byte>& kept, std::size_t packet_bytes_max, Found& found) {
    while (!found.is_broken) {
        // A copy of the exact size, so that the sanitizer sees one byte too many.
        const std::vector<Byte> exact = kept;
        const Decoded<Frame> frame = next_frame(exact, packet_bytes_max);
        if (frame.has_error()) {
            found.is_broken = true;
            found.reason = frame.error().reason;
            return;
        }
        if (frame->size == 0) {
            CHECK(frame->expected_size == 0 || frame->expected_size > exact.size());
            CHECK(frame->expected_size <= packet_bytes_max);
            return;
        }
        CHECK(frame->size <= exact.size() && frame->size <= packet_bytes_max);
        CHECK(frame->body.data() + frame->body.size() == exact.data() + frame->size);
        CHECK(frame->first_byte == exact[0]);
        found.sizes.push_back(frame->size);
        kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(frame->size));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 2048) return 0;
    const std::size_t packet_bytes_max = data[0] == 0xFF ? unlimited : std::size_t{data[0]} * 4;
    const std::size_t chunk = 1 + data[1] % 64;
    const ByteView stream{data + 2, size - 2};

    Found whole;
    std::vector<Byte> kept(stream.begin(), stream.end());
    take_frames(kept, packet_bytes_max, whole);

    Found pieces;
    std::vector<Byte> arrived;
    for (std::size_t at = 0; at < stream.size(); at += chunk) {
        const ByteView piece = stream.subspan(at, std::min(chunk, stream.size() - at));
        arrived.insert(arrived.end(), piece.begin(), piece.end());
        take_frames(arrived, packet_bytes_max, pieces);
    }
    CHECK(whole == pieces);
    CHECK(whole.is_broken || kept == arrived);
    return 0;
}
