#pragma once
// AwaitedCatalogue: the catalogue and its documents for handlers: each call is one that can be awaited. The
// answers are those of store/catalogue.hpp and store/documents.hpp, errors included.
// Threads: `executor` is that of the shard on which the handlers run. Lifetime: outlives what awaits.

#include "store/catalogue.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

namespace holdfast::api {

template <class T>
using Awaited = boost::asio::awaitable<std::tuple<std::error_code, T>>;

class AwaitedCatalogue {
public:
    AwaitedCatalogue(store::Catalogue& catalogue, store::Executor& executor)
        : catalogue_(catalogue), executor_(executor) {}

    [[nodiscard]] Awaited<store::DocumentPtr> add(store::Document document,
                                                  std::size_t count_max) const;
    [[nodiscard]] Awaited<store::DocumentPtr> put(store::Document document) const;
    [[nodiscard]] Awaited<store::DocumentPtr> find(store::DocumentKind kind, std::string id) const;
    [[nodiscard]] Awaited<store::DocumentPtr> change(store::DocumentKind kind, std::string id,
                                                     store::DocumentChange change) const;
    [[nodiscard]] boost::asio::awaitable<std::error_code> remove(store::DocumentKind kind,
                                                                 std::string id) const;
    [[nodiscard]] Awaited<store::CataloguePage<store::DocumentPtr>> list(
        store::DocumentQuery query) const;

    [[nodiscard]] boost::asio::awaitable<std::error_code> put_links(
        std::vector<store::Link> links) const;
    [[nodiscard]] boost::asio::awaitable<std::error_code> remove_links(
        std::vector<store::Link> links) const;
    [[nodiscard]] Awaited<store::CataloguePage<store::Link>> list_links(
        store::LinkQuery query) const;
    [[nodiscard]] Awaited<std::vector<store::Link>> find_links(
        store::LinkKind kind, std::vector<std::string> sources) const;

    [[nodiscard]] Awaited<store::DevicePtr> find_device(std::string device_id) const;
    [[nodiscard]] Awaited<store::DevicePtr> change_device(std::string device_id,
                                                          store::DeviceChange change) const;
    [[nodiscard]] Awaited<store::ProductPtr> find_product(std::string product_id) const;
    [[nodiscard]] Awaited<store::CataloguePage<store::DevicePtr>> list_devices(
        store::DeviceQuery query) const;
    [[nodiscard]] Awaited<store::CataloguePage<store::DevicePtr>> search_devices(
        store::DeviceSearch search) const;
    [[nodiscard]] Awaited<store::CataloguePage<store::ProductPtr>> list_products(
        store::ProductQuery query) const;

private:
    store::Catalogue& catalogue_;
    store::Executor& executor_;
};

}  // namespace holdfast::api
