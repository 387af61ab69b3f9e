#pragma once
// AsyncCommand: a command that waits for its device, as a value; how the catalogue keeps it, and how
// applications see it. A document under the device's number whose body begins with the status, and whose
// name says whether the command is live or ended, and how it is called.
//
//   PENDING ─► SENT ─► DELIVERED ─► SUCCESSFUL or FAILED, as the device answers
//      │         └─────────┴──────► TIMEOUT: no answer in time
//      └► EXPIRED: the device did not come in time
//
// Source: the contract, sections 3.7 and 6.2. Threads: any.

#include "api/command_schema.hpp"
#include "api/device_requests.hpp"
#include "base/time.hpp"
#include "store/documents.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

enum class AsyncCommandStatus : std::uint8_t {
    pending,     ///< nothing was sent
    sent,        ///< once, and never again
    delivered,   ///< the device has acknowledged the packet
    successful,  ///< the device has answered, with result_code 0 or none
    failed,      ///< it has answered with another one, or the command could not be sent
    expired,     ///< the device did not come within expire_time; nothing was sent
    timeout,     ///< sent, and not answered in time: perhaps done
};
[[nodiscard]] std::string_view to_string(AsyncCommandStatus status);
[[nodiscard]] std::optional<AsyncCommandStatus> async_command_status_of(std::string_view word);
/// Something may still come.
[[nodiscard]] constexpr bool is_live(AsyncCommandStatus status) {
    return status <= AsyncCommandStatus::delivered;
}

struct AsyncCommand {
    std::string
        command_id;  ///< also of the request that the device gets; empty: the catalogue's to give
    std::uint64_t device_number = 0;
    std::string device_id;
    std::string
        connected_id;  ///< whose connection it goes to: of a device behind a gateway, the gateway
    AsyncCommandDraft draft;
    AsyncCommandStatus status = AsyncCommandStatus::pending;
    WallTime created_at{};
    std::optional<WallTime> sent_at;
    std::optional<WallTime> delivered_at;
    std::optional<WallTime> answered_at;
    std::string result;  ///< the device's answer, JSON text; empty: none, or too large to be kept
    std::string
        error_code;  ///< why it failed or timed out, unless `result` says it; empty: it did not
    std::string error_msg;
};

/// Why it failed, in the words and with the code that a command has that is waited for.
void set_error(AsyncCommand& command, ReplyKind why);

/// Answers of devices that are larger are not kept.
inline constexpr std::size_t command_result_bytes_max = 262'144;

[[nodiscard]] store::Document document_of(const AsyncCommand& command);
/// Of what document_of() made.
[[nodiscard]] AsyncCommand async_command_of(const store::Document& document);

/// What the catalogue does with the document of a command.
[[nodiscard]] store::DocumentChange document_change(std::function<void(AsyncCommand&)> change);

// What the documents of some commands have in common; see DocumentQuery.
[[nodiscard]] std::string parent_of_commands(std::uint64_t device_number);
[[nodiscard]] std::string_view name_prefix_of_commands(bool are_live);
[[nodiscard]] std::string name_of_commands(bool are_live, std::string_view command_name);
[[nodiscard]] std::string body_prefix_of(AsyncCommandStatus status);

/// What goes to the device.
[[nodiscard]] std::string payload_of(const AsyncCommand& command, bool object_device_id_always);
[[nodiscard]] std::string topic_of(const AsyncCommand& command);
/// Of the request's topic of a command that may be one of these; empty: of none.
[[nodiscard]] std::string_view find_command_id(std::string_view topic);
/// What `command_id`s look like: 24 hexadecimal digits, as the catalogue gives them.
[[nodiscard]] bool is_command_id(std::string_view text);

/// As applications see it, JSON text.
[[nodiscard]] std::string async_command_json(const AsyncCommand& command);
/// The body of device.command.status:update.
[[nodiscard]] std::string command_status_body(const AsyncCommand& command);

}  // namespace holdfast::api
