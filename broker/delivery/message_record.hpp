#pragma once
// An ApplicationMessage as bytes that outlive the process, and back. Version 1, numbers big-endian:
//
//   1  version = 1
//   1  flags: bits 0-1 QoS, 2 RETAIN, 3 has expiry, 4 has properties, others 0
//   8  accepted at, milliseconds since 1970 UTC
//   8  expires at, likewise                                  only with bit 3
//   2  length of the Topic Name, then the name
//   4  length of the properties (not 0), then the properties  only with bit 4
//   4  length of the payload, then the payload
//
// Instants mean nothing after a restart, hence the WallOffset. Limitations: the publisher's
// SessionNumber means nothing either and is not kept; a record read has none.

#include "base/message.hpp"
#include "base/wall_offset.hpp"
#include "delivery/record_io.hpp"
#include "store/store.hpp"

#include <cstddef>

namespace holdfast::delivery {

/// Size of the record that encode_message_record() appends.
[[nodiscard]] std::size_t message_record_size(const ApplicationMessage& message);
/// Precondition: a valid Topic Name and valid properties, as of every message that was accepted.
void encode_message_record(store::Bytes& out, const ApplicationMessage& message, WallOffset offset);
[[nodiscard]] Recovered<MessagePtr> decode_message_record(StoredBytes stored, WallOffset offset);

/// A message on its way to the store: kept by reference, written when the store writes. All queues
/// that get the message share one value.
class MessageValue final : public store::Value {
public:
    MessageValue(MessagePtr message, WallOffset offset)
        : message_(std::move(message)), offset_(offset) {}
    void write_to(store::Bytes& out) const override {
        encode_message_record(out, *message_, offset_);
    }
    [[nodiscard]] std::size_t size() const override { return message_record_size(*message_); }

private:
    const MessagePtr message_;
    const WallOffset offset_;
};

[[nodiscard]] inline store::ValuePtr make_message_value(MessagePtr message, WallOffset offset) {
    return std::make_shared<const MessageValue>(std::move(message), offset);
}

}  // namespace holdfast::delivery
