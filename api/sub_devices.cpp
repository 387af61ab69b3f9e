#include "api/sub_devices.hpp"

#include "api/await_answer.hpp"
#include "api/catalogue_refusals.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using delivery::DirectSend;
using Kind = SubDeviceRequest::Kind;

/// A gateway at one end of the line, the last device behind it at the other.
constexpr int levels_max = 2;
/// Of one turn of the loop, when the connection of a gateway has ended.
constexpr std::size_t ended_per_turn = 500;
/// How often a gateway that does not take what was sent before is tried.
constexpr int tries_max = 50;

SubDeviceFailure invalid(std::string field, std::string rule) {
    return failure_of(field_error_response({std::move(field), std::move(rule), {}}));
}

json::object object_of(const Response& response) {
    boost::system::error_code failed;
    json::value parsed = json::parse(response.body(), failed);
    return !failed && parsed.is_object() ? std::move(parsed.as_object()) : json::object{};
}

}  // namespace

// --- What comes in

void SubDevices::on_request(std::string_view gateway_id, SubDeviceRequest request) {
    if (!context_.loop) return;
    ++unfinished_;
    boost::asio::post(context_.loop, [this, gateway = std::string{gateway_id},
                                      request = std::move(request)]() mutable {
        enter(std::move(gateway), std::move(request));
    });
}

/// It speaks for itself from now on.
void SubDevices::on_connection_begun(std::string_view device_id) {
    static_cast<void>(context_.statuses.remove(device_id));
}

/// What it said before may still be on its way.
void SubDevices::on_connection_ended(std::string_view device_id) {
    if (!context_.loop) return;
    if (unfinished_.load() == 0 && !context_.statuses.has_some_of(device_id)) return;
    ++unfinished_;
    boost::asio::post(context_.loop, [this, gateway = std::string{device_id}]() mutable {
        enter(std::move(gateway), std::nullopt);
    });
}

void SubDevices::enter(std::string gateway_id, Job job) {
    const auto found = lines_.find(gateway_id);
    const bool is_full =
        unfinished_.load() > gateway_requests_max ||
        (found != lines_.end() && found->second.size() >= requests_per_gateway_max);
    if (job && is_full) {
        --unfinished_;
        if (job->kind == Kind::sync) return;  // it asks again
        const SubDeviceFailure failure{"APIGW.0308", "too many requests of gateways wait"};
        const DeviceEvent answer = sub_device_response(*job, all_failed(*job, failure));
        static_cast<void>(send(gateway_id, answer));
        return;
    }
    if (found != lines_.end()) return found->second.push_back(std::move(job));
    lines_[gateway_id].push_back(std::move(job));
    boost::asio::co_spawn(context_.loop, work_for(std::move(gateway_id)), boost::asio::detached);
}

awaitable<void> SubDevices::work_for(std::string gateway_id) {
    while (true) {
        const auto line = lines_.find(gateway_id);
        if (line->second.empty()) {
            lines_.erase(line);
            co_return;
        }
        Job job = std::move(line->second.front());
        line->second.pop_front();
        if (job) {
            co_await carry_out(gateway_id, std::move(*job));
        } else {
            co_await end_connection(gateway_id);
        }
        --unfinished_;
    }
}

awaitable<void> SubDevices::carry_out(std::string gateway_id, SubDeviceRequest request) {
    if (request.kind == Kind::sync) co_return co_await list(gateway_id, std::move(request));
    SubDeviceResults results;
    if (request.devices() > sub_devices_per_request_max) {
        const std::string rule =
            "must be at most " + std::to_string(sub_devices_per_request_max) + " in one request";
        results = all_failed(request, invalid("devices", rule));
    } else if (request.kind == Kind::add) {
        results = co_await add(gateway_id, request);
    } else if (request.kind == Kind::remove) {
        results = co_await remove(gateway_id, request);
    } else {
        results = co_await update(gateway_id, request);
    }
    DeviceEvent answer = sub_device_response(request, std::move(results));
    static_cast<void>(co_await send_patiently(gateway_id, std::move(answer)));
}

// --- Requests

/// Of two devices that are not there and not behind the gateway, it learns the same.
awaitable<SubDevices::Failure> SubDevices::refuse_stranger(std::string gateway_id,
                                                           std::string device_id) {
    std::string id = device_id;
    for (int level = 0; level < levels_max; ++level) {
        const auto [error, device] = co_await context_.catalogue.find_device(id);
        if (error && error != store::CatalogueError::not_found) {
            co_return failure_of(device_refusal(error, device_id));
        }
        if (error || device->gateway_id.empty()) break;
        if (device->gateway_id == gateway_id) co_return std::nullopt;
        id = device->gateway_id;
    }
    co_return failure_of(no_such_device(device_id));
}

awaitable<SubDeviceResults> SubDevices::add(std::string gateway_id, SubDeviceRequest request) {
    SubDeviceResults results;
    for (NewSubDevice& wanted : request.added) {
        const bool is_own =
            wanted.parent_device_id.empty() || wanted.parent_device_id == gateway_id;
        const std::string parent = is_own ? gateway_id : wanted.parent_device_id;
        if (!is_own) {
            if (const Failure failure = co_await refuse_stranger(gateway_id, parent)) {
                results.fail(wanted, *failure);
                continue;
            }
        }
        wanted.device["gateway_id"] = parent;
        InnerRequest inner{http::verb::post, "/devices", json::serialize(wanted.device)};
        const Response response = co_await context_.devices.ask(std::move(inner));
        if (response.result() == http::status::created) {
            results.successful.push_back(sub_device_info(object_of(response)));
        } else {
            results.fail(wanted, failure_of(response));
        }
    }
    co_return results;
}

awaitable<SubDeviceResults> SubDevices::remove(std::string gateway_id, SubDeviceRequest request) {
    SubDeviceResults results;
    for (const std::string& device_id : request.removed) {
        if (const Failure failure = co_await refuse_stranger(gateway_id, device_id)) {
            results.fail(device_id, *failure);
            continue;
        }
        InnerRequest inner{http::verb::delete_, "/devices/" + device_id, {}};
        const Response response = co_await context_.devices.ask(std::move(inner));
        if (response.result() == http::status::no_content) {
            results.successful.push_back(json::value(device_id));
        } else {
            results.fail(device_id, failure_of(response));
        }
    }
    co_return results;
}

awaitable<SubDeviceResults> SubDevices::update(std::string gateway_id, SubDeviceRequest request) {
    SubDeviceResults results;
    for (const SubDeviceStatus& wanted : request.statuses) {
        if (const Failure failure = co_await update_one(gateway_id, wanted)) {
            results.fail(wanted.device_id, *failure);
        } else {
            results.successful.push_back(
                json::object{{"device_id", wanted.device_id}, {"status", wanted.status}});
        }
    }
    co_return results;
}

awaitable<SubDevices::Failure> SubDevices::update_one(std::string gateway_id,
                                                      SubDeviceStatus wanted) {
    const bool is_online = wanted.status == "ONLINE";
    if (!is_online && wanted.status != "OFFLINE") {
        co_return invalid("status", "must be one of ONLINE, OFFLINE");
    }
    if (Failure failure = co_await refuse_stranger(gateway_id, wanted.device_id)) {
        co_return failure;
    }
    const auto [error, device] = co_await context_.catalogue.find_device(wanted.device_id);
    if (error) co_return failure_of(device_refusal(error, wanted.device_id));
    if (context_.line.is_online(device->device_id)) co_return std::nullopt;  // it speaks for itself
    if (is_online && !device->activated_at) {
        const std::error_code failed = co_await note_activation(device->device_id);
        if (failed) co_return failure_of(device_refusal(failed, device->device_id));
    }
    const SubDevice changed{device->number, device->device_id};
    const bool is_change = is_online ? context_.statuses.set_online(gateway_id, changed)
                                     : context_.statuses.remove(changed.device_id);
    if (is_change) tell(changed, is_online);
    co_return std::nullopt;
}

/// It may be deleted at this moment: then it is not there.
awaitable<std::error_code> SubDevices::note_activation(std::string device_id) {
    const store::CatalogueTime now = context_.clock.wall_now();
    const auto activate = [now](store::Device& current) {
        if (!current.activated_at) current.activated_at = now;
        return std::error_code{};
    };
    const auto [error, changed] = co_await context_.catalogue.change_device(device_id, activate);
    co_return error;
}

awaitable<void> SubDevices::list(std::string gateway_id, SubDeviceRequest request) {
    store::DeviceQuery query;
    query.gateway_id = gateway_id;
    query.is_cascade = true;
    query.paging.limit = sub_devices_per_notice;
    for (bool is_first = true;; is_first = false) {
        const auto [error, page] = co_await context_.catalogue.list_devices(query);
        if (error || (page.records.empty() && !is_first)) co_return;
        json::array devices;
        const json::array all_shown = co_await context_.views.show_all(page.records);
        for (const json::value& shown : all_shown) {
            devices.push_back(sub_device_info(shown.get_object()));
        }
        request.version = next_version(request.version);
        DeviceEvent notice =
            sub_device_notice(SubDeviceNotice::added, std::move(devices), request.version);
        const bool is_sent = co_await send_patiently(gateway_id, std::move(notice));
        if (!is_sent || page.records.size() < sub_devices_per_notice) co_return;
        query.paging.marker = page.marker;
    }
}

awaitable<void> SubDevices::end_connection(std::string gateway_id) {
    if (context_.line.is_online(gateway_id)) co_return;
    while (true) {
        const auto ended = context_.statuses.take_of(gateway_id, ended_per_turn);
        if (ended.empty()) co_return;
        for (const SubDevice& device : ended) tell(device, false);
        co_await boost::asio::post(context_.loop, boost::asio::use_awaitable);
    }
}

void SubDevices::tell(const SubDevice& device, bool is_online) {
    context_.presence.on_presence(device.number, device.device_id, is_online,
                                  context_.clock.wall_now());
}

// --- What applications did

void SubDevices::on_sub_device_added(const json::object& shown) {
    json::object info = sub_device_info(shown);
    std::string gateway_id{info.at("parent_device_id").get_string()};
    notify({SubDeviceNotice::added, std::move(gateway_id), std::move(info)});
}

void SubDevices::on_sub_device_removed(const store::Device& device) {
    notify({SubDeviceNotice::removed, device.gateway_id,
            json::object{{"parent_device_id", device.gateway_id},
                         {"node_id", device.node_id},
                         {"device_id", device.device_id}}});
}

void SubDevices::notify(Notice notice) {
    if (!context_.loop || is_stopped_ || notices_.size() >= sub_device_notices_max) return;
    notices_.push_back(std::move(notice));
    if (std::exchange(is_notifying_, true)) return;
    boost::asio::co_spawn(context_.loop, work_off_notices(), boost::asio::detached);
}

/// One after the other: a gateway does not learn of a deletion before the registration.
awaitable<void> SubDevices::work_off_notices() {
    while (!notices_.empty() && !is_stopped_) {
        Notice notice = std::move(notices_.front());
        notices_.pop_front();
        const std::string gateway_id = co_await find_connected(notice.gateway_id);
        if (gateway_id.empty() || !context_.line.is_online(gateway_id)) continue;
        json::array devices;
        devices.push_back(std::move(notice.info));
        const DeviceEvent event =
            sub_device_notice(notice.what, std::move(devices), next_version(0));
        static_cast<void>(send(gateway_id, event));
    }
    is_notifying_ = false;
}

/// The gateway through whose connection it goes, at any level above; empty: it is gone.
awaitable<std::string> SubDevices::find_connected(std::string device_id) {
    for (int level = 0; level <= levels_max; ++level) {
        const auto [error, device] = co_await context_.catalogue.find_device(device_id);
        if (error) co_return std::string{};
        if (device->gateway_id.empty()) co_return device_id;
        device_id = device->gateway_id;
    }
    co_return std::string{};
}

// --- The line

DirectSend SubDevices::send(std::string_view gateway_id, const DeviceEvent& event) {
    const std::string topic = events_down_topic(gateway_id);
    const std::string payload = event_down(gateway_id, event, context_.clock.wall_now());
    DirectSend sent = DirectSend::offline;
    context_.turns.enter([&](Turn& turn) {
        sent = context_.line.send(
            {.device_id = gateway_id, .topic = topic, .payload = as_bytes(payload)}, turn);
    });
    return sent;
}

/// False: it is gone, or takes nothing.
awaitable<bool> SubDevices::send_patiently(std::string gateway_id, DeviceEvent event) {
    boost::asio::steady_timer timer{context_.loop};
    for (int tries = 0; tries < tries_max && !is_stopped_; ++tries) {
        const DirectSend sent = send(gateway_id, event);
        if (sent != DirectSend::blocked) co_return sent == DirectSend::sent;
        timer.expires_after(context_.pause);
        co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return false;
}

/// Greater than any that a gateway has: SDKs ignore what is not newer than what they know. Seconds since
/// 1970, so that it stays so across a restart and fits into 32 bits. `known`: the asker's, which the clock
/// may have been set back behind; what cannot be one of ours counts for the asker alone.
std::int64_t SubDevices::next_version(std::int64_t known) {
    constexpr std::int64_t clock_jump_max = 24 * 3'600;
    constexpr std::int64_t version_max = std::int64_t{1} << 53;
    known = std::clamp<std::int64_t>(known, 0, version_max);
    const auto now = std::chrono::floor<Seconds>(context_.clock.wall_now()).time_since_epoch();
    if (known < now.count() + clock_jump_max) last_version_ = std::max(last_version_, known);
    last_version_ = std::max<std::int64_t>(now.count(), last_version_ + 1);
    return std::max(last_version_, known + 1);
}

}  // namespace holdfast::api
