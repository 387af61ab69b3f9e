#include "access/rules_file.hpp"

#include <toml++/toml.h>

#include <charconv>
#include <optional>
#include <utility>

namespace holdfast::access {

namespace {

constexpr std::string_view who_remedy =
    R"(write "*", "users", "devices", "anonymous", "user:NAME", "client:ID" or "listener:PORT")";
constexpr std::string_view deeds_remedy =
    R"(write a list of "publish", "subscribe", "receive", or "readwrite" for all three)";

std::string quoted(std::string_view text) { return "\"" + std::string{text} + "\""; }

std::optional<Subject> subject_of(std::string_view text) {
    using Kind = Subject::Kind;
    if (text == "*") return Subject{Kind::everybody, {}, 0};
    if (text == "users") return Subject{Kind::users, {}, 0};
    if (text == "devices") return Subject{Kind::devices, {}, 0};
    if (text == "anonymous") return Subject{Kind::anonymous, {}, 0};
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view kind = text.substr(0, colon);
    const std::string_view name = text.substr(colon + 1);
    if (name.empty()) return std::nullopt;
    if (kind == "user") return Subject{Kind::user, std::string{name}, 0};
    if (kind == "client") return Subject{Kind::client, std::string{name}, 0};
    if (kind != "listener") return std::nullopt;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), port);
    if (error != std::errc{} || end != name.data() + name.size() || port == 0) return std::nullopt;
    return Subject{Kind::listener, {}, port};
}

/// Keeps the first thing that is wrong; what comes behind it is not looked at.
class RulesReader {
public:
    explicit RulesReader(const std::string& file) : file_(file) {}

    [[nodiscard]] Loaded<RuleSet> read(const toml::table& root) {
        set_.file = file_;
        for (const auto& [key, node] : root) {
            const toml::array* const list = node.as_array();
            if (key.str() != "rules" || list == nullptr) {
                fail(key.source(), quoted(key.str()) + " is not a list of rules",
                     "begin each rule with [[rules]]");
                break;
            }
            for (const toml::node& element : *list) {
                if (!error_) read_rule(element);
            }
        }
        if (error_) return *std::move(error_);
        return std::move(set_);
    }

private:
    void fail(const toml::source_region& place, std::string problem, std::string_view remedy) {
        if (error_) return;
        error_ = FileError{file_, place.begin.line, std::move(problem), std::string{remedy}};
    }

    void read_rule(const toml::node& element) {
        const toml::table* const table = element.as_table();
        if (table == nullptr) {
            return fail(element.source(), "a rule is a table", "begin each rule with [[rules]]");
        }
        if (set_.rules.size() >= rules_max) {
            return fail(element.source(), "there are more than 100000 rules", "take some out");
        }
        Rule rule;
        rule.line = element.source().begin.line;
        bool has_deeds = false;
        for (const auto& [key, node] : *table) {
            const std::string_view name = key.str();
            if (name == "who") {
                read_who(node, rule);
            } else if (name == "allow" || name == "deny") {
                if (has_deeds) {
                    fail(key.source(), "a rule allows or denies, not both", "make two rules of it");
                }
                has_deeds = true;
                rule.is_allow = name == "allow";
                read_deeds(node, rule);
            } else if (name == "topics") {
                read_topics(node, rule);
            } else if (name == "qos_max") {
                read_qos(node, rule);
            } else if (name == "retain") {
                rule.retain = node.value_exact<bool>();
                if (!rule.retain)
                    fail(node.source(), "retain is no truth value", "write true or false");
            } else {
                fail(key.source(), "a rule has no key " + quoted(name),
                     "its keys are who, allow or deny, topics, qos_max, retain");
            }
        }
        check(element, rule);
        set_.rules.push_back(std::move(rule));
    }

    void check(const toml::node& element, const Rule& rule) {
        const auto& place = element.source();
        if (rule.who.empty()) fail(place, "the rule does not say who", who_remedy);
        if (rule.deeds == Deeds::none) {
            fail(place, "the rule neither allows nor denies anything", deeds_remedy);
        }
        if (rule.topics.empty()) {
            fail(place, "the rule names no topics", R"(write topics = ["a/#"])");
        }
        if (!rule.is_allow && rule.qos_max != QoS::exactly_once) {
            fail(place, "qos_max is for rules that allow", "allow the lower ones before this rule");
        }
        if (rule.retain && rule.deeds != Deeds::publish) {
            fail(place, "retain is for rules of publish alone", "make two rules of it");
        }
    }

    /// Calls take(text) for a text or each text of a list.
    template <class Take>
    void for_each_text(const toml::node& node, std::string_view remedy, Take&& take) {
        const auto take_one = [&](const toml::node& each) {
            const auto text = each.value_exact<std::string>();
            if (!text) return fail(each.source(), "it is no text", remedy);
            take(*text, each);
        };
        const toml::array* const list = node.as_array();
        if (list == nullptr) return take_one(node);
        if (list->empty()) fail(node.source(), "the list is empty", remedy);
        for (const toml::node& each : *list) take_one(each);
    }

    void read_who(const toml::node& node, Rule& rule) {
        for_each_text(node, who_remedy, [&](const std::string& text, const toml::node& each) {
            auto subject = subject_of(text);
            if (!subject) return fail(each.source(), quoted(text) + " is nobody", who_remedy);
            rule.who.push_back(*std::move(subject));
        });
    }

    void read_deeds(const toml::node& node, Rule& rule) {
        for_each_text(node, deeds_remedy, [&](const std::string& text, const toml::node& each) {
            const Deeds deed = deed_of(text);
            if (deed == Deeds::none) {
                fail(each.source(), quoted(text) + " is nothing to do with a topic", deeds_remedy);
            }
            rule.deeds = rule.deeds | deed;
        });
    }

    void read_topics(const toml::node& node, Rule& rule) {
        constexpr std::string_view remedy =
            "write topic filters; ${client_id}, ${username}, ${device_id}, ${cert.cn} stand for "
            "names";
        for_each_text(node, remedy, [&](const std::string& text, const toml::node& each) {
            auto pattern = TopicPattern::parse(text, VariableForm::braces);
            if (!pattern) return fail(each.source(), quoted(text) + ": " + pattern.error(), remedy);
            rule.topics.push_back(*std::move(pattern));
        });
    }

    void read_qos(const toml::node& node, Rule& rule) {
        const auto number = node.value_exact<std::int64_t>();
        if (!number || *number < 0 || *number > 2) {
            return fail(node.source(), "qos_max is no QoS", "write 0, 1 or 2");
        }
        rule.qos_max = static_cast<QoS>(*number);
    }

    const std::string& file_;
    RuleSet set_;
    std::optional<FileError> error_;
};

}  // namespace

Loaded<RuleSet> parse_rules_file(std::string_view text, const std::string& file) {
    try {
        const toml::table root = toml::parse(text, file);
        return RulesReader{file}.read(root);
    } catch (const toml::parse_error& error) {
        return FileError{file, error.source().begin.line,
                         "this is not TOML: " + std::string{error.description()},
                         "correct the line"};
    }
}

}  // namespace holdfast::access
