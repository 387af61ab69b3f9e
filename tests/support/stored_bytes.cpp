#include "support/stored_bytes.hpp"

#include "support/wire.hpp"

#include <array>
#include <fstream>
#include <iterator>

namespace test_support {

namespace {

using namespace holdfast;

void add_field(std::string& block, std::string_view text) {
    block += static_cast<char>(text.size() >> 8);
    block += static_cast<char>(text.size());
    block += text;
}

std::string random_properties(RandomTopics& random) {
    std::string block;
    if (random.chance(30)) block.append("\x01").push_back(random.chance(50) ? '\1' : '\0');
    for (const char id : {'\x03', '\x08', '\x09'}) {
        if (!random.chance(30)) continue;
        block += id;
        add_field(block, random_text(random, 20));
    }
    for (std::size_t pairs = random.below(4); pairs > 0; --pairs) {
        block += '\x26';
        add_field(block, random_text(random, 10));
        add_field(block, random_text(random, 10));
    }
    return block;
}

store::Bytes stored(std::string_view text) {
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    return {first, first + text.size()};
}

}  // namespace

std::string random_text(RandomTopics& random, std::size_t length_max) {
    static constexpr std::array<std::string_view, 5> pieces{"a", "Z", "0", " ", "\u00e9"};
    std::string text;
    for (std::size_t length = random.below(length_max + 1); length > 0; --length) {
        text += pieces[random.below(pieces.size())];
    }
    return text;
}

MessagePtr random_message(RandomTopics& random, Instant near) {
    const auto moment = [&] {
        return near + Milliseconds{static_cast<std::int64_t>(random.below(1'000'000'000))} -
               Milliseconds{500'000'000};
    };
    const std::string topic = random.name();
    const std::string properties = random_properties(random);
    const std::string payload(random.below(300), static_cast<char>(random.below(256)));
    MessageParts parts;
    parts.topic = topic;
    parts.properties = as_bytes(properties);
    parts.payload = as_bytes(payload);
    parts.qos = static_cast<QoS>(random.below(3));
    parts.retain = random.chance(50);
    parts.accepted_at = moment();
    if (random.chance(50)) parts.expires_at = moment();
    return ApplicationMessage::create(parts);
}

std::string to_text(const ApplicationMessage& message) {
    const auto stamp = [](Instant instant) {
        return instant == never ? "never" : std::to_string(instant.time_since_epoch().count());
    };
    std::string text{message.topic()};
    text.append(" qos ").append(std::to_string(to_number(message.qos())));
    if (message.retain()) text.append(" retain");
    text.append(" accepted ").append(stamp(message.accepted_at()));
    text.append(" expires ").append(stamp(message.expires_at()));
    text.append(" properties [").append(test_support::hex_of(message.properties())).append("]");
    text.append(" payload [").append(test_support::hex_of(message.payload())).append("]");
    return text;
}

store::Bytes golden(std::string_view name) {
    const std::string path = "tests/golden/" + std::string(name);
    std::ifstream in(path, std::ios::binary);
    BOOST_REQUIRE_MESSAGE(in.is_open(), path << " cannot be read from the current directory");
    return stored(std::string(std::istreambuf_iterator<char>(in), {}));
}

std::string hex_of(const store::Bytes& bytes) {
    return hex_of(ByteView{reinterpret_cast<const Byte*>(bytes.data()), bytes.size()});
}

store::Bytes stored_bytes_of(std::string_view notation) {
    const std::vector<Byte> bytes = bytes_of(notation);
    return stored(as_text(bytes));
}

}  // namespace test_support
