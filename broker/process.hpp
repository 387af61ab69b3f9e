#pragma once
// What the process asks of the operating system besides sockets and signals.

#include "base/error.hpp"

#include <cstdint>
#include <string_view>

namespace holdfast {

/// Raises the soft limit of open descriptors to the hard one; returns what is allowed now.
[[nodiscard]] Result<std::uint64_t> raise_descriptor_limit();

/// A peer that went away is an error of the write, not the end of the process.
void ignore_broken_pipes();

/// Tells the service manager (sd_notify protocol) something like "READY=1"; without NOTIFY_SOCKET
/// there is none, and nothing happens.
[[nodiscard]] Result<void> notify_service_manager(std::string_view state);

}  // namespace holdfast
