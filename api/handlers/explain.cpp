#include "api/handlers/explain.hpp"

#include "api/await_answer.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/json_body.hpp"

#include <boost/json/object.hpp>

#include <charconv>
#include <utility>

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using Deed = ExplainQuestion::Deed;

/// Empty: it is no number of that range.
std::optional<unsigned> number_of(std::string_view text, unsigned maximum) {
    unsigned number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end || number > maximum) return std::nullopt;
    return number;
}

/// Of the query; empty: it is not there, or wrong, which `wrong` says then.
std::optional<unsigned> find_number(const Exchange& exchange, const char* name, unsigned maximum,
                                    std::optional<FieldError>& wrong) {
    const auto text = exchange.find_query(name);
    if (!text || wrong) return std::nullopt;
    const auto number = number_of(*text, maximum);
    if (!number) {
        wrong = FieldError{name, "must be a number from 0 to " + std::to_string(maximum), {}};
    }
    return number;
}

boost::system::result<ExplainQuestion, Response> read_question(const Exchange& exchange,
                                                               Deed deed) {
    ExplainQuestion question;
    question.deed = deed;
    question.client_id = exchange.find_query("client_id").value_or("");
    question.user_name = exchange.find_query("user");
    question.topic = exchange.find_query("topic").value_or("");
    std::optional<FieldError> wrong;
    if (const auto port = find_number(exchange, "listener", 65'535, wrong)) {
        question.listener_port = static_cast<std::uint16_t>(*port);
    }
    question.qos = static_cast<std::uint8_t>(find_number(exchange, "qos", 2, wrong).value_or(0));
    const std::string retain = exchange.find_query("retain").value_or("false");
    question.retain = retain == "true";
    if (!wrong && retain != "true" && retain != "false") {
        wrong = FieldError{"retain", "must be true or false", {}};
    }
    if (!wrong && question.client_id.empty()) wrong = FieldError{"client_id", "must be there", {}};
    if (!wrong && deed != Deed::connect && question.topic.empty()) {
        wrong = FieldError{"topic", "must be there", {}};
    }
    if (wrong) return field_error_response(*wrong);
    return question;
}

/// What the platform knows of a device that wants to connect.
Explanation judge_device(std::error_code error, const store::DevicePtr& device) {
    if (error) return {false, "there is no such device", {}};
    if (device->is_frozen) return {false, "the device is frozen", {}};
    const std::string proof = device->auth_type == store::AuthType::secret
                                  ? "with the password that the device makes of its secret"
                                  : "with the device's certificate";
    return {true, proof + (device->is_secure_access ? ", over TLS only" : ""), {}};
}

/// What it may do with a custom topic of its product.
Explanation judge_custom_topic(const ExplainQuestion& question, std::error_code error,
                               const store::DevicePtr& device, const CustomTopics& topics) {
    if (error) return {false, "there is no such device", {}};
    const std::string& product_id = device->product_id;
    const bool is_allowed = question.deed == Deed::publish
                                ? topics.may_publish(product_id, question.topic)
                                : topics.may_subscribe(product_id, question.topic);
    const std::string whose = "the custom topics of the product " + product_id;
    return {is_allowed, whose + (is_allowed ? " allow it" : " do not allow it"), {}};
}

awaitable<Response> explain(Exchange exchange, ExplainContext context, Deed deed) {
    const auto question = read_question(exchange, deed);
    if (question.has_error()) co_return question.error();
    auto explanation = context.source.explain(*question);
    if (!explanation) {
        co_return field_error_response({"listener", "must be the port of an MQTT listener", {}});
    }
    if (!explanation->device_id.empty()) {
        const auto begin = [&](auto done) {
            context.catalogue.find_device(explanation->device_id, context.executor, done);
        };
        const auto [error, device] =
            co_await await_answer<std::error_code, store::DevicePtr>(begin);
        const bool is_unknown = error == store::CatalogueError::not_found;
        if (error && !is_unknown) co_return device_refusal(error, explanation->device_id);
        explanation = deed == Deed::connect
                          ? judge_device(error, device)
                          : judge_custom_topic(*question, error, device, context.topics);
    }
    co_return json_response(http::status::ok,
                            boost::json::object{{"allowed", explanation->is_allowed},
                                                {"because", explanation->because}});
}

}  // namespace

void add_explain_routes(Routes& routes, const ExplainContext& context) {
    const std::pair<const char*, Deed> deeds[] = {{"/admin/explain/connect", Deed::connect},
                                                  {"/admin/explain/publish", Deed::publish},
                                                  {"/admin/explain/subscribe", Deed::subscribe}};
    for (const auto& [path, deed] : deeds) {
        routes.add(http::verb::get, path, Action::access_explain,
                   [context, deed = deed](Exchange exchange) {
                       return explain(std::move(exchange), context, deed);
                   });
    }
}

}  // namespace holdfast::api
