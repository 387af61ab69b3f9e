#include "api/handlers/batch_tasks.hpp"

#include "api/awaited_catalogue.hpp"
#include "api/handlers/batch_files.hpp"
#include "api/handlers/device_groups.hpp"
#include "api/handlers/devices.hpp"
#include "unit/api/api_world.hpp"
#include "unit/api/fake_policies.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <optional>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;

class Nobody final : public DeviceStatusSource, public DeviceHooks {
public:
    [[nodiscard]] bool is_online(std::string_view) const override { return false; }
    void disconnect(std::string_view, DisconnectCause) override {}
    void remove_messages(std::uint64_t, std::string_view,
                         std::function<void(std::error_code)> done) override {
        done({});
    }
};

class RecordedEvents final : public PlatformEventSink {
public:
    std::vector<std::string> statuses;
    [[nodiscard]] bool wants(PlatformEventKind) const override { return true; }
    void on_platform_event(PlatformEvent event) override {
        const auto body = boost::json::parse(event.body);
        statuses.emplace_back(std::string_view{body.at("status").as_string()});
    }
};

struct World : ApiWorld {
    Nobody nobody;
    Apps apps{installation.default_app_id};
    FakePolicies policies;
    RecordedEvents events;
    std::vector<std::string> posts;                             ///< "pump {...}"
    std::map<std::string, std::vector<http::status>> refusals;  ///< by device, the next one last
    std::optional<BatchRunner> runner;

    World() {
        add_device_routes(routes, {*catalogue, executor, nobody, nobody, installation,
                                   clock, random, apps, policies});
        add_device_group_routes(routes, {*catalogue, executor, apps, clock});
        routes.add(http::verb::post, "/v5/iot/{project_id}/devices/{device_id}/messages",
                   Action::messages_send, [this](Exchange exchange) { return post(std::move(exchange)); });
        routes.add(
            http::verb::post, "/v5/iot/{project_id}/devices/{device_id}/commands",
            Action::commands_send,
            [this](Exchange exchange) { return command(std::move(exchange)); });
        start();
        add_batch_task_routes(routes, {*catalogue, executor, apps, *runner, clock});
        add_batch_file_routes(routes, {*catalogue, executor, clock});
    }

    void start() {
        runner.emplace(BatchRunner::Context{.routes = routes,
                                            .catalogue = *catalogue,
                                            .executor = executor,
                                            .loop = loop.get_executor(),
                                            .clock = clock,
                                            .events = &events,
                                            .project_id = installation.project_id,
                                            .in_flight_max = 4,
                                            .changes_per_write = 3});
        runner->start();
        run();
    }
    void run() {
        loop.restart();
        loop.run();
    }
    /// Time goes on, and everything that is due is done.
    void pass(Milliseconds time) {
        clock.wall += time;
        runner->on_tick();
        run();
    }

    boost::asio::awaitable<Response> post(Exchange exchange) {
        const std::string device = exchange.parameter("device_id");
        posts.push_back(device + " " + exchange.body());
        auto& next = refusals[device];
        if (next.empty()) {
            co_return json_response(http::status::created, {{"result", {{"status", "PENDING"}}}});
        }
        const http::status status = next.back();
        next.pop_back();
        co_return error_response(status, "no");
    }

    /// Notes what is kept of the device's target when the command comes.
    boost::asio::awaitable<Response> command(Exchange exchange) {
        const std::string device = exchange.parameter("device_id");
        store::LinkQuery query;
        query.kind = store::LinkKind::task_target;
        query.target = device;
        const AwaitedCatalogue reader{*catalogue, executor};
        const auto [error, page] = co_await reader.list_links(std::move(query));
        posts.push_back(device + " " + page.records.at(0).value.substr(0, 10));
        co_return json_response(http::status::ok, {{"response", {{"result_code", 0}}}});
    }

    void add_device(const std::string& id) {
        const auto response =
            ask(http::verb::post, path("/devices"),
                boost::json::serialize(boost::json::object{{"device_id", id}, {"node_id", id}}));
        BOOST_TEST_REQUIRE(response.result_int() == 201U);
    }
    Response create(const std::string& rest) {
        return ask(http::verb::post, path("/batchtasks"), R"({"task_name":"greet",)" + rest + "}");
    }
    std::string created(const std::string& rest) {
        const Response response = create(rest);
        BOOST_TEST_REQUIRE(response.result_int() == 201U, response.body());
        return std::string{object_of(response).at("task_id").as_string()};
    }
    static std::string messages_to(const std::string& targets) {
        return R"("task_type":"createMessages","document":{"message":"hi"},"targets":)" + targets;
    }
    boost::json::object shown(const std::string& task_id, const std::string& query = {}) {
        return object_of(ask(http::verb::get, path("/batchtasks/" + task_id + query)));
    }
    std::string status(const std::string& task_id) {
        return std::string{shown(task_id).at("batchtask").at("status").as_string()};
    }
    std::string details(const std::string& task_id, const std::string& query = {}) {
        std::string text;
        const auto task = shown(task_id, query);
        for (const auto& detail : task.at("task_details").as_array()) {
            text += std::string{detail.at("target").as_string()} + " " +
                    std::string{detail.at("status").as_string()} + " ";
        }
        return text + std::to_string(task.at("page").at("count").as_int64());
    }
    Response order(const std::string& task_id, const std::string& what,
                   const std::string& body = {}) {
        return ask(http::verb::post, path("/batchtasks/" + task_id + what), body);
    }
    Response upload(const std::string& csv) {
        Request request{http::verb::post, path("/batchtask-files"), 11,
                        "--b\r\nContent-Disposition: form-data; name=\"file\"; "
                        "filename=\"d.csv\"\r\n\r\n" +
                            csv + "\r\n--b--\r\n"};
        request.set(http::field::content_type, "multipart/form-data; boundary=b");
        request.set("X-Auth-Token", token);
        auto match = routes.resolve(request);
        auto running = (*match->handler)(
            Exchange{std::move(request), std::move(match->target), peer});
        loop.restart();
        auto answer = boost::asio::co_spawn(loop, std::move(running), boost::asio::use_future);
        loop.run();
        return answer.get();
    }
    std::string uploaded(const std::string& csv) {
        const Response response = upload(csv);
        BOOST_TEST_REQUIRE(response.result_int() == 201U, response.body());
        return std::string{object_of(response).at("file_id").as_string()};
    }
    static std::string words(const Response& response) {
        return std::to_string(response.result_int()) + " " + error_code_of(response);
    }
};

using Lines = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(batch_tasks, World)

BOOST_AUTO_TEST_CASE(every_target_gets_the_message_once) {
    const std::string id = created(messages_to(R"(["a","b","a","c"])"));
    const std::string body = R"( {"message":"hi","message_id":")" + id + R"(-0"})";
    BOOST_TEST(posts == (Lines{"a" + body, "b" + body, "c" + body}),
               boost::test_tools::per_element());
    BOOST_TEST(status(id) == "Success");
    BOOST_TEST(details(id) == "a Success b Success c Success 3");
    BOOST_TEST(details(id, "?limit=1&offset=1") == "b Success 3");
    BOOST_TEST(details(id, "?target=c") == "c Success 1");
    BOOST_TEST(details(id, "?task_detail_status=Fail") == "0");
    BOOST_TEST(events.statuses == (Lines{"Processing", "Success"}),
               boost::test_tools::per_element());
    const auto progress = shown(id).at("batchtask").at("task_progress").as_object();
    BOOST_TEST(progress.at("total").as_int64() == 3);
    BOOST_TEST(progress.at("success").as_int64() == 3);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_before_anything_is_kept) {
    BOOST_TEST(words(create(messages_to("[]"))) == "400 IOTDA.000006");
    BOOST_TEST(words(create(R"("task_type":"createMessages","targets":["a"])")) ==
               "400 IOTDA.000006");
    BOOST_TEST(words(create(R"("task_type":"createCommands","targets":["a"])")) ==
               "400 IOTDA.000006");
    const Response no_paras = create(
        R"("task_type":"createCommands","document":{"command_name":"x"},"targets":["a"])");
    BOOST_TEST(error_message_of(no_paras).find("document.paras") != std::string::npos);
    const Response late = create(
        R"("task_type":"createAsyncCommands","document":{"paras":{},"expire_time":172801},"targets":["a"])");
    BOOST_TEST(error_message_of(late).find("document.expire_time") != std::string::npos);
    const Response wrong = create(
        R"("task_type":"createMessages","document":{"message":"x","ttl":7},"targets":["a"])");
    BOOST_TEST(error_message_of(wrong).find("document.ttl") != std::string::npos);
    BOOST_TEST(words(create(messages_to(R"(["a"],"app_id":"no")"))) == "403 IOTDA.001000");
    BOOST_TEST(words(create(messages_to(R"(["a"],"task_policy":{"retry_count":1})"))) ==
               "400 IOTDA.000006");
    BOOST_TEST(
        words(create(messages_to(R"(["a"],"task_policy":{"schedule_time":"20260109T000000Z"})"))) ==
        "400 IOTDA.000006");
    BOOST_TEST(
        words(create(R"("task_type":"deleteDevices","targets_filter":{"group_ids":["g"]})")) ==
        "404 IOTDA.015190");
    BOOST_TEST(words(create(R"("task_type":"createDevices","document_source":"f")")) ==
               "404 IOTDA.015395");
    const auto list = object_of(ask(http::verb::get, path("/batchtasks?task_type=createMessages")));
    BOOST_TEST(list.at("page").at("count").as_int64() == 0);
}

BOOST_AUTO_TEST_CASE(a_failure_is_tried_again_with_an_id_of_its_own) {
    refusals["b"] = {http::status::forbidden, http::status::forbidden};
    const std::string id =
        created(messages_to(R"(["a","b"],"task_policy":{"retry_count":1,"retry_interval":5})"));
    BOOST_TEST(status(id) == "Processing");
    BOOST_TEST(details(id) == "a Success b FailWaitRetry 2");
    pass(std::chrono::minutes{5});
    BOOST_TEST(details(id) == "a Success b Fail 2");
    BOOST_TEST(status(id) == "PartialSuccess");
    BOOST_TEST(posts.back() == R"(b {"message":"hi","message_id":")" + id + R"(-1"})");
    BOOST_TEST(order(id, "/retry", R"({"targets":["b"]})").result_int() == 200U);
    BOOST_TEST(status(id) == "Success");
    BOOST_TEST(posts.size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_busy_server_is_asked_again_and_that_is_no_failure) {
    refusals["a"] = {http::status::too_many_requests};
    const std::string id = created(messages_to(R"(["a"])"));
    BOOST_TEST(status(id) == "Processing");
    pass(Milliseconds{500});
    BOOST_TEST(status(id) == "Success");
    BOOST_TEST(posts[0] == posts[1]);
}

BOOST_AUTO_TEST_CASE(a_scheduled_task_waits_and_can_be_stopped) {
    const std::string id =
        created(messages_to(R"(["a","b"],"task_policy":{"schedule_time":"20260101T010000Z"})"));
    BOOST_TEST(status(id) == "Waitting");
    BOOST_TEST(words(ask(http::verb::delete_, path("/batchtasks/" + id))) == "403 IOTDA.015393");
    BOOST_TEST(order(id, "/stop", R"({"targets":["a"]})").result_int() == 200U);
    BOOST_TEST(words(order(id, "/stop", R"({"targets":["x"]})")) == "400 IOTDA.000006");
    pass(std::chrono::minutes{60});
    BOOST_TEST(details(id) == "a Stopped b Success 2");
    BOOST_TEST(status(id) == "Stopped");
    BOOST_TEST(words(order(id, "/stop")) == "403 IOTDA.015397");
    BOOST_TEST(words(order(id, "/confirm")) == "403 IOTDA.015394");
    BOOST_TEST(ask(http::verb::delete_, path("/batchtasks/" + id)).result_int() == 204U);
    BOOST_TEST(words(ask(http::verb::get, path("/batchtasks/" + id))) == "404 IOTDA.015390");
}

BOOST_AUTO_TEST_CASE(a_task_goes_on_after_a_start) {
    const std::string id =
        created(messages_to(R"(["a","b"],"task_policy":{"schedule_time":"20260101T010000Z"})"));
    runner.reset();
    start();
    BOOST_TEST(status(id) == "Waitting");
    pass(std::chrono::minutes{60});
    BOOST_TEST(status(id) == "Success");
    BOOST_TEST(posts.size() == 2U);
    start();
    BOOST_TEST(posts.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_command_is_sent_once_it_is_kept_that_it_is_and_never_by_another_process) {
    const std::string fields = R"("task_type":"createCommands","document":{"paras":{}},"targets":)";
    const std::string first = created(fields + R"(["a","b"])");
    BOOST_TEST(posts == (Lines{"a Processing", "b Processing"}), boost::test_tools::per_element());
    BOOST_TEST(details(first) == "a Success b Success 2");
    const std::string id =
        created(fields + R"(["c","d"],"task_policy":{"schedule_time":"20260101T010000Z"})");
    // What a process that was killed while the device had the command would have left.
    BatchTarget target;
    target.target = "c";
    target.state = BatchTargetState::processing;
    bool is_kept = false;
    catalogue->documents().put_links({link_of(id, target)}, executor,
                                     [&](std::error_code) { is_kept = true; });
    while (!is_kept) run();
    runner.reset();
    start();
    pass(std::chrono::minutes{60});
    BOOST_TEST(details(id) == "c Fail d Success 2");
    BOOST_TEST(posts.size() == 3U);
    BOOST_TEST(posts.back() == "d Processing");
    BOOST_TEST(status(id) == "PartialSuccess");
}

BOOST_AUTO_TEST_CASE(what_an_earlier_process_made_is_not_a_failure_but_what_was_there_is) {
    add_device("before");
    clock.wall += Seconds{10};
    const std::string file = uploaded("device_id,node_id\nbefore,before\nmade,made\nnew,new\n");
    const std::string id = created(R"("task_type":"createDevices","document_source":")" + file +
                                   R"(","task_policy":{"schedule_time":"20260101T010000Z"})");
    add_device("made");
    runner.reset();
    start();
    pass(std::chrono::minutes{60});
    BOOST_TEST(details(id) == "before Fail made Success new Success 3");
}

BOOST_AUTO_TEST_CASE(devices_are_made_frozen_and_deleted) {
    const std::string file = uploaded("device_id,node_id,secret\nd1,n1,12345678\nd2,n2,short\n");
    const std::string make =
        created(R"("task_type":"createDevices","document_source":")" + file + "\"");
    BOOST_TEST(details(make) == "d1 Success d2 Fail 2");
    BOOST_TEST(status(make) == "PartialSuccess");
    const auto device = object_of(ask(http::verb::get, path("/devices/d1")));
    BOOST_TEST(device.at("auth_info").at("secret").as_string() == "12345678");
    apps.put({"plant", "plant", {}});
    const std::string other = uploaded("device_id,node_id\nd3,n3\n");
    created(R"("task_type":"createDevices","app_id":"plant","document_source":")" + other + "\"");
    BOOST_TEST(object_of(ask(http::verb::get, path("/devices/d3"))).at("app_id").as_string() ==
               "plant");
    const std::string freeze = created(R"("task_type":"freezeDevices","targets":["d1"])");
    BOOST_TEST(status(freeze) == "Success");
    BOOST_TEST(object_of(ask(http::verb::get, path("/devices/d1"))).at("status").as_string() ==
               "FROZEN");
    BOOST_TEST(status(created(R"("task_type":"unfreezeDevices","targets":["d1"])")) == "Success");
    BOOST_TEST(status(created(R"("task_type":"deleteDevices","targets":["d1"])")) == "Success");
    BOOST_TEST(status(created(R"("task_type":"deleteDevices","targets":["d1"])")) == "Fail");
}

BOOST_AUTO_TEST_CASE(a_task_is_for_the_devices_of_groups) {
    for (const char* id : {"a", "b", "c"}) add_device(id);
    std::string groups;
    for (const char* members : {"ab", "bc"}) {
        const std::string group{
            object_of(ask(http::verb::post, path("/device-group"), R"({"name":"g"})"))
                .at("group_id")
                .as_string()};
        for (const char member : std::string{members}) {
            ask(http::verb::post,
                path("/device-group/" + group + "/action?action_id=addDevice&device_id=" + member));
        }
        groups += (groups.empty() ? "\"" : ",\"") + group + "\"";
    }
    created(R"("task_type":"createMessages","document":{"message":"hi"},)"
            R"("targets_filter":{"group_ids":[)" +
            groups + "]}");
    BOOST_TEST(posts.size() == 3U);
}

BOOST_AUTO_TEST_CASE(files_are_listed_without_their_rows_and_removed) {
    const std::string file = uploaded("device_id\nd\n");
    BOOST_TEST(words(upload("colour\nred\n")) == "400 IOTDA.000006");
    const Response list = ask(http::verb::get, path("/batchtask-files"));
    BOOST_TEST(list.body().find("\"d.csv\"") != std::string::npos);
    BOOST_TEST(list.body().find("device_id") == std::string::npos);
    BOOST_TEST(ask(http::verb::delete_, path("/batchtask-files/" + file)).result_int() == 204U);
    BOOST_TEST(words(ask(http::verb::delete_, path("/batchtask-files/" + file))) ==
               "404 IOTDA.015395");
}

BOOST_AUTO_TEST_CASE(ten_tasks_at_most_are_not_over) {
    const std::string later =
        messages_to(R"(["a"],"task_policy":{"schedule_time":"20260101T010000Z"})");
    for (int i = 0; i < 10; ++i) created(later);
    BOOST_TEST(words(create(later)) == "403 IOTDA.015392");
    pass(std::chrono::minutes{60});
    created(messages_to(R"(["a"])"));
    const auto list = object_of(
        ask(http::verb::get, path("/batchtasks?task_type=createMessages&status=Success")));
    BOOST_TEST(list.at("page").at("count").as_int64() == 11);
}

BOOST_AUTO_TEST_SUITE_END()
