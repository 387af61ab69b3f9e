// Any bytes as stored records: never a crash, and what is accepted is written again as the same bytes.
// The first byte chooses the record.

#include "base/error.hpp"
#include "delivery/message_record.hpp"
#include "session/session_record.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace {

using namespace holdfast;
using delivery::StoredBytes;

const WallOffset offset{Instant{Milliseconds{50'000}}, WallTime{Milliseconds{1'700'000'000'000}}};

template <class Result>
bool is_accepted(const Result& result) {
    if (result.has_error()) CHECK(!to_string(result.error()).empty());
    return result.has_value();
}

void check_same(const store::Bytes& written, StoredBytes read) {
    CHECK(std::ranges::equal(written, read));
}

void try_message(StoredBytes bytes) {
    const auto message = delivery::decode_message_record(bytes, offset);
    if (!is_accepted(message)) return;
    store::Bytes written;
    delivery::encode_message_record(written, **message, offset);
    CHECK(written.size() == delivery::message_record_size(**message));
    check_same(written, bytes);
}

void try_session(StoredBytes bytes) {
    const auto record = session::decode_session_record(bytes, offset);
    if (is_accepted(record)) check_same(session::encode_session_record(*record, offset), bytes);
}

void try_subscription(StoredBytes bytes) {
    const auto record = session::decode_subscription_record(bytes);
    if (is_accepted(record)) check_same(session::encode_subscription_record(*record), bytes);
}

void try_subscription_key(StoredBytes bytes) {
    const std::string_view key{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    const auto parts = session::split_subscription_key(key);
    if (is_accepted(parts)) CHECK(session::make_subscription_key(*parts) == key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const StoredBytes bytes = std::as_bytes(std::span{data + 1, size - 1});
    switch (data[0] % 4) {
        case 0: try_message(bytes); break;
        case 1: try_session(bytes); break;
        case 2: try_subscription(bytes); break;
        default: try_subscription_key(bytes); break;
    }
    return 0;
}
