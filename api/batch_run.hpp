#pragma once
// BatchRun: what to do next with the targets of one batch task, and what has become of each. Sans-I/O: it
// is asked with instants and told outcomes; its owner works on the targets and keeps the changes in the
// catalogue.
//
//   Waitting ─► Processing ─► Success
//       ▲           ├───────► Fail
//       └───────── FailWaitRetry (retries are left)          Stopped: by request, before it was begun
//
// Where a try must not be repeated (is_repeatable()), its owner keeps the target as Processing before it
// works on it; what is found so by whoever goes on is a Fail.
// A change must be kept before its target is worked on again: with what was kept, whoever goes on after
// the end of the process repeats a try, and never begins a later one whose predecessor's end is unknown.
// Threads: none. Limitations: all targets are in memory while a task runs.

#include "api/batch_task.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace holdfast::api {

/// How one try ended.
struct BatchOutcome {
    enum class Kind : std::uint8_t {
        success,
        failure,
        busy,  ///< the server had no room: nothing was tried
    };
    Kind kind = Kind::success;
    std::string output;
    std::string error_code;
    std::string error_msg;
    bool is_final = false;  ///< perhaps it was done all the same: it is not tried again by itself
};

class BatchRun {
public:
    /// `targets` as they were kept, in the order in which they are worked on.
    BatchRun(BatchPolicy policy, std::vector<BatchTarget> targets, bool is_repeatable = true);

    /// Those to be worked on now, at most `count_max`; they are Processing from then on.
    [[nodiscard]] std::vector<std::size_t> take_due(WallTime now, std::size_t count_max);
    [[nodiscard]] const BatchTarget& target(std::size_t index) const { return targets_.at(index); }
    void on_outcome(std::size_t index, BatchOutcome outcome, WallTime now);
    /// When take_due() next gives something although nothing else happens; none: never.
    [[nodiscard]] std::optional<WallTime> next_due() const;

    /// Targets whose change is not kept, at most `count_max`; until on_kept() they are given once.
    [[nodiscard]] std::vector<std::size_t> take_changes(std::size_t count_max);
    /// They were kept; or not, and are changes again.
    void on_kept(std::span<const std::size_t> indexes, bool was_kept);
    [[nodiscard]] std::size_t changes() const { return changed_.size(); }
    /// Changes, or such that are being kept.
    [[nodiscard]] bool has_unkept() const { return !changed_.empty() || being_kept_ != 0; }

    /// Those that nobody works on become Stopped; empty: all. False: one of them is no target.
    bool stop(std::span<const std::string> names);
    /// Those that failed or were stopped wait again; empty: all of these. False: as above.
    bool retry(std::span<const std::string> names);

    [[nodiscard]] const BatchProgress& progress() const { return progress_; }
    [[nodiscard]] std::size_t in_progress() const {
        return progress_.of(BatchTargetState::processing);
    }
    /// Nobody works on a target, none waits, and all changes are kept.
    [[nodiscard]] bool is_over() const;

private:
    enum class Keeping : std::uint8_t { kept, changed, being_kept, changed_meanwhile };
    void set_state(std::size_t index, BatchTargetState state);
    void note_change(std::size_t index);
    void line_up(std::size_t index);
    [[nodiscard]] bool is_due(std::size_t index, WallTime now) const;
    [[nodiscard]] std::optional<std::vector<std::size_t>> find(
        std::span<const std::string> names) const;

    void end_unknown(std::size_t index);

    const BatchPolicy policy_;
    const bool is_repeatable_;
    std::vector<BatchTarget> targets_;
    std::vector<Keeping> keeping_;     ///< of each target
    std::deque<std::size_t> waiting_;  ///< to be worked on as soon as there is room
    std::vector<std::pair<WallTime, std::size_t>> later_;  ///< a heap: to be tried again then
    std::deque<std::size_t> changed_;
    std::size_t being_kept_ = 0;
    WallTime busy_until_{};  ///< the server had no room: nothing is begun before
    BatchProgress progress_;
};

}  // namespace holdfast::api
