#pragma once
// The answers to requests that a device did not answer, each with its code: those of the platform's
// contract where it has one; IOTDA.01417x are ours. docs/http-api-commands.md has the table. Threads: any.

#include "api/device_requests.hpp"
#include "api/exchange.hpp"

#include <string_view>

namespace holdfast::api {

struct RequestFailure {
    std::string_view code;
    std::string_view message;
};
/// Precondition: not answered, as with request_refusal().
[[nodiscard]] RequestFailure failure_of(ReplyKind kind);
[[nodiscard]] Response request_refusal(ReplyKind kind);

}  // namespace holdfast::api
