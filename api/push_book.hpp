#pragma once
// PushBook: what applications have set up for the status push, in memory as the documents say: rules,
// actions, certificates of authorities, policies. A value that its owner changes once a document says so.
// Threads: one.

#include "api/push_certificate.hpp"
#include "api/push_policy.hpp"
#include "api/push_rule.hpp"
#include "base/error.hpp"
#include "store/documents.hpp"

#include <map>
#include <string>

namespace holdfast::api {

struct PushBook {
    // By their ids, which later ones have greater.
    std::map<std::string, PushRule> rules;
    std::map<std::string, PushAction> actions;
    std::map<std::string, PushCertificate> certificates;
    std::map<std::string, FlowPolicy> flow_policies;
    std::map<std::string, BacklogPolicy> backlog_policies;

    /// What a stored document says; of other kinds nothing.
    void take(const store::Document& document);
    /// Of the actions of a rule; null: there is none.
    [[nodiscard]] const PushAction* first_action_of(const std::string& rule_id) const;
    [[nodiscard]] const BacklogPolicy* backlog_policy() const;
};

/// Everything that is kept. At the start, before the server's threads: stored_documents.hpp.
[[nodiscard]] Result<PushBook> read_push_book(store::Documents& documents);

/// Null: it is not there.
template <class T>
[[nodiscard]] const T* find_in(const std::map<std::string, T>& records, const std::string& id) {
    const auto found = records.find(id);
    return found == records.end() ? nullptr : &found->second;
}

}  // namespace holdfast::api
