#include "access/topic_pattern.hpp"

#include "base/limits.hpp"
#include "base/topic.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace holdfast::access {

namespace {

using boost::system::result;

struct VariableName {
    std::string_view text;
    Variable variable;
};
constexpr std::array braced_names{VariableName{"client_id", Variable::client_id},
                                  VariableName{"username", Variable::user_name},
                                  VariableName{"device_id", Variable::device_id},
                                  VariableName{"cert.cn", Variable::certificate_name}};
constexpr std::array device_names{VariableName{"devices.deviceId", Variable::device_id},
                                  VariableName{"devices.nodeId", Variable::node_id},
                                  VariableName{"devices.productId", Variable::product_id}};

std::span<const VariableName> names_of(VariableForm form) {
    if (form == VariableForm::devices) return device_names;
    return braced_names;
}

constexpr std::size_t levels_max = 1024;

bool is_usable(std::string_view value, bool begins_topic) {
    if (begins_topic && value.starts_with('$')) return false;
    return value.find_first_of("+#/") == std::string_view::npos;
}

/// The variable that `text` begins with, which is taken off.
result<Variable, std::string> take_variable(std::string_view& text, VariableForm form) {
    if (form == VariableForm::percent) {
        const Variable variable = text[1] == 'c' ? Variable::client_id : Variable::user_name;
        text.remove_prefix(2);
        return variable;
    }
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) return std::string{"a ${ without its }"};
    const std::string_view name = text.substr(2, end - 2);
    text.remove_prefix(end + 1);
    for (const VariableName& known : names_of(form)) {
        if (known.text == name) return known.variable;
    }
    return "there is no variable ${" + std::string{name} + "}";
}

/// Where the next variable begins, or npos.
std::size_t find_variable(std::string_view text, VariableForm form) {
    if (form == VariableForm::none) return std::string_view::npos;
    if (form != VariableForm::percent) return text.find("${");
    return std::min(text.find("%c"), text.find("%u"));
}

}  // namespace

result<TopicPattern, std::string> TopicPattern::parse(std::string_view text, VariableForm form) {
    if (text.empty()) return std::string{"the topic is empty"};
    if (text.size() > string_bytes_max || !is_valid_utf8_string(text)) {
        return std::string{"the topic is longer than 65535 bytes, or not UTF-8"};
    }
    TopicPattern pattern;
    pattern.text_ = text;
    LevelIterator levels{text};
    std::string_view level;
    while (levels.next(level)) {
        if (!pattern.levels_.empty() && pattern.levels_.back().kind == Level::Kind::rest) {
            return std::string{"# is for the last level of a topic"};
        }
        if (pattern.levels_.size() == levels_max) {
            return std::string{"the topic has more than 1024 levels"};
        }
        auto parsed = parse_level(level, form);
        if (!parsed) return parsed.error();
        pattern.levels_.push_back(*std::move(parsed));
    }
    return pattern;
}

result<TopicPattern::Level, std::string> TopicPattern::parse_level(std::string_view text,
                                                                   VariableForm form) {
    Level level;
    if (text == "+" || text == "#") {
        level.kind = text == "+" ? Level::Kind::one : Level::Kind::rest;
        return level;
    }
    if (has_wildcard(text)) return std::string{"+ and # stand alone in their level"};
    while (!text.empty()) {
        const std::size_t at = find_variable(text, form);
        if (at != 0) {
            level.parts.push_back({std::string{text.substr(0, at)}, {}, false});
            if (at == std::string_view::npos) break;
            text.remove_prefix(at);
        }
        const auto variable = take_variable(text, form);
        if (!variable) return variable.error();
        level.parts.push_back({{}, *variable, true});
    }
    return level;
}

/// Whether a name level, its variables filled in, is `text`.
bool TopicPattern::is_same(const Level& level, std::string_view text, bool is_first,
                           const Reading& reading) {
    bool begins_topic = is_first;
    for (const Part& part : level.parts) {
        std::string_view expected = part.literal;
        if (part.is_variable) {
            expected = value_of(part.variable, reading.who);
            if (!is_usable(expected, begins_topic)) return reading.is_of_denial;
        }
        if (!text.starts_with(expected)) return false;
        text.remove_prefix(expected.size());
        begins_topic = false;
    }
    return text.empty();
}

/// A leading wildcard does not match names that begin with `$`. [MQTT5-4.7.2-1]
bool TopicPattern::is_barred_from_dollar(std::string_view first) const {
    return levels_.front().kind != Level::Kind::name && first.starts_with('$');
}

bool TopicPattern::covers(std::string_view filter, const Reading& reading) const {
    LevelIterator levels{filter};
    std::string_view text;
    for (std::size_t i = 0; i < levels_.size(); ++i) {
        const Level& level = levels_[i];
        const bool has_more = levels.next(text);
        if (i == 0 && is_barred_from_dollar(text)) return false;
        if (level.kind == Level::Kind::rest) return true;  // the parent level too
        if (!has_more || text == "#") return false;
        if (level.kind == Level::Kind::one) continue;
        if (text == "+" || !is_same(level, text, i == 0, reading)) return false;
    }
    return !levels.next(text);
}

bool TopicPattern::overlaps(std::string_view filter, const Reading& reading) const {
    if (!reading.is_of_denial && !has_usable_values(reading.who)) return false;
    LevelIterator levels{filter};
    std::string_view text;
    for (std::size_t i = 0; i < levels_.size(); ++i) {
        const Level& level = levels_[i];
        const bool has_more = levels.next(text);
        if (i == 0 && is_barred_from_dollar(text)) return false;
        if (level.kind == Level::Kind::rest) return true;
        if (!has_more) return false;
        const bool is_wild = text == "+" || text == "#";
        if (i == 0 && is_wild && begins_with_dollar()) return false;
        if (text == "#") return true;
        if (level.kind == Level::Kind::one || text == "+") continue;
        if (!is_same(level, text, i == 0, reading)) return false;
    }
    return !levels.next(text) || text == "#";
}

/// A variable never makes it so: a value with `$` there is of no use.
bool TopicPattern::begins_with_dollar() const {
    const Level& first = levels_.front();
    if (first.kind != Level::Kind::name || first.parts.empty()) return false;
    return !first.parts.front().is_variable && first.parts.front().literal.starts_with('$');
}

bool TopicPattern::has_usable_values(const Who& who) const {
    for (const Level& level : levels_) {
        for (const Part& part : level.parts) {
            const bool begins_topic = &level == &levels_.front() && &part == &level.parts.front();
            if (part.is_variable && !is_usable(value_of(part.variable, who), begins_topic))
                return false;
        }
    }
    return true;
}

bool TopicPattern::speaks_of(const Who& who) const {
    for (const Level& level : levels_) {
        for (const Part& part : level.parts) {
            if (part.is_variable && value_of(part.variable, who).empty()) return false;
        }
    }
    return true;
}

}  // namespace holdfast::access
