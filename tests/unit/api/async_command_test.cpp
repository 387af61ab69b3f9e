#include "api/async_command.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::api;

namespace {

std::string draft_error(const std::string& text) {
    const auto draft = read_async_command(text, boost::json::parse(text));
    return draft ? std::string{} : to_string(draft.error());
}

AsyncCommand command_of(const std::string& text) {
    AsyncCommand command;
    command.command_id = "6955b9000000000000000001";
    command.device_number = 7;
    command.device_id = "d";
    command.connected_id = "gw";
    command.draft = *read_async_command(text, boost::json::parse(text));
    command.created_at = WallTime{Milliseconds{1'767'225'600'000}};
    return command;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(async_command)

BOOST_AUTO_TEST_CASE(what_is_not_said_has_a_default) {
    const AsyncCommandDraft draft = command_of(R"({"paras":{}})").draft;
    BOOST_TEST(draft.expire_time.count() == 86'400);
    BOOST_TEST((draft.strategy == SendStrategy::delay));
    BOOST_TEST(command_of(R"({"paras":{},"expire_time":0})").draft.expire_time.count() == 86'400);
    const AsyncCommandDraft now =
        command_of(R"({"paras":{},"expire_time":60,"send_strategy":"immediately"})").draft;
    BOOST_TEST(now.expire_time.count() == 0);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said) {
    BOOST_TEST(draft_error("{}") == "paras must be there");
    BOOST_TEST(draft_error(R"({"paras":{},"expire_time":172800})") == "");
    BOOST_TEST(draft_error(R"({"paras":{},"expire_time":172801})") ==
               "expire_time must be a whole number from 0 to 172800, not 172801");
    BOOST_TEST(draft_error(R"({"paras":{},"send_strategy":"soon"})") ==
               R"(send_strategy must be one of delay, immediately, not "soon")");
    const std::string fits(32'768 - 8, 'x');  // {"a":""}
    BOOST_TEST(draft_error(R"({"paras":{"a":")" + fits + "\"}}") == "");
    BOOST_TEST(draft_error(R"({"paras":{"a":"x)" + fits + "\"}}") ==
               "paras must be at most 32768 bytes long, not 32769");
}

BOOST_AUTO_TEST_CASE(it_is_read_as_it_was_kept) {
    AsyncCommand command =
        command_of(R"({"service_id":"S","command_name":"C","paras":{"x":1.50}})");
    command.status = AsyncCommandStatus::failed;
    command.sent_at = WallTime{Milliseconds{1'767'225'601'500}};
    command.delivered_at = WallTime{Milliseconds{1'767'225'602'500}};
    command.answered_at = WallTime{Milliseconds{1'767'225'603'500}};
    command.result = R"({"result_code":1.0})";
    command.error_code = "CODE";
    command.error_msg = "why";
    const store::Document document = document_of(command);
    BOOST_TEST(document.parent == "7");
    BOOST_TEST(document.name == "ended/C");
    BOOST_TEST(document.body.starts_with(body_prefix_of(AsyncCommandStatus::failed)));
    const AsyncCommand read = async_command_of(document);
    BOOST_TEST(async_command_json(read) == async_command_json(command));
    BOOST_TEST(
        async_command_json(read) ==
        R"({"device_id":"d","command_id":"6955b9000000000000000001","service_id":"S",)"
        R"("command_name":"C","paras":{"x":1.50},"expire_time":86400,"send_strategy":"delay",)"
        R"("status":"FAILED","result":{"result_code":1.0},"created_time":"20260101T000000Z",)"
        R"("sent_time":"20260101T000001Z","delivered_time":"20260101T000002Z",)"
        R"("response_time":"20260101T000003Z",)"
        R"("error_info":{"error_code":"CODE","error_msg":"why"}})");
    BOOST_TEST(command_status_body(read).starts_with(
        R"({"command_id":"6955b9000000000000000001","status":"FAILED","result")"));
    BOOST_TEST(read.connected_id == "gw");
    BOOST_TEST(document_of(command_of(R"({"paras":{}})")).name == "live/");
}

BOOST_AUTO_TEST_CASE(a_device_behind_a_gateway_is_named_and_its_gateway_is_asked) {
    AsyncCommand command = command_of(R"({"paras":{}})");
    BOOST_TEST(payload_of(command, false) == R"({"object_device_id":"d","paras":{}})");
    BOOST_TEST(topic_of(command) ==
               "$oc/devices/gw/sys/commands/request_id=6955b9000000000000000001");
    BOOST_TEST(find_command_id(topic_of(command)) == command.command_id);
    command.connected_id = "d";
    BOOST_TEST(payload_of(command, false) == R"({"paras":{}})");
    BOOST_TEST(payload_of(command, true) == R"({"object_device_id":"d","paras":{}})");
}

BOOST_AUTO_TEST_CASE(ids_of_other_requests_are_none_of_these) {
    BOOST_TEST(is_command_id("6955b9000000000000000001"));
    BOOST_TEST(!is_command_id("6955b900000000000000001"));
    BOOST_TEST(!is_command_id("6955B9000000000000000001"));
    BOOST_TEST(!is_command_id("9b2f0e0a-0000-4000-8000-000000000001"));
    BOOST_TEST(find_command_id("$oc/devices/d/sys/properties/set/request_id=x").empty());
}

BOOST_AUTO_TEST_CASE(words_are_the_contracts) {
    for (const char* word :
         {"PENDING", "SENT", "DELIVERED", "SUCCESSFUL", "FAILED", "EXPIRED", "TIMEOUT"}) {
        BOOST_TEST(to_string(async_command_status_of(word).value()) == word);
    }
    BOOST_TEST(!async_command_status_of("pending"));
    BOOST_TEST(is_live(AsyncCommandStatus::delivered));
    BOOST_TEST(!is_live(AsyncCommandStatus::successful));
}

BOOST_AUTO_TEST_SUITE_END()
