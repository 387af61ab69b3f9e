#include "api/iso_time.hpp"

#include "api/contract_time.hpp"
#include "base/error.hpp"

#include <array>
#include <cstdio>

namespace holdfast::api {

namespace {

std::string iso_time(WallTime time, const char* rest) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    std::array<char, 80> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03d%s",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count()), rest);
    CHECK(length > 0);
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::string iso_time_milliseconds(WallTime time) { return iso_time(time, "Z"); }

std::optional<WallTime> parse_iso_time_milliseconds(std::string_view text) {
    constexpr std::string_view form = "0000-00-00T00:00:00.000Z";
    if (text.size() != form.size()) return std::nullopt;
    std::string digits;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !is_digit : text[i] != form[i]) return std::nullopt;
        if (is_digit) digits += text[i];
    }
    const auto second =
        parse_contract_time(digits.substr(0, 8) + "T" + digits.substr(8, 6) + "Z");
    if (!second) return std::nullopt;
    return *second + Milliseconds{std::stoi(digits.substr(14))};
}

std::string iso_time_microseconds(WallTime time) { return iso_time(time, "000Z"); }

}  // namespace holdfast::api
