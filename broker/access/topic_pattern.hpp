#pragma once
// TopicPattern: a Topic Filter of a rule, parsed into levels, with variables in them. Values are put in level
// by level as it is compared, never into the text: one that contains `+`, `#` or `/`, or begins with `$`
// where a topic begins, gains nothing. Of a rule that allows it matches no level; of one that denies, every.
// Immutable. Threads: any. Comparing allocates nothing.

#include "access/who.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::access {

/// How variables are written.
enum class VariableForm : std::uint8_t {
    none,     ///< there are none
    braces,   ///< ${client_id} ${username} ${device_id} ${cert.cn}
    percent,  ///< Mosquitto's: %c %u
    devices,  ///< the platform's: ${devices.deviceId} ${devices.nodeId} ${devices.productId}
};

class TopicPattern {
public:
    /// For whom, and whether the rule denies.
    struct Reading {
        const Who& who;
        bool is_of_denial = false;
    };

    /// The error: what is wrong, in a few words.
    [[nodiscard]] static boost::system::result<TopicPattern, std::string> parse(
        std::string_view text, VariableForm form);

    /// Whether every topic that `filter` matches is one of this pattern's. A Topic Name is a filter
    /// without wildcards: then, whether it matches.
    [[nodiscard]] bool covers(std::string_view filter, const Reading& reading) const;
    /// Whether there is a topic that both match.
    [[nodiscard]] bool overlaps(std::string_view filter, const Reading& reading) const;

    /// Whether `who` has a value for each variable: the pattern does not speak of others.
    [[nodiscard]] bool speaks_of(const Who& who) const;
    /// As it was written.
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    struct Part {
        std::string literal;  ///< unless `is_variable`
        Variable variable{};
        bool is_variable = false;
    };
    struct Level {
        enum class Kind : std::uint8_t { name, one, rest };
        Kind kind = Kind::name;
        std::vector<Part> parts;  ///< of a name; none: the empty level
    };

    [[nodiscard]] static boost::system::result<Level, std::string> parse_level(
        std::string_view text, VariableForm form);
    [[nodiscard]] static bool is_same(const Level& level, std::string_view text, bool is_first,
                                      const Reading& reading);
    [[nodiscard]] bool is_barred_from_dollar(std::string_view first) const;
    [[nodiscard]] bool begins_with_dollar() const;
    [[nodiscard]] bool has_usable_values(const Who& who) const;

    std::string text_;
    std::vector<Level> levels_;
};

}  // namespace holdfast::access
