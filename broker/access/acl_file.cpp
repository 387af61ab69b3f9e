#include "access/acl_file.hpp"

#include "access/text_file.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace holdfast::access {

namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

/// The first word, which is taken off with the blanks behind it.
std::string_view take_word(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of(blanks), text.size());
    const std::string_view word = text.substr(0, end);
    text = trimmed(text.substr(end));
    return word;
}

class AclReader {
public:
    explicit AclReader(const std::string& file) : file_(file) {}

    [[nodiscard]] Loaded<RuleSet> read(std::string_view text) {
        for_each_line(text, [this](unsigned number, std::string_view line) {
            number_ = number;
            line = trimmed(line);
            if (!line.empty() && line.front() != '#') read_line(line);
            return !error_;
        });
        if (error_) return *std::move(error_);
        RuleSet set;
        set.file = file_;
        set.filters = RuleSet::Filters::any_message;
        // The order in which Mosquitto asks them.
        for (const bool is_pattern : {false, true}) {
            for (const bool is_allow : {false, true}) {
                for (Entry& entry : entries_) {
                    if (entry.is_pattern != is_pattern || entry.rule.is_allow != is_allow) continue;
                    set.rules.push_back(std::move(entry.rule));
                }
            }
        }
        return set;
    }

private:
    struct Entry {
        Rule rule;
        bool is_pattern = false;
    };

    void fail(std::string problem, std::string_view remedy) {
        error_ = FileError{file_, number_, std::move(problem), std::string{remedy}};
    }

    void read_line(std::string_view line) {
        const std::string_view keyword = take_word(line);
        if (keyword == "user") {
            if (line.empty()) return fail("a user without a name", "write user and the name");
            subject_ = {Subject::Kind::user, std::string{line}, 0};
        } else if (keyword == "topic" || keyword == "pattern") {
            read_rule(keyword == "pattern", line);
        } else {
            fail("\"" + std::string{keyword} + "\" is no word of an ACL file",
                 "write topic, user or pattern, or # before a comment");
        }
    }

    void read_rule(bool is_pattern, std::string_view line) {
        Entry entry{.rule = {}, .is_pattern = is_pattern};
        Rule& rule = entry.rule;
        rule.line = number_;
        std::string_view topic = line;
        const std::string_view access = take_word(line);
        rule.is_allow = access != "deny";
        rule.deeds = Deeds::all;
        if (!line.empty()) {
            topic = line;
            if (access == "read") {
                rule.deeds = Deeds::subscribe | Deeds::receive;
            } else if (access == "write") {
                rule.deeds = Deeds::publish;
            } else if (access != "readwrite" && access != "deny") {
                return fail("\"" + std::string{access} + "\" is no kind of access",
                            "write read, write, readwrite or deny, or leave it out");
            }
        } else {
            rule.is_allow = true;  // a topic named "deny"
        }
        auto parsed =
            TopicPattern::parse(topic, is_pattern ? VariableForm::percent : VariableForm::none);
        if (!parsed) {
            return fail(std::move(parsed).error(),
                        "write a topic filter behind the kind of access");
        }
        if (entries_.size() >= rules_max) return fail("more than 100000 rules", "take some out");
        rule.topics.push_back(*std::move(parsed));
        rule.who.push_back(is_pattern ? Subject{} : subject_);
        entries_.push_back(std::move(entry));
    }

    const std::string& file_;
    unsigned number_ = 0;
    Subject subject_{Subject::Kind::anonymous, {}, 0};
    std::vector<Entry> entries_;
    std::optional<FileError> error_;
};

}  // namespace

Loaded<RuleSet> parse_acl_file(std::string_view text, const std::string& file) {
    return AclReader{file}.read(text);
}

}  // namespace holdfast::access
