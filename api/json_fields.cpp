#include "api/json_fields.hpp"

#include <boost/json/serializer.hpp>

#include <array>
#include <cmath>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

/// Of a wrong value in an error.
constexpr std::size_t shown_characters_max = 60;

bool is_letter_or_digit(char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9');
}

/// The ideographs of Unicode: the basic block, the extensions and the compatibility forms.
bool is_chinese(char32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x323AF);
}

bool is_of_identifier(char32_t c) { return is_letter_or_digit(c) || c == U'_' || c == U'-'; }

bool is_of_name(char32_t c) {
    constexpr std::u32string_view marks = U"_?'#().,&%@!-";
    return is_letter_or_digit(c) || marks.find(c) != std::u32string_view::npos || is_chinese(c);
}

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

/// Takes one character off the front. Bytes that are not UTF-8 give characters of no alphabet.
char32_t take_character(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    if (first < 0x80) return first;
    std::size_t count = 1;
    if (first >= 0xE0) count = first < 0xF0 ? 2 : 3;
    char32_t character = first & (0x3FU >> count);
    for (; count > 0 && !text.empty() && !begins_character(text.front()); --count) {
        character = (character << 6U) | (static_cast<unsigned char>(text.front()) & 0x3FU);
        text.remove_prefix(1);
    }
    return character;
}

/// The value as JSON, as far as an error should show it. A large one is not written out for that.
std::string show(const json::value& value) {
    std::array<char, 4 * shown_characters_max + 8> space{};
    json::serializer serializer;
    serializer.reset(&value);
    const auto written = serializer.read(space.data(), space.size());
    std::string_view text{written.data(), written.size()};
    if (serializer.done() && count_characters(text) <= shown_characters_max) {
        return std::string{text};
    }
    std::string_view rest = text;
    for (std::size_t i = 0; i < shown_characters_max && !rest.empty(); ++i) take_character(rest);
    return std::string{text.substr(0, text.size() - rest.size())} + "...";
}

/// The number, if it is whole: 5, and 5.0 and 5e0, which JSON does not tell apart.
std::optional<std::int64_t> whole_number(const json::value& value) {
    if (value.is_int64()) return value.get_int64();
    constexpr double exact_max = 9007199254740992.0;  // 2^53
    if (value.is_double() && std::abs(value.get_double()) <= exact_max &&
        std::trunc(value.get_double()) == value.get_double()) {
        return static_cast<std::int64_t>(value.get_double());
    }
    return std::nullopt;  // an uint64 is only what no int64 can be
}

std::string to_string(const IntegerRule& rule) {
    std::string text = "must be a whole number from " + std::to_string(rule.min) + " to " +
                       std::to_string(rule.max);
    if (rule.multiple_of != 1) {
        text += " and a multiple of " + std::to_string(rule.multiple_of);
    }
    return text;
}

}  // namespace

const Alphabet identifier_alphabet{is_of_identifier, "letters, digits, _ and -"};
const Alphabet name_alphabet{is_of_name, "Chinese, letters, digits and _?'#().,&%@!-"};
const Alphabet spaced_name_alphabet{[](char32_t c) { return c == U' ' || is_of_name(c); },
                                    "Chinese, letters, digits, space and _?'#().,&%@!-"};

std::string to_string(const FieldError& error) {
    std::string text = error.path.empty() ? "the body" : error.path;
    text.append(" ").append(error.rule);
    if (!error.shown.empty()) text.append(", not ").append(error.shown);
    return text;
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (const char byte : text) count += begins_character(byte) ? 1 : 0;
    return count;
}

bool is_written_in(std::string_view text, const Alphabet& alphabet) {
    while (!text.empty()) {
        if (!alphabet.contains(take_character(text))) return false;
    }
    return true;
}

bool is_within(std::string_view text, const TextRule& rule) {
    const std::size_t count = count_characters(text);
    if (count < rule.characters_min || count > rule.characters_max) return false;
    return rule.alphabet.words.empty() || is_written_in(text, rule.alphabet);
}

std::string to_string(const TextRule& rule) {
    std::string text = "must be a text";
    const bool has_max = rule.characters_max != std::numeric_limits<std::size_t>::max();
    if (has_max && rule.characters_min == rule.characters_max) {
        text += " of " + std::to_string(rule.characters_max) + " characters";
    } else if (has_max && rule.characters_min > 0) {
        text += " of " + std::to_string(rule.characters_min) + " to " +
                std::to_string(rule.characters_max) + " characters";
    } else if (has_max) {
        text += " of at most " + std::to_string(rule.characters_max) + " characters";
    } else if (rule.characters_min > 0) {
        text += " of at least " + std::to_string(rule.characters_min) + " characters";
    }
    if (!rule.alphabet.words.empty()) text.append(" of ").append(rule.alphabet.words);
    return text;
}

JsonFields::JsonFields(const json::value& value, std::optional<FieldError>& error, std::string path)
    : object_(value.if_object()), error_(&error), path_(std::move(path)) {
    if (object_ == nullptr) fail(path_, "must be an object", &value);
}

std::optional<std::string_view> JsonFields::find_text(std::string_view key, const TextRule& rule) {
    const json::value* const found = find_value(key);
    if (found == nullptr || !check_text(*found, rule, key, std::nullopt)) return std::nullopt;
    return std::string_view{found->get_string()};
}

std::string_view JsonFields::text(std::string_view key, const TextRule& rule) {
    if (value(key) == nullptr) return {};
    return find_text(key, rule).value_or(std::string_view{});
}

std::optional<std::int64_t> JsonFields::find_integer(std::string_view key,
                                                     const IntegerRule& rule) {
    const json::value* const found = find_value(key);
    if (found == nullptr) return std::nullopt;
    const auto number = whole_number(*found);
    if (!number || *number < rule.min || *number > rule.max || *number % rule.multiple_of != 0) {
        fail(path_of(key), to_string(rule), found);
        return std::nullopt;
    }
    return number;
}

std::int64_t JsonFields::integer(std::string_view key, const IntegerRule& rule) {
    if (value(key) == nullptr) return 0;
    return find_integer(key, rule).value_or(0);
}

std::optional<bool> JsonFields::find_bool(std::string_view key) {
    const json::value* const found = find_value(key);
    if (found == nullptr) return std::nullopt;
    if (!found->is_bool()) {
        fail(path_of(key), "must be true or false", found);
        return std::nullopt;
    }
    return found->get_bool();
}

std::optional<JsonFields> JsonFields::find_object(std::string_view key) {
    const json::value* const found = find_value(key);
    if (found == nullptr) return std::nullopt;
    JsonFields fields{*found, *error_, path_of(key)};
    if (fields.object_ == nullptr) return std::nullopt;
    return fields;
}

JsonFields JsonFields::object(std::string_view key) {
    static const json::value nothing;
    const json::value* const found = value(key);
    return {found == nullptr ? nothing : *found, *error_, path_of(key)};
}

const json::array* JsonFields::find_array(std::string_view key, std::size_t count_max) {
    const json::value* const found = find_value(key);
    if (found == nullptr) return nullptr;
    const json::array* const array = found->if_array();
    if (array == nullptr || array->size() > count_max) {
        fail(path_of(key), "must be an array of at most " + std::to_string(count_max) + " elements",
             array == nullptr ? found : nullptr);
        return nullptr;
    }
    return array;
}

std::vector<JsonFields> JsonFields::find_objects(std::string_view key, std::size_t count_max) {
    std::vector<JsonFields> objects;
    const json::array* const array = find_array(key, count_max);
    if (array == nullptr) return objects;
    objects.reserve(array->size());
    for (const json::value& element : *array) {
        std::string path = path_of(key) + "[" + std::to_string(objects.size()) + "]";
        objects.push_back(JsonFields{element, *error_, std::move(path)});
    }
    return objects;
}

std::vector<std::string_view> JsonFields::find_texts(std::string_view key, std::size_t count_max,
                                                     const TextRule& rule) {
    std::vector<std::string_view> texts;
    const json::array* const array = find_array(key, count_max);
    if (array == nullptr) return texts;
    texts.reserve(array->size());
    for (const json::value& element : *array) {
        if (!check_text(element, rule, key, texts.size())) return {};
        texts.emplace_back(element.get_string());
    }
    return texts;
}

const json::value* JsonFields::find_value(std::string_view key) const {
    if (object_ == nullptr) return nullptr;
    const json::value* const found = object_->if_contains(key);
    return found == nullptr || found->is_null() ? nullptr : found;
}

const json::value* JsonFields::value(std::string_view key) {
    const json::value* const found = find_value(key);
    if (found == nullptr) fail(path_of(key), "must be there", nullptr);
    return found;
}

void JsonFields::fail(std::string_view key, std::string_view rule) {
    fail(path_of(key), rule, nullptr);
}

std::string JsonFields::path_of(std::string_view key) const {
    std::string path = path_;
    if (!path.empty()) path += '.';
    return path.append(key);
}

void JsonFields::fail(std::string path, std::string_view rule, const json::value* value,
                      bool is_secret) {
    if (error_->has_value()) return;
    std::string shown = value == nullptr || is_secret ? std::string{} : show(*value);
    error_->emplace(FieldError{std::move(path), std::string{rule}, std::move(shown)});
}

bool JsonFields::check_text(const json::value& value, const TextRule& rule, std::string_view key,
                            std::optional<std::size_t> index) {
    if (value.is_string() && is_within(value.get_string(), rule)) return true;
    std::string path = path_of(key);
    if (index) path += "[" + std::to_string(*index) + "]";
    fail(std::move(path), to_string(rule), &value, rule.is_secret);
    return false;
}

}  // namespace holdfast::api
