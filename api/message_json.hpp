#pragma once
// A message for a device as the API shows it: the contract's shapes, in which `message` has the JSON
// type it came in, and fields of our own that clients of the contract ignore. docs/http-api.md lists both.
// Threads: any.

#include "delivery/delivery.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

/// A page of a list ends early rather than grow beyond this, but has one message at least.
inline constexpr std::size_t list_bytes_max = 8 * 1024 * 1024;

/// An error as the contract numbers it; empty: there is none.
struct ErrorInfo {
    std::string_view code;
    std::string_view message;
};
/// Why a message failed, or waits for something that the application may not expect.
[[nodiscard]] ErrorInfo error_info_of(delivery::Cause cause);

/// The answer to a post.
[[nodiscard]] std::string accepted_json(const delivery::MessageView& view);
[[nodiscard]] std::string message_json(const delivery::MessageView& view);
/// With `marker` when there are more.
[[nodiscard]] std::string list_json(std::string_view device_id, const delivery::ListPage& page);
[[nodiscard]] std::string trace_json(std::string_view device_id, std::string_view message_id,
                                     const std::vector<delivery::TraceEvent>& events);

}  // namespace holdfast::api
