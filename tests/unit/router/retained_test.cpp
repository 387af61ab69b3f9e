#include "router/retained.hpp"

#include "base/limits.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace {

using boost::unit_test::label;
using holdfast::ApplicationMessage;
using holdfast::Instant;
using holdfast::MessagePtr;
using holdfast::Milliseconds;
using holdfast::never;
using holdfast::unlimited;
using holdfast::router::RetainedCursor;
using holdfast::router::RetainedMessages;
using holdfast::router::RetainOutcome;

using Texts = std::vector<std::string>;

constexpr Instant start{};

MessagePtr message(std::string_view topic, std::string_view payload = "on",
                   Instant expires_at = never) {
    holdfast::MessageParts parts;
    parts.topic = topic;
    parts.payload = holdfast::as_bytes(payload);
    parts.retain = true;
    parts.expires_at = expires_at;
    return ApplicationMessage::create(parts);
}

/// What is left of a walk.
Texts rest_of(const RetainedMessages& retained, RetainedCursor& cursor, Instant now = start) {
    Texts topics;
    while (const MessagePtr next = retained.next(cursor, now)) topics.emplace_back(next->topic());
    return topics;
}

Texts walk(const RetainedMessages& retained, std::string_view filter, Instant now = start) {
    RetainedCursor cursor = retained.open(filter);
    return rest_of(retained, cursor, now);
}

}  // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(RetainOutcome)

BOOST_AUTO_TEST_SUITE(retained)

BOOST_AUTO_TEST_CASE(last_message_of_a_topic_is_kept,
                     *label("MQTT5-3.3.1-5") * label("MQTT3-3.3.1-5") * label("MQTT3-3.3.1-7")) {
    RetainedMessages retained{unlimited};
    BOOST_TEST(retained.set(message("a", "first")) == RetainOutcome::stored);
    const MessagePtr second = message("a", "second");
    BOOST_TEST(retained.set(second) == RetainOutcome::replaced);
    BOOST_TEST(retained.find("a", start) == second);
    BOOST_TEST(retained.find("A", start) == nullptr);
    BOOST_TEST(retained.count() == 1U);
    BOOST_TEST(retained.bytes() == second->footprint());
}

BOOST_AUTO_TEST_CASE(empty_payload_clears_the_topic,
                     *label("MQTT5-3.3.1-6") * label("MQTT3-3.3.1-10")) {
    RetainedMessages retained{unlimited};
    retained.set(message("a"));
    retained.set(message("a/b"));
    BOOST_TEST(retained.set(message("a", "")) == RetainOutcome::cleared);
    BOOST_TEST(retained.find("a", start) == nullptr);
    BOOST_TEST(walk(retained, "#") == (Texts{"a/b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(empty_message_is_never_stored,
                     *label("MQTT5-3.3.1-7") * label("MQTT3-3.3.1-11")) {
    RetainedMessages retained{unlimited};
    BOOST_TEST(retained.set(message("a", "")) == RetainOutcome::nothing_to_clear);
    BOOST_TEST(retained.count() == 0U);
    BOOST_TEST(retained.bytes() == 0U);
    BOOST_TEST(walk(retained, "a").empty());
}

BOOST_AUTO_TEST_CASE(new_topics_beyond_the_maximum_are_refused_and_known_ones_are_not) {
    RetainedMessages retained{2};
    BOOST_TEST(retained.set(message("a")) == RetainOutcome::stored);
    BOOST_TEST(retained.set(message("b")) == RetainOutcome::stored);
    BOOST_TEST(retained.set(message("c")) == RetainOutcome::refused);
    BOOST_TEST(retained.set(message("b", "new")) == RetainOutcome::replaced);
    BOOST_TEST(retained.set(message("a", "")) == RetainOutcome::cleared);
    BOOST_TEST(retained.set(message("c")) == RetainOutcome::stored);
    BOOST_TEST(walk(retained, "#") == (Texts{"b", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cursor_gives_every_match_once, *label("MQTT3-3.3.1-6")) {
    RetainedMessages retained{unlimited};
    for (const auto* topic : {"a", "a/b", "a/b/c", "a-b", "b/b", "/b", "a//c"}) {
        retained.set(message(topic));
    }
    BOOST_TEST(walk(retained, "a/#") == (Texts{"a", "a//c", "a/b", "a/b/c"}),
               boost::test_tools::per_element());
    BOOST_TEST(walk(retained, "+/b") == (Texts{"/b", "a/b", "b/b"}),
               boost::test_tools::per_element());
    BOOST_TEST(walk(retained, "a/b") == (Texts{"a/b"}), boost::test_tools::per_element());
    BOOST_TEST(walk(retained, "a/+/c") == (Texts{"a//c", "a/b/c"}),
               boost::test_tools::per_element());
    BOOST_TEST(walk(retained, "c").empty());
    BOOST_TEST(walk(retained, "#").size() == 7U);
}

BOOST_AUTO_TEST_CASE(leading_wildcards_pass_over_server_topics,
                     *label("MQTT5-4.7.2-1") * label("MQTT3-4.7.2-1")) {
    RetainedMessages retained{unlimited};
    for (const auto* topic : {"$SYS/uptime", "$", "!", "%", "a/$SYS"}) {
        retained.set(message(topic));
    }
    BOOST_TEST(walk(retained, "#") == (Texts{"!", "%", "a/$SYS"}),
               boost::test_tools::per_element());
    BOOST_TEST(walk(retained, "+/uptime").empty());
    BOOST_TEST(walk(retained, "$SYS/#") == (Texts{"$SYS/uptime"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cursor_leaves_out_what_was_retained_after_it_was_opened) {
    for (const auto* filter : {"#", "b"}) {
        RetainedMessages retained{unlimited};
        retained.set(message("a"));
        retained.set(message("b"));
        RetainedCursor cursor = retained.open(filter);
        retained.set(message("b", "went out live"));
        retained.set(message("c", "went out live"));
        const Texts expected = filter == std::string_view{"#"} ? Texts{"a"} : Texts{};
        BOOST_TEST(rest_of(retained, cursor) == expected, boost::test_tools::per_element());
        BOOST_TEST(!walk(retained, filter).empty());
    }
}

BOOST_AUTO_TEST_CASE(cursor_goes_on_where_it_was_when_that_message_is_gone) {
    RetainedMessages retained{unlimited};
    for (const auto* topic : {"a", "b", "c", "d"}) retained.set(message(topic));
    RetainedCursor cursor = retained.open("+");
    BOOST_TEST(retained.next(cursor, start)->topic() == "a");
    BOOST_TEST(retained.next(cursor, start)->topic() == "b");
    retained.set(message("b", ""));
    retained.set(message("c", ""));
    BOOST_TEST(rest_of(retained, cursor) == (Texts{"d"}), boost::test_tools::per_element());
    BOOST_TEST(retained.next(cursor, start) == nullptr);
}

BOOST_AUTO_TEST_CASE(cursor_of_a_plain_filter_ends_after_one_message) {
    RetainedMessages retained{unlimited};
    retained.set(message("a"));
    RetainedCursor cursor = retained.open("a");
    BOOST_TEST(retained.next(cursor, start) != nullptr);
    BOOST_TEST(retained.next(cursor, start) == nullptr);
}

BOOST_AUTO_TEST_CASE(long_runs_without_a_match_are_walked_to_their_end) {
    RetainedMessages retained{unlimited};
    for (int i = 0; i < 1000; ++i) {
        retained.set(message("old/" + std::to_string(i), "on", start + Milliseconds{1}));
    }
    retained.set(message("z"));
    BOOST_TEST(walk(retained, "#", start + Milliseconds{1}) == (Texts{"z"}),
               boost::test_tools::per_element());
    BOOST_TEST(walk(retained, "#").size() == 1001U);
}

BOOST_AUTO_TEST_CASE(expired_messages_are_not_given_out) {
    RetainedMessages retained{unlimited};
    retained.set(message("a", "on", start + Milliseconds{10}));
    retained.set(message("b"));
    const Instant before = start + Milliseconds{9};
    const Instant at = start + Milliseconds{10};
    BOOST_TEST(retained.find("a", before) != nullptr);
    BOOST_TEST(retained.find("a", at) == nullptr);
    BOOST_TEST(walk(retained, "a", before).size() == 1U);
    BOOST_TEST(walk(retained, "a", at).empty());
    BOOST_TEST(walk(retained, "#", at) == (Texts{"b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(sweep_removes_the_expired_a_few_at_a_time) {
    RetainedMessages retained{unlimited};
    for (int i = 0; i < 100; ++i) {
        const bool lasts = i % 10 == 0;
        retained.set(
            message("t/" + std::to_string(i), "on", lasts ? never : start + Milliseconds{1}));
    }
    const Instant now = start + Milliseconds{1};
    std::size_t removed = 0;
    for (int call = 0; call < 4; ++call) {
        const std::size_t this_time = retained.remove_expired(now, 30);
        BOOST_TEST(this_time <= 30U);
        removed += this_time;
        retained.set(message("t/0", ""));  // changes between the calls do no harm
        retained.set(message("t/0"));
    }
    BOOST_TEST(removed == 90U);
    BOOST_TEST(retained.count() == 10U);
    BOOST_TEST(retained.remove_expired(now, 1000) == 0U);
    BOOST_TEST(RetainedMessages{1}.remove_expired(now, 1000) == 0U);
}

BOOST_AUTO_TEST_CASE(sweep_survives_the_removal_of_its_place) {
    RetainedMessages retained{unlimited};
    for (const auto* topic : {"a", "b", "c"}) retained.set(message(topic));
    BOOST_TEST(retained.remove_expired(start, 1) == 0U);  // stands at b
    retained.set(message("b", ""));
    retained.set(message("c", "on", start));
    BOOST_TEST(retained.remove_expired(start, 1) == 1U);
    BOOST_TEST(retained.remove_expired(start, 1) == 0U);
    BOOST_TEST(walk(retained, "#") == (Texts{"a"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(threads_may_set_and_walk_at_the_same_time) {
    RetainedMessages retained{unlimited};
    for (int i = 0; i < 500; ++i) retained.set(message("kept/" + std::to_string(i)));
    const auto change = [&retained](const char* prefix) {
        for (int i = 0; i < 2000; ++i) {
            const std::string topic = std::string(prefix) + "/" + std::to_string(i % 50);
            retained.set(message(topic, i % 3 == 0 ? "" : "on"));
        }
    };
    std::jthread one{change, "changing/1"};
    std::jthread other{change, "changing/2"};
    for (int i = 0; i < 5; ++i) BOOST_TEST(walk(retained, "kept/#").size() == 500U);
}

BOOST_AUTO_TEST_SUITE_END()
