#include "api/push_book.hpp"

#include "api/stored_documents.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::api {

namespace {

template <class T>
void keep(std::map<std::string, T>& records, const std::string& id, std::optional<T> record) {
    if (record) records.insert_or_assign(id, *std::move(record));
}

}  // namespace

void PushBook::take(const store::Document& document) {
    using store::DocumentKind;
    const std::string& id = document.id;
    if (document.kind == DocumentKind::push_rule) keep(rules, id, rule_of(document));
    if (document.kind == DocumentKind::push_action) keep(actions, id, action_of(document));
    if (document.kind == DocumentKind::push_certificate) {
        keep(certificates, id, certificate_of(document));
    }
    if (document.kind == DocumentKind::push_policy) {
        keep(flow_policies, id, flow_policy_of(document));
        keep(backlog_policies, id, backlog_policy_of(document));
    }
}

Result<PushBook> read_push_book(store::Documents& documents) {
    using store::DocumentKind;
    PushBook book;
    for (const DocumentKind kind : {DocumentKind::push_rule, DocumentKind::push_action,
                                    DocumentKind::push_certificate, DocumentKind::push_policy}) {
        const bool with_secrets = kind == DocumentKind::push_action;
        const auto read = read_all(documents, kind, with_secrets);
        if (read.has_error()) return read.error();
        for (const store::DocumentPtr& each : *read) book.take(*each);
    }
    return book;
}

const PushAction* PushBook::first_action_of(const std::string& rule_id) const {
    const auto found = std::ranges::find_if(
        actions, [&](const auto& each) { return each.second.rule_id == rule_id; });
    return found == actions.end() ? nullptr : &found->second;
}

const BacklogPolicy* PushBook::backlog_policy() const {
    return backlog_policies.empty() ? nullptr : &backlog_policies.begin()->second;
}

}  // namespace holdfast::api
