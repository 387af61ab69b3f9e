#include "api/message_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using namespace holdfast::delivery;

/// 2026-01-31 12:00:00 and some.
constexpr WallTime accepted_at{Milliseconds{1'769'860'800'900}};

MessageView pending() {
    MessageView view;
    view.message.message_id = "m-1";
    view.message.content = "hello";
    view.message.topic = "$oc/devices/pump-7/sys/messages/down";
    view.accepted_at = accepted_at;
    view.expires_at = accepted_at + std::chrono::hours{24};
    view.place = 2;
    return view;
}

MessageView delivered() {
    MessageView view = pending();
    view.status = MessageStatus::delivered;
    view.cause = Cause::acknowledged;
    view.place.reset();
    view.attempts = 1;
    view.sent_at = accepted_at + Milliseconds{5};
    view.finished_at = accepted_at + Milliseconds{1100};
    return view;
}

MessageView ended(MessageStatus status, Cause cause) {
    MessageView view = delivered();
    view.status = status;
    view.cause = cause;
    return view;
}

std::string page(const char* path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

boost::json::object parsed(const std::string& text) { return boost::json::parse(text).as_object(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(message_json_text)

BOOST_AUTO_TEST_CASE(the_answer_to_a_post_is_in_the_contracts_shape) {
    BOOST_TEST(
        accepted_json(pending()) ==
        R"({"message_id":"m-1","result":{"status":"PENDING","created_time":"20260131T120000Z",)"
        R"("cause":"offline","place":2,"attempts":0,"accepted_at_ms":1769860800900,)"
        R"("expires_at_ms":1769947200900}})");
    const auto result = parsed(accepted_json(delivered())).at("result").as_object();
    BOOST_TEST(result.at("status").as_string() == "DELIVERED");
    BOOST_TEST(result.at("finished_time").as_string() == "20260131T120002Z");
}

BOOST_AUTO_TEST_CASE(a_message_is_shown_as_it_was_posted) {
    MessageView view = delivered();
    view.message.name = "n";
    view.message.encoding = Encoding::none;
    view.message.payload_format = PayloadFormat::raw;
    view.message.properties = MessageProperties{"c", "r", {{"k", "v"}, {"k", "w"}}};
    BOOST_TEST(
        message_json(view) ==
        R"({"message_id":"m-1","name":"n","message":"hello","encoding":"none","payload_format":"raw",)"
        R"("topic":"$oc/devices/pump-7/sys/messages/down",)"
        R"("properties":{"correlation_data":"c","response_topic":"r","user_properties":)"
        R"([{"prop_key":"k","prop_value":"v"},{"prop_key":"k","prop_value":"w"}]},)"
        R"("status":"DELIVERED","created_time":"20260131T120000Z","finished_time":"20260131T120002Z",)"
        R"("cause":"acknowledged","attempts":1,"accepted_at_ms":1769860800900,)"
        R"("expires_at_ms":1769947200900,"sent_at_ms":1769860800905,)"
        R"("acknowledged_at_ms":1769860802000,"finished_at_ms":1769860802000})");
}

BOOST_AUTO_TEST_CASE(what_was_not_posted_is_not_shown) {
    const auto shown = parsed(message_json(pending()));
    for (const char* const key :
         {"name", "encoding", "payload_format", "properties", "finished_time", "error_info"}) {
        BOOST_TEST(!shown.contains(key), key);
    }
}

BOOST_AUTO_TEST_CASE(content_has_the_type_it_came_in) {
    MessageView view = pending();
    view.message.content = R"({"t":23.50,"n":12345678901234567890123})";
    BOOST_TEST(parsed(message_json(view)).at("message").is_string());
    view.message.content_kind = ContentKind::json;
    BOOST_TEST(message_json(view).find(R"("message":{"t":23.50,"n":12345678901234567890123},)") !=
               std::string::npos);
    view.message.content = "x";
    view.message.content_kind = ContentKind::text;
    view.message.encoding = Encoding::base64;
    BOOST_TEST(parsed(message_json(view)).at("encoding").as_string() == "base64");
}

BOOST_AUTO_TEST_CASE(every_failure_has_an_error_of_its_own) {
    std::set<std::string_view> codes;
    for (const Cause cause :
         {Cause::device_offline, Cause::topic_not_subscribed, Cause::refused_by_device,
          Cause::packet_too_large, Cause::queue_full, Cause::cancelled, Cause::device_deleted}) {
        const auto shown = parsed(message_json(ended(MessageStatus::failed, cause)));
        const auto error = shown.at("error_info").as_object();
        BOOST_TEST(!error.at("error_msg").as_string().empty());
        BOOST_TEST(codes.insert(error_info_of(cause).code).second, to_string(cause));
    }
    BOOST_TEST(codes.size() == 7U);
    BOOST_TEST(error_info_of(Cause::device_offline).code == "IOTDA.014016");
    BOOST_TEST(error_info_of(Cause::topic_not_subscribed).code == "IOTDA.014112");
    BOOST_TEST(error_info_of(Cause::not_subscribed).code == "IOTDA.014112");
    for (const Cause cause : {Cause::offline, Cause::acknowledged, Cause::expired}) {
        BOOST_TEST(error_info_of(cause).code.empty());
    }
}

BOOST_AUTO_TEST_CASE(the_documentation_explains_every_cause_and_its_error) {
    const std::string words = page("docs/http-api.md");
    const std::string schema = page("docs/openapi/messages.yaml");
    for (std::size_t i = 0; i < static_cast<std::size_t>(Cause::count_); ++i) {
        const auto cause = static_cast<Cause>(i);
        const std::string word{to_string(cause)};
        BOOST_TEST(words.find("`" + word + "`") != std::string::npos, word);
        BOOST_TEST(schema.find("- " + word + "\n") != std::string::npos, word);
        const std::string code{error_info_of(cause).code};
        BOOST_TEST(words.find("| " + code) != std::string::npos, code);
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_shows_the_devices_code) {
    MessageView view = ended(MessageStatus::failed, Cause::refused_by_device);
    view.refusal_code = 0x97;
    BOOST_TEST(parsed(message_json(view)).at("reason_code").as_int64() == 0x97);
    BOOST_TEST(!parsed(message_json(delivered())).contains("reason_code"));
}

BOOST_AUTO_TEST_CASE(a_list_names_its_device_and_where_to_go_on) {
    BOOST_TEST(list_json("pump-7", {}) == R"({"device_id":"pump-7","messages":[]})");
    ListPage page{{pending(), delivered()}, true};
    page.messages.back().message.message_id = "m-0";
    const auto whole = parsed(list_json("pump-7", page));
    BOOST_TEST(whole.at("messages").as_array().size() == 2U);
    BOOST_TEST(!whole.contains("marker"));
    page.is_last = false;
    BOOST_TEST(parsed(list_json("pump-7", page)).at("marker").as_string() == "m-0");
}

BOOST_AUTO_TEST_CASE(a_list_of_large_messages_is_cut_into_pages) {
    MessageView large = pending();
    large.message.content.assign(list_bytes_max / 2, 'x');
    ListPage page{{large, large, large}, true};
    page.messages[0].message.message_id = "m-9";
    const auto shown = parsed(list_json("pump-7", page));
    BOOST_TEST(shown.at("messages").as_array().size() == 1U);
    BOOST_TEST(shown.at("marker").as_string() == "m-9");
}

BOOST_AUTO_TEST_CASE(a_trace_lists_its_steps) {
    using Step = TraceEvent::Step;
    const std::vector<TraceEvent> events{
        {accepted_at, Step::accepted, Cause::offline, 0},
        {accepted_at + Milliseconds{1}, Step::paused, Cause::not_subscribed, 0},
        {accepted_at + Milliseconds{2}, Step::acknowledged, Cause::refused_by_device, 0x80},
        {accepted_at + Milliseconds{3}, Step::dropped, Cause::refused_by_device, 0x80}};
    BOOST_TEST(trace_json("pump-7", "m-1", events) ==
               R"({"device_id":"pump-7","message_id":"m-1","events":[)"
               R"({"at_ms":1769860800900,"step":"accepted"},)"
               R"({"at_ms":1769860800901,"step":"paused","cause":"not_subscribed"},)"
               R"({"at_ms":1769860800902,"step":"acknowledged","reason_code":128},)"
               R"({"at_ms":1769860800903,"step":"dropped","cause":"refused_by_device"}]})");
}

BOOST_AUTO_TEST_SUITE_END()
