#include "api/apps.hpp"

#include "api/stored_documents.hpp"

#include <utility>

namespace holdfast::api {

namespace {

constexpr std::string_view default_app_name = "default";

}  // namespace

Apps::Apps(std::string default_app_id) : default_app_id_(std::move(default_app_id)) {
    put({default_app_id_, std::string{default_app_name}, {}});
}

Result<Apps> Apps::load(store::Documents& documents, const std::string& default_app_id,
                        store::CatalogueTime now) {
    const auto kept = read_all(documents, store::DocumentKind::app);
    if (!kept) return kept.error();
    Apps apps{default_app_id};
    bool has_default = false;
    for (const store::DocumentPtr& document : *kept) {
        has_default = has_default || document->id == default_app_id;
        apps.put(app_of(*document));
    }
    if (has_default) return apps;
    App made{default_app_id, std::string{default_app_name}, now};
    const auto put = put_now(documents, document_of(made));
    if (!put) return put.error();
    apps.put(std::move(made));
    return apps;
}

const App* Apps::find(std::string_view app_id) const {
    const auto found = apps_.find(app_id);
    return found == apps_.end() || found->second.is_going ? nullptr : &found->second.app;
}

std::string_view Apps::name_of(std::string_view app_id) const {
    const auto found = apps_.find(app_id);
    return found == apps_.end() ? std::string_view{} : found->second.app.name;
}

void Apps::put(App app) {
    std::string app_id = app.app_id;
    apps_.insert_or_assign(std::move(app_id), Entry{std::move(app), false});
}

void Apps::erase(std::string_view app_id) {
    const auto found = apps_.find(app_id);
    if (found != apps_.end()) apps_.erase(found);
}

void Apps::begin_removal(std::string_view app_id) {
    const auto found = apps_.find(app_id);
    if (found != apps_.end()) found->second.is_going = true;
}

App app_of(const store::Document& document) {
    return {document.id, document.name, document.created_at};
}

store::Document document_of(const App& app) {
    store::Document document;
    document.kind = store::DocumentKind::app;
    document.id = app.app_id;
    document.name = app.name;
    document.body = "{}";
    document.created_at = app.created_at;
    return document;
}

}  // namespace holdfast::api
