#include "api/batch_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::api;

const WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

boost::system::result<NewBatchTask, FieldError> read(const std::string& text) {
    return read_new_batch_task(text, boost::json::parse(text), now);
}

/// `fields` of a task that freezes a device, as it is or with other ones.
std::string problem_of(const std::string& fields) {
    const auto batch = read(R"({"task_name":"t","task_type":"freezeDevices")" + fields + "}");
    return batch ? "none" : to_string(batch.error());
}
std::string problem_of_message(const std::string& fields) {
    const auto batch = read(R"({"task_name":"t","task_type":"createMessages")" + fields + "}");
    return batch ? "none" : to_string(batch.error());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batch_schema)

BOOST_AUTO_TEST_CASE(every_field_of_a_task_is_taken) {
    const auto batch = read(R"({"task_name":"greet_1","task_type":"createMessages","app_id":"space",
        "task_mode":"m","task_ext_info":{"a": 1.50},"targets":["a","b","a"],
        "document":{"message": {"n": 2.50}},"task_policy":{"schedule_time":"20260102T000000Z",
        "retry_count":5,"retry_interval":1440}})");
    BOOST_TEST_REQUIRE(batch.has_value());
    const BatchTask& task = batch->task;
    BOOST_TEST(task.name == "greet_1");
    BOOST_TEST((task.type == BatchTaskType::create_messages));
    BOOST_TEST(task.app_id == "space");
    BOOST_TEST(task.mode == "m");
    BOOST_TEST(task.ext_info == R"({"a":1.50})");
    BOOST_TEST(task.document == R"({"message":{"n":2.50}})");
    const std::vector<std::string> targets{"a", "b"};
    BOOST_TEST(batch->targets == targets, boost::test_tools::per_element());
    BOOST_TEST((task.policy.schedule_at == now + std::chrono::hours{24}));
    BOOST_TEST(task.policy.retry_count == 5U);
    BOOST_TEST((task.policy.retry_interval == std::chrono::hours{24}));
}

BOOST_AUTO_TEST_CASE(targets_come_from_one_of_three_sources) {
    BOOST_TEST(problem_of("") == "targets or targets_filter or document_source must be there");
    BOOST_TEST(problem_of(R"(,"targets":["a"])") == "none");
    BOOST_TEST(problem_of(R"(,"targets_filter":{"group_ids":["0123456789abcdef01234567"]})") ==
               "none");
    BOOST_TEST(problem_of(R"(,"document_source":"0123456789abcdef01234567")") == "none");
    BOOST_TEST(problem_of(R"(,"targets":["a b"])").starts_with("targets[0] must be a text"));
    const auto devices = read(R"({"task_name":"t","task_type":"createDevices","targets":["a"]})");
    BOOST_TEST(to_string(devices.error()) ==
               "document_source must be the id of a file with createDevices");
}

BOOST_AUTO_TEST_CASE(a_message_is_judged_once_for_all_targets) {
    BOOST_TEST(problem_of_message(R"(,"targets":["a"])") == "document must be there");
    BOOST_TEST(problem_of_message(R"(,"targets":["a"],"document":{})") ==
               "document.message must be there");
    BOOST_TEST(problem_of_message(R"(,"document":{"message":"m"},)"
                                  R"("document_source":"0123456789abcdef01234567")") ==
               "document_source must not be there with createMessages");
    BOOST_TEST(problem_of_message(R"(,"targets":["a"],"document":{"message":"m"})") == "none");
}

BOOST_AUTO_TEST_CASE(a_name_and_a_type_must_be_there) {
    BOOST_TEST(to_string(read("{}").error()) == "task_name must be there");
    BOOST_TEST(to_string(read(R"({"task_name":"t"})").error()) == "task_type must be there");
    BOOST_TEST(to_string(read(R"({"task_name":"t","task_type":"x"})").error())
                   .starts_with("task_type must be one of createMessages, createDevices"));
    for (const char* name : {"", "a-b", "a b", "a,b"}) {
        const auto batch = read(R"({"task_name":")" + std::string{name} +
                                R"(","task_type":"freezeDevices","targets":["a"]})");
        BOOST_TEST(batch.has_error(), name);
    }
}

BOOST_AUTO_TEST_CASE(a_policy_keeps_to_its_times) {
    const auto scheduled = [](const std::string& time) {
        return problem_of(R"(,"targets":["a"],"task_policy":{"schedule_time":")" + time + R"("})");
    };
    BOOST_TEST(scheduled("20260108T000000Z") == "none");
    BOOST_TEST(scheduled("20251231T235930Z") == "none");  // not quite a minute ago
    constexpr const char* rule =
        "task_policy.schedule_time must be a UTC time as 20151212T121212Z within the next 7 days";
    for (const char* time : {"20260108T000001Z", "20251231T235900Z", "tomorrow", ""}) {
        BOOST_TEST(scheduled(time).starts_with(rule), time);
    }
    BOOST_TEST(problem_of(R"(,"targets":["a"],"task_policy":{"retry_count":1})")
                   .starts_with("task_policy.retry_count and retry_interval must come together"));
    BOOST_TEST(problem_of(R"(,"targets":["a"],"task_policy":{"retry_count":6,"retry_interval":1})")
                   .starts_with("task_policy.retry_count must be"));
    BOOST_TEST(
        problem_of(R"(,"targets":["a"],"task_policy":{"retry_count":1,"retry_interval":1441})")
            .starts_with("task_policy.retry_interval must be"));
}

BOOST_AUTO_TEST_CASE(some_targets_are_named_once_each) {
    const auto targets = read_batch_targets(boost::json::parse(R"({"targets":["b","a","b"]})"));
    BOOST_TEST_REQUIRE(targets.has_value());
    const std::vector<std::string> expected{"b", "a"};
    BOOST_TEST(*targets == expected, boost::test_tools::per_element());
    BOOST_TEST(read_batch_targets(boost::json::parse("{}"))->empty());
    boost::json::array many(batch_named_targets_max + 1, boost::json::value("a"));
    BOOST_TEST(read_batch_targets(boost::json::object{{"targets", many}}).has_error());
    many.pop_back();
    BOOST_TEST(read_batch_targets(boost::json::object{{"targets", many}}).has_value());
}

BOOST_AUTO_TEST_CASE(tasks_and_targets_are_shown_in_the_contracts_words) {
    const auto batch = read(R"({"task_name":"t","task_type":"freezeDevices","targets":["a"]})");
    BatchTask task = batch->task;
    task.task_id = "1";
    task.app_id = "space";
    task.status = BatchTaskStatus::waiting;
    task.created_at = now;
    BOOST_TEST(batch_task_json(task) ==
               R"({"task_id":"1","task_name":"t","task_type":"freezeDevices","app_id":"space",)"
               R"("task_policy":{"retry_count":0,"retry_interval":0},"status":"Waitting",)"
               R"("task_progress":{"total":0,"processing":0,"success":0,"fail":0,"waitting":0,)"
               R"("fail_wait_retry":0,"stopped":0,"removed":0},"create_time":"20260101T000000Z"})");
    BatchTarget target;
    target.target = "a";
    target.state = BatchTargetState::fail;
    target.error_code = "IOTDA.014000";
    target.error_msg = "none";
    BOOST_TEST(batch_target_json(target) ==
               R"({"target":"a","status":"Fail","error":{"error_code":"IOTDA.014000",)"
               R"("error_msg":"none"}})");
}

BOOST_AUTO_TEST_SUITE_END()
