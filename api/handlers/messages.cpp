#include "api/handlers/messages.hpp"

#include "api/await_answer.hpp"
#include "api/buffered_random.hpp"
#include "api/device_lookup.hpp"
#include "api/json_body.hpp"
#include "api/mailbox.hpp"
#include "api/message_json.hpp"
#include "api/message_query.hpp"
#include "api/message_refusals.hpp"
#include "api/message_schema.hpp"
#include "api/uuid.hpp"

#include <algorithm>
#include <memory>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using delivery::AcceptOutcome;
using delivery::DeviceMessage;
using delivery::ListPage;
using delivery::ListQuery;
using store::DevicePtr;
using store::ProductPtr;

struct Messages {
    explicit Messages(MessagesParts given) : parts(std::move(given)), random(parts.random) {}

    const MessagesParts parts;
    BufferedRandom random;  ///< for the identifiers of messages
    std::size_t posts_in_flight = 0;
};
using MessagesPtr = std::shared_ptr<Messages>;

/// Counts a post as long as it lives.
class PostInFlight {
public:
    explicit PostInFlight(Messages& messages) : messages_(messages) { ++messages_.posts_in_flight; }
    ~PostInFlight() { --messages_.posts_in_flight; }
    PostInFlight(const PostInFlight&) = delete;
    PostInFlight& operator=(const PostInFlight&) = delete;

private:
    Messages& messages_;
};

/// The paths have these names for what they are about.
const std::string& device_id_of(const Exchange& exchange) {
    return exchange.parameter("device_id");
}
const std::string& message_id_of(const Exchange& exchange) {
    return exchange.parameter("message_id");
}

Response json_text(http::status status, std::string text) {
    text += '\n';
    return text_response(status, "application/json", std::move(text));
}

bool is_overloaded(const Messages& messages) {
    const MessagesLimits& limits = messages.parts.limits;
    if (messages.posts_in_flight >= limits.posts_in_flight_max) return true;
    if (messages.parts.is_memory_exhausted && messages.parts.is_memory_exhausted()) return true;
    const store::Level backlog = messages.parts.store_backlog();
    return backlog.records > limits.store_backlog_max.records ||
           backlog.bytes > limits.store_backlog_max.bytes;
}

/// Empty: the request may go on to look for its device.
std::optional<Response> refuse_request(const Exchange& exchange) {
    if (!is_within(device_id_of(exchange), identifier_rule())) {
        return field_error_response({"device_id", to_string(identifier_rule()), {}});
    }
    return std::nullopt;
}

std::optional<Response> refuse_message_request(const Exchange& exchange) {
    if (auto refusal = refuse_request(exchange)) return refusal;
    if (!is_within(message_id_of(exchange), identifier_rule())) {
        return field_error_response({"message_id", to_string(identifier_rule()), {}});
    }
    return std::nullopt;
}

/// What is wrong with a post that nobody but its own text need be asked for, or its message.
boost::system::result<DeviceMessage, Response> read_post(const Exchange& exchange,
                                                         const Messages& messages) {
    if (auto refusal = refuse_request(exchange)) return std::move(*refusal);
    if (is_overloaded(messages)) return too_many_requests();
    const auto body = parse_json_body(exchange.body());
    if (!body) return body.error();
    auto message = read_message(exchange.body(), *body, device_id_of(exchange));
    if (!message) return field_error_response(message.error());
    return std::move(*message);
}

Response answer_of(AcceptOutcome outcome) {
    if (auto* view = std::get_if<delivery::MessageView>(&outcome)) {
        Mailbox::show(*view);
        return json_text(http::status::created, accepted_json(*view));
    }
    if (const auto* full = std::get_if<delivery::QueueFull>(&outcome)) return queue_full(*full);
    if (const auto* failed = std::get_if<delivery::StoreFailed>(&outcome)) {
        return store_failed(failed->error);
    }
    return duplicate_message_id();
}

/// Empty: the device's product lets it subscribe to the topic, or the topic needs nobody's leave.
awaitable<std::optional<Response>> refuse_topic(MessagesPtr messages, DevicePtr device,
                                                std::string topic) {
    const std::string_view suffix =
        std::string_view{topic}.substr(user_topic_prefix(device->device_id).size());
    auto product = co_await find_product(messages->parts.catalogue, messages->parts.executor,
                                         device->product_id);
    if (!product) co_return std::move(product.error());
    const auto is_it = [&](const store::ProductTopic& listed) {
        return listed.may_subscribe && listed.suffix == suffix;
    };
    const bool is_listed = *product != nullptr && std::ranges::any_of((*product)->topics, is_it);
    if (is_listed) co_return std::nullopt;
    co_return topic_not_configured(suffix, device->product_id);
}

/// The message and the mailbox are its caller's, which waits for it.
awaitable<Response> post_message(MessagesPtr messages, DeviceMessage* message, Mailbox* mailbox) {
    if (message->topic_kind == delivery::TopicKind::user) {
        auto refusal = co_await refuse_topic(messages, mailbox->device, message->topic);
        if (refusal) co_return std::move(*refusal);
    }
    if (message->message_id.empty()) message->message_id = make_uuid(messages->random);
    mailbox->address(*message);
    const auto begin = [&](auto done) {
        messages->parts.turns.enter([&](Turn& turn) {
            messages->parts.messages.accept(mailbox->queue(), std::move(*message), turn, done);
        });
    };
    auto outcome = co_await await_answer<AcceptOutcome>(begin, Resume::in_the_callback);
    co_return answer_of(std::move(outcome));
}

awaitable<Found<Mailbox>> find_mailbox_of(const Exchange& exchange, const Messages& messages) {
    return find_mailbox(messages.parts.catalogue, messages.parts.executor, device_id_of(exchange));
}

awaitable<Response> create(Exchange exchange, MessagesPtr messages) {
    auto message = read_post(exchange, *messages);
    if (!message) co_return std::move(message.error());
    const PostInFlight counted{*messages};
    auto mailbox = co_await find_mailbox_of(exchange, *messages);
    if (!mailbox) co_return std::move(mailbox.error());
    co_return co_await post_message(messages, &*message, &*mailbox);
}

/// A page of the mailbox's messages; its queue may have others between them.
awaitable<std::pair<std::error_code, ListPage>> list_of(MessagesPtr messages, Mailbox mailbox,
                                                        ListQuery query) {
    ListPage found;
    if (!query.after_message_id.empty()) {
        query.after_message_id = mailbox.stored_id(query.after_message_id);
    }
    while (true) {
        const auto begin = [&](auto done) {
            messages->parts.turns.enter([&](Turn& turn) {
                messages->parts.messages.list(mailbox.queue(), query, turn, done);
            });
        };
        auto [error, page] = co_await await_answer<std::error_code, ListPage>(begin);
        if (error) co_return std::pair{error, ListPage{}};
        for (delivery::MessageView& view : page.messages) {
            query.after_message_id = view.message.message_id;
            if (!mailbox.has(view)) continue;
            if (found.messages.size() == query.count_max) {
                found.is_last = false;
                co_return std::pair{error, std::move(found)};
            }
            Mailbox::show(view);
            found.messages.push_back(std::move(view));
        }
        found.is_last = page.is_last;
        const bool is_full = found.messages.size() == query.count_max;
        if (page.is_last || page.messages.empty() || is_full) break;
    }
    co_return std::pair{std::error_code{}, std::move(found)};
}

awaitable<Response> list(Exchange exchange, MessagesPtr messages) {
    if (auto refusal = refuse_request(exchange)) co_return std::move(*refusal);
    auto query = read_list_query(exchange);
    if (!query) co_return std::move(query.error());
    auto mailbox = co_await find_mailbox_of(exchange, *messages);
    if (!mailbox) co_return std::move(mailbox.error());
    const auto [error, page] = co_await list_of(messages, std::move(*mailbox), std::move(*query));
    if (error) co_return store_failed(error);
    co_return json_text(http::status::ok, list_json(device_id_of(exchange), page));
}

awaitable<Response> show(Exchange exchange, MessagesPtr messages) {
    if (auto refusal = refuse_message_request(exchange)) co_return std::move(*refusal);
    auto mailbox = co_await find_mailbox_of(exchange, *messages);
    if (!mailbox) co_return std::move(mailbox.error());
    const std::string stored_id = mailbox->stored_id(message_id_of(exchange));
    const auto begin = [&](auto done) {
        messages->parts.turns.enter([&](Turn& turn) {
            messages->parts.messages.find(mailbox->queue(), stored_id, turn, done);
        });
    };
    using View = std::optional<delivery::MessageView>;
    auto [error, view] = co_await await_answer<std::error_code, View>(begin);
    if (error) co_return store_failed(error);
    if (!view) co_return message_not_found(message_id_of(exchange));
    Mailbox::show(*view);
    co_return json_text(http::status::ok, message_json(*view));
}

awaitable<Response> remove(Exchange exchange, MessagesPtr messages) {
    if (auto refusal = refuse_message_request(exchange)) co_return std::move(*refusal);
    auto mailbox = co_await find_mailbox_of(exchange, *messages);
    if (!mailbox) co_return std::move(mailbox.error());
    const std::string stored_id = mailbox->stored_id(message_id_of(exchange));
    const auto begin = [&](auto done) {
        messages->parts.turns.enter([&](Turn& turn) {
            messages->parts.messages.cancel(mailbox->queue(), stored_id, turn, done);
        });
    };
    const auto [error, was_there] = co_await await_answer<std::error_code, bool>(begin);
    if (error) co_return store_failed(error);
    if (!was_there) co_return message_not_found(message_id_of(exchange));
    co_return empty_response(http::status::no_content);
}

awaitable<Response> trace(Exchange exchange, MessagesPtr messages) {
    if (auto refusal = refuse_message_request(exchange)) co_return std::move(*refusal);
    auto mailbox = co_await find_mailbox_of(exchange, *messages);
    if (!mailbox) co_return std::move(mailbox.error());
    const std::string stored_id = mailbox->stored_id(message_id_of(exchange));
    const auto begin = [&](auto done) {
        messages->parts.turns.enter([&](Turn& turn) {
            messages->parts.messages.trace(mailbox->queue(), stored_id, turn, done);
        });
    };
    using Events = std::optional<MessageService::Events>;
    const auto [error, events] = co_await await_answer<std::error_code, Events>(begin);
    if (error) co_return store_failed(error);
    if (!events) co_return message_not_found(message_id_of(exchange));
    co_return json_text(http::status::ok,
                        trace_json(device_id_of(exchange), message_id_of(exchange), *events));
}

}  // namespace

void add_messages_routes(Routes& routes, MessagesParts parts) {
    const auto messages = std::make_shared<Messages>(std::move(parts));
    const auto answered_by = [&](awaitable<Response> (*handler)(Exchange, MessagesPtr)) -> Handler {
        return [messages, handler](Exchange exchange) {
            return handler(std::move(exchange), messages);
        };
    };
    constexpr std::string_view all = "/v5/iot/{project_id}/devices/{device_id}/messages";
    const std::string one = std::string{all} + "/{message_id}";
    routes.add(http::verb::post, all, Action::messages_send, answered_by(create), BodyKind::json);
    routes.add(http::verb::get, all, Action::messages_query_list, answered_by(list));
    routes.add(http::verb::get, one, Action::messages_query, answered_by(show));
    routes.add(http::verb::delete_, one, Action::messages_delete, answered_by(remove));
    routes.add(http::verb::get, one + "/trace", Action::messages_query, answered_by(trace));
}

}  // namespace holdfast::api
