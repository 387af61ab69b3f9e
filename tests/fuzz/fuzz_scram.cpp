// Any two messages as a client's of SCRAM: reading never crashes, what is taken as a user name could be one,
// and without the password there is no proof. The input: the first message, a line feed, the final one, in
// which a `%` stands for what a client would have written up to the proof.

#include "access/base64.hpp"
#include "access/scram_server.hpp"
#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

using namespace holdfast;
using namespace holdfast::access;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string first = text.substr(0, end);
    ScramServer server;
    if (server.on_client_first(first).has_error()) return 0;
    CHECK(first.size() <= scram_message_bytes_max);
    CHECK(!server.user_name().empty() && is_valid_utf8_string(server.user_name()));
    const std::string challenge =
        server.challenge(ScramVerifier::of_nobody(server.user_name(), {}, 4'096), "nonce");
    const std::string header = first.substr(0, first.find(",n=") + 1);
    const std::string nonce = challenge.substr(0, challenge.find(','));
    std::string last = text.substr(std::min(end + 1, text.size()));
    if (const std::size_t at = last.find('%'); at != std::string::npos) {
        last.replace(at, 1, "c=" + to_base64(as_bytes(header)) + "," + nonce);
    }
    CHECK(server.on_client_final(last).has_error());
    return 0;
}
