#include "api/event_query.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::api;

namespace {

boost::system::result<EventQuery, Response> read(Parameters query, const std::string& accept = "",
                                                 const std::string& last_event_id = "") {
    Request request{http::verb::get, "/", 11};
    if (!accept.empty()) request.set(http::field::accept, accept);
    if (!last_event_id.empty()) request.set("Last-Event-ID", last_event_id);
    return read_event_query(Exchange{std::move(request), Target{{}, std::move(query)}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(event_query)

BOOST_AUTO_TEST_CASE(without_parameters_it_is_the_oldest_hundred_at_once) {
    const auto query = read({});
    BOOST_TEST_REQUIRE(query.has_value());
    BOOST_TEST(!query->after.has_value());
    BOOST_TEST(!query->from_latest);
    BOOST_TEST(query->limit == 100U);
    BOOST_TEST((query->wait == Seconds{0}));
    BOOST_TEST(!query->is_stream);
}

BOOST_AUTO_TEST_CASE(parameters_have_their_ranges) {
    BOOST_TEST((read({{"after", "0"}})->after == store::before_first));
    BOOST_TEST(read({{"after", "latest"}})->from_latest);
    BOOST_TEST(read({{"limit", "1000"}})->limit == 1000U);
    BOOST_TEST((read({{"wait", "60"}})->wait == Seconds{60}));
    for (const Parameters& wrong : {Parameters{{"after", "newest"}}, Parameters{{"limit", "0"}},
                                    Parameters{{"limit", "1001"}}, Parameters{{"wait", "61"}},
                                    Parameters{{"wait", "1s"}}, Parameters{{"resource", "devices"}},
                                    Parameters{{"resource", "device"}, {"event", "report"}}}) {
        const auto refused = read(wrong);
        BOOST_TEST_REQUIRE(refused.has_error());
        BOOST_TEST(refused.error().result_int() == 400U);
    }
}

BOOST_AUTO_TEST_CASE(a_stream_goes_on_from_its_header) {
    const auto stream = read({{"after", "3"}}, "text/event-stream", "17");
    BOOST_TEST_REQUIRE(stream.has_value());
    BOOST_TEST(stream->is_stream);
    BOOST_TEST((stream->after == store::Position{17}));
    BOOST_TEST((read({{"after", "3"}}, "text/event-stream")->after == store::Position{3}));
    BOOST_TEST((read({{"after", "3"}}, "application/json", "17")->after == store::Position{3}));
}

BOOST_AUTO_TEST_CASE(a_filter_matches_what_it_names) {
    PlatformEvent event;
    event.kind = PlatformEventKind::device_status_updated;
    event.subject.device_id = "d";
    BOOST_TEST(EventFilter{}.matches(event));
    BOOST_TEST((EventFilter{"device.status", "", "d"}.matches(event)));
    BOOST_TEST((EventFilter{"", "update", ""}.matches(event)));
    BOOST_TEST(!(EventFilter{"device", "", ""}.matches(event)));
    BOOST_TEST(!(EventFilter{"", "report", ""}.matches(event)));
    BOOST_TEST(!(EventFilter{"", "", "e"}.matches(event)));
}

BOOST_AUTO_TEST_SUITE_END()
