#include "api/awaited_catalogue.hpp"

#include "api/await_answer.hpp"

#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

using boost::asio::awaitable;
using store::CataloguePage;
using store::DevicePtr;
using store::DocumentPtr;
using store::Link;
using store::ProductPtr;

Awaited<DocumentPtr> AwaitedCatalogue::add(store::Document document, std::size_t count_max) const {
    const auto begin = [&](auto done) {
        catalogue_.documents().add(std::move(document), count_max, executor_, done);
    };
    co_return co_await await_answer<std::error_code, DocumentPtr>(begin);
}

Awaited<DocumentPtr> AwaitedCatalogue::put(store::Document document) const {
    const auto begin = [&](auto done) {
        catalogue_.documents().put(std::move(document), executor_, done);
    };
    co_return co_await await_answer<std::error_code, DocumentPtr>(begin);
}

Awaited<DocumentPtr> AwaitedCatalogue::find(store::DocumentKind kind, std::string id) const {
    const auto begin = [&](auto done) {
        catalogue_.documents().find(kind, std::move(id), executor_, done);
    };
    co_return co_await await_answer<std::error_code, DocumentPtr>(begin);
}

Awaited<DocumentPtr> AwaitedCatalogue::change(store::DocumentKind kind, std::string id,
                                              store::DocumentChange change) const {
    const auto begin = [&](auto done) {
        catalogue_.documents().change(kind, std::move(id), std::move(change), executor_, done);
    };
    co_return co_await await_answer<std::error_code, DocumentPtr>(begin);
}

awaitable<std::error_code> AwaitedCatalogue::remove(store::DocumentKind kind,
                                                    std::string id) const {
    const auto begin = [&](auto done) {
        catalogue_.documents().remove(kind, std::move(id), executor_, done);
    };
    co_return co_await await_answer<std::error_code>(begin);
}

Awaited<CataloguePage<DocumentPtr>> AwaitedCatalogue::list(store::DocumentQuery query) const {
    const auto begin = [&](auto done) {
        catalogue_.documents().list(std::move(query), executor_, done);
    };
    co_return co_await await_answer<std::error_code, CataloguePage<DocumentPtr>>(begin);
}

awaitable<std::error_code> AwaitedCatalogue::put_links(std::vector<Link> links) const {
    const auto begin = [&](auto done) {
        catalogue_.documents().put_links(std::move(links), executor_, done);
    };
    co_return co_await await_answer<std::error_code>(begin);
}

awaitable<std::error_code> AwaitedCatalogue::remove_links(std::vector<Link> links) const {
    const auto begin = [&](auto done) {
        catalogue_.documents().remove_links(std::move(links), executor_, done);
    };
    co_return co_await await_answer<std::error_code>(begin);
}

Awaited<CataloguePage<Link>> AwaitedCatalogue::list_links(store::LinkQuery query) const {
    const auto begin = [&](auto done) {
        catalogue_.documents().list_links(std::move(query), executor_, done);
    };
    co_return co_await await_answer<std::error_code, CataloguePage<Link>>(begin);
}

Awaited<std::vector<Link>> AwaitedCatalogue::find_links(store::LinkKind kind,
                                                        std::vector<std::string> sources) const {
    const auto begin = [&](auto done) {
        catalogue_.documents().find_links(kind, std::move(sources), executor_, done);
    };
    co_return co_await await_answer<std::error_code, std::vector<Link>>(begin);
}

Awaited<DevicePtr> AwaitedCatalogue::find_device(std::string device_id) const {
    if (DevicePtr cached = catalogue_.cached_device(device_id)) {
        co_return std::tuple{std::error_code{}, std::move(cached)};
    }
    const auto begin = [&](auto done) {
        catalogue_.find_device(std::move(device_id), executor_, done);
    };
    co_return co_await await_answer<std::error_code, DevicePtr>(begin);
}

Awaited<DevicePtr> AwaitedCatalogue::change_device(std::string device_id,
                                                   store::DeviceChange change) const {
    const auto begin = [&](auto done) {
        catalogue_.change_device(std::move(device_id), std::move(change), executor_, done);
    };
    co_return co_await await_answer<std::error_code, DevicePtr>(begin);
}

Awaited<ProductPtr> AwaitedCatalogue::find_product(std::string product_id) const {
    if (ProductPtr cached = catalogue_.cached_product(product_id)) {
        co_return std::tuple{std::error_code{}, std::move(cached)};
    }
    const auto begin = [&](auto done) {
        catalogue_.find_product(std::move(product_id), executor_, done);
    };
    co_return co_await await_answer<std::error_code, ProductPtr>(begin);
}

Awaited<CataloguePage<DevicePtr>> AwaitedCatalogue::list_devices(store::DeviceQuery query) const {
    const auto begin = [&](auto done) {
        catalogue_.list_devices(std::move(query), executor_, done);
    };
    co_return co_await await_answer<std::error_code, CataloguePage<DevicePtr>>(begin);
}

Awaited<CataloguePage<DevicePtr>> AwaitedCatalogue::search_devices(
    store::DeviceSearch search) const {
    const auto begin = [&](auto done) {
        catalogue_.search_devices(std::move(search), executor_, done);
    };
    co_return co_await await_answer<std::error_code, CataloguePage<DevicePtr>>(begin);
}

Awaited<CataloguePage<ProductPtr>> AwaitedCatalogue::list_products(
    store::ProductQuery query) const {
    const auto begin = [&](auto done) {
        catalogue_.list_products(std::move(query), executor_, done);
    };
    co_return co_await await_answer<std::error_code, CataloguePage<ProductPtr>>(begin);
}

}  // namespace holdfast::api
