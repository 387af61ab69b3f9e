#include "api/device_sql.hpp"

#include "api/iso_time.hpp"
#include "api/json_fields.hpp"
#include "api/paging.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace holdfast::api {

namespace {

using store::Comparison;
using store::ConditionTree;
using store::DeviceCondition;
using store::DeviceField;
using Kind = SqlToken::Kind;

/// What is compared with a field beside = and !=, which all have.
struct FieldRule {
    std::string_view name;
    bool is_ordered = false;  ///< > and <
    bool has_prefix = false;  ///< like
    bool has_list = true;     ///< in and not in
};
/// In the order of DeviceField.
constexpr std::array<FieldRule, store::device_field_count> field_rules{{
    {.name = "app_id"},
    {.name = "device_id"},
    {.name = "gateway_id"},
    {.name = "product_id"},
    {.name = "device_name", .has_prefix = true},
    {.name = "node_id", .has_prefix = true},
    {.name = "status"},
    {.name = "node_type"},
    {.name = "tag_key", .has_prefix = true, .has_list = false},
    {.name = "tag_value", .has_prefix = true, .has_list = false},
    {.name = "sw_version"},
    {.name = "fw_version"},
    {.name = "device_sdk_version"},
    {.name = "group_id"},
    {.name = "create_time", .is_ordered = true},
    {.name = "marker", .is_ordered = true},
}};

constexpr std::array<std::string_view, 20> shown_fields{
    "app_id",       "app_name",      "device_id",
    "node_id",      "gateway_id",    "device_name",
    "node_type",    "description",   "fw_version",
    "sw_version",   "product_id",    "device_sdk_version",
    "product_name", "status",        "connection_status_update_time",
    "create_time",  "active_time",   "tags",
    "auth_info",    "extension_info"};

constexpr std::array<std::string_view, 5> statuses{"ONLINE", "OFFLINE", "ABNORMAL", "INACTIVE",
                                                   "FROZEN"};
constexpr std::array<std::string_view, 2> node_types{"GATEWAY", "ENDPOINT"};

/// Letters, digits, _ and -, and Chinese: what name_alphabet has beyond ASCII.
constexpr Alphabet prefix_alphabet{[](char32_t c) {
                                       return c < 0x80 ? identifier_alphabet.contains(c)
                                                       : name_alphabet.contains(c);
                                   },
                                   "Chinese, letters, digits, _ and -"};
constexpr std::size_t prefix_characters_min = 4;

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& words, std::string_view text) {
    return std::ranges::find(words, text) != words.end();
}

template <class Words>
std::string list_of(const Words& words) {
    std::string list;
    for (const auto& word : words) list.append(list.empty() ? "" : ", ").append(word);
    return list;
}

const FieldRule& rule_of(DeviceField field) {
    return field_rules.at(static_cast<std::size_t>(field));
}

bool is_marker(std::string_view text) {
    return text.size() == 24 &&
           text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// Reads straight down: the first thing that is wrong is kept, and everything after it reads as nothing.
class Parser {
public:
    explicit Parser(std::string_view statement) : tokens_(statement) { advance(); }

    [[nodiscard]] boost::system::result<DeviceSql, SqlProblem> parse() {
        keyword("select");
        read_shown();
        keyword("from");
        keyword("device");
        if (accept_word("where")) sql_.search.where.push_back(any_of(0));
        if (accept_word("order")) read_order();
        if (accept_word("limit")) read_limit();
        static_cast<void>(accept_sign(";"));
        if (next_.kind != Kind::end) {
            fail("the statement must end here, not go on with " + next_.shown() +
                 "; the order is where, order by, limit");
        }
        if (problem_) return *std::move(problem_);
        if (sql_.is_count) sql_.search.limit = 0;
        return std::move(sql_);
    }

private:
    // --- Tokens

    void advance() {
        if (problem_) return;
        const auto taken = tokens_.take();
        if (taken) {
            next_ = *taken;
        } else {
            fail_at(taken.error().place, taken.error().text);
        }
    }

    void fail(std::string text) { fail_at(next_.place, std::move(text)); }
    void fail_at(std::size_t place, std::string text) {
        if (!problem_) problem_ = SqlProblem{place, std::move(text)};
        next_ = {Kind::end, {}, place};
    }

    bool accept_word(std::string_view word) {
        if (problem_ || !next_.is_word(word)) return false;
        advance();
        return true;
    }
    bool accept_sign(std::string_view sign) {
        if (problem_ || !next_.is_sign(sign)) return false;
        advance();
        return true;
    }
    void keyword(std::string_view word) {
        if (accept_word(word)) return;
        fail("there must be " + std::string{word} + " here, not " + next_.shown());
    }
    void sign(std::string_view sign) {
        if (accept_sign(sign)) return;
        fail("there must be " + std::string{sign} + " here, not " + next_.shown());
    }

    // --- Clauses

    void read_shown() {
        if (accept_sign("*")) return;
        if (accept_word("count")) return read_count();
        do {
            if (next_.kind != Kind::word || !is_shown(next_.written)) {
                return fail("there must be *, count(*) or a field of devices here, not " +
                            next_.shown() + "; fields are " + list_of(shown_fields) + ", marker");
            }
            sql_.shown.emplace_back(next_.written);
            advance();
        } while (accept_sign(","));
    }

    static bool is_shown(std::string_view name) {
        return name == "marker" || is_one_of(shown_fields, name);
    }

    void read_count() {
        sign("(");
        const bool is_one = next_.kind == Kind::number && next_.written == "1";
        if (!is_one && !next_.is_sign("*")) {
            return fail("there must be * or 1 here, not " + next_.shown());
        }
        advance();
        sign(")");
        sql_.is_count = true;
    }

    void read_order() {
        keyword("by");
        keyword("marker");
        sql_.search.is_oldest_first = accept_word("asc");
        if (!sql_.search.is_oldest_first) static_cast<void>(accept_word("desc"));
    }

    void read_limit() {
        const SqlToken first = next_;
        const std::size_t number = read_number();
        if (!accept_sign(",")) return set_rows(first, number);
        if (number > page_offset_max) {
            return fail_at(first.place, "the offset must be at most 500, not " + first.shown() +
                                            "; go on with marker < '...' instead");
        }
        sql_.search.offset = number;
        const SqlToken second = next_;
        set_rows(second, read_number());
    }

    void set_rows(const SqlToken& written, std::size_t rows) {
        if (rows < 1 || rows > page_limit_max) {
            return fail_at(written.place,
                           "the number of rows must be from 1 to 50, not " + written.shown());
        }
        sql_.search.limit = rows;
    }

    std::size_t read_number() {
        std::size_t number = 0;
        if (next_.kind != Kind::number) {
            fail("there must be a number here, not " + next_.shown());
            return 0;
        }
        const std::string_view digits = next_.written;
        const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        advance();
        return parsed.ec == std::errc{} ? number : std::numeric_limits<std::size_t>::max();
    }

    // --- Conditions

    ConditionTree any_of(std::size_t depth) {
        ConditionTree first = all_of(depth);
        if (!next_.is_word("or")) return first;
        ConditionTree tree{ConditionTree::Kind::any_of, {}, {std::move(first)}};
        while (accept_word("or")) tree.parts.push_back(all_of(depth));
        return tree;
    }

    ConditionTree all_of(std::size_t depth) {
        ConditionTree first = one_of(depth);
        if (!next_.is_word("and")) return first;
        ConditionTree tree{ConditionTree::Kind::all_of, {}, {std::move(first)}};
        while (accept_word("and")) tree.parts.push_back(one_of(depth));
        return tree;
    }

    ConditionTree one_of(std::size_t depth) {
        if (!next_.is_sign("(")) return {ConditionTree::Kind::condition, condition(), {}};
        if (depth == device_sql_depth_max) {
            fail("there must be at most 5 parentheses inside each other");
            return {};
        }
        advance();
        ConditionTree tree = any_of(depth + 1);
        sign(")");
        return tree;
    }

    DeviceCondition condition() {
        if (conditions_ == device_sql_conditions_max) {
            fail("there must be at most 5 conditions; in (...) compares with several values");
        }
        ++conditions_;
        const auto field = read_field();
        if (!field) return {};
        DeviceCondition read{*field, read_comparison(*field), {}};
        if (read.comparison != Comparison::in && read.comparison != Comparison::not_in) {
            read.values.push_back(read_value(read));
            return read;
        }
        sign("(");
        do {
            read.values.push_back(read_value(read));
        } while (accept_sign(","));
        sign(")");
        return read;
    }

    std::optional<DeviceField> read_field() {
        const auto rule = std::ranges::find(field_rules, next_.written, &FieldRule::name);
        if (next_.kind != Kind::word || rule == field_rules.end()) {
            std::string names;
            for (const FieldRule& each : field_rules) {
                names.append(names.empty() ? "" : ", ").append(each.name);
            }
            fail("there must be a field to search by here, not " + next_.shown() + "; these are " +
                 names);
            return std::nullopt;
        }
        advance();
        return static_cast<DeviceField>(rule - field_rules.begin());
    }

    Comparison read_comparison(DeviceField field) {
        const FieldRule& rule = rule_of(field);
        const SqlToken written = next_;
        if (accept_sign("=")) return Comparison::equal;
        if (accept_sign("!=") || accept_sign("<>")) return Comparison::not_equal;
        if (rule.is_ordered && accept_sign(">")) return Comparison::greater;
        if (rule.is_ordered && accept_sign("<")) return Comparison::less;
        if (rule.has_prefix && accept_word("like")) return Comparison::starts_with;
        if (rule.has_list && accept_word("in")) return Comparison::in;
        if (rule.has_list && accept_word("not")) {
            keyword("in");
            return Comparison::not_in;
        }
        std::string known = "=, !=";
        if (rule.is_ordered) known += ", >, <";
        if (rule.has_prefix) known += ", like";
        if (rule.has_list) known += ", in, not in";
        fail("what compares " + std::string{rule.name} + " must be one of " + known + ", not " +
             written.shown());
        return {};
    }

    store::SearchValue read_value(const DeviceCondition& condition) {
        if (next_.kind != Kind::text) {
            fail("there must be a text in single quotes here, not " + next_.shown());
            return {};
        }
        std::string text = next_.value();
        if (const auto wrong = problem_of(condition, text)) {
            fail(*wrong + ", not " + next_.shown());
            return {};
        }
        advance();
        if (condition.comparison == Comparison::starts_with) text.pop_back();
        if (condition.field != DeviceField::create_time) return text;
        return parse_iso_time_milliseconds(text)->time_since_epoch().count();
    }

    /// Empty: the text may be compared so.
    static std::optional<std::string> problem_of(const DeviceCondition& condition,
                                                 std::string_view text) {
        if (condition.comparison == Comparison::starts_with) return problem_of_prefix(text);
        switch (condition.field) {
            case DeviceField::status:
                if (is_one_of(statuses, text)) return std::nullopt;
                return "the status must be one of " + list_of(statuses);
            case DeviceField::node_type:
                if (is_one_of(node_types, text)) return std::nullopt;
                return "the node_type must be one of " + list_of(node_types);
            case DeviceField::create_time:
                if (parse_iso_time_milliseconds(text)) return std::nullopt;
                return "the create_time must be a UTC time as '2015-06-06T12:10:10.000Z'";
            case DeviceField::marker:
                if (is_marker(text)) return std::nullopt;
                return "the marker must be of 24 hexadecimal digits";
            default:
                if (!text.empty()) return std::nullopt;
                return "the text must not be empty";
        }
    }

    static std::optional<std::string> problem_of_prefix(std::string_view text) {
        const bool has_sign = text.ends_with('%');
        if (has_sign) text.remove_suffix(1);
        if (has_sign && count_characters(text) >= prefix_characters_min &&
            is_written_in(text, prefix_alphabet)) {
            return std::nullopt;
        }
        return "what is behind like must be at least 4 of " + std::string{prefix_alphabet.words} +
               ", and then %";
    }

    SqlTokens tokens_;
    SqlToken next_;
    std::optional<SqlProblem> problem_;
    DeviceSql sql_;
    std::size_t conditions_ = 0;
};

}  // namespace

boost::system::result<DeviceSql, SqlProblem> read_device_sql(std::string_view statement) {
    return Parser{statement}.parse();
}

}  // namespace holdfast::api
