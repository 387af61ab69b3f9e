#pragma once
// Documents and links as rows of SQLite: what each call of Documents does with the database. Errors are
// CatalogueError where the contract names one, else the database's own. Threads: those of the Database.

#include "base/secret_box.hpp"
#include "store/documents.hpp"
#include "store/sqlite_database.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace holdfast::store {

std::error_code add_document(Database& database, const SecretBox& box, Document document,
                             std::size_t count_max, DocumentPtr& added);
std::error_code put_document(Database& database, const SecretBox& box, const Document& document,
                             DocumentPtr& put);
std::error_code find_document(Database& database, const SecretBox& box, DocumentKind kind,
                              std::string_view id, DocumentPtr& found);
/// Null for one that is not there.
std::error_code find_documents(Database& database, const SecretBox& box, DocumentKind kind,
                               const std::vector<std::string>& ids, std::vector<DocumentPtr>& found);
std::error_code change_document(Database& database, const SecretBox& box, DocumentKind kind,
                                std::string_view id, const DocumentChange& change,
                                DocumentPtr& changed);
std::error_code remove_document(Database& database, DocumentKind kind, std::string_view id);
std::error_code list_documents(Database& database, const SecretBox& box, const DocumentQuery& query,
                               CataloguePage<DocumentPtr>& page);
std::error_code remove_listed_documents(Database& database, const DocumentQuery& query,
                                        std::size_t& removed);

std::error_code put_links(Database& database, const std::vector<Link>& links);
std::error_code remove_links(Database& database, const std::vector<Link>& links);
/// Of every target of that source.
std::error_code remove_links_of(Database& database, DocumentKind kind, std::string_view source);
std::error_code list_links(Database& database, const LinkQuery& query, CataloguePage<Link>& page);
std::error_code find_links(Database& database, LinkKind kind,
                           const std::vector<std::string>& sources, std::vector<Link>& found);

}  // namespace holdfast::store
