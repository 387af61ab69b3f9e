#include "store/sqlite_records.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace holdfast::store {

namespace {

constexpr std::size_t marker_digits = 24;
constexpr std::size_t number_digits = 16;
constexpr std::int64_t number_max = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::error_code translate(std::error_code error, CatalogueError foreign_key) {
    switch (fault_of(error)) {
        case SqliteFault::unique: return CatalogueError::already_exists;
        case SqliteFault::foreign_key: return foreign_key;
        default: return error;
    }
}

std::int64_t milliseconds_of(CatalogueTime time) { return time.time_since_epoch().count(); }

CatalogueTime time_of(std::int64_t milliseconds) {
    return CatalogueTime{std::chrono::milliseconds{milliseconds}};
}

std::string marker_of(std::int64_t number) {
    std::string digits(number_digits, '0');
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                   static_cast<std::uint64_t>(number), 16);
    digits.resize(static_cast<std::size_t>(end.ptr - digits.data()));
    return std::string(marker_digits - digits.size(), '0') + digits;
}

std::optional<std::int64_t> number_of(std::string_view marker) {
    if (marker.empty()) return number_max;
    constexpr std::string_view hexadecimal = "0123456789abcdefABCDEF";
    if (marker.size() != marker_digits ||
        marker.find_first_not_of(hexadecimal) != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view high = marker.substr(0, marker_digits - number_digits);
    if (high.find_first_not_of('0') != std::string_view::npos) return number_max;
    std::uint64_t number = 0;
    std::from_chars(marker.data() + high.size(), marker.data() + marker.size(), number, 16);
    return static_cast<std::int64_t>(std::min<std::uint64_t>(number, number_max));
}

std::int64_t bounded(std::size_t count) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(count, number_max));
}

void Conditions::add(std::string_view condition, std::string_view text) {
    add_condition(condition);
    values_.push_back({std::string{text}, std::nullopt});
}

void Conditions::add(std::string_view condition, std::int64_t number) {
    add_condition(condition);
    values_.push_back({{}, number});
}

void Conditions::add_condition(std::string_view condition) {
    sql_ += values_.empty() ? " WHERE " : " AND ";
    const std::string parameter = "?" + std::to_string(values_.size() + 1);
    for (const char c : condition) {
        if (c == '?') {
            sql_ += parameter;
        } else {
            sql_ += c;
        }
    }
}

int Conditions::bind_to(Statement& statement) const {
    int parameter = 1;
    for (const Value& value : values_) {
        if (value.number) {
            statement.bind(parameter, *value.number);
        } else {
            statement.bind(parameter, std::string_view{value.text});
        }
        ++parameter;
    }
    return parameter;
}

// --- Users and settings

std::error_code find_user(Database& database, std::string_view name, std::optional<User>& found) {
    Statement query = database.statement(
        "SELECT name, domain, password_hash, created_at FROM users WHERE name = ?1");
    query.bind(1, name);
    if (query.next()) {
        found = User{query.text(0), query.text(1), query.text(2), time_of(query.number(3))};
        return {};
    }
    return query.error() ? query.error() : CatalogueError::not_found;
}

std::error_code put_user(Database& database, const User& user, const CatalogueLimits& limits) {
    const std::error_code error =
        database
            .statement(
                "INSERT INTO users VALUES(?1, ?2, ?3, ?4) ON CONFLICT(name) DO UPDATE SET "
                "domain = ?2, password_hash = ?3, created_at = ?4")
            .bind(1, std::string_view{user.name})
            .bind(2, std::string_view{user.domain})
            .bind(3, std::string_view{user.password_hash})
            .bind(4, milliseconds_of(user.created_at))
            .run();
    if (error) return error;
    Statement count = database.statement("SELECT count(*) FROM users");
    if (count.next() && count.number(0) > bounded(limits.users_max)) {
        return CatalogueError::limit_reached;
    }
    return count.error();
}

std::error_code find_setting(Database& database, std::string_view name,
                             std::optional<std::string>& value) {
    Statement query = database.statement("SELECT value FROM settings WHERE name = ?1");
    query.bind(1, name);
    if (query.next()) value = query.text(0);
    return query.error();
}

std::error_code put_setting(Database& database, std::string_view name, std::string_view value) {
    return database.statement("INSERT OR REPLACE INTO settings VALUES(?1, ?2)")
        .bind(1, name)
        .bind(2, value)
        .run();
}

}  // namespace holdfast::store
