#include "base/message.hpp"

#include "base/error.hpp"
#include "base/limits.hpp"

#include <cstring>
#include <new>

namespace holdfast {

namespace {

Byte* put(Byte* to, ByteView bytes) {
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return to + bytes.size();
}

}  // namespace

ApplicationMessage::ApplicationMessage(const MessageParts& parts)
    : topic_bytes_(static_cast<std::uint16_t>(parts.topic.size())),
      qos_(parts.qos),
      retain_(parts.retain),
      properties_bytes_(static_cast<std::uint32_t>(parts.properties.size())),
      payload_bytes_(static_cast<std::uint32_t>(parts.payload.size())),
      accepted_at_(parts.accepted_at),
      expires_at_(parts.expires_at),
      publisher_(parts.publisher) {
    Byte* to = reinterpret_cast<Byte*>(this + 1);
    to = put(to, as_bytes(parts.topic));
    to = put(to, parts.properties);
    put(to, parts.payload);
}

MessagePtr ApplicationMessage::create(const MessageParts& parts) {
    CHECK(parts.topic.size() <= string_bytes_max);
    CHECK(parts.payload.size() <= remaining_length_max);
    CHECK(parts.properties.size() <= remaining_length_max);
    const std::size_t bytes = sizeof(ApplicationMessage) + parts.topic.size() +
                              parts.properties.size() + parts.payload.size();
    void* memory = ::operator new(bytes);
    return MessagePtr{new (memory) ApplicationMessage(parts)};
}

void ApplicationMessage::destroy(const ApplicationMessage* message) noexcept {
    message->~ApplicationMessage();
    ::operator delete(const_cast<ApplicationMessage*>(message));
}

}  // namespace holdfast
