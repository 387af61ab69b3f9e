#include "access/token_rules.hpp"

#include "base/topic.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <utility>

namespace holdfast::access {

namespace {

using boost::json::value;

/// Keeps the first thing that is wrong.
class AclClaimReader {
public:
    [[nodiscard]] boost::system::result<TokenRulesPtr, std::string> read(const value& acl) {
        if (!acl.is_array()) return "acl is no list";
        for (const value& entry : acl.get_array()) read_entry(entry);
        if (!problem_.empty()) return std::move(problem_);
        return std::make_shared<const RuleSet>(std::move(set_));
    }

private:
    void fail(std::string_view problem) {
        if (problem_.empty()) problem_ = problem;
    }

    void read_entry(const value& entry) {
        if (!entry.is_object()) return fail("acl has an entry that is no object");
        Rule rule;
        rule.who.emplace_back();
        bool has_deeds = false;
        for (const auto& member : entry.get_object()) {
            const std::string_view name{member.key().data(), member.key().size()};
            if (name == "topics") {
                read_topics(member.value(), rule);
            } else if (name == "allow" || name == "deny") {
                if (has_deeds) fail("acl has an entry that allows and denies");
                has_deeds = true;
                rule.is_allow = name == "allow";
                read_deeds(member.value(), rule);
            } else {
                fail("acl has an entry with a name that is none of allow, deny and topics");
            }
        }
        if (rule.deeds == Deeds::none) fail("acl has an entry that neither allows nor denies");
        if (rule.topics.empty()) fail("acl has an entry without topics");
        set_.rules.push_back(std::move(rule));
    }

    template <class Take>
    void for_each_text(const value& list, Take&& take) {
        if (!list.is_array()) return fail("acl has an entry in which something is no list");
        for (const value& each : list.get_array()) {
            if (!each.is_string()) return fail("acl has a list with something that is no text");
            take(std::string_view{each.get_string().data(), each.get_string().size()});
        }
    }

    void read_deeds(const value& list, Rule& rule) {
        for_each_text(list, [&](std::string_view word) {
            const Deeds deed = deed_of(word);
            if (deed == Deeds::none) fail("acl names nothing that can be done with a topic");
            rule.deeds = rule.deeds | deed;
        });
    }

    void read_topics(const value& list, Rule& rule) {
        for_each_text(list, [&](std::string_view text) {
            auto pattern = TopicPattern::parse(text, VariableForm::braces);
            if (!pattern) return fail("acl names a topic filter that is none");
            rule.topics.push_back(*std::move(pattern));
        });
    }

    RuleSet set_;
    std::string problem_;
};

}  // namespace

boost::system::result<TokenRulesPtr, std::string> read_token_rules(const value& acl) {
    return AclClaimReader{}.read(acl);
}

TokenRights::TokenRights(TokenRulesPtr rules, Who who, session::RightsPtr others)
    : rules_(std::move(rules)),
      who_(std::move(who)),
      selection_(select(*rules_, who_)),
      others_(std::move(others)) {}

bool TokenRights::may_publish(std::string_view topic, QoS qos, bool retain) const {
    const Decision decision = decider().publish(topic, qos, retain);
    if (decision.rule != nullptr) return decision.is_allowed;
    return others_ != nullptr && others_->may_publish(topic, qos, retain);
}

bool TokenRights::may_subscribe(std::string_view filter, QoS qos) const {
    std::string_view judged = filter;
    if (is_shared_filter(filter)) {
        const auto shared = parse_shared_filter(filter, unlimited);
        if (!shared) return false;
        judged = shared->filter;
    }
    const Decision decision = decider().subscribe(judged, qos);
    if (decision.rule != nullptr) return decision.is_allowed;
    return others_ != nullptr && others_->may_subscribe(filter, qos);
}

bool TokenRights::may_receive(std::string_view topic) const {
    const Decision decision = decider().receive(topic);
    if (decision.rule != nullptr) return decision.is_allowed;
    return others_ != nullptr && others_->may_receive(topic);
}

}  // namespace holdfast::access
