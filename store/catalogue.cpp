#include "store/catalogue.hpp"

#include "base/error.hpp"

#include <string>
#include <utility>

namespace holdfast::store {

namespace {

class CatalogueCategory final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "catalogue"; }
    [[nodiscard]] std::string message(int code) const override {
        switch (static_cast<CatalogueError>(code)) {
            case CatalogueError::not_found: return "not found";
            case CatalogueError::already_exists: return "already exists";
            case CatalogueError::still_in_use: return "still in use";
            case CatalogueError::limit_reached: return "the catalogue's limit is reached";
            case CatalogueError::secret_unreadable:
                return "the device's secret was not encrypted for it with this data directory's "
                       "key";
        }
        UNREACHABLE();
    }
};

}  // namespace

std::error_code make_error_code(CatalogueError error) {
    static const CatalogueCategory category;
    return {static_cast<int>(error), category};
}

void Catalogue::change_device(std::string device_id, DeviceChange change, Executor& executor,
                              DeviceAnswer done) {
    find_device(std::move(device_id), executor,
                [this, &executor, change = std::move(change), done = std::move(done)](
                    std::error_code error, const DevicePtr& found) {
                    if (error) return done(error, nullptr);
                    Device changed = *found;
                    if (const auto refused = change(changed)) return done(refused, nullptr);
                    update_device(std::move(changed), executor, done);
                });
}

void Catalogue::change_product(std::string product_id, ProductChange change, Executor& executor,
                               ProductAnswer done) {
    find_product(std::move(product_id), executor,
                 [this, &executor, change = std::move(change), done = std::move(done)](
                     std::error_code error, const ProductPtr& found) {
                     if (error) return done(error, nullptr);
                     Product changed = *found;
                     if (const auto refused = change(changed)) return done(refused, nullptr);
                     update_product(std::move(changed), executor, done);
                 });
}

}  // namespace holdfast::store
