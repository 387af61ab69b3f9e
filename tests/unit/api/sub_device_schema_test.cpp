#include "api/sub_device_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace {

using namespace holdfast::api;
namespace json = boost::json;
using Kind = SubDeviceRequest::Kind;

DeviceEvent event(std::string_view type, std::string_view paras) {
    return {.service_id = "$sub_device_manager",
            .event_type = std::string{type},
            .event_id = "e-1",
            .paras = std::string{paras}};
}
SubDeviceRequest read(std::string_view type, std::string_view paras) {
    auto request = read_sub_device_request(event(type, paras));
    BOOST_TEST_REQUIRE((request.has_value() && request->has_value()));
    return **request;
}
std::string problem(std::string_view type, std::string_view paras) {
    const auto request = read_sub_device_request(event(type, paras));
    BOOST_TEST_REQUIRE(request.has_error());
    return request.error().text;
}
std::string many(std::size_t count, const std::string& element) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += (i == 0 ? "" : ",") + element;
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sub_device_schema)

BOOST_AUTO_TEST_CASE(the_service_has_two_names) {
    BOOST_TEST(is_sub_device_manager("$sub_device_manager"));
    BOOST_TEST(is_sub_device_manager("sub_device_manager"));
    BOOST_TEST(!is_sub_device_manager("$$sub_device_manager"));
    BOOST_TEST(!is_sub_device_manager("$ota"));
}

BOOST_AUTO_TEST_CASE(devices_to_add_become_bodies_of_the_endpoint) {
    const auto request = read("add_sub_device_request", R"({"devices":[
        {"parent_device_id":"gw","node_id":"n","device_id":"d","name":"N","description":"D",
         "product_id":"p","extension_info":{"a":1},"status":"ONLINE"},
        {"node_id":"m","product_id":"p","name":"","device_id":null,"extension_info":"{\"b\":2}"},
        {"node_id":7,"extension_info":"no object"}, {"extension_info":""}]})");
    BOOST_TEST((request.kind == Kind::add));
    BOOST_TEST(request.event_id == "e-1");
    BOOST_TEST_REQUIRE(request.added.size() == 4U);
    BOOST_TEST(request.devices() == 4U);
    const NewSubDevice& first = request.added[0];
    BOOST_TEST(first.parent_device_id == "gw");
    BOOST_TEST(first.node_id == "n");
    BOOST_TEST(first.product_id == "p");
    BOOST_TEST(json::serialize(first.device) ==
               R"({"device_id":"d","node_id":"n","device_name":"N","description":"D",)"
               R"("product_id":"p","extension_info":{"a":1}})");
    BOOST_TEST(request.added[1].parent_device_id.empty());
    BOOST_TEST(json::serialize(request.added[1].device.at("extension_info")) == R"({"b":2})");
    BOOST_TEST(!request.added[1].device.contains("device_name"));
    // What is wrong with a device is told by the endpoint.
    BOOST_TEST(request.added[2].node_id.empty());
    BOOST_TEST(json::serialize(request.added[2].device) ==
               R"({"node_id":7,"extension_info":"no object"})");
    BOOST_TEST(request.added[3].device.empty());
}

BOOST_AUTO_TEST_CASE(other_requests_are_read) {
    const auto removal = read("delete_sub_device_request", R"({"devices":["a","b"]})");
    BOOST_TEST((removal.kind == Kind::remove));
    BOOST_TEST(removal.removed == (std::vector<std::string>{"a", "b"}),
               boost::test_tools::per_element());
    const auto update = read("sub_device_update_status",
                             R"({"device_statuses":[{"device_id":"a","status":"ONLINE"}]})");
    BOOST_TEST((update.kind == Kind::update_status));
    BOOST_TEST(update.statuses.at(0).device_id == "a");
    BOOST_TEST(update.statuses.at(0).status == "ONLINE");
    BOOST_TEST(read("sub_device_sync_request", R"({"version":7})").version == 7);
    BOOST_TEST(read("sub_device_sync_request", "{}").version == 0);
    BOOST_TEST(read("add_sub_device_request", R"({"devices":[]})").devices() == 0U);
    const auto unknown = read_sub_device_request(event("scan_result", "{}"));
    BOOST_TEST((unknown.has_value() && !unknown->has_value()));
}

BOOST_AUTO_TEST_CASE(what_has_another_form_is_a_problem) {
    BOOST_TEST(problem("add_sub_device_request", "{}") == "devices must be there");
    BOOST_TEST(!problem("add_sub_device_request", R"({"devices":{}})").empty());
    BOOST_TEST(!problem("add_sub_device_request", R"({"devices":[1]})").empty());
    BOOST_TEST(!problem("delete_sub_device_request", R"({"devices":[1]})").empty());
    BOOST_TEST(!problem("delete_sub_device_request", R"({"devices":[""]})").empty());
    BOOST_TEST(!problem("sub_device_update_status", R"({"device_statuses":["a"]})").empty());
    BOOST_TEST(!problem("sub_device_update_status", R"({"device_statuses":[{"status":"ONLINE"}]})")
                    .empty());
    BOOST_TEST(!problem("sub_device_sync_request", R"({"version":"7"})").empty());
    const std::string most = many(sub_devices_read_max, R"("a")");
    BOOST_TEST(read("delete_sub_device_request", "{\"devices\":[" + most + "]}").devices() ==
               sub_devices_read_max);
    BOOST_TEST(
        !problem("delete_sub_device_request", "{\"devices\":[" + most + R"(,"a"]})").empty());
}

BOOST_AUTO_TEST_CASE(a_device_is_told_as_the_sdks_read_it) {
    const auto shown = json::parse(
        R"({"gateway_id":"gw","node_id":"n","device_id":"d","device_name":"N","description":"D",
            "product_id":"p","status":"OFFLINE","sw_version":"v1","auth_info":{"secret":"x"},
            "extension_info":{"a":1}})");
    BOOST_TEST(json::serialize(sub_device_info(shown.as_object())) ==
               R"({"parent_device_id":"gw","node_id":"n","device_id":"d","name":"N",)"
               R"("description":"D","product_id":"p","fw_version":"","sw_version":"v1",)"
               R"("status":"OFFLINE","extension_info":{"a":1}})");
}

BOOST_AUTO_TEST_CASE(answers_have_what_was_done_and_what_was_not) {
    const SubDeviceFailure failure{"IOTDA.014000", "no"};
    SubDeviceRequest request =
        read("add_sub_device_request", R"({"devices":[{"node_id":"n","product_id":"p"}]})");
    const DeviceEvent added = sub_device_response(request, all_failed(request, failure));
    BOOST_TEST(added.service_id == "$sub_device_manager");
    BOOST_TEST(added.event_type == "add_sub_device_response");
    BOOST_TEST(added.event_id == "e-1");
    BOOST_TEST(added.paras ==
               R"({"successful_devices":[],"failed_devices":[{"node_id":"n",)"
               R"("product_id":"p","error_code":"IOTDA.014000","error_msg":"no"}]})");
    request = read("delete_sub_device_request", R"({"devices":["a"]})");
    SubDeviceResults results;
    results.successful.push_back("b");
    results.fail("a", failure);
    const DeviceEvent removed = sub_device_response(request, std::move(results));
    BOOST_TEST(removed.event_type == "delete_sub_device_response");
    BOOST_TEST(removed.paras == R"({"successful_devices":["b"],"failed_devices":[{"device_id":"a",)"
                                R"("error_code":"IOTDA.014000","error_msg":"no"}]})");
    request = read("sub_device_update_status",
                   R"({"device_statuses":[{"device_id":"a","status":"ONLINE"}]})");
    BOOST_TEST(sub_device_response(request, {}).event_type == "sub_device_update_status_response");
    BOOST_TEST(all_failed(request, failure).failed.size() == 1U);
}

BOOST_AUTO_TEST_CASE(notices_have_devices_and_a_version) {
    const DeviceEvent added = sub_device_notice(SubDeviceNotice::added, {{{"device_id", "d"}}}, 8);
    BOOST_TEST(added.event_type == "add_sub_device_notify");
    BOOST_TEST(added.paras == R"({"devices":[{"device_id":"d"}],"version":8})");
    BOOST_TEST(sub_device_notice(SubDeviceNotice::removed, {}, 9).event_type ==
               "delete_sub_device_notify");
}

BOOST_AUTO_TEST_CASE(a_failure_says_what_an_application_would_be_told) {
    const auto failure = failure_of(
        error_response(http::status::not_found, "IOTDA.014000", "The device does not exist."));
    BOOST_TEST(failure.error_code == "IOTDA.014000");
    BOOST_TEST(failure.error_msg == "The device does not exist.");
}

BOOST_AUTO_TEST_SUITE_END()
