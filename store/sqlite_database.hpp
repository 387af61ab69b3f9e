#pragma once
// Database and Statement: an SQLite database as values and error codes: open, prepare once, bind, step.
// The only place that includes sqlite3.h is sqlite_database.cpp.
// Errors: std::error_code of sqlite_category(), whose conditions say no_space_on_device, io_error,
// read_only_file_system and device_or_resource_busy where that is what happened.
// Threads: one at a time. Lifetime: statements end before their database.

#include "base/error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

struct sqlite3;
struct sqlite3_stmt;

namespace holdfast::store {

[[nodiscard]] const std::error_category& sqlite_category();

/// What the callers of the catalogue's files tell apart.
enum class SqliteFault : std::uint8_t { unique, foreign_key, busy, corrupt, cannot_open, other };
[[nodiscard]] SqliteFault fault_of(std::error_code error);

using PreparedPtr = std::shared_ptr<sqlite3_stmt>;

/// One run of a prepared statement; reset when it ends. Parameters count from 1, columns from 0.
/// The first error stays, and everything after it does nothing.
class Statement {
public:
    Statement(sqlite3* database, PreparedPtr prepared, std::error_code error);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// The text must live until the statement ends.
    Statement& bind(int parameter, std::string_view text);
    Statement& bind(int parameter, std::int64_t number);
    Statement& bind_null(int parameter);

    /// True: there is a row. False: there is none (any more), or an error.
    [[nodiscard]] bool next();
    /// Runs it to its end.
    [[nodiscard]] std::error_code run();
    [[nodiscard]] std::error_code error() const { return error_; }

    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] bool is_null(int column) const;

private:
    void note(int result);

    sqlite3* const database_;
    const PreparedPtr prepared_;
    std::error_code error_;
};

class Database {
public:
    /// ":memory:" or a file, which is made if it is not there.
    [[nodiscard]] static std::error_code open(const std::string& path,
                                              std::unique_ptr<Database>& opened);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// A text is prepared once, and again after many others; two runs of one text must not overlap.
    [[nodiscard]] Statement statement(std::string_view sql);
    /// Makes `name(text)` a function of its SQL that says yes or no. Once for a name; `judge` runs on the
    /// thread of the statement.
    [[nodiscard]] std::error_code define(const std::string& name,
                                         std::function<bool(std::string_view)> judge);
    /// Statements without parameters and without interest in their rows.
    [[nodiscard]] std::error_code execute(const std::string& sql);
    /// The first column of the first row.
    [[nodiscard]] std::error_code read(std::string_view sql, std::string& value);

    [[nodiscard]] bool is_read_only() const;
    [[nodiscard]] bool is_in_transaction() const;
    [[nodiscard]] std::int64_t last_row() const;
    /// Rows that the last statement changed.
    [[nodiscard]] std::int64_t changes() const;

private:
    explicit Database(sqlite3* handle);

    class Prepared;
    sqlite3* const handle_;
    std::unique_ptr<Prepared> prepared_;
};

}  // namespace holdfast::store
