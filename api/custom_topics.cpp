#include "api/custom_topics.hpp"

#include "api/waiting_executor.hpp"

#include <system_error>
#include <utility>

namespace holdfast::api {

Result<void> load_custom_topics(store::Catalogue& catalogue, CustomTopics& topics) {
    constexpr std::size_t products_per_page = 100;
    WaitingExecutor executor;
    store::ProductQuery query;
    query.paging.limit = products_per_page;
    while (true) {
        std::error_code failed;
        store::CataloguePage<store::ProductPtr> page;
        catalogue.list_products(query, executor, [&](std::error_code error, auto read) {
            failed = error;
            page = std::move(read);
        });
        executor.run_one();
        if (failed) return failed;
        if (page.records.empty()) return {};
        for (const store::ProductPtr& product : page.records) {
            if (!product->topics.empty()) topics.put(product->product_id, product->topics);
        }
        query.paging.marker = page.marker;
    }
}

}  // namespace holdfast::api
