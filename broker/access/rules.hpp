#pragma once
// Rules: who may do what with which topics, as a file of rules says it, and the decision about one request.
// The first rule that speaks of a request decides; if none does, it is denied.
//
// A subscription: a rule that allows it must cover its whole filter, one that denies need only share a topic
// with it, so no message that it could bring is denied. Mosquitto's files know no rights of filters: there
// a subscription is refused only when nothing that it could bring may be read.
// Immutable once made. Threads: any. Deciding allocates nothing; its cost is that of the rules for the
// client, which select() finds once.

#include "access/topic_pattern.hpp"
#include "access/who.hpp"
#include "base/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::access {

/// A set of what a rule speaks of.
enum class Deeds : std::uint8_t { none = 0, publish = 1, subscribe = 2, receive = 4, all = 7 };
[[nodiscard]] constexpr Deeds operator|(Deeds a, Deeds b) {
    return static_cast<Deeds>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
[[nodiscard]] constexpr bool has(Deeds set, Deeds deed) {
    return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(deed)) != 0;
}

/// As rules write it; none: the word is not one of theirs.
[[nodiscard]] Deeds deed_of(std::string_view word);

/// Whom a rule speaks of.
struct Subject {
    enum class Kind : std::uint8_t {
        everybody,
        users,      ///< who has a user name
        devices,    ///< of the platform
        anonymous,  ///< who is neither
        user,       ///< of this name
        client,     ///< of this Client Identifier
        listener,   ///< who came in by this port
    };
    Kind kind = Kind::everybody;
    std::string name;
    std::uint16_t port = 0;
    [[nodiscard]] bool includes(const Who& who) const;
};

struct Rule {
    std::vector<Subject> who;
    bool is_allow = false;
    Deeds deeds = Deeds::none;
    std::vector<TopicPattern> topics;
    QoS qos_max = QoS::exactly_once;  ///< of one that allows: speaks of no more
    std::optional<bool> retain;       ///< of publications: only those with this flag
    unsigned line = 0;
};

struct RuleSet {
    enum class Filters : std::uint8_t { every_message, any_message };
    std::string file;
    std::vector<Rule> rules;
    Filters filters = Filters::every_message;
};

/// The rules of a set that speak of a client, in their order.
using Selection = std::vector<const Rule*>;
[[nodiscard]] Selection select(const RuleSet& set, const Who& who);

struct Decision {
    bool is_allowed = false;
    const Rule* rule = nullptr;  ///< null: none speaks of it
};

struct Decider {
    const RuleSet& set;
    const Selection& selection;  ///< of `set` for `who`
    const Who& who;

    [[nodiscard]] Decision publish(std::string_view topic, QoS qos, bool retain) const;
    /// Without `$share/{ShareName}/`.
    [[nodiscard]] Decision subscribe(std::string_view filter, QoS qos) const;
    [[nodiscard]] Decision receive(std::string_view topic) const;
};

}  // namespace holdfast::access
