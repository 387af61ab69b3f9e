// Products of sqlite_records.hpp, with their custom topics.

#include "store/sqlite_records.hpp"

#include <utility>

namespace holdfast::store {

namespace {

constexpr std::string_view columns =
    "product_id, app_id, name, device_type, protocol_type, data_format, manufacturer_name, "
    "industry, description, service_capabilities, created_at";

std::string select_products(std::string_view conditions) {
    return "SELECT number, " + std::string{columns} + " FROM products " + std::string{conditions};
}

std::string insert_product() {
    return "INSERT INTO products(" + std::string{columns} +
           ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
}

constexpr std::string_view replace_product =
    "UPDATE products SET app_id = ?2, name = ?3, device_type = ?4, protocol_type = ?5, "
    "data_format = ?6, manufacturer_name = ?7, industry = ?8, description = ?9, "
    "service_capabilities = ?10 WHERE product_id = ?1";

Product product_of(const Statement& row) {
    Product product;
    product.product_id = row.text(1);
    product.app_id = row.text(2);
    product.name = row.text(3);
    product.device_type = row.text(4);
    product.protocol_type = row.text(5);
    product.data_format = row.text(6);
    product.manufacturer_name = row.text(7);
    product.industry = row.text(8);
    product.description = row.text(9);
    product.service_capabilities = row.text(10);
    product.created_at = time_of(row.number(11));
    return product;
}

void bind_product(Statement& statement, const Product& product) {
    statement.bind(1, std::string_view{product.product_id})
        .bind(2, std::string_view{product.app_id})
        .bind(3, std::string_view{product.name})
        .bind(4, std::string_view{product.device_type})
        .bind(5, std::string_view{product.protocol_type})
        .bind(6, std::string_view{product.data_format})
        .bind(7, std::string_view{product.manufacturer_name})
        .bind(8, std::string_view{product.industry})
        .bind(9, std::string_view{product.description})
        .bind(10, std::string_view{product.service_capabilities});
}

std::error_code read_topics(Database& database, Product& product) {
    Statement rows = database.statement(
        "SELECT suffix, may_publish, may_subscribe FROM product_topics WHERE product_id = ?1 "
        "ORDER BY place");
    rows.bind(1, std::string_view{product.product_id});
    while (rows.next()) {
        product.topics.push_back({rows.text(0), rows.number(1) != 0, rows.number(2) != 0});
    }
    return rows.error();
}

std::error_code write_topics(Database& database, const Product& product) {
    const std::error_code removed =
        database.statement("DELETE FROM product_topics WHERE product_id = ?1")
            .bind(1, std::string_view{product.product_id})
            .run();
    if (removed) return removed;
    std::int64_t place = 0;
    for (const ProductTopic& topic : product.topics) {
        const std::error_code added =
            database.statement("INSERT INTO product_topics VALUES(?1, ?2, ?3, ?4, ?5)")
                .bind(1, std::string_view{product.product_id})
                .bind(2, place++)
                .bind(3, std::string_view{topic.suffix})
                .bind(4, std::int64_t{topic.may_publish})
                .bind(5, std::int64_t{topic.may_subscribe})
                .run();
        if (added) return added;
    }
    return {};
}

std::error_code check_limits(Database& database, const CatalogueLimits& limits) {
    Statement total = database.statement("SELECT count FROM totals WHERE name = 'products'");
    if (total.next() && total.number(0) > bounded(limits.products_max)) {
        return CatalogueError::limit_reached;
    }
    return total.error();
}

}  // namespace

std::error_code find_product(Database& database, std::string_view product_id, ProductPtr& found) {
    Product product;
    {
        Statement query = database.statement(select_products("WHERE product_id = ?1"));
        query.bind(1, product_id);
        if (!query.next()) return query.error() ? query.error() : CatalogueError::not_found;
        product = product_of(query);
    }
    if (const auto error = read_topics(database, product)) return error;
    found = std::make_shared<const Product>(std::move(product));
    return {};
}

std::error_code add_product(Database& database, const Product& product,
                            const CatalogueLimits& limits, ProductPtr& added) {
    {
        Statement insert = database.statement(insert_product());
        bind_product(insert, product);
        insert.bind(11, milliseconds_of(product.created_at));
        if (const auto error = insert.run()) return translate(error, CatalogueError::not_found);
    }
    if (const auto error = check_limits(database, limits)) return error;
    if (const auto error = write_topics(database, product)) return error;
    added = std::make_shared<const Product>(product);
    return {};
}

std::error_code update_product(Database& database, const Product& product, ProductPtr& updated) {
    {
        Statement replace = database.statement(replace_product);
        bind_product(replace, product);
        if (const auto error = replace.run()) return error;
    }
    if (database.changes() == 0) return CatalogueError::not_found;
    if (const auto error = write_topics(database, product)) return error;
    return find_product(database, product.product_id, updated);
}

std::error_code remove_product(Database& database, std::string_view product_id) {
    const std::error_code error =
        database.statement("DELETE FROM products WHERE product_id = ?1").bind(1, product_id).run();
    if (error) return translate(error, CatalogueError::still_in_use);
    return database.changes() == 0 ? CatalogueError::not_found : std::error_code{};
}

std::error_code list_products(Database& database, const ProductQuery& query,
                              CataloguePage<ProductPtr>& page) {
    const auto before = number_of(query.paging.marker);
    if (!before) return std::make_error_code(std::errc::invalid_argument);
    Conditions conditions;
    if (query.app_id) conditions.add("app_id = ?", *query.app_id);
    if (query.name) conditions.add("name = ?", *query.name);
    {
        Statement count = database.statement("SELECT count(*) FROM products" + conditions.sql());
        conditions.bind_to(count);
        if (count.next()) page.count = static_cast<std::size_t>(count.number(0));
        if (count.error()) return count.error();
    }
    conditions.add("number < ?", *before);
    Statement rows = database.statement(
        select_products(conditions.sql() + " ORDER BY number DESC LIMIT ?20 OFFSET ?21"));
    conditions.bind_to(rows);
    rows.bind(20, bounded(query.paging.limit)).bind(21, bounded(query.paging.offset));
    while (rows.next()) {
        Product product = product_of(rows);
        if (const auto error = read_topics(database, product)) return error;
        page.records.push_back(std::make_shared<const Product>(std::move(product)));
        page.marker = marker_of(rows.number(0));
    }
    return rows.error();
}

}  // namespace holdfast::store
