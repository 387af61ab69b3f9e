#include "api/sql_tokens.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace holdfast::api {

namespace {

using Kind = SqlToken::Kind;

constexpr std::string_view spaces = " \t\r\n";
constexpr std::string_view digits = "0123456789";
constexpr std::string_view word_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/// Two characters before one.
constexpr std::string_view signs[] = {"!=", "<>", ">=", "<=", "=", ">",
                                      "<",  "(",  ")",  ",",  "*", ";"};

}  // namespace

bool SqlToken::is_word(std::string_view keyword) const {
    return kind == Kind::word && equals_ignoring_case(written, keyword);
}

std::string SqlToken::value() const {
    std::string text;
    for (std::size_t i = 1; i + 1 < written.size(); ++i) {
        text += written[i];
        if (written[i] == '\'') ++i;
    }
    return text;
}

std::string SqlToken::shown() const { return kind == Kind::end ? "the end" : std::string{written}; }

SqlToken SqlTokens::token(Kind kind, std::size_t size) {
    const SqlToken taken{kind, statement_.substr(place_, size), place_};
    place_ += size;
    return taken;
}

boost::system::result<SqlToken, SqlProblem> SqlTokens::take() {
    place_ = std::min(statement_.find_first_not_of(spaces, place_), statement_.size());
    const std::string_view rest = statement_.substr(place_);
    if (rest.empty()) return token(Kind::end, 0);
    if (rest.front() == '\'') return take_text();
    const std::size_t word = std::min(rest.find_first_not_of(word_characters), rest.size());
    if (word > 0) {
        const std::string_view written = rest.substr(0, word);
        const bool is_number = written.find_first_not_of(digits) == std::string_view::npos;
        return token(is_number ? Kind::number : Kind::word, word);
    }
    for (const std::string_view sign : signs) {
        if (rest.starts_with(sign)) return token(Kind::sign, sign.size());
    }
    const bool is_quote = rest.front() == '"' || rest.front() == '`';
    return SqlProblem{place_, is_quote ? "texts stand in single quotes: 'pump-7'"
                                       : "this character means nothing outside of single quotes"};
}

boost::system::result<SqlToken, SqlProblem> SqlTokens::take_text() {
    std::size_t end = place_ + 1;
    while (true) {
        end = statement_.find('\'', end);
        if (end == std::string_view::npos) {
            return SqlProblem{place_, "the text that begins here has no second quote"};
        }
        const bool is_doubled = end + 1 < statement_.size() && statement_[end + 1] == '\'';
        if (!is_doubled) return token(Kind::text, end + 1 - place_);
        end += 2;
    }
}

}  // namespace holdfast::api
