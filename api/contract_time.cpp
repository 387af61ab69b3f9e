#include "api/contract_time.hpp"

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

}  // namespace holdfast::api
