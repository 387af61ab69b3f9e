// Lists of devices of sqlite_records.hpp.

#include "store/sqlite_records.hpp"

#include <utility>

namespace holdfast::store {

namespace {

/// By number, so that a page of them is found in its order. The parameter stands twice.
constexpr std::string_view behind_gateway =
    "number IN (SELECT number FROM devices WHERE gateway_id = ? UNION ALL SELECT below.number "
    "FROM devices AS above JOIN devices AS below ON below.gateway_id = above.device_id "
    "WHERE above.gateway_id = ?)";

/// What narrows most comes first and is looked up; the `+` keeps SQLite, which does not know how many there
/// are of each, from looking up by the others instead.
class NarrowestFirst {
public:
    explicit NarrowestFirst(Conditions& conditions) : conditions_(conditions) {}

    void add(std::string_view condition, const std::optional<std::string>& value) {
        if (!value) return;
        conditions_.add((conditions_.empty() ? "" : "+") + std::string{condition}, *value);
    }

private:
    Conditions& conditions_;
};

Conditions conditions_of(const DeviceQuery& query) {
    Conditions conditions;
    NarrowestFirst equal{conditions};
    equal.add("node_id = ?", query.node_id);
    equal.add("device_name = ?", query.device_name);
    equal.add(query.is_cascade ? behind_gateway : "gateway_id = ?", query.gateway_id);
    equal.add("product_id = ?", query.product_id);
    equal.add("app_id = ?", query.app_id);
    if (query.created_from) conditions.add("created_at >= ?", milliseconds_of(*query.created_from));
    if (query.created_until) {
        conditions.add("created_at <= ?", milliseconds_of(*query.created_until));
    }
    return conditions;
}

}  // namespace

std::error_code read_devices(Statement& rows, CataloguePage<DevicePtr>& page) {
    while (rows.next()) {
        Device device = device_of(rows);
        device.secret.clear();
        device.secondary_secret.clear();
        page.marker = marker_of(static_cast<std::int64_t>(device.number));
        page.records.push_back(std::make_shared<const Device>(std::move(device)));
    }
    return rows.error();
}

std::error_code list_devices(Database& database, const DeviceQuery& query,
                             CataloguePage<DevicePtr>& page) {
    const auto before = number_of(query.paging.marker);
    if (!before) return std::make_error_code(std::errc::invalid_argument);
    Conditions conditions = conditions_of(query);
    {
        Statement count = database.statement(
            conditions.empty() ? "SELECT count FROM totals WHERE name = 'devices'"
                               : "SELECT count(*) FROM devices" + conditions.sql());
        conditions.bind_to(count);
        if (count.next()) page.count = static_cast<std::size_t>(count.number(0));
        if (count.error()) return count.error();
    }
    conditions.add("number < ?", *before);
    Statement rows = database.statement(
        select_devices(conditions.sql() + " ORDER BY number DESC LIMIT ?20 OFFSET ?21"));
    conditions.bind_to(rows);
    rows.bind(20, bounded(query.paging.limit)).bind(21, bounded(query.paging.offset));
    return read_devices(rows, page);
}

}  // namespace holdfast::store
