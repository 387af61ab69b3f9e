// Searches for devices of sqlite_records.hpp: a tree of conditions as SQL. Values are parameters always.

#include "store/sqlite_records.hpp"

#include <utility>

namespace holdfast::store {

namespace {

template <class Kind>
std::string number_of_kind(Kind kind) {
    return std::to_string(static_cast<unsigned>(kind));
}

/// What a device told of itself; of one that told nothing, nothing: neither equal nor NULL.
std::string told(std::string_view name) {
    return "coalesce((SELECT json_extract(body, '$." + std::string{name} +
           "') FROM documents WHERE kind = " + number_of_kind(DocumentKind::device_report) +
           " AND id = CAST(devices.number AS TEXT)), '')";
}

/// As applications see it.
std::string expression_of(DeviceField field) {
    switch (field) {
        case DeviceField::app_id: return "app_id";
        case DeviceField::device_id: return "device_id";
        case DeviceField::gateway_id: return "coalesce(gateway_id, device_id)";
        case DeviceField::product_id: return "product_id";
        case DeviceField::device_name: return "device_name";
        case DeviceField::node_id: return "node_id";
        case DeviceField::status:
            return "CASE WHEN is_frozen THEN 'FROZEN' WHEN is_online(device_id) THEN 'ONLINE' "
                   "WHEN activated_at IS NULL THEN 'INACTIVE' ELSE 'OFFLINE' END";
        case DeviceField::node_type: return "iif(gateway_id IS NULL, 'GATEWAY', 'ENDPOINT')";
        case DeviceField::tag_key: return "link.target";
        case DeviceField::tag_value: return "link.value";
        case DeviceField::sw_version: return told("sw_version");
        case DeviceField::fw_version: return told("fw_version");
        case DeviceField::device_sdk_version: return told("device_sdk_version");
        case DeviceField::group_id: return "link.source";
        case DeviceField::create_time: return "created_at";
        case DeviceField::marker: return "number";
        case DeviceField::count_: break;
    }
    UNREACHABLE();
}

/// Of what a device may have several; empty: of what it has one.
std::string links_of(DeviceField field) {
    constexpr std::string_view links = "SELECT 1 FROM links AS link WHERE link.kind = ";
    switch (field) {
        case DeviceField::tag_key:
        case DeviceField::tag_value:
            return std::string{links} + number_of_kind(LinkKind::device_tag) +
                   " AND link.source = devices.device_id AND ";
        case DeviceField::group_id:
            return std::string{links} + number_of_kind(LinkKind::group_device) +
                   " AND link.target = devices.device_id AND ";
        default: return {};
    }
}

bool is_negative(Comparison comparison) {
    return comparison == Comparison::not_equal || comparison == Comparison::not_in;
}

Comparison opposite_of(Comparison comparison) {
    return comparison == Comparison::not_equal ? Comparison::equal : Comparison::in;
}

/// A key and, right behind it, a value: of one tag.
bool is_tag(const ConditionTree& key, const ConditionTree& value) {
    const auto is_of = [](const ConditionTree& part, DeviceField field) {
        return part.kind == ConditionTree::Kind::condition && part.condition.field == field;
    };
    return is_of(key, DeviceField::tag_key) && !is_negative(key.condition.comparison) &&
           is_of(value, DeviceField::tag_value);
}

class SearchSql {
public:
    [[nodiscard]] std::string text_of(const ConditionTree& tree) {
        if (tree.kind == ConditionTree::Kind::condition) return text_of(tree.condition);
        const bool is_all = tree.kind == ConditionTree::Kind::all_of;
        std::string text;
        for (std::size_t i = 0; i < tree.parts.size(); ++i) {
            text.append(text.empty() ? "(" : is_all ? " AND " : " OR ");
            const bool is_pair =
                is_all && i + 1 < tree.parts.size() && is_tag(tree.parts[i], tree.parts[i + 1]);
            if (is_pair) {
                text.append(tag(tree.parts[i].condition, tree.parts[i + 1].condition));
                ++i;
            } else {
                text.append(text_of(tree.parts[i]));
            }
        }
        return text + ")";
    }

    /// False: a marker is none.
    [[nodiscard]] bool is_valid() const { return is_valid_; }

    void bind_to(Statement& statement) const {
        int parameter = 0;
        for (const SearchValue& value : values_) {
            ++parameter;
            if (const auto* const number = std::get_if<std::int64_t>(&value)) {
                statement.bind(parameter, *number);
            } else {
                statement.bind(parameter, std::string_view{std::get<std::string>(value)});
            }
        }
    }
    [[nodiscard]] int parameters() const { return static_cast<int>(values_.size()); }

private:
    std::string text_of(const DeviceCondition& condition) {
        const std::string links = links_of(condition.field);
        if (links.empty()) return compare(condition, condition.comparison);
        // Several of them: not to have it means that none is it.
        if (!is_negative(condition.comparison)) {
            return "EXISTS(" + links + compare(condition, condition.comparison) + ")";
        }
        return "NOT EXISTS(" + links + compare(condition, opposite_of(condition.comparison)) + ")";
    }

    std::string tag(const DeviceCondition& key, const DeviceCondition& value) {
        const std::string compared = compare(key, key.comparison);
        return "EXISTS(" + links_of(DeviceField::tag_key) + compared + " AND " +
               compare(value, value.comparison) + ")";
    }

    std::string compare(const DeviceCondition& condition, Comparison comparison) {
        const std::string field = expression_of(condition.field);
        std::string list;
        for (const SearchValue& value : condition.values) {
            list.append(list.empty() ? "" : ", ").append(parameter(condition.field, value));
        }
        switch (comparison) {
            case Comparison::equal: return field + " = " + list;
            case Comparison::not_equal: return field + " <> " + list;
            case Comparison::greater: return field + " > " + list;
            case Comparison::less: return field + " < " + list;
            case Comparison::in: return field + " IN (" + list + ")";
            case Comparison::not_in: return field + " NOT IN (" + list + ")";
            case Comparison::starts_with:
                // A range, so that an index finds it: every text with that start is before it and the
                // last character.
                return "(" + field + " >= " + list + " AND " + field + " < " + list +
                       " || char(1114111))";
        }
        UNREACHABLE();
    }

    std::string parameter(DeviceField field, const SearchValue& value) {
        if (field == DeviceField::marker) {
            const auto number = number_of(std::get<std::string>(value));
            is_valid_ = is_valid_ && number.has_value();
            values_.emplace_back(number.value_or(0));
        } else {
            values_.push_back(value);
        }
        return "?" + std::to_string(values_.size());
    }

    std::vector<SearchValue> values_;
    bool is_valid_ = true;
};

}  // namespace

std::error_code search_devices(Database& database, const DeviceSearch& search,
                               CataloguePage<DevicePtr>& page) {
    SearchSql sql;
    std::string where;
    if (!search.where.empty()) where = " WHERE " + sql.text_of(search.where.front());
    if (!sql.is_valid()) return std::make_error_code(std::errc::invalid_argument);
    {
        Statement count =
            database.statement(where.empty() ? "SELECT count FROM totals WHERE name = 'devices'"
                                             : "SELECT count(*) FROM devices" + where);
        sql.bind_to(count);
        if (count.next()) page.count = static_cast<std::size_t>(count.number(0));
        if (count.error()) return count.error();
    }
    const int limit = sql.parameters() + 1;
    Statement rows = database.statement(select_devices(
        where + " ORDER BY number " + (search.is_oldest_first ? "ASC" : "DESC") + " LIMIT ?" +
        std::to_string(limit) + " OFFSET ?" + std::to_string(limit + 1)));
    sql.bind_to(rows);
    rows.bind(limit, bounded(search.limit)).bind(limit + 1, bounded(search.offset));
    return read_devices(rows, page);
}

}  // namespace holdfast::store
