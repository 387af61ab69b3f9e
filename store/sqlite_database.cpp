#include "store/sqlite_database.hpp"

#include <boost/unordered/unordered_map.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <utility>

namespace holdfast::store {

namespace {

/// The texts are the program's own, but who asks combines filters as he likes.
constexpr std::size_t prepared_statements_max = 512;

using Judge = std::function<bool(std::string_view)>;

void judge_text(sqlite3_context* call, int, sqlite3_value** values) {
    const auto& judge = *static_cast<const Judge*>(sqlite3_user_data(call));
    const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
    sqlite3_result_int(call, text != nullptr && judge({text, size}) ? 1 : 0);
}

void forget_judge(void* judge) { delete static_cast<Judge*>(judge); }

class SqliteCategory final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "sqlite"; }
    [[nodiscard]] std::string message(int code) const override { return sqlite3_errstr(code); }
    [[nodiscard]] std::error_condition default_error_condition(int code) const noexcept override {
        switch (code & 0xFF) {  // the primary code
            case SQLITE_FULL: return std::errc::no_space_on_device;
            case SQLITE_IOERR: return std::errc::io_error;
            case SQLITE_READONLY: return std::errc::read_only_file_system;
            case SQLITE_BUSY: return std::errc::device_or_resource_busy;
            case SQLITE_NOMEM: return std::errc::not_enough_memory;
            default: return {code, *this};
        }
    }
};

std::error_code error_of(int result) { return {result, sqlite_category()}; }

}  // namespace

const std::error_category& sqlite_category() {
    static const SqliteCategory category;
    return category;
}

SqliteFault fault_of(std::error_code error) {
    if (error.category() != sqlite_category()) return SqliteFault::other;
    switch (error.value()) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY: return SqliteFault::unique;
        case SQLITE_CONSTRAINT_TRIGGER:
        case SQLITE_CONSTRAINT_FOREIGNKEY: return SqliteFault::foreign_key;
        default: break;
    }
    switch (error.value() & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return SqliteFault::busy;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return SqliteFault::corrupt;
        case SQLITE_CANTOPEN: return SqliteFault::cannot_open;
        default: return SqliteFault::other;
    }
}

// --- Statement

Statement::Statement(sqlite3* database, PreparedPtr prepared, std::error_code error)
    : database_(database), prepared_(std::move(prepared)), error_(error) {}

Statement::~Statement() {
    if (prepared_ == nullptr) return;
    sqlite3_reset(prepared_.get());  // repeats the error of the last step, which is noted
    sqlite3_clear_bindings(prepared_.get());
}

Statement& Statement::bind(int parameter, std::string_view text) {
    // A null pointer would bind NULL, and an empty view may have one.
    const char* const data = text.data() == nullptr ? "" : text.data();
    if (!error_) {
        note(sqlite3_bind_text64(prepared_.get(), parameter, data, text.size(), SQLITE_STATIC,
                                 SQLITE_UTF8));
    }
    return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number) {
    if (!error_) note(sqlite3_bind_int64(prepared_.get(), parameter, number));
    return *this;
}

Statement& Statement::bind_null(int parameter) {
    if (!error_) note(sqlite3_bind_null(prepared_.get(), parameter));
    return *this;
}

bool Statement::next() {
    if (error_) return false;
    const int result = sqlite3_step(prepared_.get());
    if (result == SQLITE_ROW) return true;
    if (result != SQLITE_DONE) error_ = error_of(sqlite3_extended_errcode(database_));
    return false;
}

std::error_code Statement::run() {
    while (next()) {
    }
    return error_;
}

std::string Statement::text(int column) const {
    const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(prepared_.get(), column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(prepared_.get(), column))};
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(prepared_.get(), column); }

bool Statement::is_null(int column) const {
    return sqlite3_column_type(prepared_.get(), column) == SQLITE_NULL;
}

void Statement::note(int result) {
    if (result != SQLITE_OK) error_ = error_of(result);
}

// --- Database

class Database::Prepared {
public:
    boost::unordered_map<std::string, PreparedPtr> by_text;
};

Database::Database(sqlite3* handle) : handle_(handle), prepared_(std::make_unique<Prepared>()) {}

Database::~Database() {
    prepared_.reset();  // before the handle: a database with statements cannot be closed
    sqlite3_close(handle_);
}

std::error_code Database::open(const std::string& path, std::unique_ptr<Database>& opened) {
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    if (result != SQLITE_OK) {
        const std::error_code error =
            error_of(handle == nullptr ? result : sqlite3_extended_errcode(handle));
        sqlite3_close(handle);
        return error;
    }
    sqlite3_extended_result_codes(handle, 1);
    opened.reset(new Database{handle});
    return {};
}

Statement Database::statement(std::string_view sql) {
    const std::string text{sql};
    const auto known = prepared_->by_text.find(text);
    if (known != prepared_->by_text.end()) return {handle_, known->second, {}};
    sqlite3_stmt* prepared = nullptr;
    const int result = sqlite3_prepare_v3(handle_, text.c_str(), static_cast<int>(text.size()),
                                          SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    if (result != SQLITE_OK) return {handle_, nullptr, error_of(result)};
    // All begin anew: what is in use now lives until it ends, and what is in use often is back at once.
    if (prepared_->by_text.size() == prepared_statements_max) prepared_->by_text.clear();
    PreparedPtr kept{prepared, &sqlite3_finalize};
    prepared_->by_text.emplace(text, kept);
    return {handle_, std::move(kept), {}};
}

std::error_code Database::define(const std::string& name,
                                 std::function<bool(std::string_view)> judge) {
    const int result = sqlite3_create_function_v2(
        handle_, name.c_str(), 1, SQLITE_UTF8, new Judge{std::move(judge)}, &judge_text, nullptr,
        nullptr, &forget_judge);
    return result == SQLITE_OK ? std::error_code{} : error_of(result);
}

std::error_code Database::execute(const std::string& sql) {
    const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    return result == SQLITE_OK ? std::error_code{} : error_of(sqlite3_extended_errcode(handle_));
}

std::error_code Database::read(std::string_view sql, std::string& value) {
    Statement query = statement(sql);
    if (query.next()) value = query.text(0);
    return query.error();
}

bool Database::is_read_only() const { return sqlite3_db_readonly(handle_, "main") == 1; }

bool Database::is_in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(handle_); }

std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

}  // namespace holdfast::store
