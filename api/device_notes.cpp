#include "api/device_notes.hpp"

#include <limits>
#include <utility>

namespace holdfast::api {

using store::Document;
using store::DocumentKind;
using store::DocumentPtr;

namespace {

constexpr DocumentKind kind = DocumentKind::device_report;
constexpr std::errc is_the_same = std::errc::operation_canceled;

}  // namespace

void DeviceNotes::put(std::uint64_t device_number, const std::string& device_id,
                      const std::string& note, store::Executor& executor) {
    const auto change = [note](Document& document) {
        if (document.body == note) return make_error_code(is_the_same);
        document.body = note;
        return std::error_code{};
    };
    Document fresh{
        .kind = kind, .id = std::to_string(device_number), .name = device_id, .body = note};
    const auto add_if_new = [&documents = documents_, fresh, &executor](std::error_code error,
                                                                        const DocumentPtr&) {
        if (error != store::CatalogueError::not_found) return;
        documents.add(fresh, std::numeric_limits<std::size_t>::max(), executor,
                      [](std::error_code, const DocumentPtr&) {});
    };
    documents_.change(kind, fresh.id, change, executor, add_if_new);
}

void DeviceNotes::find(
    const std::vector<std::uint64_t>& device_numbers, store::Executor& executor,
    const std::function<void(std::error_code, std::vector<std::string>)>& done) {
    std::vector<std::string> ids;
    ids.reserve(device_numbers.size());
    for (const std::uint64_t number : device_numbers) ids.push_back(std::to_string(number));
    documents_.find_all(kind, std::move(ids), executor,
                        [done](std::error_code error, const std::vector<DocumentPtr>& found) {
                            std::vector<std::string> notes;
                            notes.reserve(found.size());
                            for (const DocumentPtr& each : found) {
                                notes.push_back(each ? each->body : std::string{});
                            }
                            done(error, std::move(notes));
                        });
}

void DeviceNotes::remove(std::uint64_t device_number, store::Executor& executor,
                         const store::Answered& done) {
    const std::string id = std::to_string(device_number);
    const auto remove_commands = [&documents = documents_, id, &executor,
                                  done](std::error_code error) {
        if (error && error != store::CatalogueError::not_found) return done(error);
        store::DocumentQuery all;
        all.kind = DocumentKind::async_command;
        all.parent = id;
        all.paging.limit = std::numeric_limits<std::size_t>::max();
        documents.remove_listed(std::move(all), executor,
                                [done](std::error_code failed, std::size_t) { done(failed); });
    };
    const auto remove_shadow = [&documents = documents_, id, &executor, done,
                                remove_commands](std::error_code error) {
        if (error && error != store::CatalogueError::not_found) return done(error);
        documents.remove(DocumentKind::device_shadow, id, executor, remove_commands);
    };
    documents_.remove(kind, id, executor, remove_shadow);
}

}  // namespace holdfast::api
