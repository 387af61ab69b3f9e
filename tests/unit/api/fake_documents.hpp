#pragma once
// Documents in memory that answer through the test's executor. Links are nobody's business here.

#include "base/error.hpp"
#include "store/documents.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace holdfast::api {

class FakeDocuments final : public store::Documents {
public:
    std::map<std::pair<store::DocumentKind, std::string>, store::Document> kept;
    std::error_code failure;                     ///< of everything that is asked
    std::optional<store::DocumentKind> failing;  ///< lists of this kind fail
    std::size_t writes = 0;

    void set(store::Document document) { kept[{document.kind, document.id}] = document; }
    [[nodiscard]] std::string body(store::DocumentKind kind, const std::string& id) const {
        const auto found = kept.find({kind, id});
        return found == kept.end() ? "" : found->second.body;
    }

    void add(store::Document, std::size_t, store::Executor&, store::DocumentAnswer) override {
        UNREACHABLE();
    }
    void put(store::Document document, store::Executor& executor,
             store::DocumentAnswer done) override {
        ++writes;
        if (!failure) set(document);
        auto answer = std::make_shared<const store::Document>(std::move(document));
        executor.post([failed = failure, answer, done] { done(failed, answer); });
    }
    void find(store::DocumentKind, std::string, store::Executor&, store::DocumentAnswer) override {
        UNREACHABLE();
    }
    void find_all(store::DocumentKind, std::vector<std::string>, store::Executor&,
                  store::DocumentsFound) override {
        UNREACHABLE();
    }
    void change(store::DocumentKind, std::string, store::DocumentChange, store::Executor&,
                store::DocumentAnswer) override {
        UNREACHABLE();
    }
    void remove(store::DocumentKind kind, std::string id, store::Executor& executor,
                store::Answered done) override {
        kept.erase({kind, id});
        executor.post([done] { done({}); });
    }
    /// Of the kind, latest first, as many as are asked for behind the marker.
    void list(store::DocumentQuery query, store::Executor& executor,
              store::DocumentsAnswer done) override {
        store::CataloguePage<store::DocumentPtr> page;
        for (auto each = kept.rbegin(); each != kept.rend(); ++each) {
            const std::string& marker = query.paging.marker;
            if (each->first.first != query.kind || page.records.size() == query.paging.limit)
                continue;
            if (!marker.empty() && each->first.second >= marker) continue;
            page.records.push_back(std::make_shared<const store::Document>(each->second));
            page.marker = each->first.second;
        }
        std::error_code failed = failure;
        if (failing == query.kind) failed = std::make_error_code(std::errc::io_error);
        executor.post([failed, page = std::move(page), done] { done(failed, page); });
    }
    void remove_listed(store::DocumentQuery, store::Executor&, store::CountAnswer) override {
        UNREACHABLE();
    }
    void put_links(std::vector<store::Link>, store::Executor&, store::Answered) override {
        UNREACHABLE();
    }
    void remove_links(std::vector<store::Link>, store::Executor&, store::Answered) override {
        UNREACHABLE();
    }
    void list_links(store::LinkQuery, store::Executor&, store::LinksAnswer) override {
        UNREACHABLE();
    }
    void find_links(store::LinkKind, std::vector<std::string>, store::Executor&,
                    store::LinksFound) override {
        UNREACHABLE();
    }
};

}  // namespace holdfast::api
