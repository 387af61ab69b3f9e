#include "api/batch_run.hpp"

#include "base/error.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string_view>
#include <utility>

namespace holdfast::api {

namespace {

/// How long nothing is begun after the server had no room.
constexpr std::chrono::milliseconds busy_pause{500};

using State = BatchTargetState;

/// Of a heap whose first one is the earliest.
constexpr auto is_later = [](const auto& a, const auto& b) { return a > b; };

}  // namespace

BatchRun::BatchRun(BatchPolicy policy, std::vector<BatchTarget> targets, bool is_repeatable)
    : policy_(policy),
      is_repeatable_(is_repeatable),
      targets_(std::move(targets)),
      keeping_(targets_.size(), Keeping::kept) {
    for (std::size_t index = 0; index < targets_.size(); ++index) {
        ++progress_.of(targets_[index].state);
        if (targets_[index].state == State::processing) {
            CHECK(!is_repeatable_);  // else that is never kept
            end_unknown(index);
        }
        line_up(index);
    }
}

/// An earlier process was working on it: perhaps it was done, and done twice would be worse.
void BatchRun::end_unknown(std::size_t index) {
    BatchTarget& target = targets_[index];
    ++target.tries;
    target.due.reset();
    target.output.clear();
    target.error_code = "IOTDA.014179";
    target.error_msg = "The server ended before it was known what became of the command.";
    set_state(index, State::fail);
    note_change(index);
}

/// A target that waits gets its place; whatever else it is has none.
void BatchRun::line_up(std::size_t index) {
    const BatchTarget& target = targets_[index];
    if (target.state == State::waiting) waiting_.push_back(index);
    if (target.state != State::fail_wait_retry) return;
    later_.emplace_back(target.due.value_or(WallTime{}), index);
    std::ranges::push_heap(later_, is_later);
}

bool BatchRun::is_due(std::size_t index, WallTime now) const {
    const BatchTarget& target = targets_[index];
    if (keeping_[index] != Keeping::kept) return false;  // it gets another place when it is
    if (target.state == State::waiting) return true;
    return target.state == State::fail_wait_retry && target.due.value_or(WallTime{}) <= now;
}

std::vector<std::size_t> BatchRun::take_due(WallTime now, std::size_t count_max) {
    std::vector<std::size_t> taken;
    if (now < busy_until_) return taken;
    if (policy_.schedule_at && now < *policy_.schedule_at) return taken;
    const auto take = [&](std::size_t index) {
        if (!is_due(index, now)) return;
        set_state(index, State::processing);
        taken.push_back(index);
    };
    while (taken.size() < count_max && !later_.empty() && later_.front().first <= now) {
        std::ranges::pop_heap(later_, is_later);
        const std::size_t index = later_.back().second;
        later_.pop_back();
        take(index);
    }
    while (taken.size() < count_max && !waiting_.empty()) {
        const std::size_t index = waiting_.front();
        waiting_.pop_front();
        take(index);
    }
    return taken;
}

std::optional<WallTime> BatchRun::next_due() const {
    std::optional<WallTime> due;
    if (!waiting_.empty()) due = WallTime{};
    if (!due && !later_.empty()) due = later_.front().first;
    if (!due) return std::nullopt;
    due = std::max(*due, busy_until_);
    return policy_.schedule_at ? std::max(*due, *policy_.schedule_at) : *due;
}

void BatchRun::on_outcome(std::size_t index, BatchOutcome outcome, WallTime now) {
    BatchTarget& target = targets_.at(index);
    CHECK(target.state == State::processing);
    if (outcome.kind == BatchOutcome::Kind::busy) {
        set_state(index, target.due ? State::fail_wait_retry : State::waiting);
        busy_until_ = now + busy_pause;
        // What is kept says the same, or Processing: then its place comes with what is kept next.
        if (!is_repeatable_) return note_change(index);
        line_up(index);
        return;
    }
    ++target.tries;
    target.due.reset();
    target.output = std::move(outcome.output);
    target.error_code = std::move(outcome.error_code);
    target.error_msg = std::move(outcome.error_msg);
    if (outcome.kind == BatchOutcome::Kind::success) {
        set_state(index, State::success);
    } else if (!outcome.is_final && target.tries <= policy_.retry_count) {
        target.due = now + policy_.retry_interval;
        set_state(index, State::fail_wait_retry);
    } else {
        set_state(index, State::fail);
    }
    note_change(index);
}

void BatchRun::set_state(std::size_t index, BatchTargetState state) {
    BatchTarget& target = targets_[index];
    --progress_.of(target.state);
    target.state = state;
    ++progress_.of(state);
}

void BatchRun::note_change(std::size_t index) {
    Keeping& keeping = keeping_[index];
    if (keeping == Keeping::being_kept) keeping = Keeping::changed_meanwhile;
    if (keeping != Keeping::kept) return;
    keeping = Keeping::changed;
    changed_.push_back(index);
}

std::vector<std::size_t> BatchRun::take_changes(std::size_t count_max) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(count_max, changed_.size()));
    std::vector<std::size_t> taken(changed_.begin(), changed_.begin() + count);
    changed_.erase(changed_.begin(), changed_.begin() + count);
    for (const std::size_t index : taken) keeping_[index] = Keeping::being_kept;
    being_kept_ += taken.size();
    return taken;
}

void BatchRun::on_kept(std::span<const std::size_t> indexes, bool was_kept) {
    for (const std::size_t index : indexes) {
        Keeping& keeping = keeping_.at(index);
        const bool is_as_kept = was_kept && keeping == Keeping::being_kept;
        keeping = Keeping::kept;
        if (is_as_kept) {
            line_up(index);
        } else {
            note_change(index);
        }
    }
    being_kept_ -= indexes.size();
}

std::optional<std::vector<std::size_t>> BatchRun::find(std::span<const std::string> names) const {
    std::vector<std::size_t> found;
    if (names.empty()) {
        found.resize(targets_.size());
        std::iota(found.begin(), found.end(), std::size_t{0});
        return found;
    }
    boost::unordered_flat_map<std::string_view, std::size_t> by_name;
    for (std::size_t index = 0; index < targets_.size(); ++index) {
        by_name.emplace(targets_[index].target, index);
    }
    for (const std::string& name : names) {
        const auto entry = by_name.find(name);
        if (entry == by_name.end()) return std::nullopt;
        found.push_back(entry->second);
    }
    return found;
}

bool BatchRun::stop(std::span<const std::string> names) {
    const auto found = find(names);
    if (!found) return false;
    for (const std::size_t index : *found) {
        const State state = targets_[index].state;
        if (state != State::waiting && state != State::fail_wait_retry) continue;
        targets_[index].due.reset();
        set_state(index, State::stopped);
        note_change(index);
    }
    return true;
}

bool BatchRun::retry(std::span<const std::string> names) {
    const auto found = find(names);
    if (!found) return false;
    for (const std::size_t index : *found) {
        const State state = targets_[index].state;
        const bool has_ended = state == State::fail || state == State::stopped;
        if (!has_ended && state != State::fail_wait_retry) continue;
        targets_[index].due.reset();
        set_state(index, State::waiting);
        note_change(index);
    }
    return true;
}

bool BatchRun::is_over() const {
    const std::size_t open = progress_.of(State::waiting) + progress_.of(State::processing) +
                             progress_.of(State::fail_wait_retry);
    return open == 0 && !has_unkept();
}

}  // namespace holdfast::api
