#include "store/sqlite_schema.hpp"

#include "store/secret_keys.hpp"
#include "store/sqlite_records.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace holdfast::store {

namespace {

constexpr std::int64_t application_id = 0x48466374;  // "HFct"

/// Numbers are AUTOINCREMENT: none is ever used again, not even that of a deleted last device. Totals are
/// kept by triggers, because counting a large table for every page or limit would read all of it.
constexpr std::string_view version_1 = R"sql(
CREATE TABLE products(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL,
    name TEXT NOT NULL,
    device_type TEXT NOT NULL,
    protocol_type TEXT NOT NULL,
    data_format TEXT NOT NULL,
    manufacturer_name TEXT NOT NULL,
    industry TEXT NOT NULL,
    description TEXT NOT NULL,
    service_capabilities TEXT NOT NULL,
    created_at INTEGER NOT NULL);
CREATE TABLE product_topics(
    product_id TEXT NOT NULL REFERENCES products(product_id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    suffix TEXT NOT NULL,
    may_publish INTEGER NOT NULL,
    may_subscribe INTEGER NOT NULL,
    PRIMARY KEY(product_id, place)) WITHOUT ROWID;
CREATE TABLE devices(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id TEXT NOT NULL UNIQUE,
    node_id TEXT NOT NULL,
    device_name TEXT NOT NULL,
    product_id TEXT NOT NULL REFERENCES products(product_id),
    app_id TEXT NOT NULL,
    gateway_id TEXT REFERENCES devices(device_id),
    description TEXT NOT NULL,
    secret TEXT NOT NULL,
    secondary_secret TEXT NOT NULL,
    is_frozen INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    extension_info TEXT NOT NULL,
    is_secure_access INTEGER NOT NULL,
    activation_timeout INTEGER NOT NULL);
CREATE INDEX devices_by_product ON devices(product_id);
CREATE INDEX devices_by_gateway ON devices(gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX devices_by_node ON devices(node_id);
CREATE INDEX devices_by_name ON devices(device_name);
CREATE TABLE users(
    name TEXT NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE settings(
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE totals(name TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO totals VALUES('devices', 0), ('products', 0);
CREATE TRIGGER device_added AFTER INSERT ON devices BEGIN
    UPDATE totals SET count = count + 1 WHERE name = 'devices'; END;
CREATE TRIGGER device_removed AFTER DELETE ON devices BEGIN
    UPDATE totals SET count = count - 1 WHERE name = 'devices'; END;
CREATE TRIGGER product_added AFTER INSERT ON products BEGIN
    UPDATE totals SET count = count + 1 WHERE name = 'products'; END;
CREATE TRIGGER product_removed AFTER DELETE ON products BEGIN
    UPDATE totals SET count = count - 1 WHERE name = 'products'; END;
)sql";

/// What a deleted device leaves elsewhere is known as long as it is perhaps there.
constexpr std::string_view version_2 = R"sql(
CREATE TABLE removed_devices(
    number INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL);
CREATE TRIGGER device_removed_elsewhere AFTER DELETE ON devices BEGIN
    INSERT INTO removed_devices VALUES(old.number, old.device_id); END;
)sql";

/// And what SQL cannot do: seal_everything().
constexpr std::string_view version_3 = R"sql(
ALTER TABLE devices ADD COLUMN auth_type INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN secondary_fingerprint TEXT NOT NULL DEFAULT '';
)sql";

/// What needs no table of its own. What belongs to a device goes with it; the numbers of kinds are those
/// of DocumentKind and LinkKind.
constexpr std::string_view version_4 = R"sql(
CREATE TABLE documents(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    secret TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE(kind, id));
CREATE INDEX documents_by_parent ON documents(kind, parent);
CREATE INDEX documents_by_name ON documents(kind, name);
CREATE TABLE document_totals(kind INTEGER NOT NULL PRIMARY KEY, count INTEGER NOT NULL);
CREATE TRIGGER document_added AFTER INSERT ON documents BEGIN
    INSERT INTO document_totals VALUES(new.kind, 1) ON CONFLICT(kind) DO UPDATE SET count = count + 1; END;
CREATE TRIGGER document_removed AFTER DELETE ON documents BEGIN
    UPDATE document_totals SET count = count - 1 WHERE kind = old.kind; END;
CREATE TABLE links(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE(kind, source, target));
CREATE INDEX links_by_target ON links(kind, target, value);
CREATE INDEX links_by_value ON links(kind, source, value);
CREATE TRIGGER device_removed_links AFTER DELETE ON devices BEGIN
    DELETE FROM links WHERE kind = 1 AND target = old.device_id;
    DELETE FROM links WHERE kind = 2 AND target = 'device/' || old.device_id;
    DELETE FROM links WHERE kind = 3 AND source = old.device_id;
    DELETE FROM documents WHERE kind IN (13, 14) AND id = old.device_id; END;
CREATE TRIGGER product_removed_links AFTER DELETE ON products BEGIN
    DELETE FROM links WHERE kind = 2 AND target = 'product/' || old.product_id; END;
)sql";

/// For lists by resource space and by time, and when a device's connection last began or ended.
constexpr std::string_view version_5 = R"sql(
ALTER TABLE devices ADD COLUMN connection_changed_at INTEGER;
CREATE INDEX devices_by_app ON devices(app_id);
CREATE INDEX devices_by_creation ON devices(created_at);
)sql";

/// Documents that are too old are found without reading the others.
constexpr std::string_view version_6 = R"sql(
CREATE INDEX documents_by_age ON documents(kind, created_at);
)sql";

/// migrations[n] makes version n + 1 from version n. A released one never changes.
constexpr std::array<std::string_view, catalogue_version> migrations{
    version_1, version_2, version_3, version_4, version_5, version_6};

std::error_code read_number(Database& database, std::string_view sql, std::int64_t& number) {
    Statement query = database.statement(sql);
    if (query.next()) number = query.number(0);
    return query.error();
}

CatalogueOpenFailure unusable(std::errc code, const std::string& path, std::string_view what) {
    return {std::make_error_code(code), "the catalogue " + path + " " + std::string{what}};
}

/// How it is written from now on. The lock is taken for as long as the database is open: another
/// process that wrote would make the cache wrong.
std::error_code take(Database& database) {
    std::string journal_mode;  // "memory" for ":memory:"
    if (const auto error = database.read("PRAGMA journal_mode = WAL", journal_mode)) return error;
    if (const auto error = database.execute("PRAGMA synchronous = FULL")) return error;
    if (const auto error = database.execute("PRAGMA foreign_keys = ON")) return error;
    if (const auto error = database.execute("BEGIN IMMEDIATE")) return error;
    return database.execute("COMMIT");
}

/// Whose it is and of which version, without changing it.
std::optional<CatalogueOpenFailure> check_owner(Database& database, const std::string& path,
                                                std::int64_t& version) {
    std::int64_t tables = 0;
    std::int64_t owner = 0;
    if (const auto error = database.execute("PRAGMA locking_mode = EXCLUSIVE")) {
        return open_failure(error, path);
    }
    for (const auto& [sql, number] :
         {std::pair{"SELECT count(*) FROM sqlite_schema", &tables},
          std::pair{"PRAGMA application_id", &owner}, std::pair{"PRAGMA user_version", &version}}) {
        if (const auto error = read_number(database, sql, *number)) {
            return open_failure(error, path);
        }
    }
    const bool is_new = tables == 0 && owner == 0 && version == 0;
    if (!is_new && owner != application_id) {
        return unusable(std::errc::invalid_argument, path,
                        "is the database of another program; name another file");
    }
    if (version <= catalogue_version) return std::nullopt;
    return unusable(std::errc::not_supported, path,
                    "has the format " + std::to_string(version) +
                        " of a newer Holdfast, and this one knows formats up to " +
                        std::to_string(catalogue_version) +
                        "; start the newer program, or put a backup in its place");
}

/// From now on every secret is encrypted, those that are there among them.
std::error_code seal_everything(Database& database, const SecretBox& box) {
    if (const auto error = mark_secret_key(database, box)) return error;
    return seal_secrets(database, box);
}

std::error_code migrate_to_newest(Database& database, std::int64_t version, const SecretBox& box) {
    if (const auto error = database.execute("BEGIN IMMEDIATE")) return error;
    for (std::int64_t next = version + 1; next <= catalogue_version; ++next) {
        const std::string sql{migrations.at(static_cast<std::size_t>(next - 1))};
        if (const auto error = database.execute(sql)) return error;
        if (next != encrypted_since_version) continue;
        if (const auto error = seal_everything(database, box)) return error;
    }
    return database.execute("PRAGMA application_id = " + std::to_string(application_id) +
                            ";PRAGMA user_version = " + std::to_string(catalogue_version) +
                            ";COMMIT");
}

/// What was in plain text is not in unused places of the file either. Not vital: it may fail on a full disk.
void wipe_unused(Database& database) {
    (void)database.execute("VACUUM");
    (void)database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

std::error_code migrate(Database& database, std::int64_t version, const SecretBox& box) {
    if (version == catalogue_version) return {};
    if (const auto error = migrate_to_newest(database, version, box)) {
        if (database.is_in_transaction()) (void)database.execute("ROLLBACK");
        return error;
    }
    if (version > 0 && version < encrypted_since_version) wipe_unused(database);
    return {};
}

}  // namespace

CatalogueOpenFailure open_failure(std::error_code error, const std::string& path) {
    std::string sentence = "the catalogue " + path + " cannot be used: " + error.message();
    switch (fault_of(error)) {
        case SqliteFault::busy:
            sentence =
                "the catalogue " + path +
                " is in use by another process; stop that one, or use another data directory";
            break;
        case SqliteFault::corrupt:
            sentence = "the catalogue " + path + " is damaged or no catalogue (" + error.message() +
                       "); move it away and put a backup in its place";
            break;
        case SqliteFault::cannot_open:
            sentence = "the catalogue " + path +
                       " cannot be opened; its folder must exist and this user must be able to "
                       "write there";
            break;
        default: break;
    }
    return {error, std::move(sentence)};
}

std::optional<CatalogueOpenFailure> prepare_catalogue(Database& database, const std::string& path,
                                                      std::unique_ptr<SecretBox>& box) {
    if (database.is_read_only()) {
        return unusable(std::errc::read_only_file_system, path,
                        "cannot be written; give this user the right to write it");
    }
    std::int64_t version = 0;
    if (auto failure = check_owner(database, path, version)) return failure;
    if (const auto error = take(database)) return open_failure(error, path);
    std::string findings;
    if (const auto error = database.read("PRAGMA quick_check(1)", findings)) {
        return open_failure(error, path);
    }
    if (findings != "ok") {
        return unusable(
            std::errc::io_error, path,
            "is damaged (" + findings + "); move it away and put a backup in its place");
    }
    auto opened = open_secret_box(database, path, version);
    if (opened.has_error()) return opened.error();
    box = *std::move(opened);
    if (const auto error = migrate(database, version, *box)) return open_failure(error, path);
    return std::nullopt;
}

}  // namespace holdfast::store
