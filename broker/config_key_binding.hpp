#pragma once
// How a key of the configuration is bound to its member of Config: read from it as a number, and stored into
// it. Part of config_keys.cpp, whose table is made with it. Values.

#include "config.hpp"
#include "config_keys.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace holdfast::binding {

/// How a member of a type is said as a number and made from one.
template <class T>
std::uint64_t to_number(const T& value) {
    if constexpr (std::same_as<T, std::optional<Seconds>>) {
        return value ? to_number(*value) : open_value;
    } else if constexpr (std::same_as<T, Seconds>) {
        return value == Seconds::max() ? open_value : static_cast<std::uint64_t>(value.count());
    } else if constexpr (std::same_as<T, Milliseconds>) {
        return value == Milliseconds::max() ? open_value : static_cast<std::uint64_t>(value.count());
    } else {
        return static_cast<std::uint64_t>(value);  // of a size_t, `unlimited` is open_value
    }
}

template <class T>
T from_number(std::uint64_t number) {
    if constexpr (std::same_as<T, std::optional<Seconds>>) {
        if (number == open_value) return std::nullopt;
        return from_number<Seconds>(number);
    } else if constexpr (std::same_as<T, Seconds>) {
        if (number == open_value) return Seconds::max();
        return Seconds{static_cast<Seconds::rep>(number)};
    } else if constexpr (std::same_as<T, Milliseconds>) {
        if (number == open_value) return Milliseconds::max();
        return Milliseconds{static_cast<Milliseconds::rep>(number)};
    } else {
        return static_cast<T>(number);
    }
}

static_assert(static_cast<std::uint64_t>(unlimited) == open_value);

/// Where a member lives within Config: directly, or in one of its parts.
template <class Class, class T>
auto& member(Config& config, T Class::*pointer) {
    if constexpr (std::same_as<Class, Config>)
        return config.*pointer;
    else if constexpr (std::same_as<Class, Limits>)
        return config.limits.*pointer;
    else if constexpr (std::same_as<Class, delivery::DeliverySettings>)
        return config.delivery.*pointer;
    else if constexpr (std::same_as<Class, api::PayloadSettings>)
        return config.payload.*pointer;
    else if constexpr (std::same_as<Class, api::DeviceRequestSettings>)
        return config.device_requests.*pointer;
    else if constexpr (std::same_as<Class, api::AsyncCommandSettings>)
        return config.async_commands.*pointer;
    else if constexpr (std::same_as<Class, api::EventSettings>)
        return config.events.*pointer;
    else if constexpr (std::same_as<Class, api::PushSettings>)
        return config.push.*pointer;
    else if constexpr (std::same_as<Class, HttpLoginSettings>)
        return config.http_login.*pointer;
    else
        return config.http_limits.*pointer;
}

template <auto pointer>
constexpr ConfigKey bound(ConfigKey key) {
    key.load = [](const Config& config) -> std::uint64_t {
        // Not changed: `member` serves both directions.
        return to_number(member(const_cast<Config&>(config), pointer));
    };
    key.store = [](Config& config, std::uint64_t value) {
        auto& target = member(config, pointer);
        target = from_number<std::remove_reference_t<decltype(target)>>(value);
    };
    return key;
}

template <auto pointer>
constexpr ConfigKey count(std::string_view name, std::uint64_t minimum, std::uint64_t maximum,
                          std::string_view open_word = {}) {
    return bound<pointer>({"limits", name, ValueKind::count, minimum, maximum, open_word});
}

template <auto pointer>
constexpr ConfigKey bytes(std::string_view name, std::uint64_t minimum, std::uint64_t maximum,
                          std::string_view open_word = {}) {
    return bound<pointer>({"limits", name, ValueKind::bytes, minimum, maximum, open_word});
}

template <auto pointer>
constexpr ConfigKey duration(std::string_view name, std::uint64_t minimum, std::uint64_t maximum,
                             std::string_view open_word = {}) {
    return bound<pointer>({"limits", name, ValueKind::duration, minimum, maximum, open_word});
}

template <auto pointer>
constexpr ConfigKey choice(std::string_view section, std::string_view name,
                           std::span<const std::string_view> words) {
    return bound<pointer>({section, name, ValueKind::choice, 0, 0, {}, words});
}

constexpr ConfigKey in_section(std::string_view section, ConfigKey key) {
    key.section = section;
    return key;
}

}  // namespace holdfast::binding
