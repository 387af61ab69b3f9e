#include "store/catalogue.hpp"

#include "base/error.hpp"

#include <string>

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
        }
        UNREACHABLE();
    }
};

}  // namespace

std::error_code make_error_code(CatalogueError error) {
    static const CatalogueCategory category;
    return {static_cast<int>(error), category};
}

}  // namespace holdfast::store
