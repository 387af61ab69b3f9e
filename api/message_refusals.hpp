#pragma once
// The answers to requests about messages that cannot be done, each with its code. Those of the
// platform's contract where it has one; IOTDA.01419x are ours. docs/http-api.md has the table.
// Threads: any.

#include "api/exchange.hpp"
#include "delivery/delivery.hpp"

#include <string_view>
#include <system_error>

namespace holdfast::api {

[[nodiscard]] Response device_not_found(std::string_view device_id);
[[nodiscard]] Response message_not_found(std::string_view message_id);
/// Of a user topic, by its suffix.
[[nodiscard]] Response topic_not_configured(std::string_view suffix, std::string_view product_id);
/// The id is taken by another message.
[[nodiscard]] Response duplicate_message_id();
/// Says how much waits and for how long, also in fields: {"queue": {"messages", "bytes", ...}}.
[[nodiscard]] Response queue_full(const delivery::QueueFull& full);
/// 507 when the disk is full, else 503 with Retry-After. Nothing was kept.
[[nodiscard]] Response store_failed(const std::error_code& error);
/// 429 with Retry-After.
[[nodiscard]] Response too_many_requests();

}  // namespace holdfast::api
