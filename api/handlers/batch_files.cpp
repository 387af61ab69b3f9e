#include "api/handlers/batch_files.hpp"

#include "api/awaited_catalogue.hpp"
#include "api/batch_file.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/contract_time.hpp"
#include "api/group_schema.hpp"
#include "api/json_body.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <memory>
#include <string>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using store::DocumentKind;

using ContextPtr = std::shared_ptr<const BatchFilesContext>;

constexpr std::size_t files_max = 50;
constexpr std::size_t name_bytes_max = 255;

AwaitedCatalogue catalogue_of(const BatchFilesContext& context) {
    return {context.catalogue, context.executor};
}

json::object file_json(const store::Document& file) {
    return {{"file_id", file.id},
            {"file_name", file.name},
            {"upload_time", contract_time(file.created_at)}};
}

awaitable<Response> upload_file(Exchange exchange, ContextPtr context) {
    const auto type = exchange.header()[http::field::content_type];
    auto file = find_uploaded_file({type.data(), type.size()}, exchange.body());
    if (file.has_error()) {
        co_return error_response(http::status::bad_request, "IOTDA.000008", file.error());
    }
    if (file->name.empty() || file->name.size() > name_bytes_max) {
        co_return field_error_response({"filename", "must have 1 to 255 bytes", {}});
    }
    const auto rows = read_device_rows(file->content);
    if (rows.has_error()) {
        co_return error_response(http::status::bad_request, "IOTDA.000006", rows.error());
    }
    store::Document document;
    document.kind = DocumentKind::batch_task_file;
    document.name = std::move(file->name);
    document.body = "{}";
    document.secret = json::serialize(*rows);
    document.created_at = context->clock.wall_now();
    const auto [error, kept] = co_await catalogue_of(*context).add(std::move(document), files_max);
    if (error) co_return document_refusal(error, file_words, {});
    co_return json_response(http::status::created, file_json(*kept));
}

awaitable<Response> list_files(Exchange, ContextPtr context) {
    store::DocumentQuery query;
    query.kind = DocumentKind::batch_task_file;
    query.paging.limit = files_max;
    const auto [error, page] = co_await catalogue_of(*context).list(std::move(query));
    if (error) co_return document_refusal(error, file_words, {});
    json::array files;
    for (const store::DocumentPtr& document : page.records) files.push_back(file_json(*document));
    co_return json_response(http::status::ok, {{"files", std::move(files)}});
}

/// Tasks that were made of it have what they need of it.
awaitable<Response> remove_file(Exchange exchange, ContextPtr context) {
    const std::string file_id = exchange.parameter("file_id");
    if (auto refusal = refuse_document_id(exchange, "file_id")) co_return std::move(*refusal);
    const std::error_code error =
        co_await catalogue_of(*context).remove(DocumentKind::batch_task_file, file_id);
    if (error) co_return document_refusal(error, file_words, file_id);
    co_return empty_response(http::status::no_content);
}

}  // namespace

void add_batch_file_routes(Routes& routes, const BatchFilesContext& given) {
    const auto context = std::make_shared<const BatchFilesContext>(given);
    const std::string files = "/v5/iot/{project_id}/batchtask-files";
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    routes.add(http::verb::post, files, Action::batch_files_upload, with(upload_file));
    routes.add(http::verb::get, files, Action::batch_files_query_list, with(list_files));
    routes.add(http::verb::delete_, files + "/{file_id}", Action::batch_files_delete,
               with(remove_file));
}

}  // namespace holdfast::api
