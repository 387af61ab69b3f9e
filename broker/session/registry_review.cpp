// What a change of users and rules does to the sessions that are there.

#include "session/journal.hpp"
#include "session/registry.hpp"

#include <algorithm>

namespace holdfast::session {

std::vector<SessionPtr> Registry::all_sessions() const {
    const std::scoped_lock lock{mutex_};
    return {sessions_.begin(), sessions_.end()};
}

void Registry::end_connections_of(std::span<const std::string> user_names, CloseReason why,
                                  Actions& actions) {
    if (user_names.empty()) return;
    const std::scoped_lock lock{mutex_};
    for (Session& session : rotation_) {
        if (!session.owner) continue;
        if (!std::ranges::binary_search(user_names, *session.owner)) continue;
        session.end_connection(why, actions);
    }
}

/// One session after the other, none of them with the registry locked: nobody waits for the whole.
void Registry::review_subscriptions(Actions& actions) {
    for (const SessionPtr& session : all_sessions()) {
        const RightsPtr rights = session->rights_now();
        if (rights) review_subscriptions_of(*session, *rights, actions);
    }
}

void Registry::review_subscriptions(std::string_view client_id, Actions& actions) {
    const SessionPtr session = find(client_id);
    const RightsPtr rights = session ? session->rights_now() : nullptr;
    if (rights) review_subscriptions_of(*session, *rights, actions);
}

void Registry::review_subscriptions_of(Session& session, const Rights& rights, Actions& actions) {
    // Mostly none, and then nobody who routes has to wait.
    std::vector<std::string> refused;
    router_.read(actions.shard, [&](const router::SubscriptionTree&) {
        session.filters.for_each([&](const router::Filter& filter) {
            const auto* const made = router::SubscriptionTree::find(filter, session);
            if (made == nullptr) return;
            if (rights.may_subscribe(filter.text(), made->options.maximum_qos)) return;
            refused.emplace_back(filter.text());
        });
    });
    if (refused.empty()) return;
    std::sort(refused.begin(), refused.end());  // the order of a hash table does not show
    std::vector<std::string> left_groups;
    router_.update([&](router::SubscriptionTree& tree) {
        store::Batch kept;
        for (std::string& text : refused) {
            const router::Filter* const filter = tree.find(text);
            if (filter == nullptr || !session.filters.erase(filter)) continue;  // gone meanwhile
            if (session.is_remembered) Journal::remove_subscription(kept, session, text);
            const bool is_shared = filter->is_shared();
            tree.unsubscribe(*filter, session);
            actions.counters.add(Counter::subscriptions_removed);
            session.forget_retained(text);
            session.on_unsubscribed(text, actions);
            if (is_shared) left_groups.push_back(std::move(text));
        }
        if (journal_ != nullptr && !kept.empty()) journal_->commit(std::move(kept), actions);
    });
    for (const std::string& group : left_groups) move_shared(session, group, actions);
}

}  // namespace holdfast::session
