#include "api/connection_times.hpp"

#include <utility>
#include <vector>

namespace holdfast::api {

namespace {

constexpr Seconds write_interval{1};
/// Of one write: the catalogue's thread has others to serve, too.
constexpr std::size_t changes_max = 4'096;

std::vector<store::ConnectionChange> changes_of(
    const boost::unordered_flat_map<std::uint64_t, WallTime>& times) {
    std::vector<store::ConnectionChange> changes;
    changes.reserve(times.size());
    for (const auto& [number, at] : times) changes.push_back({number, at});
    return changes;
}

}  // namespace

void ConnectionTimes::note(std::uint64_t device_number, WallTime at) {
    const std::scoped_lock lock{mutex_};
    fresh_[device_number] = at;
}

std::optional<WallTime> ConnectionTimes::find(std::uint64_t device_number) const {
    const std::scoped_lock lock{mutex_};
    for (const Times* const times : {&fresh_, &writing_}) {
        const auto found = times->find(device_number);
        if (found != times->end()) return found->second;
    }
    return std::nullopt;
}

/// Empty: nothing is to be written now.
std::vector<store::ConnectionChange> ConnectionTimes::take_due(Instant now) {
    const std::scoped_lock lock{mutex_};
    if (fresh_.empty() || !writing_.empty() || now < next_write_) return {};
    if (fresh_.size() <= changes_max) {
        next_write_ = now + write_interval;
        writing_ = std::exchange(fresh_, {});
        return changes_of(writing_);
    }
    // The others follow as soon as these are written.
    boost::unordered::erase_if(fresh_, [this](const auto& each) {
        if (writing_.size() == changes_max) return false;
        writing_.insert(each);
        return true;
    });
    return changes_of(writing_);
}

void ConnectionTimes::on_deadline(Turn& turn) {
    std::vector<store::ConnectionChange> due = take_due(turn.now);
    if (due.empty()) return;
    catalogue_.put_connection_changes(std::move(due), *turn.executor,
                                      [this](std::error_code error) { on_written(error); });
}

/// What could not be written is tried again, unless the device has come or gone since.
void ConnectionTimes::on_written(std::error_code error) {
    const std::scoped_lock lock{mutex_};
    if (error) {
        for (const auto& each : writing_) fresh_.insert(each);
    }
    writing_.clear();
}

void ConnectionTimes::write_all(store::Executor& executor) {
    const std::scoped_lock lock{mutex_};
    for (const auto& each : writing_) fresh_.insert(each);
    if (fresh_.empty()) return;
    catalogue_.put_connection_changes(changes_of(fresh_), executor, [](std::error_code) {});
    fresh_.clear();
    writing_.clear();
}

}  // namespace holdfast::api
