#pragma once
// The targets of a new batch task: those that it names, the devices of its groups, or the rows of its
// file. What cannot be had is an answer already.
// Threads: the HTTP side's.

#include "api/apps.hpp"
#include "api/awaited_catalogue.hpp"
#include "api/batch_schema.hpp"
#include "api/exchange.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <vector>

namespace holdfast::api {

struct BatchTargets {
    std::vector<BatchTarget> targets;
    std::string rows;  ///< BatchTask::rows
    std::optional<Response> refusal;
};
[[nodiscard]] boost::asio::awaitable<BatchTargets> find_batch_targets(AwaitedCatalogue catalogue,
                                                                      NewBatchTask batch);

}  // namespace holdfast::api
