#include "log.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using namespace holdfast;

class ManualClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return now_; }
    [[nodiscard]] WallTime wall_now() const override { return WallTime{now_.time_since_epoch()}; }
    void advance(Milliseconds by) { now_ += by; }

private:
    Instant now_{Milliseconds{1'000'000}};
};

struct Lines {
    std::vector<std::string> lines;
    std::uint64_t lost = 0;
};

class CollectingWriter final : public LineWriter {
public:
    explicit CollectingWriter(Lines& lines) : lines_(lines) {}
    void write(std::string_view line) override { lines_.lines.emplace_back(line); }
    [[nodiscard]] std::uint64_t lost() const override { return lines_.lost; }

private:
    Lines& lines_;
};

struct Fixture {
    ManualClock clock;
    Lines out;

    Log make(Log::Settings settings = {}) {
        return Log{clock, settings, std::make_unique<CollectingWriter>(out)};
    }
    static Event event(std::string_view name, Severity severity = Severity::info) {
        Event made;
        made.name = name;
        made.severity = severity;
        return made;
    }
    bool last_has(std::string_view part) const {
        return !out.lines.empty() && out.lines.back().find(part) != std::string::npos;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log_sink, Fixture)

BOOST_AUTO_TEST_CASE(events_below_the_level_are_not_written) {
    Log log = make({.level = Severity::warning, .format = LogFormat::text});
    BOOST_TEST(!log.wants(Severity::info));
    BOOST_TEST(log.wants(Severity::warning));
    log.on_event(event("a", Severity::info));
    BOOST_TEST(out.lines.empty());
    log.on_event(event("a", Severity::warning));
    log.on_event(event("b", Severity::error));
    BOOST_TEST(out.lines.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_format_is_chosen) {
    make({.level = Severity::info, .format = LogFormat::text}).on_event(event("a"));
    BOOST_TEST(out.lines.back() == "1970-01-01T00:16:40.000Z info a");
    make({.level = Severity::info, .format = LogFormat::json}).on_event(event("a"));
    BOOST_TEST(out.lines.back().starts_with("{\"time\":\"1970-01-01T00:16:40.000Z\""));
}

BOOST_AUTO_TEST_CASE(a_flood_is_cut_short_and_told_by_the_next_event) {
    Log log = make();
    for (int i = 0; i < 1000; ++i) log.on_event(event("flood"));
    BOOST_TEST(out.lines.size() == 100U);
    log.on_event(event("other"));
    BOOST_TEST(out.lines.size() == 101U);
    clock.advance(Milliseconds{1000});
    log.on_event(event("other"));
    BOOST_TEST_REQUIRE(out.lines.size() == 103U);
    BOOST_TEST(out.lines[101].find("warning log_lines_withheld reason=flood") != std::string::npos);
    BOOST_TEST(out.lines[101].ends_with("count=900"));
}

BOOST_AUTO_TEST_CASE(a_flood_is_told_without_a_further_event) {
    Log log = make();
    for (int i = 0; i < 101; ++i) log.on_event(event("flood"));
    log.tell_withheld();
    BOOST_TEST(out.lines.size() == 100U);
    clock.advance(Milliseconds{1000});
    log.tell_withheld();
    BOOST_TEST(last_has("count=1"));
    log.tell_withheld();
    BOOST_TEST(out.lines.size() == 101U);
}

BOOST_AUTO_TEST_CASE(a_flood_at_the_end_is_told_at_the_end) {
    {
        Log log = make();
        for (int i = 0; i < 103; ++i) log.on_event(event("flood"));
    }
    BOOST_TEST(last_has("count=3"));
}

BOOST_AUTO_TEST_CASE(lost_lines_are_told_once) {
    Log log = make();
    out.lost = 12;
    log.tell_withheld();
    BOOST_TEST(last_has("log_lines_lost reason=log_queue_full"));
    BOOST_TEST(last_has("count=12"));
    log.tell_withheld();
    BOOST_TEST(out.lines.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
