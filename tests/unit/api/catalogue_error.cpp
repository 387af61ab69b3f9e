// Until the catalogue is there: its error codes, weakly, so that its own take their place.

#include "store/catalogue.hpp"

namespace holdfast::store {

[[gnu::weak]] std::error_code make_error_code(CatalogueError error) {
    return {static_cast<int>(error), std::generic_category()};
}

}  // namespace holdfast::store
