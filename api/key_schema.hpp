#pragma once
// Keys of applications as the API's JSON has them, in and out. Secrets are shown once, by the handler that
// made them, and never here. Pure functions. Threads: any.

#include "api/app_key.hpp"
#include "api/json_fields.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace holdfast::api {

inline constexpr std::size_t key_permissions_max = 64;
inline constexpr std::size_t key_name_characters_max = 64;

/// Of POST: kind, name, permissions, and when it expires.
[[nodiscard]] boost::system::result<AppKeyFacts, FieldError> read_new_key(
    const boost::json::value& body, WallTime now);

/// Of PUT: what is to be changed; what is not there stays.
struct KeyUpdate {
    std::optional<std::string> name;
    std::optional<Permissions> permissions;
    std::optional<bool> is_enabled;
    std::optional<std::optional<WallTime>> expires_at;

    void apply_to(AppKeyFacts& facts) const;
};
[[nodiscard]] boost::system::result<KeyUpdate, FieldError> read_key_update(
    const boost::json::value& body);

[[nodiscard]] boost::json::object key_json(const AppKeyFacts& key,
                                           const std::optional<WallTime>& last_used);

}  // namespace holdfast::api
