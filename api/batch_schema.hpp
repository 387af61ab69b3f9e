#pragma once
// Batch tasks: the body of a POST to a task, checked, and tasks and targets as applications see them.
// Threads: any.

#include "api/batch_task.hpp"
#include "api/json_fields.hpp"

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

inline constexpr std::size_t batch_groups_max = 100;
/// Of a request to stop or retry some targets.
inline constexpr std::size_t batch_named_targets_max = 100;

/// A task, and where its targets are to be found: the first of these that is not empty.
struct NewBatchTask {
    BatchTask task;
    std::vector<std::string> targets;  ///< none of them twice
    std::vector<std::string> group_ids;
    std::string file_id;
};
/// `text` is what `body` was read from.
[[nodiscard]] boost::system::result<NewBatchTask, FieldError> read_new_batch_task(
    std::string_view text, const boost::json::value& body, WallTime now);

/// Of a request to stop or retry: empty for all.
[[nodiscard]] boost::system::result<std::vector<std::string>, FieldError> read_batch_targets(
    const boost::json::value& body);

/// JSON text.
[[nodiscard]] std::string batch_task_json(const BatchTask& task);
[[nodiscard]] std::string batch_target_json(const BatchTarget& target);

}  // namespace holdfast::api
