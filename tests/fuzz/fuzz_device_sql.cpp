// Any text as a statement that searches for devices: what is understood keeps to its limits, and the
// catalogue can carry it out; what is not has a place within the text and a sentence.

#include "api/device_sql.hpp"
#include "api/json_fields.hpp"
#include "base/error.hpp"
#include "store/sqlite_catalogue.hpp"
#include "support/catalogue_caller.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

using namespace holdfast;
using namespace holdfast::api;

namespace {

struct Size {
    std::size_t conditions = 0;
    std::size_t depth = 0;
};

Size size_of(const store::ConditionTree& tree) {
    if (tree.kind == store::ConditionTree::Kind::condition) {
        CHECK(!tree.condition.values.empty() && tree.parts.empty());
        return {1, 0};
    }
    CHECK(tree.parts.size() > 1);
    Size size;
    for (const store::ConditionTree& part : tree.parts) {
        const Size inner = size_of(part);
        size.conditions += inner.conditions;
        size.depth = std::max(size.depth, inner.depth + 1);
    }
    return size;
}

store::Catalogue& catalogue() {
    static const auto opened = *store::SqliteCatalogue::open(":memory:");
    return *opened;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4 * device_sql_characters_max) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    auto sql = read_device_sql(text);
    if (sql.has_error()) {
        CHECK(sql.error().place <= size && !sql.error().text.empty());
        return 0;
    }
    CHECK(sql->search.limit <= 50 && sql->search.offset <= 500);
    CHECK(sql->search.where.size() <= 1);
    if (!sql->search.where.empty()) {
        const Size asked = size_of(sql->search.where.front());
        CHECK(asked.conditions <= device_sql_conditions_max);
        // An `and` in an `or`, once more in each pair of parentheses.
        CHECK(asked.depth <= 2 * (device_sql_depth_max + 1));
    }
    if (count_characters(text) > device_sql_characters_max) return 0;
    static test_support::CatalogueCaller caller{catalogue()};
    CHECK(!caller.search_devices(std::move(sql->search)).error);
    return 0;
}
