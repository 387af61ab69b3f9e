#include "api/batch_requests.hpp"

#include "api/request_refusals.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using Kind = BatchOutcome::Kind;

BatchTask task_of(BatchTaskType type) {
    BatchTask task;
    task.task_id = "5f0000010000000000000001";
    task.type = type;
    task.created_at = WallTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
    return task;
}

BatchTarget target_named(const std::string& name) {
    BatchTarget target;
    target.target = name;
    return target;
}

Response answer(http::status status, std::string body) {
    return text_response(status, "application/json", std::move(body));
}

Response refusal(http::status status, std::string_view code) {
    return error_response(status, code, "why");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batch_requests)

BOOST_AUTO_TEST_CASE(a_message_has_the_id_of_its_task_and_try) {
    BatchTask task = task_of(BatchTaskType::create_messages);
    task.document = R"({"message":23.50})";
    BatchTarget target = target_named("pump");
    const InnerRequest first = request_of(task, target, {});
    BOOST_TEST(first.path == "/devices/pump/messages");
    BOOST_TEST(first.body == R"({"message":23.50,"message_id":"5f0000010000000000000001-0"})");
    target.tries = 1;
    BOOST_TEST(request_of(task, target, {}).body != first.body);
    task.document = R"({"message":"x","message_id":"mine"})";
    BOOST_TEST(request_of(task, target, {}).body == task.document);
}

BOOST_AUTO_TEST_CASE(each_type_has_its_request) {
    const BatchTarget pump = target_named("pump");
    const auto path_of = [&](BatchTaskType type) {
        return request_of(task_of(type), pump, {}).path;
    };
    BOOST_TEST(path_of(BatchTaskType::delete_devices) == "/devices/pump");
    BOOST_TEST(path_of(BatchTaskType::freeze_devices) == "/devices/pump/freeze");
    BOOST_TEST(path_of(BatchTaskType::unfreeze_devices) == "/devices/pump/unfreeze");
    BOOST_TEST(path_of(BatchTaskType::create_commands) == "/devices/pump/commands");
    BOOST_TEST(path_of(BatchTaskType::create_async_commands) == "/devices/pump/async-commands");
    BatchTask command = task_of(BatchTaskType::create_commands);
    command.document = R"({"paras":{"x":1.50}})";
    BOOST_TEST(request_of(command, pump, {}).body == command.document);
    BatchTarget row = pump;
    row.row = 1;
    const std::vector<std::string> rows{"{}", R"({"node_id":"n"})"};
    BOOST_TEST(request_of(task_of(BatchTaskType::create_devices), row, rows).body == rows[1]);
}

BOOST_AUTO_TEST_CASE(an_accepted_message_is_a_success_and_a_failed_one_is_not) {
    const BatchTask task = task_of(BatchTaskType::create_messages);
    const auto pending = outcome_of(
        task, answer(http::status::created, R"({"message_id":"m","result":{"status":"PENDING"}})"),
        false);
    BOOST_TEST((pending.kind == Kind::success));
    BOOST_TEST(pending.output == R"({"message_id":"m","result":{"status":"PENDING"}})");
    const auto failed = outcome_of(
        task,
        answer(http::status::created,
               R"({"result":{"status":"FAILED","error_info":{"error_code":"IOTDA.014016",)"
               R"("error_msg":"not online"}}})"),
        false);
    BOOST_TEST((failed.kind == Kind::failure));
    BOOST_TEST(failed.error_code == "IOTDA.014016");
    BOOST_TEST(failed.error_msg == "not online");
}

BOOST_AUTO_TEST_CASE(what_the_device_answers_to_a_command_decides) {
    const BatchTask task = task_of(BatchTaskType::create_commands);
    const auto of = [&](const std::string& response) {
        return outcome_of(
            task, answer(http::status::ok, R"({"command_id":"c","response":)" + response + "}\n"),
            false);
    };
    BOOST_TEST((of(R"({"result_code":0})").kind == Kind::success));
    BOOST_TEST((of("{}").kind == Kind::success));
    BOOST_TEST(of("{}").output == R"({"command_id":"c","response":{}})");
    const BatchOutcome failed = of(R"({"result_code":5})");
    BOOST_TEST((failed.kind == Kind::failure));
    BOOST_TEST(failed.error_code == "IOTDA.014178");
    BOOST_TEST(failed.output == R"({"command_id":"c","response":{"result_code":5}})");
    BOOST_TEST(!failed.is_final);
}

BOOST_AUTO_TEST_CASE(a_command_that_is_perhaps_done_is_not_tried_again_by_itself) {
    const BatchTask task = task_of(BatchTaskType::create_commands);
    const auto of = [&](ReplyKind kind) { return outcome_of(task, request_refusal(kind), false); };
    for (const ReplyKind kind :
         {ReplyKind::gone, ReplyKind::too_late, ReplyKind::unreadable, ReplyKind::stopping}) {
        BOOST_TEST((of(kind).kind == Kind::failure));
        BOOST_TEST(of(kind).is_final);
    }
    for (const ReplyKind kind : {ReplyKind::offline, ReplyKind::blocked, ReplyKind::too_large}) {
        BOOST_TEST((of(kind).kind == Kind::failure));
        BOOST_TEST(!of(kind).is_final);
    }
    BOOST_TEST((of(ReplyKind::too_many).kind == Kind::busy));
    const Response catalogue = error_response(http::status::service_unavailable, "catalogue");
    BOOST_TEST((outcome_of(task, catalogue, false).kind == Kind::busy));
}

BOOST_AUTO_TEST_CASE(an_asynchronous_command_that_failed_at_once_is_a_failure) {
    const BatchTask task = task_of(BatchTaskType::create_async_commands);
    const auto of = [&](const std::string& body) {
        return outcome_of(task, answer(http::status::ok, body), false);
    };
    BOOST_TEST((of(R"({"status":"PENDING"})").kind == Kind::success));
    const BatchOutcome failed =
        of(R"({"status":"FAILED","error_info":{"error_code":"IOTDA.014016","error_msg":"away"}})");
    BOOST_TEST((failed.kind == Kind::failure));
    BOOST_TEST(failed.error_code == "IOTDA.014016");
}

BOOST_AUTO_TEST_CASE(a_server_without_room_has_tried_nothing) {
    const BatchTask task = task_of(BatchTaskType::create_messages);
    for (const auto status : {http::status::too_many_requests, http::status::service_unavailable,
                              http::status::insufficient_storage}) {
        BOOST_TEST((outcome_of(task, refusal(status, "x"), false).kind == Kind::busy));
    }
    const auto unknown = outcome_of(task, refusal(http::status::not_found, "IOTDA.014000"), false);
    BOOST_TEST((unknown.kind == Kind::failure));
    BOOST_TEST(unknown.error_code == "IOTDA.014000");
}

BOOST_AUTO_TEST_CASE(what_an_earlier_process_did_is_done) {
    const auto kind_of = [](BatchTaskType type, std::string_view code, bool is_repeated) {
        return outcome_of(task_of(type), refusal(http::status::forbidden, code), is_repeated).kind;
    };
    using Type = BatchTaskType;
    BOOST_TEST((kind_of(Type::delete_devices, "IOTDA.014000", true) == Kind::success));
    BOOST_TEST((kind_of(Type::delete_devices, "IOTDA.014000", false) == Kind::failure));
    BOOST_TEST((kind_of(Type::freeze_devices, "IOTDA.014039", true) == Kind::success));
    BOOST_TEST((kind_of(Type::unfreeze_devices, "IOTDA.014040", true) == Kind::success));
    BOOST_TEST((kind_of(Type::create_messages, "IOTDA.014000", true) == Kind::failure));
}

BOOST_AUTO_TEST_CASE(a_device_that_was_made_shows_no_secret) {
    const auto made =
        outcome_of(task_of(BatchTaskType::create_devices),
                   answer(http::status::created,
                          R"({"device_id":"d","node_id":"n","auth_info":{"secret":"12345678"}})"),
                   false);
    BOOST_TEST(made.output == R"({"device_id":"d","node_id":"n"})");
}

BOOST_AUTO_TEST_CASE(a_device_of_before_the_task_is_not_its) {
    const BatchTask task = task_of(BatchTaskType::create_devices);
    const auto is_made = [&](const std::string& node, const std::string& time) {
        return is_made_by(task, R"({"node_id":"n"})",
                          answer(http::status::ok,
                                 R"({"node_id":")" + node + R"(","create_time":")" + time + "\"}"));
    };
    BOOST_TEST(is_made("n", "20260101T000000Z"));
    BOOST_TEST(!is_made("n", "20251231T235959Z"));
    BOOST_TEST(!is_made("m", "20260101T000000Z"));
    BOOST_TEST(!is_made_by(task, R"({"node_id":"n"})", answer(http::status::ok, "")));
}

BOOST_AUTO_TEST_SUITE_END()
