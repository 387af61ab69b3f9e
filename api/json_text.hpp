#pragma once
// JSON as text, where a value must come out exactly as it came in: 23.50, 1e400 and a number of thirty
// digits are not what a parser makes of them. Finding a member in a text, taking its spaces out, and
// writing objects without building values first.
// Threads: values of one thread.

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::api {

/// The text of the object's member `key`, of several the last; empty: it has none.
/// Precondition: `object` is a valid JSON text of an object.
[[nodiscard]] std::string_view find_member_text(std::string_view object, std::string_view key);

/// One member of an object; the key as it stands there, with its quotation marks.
struct MemberText {
    std::string_view key;
    std::string_view value;
    [[nodiscard]] bool has_key(std::string_view name) const;
};
/// All of them, in order. Precondition: as find_member_text().
[[nodiscard]] std::vector<MemberText> member_texts(std::string_view object);
/// The elements of a valid JSON text of an array, in order.
[[nodiscard]] std::vector<std::string_view> element_texts(std::string_view array);

/// The valid JSON text without the spaces between its tokens.
[[nodiscard]] std::string compact_json(std::string_view text);

/// Appends `text`, which is valid UTF-8, as a JSON string.
void append_json_string(std::string& out, std::string_view text);

/// What the text of an object begins with whose first member is the `status` that says `word`: documents of
/// which lists ask for those with one status are kept so.
[[nodiscard]] std::string status_prefix(std::string_view word);

/// Writes objects and arrays member by member; commas set themselves.
class JsonWriter {
public:
    JsonWriter() = default;
    explicit JsonWriter(std::size_t expected_bytes) { text_.reserve(expected_bytes); }

    void begin_object() { open('{'); }
    void begin_object(std::string_view key) { open(key, '{'); }
    void end_object() { text_ += '}'; }
    void begin_array(std::string_view key) { open(key, '['); }
    void end_array() { text_ += ']'; }
    /// An element of an array, a valid JSON text.
    void element(std::string_view value) {
        separate();
        text_ += value;
    }

    void text(std::string_view key, std::string_view value) {
        write_key(key);
        append_json_string(text_, value);
    }
    void number(std::string_view key, std::int64_t value) {
        write_key(key);
        std::array<char, 20> digits;  // the longest: -9223372036854775808
        const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
        text_.append(digits.data(), end);
    }
    /// `value` is a valid JSON text.
    void json(std::string_view key, std::string_view value) {
        write_key(key);
        text_ += value;
    }

    [[nodiscard]] std::size_t size() const { return text_.size(); }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    void separate() {
        if (!text_.empty() && text_.back() != '{' && text_.back() != '[') text_ += ',';
    }
    void open(char bracket) {
        separate();
        text_ += bracket;
    }
    void open(std::string_view key, char bracket) {
        write_key(key);
        text_ += bracket;
    }
    void write_key(std::string_view key) {
        separate();
        const std::size_t at = text_.size();
        text_.append(key.size() + 3, '"');
        key.copy(text_.data() + at + 1, key.size());
        text_.back() = ':';
    }

    std::string text_;
};

}  // namespace holdfast::api
