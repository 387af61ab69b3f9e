#include "base/message.hpp"

#include "base/error.hpp"
#include "base/limits.hpp"

#include <cstring>
#include <new>

namespace holdfast {

namespace {

constexpr std::uint64_t publisher_max = (std::uint64_t{1} << 44) - 1;

Byte* put(Byte* to, ByteView bytes) {
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return to + bytes.size();
}

}  // namespace

ApplicationMessage::ApplicationMessage(const MessageParts& parts)
    : payload_bytes_(static_cast<std::uint32_t>(parts.payload.size())),
      accepted_at_(parts.accepted_at),
      expires_at_(parts.expires_at),
      publisher_(static_cast<std::uint64_t>(parts.publisher) & publisher_max),
      topic_bytes_(static_cast<std::uint16_t>(parts.topic.size())),
      qos_(parts.qos),
      retain_(parts.retain),
      has_properties_(!parts.properties.empty()) {
    Byte* to = reinterpret_cast<Byte*>(this + 1);
    if (has_properties_) {
        const auto bytes = static_cast<std::uint32_t>(parts.properties.size());
        to = put(to, {reinterpret_cast<const Byte*>(&bytes), sizeof bytes});
        to = put(to, parts.properties);
    }
    to = put(to, as_bytes(parts.topic));
    put(to, parts.payload);
}

MessagePtr ApplicationMessage::create(const MessageParts& parts) {
    CHECK(parts.topic.size() <= string_bytes_max);
    CHECK(parts.payload.size() <= remaining_length_max);
    CHECK(parts.properties.size() <= remaining_length_max);
    const std::size_t properties =
        parts.properties.empty() ? 0 : sizeof(std::uint32_t) + parts.properties.size();
    const std::size_t bytes =
        sizeof(ApplicationMessage) + properties + parts.payload.size() + parts.topic.size();
    void* memory = ::operator new(bytes);
    return MessagePtr{new (memory) ApplicationMessage(parts)};
}

void ApplicationMessage::destroy(const ApplicationMessage* message) noexcept {
    message->~ApplicationMessage();
    ::operator delete(const_cast<ApplicationMessage*>(message));
}

}  // namespace holdfast
