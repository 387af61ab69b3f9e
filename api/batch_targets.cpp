#include "api/batch_targets.hpp"

#include "api/catalogue_refusals.hpp"
#include "api/json_body.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <string>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;

BatchTargets refused(Response response) { return {{}, {}, std::move(response)}; }

Response refuse_count(std::string_view field, std::size_t count) {
    const std::string rule = "must stand for 1 to " + std::to_string(batch_targets_max) +
                             " devices, not " + std::to_string(count);
    return field_error_response({std::string{field}, rule, {}});
}

BatchTarget target_named(std::string name) {
    BatchTarget target;
    target.target = std::move(name);
    return target;
}

awaitable<BatchTargets> devices_of_groups(AwaitedCatalogue catalogue,
                                          std::vector<std::string> group_ids) {
    constexpr std::size_t devices_per_page = 1'000;
    boost::unordered_flat_set<std::string> seen;
    BatchTargets found;
    for (const std::string& group_id : group_ids) {
        const auto [unknown, group] =
            co_await catalogue.find(store::DocumentKind::device_group, group_id);
        if (unknown) co_return refused(document_refusal(unknown, group_words, group_id));
        store::LinkQuery query;
        query.kind = store::LinkKind::group_device;
        query.source = group_id;
        query.paging.limit = devices_per_page;
        while (true) {
            const auto [error, page] = co_await catalogue.list_links(query);
            if (error) co_return refused(document_refusal(error, group_words, group_id));
            if (page.records.empty()) break;
            for (const store::Link& link : page.records) {
                if (seen.insert(link.target).second) {
                    found.targets.push_back(target_named(link.target));
                }
            }
            query.paging.marker = page.marker;
        }
    }
    const std::size_t count = found.targets.size();
    if (count == 0 || count > batch_targets_max) {
        co_return refused(refuse_count("targets_filter", count));
    }
    co_return found;
}

/// As the endpoint of devices makes it of a row.
std::string device_id_of(const json::object& row) {
    const auto text = [&row](std::string_view key) {
        const json::value* const found = row.if_contains(key);
        return found != nullptr && found->is_string() ? std::string{found->get_string()}
                                                      : std::string{};
    };
    std::string device_id = text("device_id");
    return device_id.empty() ? text("product_id") + "_" + text("node_id") : device_id;
}

awaitable<BatchTargets> rows_of_file(AwaitedCatalogue catalogue, std::string file_id,
                                     BatchTaskType type) {
    const auto [error, file] =
        co_await catalogue.find(store::DocumentKind::batch_task_file, file_id);
    if (error) co_return refused(document_refusal(error, file_words, file_id));
    const bool has_particulars = type == BatchTaskType::create_devices;
    BatchTargets found;
    if (has_particulars) found.rows = file->secret;
    boost::unordered_flat_set<std::string> seen;
    const json::value rows = json::parse(file->secret);
    for (std::size_t index = 0; index < rows.as_array().size(); ++index) {
        BatchTarget target = target_named(device_id_of(rows.as_array()[index].as_object()));
        if (has_particulars) target.row = index;
        if (!seen.insert(target.target).second) {
            co_return refused(field_error_response(
                {"document_source",
                 "must be a file that names no device twice: \"" + target.target + "\"",
                 {}}));
        }
        found.targets.push_back(std::move(target));
    }
    co_return found;
}

}  // namespace

awaitable<BatchTargets> find_batch_targets(AwaitedCatalogue catalogue, NewBatchTask batch) {
    const bool is_of_file = batch.task.type == BatchTaskType::create_devices ||
                            (batch.targets.empty() && batch.group_ids.empty());
    if (is_of_file) co_return co_await rows_of_file(catalogue, batch.file_id, batch.task.type);
    if (batch.targets.empty()) co_return co_await devices_of_groups(catalogue, batch.group_ids);
    BatchTargets named;
    for (std::string& target : batch.targets) {
        named.targets.push_back(target_named(std::move(target)));
    }
    co_return named;
}

}  // namespace holdfast::api
