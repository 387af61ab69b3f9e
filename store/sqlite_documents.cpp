#include "store/sqlite_documents.hpp"

#include "store/sqlite_call.hpp"
#include "store/sqlite_document_records.hpp"

#include <utility>

namespace holdfast::store {

namespace {

constexpr auto nothing = [](const auto&) {};

}  // namespace

void SqliteDocuments::add(Document document, std::size_t count_max, Executor& executor,
                          DocumentAnswer done) {
    submit<DocumentPtr>(
        worker_, CallKind::change, executor,
        [this, document = std::move(document), count_max](Database& database, DocumentPtr& added) {
            return add_document(database, box_, document, count_max, added);
        },
        nothing, std::move(done));
}

void SqliteDocuments::put(Document document, Executor& executor, DocumentAnswer done) {
    submit<DocumentPtr>(
        worker_, CallKind::change, executor,
        [this, document = std::move(document)](Database& database, DocumentPtr& put) {
            return put_document(database, box_, document, put);
        },
        nothing, std::move(done));
}

void SqliteDocuments::find(DocumentKind kind, std::string id, Executor& executor,
                           DocumentAnswer done) {
    submit<DocumentPtr>(
        worker_, CallKind::read, executor,
        [this, kind, id = std::move(id)](Database& database, DocumentPtr& found) {
            return find_document(database, box_, kind, id, found);
        },
        nothing, std::move(done));
}

void SqliteDocuments::find_all(DocumentKind kind, std::vector<std::string> ids, Executor& executor,
                               DocumentsFound done) {
    submit<std::vector<DocumentPtr>>(
        worker_, CallKind::read, executor,
        [this, kind, ids = std::move(ids)](Database& database, std::vector<DocumentPtr>& found) {
            return find_documents(database, box_, kind, ids, found);
        },
        nothing, std::move(done));
}

void SqliteDocuments::change(DocumentKind kind, std::string id, DocumentChange change,
                             Executor& executor, DocumentAnswer done) {
    submit<DocumentPtr>(
        worker_, CallKind::change, executor,
        [this, kind, id = std::move(id), change = std::move(change)](Database& database,
                                                                     DocumentPtr& changed) {
            return change_document(database, box_, kind, id, change, changed);
        },
        nothing, std::move(done));
}

void SqliteDocuments::remove(DocumentKind kind, std::string id, Executor& executor, Answered done) {
    submit_change(
        worker_, executor,
        [kind, id = std::move(id)](Database& database) {
            return remove_document(database, kind, id);
        },
        [] {}, std::move(done));
}

void SqliteDocuments::list(DocumentQuery query, Executor& executor, DocumentsAnswer done) {
    submit<CataloguePage<DocumentPtr>>(
        worker_, CallKind::read, executor,
        [this, query = std::move(query)](Database& database, CataloguePage<DocumentPtr>& page) {
            return list_documents(database, box_, query, page);
        },
        nothing, std::move(done));
}

void SqliteDocuments::remove_listed(DocumentQuery query, Executor& executor, CountAnswer done) {
    submit<std::size_t>(
        worker_, CallKind::change, executor,
        [query = std::move(query)](Database& database, std::size_t& removed) {
            return remove_listed_documents(database, query, removed);
        },
        nothing, std::move(done));
}

void SqliteDocuments::put_links(std::vector<Link> links, Executor& executor, Answered done) {
    submit_change(
        worker_, executor,
        [links = std::move(links)](Database& database) {
            return store::put_links(database, links);
        },
        [] {}, std::move(done));
}

void SqliteDocuments::remove_links(std::vector<Link> links, Executor& executor, Answered done) {
    submit_change(
        worker_, executor,
        [links = std::move(links)](Database& database) {
            return store::remove_links(database, links);
        },
        [] {}, std::move(done));
}

void SqliteDocuments::list_links(LinkQuery query, Executor& executor, LinksAnswer done) {
    submit<CataloguePage<Link>>(
        worker_, CallKind::read, executor,
        [query = std::move(query)](Database& database, CataloguePage<Link>& page) {
            return store::list_links(database, query, page);
        },
        nothing, std::move(done));
}

void SqliteDocuments::find_links(LinkKind kind, std::vector<std::string> sources,
                                 Executor& executor, LinksFound done) {
    submit<std::vector<Link>>(
        worker_, CallKind::read, executor,
        [kind, sources = std::move(sources)](Database& database, std::vector<Link>& found) {
            return store::find_links(database, kind, sources, found);
        },
        nothing, std::move(done));
}

}  // namespace holdfast::store
