#pragma once
// Action: what a request asks for, in the names of the platform's contract ("iotda:messages:send") and our
// own ("holdfast:bans:query"). Each route has one; each application key is allowed some.
// Closed list. Threads: any.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast::api {

enum class Action : std::uint8_t {
    open,      ///< nobody has to say who they are: health, metrics, logging in
    identity,  ///< whoever has said who they are; answers errors as Keystone does
    messages_send,
    messages_query,
    messages_query_list,
    messages_delete,
    devices_register,
    devices_query,
    devices_query_list,
    devices_search,
    devices_modify,
    devices_delete,
    devices_reset_secret,
    devices_reset_fingerprint,
    devices_freeze,
    devices_unfreeze,
    products_create,
    products_query,
    products_query_list,
    products_modify,
    products_delete,
    commands_send,
    async_commands_send,
    async_commands_query,
    async_commands_query_list,
    properties_modify,
    properties_query,
    apps_create,
    apps_query,
    apps_query_list,
    apps_modify,
    apps_delete,
    groups_create,
    groups_query,
    groups_query_list,
    groups_modify,
    groups_delete,
    policies_create,
    policies_query,
    policies_query_list,
    policies_modify,
    policies_delete,
    tags_bind,
    tags_unbind,
    tags_query,
    rules_create,
    rules_query,
    rules_query_list,
    rules_modify,
    rules_delete,
    rule_actions_create,
    rule_actions_query,
    rule_actions_query_list,
    rule_actions_modify,
    rule_actions_delete,
    push_policies_create,
    push_policies_query,
    push_policies_query_list,
    push_policies_modify,
    push_policies_delete,
    certificates_create,
    certificates_query,
    certificates_query_list,
    certificates_modify,
    certificates_delete,
    subscriptions_create,
    subscriptions_query,
    subscriptions_query_list,
    subscriptions_modify,
    subscriptions_delete,
    messages_broadcast,
    batch_tasks_create,
    batch_tasks_query,
    batch_tasks_query_list,
    batch_tasks_modify,
    batch_tasks_delete,
    batch_files_upload,
    batch_files_query_list,
    batch_files_delete,
    events_query,
    bans_query,
    bans_lift,
    access_explain,
    keys_manage,  ///< by tokens only: no key makes another
    count_,
};

inline constexpr std::size_t action_count = static_cast<std::size_t>(Action::count_);

/// "iotda:messages:send"; empty for `open` and `identity`, which need no permission.
[[nodiscard]] std::string_view name_of(Action action);
/// False: only who has logged in with a password may do it.
[[nodiscard]] bool is_for_keys(Action action);

}  // namespace holdfast::api
