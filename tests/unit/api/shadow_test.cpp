#include "api/shadow.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast::api;

namespace {

std::string read(const std::string& text) {
    const auto updates = read_desired(text, boost::json::parse(text));
    if (!updates) return to_string(updates.error());
    std::string shown;
    for (const DesiredUpdate& update : *updates) {
        shown += update.service_id + "=" + update.desired;
        if (update.version) shown += "@" + std::to_string(*update.version);
        shown += ";";
    }
    return shown;
}

DesiredUpdate desired(std::string object, std::optional<std::uint64_t> version = {}) {
    return {"S", std::move(object), version};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shadow)

BOOST_AUTO_TEST_CASE(a_shadow_is_read_as_it_was_written) {
    Shadow made;
    BOOST_TEST(made.to_json() == "[]");
    made.merge_reported({{"S\"1", R"({"b":1.50,"a\u0062":{"x":[null]}})", "20260101T000000Z"}});
    BOOST_TEST(apply({{"T", R"({"c":"d"})", {}}}, "20260102T000000Z", made));
    const std::string text =
        R"([{"service_id":"S\"1","reported":{"properties":{"ab":{"x":[null]},"b":1.50},)"
        R"("event_time":"20260101T000000Z"},"version":0},{"service_id":"T","desired":)"
        R"({"properties":{"c":"d"},"event_time":"20260102T000000Z"},"version":1}])";
    BOOST_TEST(made.to_json() == text);
    BOOST_TEST(Shadow::parse(text).to_json() == text);
}

BOOST_AUTO_TEST_CASE(what_is_reported_later_replaces_what_was_and_keeps_the_rest) {
    Shadow made;
    made.merge_reported({{"S", R"({"a":1,"b":2})", "20260101T000000Z"}});
    Shadow newer;
    newer.merge_reported(
        {{"S", R"({"b":3})", "20260101T000001Z"}, {"T", "{}", "20260101T000001Z"}});
    made.merge_reported(newer);
    BOOST_TEST(made.to_json() ==
               R"([{"service_id":"S","reported":{"properties":{"a":1,"b":3},)"
               R"("event_time":"20260101T000001Z"},"version":0},{"service_id":"T","reported":)"
               R"({"properties":{},"event_time":"20260101T000001Z"},"version":0}])");
    made.keep_only("T");
    BOOST_TEST(made.size() == 1U);
    made.remove("T");
    BOOST_TEST(made.empty());
}

BOOST_AUTO_TEST_CASE(what_is_desired_counts_versions_and_may_be_taken_back) {
    Shadow made;
    const std::string time = "20260101T000000Z";
    BOOST_TEST(apply({desired(R"({"a":1,"b":2})", 0)}, time, made));
    BOOST_TEST(apply({desired(R"({"a":null,"c":3})")}, time, made));
    BOOST_TEST(made.find("S")->version == 2U);
    BOOST_TEST(made.find("S")->desired.values.size() == 2U);
    BOOST_TEST(!made.find("S")->desired.values.contains("a"));
    BOOST_TEST(!apply({{"T", "{}", {}}, desired("{}", 1)}, time, made));
    BOOST_TEST(made.size() == 1U);
    BOOST_TEST(apply({desired("{}", 2)}, time, made));
    BOOST_TEST(made.find("S")->desired.values.empty());
    BOOST_TEST(made.find("S")->version == 3U);
}

BOOST_AUTO_TEST_CASE(what_an_application_desires_is_checked) {
    BOOST_TEST(read(R"({"shadow":[{"service_id":"S","desired":{"a": 1.0},"version":3}]})") ==
               R"(S={"a":1.0}@3;)");
    BOOST_TEST(read("{}") == "shadow must be there");
    BOOST_TEST(read(R"({"shadow":[]})") == "shadow must have at least one element");
    BOOST_TEST(read(R"({"shadow":[{"desired":{}}]})") == "shadow[0].service_id must be there");
    BOOST_TEST(read(R"({"shadow":[{"service_id":"S"}]})") == "shadow[0].desired must be there");
    BOOST_TEST(read(R"({"shadow":[{"service_id":"S","desired":{},"version":-1}]})")
                   .starts_with("shadow[0].version must be"));
}

BOOST_AUTO_TEST_SUITE_END()
