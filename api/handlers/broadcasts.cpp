#include "api/handlers/broadcasts.hpp"

#include "api/await_answer.hpp"
#include "api/awaited_catalogue.hpp"
#include "api/base64.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/contract_time.hpp"
#include "api/json_body.hpp"
#include "api/message_refusals.hpp"
#include "api/product_schema.hpp"
#include "api/uuid.hpp"
#include "base/limits.hpp"
#include "base/topic.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

using boost::asio::awaitable;

constexpr std::string_view topic_prefix = "$oc/broadcast/";
constexpr std::size_t encoded_bytes_max = 256 * 1024;
constexpr IntegerRule ttl_rule{.min = 0, .max = 1440, .multiple_of = 5};
const TextRule topic_rule{1, 128};
const TextRule message_id_rule{1, 100, identifier_alphabet};

constexpr std::string_view too_many_receivers = "IOTDA.014194";
constexpr std::string_view id_is_taken = "IOTDA.014190";

struct Broadcasts {
    explicit Broadcasts(const BroadcastsContext& given) : parts(given) {}

    const BroadcastsContext parts;
    std::map<std::string, Instant, std::less<>> ids;  ///< when each may come again
};
using BroadcastsPtr = std::shared_ptr<Broadcasts>;

struct NewBroadcast {
    std::string app_id;
    std::string message_id;
    BroadcastService::Broadcast broadcast;
};

boost::system::result<NewBroadcast, FieldError> read_broadcast(const boost::json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    NewBroadcast made;
    made.app_id = fields.find_text("app_id", product_id_rule()).value_or("");
    made.message_id = fields.find_text("message_id", message_id_rule).value_or("");
    made.broadcast.topic = fields.text("topic_full_name", topic_rule);
    const std::string& topic = made.broadcast.topic;
    const bool is_topic = topic.starts_with(topic_prefix) && topic.size() > topic_prefix.size() &&
                          is_valid_utf8_string(topic) && is_valid_topic_name(topic, unlimited);
    if (!is_topic) {
        fields.fail("topic_full_name", "must be a topic below $oc/broadcast/ without wildcards");
    }
    const std::string_view encoded = fields.text("message", {1, encoded_bytes_max});
    if (!decode_base64(encoded, made.broadcast.payload)) {
        fields.fail("message", "must be Base64 with padding");
    }
    const auto ttl = fields.find_integer("ttl", ttl_rule).value_or(0);
    if (ttl != 0) made.broadcast.ttl = std::chrono::minutes{ttl};
    if (error) return std::move(*error);
    return made;
}

/// Those whose device is of the space, ascending.
awaitable<std::vector<SessionNumber>> receivers_in(BroadcastsPtr broadcasts, std::string app_id,
                                                   std::vector<BroadcastReceiver> candidates) {
    const AwaitedCatalogue catalogue{broadcasts->parts.catalogue, broadcasts->parts.executor};
    std::vector<SessionNumber> receivers;
    for (const BroadcastReceiver& candidate : candidates) {
        const auto [gone, device] = co_await catalogue.find_device(candidate.device_id);
        if (!gone && device->app_id == app_id) receivers.push_back(candidate.session);
    }
    std::ranges::sort(receivers);
    co_return receivers;
}

/// Empty: the id is this broadcast's until its ttl is over.
std::optional<Response> take_id(Broadcasts& broadcasts, const NewBroadcast& made) {
    const Instant now = broadcasts.parts.clock.now();
    std::erase_if(broadcasts.ids, [now](const auto& entry) { return entry.second <= now; });
    if (broadcasts.ids.contains(made.message_id)) {
        return error_response(http::status::bad_request, id_is_taken,
                              "A broadcast with this message_id is still kept");
    }
    if (broadcasts.ids.size() >= broadcast_ids_max) {
        Response response = error_response(http::status::too_many_requests,
                                           "there are too many broadcasts that are kept");
        response.set(http::field::retry_after, "60");
        return response;
    }
    broadcasts.ids.emplace(made.message_id, now + *made.broadcast.ttl);
    return std::nullopt;
}

awaitable<Response> broadcast(Exchange exchange, BroadcastsPtr broadcasts) {
    const BroadcastsContext& parts = broadcasts->parts;
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    auto made = read_broadcast(*body);
    if (made.has_error()) co_return field_error_response(made.error());
    if (made->app_id.empty()) made->app_id = parts.apps.default_app_id();
    if (parts.apps.find(made->app_id) == nullptr) co_return no_such_app(made->app_id);
    if (made->message_id.empty()) made->message_id = make_uuid(parts.random);
    const bool is_kept = made->broadcast.ttl.has_value();
    made->broadcast.receivers = co_await receivers_in(
        broadcasts, made->app_id, parts.broadcasts.receivers_of(made->broadcast.topic, is_kept));
    if (is_kept && made->broadcast.receivers.size() > broadcast_receivers_max) {
        co_return error_response(http::status::bad_request, too_many_receivers,
                                 "A broadcast with a ttl is for at most 10 subscribers, not " +
                                     std::to_string(made->broadcast.receivers.size()));
    }
    if (is_kept) {
        if (auto refusal = take_id(*broadcasts, *made)) co_return std::move(*refusal);
    }
    const WallTime now = parts.clock.wall_now();
    const auto begin = [&](auto done) { parts.broadcasts.publish(made->broadcast, done); };
    const std::error_code error = co_await await_answer<std::error_code>(begin);
    if (error) {
        broadcasts->ids.erase(made->message_id);
        co_return store_failed(error);
    }
    co_return json_response(http::status::created, {{"app_id", made->app_id},
                                                    {"topic_full_name", made->broadcast.topic},
                                                    {"message_id", made->message_id},
                                                    {"created_time", contract_time(now)}});
}

}  // namespace

void add_broadcast_routes(Routes& routes, const BroadcastsContext& context) {
    const auto broadcasts = std::make_shared<Broadcasts>(context);
    routes.add(
        http::verb::post, "/v5/iot/{project_id}/broadcast-messages", Action::messages_broadcast,
        [broadcasts](Exchange exchange) { return broadcast(std::move(exchange), broadcasts); },
        BodyKind::json);
}

}  // namespace holdfast::api
