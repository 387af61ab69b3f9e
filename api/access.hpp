#pragma once
// Access: whether a request of the platform's API may go on: it carries a valid token of the project in
// its path. An interface, so that handlers need not know how tokens are made.
// Threads: the HTTP side's.

#include "api/exchange.hpp"

#include <optional>
#include <string_view>

namespace holdfast::api {

class Access {
public:
    virtual ~Access() = default;
    /// Empty: it may, as every inner exchange. Else the answer: 401 without or with a bad token, 403 for
    /// another project.
    [[nodiscard]] virtual std::optional<Response> refuse(const Exchange& exchange) const = 0;
};

}  // namespace holdfast::api
