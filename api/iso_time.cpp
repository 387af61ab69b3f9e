#include "api/iso_time.hpp"

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

std::string iso_time_microseconds(WallTime time) { return iso_time(time, "000Z"); }

}  // namespace holdfast::api
