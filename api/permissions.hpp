#pragma once
// Permissions: what an application key may do, as it was written: names of actions, or a name whose end is
// `*` in place of its last parts: "iotda:messages:send", "iotda:messages:*", "iotda:*".
// What is written is kept: a wildcard covers actions that later versions have, and a name that this version
// does not know allows nothing. Values. Threads: any.

#include "api/action.hpp"

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

class Permissions {
public:
    Permissions() = default;
    explicit Permissions(std::vector<std::string> patterns);

    [[nodiscard]] bool allow(Action action) const {
        return allowed_.test(static_cast<std::size_t>(action));
    }
    /// As they were given.
    [[nodiscard]] const std::vector<std::string>& patterns() const { return patterns_; }

private:
    std::vector<std::string> patterns_;
    std::bitset<action_count> allowed_;
};

/// Whether it allows anything here.
[[nodiscard]] bool is_permission(std::string_view pattern);
/// Those that a key can have, for messages: "iotda:messages:send, ..."
[[nodiscard]] std::string all_permissions();

}  // namespace holdfast::api
