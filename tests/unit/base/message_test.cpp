#include "base/message.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;

namespace {

MessageParts parts_of(std::string_view topic, std::string_view properties,
                      std::string_view payload) {
    MessageParts parts;
    parts.topic = topic;
    parts.properties = as_bytes(properties);
    parts.payload = as_bytes(payload);
    return parts;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message)

BOOST_AUTO_TEST_CASE(a_message_keeps_what_it_was_made_of) {
    std::string topic = "a/b";
    std::string payload(1000, 'x');
    MessageParts parts = parts_of(topic, "props", payload);
    parts.qos = QoS::exactly_once;
    parts.retain = true;
    parts.accepted_at = Instant{Milliseconds{5}};
    parts.expires_at = Instant{Milliseconds{10}};
    parts.publisher = SessionNumber{7};
    const MessagePtr message = ApplicationMessage::create(parts);
    topic = "overwritten";
    payload.assign(1000, 'y');
    BOOST_TEST(message->topic() == "a/b");
    BOOST_TEST(as_text(message->properties()) == "props");
    BOOST_TEST(as_text(message->payload()) == std::string(1000, 'x'));
    BOOST_TEST((message->qos() == QoS::exactly_once));
    BOOST_TEST(message->retain());
    BOOST_TEST((message->accepted_at() == Instant{Milliseconds{5}}));
    BOOST_TEST((message->publisher() == SessionNumber{7}));
}

BOOST_AUTO_TEST_CASE(a_message_may_be_empty) {
    const MessagePtr message = ApplicationMessage::create(MessageParts{});
    BOOST_TEST(message->topic().empty());
    BOOST_TEST(message->properties().empty());
    BOOST_TEST(message->payload().empty());
    BOOST_TEST((message->publisher() == SessionNumber::none));
}

BOOST_AUTO_TEST_CASE(the_footprint_counts_every_byte) {
    const MessagePtr empty = ApplicationMessage::create(MessageParts{});
    const MessagePtr message = ApplicationMessage::create(parts_of("abc", "de", "fghi"));
    BOOST_TEST(empty->footprint() == sizeof(ApplicationMessage));
    constexpr std::size_t length_of_properties = 4;
    BOOST_TEST(message->footprint() == empty->footprint() + length_of_properties + 9);
    const MessagePtr plain = ApplicationMessage::create(parts_of("abc", "", "fghi"));
    BOOST_TEST(plain->footprint() == empty->footprint() + 7);
}

BOOST_AUTO_TEST_CASE(instants_and_publishers_are_kept_as_they_are) {
    for (const Instant instant : {Instant::min(), Instant{Milliseconds{-1}}, never}) {
        MessageParts parts = parts_of("t", "", "");
        parts.accepted_at = parts.expires_at = instant;
        parts.publisher = SessionNumber{(1UL << 44) - 1};
        const MessagePtr message = ApplicationMessage::create(parts);
        BOOST_TEST((message->accepted_at() == instant));
        BOOST_TEST((message->expires_at() == instant));
        BOOST_TEST((message->publisher() == parts.publisher));
    }
}

BOOST_AUTO_TEST_CASE(a_message_expires_at_its_instant_and_not_before) {
    MessageParts parts = parts_of("t", "", "");
    parts.expires_at = Instant{Milliseconds{1000}};
    const MessagePtr message = ApplicationMessage::create(parts);
    BOOST_TEST(!message->is_expired(Instant{Milliseconds{999}}));
    BOOST_TEST(message->is_expired(Instant{Milliseconds{1000}}));
    const MessagePtr lasting = ApplicationMessage::create(parts_of("t", "", ""));
    BOOST_TEST(!lasting->is_expired(never - Milliseconds{1}));
}

BOOST_AUTO_TEST_CASE(a_message_lives_as_long_as_its_last_owner) {
    MessagePtr first = ApplicationMessage::create(parts_of("t", "", "payload"));
    const MessagePtr second = first;
    first.reset();
    BOOST_TEST(as_text(second->payload()) == "payload");
}

BOOST_AUTO_TEST_CASE(the_longest_topic_fits) {
    const std::string topic(65'535, 't');
    const MessagePtr message = ApplicationMessage::create(parts_of(topic, "p", "q"));
    BOOST_TEST(message->topic().size() == 65'535U);
    BOOST_TEST(as_text(message->properties()) == "p");
    BOOST_TEST(as_text(message->payload()) == "q");
}

BOOST_AUTO_TEST_SUITE_END()
