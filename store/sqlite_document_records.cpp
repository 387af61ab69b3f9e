// Documents of sqlite_document_records.hpp.

#include "store/sqlite_document_records.hpp"

#include "store/sqlite_records.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace holdfast::store {

namespace {

constexpr std::string_view columns = "id, parent, name, body, secret, created_at";

std::int64_t number_of_kind(DocumentKind kind) { return static_cast<std::int64_t>(kind); }

/// What a secret is bound to.
std::string place_of(DocumentKind kind, std::string_view id) {
    return "document/" + std::to_string(number_of_kind(kind)) + "/" + std::string{id};
}

std::string sealed(const SecretBox& box, const Document& document) {
    if (document.secret.empty()) return {};
    return box.seal(document.secret, place_of(document.kind, document.id));
}

enum class Secrets : std::uint8_t { left_out, opened };

/// Of a row "number, columns".
std::error_code read_document(const Statement& row, const SecretBox& box, DocumentKind kind,
                              Secrets secrets, DocumentPtr& found) {
    Document document;
    document.kind = kind;
    document.id = row.text(1);
    document.parent = row.text(2);
    document.name = row.text(3);
    document.body = row.text(4);
    document.created_at = time_of(row.number(6));
    if (const std::string secret = row.text(5); secrets == Secrets::opened && !secret.empty()) {
        auto opened = box.open(secret, place_of(kind, document.id));
        if (!opened) return CatalogueError::secret_unreadable;
        document.secret = *std::move(opened);
    }
    found = std::make_shared<const Document>(std::move(document));
    return {};
}

/// The last 16 digits are the row's, so that a page's marker may be the id of its last record, too.
std::string id_of(std::int64_t number, CatalogueTime created_at) {
    constexpr std::size_t digits_of_seconds = 8;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(created_at).time_since_epoch();
    const std::string high = marker_of(seconds.count());
    const std::string low = marker_of(number);
    return high.substr(high.size() - digits_of_seconds) + low.substr(digits_of_seconds);
}

/// Of a marker that is such an id, or marker_of(). Empty: it is neither.
std::optional<std::int64_t> number_before(std::string_view marker) {
    constexpr std::size_t digits_of_seconds = 8;
    if (!number_of(marker)) return std::nullopt;
    if (marker.empty() || marker.find_first_not_of("fF") == std::string_view::npos) {
        return number_of({});
    }
    return number_of(std::string(digits_of_seconds, '0') +
                     std::string{marker.substr(digits_of_seconds)});
}

std::error_code insert_document(Database& database, const SecretBox& box,
                                const Document& document) {
    const std::string secret = sealed(box, document);
    return database
        .statement(
            "INSERT INTO documents(kind, id, parent, name, body, secret, created_at) "
            "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(1, number_of_kind(document.kind))
        .bind(2, std::string_view{document.id})
        .bind(3, std::string_view{document.parent})
        .bind(4, std::string_view{document.name})
        .bind(5, std::string_view{document.body})
        .bind(6, std::string_view{secret})
        .bind(7, milliseconds_of(document.created_at))
        .run();
}

std::error_code replace_document(Database& database, const SecretBox& box,
                                 const Document& document) {
    const std::string secret = sealed(box, document);
    return database
        .statement(
            "UPDATE documents SET parent = ?3, name = ?4, body = ?5, secret = ?6 "
            "WHERE kind = ?1 AND id = ?2")
        .bind(1, number_of_kind(document.kind))
        .bind(2, std::string_view{document.id})
        .bind(3, std::string_view{document.parent})
        .bind(4, std::string_view{document.name})
        .bind(5, std::string_view{document.body})
        .bind(6, std::string_view{secret})
        .run();
}

/// The next row's number is known before it is there: nobody else writes.
std::error_code give_id(Database& database, Document& document) {
    Statement last = database.statement("SELECT seq FROM sqlite_sequence WHERE name = 'documents'");
    const std::int64_t number = last.next() ? last.number(0) + 1 : 1;
    document.id = id_of(number, document.created_at);
    return last.error();
}

std::error_code check_count(Database& database, DocumentKind kind, std::size_t count_max) {
    Statement total = database.statement("SELECT count FROM document_totals WHERE kind = ?1");
    total.bind(1, number_of_kind(kind));
    if (total.next() && total.number(0) > bounded(count_max)) return CatalogueError::limit_reached;
    return total.error();
}

/// Behind every text that begins with `prefix`, which is ASCII and not empty.
std::string end_of_prefix(std::string prefix) {
    ++prefix.back();
    return prefix;
}

/// All but the paging.
Conditions conditions_of(const DocumentQuery& query) {
    Conditions conditions;
    conditions.add("kind = ?", number_of_kind(query.kind));
    if (query.parent) conditions.add("parent = ?", *query.parent);
    if (query.name) conditions.add("name = ?", *query.name);
    if (query.name_prefix) {
        // A time narrows more than the start of a name: the + has SQLite find the time first.
        const bool is_by_time = query.created_until && !query.parent;
        conditions.add(is_by_time ? "+name >= ?" : "name >= ?", *query.name_prefix);
        conditions.add(is_by_time ? "+name < ?" : "name < ?", end_of_prefix(*query.name_prefix));
    }
    if (query.body_prefix) conditions.add("substr(body, 1, length(?)) = ?", *query.body_prefix);
    if (query.created_from) conditions.add("created_at >= ?", milliseconds_of(*query.created_from));
    if (query.created_until) {
        conditions.add("created_at <= ?", milliseconds_of(*query.created_until));
    }
    return conditions;
}

}  // namespace

std::error_code add_document(Database& database, const SecretBox& box, Document document,
                             std::size_t count_max, DocumentPtr& added) {
    if (document.id.empty()) {
        if (const auto error = give_id(database, document)) return error;
    }
    if (const auto error = insert_document(database, box, document)) {
        return translate(error, CatalogueError::not_found);
    }
    if (const auto error = check_count(database, document.kind, count_max)) return error;
    added = std::make_shared<const Document>(std::move(document));
    return {};
}

std::error_code put_document(Database& database, const SecretBox& box, const Document& document,
                             DocumentPtr& put) {
    if (const auto error = replace_document(database, box, document)) return error;
    if (database.changes() == 0) {
        if (const auto error = insert_document(database, box, document)) return error;
    }
    return find_document(database, box, document.kind, document.id, put);
}

std::error_code find_document(Database& database, const SecretBox& box, DocumentKind kind,
                              std::string_view id, DocumentPtr& found) {
    Statement query = database.statement("SELECT number, " + std::string{columns} +
                                         " FROM documents WHERE kind = ?1 AND id = ?2");
    query.bind(1, number_of_kind(kind)).bind(2, id);
    if (!query.next()) return query.error() ? query.error() : CatalogueError::not_found;
    return read_document(query, box, kind, Secrets::opened, found);
}

/// A prepared statement that runs for each costs less than one that SQLite must plan for so many.
std::error_code find_documents(Database& database, const SecretBox& box, DocumentKind kind,
                               const std::vector<std::string>& ids,
                               std::vector<DocumentPtr>& found) {
    for (const std::string& id : ids) {
        DocumentPtr document;
        const std::error_code error = find_document(database, box, kind, id, document);
        if (error && error != CatalogueError::not_found) return error;
        found.push_back(std::move(document));
    }
    return {};
}

std::error_code change_document(Database& database, const SecretBox& box, DocumentKind kind,
                                std::string_view id, const DocumentChange& change,
                                DocumentPtr& changed) {
    DocumentPtr found;
    if (const auto error = find_document(database, box, kind, id, found)) return error;
    Document document = *found;
    if (const auto refused = change(document)) return refused;
    document.kind = kind;
    document.id = id;
    document.created_at = found->created_at;
    if (const auto error = replace_document(database, box, document)) return error;
    changed = std::make_shared<const Document>(std::move(document));
    return {};
}

std::error_code remove_document(Database& database, DocumentKind kind, std::string_view id) {
    const std::error_code error =
        database.statement("DELETE FROM documents WHERE kind = ?1 AND id = ?2")
            .bind(1, number_of_kind(kind))
            .bind(2, id)
            .run();
    if (error) return error;
    if (database.changes() == 0) return CatalogueError::not_found;
    return remove_links_of(database, kind, id);
}

std::error_code list_documents(Database& database, const SecretBox& box, const DocumentQuery& query,
                               CataloguePage<DocumentPtr>& page) {
    const auto before = number_before(query.paging.marker);
    if (!before) return std::make_error_code(std::errc::invalid_argument);
    Conditions conditions = conditions_of(query);
    {
        Statement count = database.statement("SELECT count(*) FROM documents" + conditions.sql());
        conditions.bind_to(count);
        if (count.next()) page.count = static_cast<std::size_t>(count.number(0));
        if (count.error()) return count.error();
    }
    conditions.add("number < ?", *before);
    Statement rows =
        database.statement("SELECT number, " + std::string{columns} + " FROM documents" +
                           conditions.sql() + " ORDER BY number DESC LIMIT ?20 OFFSET ?21");
    conditions.bind_to(rows);
    rows.bind(20, bounded(query.paging.limit)).bind(21, bounded(query.paging.offset));
    const Secrets secrets = query.with_secrets ? Secrets::opened : Secrets::left_out;
    while (rows.next()) {
        DocumentPtr document;
        if (const auto error = read_document(rows, box, query.kind, secrets, document)) {
            return error;
        }
        page.records.push_back(std::move(document));
        page.marker = marker_of(rows.number(0));
    }
    return rows.error();
}

std::error_code remove_listed_documents(Database& database, const DocumentQuery& query,
                                        std::size_t& removed) {
    const auto before = number_before(query.paging.marker);
    if (!before) return std::make_error_code(std::errc::invalid_argument);
    Conditions conditions = conditions_of(query);
    conditions.add("number < ?", *before);
    Statement rows =
        database.statement("DELETE FROM documents WHERE number IN (SELECT number FROM documents" +
                           conditions.sql() + " ORDER BY number DESC LIMIT ?20 OFFSET ?21)");
    conditions.bind_to(rows);
    rows.bind(20, bounded(query.paging.limit)).bind(21, bounded(query.paging.offset));
    if (const auto error = rows.run()) return error;
    removed = static_cast<std::size_t>(database.changes());
    return {};
}

}  // namespace holdfast::store
