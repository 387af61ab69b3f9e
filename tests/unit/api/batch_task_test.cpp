#include "api/batch_task.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

namespace {

using namespace holdfast;
using namespace holdfast::api;

BatchTask some_task() {
    BatchTask task;
    task.task_id = "5f0000010000000000000001";
    task.app_id = "app";
    task.type = BatchTaskType::create_messages;
    task.status = BatchTaskStatus::processing;
    task.name = "greet";
    task.ext_info = R"({"a":1})";
    task.document = R"({"message":{"price":23.50}})";
    task.policy.schedule_at = WallTime{Seconds{2'000}};
    task.policy.retry_count = 3;
    task.policy.retry_interval = std::chrono::minutes{7};
    task.progress.of(BatchTargetState::success) = 4;
    task.progress.of(BatchTargetState::waiting) = 2;
    task.rows = "[]";
    task.created_at = WallTime{Seconds{1'000}};
    return task;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batch_task)

BOOST_AUTO_TEST_CASE(a_task_comes_back_from_its_document) {
    const BatchTask task = some_task();
    const store::Document document = document_of(task);
    BOOST_TEST(document.body.starts_with(body_prefix_of(BatchTaskStatus::processing)));
    BOOST_TEST(document.name == "createMessages");
    const BatchTask back = batch_task_of(document);
    BOOST_TEST(back.document == task.document);  // the digits as they were given
    BOOST_TEST(back.ext_info == task.ext_info);
    BOOST_TEST(back.targets_filter.empty());
    BOOST_TEST((back.status == task.status));
    BOOST_TEST((back.policy.schedule_at == task.policy.schedule_at));
    BOOST_TEST(back.policy.retry_count == 3U);
    BOOST_TEST((back.policy.retry_interval == task.policy.retry_interval));
    BOOST_TEST((back.progress == task.progress));
    BOOST_TEST(back.progress.total() == 6U);
    BOOST_TEST(back.rows == "[]");
    BOOST_TEST(document_of(back).body == document.body);
}

BOOST_AUTO_TEST_CASE(a_target_comes_back_from_its_link) {
    BatchTarget target;
    target.target = "pump";
    BOOST_TEST((batch_target_of(link_of("t", target)) == target));
    target.state = BatchTargetState::fail_wait_retry;
    target.tries = 2;
    target.row = 17;
    target.output = R"({"a":"b"})";
    target.error_code = "IOTDA.014000";
    target.error_msg = "The \"device\" does not exist";
    target.due = WallTime{Seconds{5}};
    const store::Link link = link_of("t", target);
    BOOST_TEST(link.source == "t");
    BOOST_TEST(link.value.starts_with("FailWaitRetry "));
    BOOST_TEST((batch_target_of(link) == target));
}

BOOST_AUTO_TEST_CASE(words_are_the_contracts) {
    BOOST_TEST(to_string(BatchTaskStatus::waiting) == "Waitting");
    BOOST_TEST(to_string(BatchTaskStatus::partial_success) == "PartialSuccess");
    BOOST_TEST((batch_target_state_of("FailWaitRetry") == BatchTargetState::fail_wait_retry));
    BOOST_TEST(!batch_target_state_of("Waiting"));
    BOOST_TEST(!batch_task_type_of("createCommand"));
}

BOOST_AUTO_TEST_CASE(the_final_status_tells_what_became_of_the_targets) {
    BatchProgress progress;
    progress.of(BatchTargetState::success) = 1;
    BOOST_TEST((final_status(progress) == BatchTaskStatus::success));
    progress.of(BatchTargetState::fail) = 1;
    BOOST_TEST((final_status(progress) == BatchTaskStatus::partial_success));
    progress.of(BatchTargetState::success) = 0;
    BOOST_TEST((final_status(progress) == BatchTaskStatus::fail));
    progress.of(BatchTargetState::stopped) = 1;
    BOOST_TEST((final_status(progress) == BatchTaskStatus::stopped));
}

BOOST_AUTO_TEST_SUITE_END()
