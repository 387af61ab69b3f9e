#include "api/json_text.hpp"

#include "base/error.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace holdfast::api {

namespace {

constexpr std::string_view spaces = " \t\r\n";

/// By character: whether it stands escaped in a JSON string.
constexpr std::array<bool, 256> is_escaped = [] {
    std::array<bool, 256> table{};
    std::fill_n(table.begin(), 0x20, true);
    table['"'] = table['\\'] = true;
    return table;
}();

/// Goes through a valid JSON text; every step stays inside it whatever it is.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    [[nodiscard]] std::size_t at() const { return at_; }
    [[nodiscard]] bool is_at_end() const { return at_ >= text_.size(); }
    [[nodiscard]] char here() const { return is_at_end() ? '\0' : text_[at_]; }
    void step() { at_ = std::min(at_ + 1, text_.size()); }
    void skip_spaces() { at_ = std::min(text_.find_first_not_of(spaces, at_), text_.size()); }

    /// To the next space or quotation mark.
    void skip_tokens() { at_ = std::min(text_.find_first_of("\" \t\r\n", at_), text_.size()); }
    /// From the quotation mark to behind the closing one.
    void skip_string() {
        for (step(); !is_at_end() && here() != '"'; step()) {
            at_ = std::min(text_.find_first_of("\"\\", at_), text_.size());
            if (here() == '"') break;
            step();  // what is escaped
        }
        step();
    }
    void skip_value() {
        std::size_t depth = 0;
        do {
            const char c = here();
            if (c == '"') {
                skip_string();
                continue;
            }
            if (c == '{' || c == '[') ++depth;
            if (c == '}' || c == ']') --depth;
            if (depth == 0 && c != '}' && c != ']') {
                at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
            } else {
                step();
            }
        } while (depth > 0 && !is_at_end());
    }
    [[nodiscard]] std::string_view since(std::size_t start) const {
        return text_.substr(start, at_ - start);
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

/// `quoted` is a JSON string with its quotation marks.
bool is_string_of(std::string_view quoted, std::string_view text) {
    if (quoted.find('\\') == std::string_view::npos) {
        return quoted.substr(1, quoted.size() - 2) == text;
    }
    boost::system::error_code error;
    const auto value = boost::json::parse({quoted.data(), quoted.size()}, error);
    return !error && value.is_string() && value.get_string() == text;
}

/// Calls act(MemberText) for each member of the object, in order.
template <class Act>
void for_each_member(std::string_view object, Act act) {
    Scanner scanner{object};
    scanner.skip_spaces();
    CHECK(scanner.here() == '{');
    scanner.step();
    while (true) {
        scanner.skip_spaces();
        if (scanner.here() == ',') scanner.step();
        scanner.skip_spaces();
        if (scanner.here() != '"') return;
        const std::size_t key_start = scanner.at();
        scanner.skip_string();
        const std::string_view key = scanner.since(key_start);
        scanner.skip_spaces();
        scanner.step();  // the colon
        scanner.skip_spaces();
        const std::size_t value_start = scanner.at();
        scanner.skip_value();
        act(MemberText{key, scanner.since(value_start)});
    }
}

}  // namespace

bool MemberText::has_key(std::string_view name) const { return is_string_of(key, name); }

std::vector<MemberText> member_texts(std::string_view object) {
    std::vector<MemberText> members;
    for_each_member(object, [&](const MemberText& member) { members.push_back(member); });
    return members;
}

std::vector<std::string_view> element_texts(std::string_view array) {
    std::vector<std::string_view> elements;
    Scanner scanner{array};
    scanner.skip_spaces();
    CHECK(scanner.here() == '[');
    scanner.step();
    while (true) {
        scanner.skip_spaces();
        if (scanner.here() == ',') scanner.step();
        scanner.skip_spaces();
        if (scanner.is_at_end() || scanner.here() == ']') return elements;
        const std::size_t start = scanner.at();
        scanner.skip_value();
        elements.push_back(scanner.since(start));
    }
}

std::string_view find_member_text(std::string_view object, std::string_view key) {
    std::string_view found;
    for_each_member(object, [&](const MemberText& member) {
        if (member.has_key(key)) found = member.value;
    });
    return found;
}

std::string compact_json(std::string_view text) {
    std::string compact;
    compact.reserve(text.size());
    Scanner scanner{text};
    for (scanner.skip_spaces(); !scanner.is_at_end(); scanner.skip_spaces()) {
        const std::size_t start = scanner.at();
        if (scanner.here() == '"') {
            scanner.skip_string();
        } else {
            scanner.skip_tokens();
        }
        compact += scanner.since(start);
    }
    return compact;
}

std::string status_prefix(std::string_view word) {
    return std::string{"{\"status\":\""}.append(word).append("\"");
}

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    const auto needs_escape = [](char c) { return is_escaped[static_cast<unsigned char>(c)]; };
    out += '"';
    while (!text.empty()) {
        const auto next = std::ranges::find_if(text, needs_escape);
        const auto plain = static_cast<std::size_t>(next - text.begin());
        out += text.substr(0, plain);
        if (plain == text.size()) break;
        const char c = text[plain];
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default: out.append("\\u00").append({hex[byte >> 4U], hex[byte & 0x0FU]}); break;
        }
        text.remove_prefix(plain + 1);
    }
    out += '"';
}

}  // namespace holdfast::api
