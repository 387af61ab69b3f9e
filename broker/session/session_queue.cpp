#include "session/session_queue.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace holdfast::session {

namespace {

std::uint32_t seconds_of(Instant instant) {
    const auto seconds = std::chrono::ceil<Seconds>(instant.time_since_epoch()).count();
    const bool is_known = seconds >= 0 && seconds < std::int64_t{StoredLine::no_end};
    return is_known ? static_cast<std::uint32_t>(seconds) : StoredLine::no_end;
}

StoredLine line_of(const Waiting& waiting, Seconds age_max) {
    const OutboundMessage& outbound = waiting.outbound;
    const Instant expires_at = outbound.message->expires_at();
    const Instant too_old_at = deadline_after(waiting.since, age_max);
    StoredLine line;
    line.position = outbound.is_stored() ? outbound.position : store::before_first;
    line.bytes = static_cast<std::uint32_t>(outbound.message->footprint()) & 0x1FFF'FFFF;
    line.is_kept = !outbound.is_stored() || outbound.is_shared();
    line.is_perhaps_sent = outbound.is_perhaps_sent;
    line.ends_by_age = too_old_at < expires_at;
    line.ends_at_seconds = seconds_of(std::min(expires_at, too_old_at));
    return line;
}

/// Asks once for each line, in order.
template <class Lines, class IsGone>
void erase_lines(Lines& lines, IsGone&& is_gone) {
    std::size_t stay = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!is_gone(lines[i])) lines[stay++] = lines[i];
    }
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(stay), lines.end());
}

}  // namespace

void SessionQueue::push_back(Waiting waiting, Seconds age_max, Client client) {
    const bool may_leave_memory = waiting.outbound.is_stored() && !waiting.outbound.is_shared();
    if (lines_.empty() && !(may_leave_memory && is_window_full(client))) {
        bytes_ += waiting.outbound.message->footprint();
        add_loaded(std::move(waiting));
        return;
    }
    lines_.push_back(line_of(waiting, age_max));
    bytes_ += waiting.outbound.message->footprint();
    if (lines_.back().is_kept) kept_.push_back(std::move(waiting));
}

void SessionQueue::push_back_stored(store::Position position, std::size_t bytes,
                                    bool is_perhaps_sent) {
    StoredLine line;
    line.position = position;
    line.bytes = static_cast<std::uint32_t>(bytes) & 0x1FFF'FFFF;
    line.is_perhaps_sent = is_perhaps_sent;
    lines_.push_back(line);
    bytes_ += line.bytes;
}

void SessionQueue::add_loaded(Waiting waiting) {
    loaded_bytes_ += waiting.outbound.message->footprint();
    loaded_.push_back(std::move(waiting));
}

OutboundMessage SessionQueue::take_front() {
    OutboundMessage outbound = std::move(loaded_.front().outbound);
    loaded_.pop_front();
    const std::size_t bytes = outbound.message->footprint();
    bytes_ -= bytes;
    loaded_bytes_ -= bytes;
    if (loaded_.empty()) advance();
    return outbound;
}

void SessionQueue::advance() {
    while (!lines_.empty() && lines_.front().is_kept) {
        lines_.pop_front();
        add_loaded(std::move(kept_.front()));
        kept_.pop_front();
    }
}

// --- Reading what is not in memory

bool SessionQueue::wants_page() const {
    const bool is_low = loaded_.size() < window_messages_max / 2 &&
                        loaded_bytes_ < window_bytes_max / 2;
    return is_low && lines_.size() > kept_.size();
}

store::Position SessionQueue::page_after() const {
    const auto line = std::find_if(lines_.begin(), lines_.end(),
                                   [](const StoredLine& each) { return !each.is_kept; });
    CHECK(line != lines_.end());
    return store::Position{static_cast<std::uint64_t>(line->position) - 1};
}

bool SessionQueue::seek(store::Position position, store::Position through, const Lost& lost) {
    for (;;) {
        advance();
        if (lines_.empty()) return false;
        const StoredLine& line = lines_.front();
        if (line.position == position) return true;
        if (line.position > position || line.position > through) return false;
        lost(take_line());
    }
}

StoredLine SessionQueue::take_line() {
    const StoredLine line = lines_.front();
    CHECK(!line.is_kept);
    lines_.pop_front();
    bytes_ -= line.bytes;
    return line;
}

void SessionQueue::load(Waiting waiting) {
    bytes_ += waiting.outbound.message->footprint();
    add_loaded(std::move(waiting));
    advance();
}

// --- Removing

std::optional<SessionQueue::Removed> SessionQueue::remove(store::Position position) {
    std::optional<Removed> removed;
    const auto is_at = [&](const Waiting& waiting) {
        return waiting.outbound.is_stored() && waiting.outbound.position == position;
    };
    take_if(is_at, [&](Waiting waiting) {
        removed = Removed{.outbound = std::move(waiting.outbound)};
        removed->bytes = removed->outbound->message->footprint();
    });
    if (removed) return removed;
    remove_lines_if([&](const StoredLine& line) {
        if (line.position != position) return false;
        removed = Removed{.outbound = std::nullopt, .bytes = line.bytes};
        return true;
    });
    return removed;
}

void SessionQueue::take_if(const std::function<bool(const Waiting&)>& is_wanted,
                           const std::function<void(Waiting)>& take) {
    const auto take_from = [&](boost::container::deque<Waiting>& part, auto&& on_taken) {
        std::size_t stay = 0;
        for (std::size_t i = 0; i < part.size(); ++i) {
            if (is_wanted(part[i])) {
                on_taken(i);
                bytes_ -= part[i].outbound.message->footprint();
                take(std::move(part[i]));
            } else {
                if (stay != i) part[stay] = std::move(part[i]);
                ++stay;
            }
        }
        part.erase(part.begin() + static_cast<std::ptrdiff_t>(stay), part.end());
    };
    take_from(loaded_, [&](std::size_t i) {
        loaded_bytes_ -= loaded_[i].outbound.message->footprint();
    });
    if (!kept_.empty()) {
        std::vector<bool> is_gone(kept_.size());
        take_from(kept_, [&](std::size_t i) { is_gone[i] = true; });
        std::size_t index = 0;
        erase_lines(lines_, [&](const StoredLine& line) {
            return line.is_kept && is_gone[index++];
        });
    }
    if (loaded_.empty()) advance();
}

void SessionQueue::remove_lines_if(const std::function<bool(const StoredLine&)>& is_wanted) {
    erase_lines(lines_, [&](const StoredLine& line) {
        if (line.is_kept || !is_wanted(line)) return false;
        bytes_ -= line.bytes;
        return true;
    });
    if (loaded_.empty()) advance();
}

std::size_t SessionQueue::stored_count() const {
    const auto has_position = [](const Waiting& waiting) { return waiting.outbound.is_stored(); };
    const auto loaded = std::count_if(loaded_.begin(), loaded_.end(), has_position);
    const auto lines = std::count_if(lines_.begin(), lines_.end(), [](const StoredLine& line) {
        return line.position != store::before_first;
    });
    return static_cast<std::size_t>(loaded + lines);
}

}  // namespace holdfast::session
