#pragma once
// Who: what rules may ask about a client: names that it chose or proved. A value. Threads: any.

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::access {

struct Who {
    std::string client_id;
    std::string user_name;         ///< empty: none
    std::string device_id;         ///< empty: no device of the platform
    std::string certificate_name;  ///< its certificate's common name; empty: it showed none
    std::uint16_t port = 0;        ///< of the listener it came in by
    std::string node_id;  ///< of a device, as its product and resource space; empty: no device
    std::string product_id;
    std::string app_id;

    [[nodiscard]] bool is_anonymous() const { return user_name.empty() && device_id.empty(); }
};

/// The variables of topics in rules.
enum class Variable : std::uint8_t {
    client_id,
    user_name,
    device_id,
    certificate_name,
    node_id,
    product_id,
};

[[nodiscard]] inline std::string_view value_of(Variable variable, const Who& who) {
    switch (variable) {
        case Variable::client_id: return who.client_id;
        case Variable::user_name: return who.user_name;
        case Variable::device_id: return who.device_id;
        case Variable::certificate_name: return who.certificate_name;
        case Variable::node_id: return who.node_id;
        case Variable::product_id: return who.product_id;
    }
    return {};
}

}  // namespace holdfast::access
