#pragma once
// JsonFields: reads the fields of a JSON object as a contract states them, required or not, with their
// type, length, alphabet and range. Like the codec's Reader it reads straight down: it keeps the first
// thing that is wrong, gives empty values from then on, and is asked once at the end.
// null is the same as absent. Unknown fields are nobody's business here.
// Lengths of text are in characters (Unicode code points), not bytes.
// Lifetime: what is returned points into the JSON value; the error outlives every JsonFields over it.
// Threads: values of one thread.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

/// The first thing that is wrong. to_string(): "ttl must be a whole number from 0 to 1440 and a
/// multiple of 5, not 7"; "message must be there".
struct FieldError {
    std::string path;   ///< "properties.user_properties[3].prop_key"; empty: the body itself
    std::string rule;   ///< "must be ..."
    std::string shown;  ///< the value as JSON, shortened; empty: there is none, or it is secret
};
[[nodiscard]] std::string to_string(const FieldError& error);

/// Which characters a text may have.
struct Alphabet {
    bool (*contains)(char32_t character);
    std::string_view words;  ///< as the error names them; empty: any
};
inline constexpr Alphabet any_character{[](char32_t) { return true; }, ""};
/// A-Z a-z 0-9 _ -
extern const Alphabet identifier_alphabet;
/// Chinese, letters, digits and _?'#().,&%@!-
extern const Alphabet name_alphabet;
/// The same and space.
extern const Alphabet spaced_name_alphabet;

/// Code points of valid UTF-8; of other bytes a number that is not larger than theirs.
[[nodiscard]] std::size_t count_characters(std::string_view text);
/// Every character of valid UTF-8 is of the alphabet.
[[nodiscard]] bool is_written_in(std::string_view text, const Alphabet& alphabet);

struct TextRule {
    std::size_t characters_min = 0;
    std::size_t characters_max = std::numeric_limits<std::size_t>::max();
    Alphabet alphabet = any_character;
    bool is_secret = false;  ///< an error does not show it
};
/// Whether a text that comes from elsewhere, as from the path, keeps to the rule.
[[nodiscard]] bool is_within(std::string_view text, const TextRule& rule);
/// "must be a text of 1 to 128 characters of ..."
[[nodiscard]] std::string to_string(const TextRule& rule);

struct IntegerRule {
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    std::int64_t multiple_of = 1;
};

template <class Enum>
struct Word {
    std::string_view text;
    Enum value;
};

class JsonFields {
public:
    /// The fields of `body`, which must be an object. `error` gets what is wrong first.
    JsonFields(const boost::json::value& body, std::optional<FieldError>& error)
        : JsonFields(body, error, {}) {}

    [[nodiscard]] bool failed() const { return error_->has_value(); }

    // find_x: empty when it is absent or wrong. The others: wrong when it is absent.

    [[nodiscard]] std::optional<std::string_view> find_text(std::string_view key,
                                                            const TextRule& rule);
    [[nodiscard]] std::string_view text(std::string_view key, const TextRule& rule);
    [[nodiscard]] std::optional<std::int64_t> find_integer(std::string_view key,
                                                           const IntegerRule& rule);
    [[nodiscard]] std::int64_t integer(std::string_view key, const IntegerRule& rule);
    [[nodiscard]] std::optional<bool> find_bool(std::string_view key);
    /// One of a closed list of words.
    template <class Enum, std::size_t Count>
    [[nodiscard]] std::optional<Enum> find_word(std::string_view key,
                                                const std::array<Word<Enum>, Count>& words);

    /// An object inside this one. Its errors are this one's, with their path.
    [[nodiscard]] std::optional<JsonFields> find_object(std::string_view key);
    [[nodiscard]] JsonFields object(std::string_view key);
    [[nodiscard]] const boost::json::array* find_array(std::string_view key, std::size_t count_max);
    /// The elements of an array, each an object. Empty: absent, wrong, or an empty array.
    [[nodiscard]] std::vector<JsonFields> find_objects(std::string_view key, std::size_t count_max);
    /// The elements of an array, each a text.
    [[nodiscard]] std::vector<std::string_view> find_texts(std::string_view key,
                                                           std::size_t count_max,
                                                           const TextRule& rule);
    /// Of any type.
    [[nodiscard]] const boost::json::value* find_value(std::string_view key) const;
    [[nodiscard]] const boost::json::value* value(std::string_view key);

    /// A rule that only the caller knows is broken: `rule` goes on behind the field's name.
    void fail(std::string_view key, std::string_view rule);

private:
    JsonFields(const boost::json::value& value, std::optional<FieldError>& error, std::string path);

    [[nodiscard]] std::string path_of(std::string_view key) const;
    void fail(std::string path, std::string_view rule, const boost::json::value* value,
              bool is_secret = false);
    [[nodiscard]] bool check_text(const boost::json::value& value, const TextRule& rule,
                                  std::string_view key, std::optional<std::size_t> index);

    const boost::json::object* object_;  ///< null: it is none
    std::optional<FieldError>* error_;
    std::string path_;  ///< of the object
};

template <class Enum, std::size_t Count>
std::optional<Enum> JsonFields::find_word(std::string_view key,
                                          const std::array<Word<Enum>, Count>& words) {
    const boost::json::value* const found = find_value(key);
    if (found == nullptr) return std::nullopt;
    std::string rule = "must be one of";
    for (const Word<Enum>& word : words) {
        if (found->is_string() && found->get_string() == word.text) return word.value;
        rule.append(&word == words.data() ? " " : ", ").append(word.text);
    }
    fail(path_of(key), rule, found);
    return std::nullopt;
}

}  // namespace holdfast::api
