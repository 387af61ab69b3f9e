#pragma once
// DeviceSearch: which devices are looked for, as a tree of conditions over what is known of a device. Part of
// catalogue.hpp, which is the header to include. What a text may be is its writer's business.
// Values. Threads: `is_online` is asked on the catalogue's.

#include "store/catalogue_types.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast::store {

/// Each as applications see it. Closed list.
enum class DeviceField : std::uint8_t {
    app_id,
    device_id,
    gateway_id,  ///< of a device that connects itself its own
    product_id,
    device_name,
    node_id,
    status,     ///< FROZEN, ONLINE, INACTIVE, OFFLINE
    node_type,  ///< GATEWAY, ENDPOINT
    tag_key,
    tag_value,
    sw_version,
    fw_version,
    device_sdk_version,
    group_id,
    create_time,  ///< a number: milliseconds since 1970
    marker,       ///< 24 hexadecimal digits
    count_,
};
inline constexpr std::size_t device_field_count = static_cast<std::size_t>(DeviceField::count_);

enum class Comparison : std::uint8_t { equal, not_equal, greater, less, starts_with, in, not_in };

using SearchValue = std::variant<std::string, std::int64_t>;

struct DeviceCondition {
    DeviceField field{};
    Comparison comparison{};
    std::vector<SearchValue> values;  ///< one, or with in and not_in at least one
};

/// A condition, or several that must be true together, or one of which must.
struct ConditionTree {
    enum class Kind : std::uint8_t { condition, all_of, any_of };
    Kind kind = Kind::condition;
    DeviceCondition condition;         ///< of Kind::condition
    std::vector<ConditionTree> parts;  ///< of the others
};

struct DeviceSearch {
    std::vector<ConditionTree> where;  ///< one, or none: all devices
    bool is_oldest_first = false;
    std::size_t offset = 0;
    std::size_t limit = 10;  ///< 0: they are only counted
    std::function<bool(std::string_view device_id)> is_online;
};

}  // namespace holdfast::store
