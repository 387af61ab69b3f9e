#include "config_keys.hpp"

#include "base/error.hpp"
#include "config_key_binding.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace holdfast {

namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;
constexpr std::uint64_t minute = 60;
constexpr std::uint64_t hour = 60 * minute;
constexpr std::uint64_t day = 24 * hour;
/// Of counts that only memory bounds.
constexpr std::uint64_t count_max = 1'000'000'000;
constexpr std::uint64_t bytes_max = 1024 * gib;
/// The largest number of seconds an MQTT 5 interval can say; 0xFFFFFFFF means never there.
constexpr std::uint64_t interval_max = 0xFFFF'FFFE;
constexpr std::uint64_t packet_max = remaining_length_max + fixed_header_bytes_max;

constexpr std::array<std::string_view, 4> severity_words{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> format_words{"text", "json"};
constexpr std::array<std::string_view, 3> policy_words{"reject", "drop_oldest", "drop_newest"};
constexpr std::array<std::string_view, 2> device_queue_words{"reject", "drop_oldest"};
constexpr std::array<std::string_view, 2> delivered_words{"acknowledged", "sent"};
constexpr std::array<std::string_view, 2> json_content_words{"nested", "text"};

using namespace binding;

/// In Config, 0 threads stand for "auto".
constexpr ConfigKey threads_key() {
    ConfigKey key{"server", "threads", ValueKind::count, 1, 1024, "auto"};
    key.load = [](const Config& config) {
        return config.threads == 0 ? open_value : std::uint64_t{config.threads};
    };
    key.store = [](Config& config, std::uint64_t value) {
        config.threads = value == open_value ? 0 : static_cast<unsigned>(value);
    };
    return key;
}

// Named for reading the table below only.
using L = Limits;
using H = api::HttpLimits;
using E = api::EventSettings;
using U = api::PushSettings;
using D = delivery::DeliverySettings;
using P = api::PayloadSettings;
using A = api::AsyncCommandSettings;
using R = api::DeviceRequestSettings;

constexpr std::array keys{
    threads_key(),
    bound<&Config::oversubscribe>({"server", "oversubscribe", ValueKind::flag}),
    in_section("server", duration<&Config::shutdown_grace>("shutdown_grace", 1, hour)),
    bound<&Config::allow_anonymous_remote>({"server", "allow_anonymous_remote", ValueKind::flag}),

    bound<&HttpLoginSettings::timeout>({"access", "http_login_timeout", ValueKind::brief, 100, 60'000}),
    in_section("access", duration<&HttpLoginSettings::cache>("http_login_cache", 1, hour, "off")),

    in_section("http", count<&H::connections_max>("connections_max", 1, 1'000'000)),
    in_section("http", bytes<&H::header_bytes_max>("header_bytes_max", 1 * kib, 1 * mib)),
    in_section("http", bytes<&H::body_bytes_max>("body_bytes_max", 1 * kib, 1 * gib)),
    in_section("http", bytes<&H::bodies_bytes_max>("bodies_bytes_max", 1 * mib, 64 * gib)),
    in_section("http", duration<&H::request_deadline>("request_deadline", 1, hour)),
    in_section("http", duration<&H::response_deadline>("response_deadline", 1, hour)),
    in_section("http", duration<&H::idle_deadline>("idle_deadline", 1, day)),

    duration<&L::connect_deadline>("connect_deadline", 1, hour),
    bytes<&L::first_packet_bytes_max>("first_packet_bytes_max", 128, 16 * mib),
    count<&L::connections_per_address_max>("connections_per_address_max", 1, count_max,
                                           "unlimited"),
    count<&L::connections_max>("connections_max", 1, count_max, "unlimited"),
    count<&L::connections_per_second_per_address_max>("connections_per_second_per_address_max", 1,
                                                      count_max, "unlimited"),
    count<&L::connections_per_second_max>("connections_per_second_max", 1, count_max, "unlimited"),

    count<&L::login_failures_max>("login_failures_max", 1, count_max, "unlimited"),
    count<&L::login_failures_per_address_max>("login_failures_per_address_max", 1, count_max,
                                              "unlimited"),
    duration<&L::login_failures_window>("login_failures_window", 1, day),
    duration<&L::ban_time>("ban_time", 1, day),
    duration<&L::ban_time_max>("ban_time_max", 1, 30 * day),
    bound<&L::ban_loopback>({"limits", "ban_loopback", ValueKind::flag}),
    count<&L::watched_entries_max>("watched_entries_max", 16, 10'000'000),

    bytes<&L::packet_bytes_max>("packet_bytes_max", 128, packet_max),
    count<&L::receive_maximum>("receive_maximum", 1, 65'535),
    count<&L::topic_alias_maximum>("topic_alias_maximum", 0, 65'535),
    count<&L::outbound_topic_alias_maximum>("outbound_topic_alias_maximum", 0, 65'535),
    count<&L::outbound_inflight_max>("outbound_inflight_max", 1, 65'535),
    bytes<&L::outbound_buffer_bytes_max>("outbound_buffer_bytes_max", 4 * kib, 1 * gib),
    duration<&L::keep_alive_max>("keep_alive_max", 1, 65'535, "never"),
    duration<&L::write_stall_max>("write_stall_max", 1, day, "never"),
    count<&L::messages_per_second_per_client_max>("messages_per_second_per_client_max", 1,
                                                  count_max, "unlimited"),
    bytes<&L::bytes_per_second_per_client_max>("bytes_per_second_per_client_max", 1 * kib,
                                               64 * gib, "unlimited"),

    duration<&L::session_expiry_max>("session_expiry_max", 0, interval_max, "never"),
    count<&L::queue_messages_max>("queue_messages_max", 1, count_max, "unlimited"),
    bytes<&L::queue_bytes_max>("queue_bytes_max", 1 * kib, bytes_max, "unlimited"),
    duration<&L::queue_age_max>("queue_age_max", 1, interval_max, "never"),
    choice<&L::queue_policy>("limits", "queue_policy", policy_words),
    count<&L::subscriptions_per_session_max>("subscriptions_per_session_max", 1, count_max,
                                             "unlimited"),
    count<&L::subscriptions_per_device_max>("subscriptions_per_device_max", 1, count_max,
                                            "unlimited"),
    duration<&L::will_delay_max>("will_delay_max", 0, interval_max, "never"),
    count<&L::flapping_takeovers_max>("flapping_takeovers_max", 1, count_max, "unlimited"),
    duration<&L::flapping_window>("flapping_window", 1, hour),

    count<&L::sessions_max>("sessions_max", 1, count_max, "unlimited"),
    count<&L::retained_messages_max>("retained_messages_max", 1, count_max, "unlimited"),
    bound<&L::loop_lag_max>({"limits", "loop_lag_max", ValueKind::brief, 20, 60'000, "unlimited"}),
    bytes<&L::memory_max>("memory_max", 64 * mib, bytes_max, "unlimited"),
    count<&L::memory_percent_max>("memory_percent_max", 1, 100, "unlimited"),

    count<&L::topic_levels_max>("topic_levels_max", 1, 1024),
    bytes<&L::topic_bytes_max>("topic_bytes_max", 1, string_bytes_max),
    // A server accepts at least 23 bytes. [MQTT5-3.1.3-5]
    bytes<&L::client_id_bytes_max>("client_id_bytes_max", 23, string_bytes_max),
    count<&L::user_properties_max>("user_properties_max", 0, count_max, "unlimited"),
    count<&L::subscriptions_per_packet_max>("subscriptions_per_packet_max", 1, count_max,
                                            "unlimited"),

    in_section("delivery", count<&D::device_queue_messages_max>("device_queue_messages_max", 1,
                                                                1'000'000)),
    in_section("delivery", bytes<&D::device_queue_bytes_max>("device_queue_bytes_max", 1 * kib,
                                                             64 * gib)),
    choice<&D::full_device_queue>("delivery", "full_device_queue", device_queue_words),
    in_section("delivery", count<&D::finished_messages_max>("finished_messages_max", 0, 100'000)),
    in_section("delivery", count<&D::system_topic_qos>("system_topic_qos", 0, 1)),
    choice<&D::delivered_at>("delivery", "delivered_at", delivered_words),
    bound<&D::acknowledgement_wait>({"delivery", "acknowledgement_wait", ValueKind::brief, 0,
                                     30'000}),
    choice<&P::json_content>("delivery", "json_content", json_content_words),
    bound<&P::object_device_id_always>(
        {"delivery", "object_device_id_always", ValueKind::flag}),
    bound<&Config::custom_topics_required>(
        {"delivery", "custom_topics_required", ValueKind::flag}),
    bound<&R::timeout>({"delivery", "command_timeout", ValueKind::brief, 100, 120'000}),
    in_section("delivery", count<&R::waiting_max>("commands_waiting_max", 1, 1'000'000)),
    in_section("delivery", count<&R::waiting_per_device_max>("commands_waiting_per_device_max", 1,
                                                             1'000'000)),
    in_section("delivery", duration<&A::answer_timeout>("async_command_timeout", 1, day)),
    in_section("delivery", count<&A::finished_max>("finished_commands_max", 0, 100'000)),
    in_section("delivery", duration<&A::finished_age_max>("finished_commands_age_max", 1,
                                                          365 * day)),

    bound<&E::keep_all>({"events", "keep_all", ValueKind::flag}),
    in_section("events", count<&E::events_max>("events_max", 1, count_max)),
    in_section("events", bytes<&E::bytes_max>("bytes_max", 64 * kib, bytes_max)),
    in_section("events", duration<&E::age_max>("age_max", 1, 365 * day)),
    bound<&U::allow_private_targets>({"push", "allow_private_targets", ValueKind::flag}),
    bound<&U::timeout>({"push", "timeout", ValueKind::brief, 100, 60'000}),
    bound<&U::retry>({"push", "retry", ValueKind::flag}),
    in_section("push", duration<&U::retry_for>("retry_for", 1, 30 * day)),
    in_section("push", duration<&U::probe_interval>("probe_interval", 1, day)),
    in_section("push", count<&U::events_per_second>("events_per_second", 1, 100'000)),

    in_section("sys_topics", duration<&Config::sys_topics_interval>("interval", 1, day, "off")),

    choice<&Config::log_level>("log", "level", severity_words),
    choice<&Config::log_format>("log", "format", format_words),
};

constexpr std::array<std::string_view, 11> sections{
    "server", "mqtt", "access",     "http", "limits", "delivery",
    "events", "push", "sys_topics", "log",  "store"};
constexpr std::array<std::string_view, 10> access_own_names{
    "users_file",    "password_file", "acl_file",     "rules_file",     "jwt_key_file",
    "jwt_keys_file", "jwt_issuer",    "jwt_audience", "http_login_url", "http_login_ca_file"};
constexpr std::array<std::string_view, 2> mqtt_names{"listeners", "response_information_prefix"};
constexpr std::array<std::string_view, 2> store_names{"data_directory", "sync"};
constexpr std::array<std::string_view, 3> http_own_names{"address", "port", "tls"};

constexpr std::array<std::string_view, 1> push_own_names{"allowed_networks"};

constexpr std::size_t names_max = keys.size() + access_own_names.size();

/// Names of a section, collected once; the array is as long as the longest possible list.
struct Names {
    std::array<std::string_view, names_max> words{};
    std::size_t size = 0;
    constexpr void add(std::string_view name) { words[size++] = name; }
};

constexpr Names names_of(std::string_view section) {
    Names names;
    if (section == "http") {
        for (const std::string_view name : http_own_names) names.add(name);
    }
    if (section == "access") {
        for (const std::string_view name : access_own_names) names.add(name);
    }
    if (section == "push") {
        for (const std::string_view name : push_own_names) names.add(name);
    }
    for (const ConfigKey& key : keys) {
        if (key.section == section) names.add(key.name);
    }
    return names;
}

struct Unit {
    std::string_view suffix;
    std::uint64_t factor;
};
// From the largest: `show` takes the first that divides.
constexpr std::array duration_units{Unit{"d", day}, Unit{"h", hour}, Unit{"m", minute},
                                    Unit{"s", 1}};
constexpr std::array brief_units{Unit{"m", 60'000}, Unit{"s", 1'000}, Unit{"ms", 1}};
constexpr std::array byte_units{Unit{"GiB", gib}, Unit{"MiB", mib}, Unit{"KiB", kib}, Unit{"B", 1}};

std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{}) return std::nullopt;
    const std::string_view suffix{rest, static_cast<std::size_t>(end - rest)};
    const auto unit = std::ranges::find(units, suffix, &Unit::suffix);
    if (unit == units.end()) return std::nullopt;
    if (number > (open_value - 1) / unit->factor) return std::nullopt;
    return number * unit->factor;
}

std::string show_with_unit(std::uint64_t number, std::span<const Unit> units) {
    for (const Unit& unit : units) {
        if (number == 0 && unit.factor != 1) continue;
        if (number % unit.factor == 0)
            return std::to_string(number / unit.factor).append(unit.suffix);
    }
    UNREACHABLE();
}

}  // namespace

std::span<const ConfigKey> config_keys() { return keys; }
std::span<const std::string_view> section_names() { return sections; }

std::span<const std::string_view> key_names(std::string_view section) {
    static constexpr Names server = names_of("server");
    static constexpr Names access = names_of("access");
    static constexpr Names http = names_of("http");
    static constexpr Names limits = names_of("limits");
    static constexpr Names delivery = names_of("delivery");
    static constexpr Names events = names_of("events");
    static constexpr Names push = names_of("push");
    static constexpr Names sys_topics = names_of("sys_topics");
    static constexpr Names log = names_of("log");
    const auto used = [](const Names& names) { return std::span{names.words}.first(names.size); };
    if (section == "server") return used(server);
    if (section == "mqtt") return mqtt_names;
    if (section == "access") return used(access);
    if (section == "http") return used(http);
    if (section == "limits") return used(limits);
    if (section == "delivery") return used(delivery);
    if (section == "events") return used(events);
    if (section == "push") return used(push);
    if (section == "sys_topics") return used(sys_topics);
    if (section == "log") return used(log);
    CHECK(section == "store");
    return store_names;
}

std::optional<std::uint64_t> parse_duration(std::string_view text) {
    return parse_with_unit(text, duration_units);
}

std::optional<std::uint64_t> parse_brief(std::string_view text) {
    return parse_with_unit(text, brief_units);
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    return parse_with_unit(text, byte_units);
}

std::string show(const ConfigKey& key, std::uint64_t value) {
    if (!key.open_word.empty() && value == open_value) return std::string{key.open_word};
    switch (key.kind) {
        case ValueKind::count: return std::to_string(value);
        case ValueKind::bytes: return show_with_unit(value, byte_units);
        case ValueKind::duration: return show_with_unit(value, duration_units);
        case ValueKind::brief: return show_with_unit(value, brief_units);
        case ValueKind::flag: return value != 0 ? "true" : "false";
        case ValueKind::choice: {
            CHECK(value < key.choices.size());
            return std::string{key.choices[value]};
        }
    }
    UNREACHABLE();
}

std::string describe_range(const ConfigKey& key) {
    const std::string_view noun = key.kind == ValueKind::count   ? "a count"
                                  : key.kind == ValueKind::bytes ? "a size"
                                                                 : "a duration";
    switch (key.kind) {
        case ValueKind::flag: return "true or false";
        case ValueKind::choice: {
            std::string text = "one of";
            for (const std::string_view word : key.choices) {
                text.append(word == key.choices.front() ? " \"" : ", \"").append(word).append("\"");
            }
            return text;
        }
        case ValueKind::count:
        case ValueKind::bytes:
        case ValueKind::brief:
        case ValueKind::duration: break;
    }
    std::string text{noun};
    text.append(" from ").append(show(key, key.minimum));
    text.append(" to ").append(show(key, key.maximum));
    if (!key.open_word.empty()) text.append(", or \"").append(key.open_word).append("\"");
    return text;
}

}  // namespace holdfast
