#include "access/rules.hpp"

#include <algorithm>

namespace holdfast::access {

namespace {

/// Calls is_hit(pattern) for the topics of a rule that speak of the client.
template <class IsHit>
bool any_topic(const Rule& rule, const Who& who, IsHit&& is_hit) {
    return std::ranges::any_of(rule.topics, [&](const TopicPattern& pattern) {
        return pattern.speaks_of(who) && is_hit(pattern);
    });
}

}  // namespace

Deeds deed_of(std::string_view word) {
    if (word == "publish") return Deeds::publish;
    if (word == "subscribe") return Deeds::subscribe;
    if (word == "receive") return Deeds::receive;
    return word == "readwrite" ? Deeds::all : Deeds::none;
}

bool Subject::includes(const Who& client) const {
    switch (kind) {
        case Kind::everybody: return true;
        case Kind::users: return !client.user_name.empty();
        case Kind::devices: return !client.device_id.empty();
        case Kind::anonymous: return client.is_anonymous();
        case Kind::user: return client.user_name == name;
        case Kind::client: return client.client_id == name;
        case Kind::listener: return client.port == port;
    }
    return false;
}

Selection select(const RuleSet& set, const Who& who) {
    Selection selection;
    for (const Rule& rule : set.rules) {
        const bool speaks =
            std::ranges::any_of(rule.who,
                                [&](const Subject& each) { return each.includes(who); }) &&
            std::ranges::any_of(rule.topics,
                                [&](const TopicPattern& each) { return each.speaks_of(who); });
        if (speaks) selection.push_back(&rule);
    }
    return selection;
}

Decision Decider::publish(std::string_view topic, QoS qos, bool retain) const {
    for (const Rule* const rule : selection) {
        if (!has(rule->deeds, Deeds::publish) || qos > rule->qos_max) continue;
        if (rule->retain && *rule->retain != retain) continue;
        const TopicPattern::Reading reading{who, !rule->is_allow};
        const bool is_hit = any_topic(*rule, who, [&](const TopicPattern& pattern) {
            return pattern.covers(topic, reading);
        });
        if (is_hit) return {rule->is_allow, rule};
    }
    return {};
}

Decision Decider::subscribe(std::string_view filter, QoS qos) const {
    const bool is_strict = set.filters == RuleSet::Filters::every_message;
    for (const Rule* const rule : selection) {
        if (!has(rule->deeds, Deeds::subscribe) || qos > rule->qos_max) continue;
        const TopicPattern::Reading reading{who, !rule->is_allow};
        const bool is_hit = any_topic(*rule, who, [&](const TopicPattern& pattern) {
            return rule->is_allow == is_strict ? pattern.covers(filter, reading)
                                               : pattern.overlaps(filter, reading);
        });
        if (is_hit) return {rule->is_allow, rule};
    }
    return {};
}

Decision Decider::receive(std::string_view topic) const {
    for (const Rule* const rule : selection) {
        if (!has(rule->deeds, Deeds::receive)) continue;
        const TopicPattern::Reading reading{who, !rule->is_allow};
        const bool is_hit = any_topic(*rule, who, [&](const TopicPattern& pattern) {
            return pattern.covers(topic, reading);
        });
        if (is_hit) return {rule->is_allow, rule};
    }
    return {};
}

}  // namespace holdfast::access
