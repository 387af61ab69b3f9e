#pragma once
// Batch tasks as values: a task with its policy and progress, the state of each of its targets, and how the
// catalogue keeps both: a task is a document whose body begins with its status, a target a link whose
// value begins with its state. Spellings are the contract's.
// Source: the contract, section 3.5. Threads: any.

#include "base/time.hpp"
#include "store/documents.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

inline constexpr std::size_t batch_targets_max = 30'000;
/// Kept at once, finished ones included.
inline constexpr std::size_t batch_tasks_max = 1'000;

enum class BatchTaskType : std::uint8_t {
    create_messages,
    create_devices,
    delete_devices,
    freeze_devices,
    unfreeze_devices,
    create_commands,
    create_async_commands,
};
/// A try whose end is unknown may be made again: done twice it is as good as done once.
[[nodiscard]] constexpr bool is_repeatable(BatchTaskType type) {
    return type != BatchTaskType::create_commands && type != BatchTaskType::create_async_commands;
}
enum class BatchTaskStatus : std::uint8_t {
    initializing,  ///< its targets are not all kept yet: nobody has been told of it
    waiting,
    processing,
    stopping,
    stopped,
    success,
    fail,
    partial_success,
};
enum class BatchTargetState : std::uint8_t {
    waiting,
    processing,
    success,
    fail,
    fail_wait_retry,
    stopped,
    removed,
};

[[nodiscard]] std::string_view to_string(BatchTaskType type);
[[nodiscard]] std::string_view to_string(BatchTaskStatus status);
[[nodiscard]] std::string_view to_string(BatchTargetState state);
[[nodiscard]] std::optional<BatchTaskType> batch_task_type_of(std::string_view word);
[[nodiscard]] std::optional<BatchTaskStatus> batch_task_status_of(std::string_view word);
[[nodiscard]] std::optional<BatchTargetState> batch_target_state_of(std::string_view word);

/// Nothing more happens by itself.
[[nodiscard]] constexpr bool is_over(BatchTaskStatus status) {
    return status >= BatchTaskStatus::stopped;
}

struct BatchProgress {
    std::array<std::size_t, 7> counts{};  ///< by BatchTargetState
    [[nodiscard]] std::size_t& of(BatchTargetState state) {
        return counts.at(static_cast<std::size_t>(state));
    }
    [[nodiscard]] std::size_t of(BatchTargetState state) const {
        return counts.at(static_cast<std::size_t>(state));
    }
    [[nodiscard]] std::size_t total() const;
    friend bool operator==(const BatchProgress&, const BatchProgress&) = default;
};

/// Of the status that a task has when no target waits or is worked on.
[[nodiscard]] BatchTaskStatus final_status(const BatchProgress& progress);

struct BatchPolicy {
    std::optional<WallTime> schedule_at;  ///< none: at once
    unsigned retry_count = 0;
    std::chrono::minutes retry_interval{0};
};

struct BatchTask {
    std::string task_id;  ///< empty: the catalogue's to give
    std::string app_id;
    BatchTaskType type = BatchTaskType::create_messages;
    BatchTaskStatus status = BatchTaskStatus::initializing;
    std::string name;
    std::string mode;             ///< as it was given; may be empty
    std::string ext_info;         ///< JSON text; empty: none
    std::string targets_filter;   ///< JSON text; empty: none
    std::string document;         ///< JSON text; empty: none
    std::string document_source;  ///< id of a file; may be empty
    /// JSON text of an array: what is particular to each target; encrypted at rest, as it may have secrets.
    std::string rows;
    BatchPolicy policy;
    BatchProgress progress;
    WallTime created_at{};
};

[[nodiscard]] store::Document document_of(const BatchTask& task);
/// Of what document_of() made; without rows when it was read without secrets.
[[nodiscard]] BatchTask batch_task_of(const store::Document& document);
/// What the bodies of tasks with this status begin with.
[[nodiscard]] std::string body_prefix_of(BatchTaskStatus status);

struct BatchTarget {
    std::string target;  ///< a device id
    BatchTargetState state = BatchTargetState::waiting;
    unsigned tries = 0;              ///< that are over
    std::optional<std::size_t> row;  ///< in the task's rows; none: nothing is particular to it
    std::string output;              ///< JSON text of the answer; empty: none
    std::string error_code;          ///< of the last failure; empty: none
    std::string error_msg;
    std::optional<WallTime> due;  ///< when it is tried again
    friend bool operator==(const BatchTarget&, const BatchTarget&) = default;
};

[[nodiscard]] store::Link link_of(std::string_view task_id, const BatchTarget& target);
/// Of what link_of() made.
[[nodiscard]] BatchTarget batch_target_of(const store::Link& link);

}  // namespace holdfast::api
