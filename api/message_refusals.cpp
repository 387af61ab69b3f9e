#include "api/message_refusals.hpp"

#include "api/json_text.hpp"

#include <string>
#include <utility>

namespace holdfast::api {

namespace {

constexpr std::string_view retry_after_seconds = "1";

std::string quoted(std::string_view text) { return "\"" + std::string{text} + "\""; }

Response to_be_tried_again(Response response) {
    response.set(http::field::retry_after, retry_after_seconds);
    return response;
}

}  // namespace

Response device_not_found(std::string_view device_id) {
    return error_response(http::status::not_found, "IOTDA.014000",
                          "The device does not exist: " + quoted(device_id));
}

Response message_not_found(std::string_view message_id) {
    return error_response(http::status::not_found, "IOTDA.014193",
                          "The device has no message " + quoted(message_id) +
                              ": it never had, or it was finished long ago or deleted");
}

Response topic_not_configured(std::string_view suffix, std::string_view product_id) {
    return error_response(http::status::bad_request, "IOTDA.014192",
                          "topic " + quoted(suffix) + " is none that devices of the product " +
                              quoted(product_id) + " may subscribe to");
}

Response duplicate_message_id() {
    return error_response(
        http::status::bad_request, "IOTDA.014190",
        "message_id is taken by another message of the device, with other content");
}

Response queue_full(const delivery::QueueFull& full) {
    const std::string text =
        std::to_string(full.depth) + " messages of " + std::to_string(full.bytes) +
        " bytes wait for the device, the oldest for " + std::to_string(full.oldest_age.count()) +
        " seconds: its queue is full " + (full.by_bytes ? "of bytes" : "of messages");
    JsonWriter writer;
    writer.begin_object();
    writer.text("error_code", "IOTDA.014191");
    writer.text("error_msg", text);
    writer.begin_object("queue");
    writer.number("messages", static_cast<std::int64_t>(full.depth));
    writer.number("bytes", static_cast<std::int64_t>(full.bytes));
    writer.number("oldest_age_seconds", full.oldest_age.count());
    writer.end_object();
    writer.end_object();
    return text_response(http::status::forbidden, "application/json", writer.take() + "\n");
}

Response store_failed(const std::error_code& error) {
    if (error == std::errc::no_space_on_device) {
        return error_response(http::status::insufficient_storage,
                              "there is no space left to keep anything");
    }
    return to_be_tried_again(
        error_response(http::status::service_unavailable, "the store failed: " + error.message()));
}

Response too_many_requests() {
    return to_be_tried_again(error_response(
        http::status::too_many_requests, "APIGW.0308",
        "there are more requests than can be kept on the disk in time; try again later"));
}

}  // namespace holdfast::api
