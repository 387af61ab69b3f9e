#include "api/handlers/messages.hpp"

#include "unit/api/fake_catalogue.hpp"
#include "unit/api/fake_messages.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::api;

constexpr const char* all = "/v5/iot/p1/devices/pump-7/messages";
constexpr const char* one = "/v5/iot/p1/devices/pump-7/messages/m-1";
constexpr const char* hello = R"({"message":"hello"})";

class LoopExecutor final : public store::Executor {
public:
    explicit LoopExecutor(boost::asio::io_context& loop) : loop_(loop) {}
    void post(std::function<void()> task) override { boost::asio::post(loop_, std::move(task)); }

private:
    boost::asio::io_context& loop_;
};

class OneTurnGate final : public TurnGate {
public:
    void enter(const std::function<void(Turn&)>& act) override { act(turn_); }

private:
    Counters counters_;
    Turn turn_{ShardIndex{0}, counters_};
};

class ZeroRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, 0); }
};

/// Lets everybody in, or nobody.
class FakeAccess final : public Access {
public:
    bool is_open = true;
    [[nodiscard]] boost::system::result<Caller, Response> judge(const Exchange&,
                                                                Action) const override {
        if (is_open) return Caller{};
        return error_response(http::status::unauthorized, "IOTDA.000002", "no token");
    }
};

struct Served {
    boost::asio::io_context loop;
    LoopExecutor executor{loop};
    OneTurnGate gate;
    ZeroRandom random;
    FakeAccess access;
    FakeCatalogue catalogue;
    FakeMessages messages;
    store::Level backlog;
    bool is_memory_exhausted = false;
    MessagesLimits limits{.posts_in_flight_max = 2,
                          .store_backlog_max = {.records = 10, .bytes = 100}};
    Routes routes;

    Served() {
        store::Device device;
        device.number = 42;
        device.device_id = "pump-7";
        device.product_id = "pumps";
        catalogue.devices.emplace("pump-7", device);
        store::Product product;
        product.topics = {{"alarm", true, true}, {"report", true, false}};
        catalogue.products.emplace("pumps", product);
        delivery::MessageView view;
        view.message.message_id = "m-1";
        messages.messages = {view};
        add_messages_routes(routes, {messages, catalogue, executor, gate, random,
                                     [this] { return backlog; }, limits,
                                     [this] { return is_memory_exhausted; }});
    }

    /// Begins a request; its answer comes into `answer` as the loop runs.
    void begin(http::verb method, const std::string& target, std::string body,
               std::optional<Response>& answer) {
        Request request{method, target, 11, std::move(body)};
        request.set(http::field::content_type, "application/json");
        auto match = routes.resolve(request);
        BOOST_TEST_REQUIRE(match.has_value(), target);
        auto running =
            holdfast::api::answer(*match->handler, match->action, access,
                        Exchange{std::move(request), std::move(match->target)});
        boost::asio::co_spawn(loop, std::move(running),
                              [&answer](const std::exception_ptr& thrown, Response response) {
                                  BOOST_TEST(!thrown);
                                  answer = std::move(response);
                              });
        run_loop();
    }
    /// What waits for an answer keeps the loop from running dry, so it is polled.
    void run_loop() {
        loop.restart();
        loop.poll();
    }
    Response ask(http::verb method, const std::string& target, std::string body = {}) {
        std::optional<Response> answer;
        begin(method, target, std::move(body), answer);
        BOOST_TEST_REQUIRE(answer.has_value());
        return *answer;
    }
    Response post(std::string body, const std::string& target = all) {
        return ask(http::verb::post, target, std::move(body));
    }
};

boost::json::object json_of(const Response& response) {
    return boost::json::parse(response.body()).as_object();
}

void check_refused(const Response& response, unsigned status, std::string_view code) {
    BOOST_TEST(response.result_int() == status);
    const auto body = json_of(response);
    BOOST_TEST(body.at("error_code").as_string() == code);
    BOOST_TEST(!body.at("error_msg").as_string().empty());
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(messages_of_devices, Served)

BOOST_AUTO_TEST_CASE(a_post_reaches_the_devices_queue) {
    const Response response = post(R"({"message_id":"m-2","message":"hello","ttl":5})");
    BOOST_TEST(response.result_int() == 201U);
    BOOST_TEST(response[http::field::content_type] == "application/json");
    const auto body = json_of(response);
    BOOST_TEST(body.at("message_id").as_string() == "m-2");
    BOOST_TEST(body.at("result").at("status").as_string() == "PENDING");
    BOOST_TEST_REQUIRE(messages.posts.size() == 1U);
    const auto& posted = messages.posts[0];
    BOOST_TEST(posted.device_number == 42U);
    BOOST_TEST(posted.device_id == "pump-7");
    BOOST_TEST(posted.message.content == "hello");
    BOOST_TEST((posted.message.ttl == std::chrono::minutes{5}));
}

BOOST_AUTO_TEST_CASE(a_message_without_an_id_gets_one) {
    const auto body = json_of(post(hello));
    BOOST_TEST(body.at("message_id").as_string() == "00000000-0000-4000-8000-000000000000");
}

BOOST_AUTO_TEST_CASE(nobody_without_access_gets_further) {
    access.is_open = false;
    check_refused(post("not even JSON"), 401, "IOTDA.000002");
    for (const char* const target : {all, one}) {
        check_refused(ask(http::verb::get, target), 401, "IOTDA.000002");
    }
    check_refused(ask(http::verb::delete_, one), 401, "IOTDA.000002");
    check_refused(ask(http::verb::get, std::string{one} + "/trace"), 401, "IOTDA.000002");
    BOOST_TEST(messages.posts.empty());
    BOOST_TEST(messages.messages.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_post_is_judged_in_the_documented_order) {
    const std::string nobody = "/v5/iot/p1/devices/nobody/messages";
    check_refused(post("{", nobody), 400, "IOTDA.000008");
    check_refused(post(R"({"ttl":7})", nobody), 400, "IOTDA.000006");
    check_refused(post(R"({"message":"x","topic":"none"})", nobody), 404, "IOTDA.014000");
    messages.outcome = delivery::DuplicateMessageId{};
    check_refused(post(R"({"message":"x","topic":"none"})"), 400, "IOTDA.014192");
    check_refused(post(hello), 400, "IOTDA.014190");
}

BOOST_AUTO_TEST_CASE(a_field_error_names_the_field) {
    const auto body = json_of(post(R"({"message":"x","ttl":7})"));
    BOOST_TEST(body.at("error_msg").as_string() ==
               "ttl must be a whole number from 0 to 1440 and a multiple of 5, not 7");
}

BOOST_AUTO_TEST_CASE(identifiers_in_the_path_keep_to_their_rule) {
    const std::string devices = "/v5/iot/p1/devices/";
    const std::string longest(128, 'x');
    check_refused(post(hello, devices + longest + "/messages"), 404, "IOTDA.014000");
    for (const std::string& id : {longest + "x", std::string{"a.b"}, std::string{"%E4%B8%AD"}}) {
        check_refused(post(hello, devices + id + "/messages"), 400, "IOTDA.000006");
        check_refused(ask(http::verb::get, devices + id + "/messages"), 400, "IOTDA.000006");
        for (const http::verb method : {http::verb::get, http::verb::delete_}) {
            check_refused(ask(method, std::string{all} + "/" + id), 400, "IOTDA.000006");
        }
    }
    check_refused(ask(http::verb::get, std::string{all} + "/" + longest), 404, "IOTDA.014193");
}

BOOST_AUTO_TEST_CASE(a_user_topic_must_be_one_that_the_product_lets_be_subscribed) {
    BOOST_TEST(post(R"({"message":"x","topic":"alarm"})").result_int() == 201U);
    BOOST_TEST(messages.posts.at(0).message.topic == "$oc/devices/pump-7/user/alarm");
    for (const char* const topic : {"report", "alarm/x", "alar", "Alarm"}) {
        const Response response = post(R"({"message":"x","topic":")" + std::string{topic} + "\"}");
        check_refused(response, 400, "IOTDA.014192");
    }
    BOOST_TEST(post(R"({"message":"x","topic_full_name":"anything"})").result_int() == 201U);
    catalogue.products.clear();
    check_refused(post(R"({"message":"x","topic":"alarm"})"), 400, "IOTDA.014192");
}

BOOST_AUTO_TEST_CASE(what_the_cache_does_not_have_is_asked_for) {
    BOOST_TEST(post(hello).result_int() == 201U);
    BOOST_TEST(catalogue.times_asked == 0U);
    catalogue.is_cached = false;
    BOOST_TEST(post(R"({"message":"x","topic":"alarm"})").result_int() == 201U);
    BOOST_TEST(catalogue.times_asked == 2U);
    catalogue.failure = make_error_code(std::errc::io_error);
    check_refused(post(hello), 503, "HOLDFAST.000503");
}

BOOST_AUTO_TEST_CASE(a_full_queue_says_how_full_it_is) {
    messages.outcome = delivery::QueueFull{1'000, 5'000, Seconds{90}, false};
    const Response response = post(hello);
    check_refused(response, 403, "IOTDA.014191");
    const auto queue = json_of(response).at("queue").as_object();
    BOOST_TEST(queue.at("messages").as_int64() == 1'000);
    BOOST_TEST(queue.at("bytes").as_int64() == 5'000);
    BOOST_TEST(queue.at("oldest_age_seconds").as_int64() == 90);
    const std::string text{json_of(response).at("error_msg").as_string()};
    BOOST_TEST(text.ends_with("full of messages"));
    messages.outcome = delivery::QueueFull{1, 5'000, Seconds{90}, true};
    const std::string by_bytes{json_of(post(hello)).at("error_msg").as_string()};
    BOOST_TEST(by_bytes.ends_with("full of bytes"));
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_is_told_from_one_that_is_full) {
    messages.outcome = delivery::StoreFailed{make_error_code(std::errc::no_space_on_device)};
    const Response full = post(hello);
    check_refused(full, 507, "HOLDFAST.000507");
    messages.outcome = delivery::StoreFailed{make_error_code(std::errc::io_error)};
    const Response failed = post(hello);
    check_refused(failed, 503, "HOLDFAST.000503");
    BOOST_TEST(failed[http::field::retry_after] == "1");
    messages.failure = make_error_code(std::errc::io_error);
    for (const char* const target : {all, one}) {
        check_refused(ask(http::verb::get, target), 503, "HOLDFAST.000503");
    }
    check_refused(ask(http::verb::get, std::string{one} + "/trace"), 503, "HOLDFAST.000503");
    check_refused(ask(http::verb::delete_, one), 503, "HOLDFAST.000503");
}

BOOST_AUTO_TEST_CASE(a_store_far_behind_takes_no_more) {
    for (const store::Level at_most : {store::Level{10, 0}, store::Level{0, 100}}) {
        backlog = at_most;
        BOOST_TEST(post(hello).result_int() == 201U);
    }
    for (const store::Level too_much : {store::Level{11, 0}, store::Level{0, 101}}) {
        backlog = too_much;
        const Response response = post(hello);
        check_refused(response, 429, "APIGW.0308");
        BOOST_TEST(response[http::field::retry_after] == "1");
        BOOST_TEST(ask(http::verb::get, one).result_int() == 200U);
    }
}

BOOST_AUTO_TEST_CASE(without_memory_no_post_is_taken) {
    is_memory_exhausted = true;
    check_refused(post(hello), 429, "APIGW.0308");
    BOOST_TEST(ask(http::verb::get, one).result_int() == 200U);
    is_memory_exhausted = false;
    BOOST_TEST(post(hello).result_int() == 201U);
}

BOOST_AUTO_TEST_CASE(posts_in_flight_are_counted_until_they_are_answered) {
    messages.holds_posts = true;
    std::optional<Response> first;
    std::optional<Response> second;
    begin(http::verb::post, all, hello, first);
    begin(http::verb::post, all, hello, second);
    BOOST_TEST(!first.has_value());
    check_refused(post(hello), 429, "APIGW.0308");
    messages.answer_held();
    run_loop();
    BOOST_TEST_REQUIRE((first.has_value() && second.has_value()));
    BOOST_TEST(first->result_int() == 201U);
    messages.holds_posts = false;
    BOOST_TEST(post(hello).result_int() == 201U);
}

BOOST_AUTO_TEST_CASE(a_list_is_asked_for_with_its_query) {
    const Response response = ask(http::verb::get, all);
    BOOST_TEST(response.result_int() == 200U);
    const auto body = json_of(response);
    BOOST_TEST(body.at("device_id").as_string() == "pump-7");
    BOOST_TEST(body.at("messages").as_array().size() == 1U);
    BOOST_TEST(messages.queries.at(0).count_max == 1'000U);
    BOOST_TEST(messages.queries.at(0).after_message_id.empty());
    BOOST_TEST(!messages.queries.at(0).status.has_value());
    ask(http::verb::get, std::string{all} + "?limit=7&marker=m-9&status=TIMEOUT");
    BOOST_TEST(messages.queries.at(1).count_max == 7U);
    BOOST_TEST(messages.queries.at(1).after_message_id == "m-9");
    BOOST_TEST((messages.queries.at(1).status == delivery::MessageStatus::timeout));
}

BOOST_AUTO_TEST_CASE(one_message_is_shown) {
    const Response response = ask(http::verb::get, one);
    BOOST_TEST(response.result_int() == 200U);
    BOOST_TEST(json_of(response).at("message_id").as_string() == "m-1");
}

BOOST_AUTO_TEST_CASE(a_message_is_deleted_once) {
    const Response response = ask(http::verb::delete_, one);
    BOOST_TEST(response.result_int() == 204U);
    BOOST_TEST(response.body().empty());
    check_refused(ask(http::verb::delete_, one), 404, "IOTDA.014193");
    check_refused(ask(http::verb::get, one), 404, "IOTDA.014193");
}

BOOST_AUTO_TEST_CASE(a_trace_is_shown) {
    const Response response = ask(http::verb::get, std::string{one} + "/trace");
    BOOST_TEST(response.result_int() == 200U);
    BOOST_TEST(json_of(response).at("events").as_array().size() == 1U);
    check_refused(ask(http::verb::get, std::string{all} + "/m-2/trace"), 404, "IOTDA.014193");
}

BOOST_AUTO_TEST_CASE(every_request_needs_its_device) {
    catalogue.devices.clear();
    for (const char* const target : {all, one}) {
        check_refused(ask(http::verb::get, target), 404, "IOTDA.014000");
    }
    check_refused(ask(http::verb::get, std::string{one} + "/trace"), 404, "IOTDA.014000");
    check_refused(ask(http::verb::delete_, one), 404, "IOTDA.014000");
}

BOOST_AUTO_TEST_SUITE_END()
