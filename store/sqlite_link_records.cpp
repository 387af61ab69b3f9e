// Links of sqlite_document_records.hpp.

#include "store/sqlite_document_records.hpp"
#include "store/sqlite_records.hpp"

#include <optional>
#include <string>

namespace holdfast::store {

namespace {

std::int64_t number_of_kind(LinkKind kind) { return static_cast<std::int64_t>(kind); }

/// What a document's links are; empty: it has none.
std::optional<LinkKind> links_of(DocumentKind kind) {
    switch (kind) {
        case DocumentKind::device_group: return LinkKind::group_device;
        case DocumentKind::device_policy: return LinkKind::policy_target;
        case DocumentKind::batch_task: return LinkKind::task_target;
        default: return std::nullopt;
    }
}

std::error_code put_link(Database& database, const Link& link) {
    return database
        .statement(
            "INSERT INTO links(kind, source, target, value) VALUES(?1, ?2, ?3, ?4) "
            "ON CONFLICT(kind, source, target) DO UPDATE SET value = ?4")
        .bind(1, number_of_kind(link.kind))
        .bind(2, std::string_view{link.source})
        .bind(3, std::string_view{link.target})
        .bind(4, std::string_view{link.value})
        .run();
}

/// A line's end parts them: neither ids nor keys have one.
void add_sibling(Conditions& conditions, const SiblingLink& sibling) {
    constexpr std::string_view exists =
        "EXISTS(SELECT 1 FROM links AS other WHERE other.kind = links.kind "
        "AND other.source = links.source AND ";
    if (sibling.value) {
        conditions.add(std::string{exists} + "other.target || char(10) || other.value = ?)",
                       sibling.target + "\n" + *sibling.value);
    } else {
        conditions.add(std::string{exists} + "other.target = ?)", sibling.target);
    }
}

Conditions conditions_of(const LinkQuery& query) {
    Conditions conditions;
    conditions.add("kind = ?", number_of_kind(query.kind));
    if (query.source) conditions.add("source = ?", *query.source);
    if (query.target) conditions.add("target = ?", *query.target);
    if (query.target_prefix) {
        conditions.add("substr(target, 1, length(?)) = ?", *query.target_prefix);
    }
    if (query.value) conditions.add("value = ?", *query.value);
    if (query.value_prefix) {
        // A range, so that the index finds it: behind every text stands it with the last character.
        conditions.add("value >= ? AND value < ? || char(1114111)", *query.value_prefix);
    }
    for (const SiblingLink& sibling : query.siblings) add_sibling(conditions, sibling);
    return conditions;
}

}  // namespace

std::error_code put_links(Database& database, const std::vector<Link>& links) {
    for (const Link& link : links) {
        if (const auto error = put_link(database, link)) return error;
    }
    return {};
}

std::error_code remove_links(Database& database, const std::vector<Link>& links) {
    for (const Link& link : links) {
        const std::error_code error =
            database.statement("DELETE FROM links WHERE kind = ?1 AND source = ?2 AND target = ?3")
                .bind(1, number_of_kind(link.kind))
                .bind(2, std::string_view{link.source})
                .bind(3, std::string_view{link.target})
                .run();
        if (error) return error;
    }
    return {};
}

std::error_code remove_links_of(Database& database, DocumentKind kind, std::string_view source) {
    const auto links = links_of(kind);
    if (!links) return {};
    return database.statement("DELETE FROM links WHERE kind = ?1 AND source = ?2")
        .bind(1, number_of_kind(*links))
        .bind(2, source)
        .run();
}

std::error_code list_links(Database& database, const LinkQuery& query, CataloguePage<Link>& page) {
    const auto before = number_of(query.paging.marker);
    if (!before) return std::make_error_code(std::errc::invalid_argument);
    Conditions conditions = conditions_of(query);
    {
        Statement count = database.statement("SELECT count(*) FROM links" + conditions.sql());
        conditions.bind_to(count);
        if (count.next()) page.count = static_cast<std::size_t>(count.number(0));
        if (count.error()) return count.error();
    }
    conditions.add("number < ?", *before);
    Statement rows =
        database.statement("SELECT number, source, target, value FROM links" + conditions.sql() +
                           " ORDER BY number DESC LIMIT ?40 OFFSET ?41");
    conditions.bind_to(rows);
    rows.bind(40, bounded(query.paging.limit)).bind(41, bounded(query.paging.offset));
    while (rows.next()) {
        page.records.push_back({query.kind, rows.text(1), rows.text(2), rows.text(3)});
        page.marker = marker_of(rows.number(0));
    }
    return rows.error();
}

std::error_code find_links(Database& database, LinkKind kind,
                           const std::vector<std::string>& sources, std::vector<Link>& found) {
    for (const std::string& source : sources) {
        Statement rows = database.statement(
            "SELECT target, value FROM links WHERE kind = ?1 AND source = ?2 ORDER BY number DESC");
        rows.bind(1, number_of_kind(kind)).bind(2, std::string_view{source});
        while (rows.next()) found.push_back({kind, source, rows.text(0), rows.text(1)});
        if (rows.error()) return rows.error();
    }
    return {};
}

}  // namespace holdfast::store
