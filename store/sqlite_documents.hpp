#pragma once
// SqliteDocuments: the Documents of an SQLite catalogue. Nothing is cached: who needs a document often keeps
// it. Threads and lifetime: those of Documents; the worker and the box outlive it.

#include "base/secret_box.hpp"
#include "store/documents.hpp"
#include "store/sqlite_worker.hpp"

#include <string>
#include <vector>

namespace holdfast::store {

class SqliteDocuments final : public Documents {
public:
    SqliteDocuments(SqliteWorker& worker, const SecretBox& box) : worker_(worker), box_(box) {}

    void add(Document document, std::size_t count_max, Executor& executor,
             DocumentAnswer done) override;
    void put(Document document, Executor& executor, DocumentAnswer done) override;
    void find(DocumentKind kind, std::string id, Executor& executor, DocumentAnswer done) override;
    void find_all(DocumentKind kind, std::vector<std::string> ids, Executor& executor,
                  DocumentsFound done) override;
    void change(DocumentKind kind, std::string id, DocumentChange change, Executor& executor,
                DocumentAnswer done) override;
    void remove(DocumentKind kind, std::string id, Executor& executor, Answered done) override;
    void list(DocumentQuery query, Executor& executor, DocumentsAnswer done) override;
    void remove_listed(DocumentQuery query, Executor& executor, CountAnswer done) override;

    void put_links(std::vector<Link> links, Executor& executor, Answered done) override;
    void remove_links(std::vector<Link> links, Executor& executor, Answered done) override;
    void list_links(LinkQuery query, Executor& executor, LinksAnswer done) override;
    void find_links(LinkKind kind, std::vector<std::string> sources, Executor& executor,
                    LinksFound done) override;

private:
    SqliteWorker& worker_;
    const SecretBox& box_;
};

}  // namespace holdfast::store
