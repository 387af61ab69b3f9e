#include "api/handlers/commands.hpp"

#include "api/await_answer.hpp"
#include "api/buffered_random.hpp"
#include "api/command_schema.hpp"
#include "api/device_lookup.hpp"
#include "api/device_schema.hpp"
#include "api/json_body.hpp"
#include "api/json_text.hpp"
#include "api/request_refusals.hpp"
#include "api/uuid.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using store::DevicePtr;

struct Commands {
    explicit Commands(const CommandsContext& given) : context(given), random(given.random) {}

    const CommandsContext context;
    BufferedRandom random;  ///< for the identifiers of requests
};
using CommandsPtr = std::shared_ptr<Commands>;

/// What is asked of which device.
struct Question {
    RequestKind kind = RequestKind::command;
    std::string device_id;
    RequestDraft draft;
};

struct Answer {
    std::string request_id;
    DeviceReply reply;
};

/// Empty: the request may go on.
std::optional<Response> refuse_request(const Exchange& exchange) {
    if (!is_within(exchange.parameter("device_id"), device_id_rule())) {
        return field_error_response({"device_id", to_string(device_id_rule()), {}});
    }
    return std::nullopt;
}

/// The answer of the device, or ours.
awaitable<boost::system::result<Answer, Response>> ask(CommandsPtr commands, Question question) {
    const CommandsContext& context = commands->context;
    auto device = co_await find_device(context.catalogue, context.executor, question.device_id);
    if (!device) co_return std::move(device.error());
    auto connected = co_await find_connected_device(context.catalogue, context.executor, *device);
    if (!connected) co_return std::move(connected.error());
    const bool is_behind = *connected != *device;
    const bool is_named = is_behind || context.object_device_id_always;
    const std::string request_id = make_uuid(commands->random);
    DeviceRequest request{
        .device_id = (*connected)->device_id,
        .kind = question.kind,
        .request_id = request_id,
        .payload = payload_of(question.draft, is_named ? question.device_id : std::string{})};
    const auto begin = [&](auto done) {
        context.turns.enter(
            [&](Turn& turn) { context.requests.ask(std::move(request), turn, done); });
    };
    DeviceReply reply = co_await await_answer<DeviceReply>(begin);
    if (reply.kind != ReplyKind::answered) co_return request_refusal(reply.kind);
    co_return Answer{request_id, std::move(reply)};
}

Response json_text(std::string text) {
    text += '\n';
    return text_response(http::status::ok, "application/json", std::move(text));
}

awaitable<Response> create_command(Exchange exchange, CommandsPtr commands) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const auto body = parse_json_body(exchange.body());
    if (!body) co_return body.error();
    auto draft = read_command(exchange.body(), *body);
    if (!draft) co_return field_error_response(draft.error());
    Question question{RequestKind::command, exchange.parameter("device_id"), std::move(*draft)};
    auto answer = co_await ask(commands, std::move(question));
    if (!answer) co_return std::move(answer.error());
    JsonWriter writer;
    writer.begin_object();
    writer.text("command_id", answer->request_id);
    writer.json("response", compact_json(answer->reply.payload));
    writer.end_object();
    co_return json_text(writer.take());
}

/// What came back of a request about properties.
awaitable<Response> answer_properties(CommandsPtr commands, Question question) {
    auto answer = co_await ask(commands, std::move(question));
    if (!answer) co_return std::move(answer.error());
    JsonWriter writer;
    writer.begin_object();
    writer.json("response", compact_json(answer->reply.payload));
    writer.end_object();
    co_return json_text(writer.take());
}

awaitable<Response> set_properties(Exchange exchange, CommandsPtr commands) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    const auto body = parse_json_body(exchange.body());
    if (!body) co_return body.error();
    auto draft = read_properties_to_set(exchange.body(), *body);
    if (!draft) co_return field_error_response(draft.error());
    Question question{RequestKind::set_properties, exchange.parameter("device_id"),
                      std::move(*draft)};
    co_return co_await answer_properties(commands, std::move(question));
}

awaitable<Response> get_properties(Exchange exchange, CommandsPtr commands) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    auto draft = read_properties_query(exchange.find_query("service_id"));
    if (!draft) co_return field_error_response(draft.error());
    Question question{RequestKind::get_properties, exchange.parameter("device_id"),
                      std::move(*draft)};
    co_return co_await answer_properties(commands, std::move(question));
}

}  // namespace

void add_command_routes(Routes& routes, const CommandsContext& context) {
    const auto commands = std::make_shared<Commands>(context);
    const auto answered_by = [&](awaitable<Response> (*handler)(Exchange, CommandsPtr)) -> Handler {
        return [commands, handler](Exchange exchange) {
            return handler(std::move(exchange), commands);
        };
    };
    const std::string device = "/v5/iot/{project_id}/devices/{device_id}";
    const std::string properties = device + "/properties";
    routes.add(http::verb::post, device + "/commands", Action::commands_send, answered_by(create_command),
               BodyKind::json);
    routes.add(http::verb::put, properties, Action::properties_modify, answered_by(set_properties),
               BodyKind::json);
    routes.add(http::verb::get, properties, Action::properties_query, answered_by(get_properties));
}

}  // namespace holdfast::api
