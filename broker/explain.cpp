#include "explain.hpp"

#include "access/custom_topics.hpp"
#include "banner.hpp"
#include "base/topic.hpp"
#include "device_login.hpp"
#include "session/topic_rights.hpp"

#include <algorithm>
#include <utility>

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

/// A verdict, and its reason as it goes on behind a colon; `condition`: behind "allowed", without one.
struct Judgement {
    bool is_allowed = false;
    std::string because{};
    bool is_condition = false;
    std::string device_id{};  ///< the platform decides about it
};

Judgement allowed(std::string because) { return {true, std::move(because)}; }
Judgement allowed_with(std::string condition) {
    return {true, "with " + std::move(condition), true};
}
Judgement refused(std::string because) { return {false, std::move(because)}; }

std::string text_of(const Judgement& judgement) {
    if (!judgement.device_id.empty()) return judgement.because;
    const std::string verdict = judgement.is_allowed ? "allowed" : "refused";
    return verdict + (judgement.is_condition ? " " : ": ") + judgement.because;
}

Judgement judge_connect(const ExplainCommand& command, const Config& config,
                        const access::Access& access) {
    const ListenerConfig& listener = listener_of(command, config);
    const Who who = who_of(command, listener);
    if (!who.device_id.empty()) {
        return {true, "the platform decides, by the device's secret", false, who.device_id};
    }
    if (command.client_id.starts_with('\x01')) return refused("U+0001 is reserved");
    if (!command.user_name) {
        return lets_anonymous_in(listener, config)
                   ? allowed("the listener lets clients in that have no name")
                   : refused("the listener lets nobody in without a name");
    }
    const access::AccessFiles& files = config.access;
    const std::string token = "a token that is signed by a key of " + files.jwt_key_file +
                              files.jwt_keys_file + " and names that user";
    const access::UserTablePtr users = access.users();
    const access::User* const user = users->find(who.user_name);
    if (user != nullptr) {
        return allowed_with("the password that stands in " + user->file + ":" +
                            std::to_string(user->line) +
                            (access.has_tokens() ? ", or with " + token : ""));
    }
    if (access.has_tokens()) return allowed_with(token + ", and nothing else");
    if (access.has_users()) return refused("no file of users has that name");
    return refused("only devices have a user name, as [access] names no file of users");
}

Judgement judgement_of(const Decision& decision, const access::RuleSet& rules) {
    if (decision.rule == nullptr) {
        return {decision.is_allowed, "no rule of " + rules.file + " speaks of it"};
    }
    return {decision.is_allowed, "by " + rules.file + ":" + std::to_string(decision.rule->line)};
}

Judgement judge_topic(const ExplainCommand& command, const Config& config,
                      const access::Access& access) {
    const Who who = who_of(command, listener_of(command, config));
    const bool is_publish = command.deed == ExplainCommand::Deed::publish;
    const auto qos = static_cast<QoS>(command.qos);
    std::string_view filter = command.topic;
    const std::size_t levels_max = config.limits.topic_levels_max;
    if (is_publish && !is_valid_topic_name(filter, levels_max))
        return refused("it is no topic name");
    if (is_publish && is_server_topic(filter)) {
        return refused("the server alone publishes below $SYS/");
    }
    if (is_publish ? !session::may_publish(who.device_id, filter)
                   : !session::may_subscribe(who.device_id, filter)) {
        return refused("the topic is the platform's or another device's");
    }
    if (!who.device_id.empty() && access::is_custom_topic(filter)) {
        return {true, "the platform decides, by the custom topics of the device's product", false,
                who.device_id};
    }
    if (!who.device_id.empty() && filter.starts_with("$oc/"))
        return allowed("the device's own topic");
    if (!is_publish && is_shared_filter(filter)) {
        const auto shared = parse_shared_filter(filter, levels_max);
        if (!shared) return refused("it is no shared subscription");
        filter = shared->filter;
    }
    if (!is_publish && !is_valid_topic_filter(filter, levels_max)) {
        return refused("it is no topic filter");
    }
    if (!access.has_rules()) return allowed("[access] names no file of rules");
    const access::RuleSetPtr rules = access.rules();
    const access::Selection selection = access::select(*rules, who);
    const access::Decider decider{*rules, selection, who};
    if (is_publish) return judgement_of(decider.publish(filter, qos, command.retain), *rules);
    return judgement_of(decider.subscribe(filter, qos), *rules);
}

/// As questions that HTTP brings.
ExplainCommand command_of(const api::ExplainQuestion& question) {
    ExplainCommand command;
    command.deed = static_cast<ExplainCommand::Deed>(question.deed);
    command.client_id = question.client_id;
    command.user_name = question.user_name;
    command.listener_port = question.listener_port;
    command.topic = question.topic;
    command.qos = question.qos;
    command.retain = question.retain;
    return command;
}

}  // namespace

std::string explain(const ExplainCommand& command, const Config& config,
                    const access::Access& access) {
    const Who who = who_of(command, listener_of(command, config));
    const std::string& topic = command.topic;
    if (command.deed == ExplainCommand::Deed::connect) {
        return "connect, " + name_of(who) + " by " + endpoint_text(listener_of(command, config)) +
               ": " + text_of(judge_connect(command, config, access)) + "\n";
    }
    const bool is_publish = command.deed == ExplainCommand::Deed::publish;
    return (is_publish ? "publish to " : "subscribe to ") + topic + ", " + name_of(who) + ": " +
           text_of(judge_topic(command, config, access)) + "\n";
}

LiveExplain::LiveExplain(Config config, const std::vector<std::uint16_t>& ports,
                         const access::Access& access)
    : config_(std::move(config)), access_(access) {
    for (std::size_t i = 0; i < ports.size() && i < config_.mqtt_listeners.size(); ++i) {
        config_.mqtt_listeners[i].port = ports[i];
    }
}

std::optional<api::Explanation> LiveExplain::explain(const api::ExplainQuestion& question) const {
    const bool is_known = !question.listener_port ||
                          std::ranges::any_of(config_.mqtt_listeners, [&](const auto& listener) {
                              return listener.port == *question.listener_port;
                          });
    if (!is_known) return std::nullopt;
    const ExplainCommand command = command_of(question);
    Judgement judgement = question.deed == api::ExplainQuestion::Deed::connect
                              ? judge_connect(command, config_, access_)
                              : judge_topic(command, config_, access_);
    return api::Explanation{judgement.is_allowed, std::move(judgement.because),
                            std::move(judgement.device_id)};
}

}  // namespace holdfast
