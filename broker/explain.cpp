#include "explain.hpp"

#include "banner.hpp"
#include "base/topic.hpp"
#include "device_login.hpp"
#include "session/topic_rights.hpp"

#include <algorithm>

namespace holdfast {

namespace {

using access::Decision;
using access::Who;

const ListenerConfig& listener_of(const ExplainCommand& command, const Config& config) {
    const auto named = std::ranges::find(config.mqtt_listeners, command.listener_port.value_or(0),
                                         &ListenerConfig::port);
    return command.listener_port && named != config.mqtt_listeners.end()
               ? *named
               : config.mqtt_listeners.front();
}

Who who_of(const ExplainCommand& command, const ListenerConfig& listener) {
    Who who{.client_id = command.client_id, .port = listener.port};
    const auto device = parse_device_client_id(command.client_id);
    if (device && command.user_name == device->device_id) {
        who.device_id = device->device_id;
    } else {
        who.user_name = command.user_name.value_or("");
    }
    return who;
}

std::string name_of(const Who& who) {
    const std::string client = "client \"" + who.client_id + "\"";
    if (!who.device_id.empty()) return client + ", the device " + who.device_id;
    if (!who.user_name.empty()) return client + ", the user " + who.user_name;
    return client + ", without a name";
}

std::string explain_connect(const ExplainCommand& command, const Config& config,
                            const access::Access& access) {
    const ListenerConfig& listener = listener_of(command, config);
    const Who who = who_of(command, listener);
    const std::string place = " by " + endpoint_text(listener) + ": ";
    if (!who.device_id.empty()) return place + "the platform decides, by the device's secret";
    if (command.client_id.starts_with('\x01')) return place + "refused: U+0001 is reserved";
    if (!command.user_name) {
        if (lets_anonymous_in(listener, config)) {
            return place + "allowed: the listener lets clients in that have no name";
        }
        return place + "refused: the listener lets nobody in without a name";
    }
    const access::AccessFiles& files = config.access;
    const std::string token = "a token that is signed by a key of " + files.jwt_key_file +
                              files.jwt_keys_file + " and names that user";
    const access::UserTablePtr users = access.users();
    const access::User* const user = users->find(who.user_name);
    if (user != nullptr) {
        return place + "allowed with the password that stands in " + user->file + ":" +
               std::to_string(user->line) + (access.has_tokens() ? ", or with " + token : "");
    }
    if (access.has_tokens()) return place + "allowed with " + token + ", and nothing else";
    if (access.has_users()) return place + "refused: no file of users has that name";
    return place + "refused: only devices have a user name, as [access] names no file of users";
}

std::string text_of(const Decision& decision, const access::RuleSet& rules) {
    const std::string verdict = decision.is_allowed ? "allowed" : "refused";
    if (decision.rule == nullptr) return verdict + ": no rule of " + rules.file + " speaks of it";
    return verdict + ": by " + rules.file + ":" + std::to_string(decision.rule->line);
}

std::string explain_topic(const ExplainCommand& command, const Config& config,
                          const access::Access& access) {
    const Who who = who_of(command, listener_of(command, config));
    const bool is_publish = command.deed == ExplainCommand::Deed::publish;
    const auto qos = static_cast<QoS>(command.qos);
    std::string_view filter = command.topic;
    const std::size_t levels_max = config.limits.topic_levels_max;
    if (is_publish && !is_valid_topic_name(filter, levels_max))
        return "refused: it is no topic name";
    if (is_publish && is_server_topic(filter))
        return "refused: the server alone publishes below $SYS/";
    if (is_publish ? !session::may_publish(who.device_id, filter)
                   : !session::may_subscribe(who.device_id, filter)) {
        return "refused: the topic is the platform's or another device's";
    }
    if (!who.device_id.empty() && filter.starts_with("$oc/"))
        return "allowed: the device's own topic";
    if (!is_publish && is_shared_filter(filter)) {
        const auto shared = parse_shared_filter(filter, levels_max);
        if (!shared) return "refused: it is no shared subscription";
        filter = shared->filter;
    }
    if (!is_publish && !is_valid_topic_filter(filter, levels_max))
        return "refused: it is no topic filter";
    if (!access.has_rules()) return "allowed: [access] names no file of rules";
    const access::RuleSetPtr rules = access.rules();
    const access::Selection selection = access::select(*rules, who);
    const access::Decider decider{*rules, selection, who};
    if (is_publish) return text_of(decider.publish(filter, qos, command.retain), *rules);
    return text_of(decider.subscribe(filter, qos), *rules);
}

}  // namespace

std::string explain(const ExplainCommand& command, const Config& config,
                    const access::Access& access) {
    const Who who = who_of(command, listener_of(command, config));
    switch (command.deed) {
        case ExplainCommand::Deed::connect:
            return "connect, " + name_of(who) + explain_connect(command, config, access) + "\n";
        case ExplainCommand::Deed::publish:
            return "publish to " + command.topic + ", " + name_of(who) + ": " +
                   explain_topic(command, config, access) + "\n";
        case ExplainCommand::Deed::subscribe: break;
    }
    return "subscribe to " + command.topic + ", " + name_of(who) + ": " +
           explain_topic(command, config, access) + "\n";
}

}  // namespace holdfast
