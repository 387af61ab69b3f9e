// Devices of sqlite_records.hpp.

#include "store/sqlite_records.hpp"

#include <utility>

namespace holdfast::store {

namespace {

/// Behind the secrets, which have statements of their own, and before what add and update leave alone.
constexpr std::string_view columns =
    "device_id, node_id, device_name, product_id, app_id, gateway_id, description, is_frozen, "
    "created_at, activated_at, extension_info, is_secure_access, activation_timeout, auth_type, "
    "fingerprint, secondary_fingerprint";

std::string insert_device() {
    return "INSERT INTO devices(" + std::string{columns} +
           ", secret, secondary_secret) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
           "?13, ?14, ?15, ?16, '', '')";
}

constexpr std::string_view replace_device =
    "UPDATE devices SET node_id = ?2, device_name = ?3, product_id = ?4, app_id = ?5, "
    "gateway_id = ?6, description = ?7, is_frozen = ?8, activated_at = ?10, extension_info = ?11, "
    "is_secure_access = ?12, activation_timeout = ?13, auth_type = ?14, fingerprint = ?15, "
    "secondary_fingerprint = ?16 WHERE device_id = ?1";

// --- Secrets

enum class Column : bool { secret, secondary_secret };

/// A ciphertext belongs there and nowhere else.
std::string place_of(Column column, std::uint64_t number) {
    const char* const name = column == Column::secret ? "secret" : "secondary_secret";
    return "devices/" + std::to_string(number) + "/" + name;
}

std::string sealed(const SecretBox& box, Column column, std::uint64_t number,
                   const std::string& secret) {
    return secret.empty() ? secret : box.seal(secret, place_of(column, number));
}

bool open_secret(const SecretBox& box, Column column, std::uint64_t number, std::string& secret) {
    if (secret.empty()) return true;
    auto opened = box.open(secret, place_of(column, number));
    if (opened) secret = *std::move(opened);
    return opened.has_value();
}

std::error_code put_secrets(Database& database, const SecretBox& box, std::uint64_t number,
                            const Device& device) {
    const std::string first = sealed(box, Column::secret, number, device.secret);
    const std::string second =
        sealed(box, Column::secondary_secret, number, device.secondary_secret);
    return database
        .statement("UPDATE devices SET secret = ?1, secondary_secret = ?2 WHERE number = ?3")
        .bind(1, std::string_view{first})
        .bind(2, std::string_view{second})
        .bind(3, static_cast<std::int64_t>(number))
        .run();
}

// --- Rows

void bind_device(Statement& statement, const Device& device) {
    statement.bind(1, std::string_view{device.device_id})
        .bind(2, std::string_view{device.node_id})
        .bind(3, std::string_view{device.device_name})
        .bind(4, std::string_view{device.product_id})
        .bind(5, std::string_view{device.app_id})
        .bind(7, std::string_view{device.description})
        .bind(8, std::int64_t{device.is_frozen})
        .bind(9, milliseconds_of(device.created_at))
        .bind(11, std::string_view{device.extension_info})
        .bind(12, std::int64_t{device.is_secure_access})
        .bind(13, std::int64_t{device.activation_timeout.count()})
        .bind(14, static_cast<std::int64_t>(device.auth_type))
        .bind(15, std::string_view{device.fingerprint})
        .bind(16, std::string_view{device.secondary_fingerprint});
    if (!device.gateway_id.empty()) statement.bind(6, std::string_view{device.gateway_id});
    if (device.activated_at) statement.bind(10, milliseconds_of(*device.activated_at));
}

/// After the device was added: the limits count it.
std::error_code check_limits(Database& database, const Device& device,
                             const CatalogueLimits& limits) {
    Statement total = database.statement("SELECT count FROM totals WHERE name = 'devices'");
    if (total.next() && total.number(0) > bounded(limits.devices_max)) {
        return CatalogueError::limit_reached;
    }
    if (total.error() || device.gateway_id.empty()) return total.error();
    Statement behind = database.statement("SELECT count(*) FROM devices WHERE gateway_id = ?1");
    behind.bind(1, std::string_view{device.gateway_id});
    if (behind.next() && behind.number(0) > bounded(limits.devices_per_gateway_max)) {
        return CatalogueError::limit_reached;
    }
    return behind.error();
}

}  // namespace

std::string select_devices(std::string_view conditions) {
    return "SELECT number, secret, secondary_secret, " + std::string{columns} +
           ", connection_changed_at FROM devices " + std::string{conditions};
}

Device device_of(const Statement& row) {
    Device device;
    device.number = static_cast<std::uint64_t>(row.number(0));
    device.secret = row.text(1);
    device.secondary_secret = row.text(2);
    device.device_id = row.text(3);
    device.node_id = row.text(4);
    device.device_name = row.text(5);
    device.product_id = row.text(6);
    device.app_id = row.text(7);
    device.gateway_id = row.text(8);  // of NULL: empty
    device.description = row.text(9);
    device.is_frozen = row.number(10) != 0;
    device.created_at = time_of(row.number(11));
    if (!row.is_null(12)) device.activated_at = time_of(row.number(12));
    device.extension_info = row.text(13);
    device.is_secure_access = row.number(14) != 0;
    device.activation_timeout = std::chrono::seconds{row.number(15)};
    device.auth_type = row.number(16) == 0 ? AuthType::secret : AuthType::certificates;
    device.fingerprint = row.text(17);
    device.secondary_fingerprint = row.text(18);
    if (!row.is_null(19)) device.connection_changed_at = time_of(row.number(19));
    return device;
}

std::error_code find_device(Database& database, const SecretBox& box, std::string_view device_id,
                            DevicePtr& found) {
    Statement query = database.statement(select_devices("WHERE device_id = ?1"));
    query.bind(1, device_id);
    if (!query.next()) return query.error() ? query.error() : CatalogueError::not_found;
    Device device = device_of(query);
    if (!open_secret(box, Column::secret, device.number, device.secret) ||
        !open_secret(box, Column::secondary_secret, device.number, device.secondary_secret)) {
        return CatalogueError::secret_unreadable;
    }
    found = std::make_shared<const Device>(std::move(device));
    return {};
}

std::error_code add_device(Database& database, const SecretBox& box, const Device& device,
                           const CatalogueLimits& limits, DevicePtr& added) {
    {
        Statement insert = database.statement(insert_device());
        bind_device(insert, device);
        if (const auto error = insert.run()) return translate(error, CatalogueError::not_found);
    }
    Device numbered = device;
    numbered.number = static_cast<std::uint64_t>(database.last_row());
    if (const auto error = check_limits(database, device, limits)) return error;
    if (const auto error = put_secrets(database, box, numbered.number, device)) return error;
    added = std::make_shared<const Device>(std::move(numbered));
    return {};
}

std::error_code update_device(Database& database, const SecretBox& box, const Device& device,
                              DevicePtr& updated) {
    std::int64_t number = 0;
    {
        Statement query = database.statement("SELECT number FROM devices WHERE device_id = ?1");
        query.bind(1, std::string_view{device.device_id});
        if (!query.next()) return query.error() ? query.error() : CatalogueError::not_found;
        number = query.number(0);
    }
    {
        Statement replace = database.statement(replace_device);
        bind_device(replace, device);
        if (const auto error = replace.run()) return translate(error, CatalogueError::not_found);
    }
    const auto known = static_cast<std::uint64_t>(number);
    if (const auto error = put_secrets(database, box, known, device)) return error;
    return find_device(database, box, device.device_id, updated);
}

/// In the order of their numbers, because a table must not change under a statement that walks it.
std::error_code seal_secrets(Database& database, const SecretBox& box) {
    for (std::int64_t last = 0;;) {
        Device device;
        {
            Statement next = database.statement(
                "SELECT number, secret, secondary_secret FROM devices WHERE number > ?1 "
                "ORDER BY number LIMIT 1");
            next.bind(1, last);
            if (!next.next()) return next.error();
            last = next.number(0);
            device.secret = next.text(1);
            device.secondary_secret = next.text(2);
        }
        const auto number = static_cast<std::uint64_t>(last);
        if (const auto error = put_secrets(database, box, number, device)) return error;
    }
}

std::error_code remove_device(Database& database, std::string_view device_id) {
    const std::error_code error =
        database.statement("DELETE FROM devices WHERE device_id = ?1").bind(1, device_id).run();
    if (error) return translate(error, CatalogueError::still_in_use);
    return database.changes() == 0 ? CatalogueError::not_found : std::error_code{};
}

std::error_code list_removed_devices(Database& database, std::vector<RemovedDevice>& removed) {
    constexpr std::int64_t page = 1'000;
    Statement rows = database.statement(
        "SELECT number, device_id FROM removed_devices ORDER BY number LIMIT ?1");
    rows.bind(1, page);
    while (rows.next()) {
        removed.push_back({static_cast<std::uint64_t>(rows.number(0)), std::string{rows.text(1)}});
    }
    return rows.error();
}

std::error_code forget_removed_device(Database& database, std::uint64_t number) {
    return database.statement("DELETE FROM removed_devices WHERE number = ?1")
        .bind(1, static_cast<std::int64_t>(number))
        .run();
}

std::error_code put_connection_changes(Database& database,
                                       const std::vector<ConnectionChange>& changes) {
    for (const ConnectionChange& change : changes) {
        const std::error_code error =
            database.statement("UPDATE devices SET connection_changed_at = ?2 WHERE number = ?1")
                .bind(1, static_cast<std::int64_t>(change.number))
                .bind(2, milliseconds_of(change.at))
                .run();
        if (error) return error;
    }
    return {};
}

}  // namespace holdfast::store
