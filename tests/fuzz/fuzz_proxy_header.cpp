// PROXY headers of both versions: nothing before the last byte of one tells its end, and nothing behind it
// changes what it says.

#include "base/error.hpp"
#include "net/proxy_header.hpp"

#include <cstdint>
#include <vector>

using namespace holdfast;
using net::parse_proxy_header;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 8 * 1024) return 0;
    const std::vector<Byte> bytes(data, data + size);
    const auto parsed = parse_proxy_header({bytes.data(), bytes.size()});
    if (parsed.has_error() || parsed->size == 0) return 0;
    CHECK(parsed->size <= size && parsed->size <= net::proxy_header_bytes_max);
    const std::vector<Byte> exact(data, data + parsed->size);
    const auto again = parse_proxy_header({exact.data(), exact.size()});
    CHECK(again.has_value() && again->size == parsed->size && again->source == parsed->source);
    const std::vector<Byte> shorter(data, data + parsed->size - 1);
    const auto before = parse_proxy_header({shorter.data(), shorter.size()});
    CHECK(before.has_value() && before->size == 0);
    return 0;
}
