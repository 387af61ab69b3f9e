#include "api/event_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::api;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(event_json_text)

BOOST_AUTO_TEST_CASE(the_envelope_is_the_contracts_with_the_body_inside_notify_data) {
    LoggedEvent logged;
    logged.position = store::Position{42};
    logged.event.kind = PlatformEventKind::device_message_status_updated;
    logged.event.subject = {
        .app_id = "a", .product_id = "p", .device_id = "d", .node_id = "n", .gateway_id = "g"};
    logged.event.at = WallTime{Milliseconds{1'449'922'332'123}};
    logged.event.body = R"({"message_id":"m"})";
    BOOST_TEST(json::parse(event_json(logged)) == json::parse(R"({
        "event_id": "42", "resource": "device.message.status", "event": "update",
        "event_time": "20151212T121212Z", "event_time_ms": "2015-12-12T12:12:12.123Z",
        "notify_data": {
            "header": {"app_id": "a", "device_id": "d", "node_id": "n", "product_id": "p", "gateway_id": "g"},
            "body": {"message_id": "m"}}})"));
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_not_there) {
    LoggedEvent logged;
    logged.event.kind = PlatformEventKind::device_deleted;
    logged.event.subject.device_id = "d";
    const json::value deleted = json::parse(event_json(logged)).at("notify_data");
    BOOST_TEST(deleted == json::parse(R"({"header": {"device_id": "d"}})"));
    logged.event.kind = PlatformEventKind::batch_task_updated;
    logged.event.body = R"({"task_id":"t"})";
    const json::value task = json::parse(event_json(logged)).at("notify_data");
    BOOST_TEST(task == json::parse(R"({"body": {"task_id": "t"}})"));
}

BOOST_AUTO_TEST_CASE(the_body_of_a_messages_status_says_what_the_contract_wants) {
    delivery::StatusRecord record{.device_id = "d",
                                  .message_id = "m",
                                  .name = "valve",
                                  .topic = "t",
                                  .cause = delivery::Cause::device_offline,
                                  .at = WallTime{Milliseconds{1'449'922'332'123}}};
    BOOST_TEST(json::parse(message_status_body(record)) == json::parse(R"({
        "message_id": "m", "name": "valve", "topic": "t", "status": "FAILED",
        "timestamp": "20151212T121212Z", "cause": "device_offline",
        "error_info": {"error_code": "IOTDA.014016",
                       "error_msg": "Operation not allowed. The device is not online."}})"));
    record.name = {};
    record.cause = delivery::Cause::acknowledged;
    BOOST_TEST(json::parse(message_status_body(record)) == json::parse(R"({
        "message_id": "m", "topic": "t", "status": "DELIVERED",
        "timestamp": "20151212T121212Z", "cause": "acknowledged"})"));
    record.cause = delivery::Cause::refused_by_device;
    record.reason_code = 0x97;
    BOOST_TEST(json::parse(message_status_body(record)).at("reason_code") == 0x97);
    record.cause = delivery::Cause::offline;
    BOOST_TEST(json::parse(message_status_body(record)).at("status") == "PENDING");
}

BOOST_AUTO_TEST_CASE(event_ids_are_numbers_as_text) {
    BOOST_TEST(event_id(store::Position{18'446'744'073'709'551'615U}) == "18446744073709551615");
    BOOST_TEST((parse_event_id("7") == store::Position{7}));
    for (const char* const text : {"", "-1", "7x", " 7", "18446744073709551616"}) {
        BOOST_TEST(!parse_event_id(text).has_value(), text);
    }
}

BOOST_AUTO_TEST_CASE(every_kind_is_found_by_its_names) {
    for (std::size_t i = 0; i < platform_event_names.size(); ++i) {
        const auto kind = static_cast<PlatformEventKind>(i);
        BOOST_TEST((find_kind(name_of(kind).resource, name_of(kind).event) == kind));
        BOOST_TEST(is_resource(name_of(kind).resource));
    }
    BOOST_TEST(!find_kind("device", "report").has_value());
    BOOST_TEST(!is_resource("devices"));
}

BOOST_AUTO_TEST_SUITE_END()
