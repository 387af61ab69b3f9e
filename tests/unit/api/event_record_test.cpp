#include "api/event_json.hpp"
#include "api/event_record.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace holdfast;
using namespace holdfast::api;

namespace {

PlatformEvent full_event() {
    PlatformEvent event;
    event.kind = PlatformEventKind::device_status_updated;
    event.subject = {
        .app_id = "a", .product_id = "p", .device_id = "d", .node_id = "n", .gateway_id = "g"};
    event.at = WallTime{Milliseconds{1'700'000'000'123}};
    event.body = R"({"status":"ONLINE"})";
    return event;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(event_record)

BOOST_AUTO_TEST_CASE(an_event_comes_back_as_it_was) {
    for (const bool is_full : {true, false}) {
        PlatformEvent event = full_event();
        if (!is_full) {
            event.subject = {};
            event.body.clear();
        }
        const auto read = decode_event_record(encode_event_record(event));
        BOOST_TEST_REQUIRE(read.has_value());
        BOOST_TEST((read->kind == event.kind));
        BOOST_TEST((read->at == event.at));
        BOOST_TEST(read->subject.app_id == event.subject.app_id);
        BOOST_TEST(read->subject.product_id == event.subject.product_id);
        BOOST_TEST(read->subject.device_id == event.subject.device_id);
        BOOST_TEST(read->subject.node_id == event.subject.node_id);
        BOOST_TEST(read->subject.gateway_id == event.subject.gateway_id);
        BOOST_TEST(read->body == event.body);
    }
}

BOOST_AUTO_TEST_CASE(the_bytes_are_those_that_the_header_promises) {
    PlatformEvent event = full_event();
    event.at = WallTime{Milliseconds{258}};
    event.body = "{}";
    const store::Bytes bytes = encode_event_record(event);
    const std::string text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    const std::string expected{"\1\3\0\0\0\0\0\0\1\2\0\1a\0\1p\0\1d\0\1n\0\1g{}", 27};
    BOOST_TEST(text == expected);
}

BOOST_AUTO_TEST_CASE(what_is_cut_short_or_unknown_is_refused) {
    PlatformEvent event = full_event();
    event.body.clear();
    store::Bytes bytes = encode_event_record(event);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BOOST_TEST(!decode_event_record(delivery::StoredBytes{bytes.data(), size}).has_value(),
                   size);
    }
    bytes[1] = std::byte{static_cast<unsigned char>(PlatformEventKind::count_)};
    BOOST_TEST(!decode_event_record(bytes).has_value());
    bytes[1] = std::byte{0};
    BOOST_TEST(decode_event_record(bytes).has_value());
    bytes[0] = std::byte{3};
    BOOST_TEST(!decode_event_record(bytes).has_value());
}

BOOST_AUTO_TEST_CASE(a_messages_status_is_kept_as_it_was_told_and_read_as_an_event) {
    for (std::size_t cause = 0; cause < static_cast<std::size_t>(delivery::Cause::count_); ++cause) {
        const delivery::StatusRecord told{.device_id = "d",
                                          .message_id = "m",
                                          .name = cause % 2 == 0 ? "valve" : "",
                                          .topic = "t",
                                          .cause = static_cast<delivery::Cause>(cause),
                                          .reason_code = 0x97,
                                          .at = WallTime{Milliseconds{1'449'922'332'123}}};
        const auto read = decode_event_record(encode_status_record(told));
        BOOST_TEST_REQUIRE(read.has_value());
        BOOST_TEST((read->kind == PlatformEventKind::device_message_status_updated));
        BOOST_TEST((read->at == told.at));
        BOOST_TEST(read->subject.device_id == "d");
        BOOST_TEST(read->subject.product_id == "");
        BOOST_TEST(read->body == message_status_body(told));
    }
}

BOOST_AUTO_TEST_CASE(a_cause_has_the_number_for_ever_that_it_was_first_stored_with) {
    const std::vector<std::string_view> numbered{
        "offline",           "queued_behind",  "not_subscribed",
        "send_quota_exhausted", "socket_full", "awaiting_acknowledgement",
        "acknowledged",      "handed_over",    "refused_by_device",
        "expired",           "device_offline", "topic_not_subscribed",
        "packet_too_large",  "queue_full",     "cancelled",
        "device_deleted"};
    for (std::size_t number = 0; number < numbered.size(); ++number) {
        store::Bytes bytes = encode_status_record({.device_id = "d",
                                                   .message_id = "m",
                                                   .name = {},
                                                   .topic = "t",
                                                   .cause = delivery::Cause::offline});
        bytes[1] = std::byte{static_cast<unsigned char>(number)};
        const auto read = decode_event_record(bytes);
        BOOST_TEST_REQUIRE(read.has_value());
        const std::string expected = "\"cause\":\"" + std::string{numbered[number]} + "\"";
        BOOST_TEST(read->body.find(expected) != std::string::npos, expected);
    }
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_status_are_those_that_the_header_promises) {
    const delivery::StatusRecord told{.device_id = "d",
                                      .message_id = "m",
                                      .name = {},
                                      .topic = "t/u",
                                      .cause = delivery::Cause::refused_by_device,
                                      .reason_code = 0x17,
                                      .at = WallTime{Milliseconds{258}}};
    store::Bytes bytes = encode_status_record(told);
    const std::string text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    const std::string expected{"\2\x8\x17\0\0\0\0\0\0\1\2\0\1d\0\1m\0\0\0\3t/u", 24};
    BOOST_TEST(text == expected);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        BOOST_TEST(!decode_event_record(delivery::StoredBytes{bytes.data(), size}).has_value(),
                   size);
    }
    bytes[1] = std::byte{static_cast<unsigned char>(delivery::Cause::count_)};
    BOOST_TEST(!decode_event_record(bytes).has_value());
}

BOOST_AUTO_TEST_CASE(the_mark_is_the_instant) {
    const WallTime at{Milliseconds{1'700'000'000'123}};
    BOOST_TEST((event_time(event_mark(at)) == at));
    BOOST_TEST((event_mark(WallTime{}) != store::Mark::none));
}

BOOST_AUTO_TEST_SUITE_END()
