#include "api/device_requests.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::api {

using delivery::DirectSend;

namespace {

std::string_view topic_of(RequestKind kind) {
    switch (kind) {
        case RequestKind::command: return "/sys/commands/request_id=";
        case RequestKind::set_properties: return "/sys/properties/set/request_id=";
        case RequestKind::get_properties: return "/sys/properties/get/request_id=";
    }
    UNREACHABLE();
}

}  // namespace

ReplyKind refusal_of(DirectSend outcome) {
    switch (outcome) {
        case DirectSend::offline: return ReplyKind::offline;
        case DirectSend::blocked: return ReplyKind::blocked;
        case DirectSend::too_large: return ReplyKind::too_large;
        case DirectSend::sent: break;
    }
    UNREACHABLE();
}

void DeviceRequests::ask(DeviceRequest request, Turn& turn, Replied replied) {
    CHECK(turn.executor != nullptr);  // who asks has a place for the answer
    // It is in the tables before it is sent: the answer may come at once, on another shard.
    if (ReplyKind refusal{}; !add(request, turn, replied, refusal)) {
        reply({.request = {}, .executor = turn.executor, .replied = std::move(replied)},
              {refusal, {}});
        return;
    }
    std::string topic{delivery::device_topics_prefix};
    topic.append(request.device_id).append(topic_of(request.kind)).append(request.request_id);
    const DirectSend outcome = line_.send({.device_id = request.device_id,
                                           .topic = topic,
                                           .payload = as_bytes(request.payload),
                                           .expires_at = turn.now + settings_.timeout},
                                          turn);
    if (outcome == DirectSend::sent) {
        turn.counters.add(Counter::device_requests_sent);
        return;
    }
    static_cast<void>(
        on_answer(request.kind, request.device_id, request.request_id, {refusal_of(outcome), {}}));
}

/// False: `replied` is untouched, and `refusal` says why.
bool DeviceRequests::add(const DeviceRequest& request, Turn& turn, Replied& replied,
                         ReplyKind& refusal) {
    const std::scoped_lock lock{mutex_};
    const bool is_full = order_.size() >= settings_.waiting_max ||
                         waiting_for(request.device_id) >= settings_.waiting_per_device_max;
    if (is_full || is_stopped_) {
        refusal = is_stopped_ ? ReplyKind::stopping : ReplyKind::too_many;
        return false;
    }
    order_.push_back({.request = {.device_id = request.device_id,
                                  .kind = request.kind,
                                  .request_id = request.request_id,
                                  .payload = {}},
                      .number = next_number_++,
                      .answer_by = turn.now + settings_.timeout,
                      .executor = turn.executor,
                      .replied = std::move(replied)});
    const Place place = std::prev(order_.end());
    const bool is_new = by_id_.emplace(request.request_id, place).second;
    CHECK(is_new);
    by_device_[request.device_id].push_back(place);
    waiting_.store(order_.size(), std::memory_order_relaxed);
    return true;
}

std::size_t DeviceRequests::waiting_for(const std::string& device_id) const {
    const auto found = by_device_.find(device_id);
    return found == by_device_.end() ? 0 : found->second.size();
}

/// With the mutex held.
DeviceRequests::Waiting DeviceRequests::take(Place place) {
    by_id_.erase(place->request.request_id);
    const auto of_device = by_device_.find(place->request.device_id);
    std::erase(of_device->second, place);
    if (of_device->second.empty()) by_device_.erase(of_device);
    Waiting taken = std::move(*place);
    order_.erase(place);
    waiting_.store(order_.size(), std::memory_order_relaxed);
    return taken;
}

bool DeviceRequests::on_answer(RequestKind kind, std::string_view device_id,
                               std::string_view request_id, DeviceReply given) {
    Waiting waiting;
    {
        const std::scoped_lock lock{mutex_};
        const auto found = by_id_.find(std::string{request_id});
        if (found == by_id_.end()) return false;
        const DeviceRequest& request = found->second->request;
        if (request.kind != kind || request.device_id != device_id) return false;
        waiting = take(found->second);
    }
    reply(std::move(waiting), std::move(given));
    return true;
}

/// What was asked before this call went to the connection that ended, or to one that has come since; if
/// there is one now, the device may still answer.
void DeviceRequests::on_connection_ended(std::string_view device_id, Turn& turn) {
    if (waiting() == 0) return;
    std::uint64_t number = 0;
    {
        const std::scoped_lock lock{mutex_};
        if (waiting_for(std::string{device_id}) == 0) return;
        number = next_number_;
    }
    if (line_.is_online(device_id)) return;
    for (Waiting& waiting : take_earlier(device_id, number)) {
        turn.counters.add(Counter::device_requests_unanswered);
        reply(std::move(waiting), {ReplyKind::gone, {}});
    }
}

std::vector<DeviceRequests::Waiting> DeviceRequests::take_earlier(std::string_view device_id,
                                                                  std::uint64_t number) {
    std::vector<Waiting> taken;
    const std::scoped_lock lock{mutex_};
    const auto found = by_device_.find(std::string{device_id});
    if (found == by_device_.end()) return taken;
    for (const Place place : std::vector<Place>{found->second}) {
        if (place->number < number) taken.push_back(take(place));
    }
    return taken;
}

void DeviceRequests::on_deadline(Turn& turn) {
    if (waiting() == 0) return;
    std::vector<Waiting> late;
    {
        const std::scoped_lock lock{mutex_};
        while (!order_.empty() && order_.front().answer_by <= turn.now) {
            late.push_back(take(order_.begin()));
        }
    }
    for (Waiting& waiting : late) {
        turn.counters.add(Counter::device_requests_unanswered);
        reply(std::move(waiting), {ReplyKind::too_late, {}});
    }
}

void DeviceRequests::stop() {
    std::vector<Waiting> all;
    {
        const std::scoped_lock lock{mutex_};
        is_stopped_ = true;
        while (!order_.empty()) all.push_back(take(order_.begin()));
    }
    for (Waiting& waiting : all) reply(std::move(waiting), {ReplyKind::stopping, {}});
}

/// Whoever waits is let go of on its own thread only.
void DeviceRequests::reply(Waiting waiting, DeviceReply given) {
    store::Executor& executor = *waiting.executor;
    executor.post([replied = std::move(waiting.replied), given = std::move(given)]() mutable {
        replied(std::move(given));
    });
}

}  // namespace holdfast::api
