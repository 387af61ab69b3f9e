#include "api/prometheus.hpp"

#include "unit/api/fake_status.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// The metrics' names, from their TYPE lines.
std::set<std::string> names_of(const std::string& text) {
    std::set<std::string> names;
    for (const std::string& line : lines_of(text)) {
        if (!line.starts_with("# TYPE ")) continue;
        const std::string name = line.substr(7, line.find(' ', 7) - 7);
        BOOST_TEST(names.insert(name).second, name << " appears twice");
    }
    return names;
}

bool has_line(const std::string& text, const std::string& wanted) {
    for (const std::string& line : lines_of(text)) {
        if (line == wanted) return true;
    }
    return false;
}

std::string operations_page() {
    std::ifstream page{"docs/operations.md"};
    return {std::istreambuf_iterator<char>{page}, {}};
}

/// Whether the page has a row of a table for the word.
template <class Reason>
void check_documented(const std::string& page) {
    for (std::size_t i = 0; i < index_in_list(Reason::count_); ++i) {
        const std::string word{to_string(static_cast<Reason>(i))};
        BOOST_TEST(page.find("\n| `" + word + "` |") != std::string::npos, word);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(prometheus)

BOOST_AUTO_TEST_CASE(every_counter_is_there_with_its_value) {
    const std::string text = prometheus_text(FakeStatus{});
    for (std::size_t i = 0; i < index_in_list(Counter::count_); ++i) {
        const std::string name = std::string{to_string(static_cast<Counter>(i))};
        BOOST_TEST(has_line(text, "holdfast_" + name + "_total " + std::to_string(i)), name);
        BOOST_TEST(has_line(text, "# TYPE holdfast_" + name + "_total counter"), name);
    }
}

BOOST_AUTO_TEST_CASE(every_reason_is_a_label) {
    const std::string text = prometheus_text(FakeStatus{});
    for (std::size_t i = 0; i < index_in_list(CloseReason::count_); ++i) {
        const std::string word{to_string(static_cast<CloseReason>(i))};
        BOOST_TEST(has_line(text, "holdfast_connections_closed_by_reason_total{reason=\"" + word +
                                      "\"} " + std::to_string(100 + i)));
    }
    for (std::size_t i = 0; i < index_in_list(DropReason::count_); ++i) {
        const std::string word{to_string(static_cast<DropReason>(i))};
        BOOST_TEST(has_line(text, "holdfast_messages_dropped_total{reason=\"" + word + "\"} " +
                                      std::to_string(200 + i)));
    }
}

BOOST_AUTO_TEST_CASE(levels_are_gauges) {
    FakeStatus status;
    status.current = {.connections = 1,
                      .sessions = 2,
                      .sessions_connected = 3,
                      .subscriptions = 4,
                      .retained_messages = 5,
                      .retained_bytes = 6,
                      .queued_messages = 7,
                      .queued_bytes = 8,
                      .inflight_messages = 9,
                      .devices_with_messages = 10,
                      .device_messages_waiting = 11,
                      .device_bytes_waiting = 12,
                      .store_records = 13,
                      .store_bytes = 14,
                      .store_backlog_records = 15,
                      .store_disk_bytes = 16,
                      .store_index_bytes = 17,
                      .loop_lag_milliseconds = 25,
                      .loop_turn_milliseconds = 26,
                      .overloaded_threads = 27,
                      .memory_resident_bytes = 28,
                      .memory_max_bytes = 29,
                      .is_memory_exhausted = 1,
                      .bans = 30};
    status.stored = {.batches = 18,
                     .failed_batches = 19,
                     .records_appended = 20,
                     .appends_elided = 21,
                     .syncs = 22,
                     .bytes_written = 23,
                     .bytes_rewritten = 24};
    const std::string text = prometheus_text(status);
    for (const char* const line :
         {"holdfast_connections 1", "holdfast_sessions 2", "holdfast_sessions_connected 3",
          "holdfast_subscriptions 4", "holdfast_retained_messages 5", "holdfast_retained_bytes 6",
          "holdfast_queued_messages 7", "holdfast_queued_bytes 8", "holdfast_inflight_messages 9",
          "holdfast_devices_with_messages 10", "holdfast_device_messages_waiting 11",
          "holdfast_device_bytes_waiting 12", "holdfast_store_records 13",
          "holdfast_store_bytes 14", "holdfast_store_backlog_records 15",
          "holdfast_store_disk_bytes 16", "holdfast_store_index_bytes 17",
          "holdfast_store_batches_total 18", "holdfast_store_failed_batches_total 19",
          "holdfast_store_records_appended_total 20", "holdfast_store_appends_elided_total 21",
          "holdfast_store_syncs_total 22", "holdfast_store_written_bytes_total 23",
          "holdfast_store_rewritten_bytes_total 24",
          "holdfast_loop_lag_milliseconds 25", "holdfast_loop_turn_milliseconds 26",
          "holdfast_overloaded_threads 27", "holdfast_memory_resident_bytes 28",
          "holdfast_memory_max_bytes 29", "holdfast_memory_exhausted 1", "holdfast_bans 30",
          "holdfast_uptime_seconds 1.500", "holdfast_ready 1",
          "holdfast_build_info{version=\"1.2.3\"} 1", "# TYPE holdfast_queued_bytes gauge"}) {
        BOOST_TEST(has_line(text, line), line);
    }
    status.ready = false;
    BOOST_TEST(has_line(prometheus_text(status), "holdfast_ready 0"));
}

BOOST_AUTO_TEST_CASE(each_action_that_pushes_has_its_figures_and_each_reason_its_total) {
    FakeStatus status;
    PushActionState action;
    action.action_id = "6a1f";
    action.state = PushState::working;
    action.waiting = 3;
    action.oldest_age = Milliseconds{4999};
    action.totals.pushed = 5;
    action.totals.failed = 6;
    action.totals.add(PushDrop::expired, 2);
    action.totals.add(PushDrop::backlog_size, 5);
    PushActionState stopped;
    stopped.action_id = "6a20";
    stopped.state = PushState::certificate_expired;
    status.events.push = action.totals;
    status.events.push_actions = {action, stopped};
    const std::string text = prometheus_text(status);
    for (const char* const line :
         {"holdfast_push_action_waiting_events{action_id=\"6a1f\"} 3",
          "holdfast_push_action_oldest_seconds{action_id=\"6a1f\"} 4",
          "holdfast_push_action_pushed_total{action_id=\"6a1f\"} 5",
          "holdfast_push_action_failures_total{action_id=\"6a1f\"} 6",
          "holdfast_push_action_dropped_total{action_id=\"6a1f\"} 7",
          "holdfast_push_action_stopped{action_id=\"6a1f\"} 0",
          "holdfast_push_action_stopped{action_id=\"6a20\"} 1",
          "holdfast_events_pushed_total 5", "holdfast_events_push_failures_total 6",
          "holdfast_events_push_expired_total 2", "holdfast_events_push_dropped_total 5",
          "holdfast_events_push_dropped_by_reason_total{reason=\"backlog_size\"} 5",
          "holdfast_events_push_dropped_by_reason_total{reason=\"backlog_time\"} 0"}) {
        BOOST_TEST(has_line(text, line), line);
    }
}

BOOST_AUTO_TEST_CASE(the_text_keeps_to_the_format) {
    FakeStatus status;
    status.events.push_actions.resize(1);
    const std::string text = prometheus_text(status);
    BOOST_TEST(text.ends_with("\n"));
    std::string current;
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) {
            current = line.substr(7, line.find(' ', 7) - 7);
            BOOST_TEST(line.size() > 8 + current.size(), line);
            continue;
        }
        BOOST_TEST(line.starts_with(current), line);
        const char next = line.at(current.size());
        BOOST_TEST((next == ' ' || next == '{'), line);
    }
}

BOOST_AUTO_TEST_CASE(the_documentation_names_every_metric_and_no_other) {
    std::set<std::string> documented;
    for (const std::string& line : lines_of(operations_page())) {
        if (!line.starts_with("| `holdfast_")) continue;
        const std::string name = line.substr(3, line.find_first_of("`{", 3) - 3);
        BOOST_TEST(documented.insert(name).second, name << " is documented twice");
    }
    BOOST_REQUIRE(!documented.empty());
    const auto exported = names_of(prometheus_text(FakeStatus{}));
    BOOST_TEST(documented == exported, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_documentation_explains_every_reason) {
    check_documented<CloseReason>(operations_page());
    check_documented<DropReason>(operations_page());
    check_documented<PushDrop>(operations_page());
}

BOOST_AUTO_TEST_SUITE_END()
