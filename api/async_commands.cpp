// Commands until they are sent: accepted, kept, held back, marked, given to the device's connection.

#include "api/async_commands.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::api {

using delivery::DirectSend;
using Status = AsyncCommandStatus;

namespace {

/// Changes of devices' next commands that the catalogue has at once: single requests are not kept waiting.
constexpr std::size_t marking_max = 256;
/// After something failed: the disk, or a connection that takes nothing. Twice as long each time.
constexpr Seconds pause{1};
constexpr unsigned doublings_max = 6;

/// Ids begin with the time, and the clock may have been set back; the rest counts up.
std::string place_of(const std::string& id) {
    constexpr std::size_t digits_of_seconds = 8;
    return id.substr(digits_of_seconds);
}

AsyncCommand make_command(NewAsyncCommand given, Status status, WallTime now) {
    AsyncCommand command;
    command.device_number = given.device->number;
    command.device_id = given.device->device_id;
    command.draft = std::move(given.draft);
    command.status = status;
    command.created_at = now;
    if (status == Status::sent) command.sent_at = now;
    if (status == Status::failed) set_error(command, ReplyKind::offline);
    return command;
}

/// Where a command counts among those of its device while it is being added.
template <class Entry>
std::size_t& count_of(Entry& entry, Status status) {
    if (status == Status::pending) return entry.adding;
    return status == Status::sent ? entry.unanswered : entry.ending;
}

}  // namespace

// --- Accepting

AsyncCommands::Entry& AsyncCommands::entry_of(const NewAsyncCommand& command) {
    const auto [place, is_new] = devices_.try_emplace(command.device->number);
    Entry& entry = place->second;
    if (is_new) {
        entry.device_id = command.device->device_id;
        entry.connected_id = command.connected->device_id;
        by_connection_[entry.connected_id].insert(command.device->number);
    }
    return entry;
}

/// Nothing is live of it any more: it is not in the tables.
void AsyncCommands::release(std::uint64_t device) {
    const auto found = devices_.find(device);
    if (found == devices_.end()) return;
    const Entry& entry = found->second;
    if (!entry.pending.empty()) return;
    if (entry.adding + entry.unanswered + entry.ending != 0) return;
    const auto of_connection = by_connection_.find(entry.connected_id);
    of_connection->second.erase(device);
    if (of_connection->second.empty()) by_connection_.erase(of_connection);
    devices_.erase(found);
}

void AsyncCommands::accept(NewAsyncCommand given, Accepted done) {
    using Kind = AsyncAcceptance::Kind;
    const auto refuse = [&done](Kind kind) { done({.kind = kind, .command = {}, .error = {}}); };
    if (is_stopped_) return refuse(Kind::stopping);
    Entry& entry = entry_of(given);
    const bool is_delayed = given.draft.strategy == SendStrategy::delay;
    const bool is_full = entry.unanswered >= context_.requests.waiting_per_device_max;
    const bool is_online = context_.line.is_online(entry.connected_id);
    const std::size_t waiting =
        entry.pending.size() + entry.adding + static_cast<std::size_t>(entry.is_sending);
    if (is_delayed && waiting >= pending_commands_max) {
        return refuse(Kind::too_many_pending);
    }
    if (!is_delayed && is_online && is_full) return refuse(Kind::too_many_unanswered);
    const bool is_next = !is_delayed || (entry.pending.empty() && entry.adding == 0 &&
                                         !entry.is_sending && !is_full);
    Status status = is_delayed ? Status::pending : Status::failed;
    if (is_online && is_next) status = Status::sent;
    ++count_of(entry, status);

    AsyncCommand command = make_command(std::move(given), status, context_.clock.wall_now());
    command.connected_id = entry.connected_id;  // the way of those before it
    const auto live = std::make_shared<Live>();
    live->device = command.device_number;
    live->stage = Stage::sending;
    live->expire_time = command.draft.expire_time;
    live->done = std::move(done);
    if (status == Status::sent && is_delayed) hold_line(*live);
    context_.catalogue.documents().add(
        document_of(command), async_commands_max, context_.home,
        [this, live, status](std::error_code error, const store::DocumentPtr& document) {
            on_added(live, status, error, document);
        });
}

void AsyncCommands::on_added(const LivePtr& live, AsyncCommandStatus status, std::error_code error,
                             const store::DocumentPtr& document) {
    if (error) {
        withdraw(live, status);
        return answer(live, {.kind = AsyncAcceptance::Kind::failed, .command = {}, .error = error});
    }
    live->id = document->id;
    // Perhaps the device was deleted while the command was on its way to the catalogue.
    check_device(live->device, [this, live, status, document](Presence presence) {
        if (presence != Presence::gone) {
            return on_accepted(live, async_command_of(*document), presence);
        }
        withdraw(live, status);
        context_.catalogue.documents().remove(store::DocumentKind::async_command, live->id,
                                              context_.home, [](std::error_code) {});
        answer(live, {.kind = AsyncAcceptance::Kind::device_gone, .command = {}, .error = {}});
    });
}

/// It was not accepted.
void AsyncCommands::withdraw(const LivePtr& live, AsyncCommandStatus status) {
    const auto found = devices_.find(live->device);
    if (found == devices_.end()) return;
    --count_of(found->second, status);
    leave_line(*live);
    pump(live->device);
    release(live->device);
}

void AsyncCommands::on_accepted(const LivePtr& live, AsyncCommand command, Presence presence) {
    Entry& entry = devices_.at(live->device);
    if (command.status != Status::sent) --count_of(entry, command.status);
    if (presence == Presence::there) entry.is_checked = true;
    if (command.status == Status::failed) {
        tell(command);
        answer(live, {.kind = {}, .command = std::move(command), .error = {}});
        untrimmed_.insert(live->device);
        return release(live->device);
    }
    enter(live);
    if (command.status == Status::sent) {
        if (presence == Presence::there) return send(live, std::move(command));
        return take_back(live, command, DirectSend::blocked);
    }
    set_deadline(*live, context_.clock.now() + live->expire_time);
    add_pending(live);
    tell(command);
    answer(live, {.kind = {}, .command = std::move(command), .error = {}});
    pump(live->device);
}

/// Whether there is still a device with that number, and live commands of it.
void AsyncCommands::check_device(std::uint64_t device, std::function<void(Presence)> done) {
    const auto found = devices_.find(device);
    if (found == devices_.end()) return done(Presence::gone);
    const std::string& device_id = found->second.device_id;
    if (const store::DevicePtr cached = context_.catalogue.cached_device(device_id)) {
        return done(cached->number == device ? Presence::there : Presence::gone);
    }
    context_.catalogue.find_device(
        device_id, context_.home,
        [this, device, done = std::move(done)](std::error_code error, const store::DevicePtr& it) {
            const bool is_another = it != nullptr && it->number != device;
            const bool is_gone = is_another || error == store::CatalogueError::not_found ||
                                 !devices_.contains(device);
            if (is_gone) return done(Presence::gone);
            done(error ? Presence::unknown : Presence::there);
        });
}

/// Before the first one is sent that an earlier process has left: a device of the same id that was
/// registered later has none of them.
void AsyncCommands::on_checked(std::uint64_t device, Presence presence) {
    if (presence == Presence::gone) {
        forget_device(device);
        context_.catalogue.documents().remove_listed(
            {.kind = store::DocumentKind::async_command,
             .parent = parent_of_commands(device),
             .name = {},
             .paging = {.marker = {}, .offset = 0, .limit = async_commands_max}},
            context_.home, [](std::error_code, std::size_t) {});
        return;
    }
    Entry& entry = devices_.at(device);
    entry.is_sending = false;
    if (presence == Presence::unknown) return pump_later(device);
    entry.is_checked = true;
    pump(device);
}

// --- Going out

void AsyncCommands::hold_line(Live& live) {
    live.holds_line = true;
    devices_.at(live.device).is_sending = true;
}

void AsyncCommands::leave_line(Live& live) {
    if (!std::exchange(live.holds_line, false)) return;
    devices_.at(live.device).is_sending = false;
}

void AsyncCommands::add_pending(const LivePtr& live) {
    live->stage = Stage::pending;
    devices_.at(live->device).pending.emplace(place_of(live->id), live);
    pending_.fetch_add(1);
    // If its time ended meanwhile, nobody has looked.
    if (live->deadline <= context_.clock.now()) set_deadline(*live, live->deadline);
}

void AsyncCommands::remove_pending(Entry& entry, const Live& live) {
    entry.pending.erase(place_of(live.id));
    pending_.fetch_sub(1);
}

void AsyncCommands::set_deadline(Live& live, Instant at) {
    deadlines_.erase({live.deadline, live.id});
    live.deadline = at;
    deadlines_.emplace(at, live.id);
}

void AsyncCommands::enter(const LivePtr& live) {
    by_id_.emplace(live->id, live);
    devices_.at(live->device).ids.insert(live->id);
    live_.store(by_id_.size());
}

void AsyncCommands::leave(const Live& live) {
    deadlines_.erase({live.deadline, live.id});
    by_id_.erase(live.id);
    live_.store(by_id_.size());
    const auto entry = devices_.find(live.device);
    if (entry != devices_.end()) entry->second.ids.erase(live.id);
}

/// Begins to send the next one, if there is one and it may go.
void AsyncCommands::pump(std::uint64_t device) {
    const auto found = devices_.find(device);
    if (found == devices_.end() || is_stopped_) return;
    Entry& entry = found->second;
    if (entry.is_sending || entry.pending.empty()) return;
    if (entry.unanswered >= context_.requests.waiting_per_device_max) return;
    if (context_.clock.now() < entry.not_before) return;
    if (!context_.line.is_online(entry.connected_id)) return;
    if (marking_ >= marking_max) {
        ready_.push_back(device);
        return;
    }
    ++marking_;
    if (entry.is_checked) return begin_sending(device, entry);
    entry.is_sending = true;
    check_device(device, [this, device](Presence presence) {
        --marking_;
        on_checked(device, presence);
        if (!ready_.empty()) context_.home.post([this] { pump_ready(); });
    });
}

void AsyncCommands::pump_ready() {
    while (!ready_.empty() && marking_ < marking_max) {
        const std::uint64_t device = ready_.front();
        ready_.pop_front();
        pump(device);
    }
}

void AsyncCommands::pump_later(std::uint64_t device) {
    Entry& entry = devices_.at(device);
    entry.not_before =
        context_.clock.now() + pause * (1 << std::min(entry.failures, doublings_max));
    ++entry.failures;
    later_.insert(device);
}

void AsyncCommands::begin_sending(std::uint64_t device, Entry& entry) {
    const LivePtr live = entry.pending.begin()->second;
    remove_pending(entry, *live);
    live->stage = Stage::sending;
    hold_line(*live);
    ++entry.unanswered;
    const auto mark = [now = context_.clock.wall_now()](AsyncCommand& command) {
        command.status = Status::sent;
        command.sent_at = now;
    };
    context_.catalogue.documents().change(
        store::DocumentKind::async_command, live->id, document_change(mark), context_.home,
        [this, live, device](std::error_code error, const store::DocumentPtr& document) {
            --marking_;
            on_marked(live, error, document);
            pump_ready();
        });
}

void AsyncCommands::on_marked(const LivePtr& live, std::error_code error,
                              const store::DocumentPtr& document) {
    if (live->stage == Stage::forgotten) return;
    if (!error) return send(live, async_command_of(*document));
    leave_line(*live);
    --devices_.at(live->device).unanswered;
    if (error == store::CatalogueError::not_found) return drop(live);
    add_pending(live);
    pump_later(live->device);
}

/// It is kept as SENT.
void AsyncCommands::send(const LivePtr& live, AsyncCommand command) {
    const std::string topic = topic_of(command);
    const std::string payload = payload_of(command, context_.object_device_id_always);
    DirectSend outcome = DirectSend::offline;
    context_.turns.enter([&](Turn& turn) {
        if (is_stopped_) return;
        outcome = context_.line.send({.device_id = command.connected_id,
                                      .topic = topic,
                                      .payload = as_bytes(payload),
                                      .expires_at = turn.now + context_.settings.answer_timeout},
                                     turn);
        if (outcome == DirectSend::sent) turn.counters.add(Counter::device_requests_sent);
    });
    if (outcome == DirectSend::sent) return on_sent(live, command);
    take_back(live, command, outcome);
}

void AsyncCommands::on_sent(const LivePtr& live, const AsyncCommand& command) {
    live->stage = Stage::sent;
    set_deadline(*live, context_.clock.now() + context_.settings.answer_timeout);
    tell(command);
    answer(live, {.kind = {}, .command = command, .error = {}});
    leave_line(*live);
    devices_.at(live->device).failures = 0;
    pump(live->device);
}

/// Nothing was sent: it waits again, if it may and if that helps.
void AsyncCommands::take_back(const LivePtr& live, const AsyncCommand& command, DirectSend why) {
    const bool waits =
        command.draft.strategy == SendStrategy::delay && why != DirectSend::too_large;
    if (!waits) {
        return finish(live, [why](AsyncCommand& failed) {
            failed.status = Status::failed;
            failed.sent_at.reset();
            set_error(failed, refusal_of(why));
        });
    }
    const auto unsend = [](AsyncCommand& waiting) {
        waiting.status = Status::pending;
        waiting.sent_at.reset();
    };
    keep(live, unsend, [this, live, why](AsyncCommand waiting) {
        const bool is_first = live->deadline == never;  // else nobody was told that it was SENT
        if (is_first) set_deadline(*live, context_.clock.now() + live->expire_time);
        leave_line(*live);
        --devices_.at(live->device).unanswered;
        add_pending(live);
        if (is_first) tell(waiting);
        answer(live, {.kind = {}, .command = std::move(waiting), .error = {}});
        if (why == DirectSend::blocked) return pump_later(live->device);
        pump(live->device);
    });
}

}  // namespace holdfast::api
