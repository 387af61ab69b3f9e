#include "api/contract_time.hpp"

#include <charconv>
#include <chrono>
#include <cstddef>

namespace holdfast::api {

namespace {

void write_digits(std::string& text, std::size_t end, std::size_t count, unsigned number) {
    for (std::size_t at = end; at > end - count; --at, number /= 10) {
        text[at - 1] = static_cast<char>('0' + number % 10);
    }
}

}  // namespace

std::string contract_time(WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<Seconds>(time - day)};
    std::string text = "00000000T000000Z";
    write_digits(text, 4, 4, static_cast<unsigned>(static_cast<int>(date.year())));
    write_digits(text, 6, 2, static_cast<unsigned>(date.month()));
    write_digits(text, 8, 2, static_cast<unsigned>(date.day()));
    write_digits(text, 11, 2, static_cast<unsigned>(clock.hours().count()));
    write_digits(text, 13, 2, static_cast<unsigned>(clock.minutes().count()));
    write_digits(text, 15, 2, static_cast<unsigned>(clock.seconds().count()));
    return text;
}

std::optional<WallTime> parse_contract_time(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
    const auto number = [text](std::size_t at, std::size_t count) -> int {
        int value = 0;
        const char* const end = text.data() + at + count;
        const auto parsed = std::from_chars(text.data() + at, end, value);
        return parsed.ec == std::errc{} && parsed.ptr == end ? value : -1;
    };
    const int year = number(0, 4);
    const int hour = number(9, 2);
    const int minute = number(11, 2);
    const int second = number(13, 2);
    const int month = number(4, 2);
    const int day = number(6, 2);
    const bool is_time =
        hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (!is_time || year < 0 || month < 0 || day < 0) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second};
}

}  // namespace holdfast::api
