#include "api/stored_documents.hpp"

#include "api/waiting_executor.hpp"

#include <utility>

namespace holdfast::api {

namespace {

constexpr std::size_t records_per_page = 1'000;

/// Page after page, as `list` begins the query of one.
template <class Record, class Query, class List, class Act>
Result<void> visit_pages(Query query, List list, Act act) {
    WaitingExecutor executor;
    query.paging.limit = records_per_page;
    while (true) {
        std::error_code failed;
        store::CataloguePage<Record> page;
        list(query, executor, [&](std::error_code error, store::CataloguePage<Record> read) {
            failed = error;
            page = std::move(read);
        });
        executor.run_one();
        if (failed) return boost::system::error_code{failed};
        if (page.records.empty()) return {};
        for (Record& record : page.records) act(std::move(record));
        query.paging.marker = page.marker;
    }
}

template <class Record, class Query, class List>
Result<std::vector<Record>> read_pages(Query query, List list) {
    std::vector<Record> records;
    const auto visited = visit_pages<Record>(
        std::move(query), list, [&](Record record) { records.push_back(std::move(record)); });
    if (visited.has_error()) return visited.error();
    return records;
}

/// Begins the query of a page of documents.
auto lister_of(store::Documents& documents) {
    return [&documents](const store::DocumentQuery& asked, store::Executor& executor,
                        store::DocumentsAnswer done) {
        documents.list(asked, executor, std::move(done));
    };
}

}  // namespace

Result<std::vector<store::DocumentPtr>> read_all(store::Documents& documents,
                                                 store::DocumentKind kind, bool with_secrets) {
    store::DocumentQuery query;
    query.kind = kind;
    query.with_secrets = with_secrets;
    return read_pages<store::DocumentPtr>(query, lister_of(documents));
}

Result<void> visit_all(store::Documents& documents, store::DocumentQuery query,
                       const std::function<void(const store::DocumentPtr&)>& act) {
    return visit_pages<store::DocumentPtr>(std::move(query), lister_of(documents), act);
}

Result<std::vector<store::Link>> read_all(store::Documents& documents, store::LinkKind kind) {
    store::LinkQuery query;
    query.kind = kind;
    return read_pages<store::Link>(
        query, [&documents](const store::LinkQuery& asked, store::Executor& executor,
                            store::LinksAnswer done) {
            documents.list_links(asked, executor, std::move(done));
        });
}

Result<store::DocumentPtr> put_now(store::Documents& documents, store::Document document) {
    WaitingExecutor executor;
    std::error_code failed;
    store::DocumentPtr kept;
    documents.put(std::move(document), executor,
                  [&](std::error_code error, store::DocumentPtr put) {
                      failed = error;
                      kept = std::move(put);
                  });
    executor.run_one();
    if (failed) return boost::system::error_code{failed};
    return kept;
}

}  // namespace holdfast::api
