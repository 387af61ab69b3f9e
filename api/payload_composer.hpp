#pragma once
// JsonPayloadComposer: the bytes that a device gets for a message: what Base64 stands for, the raw text,
// or the standard envelope {"object_device_id","name","id","content"}, of which device SDKs accept these
// four keys and no other.
// Limitations: the device's own id is known from the topics that have it; a message to a
// topic_full_name has no object_device_id even when it is always wanted.
// Threads: any, at once.

#include "delivery/device_message.hpp"

#include <cstdint>
#include <string>

namespace holdfast::api {

struct PayloadSettings {
    /// How the envelope carries a `message` that is not a text.
    enum class JsonContent : std::uint8_t {
        nested,  ///< as the value itself
        text,    ///< as a text, which every device SDK takes for a standard message
    };
    JsonContent json_content = JsonContent::nested;
    bool object_device_id_always = false;  ///< else a device that is connected itself gets none
};

class JsonPayloadComposer final : public delivery::PayloadComposer {
public:
    explicit JsonPayloadComposer(PayloadSettings settings) : settings_(settings) {}
    /// `payload` becomes the bytes; its memory is used again.
    void compose(const delivery::DeviceMessage& message, std::string& payload) const override;

private:
    [[nodiscard]] std::string envelope(const delivery::DeviceMessage& message) const;

    const PayloadSettings settings_;
};

}  // namespace holdfast::api
