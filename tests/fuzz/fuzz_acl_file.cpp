// Any bytes as files of rules, Mosquitto's and ours: reading never crashes, an error names a line of the
// file, and what was read decides without crashing: what is allowed has a rule that says so, and a client
// whose names are hostile may do no more than with a name that stands in no rule.
// The input is the text of the file, a zero byte, and a topic.

#include "access/acl_file.hpp"
#include "access/rules_file.hpp"
#include "base/error.hpp"
#include "base/topic.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

using namespace holdfast;
using namespace holdfast::access;

namespace {

constexpr std::size_t levels_max = 128;

void check_decisions(const RuleSet& set, std::string_view topic) {
    const Who who{
        .client_id = "pump-7", .user_name = "alice", .certificate_name = "cn", .port = 1883};
    const Selection selection = select(set, who);
    const Decider decider{set, selection, who};
    const bool is_name = is_valid_topic_name(topic, levels_max);
    if (is_name) {
        const Decision received = decider.receive(topic);
        CHECK(!received.is_allowed || received.rule != nullptr);
        static_cast<void>(decider.publish(topic, QoS::at_least_once, false));
    }
    if (!is_valid_topic_filter(topic, levels_max)) return;
    const Decision subscribed = decider.subscribe(topic, QoS::at_most_once);
    CHECK(!subscribed.is_allowed || subscribed.rule != nullptr);

    // Nothing is allowed by a value with a wildcard that would not be allowed by one that fits nowhere.
    const Who hostile{.client_id = "+", .user_name = "#"};
    const Who stranger{.client_id = "\x02", .user_name = "\x03"};
    const Selection of_hostile = select(set, hostile);
    const Selection of_stranger = select(set, stranger);
    if (of_hostile != of_stranger || !is_name) return;
    const bool may = Decider{set, of_hostile, hostile}.receive(topic).is_allowed;
    const Decider of_other{set, of_stranger, stranger};
    CHECK(!may || of_other.receive(topic).is_allowed);
}

void check(const Loaded<RuleSet>& parsed, std::string_view text, std::string_view topic) {
    if (parsed) return check_decisions(*parsed, topic);
    const auto lines = 1 + std::ranges::count(text, '\n');
    CHECK(parsed.error().line <= static_cast<unsigned long>(lines) + 1);
    CHECK(!parsed.error().problem.empty() && !parsed.error().remedy.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    const std::string input{reinterpret_cast<const char*>(data), size};
    const std::size_t end = std::min(input.find('\0'), input.size());
    const std::string text = input.substr(0, end);
    const std::string topic = end < input.size() ? input.substr(end + 1) : "";
    if (!is_valid_utf8_string(topic)) return 0;
    check(parse_acl_file(text, "acl"), text, topic);
    check(parse_rules_file(text, "rules"), text, topic);
    return 0;
}
