#include "log_line.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"

#include <array>
#include <cstdio>

namespace holdfast {

namespace {

std::string timestamp(WallTime now) {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{now - day};
    std::array<char, 80> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
        static_cast<int>(time.subseconds().count()));
    CHECK(length > 0);
    return {text.data(), static_cast<std::size_t>(length)};
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// At most log_field_bytes_max, not cut within a character.
std::string_view shortened(std::string_view text) {
    if (text.size() <= log_field_bytes_max) return text;
    std::size_t end = log_field_bytes_max;
    while (end > 0 && is_continuation(text[end])) --end;
    return text.substr(0, end);
}

/// Between quotes. The escapes are those of JSON, which are also readable.
void append_quoted(std::string& out, std::string_view text) {
    const std::string_view shown = shortened(text);
    const bool is_text = is_valid_utf8_string(shown);
    out += '"';
    for (const char c : shown) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_text)) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(byte));
            out += escape.data();
        } else {
            out += c;
        }
    }
    if (shown.size() < text.size()) {
        out += "... (" + std::to_string(text.size()) + " bytes)";
    }
    out += '"';
}

/// Names of fields and the values that are words of ours stand without quotes in a text line.
enum class Style : std::uint8_t { words, quotes };

struct Field {
    std::string_view name;
    std::string_view value;
    Style style;
};

std::array<Field, 6> fields_of(const Event& event) {
    return {Field{"client_id", event.client_id, Style::quotes},
            Field{"address", event.address, Style::words},
            Field{"reason", event.reason, Style::words},
            Field{"clause", event.clause, Style::words},
            Field{"topic", event.topic, Style::quotes},
            Field{"detail", event.detail, Style::quotes}};
}

}  // namespace

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::debug: return "debug";
        case Severity::info: return "info";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    UNREACHABLE();
}

std::string text_line(const Event& event, WallTime now) {
    std::string line = timestamp(now);
    line.append(" ").append(to_string(event.severity)).append(" ").append(event.name);
    for (const Field& field : fields_of(event)) {
        if (field.value.empty()) continue;
        line.append(" ").append(field.name).append("=");
        if (field.style == Style::words)
            line.append(field.value);
        else
            append_quoted(line, field.value);
    }
    if (event.count != 0) line.append(" count=").append(std::to_string(event.count));
    return line;
}

std::string json_line(const Event& event, WallTime now) {
    std::string line = "{\"time\":\"" + timestamp(now) + "\"";
    line.append(",\"severity\":\"").append(to_string(event.severity)).append("\",\"event\":");
    append_quoted(line, event.name);
    for (const Field& field : fields_of(event)) {
        if (field.value.empty()) continue;
        line.append(",\"").append(field.name).append("\":");
        append_quoted(line, field.value);
    }
    if (event.count != 0) line.append(",\"count\":").append(std::to_string(event.count));
    line += '}';
    return line;
}

}  // namespace holdfast
