#pragma once
// What is done with one target of a batch task: a request of the platform's API, made inside the server,
// so that a target is judged and answered as if an application had asked; and what its answer means for
// the target.
// A message's id is made of its task and try: a try that is repeated, because the process ended before
// its outcome was kept, is the same message for the device's queue.
// Threads: any.

#include "api/batch_run.hpp"
#include "api/batch_task.hpp"
#include "api/exchange.hpp"
#include "api/inner_request.hpp"

#include <string>
#include <vector>

namespace holdfast::api {

/// `rows` are the task's, each as JSON text.
[[nodiscard]] InnerRequest request_of(const BatchTask& task, const BatchTarget& target,
                                      const std::vector<std::string>& rows);

/// `is_repeated`: an earlier process perhaps has done it already.
[[nodiscard]] BatchOutcome outcome_of(const BatchTask& task, const Response& response,
                                      bool is_repeated);

/// Whether a device that was there already is what the row says, made since the task was.
[[nodiscard]] bool is_made_by(const BatchTask& task, const std::string& row,
                              const Response& shown_device);

}  // namespace holdfast::api
