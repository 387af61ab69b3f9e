#pragma once
// SqlTokens: the words, numbers, texts and signs of a statement that looks like SQL, one after the other, and
// where each begins. Texts stand in single quotes, and a quote in them is doubled.
// Lifetime: tokens point into the statement. Threads: values of one thread.

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::api {

/// Why a statement is not understood.
struct SqlProblem {
    std::size_t place = 0;  ///< a byte of the statement; its size: the end
    std::string text;       ///< "there must be a field here, not 7"
};

struct SqlToken {
    enum class Kind : std::uint8_t { word, number, text, sign, end };
    Kind kind = Kind::end;
    std::string_view written;  ///< as it stands there, a text with its quotes
    std::size_t place = 0;

    /// Keywords are the same in capitals.
    [[nodiscard]] bool is_word(std::string_view keyword) const;
    [[nodiscard]] bool is_sign(std::string_view sign) const {
        return kind == Kind::sign && written == sign;
    }
    /// Of a text: what is between its quotes.
    [[nodiscard]] std::string value() const;
    /// For messages: as written, or "the end".
    [[nodiscard]] std::string shown() const;
};

class SqlTokens {
public:
    explicit SqlTokens(std::string_view statement) : statement_(statement) {}

    /// `end` again and again when there are no more.
    [[nodiscard]] boost::system::result<SqlToken, SqlProblem> take();

private:
    [[nodiscard]] SqlToken token(SqlToken::Kind kind, std::size_t size);
    [[nodiscard]] boost::system::result<SqlToken, SqlProblem> take_text();

    std::string_view statement_;
    std::size_t place_ = 0;
};

}  // namespace holdfast::api
