#pragma once
// What the endpoints of the status push have in common: a document is added, replaced or removed, and when
// that is durable the Pusher's book says the same; pages of what the book has.
// Threads: the HTTP side's shard.

#include "api/await_answer.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/json_body.hpp"
#include "api/paging.hpp"
#include "api/pusher.hpp"
#include "api/routes.hpp"
#include "store/catalogue.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace holdfast::api {

/// Everything that is referred to outlives the routes.
struct PushRoutesContext {
    Pusher& pusher;
    store::Documents& documents;
    store::Executor& executor;
    const Clock& clock;
};
using PushRoutesContextPtr = std::shared_ptr<const PushRoutesContext>;

/// Adds a document; the answer is what `keep` makes of its id.
template <class Keep>
boost::asio::awaitable<Response> add_document(PushRoutesContextPtr context,
                                              store::Document document, std::size_t count_max,
                                              DocumentWords words, Keep keep) {
    const auto begin = [&](auto done) {
        context->documents.add(std::move(document), count_max, context->executor, done);
    };
    const auto [error, added] = co_await await_answer<std::error_code, store::DocumentPtr>(begin);
    if (error) co_return document_refusal(error, words, {});
    co_return json_response(http::status::created, keep(added->id));
}

template <class Keep>
boost::asio::awaitable<Response> replace_document(PushRoutesContextPtr context,
                                                  store::Document document, DocumentWords words,
                                                  Keep keep) {
    const std::string id = document.id;
    const auto kind = document.kind;
    const store::DocumentChange change = [document](store::Document& there) {
        there.name = document.name;
        there.body = document.body;
        there.secret = document.secret;
        return std::error_code{};
    };
    const auto begin = [&](auto done) {
        context->documents.change(kind, id, change, context->executor, done);
    };
    const auto [error, changed] = co_await await_answer<std::error_code, store::DocumentPtr>(begin);
    if (error) co_return document_refusal(error, words, id);
    co_return json_response(http::status::ok, keep(id));
}

[[nodiscard]] boost::asio::awaitable<std::error_code> remove_document(PushRoutesContextPtr context,
                                                                      store::DocumentKind kind,
                                                                      std::string id);

/// A rule, its actions first: a crash in between leaves a rule without some of them. Empty: it is done.
[[nodiscard]] boost::asio::awaitable<std::error_code> remove_rule_with_actions(
    PushRoutesContextPtr context, std::string rule_id);
/// And the policies for just this action.
[[nodiscard]] boost::asio::awaitable<std::error_code> remove_action_with_policies(
    PushRoutesContextPtr context, std::string action_id);

/// Empty: the action's URL and certificate will do.
[[nodiscard]] std::optional<Response> refuse_target(const PushRoutesContext& context,
                                                    const PushAction& action);

[[nodiscard]] inline bool is_asked_for(const Exchange& exchange, std::string_view key,
                                       std::string_view value) {
    const auto asked = exchange.find_query(key);
    return !asked || *asked == value;
}

/// Newest first, a page of them.
template <class Records, class Matches, class Show>
boost::system::result<boost::json::object, Response> page_of(const Exchange& exchange,
                                                             std::string_view name,
                                                             const Records& records,
                                                             Matches matches, Show show) {
    const auto paging = read_paging(exchange);
    if (paging.has_error()) return paging.error();
    boost::json::array shown;
    std::size_t count = 0;
    std::size_t skipped = 0;
    std::string marker;
    for (auto each = records.rbegin(); each != records.rend(); ++each) {
        if (!matches(each->second)) continue;
        ++count;
        if (!paging->marker.empty() && each->first >= paging->marker) continue;
        if (skipped++ < paging->offset || shown.size() >= paging->limit) continue;
        shown.push_back(show(each->second));
        marker = each->first;
    }
    if (marker.empty()) marker = paging->marker;
    return boost::json::object{{name, std::move(shown)}, {"count", count}, {"marker", marker}};
}

/// A handler that gets the context, too.
template <class Handle>
auto with_context(const PushRoutesContextPtr& context, Handle handle) {
    return [context, handle](Exchange exchange) { return handle(std::move(exchange), context); };
}

}  // namespace holdfast::api
