"""Commands and properties that devices answer at once, and what devices tell the platform: applications
over HTTP, devices with a raw client, as their SDKs do it: some never subscribe, some to whole trees."""

import json
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from support.hub import Hub, HubTestCase, each_version, start_hub
from support.packets import V5, V311, Kind
from support.platform import Application
from support.wire import WAIT, Client, wait_until

TREES = ["messages/#", "commands/#", "properties/set/#", "properties/get/#", "events/#"]


class DeviceTestCase(HubTestCase):
    """Each test has devices of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.application = Application(cls.hub)

    def setUp(self):
        self.callers = ThreadPoolExecutor(max_workers=8)
        self.addCleanup(self.callers.shutdown)

    def device(self, name="d", **fields):
        test = self._testMethodName.removeprefix("test_")
        return self.application.register(f"{test}-{name}"[-60:], **fields)

    def log_in(self, device, version=V311):
        client = Client(self.hub.port, version, device.client_id, **device.connect_options(version))
        self.addCleanup(client.close)
        return client.open()

    def command(self, device, **body):
        """Begins a command; its result is (status, answer)."""
        return self.callers.submit(device.command, **body)

    def take_request(self, client, device, kind="commands"):
        """(request id, payload) of what the platform asks the device."""
        message = client.message()
        prefix = device.topic(f"{kind}/request_id=")
        self.assertTrue(message.topic.startswith(prefix), message.topic)
        return message.topic.removeprefix(prefix), json.loads(message.payload)

    def answer(self, client, device, request_id, body, kind="commands", qos=0):
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        topic = device.topic(f"{kind}/response/request_id={request_id}")
        return client.publish(topic, payload, qos=qos)

    def metric(self, name):
        return self.hub.metrics()[f"holdfast_{name}_total"]


class Commands(DeviceTestCase):
    @each_version
    def test_a_device_that_never_subscribes_is_asked_and_answers(self, version):
        device = self.device()
        client = self.log_in(device, version)
        begun = self.command(device)
        request_id, asked = self.take_request(client, device)
        self.assertEqual(
            asked, {"service_id": "Pump", "command_name": "SPEED", "paras": {"rpm": 300}}
        )
        said = {"result_code": 0, "response_name": "SPEED_RESPONSE", "paras": {"rpm": 299.50}}
        self.answer(client, device, request_id, said)
        status, answer = begun.result(WAIT)
        self.assertEqual((status, answer), (200, {"command_id": request_id, "response": said}))

    def test_numbers_reach_both_sides_as_they_were_written(self):
        device = self.device()
        client = self.log_in(device)
        body = b'{"paras": {"exact": 23.50, "long": 123456789012345678901234567890}}'
        begun = self.callers.submit(self.post_bytes, device, body)
        message = client.message()
        self.assertEqual(
            message.payload, b'{"paras":{"exact":23.50,"long":123456789012345678901234567890}}'
        )
        request_id = message.topic.rpartition("=")[2]
        self.answer(client, device, request_id, b'{ "result_code": 0, "paras": {"x": 1.0} }')
        self.assertIn(b'"response":{"result_code":0,"paras":{"x":1.0}}', begun.result(WAIT))

    def post_bytes(self, device, body):
        import urllib.request

        url = f"{self.application.base}/devices/{device.device_id}/commands"
        headers = {"X-Auth-Token": self.application.token, "Content-Type": "application/json"}
        request = urllib.request.Request(url, body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=WAIT) as answer:
            return answer.read()

    def test_a_device_that_subscribes_to_trees_gets_qos_1_and_no_echo(self):
        device = self.device()
        client = self.log_in(device)
        client.subscribe([device.topic(tree) for tree in TREES], qos=1)
        begun = self.command(device)
        packet = client.expect(Kind.PUBLISH)
        self.assertEqual((packet.qos, packet.retain), (1, False))
        client.settle(packet)
        request_id = packet.topic.rpartition("=")[2]
        self.answer(client, device, request_id, {"result_code": 0}, qos=1)
        self.assertEqual(begun.result(WAIT)[1]["response"], {"result_code": 0})
        client.publish(device.topic("messages/up"), b"{}", qos=1)
        client.expect_nothing()

    def test_what_the_device_calls_an_error_is_its_answer(self):
        device = self.device()
        client = self.log_in(device)
        begun = self.command(device)
        said = {"result_code": 1, "response_name": "SPEED_RESPONSE", "paras": {"why": "dry"}}
        self.answer(client, device, self.take_request(client, device)[0], said)
        status, answer = begun.result(WAIT)
        self.assertEqual((status, answer["response"]), (200, said))

    def test_an_answer_that_is_no_json_is_told(self):
        device = self.device()
        client = self.log_in(device)
        begun = self.command(device)
        before = self.metric("device_publications_malformed")
        request_id, _ = self.take_request(client, device)
        self.answer(client, device, request_id, b"{oops", qos=1)
        status, answer = begun.result(WAIT)
        self.assertEqual((status, answer["error_code"]), (502, "IOTDA.014170"))
        self.assertEqual(self.metric("device_publications_malformed"), before + 1)
        client.ping()

    def test_nothing_is_kept_for_a_device_that_is_away(self):
        device = self.device()
        status, answer = device.command()
        self.assertEqual((status, answer["error_code"]), (403, "IOTDA.014016"))
        self.log_in(device).expect_nothing()

    def test_two_at_once_are_answered_in_any_order(self):
        device = self.device()
        client = self.log_in(device)
        begun = {n: self.command(device, paras={"n": n}) for n in (1, 2)}
        asked = [self.take_request(client, device) for _ in begun]
        for request_id, body in reversed(asked):
            self.answer(client, device, request_id, {"result_code": body["paras"]["n"]})
        for n, each in begun.items():
            self.assertEqual(each.result(WAIT)[1]["response"], {"result_code": n})

    def test_another_device_cannot_answer(self):
        device, other = self.device("one"), self.device("other")
        client, stranger = self.log_in(device), self.log_in(other, V5)
        begun = self.command(device)
        request_id, _ = self.take_request(client, device)
        before = self.metric("device_answers_unknown")
        self.answer(stranger, other, request_id, {"result_code": 13}, qos=1)
        self.assertEqual(self.metric("device_answers_unknown"), before + 1)
        foreign = device.topic(f"commands/response/request_id={request_id}")
        self.assertEqual(stranger.publish(foreign, b"{}", qos=1), 0x87)
        self.answer(client, device, request_id, {"result_code": 0})
        self.assertEqual(begun.result(WAIT)[1]["response"], {"result_code": 0})

    def test_a_device_that_is_cut_off_ends_the_wait(self):
        device = self.device()
        client = self.log_in(device)
        begun = self.command(device)
        self.take_request(client, device)
        client.cut()
        status, answer = begun.result(WAIT)
        self.assertEqual((status, answer["error_code"]), (403, "IOTDA.014016"))
        self.log_in(device).expect_nothing()

    def test_a_device_that_comes_by_another_connection_may_still_answer(self):
        device = self.device()
        client = self.log_in(device)
        begun = self.command(device)
        request_id, _ = self.take_request(client, device)
        newer = self.log_in(device)
        client.expect_closed()
        self.answer(newer, device, request_id, {"result_code": 0})
        self.assertEqual(begun.result(WAIT)[0], 200)

    def test_a_device_behind_a_gateway_is_asked_through_it(self):
        gateway = self.device("gateway")
        sensor = self.device("sensor", gateway_id=gateway.device_id)
        client = self.log_in(gateway)
        begun = self.command(sensor)
        request_id, asked = self.take_request(client, gateway)
        self.assertEqual(asked["object_device_id"], sensor.device_id)
        self.answer(client, gateway, request_id, {"result_code": 0})
        self.assertEqual(begun.result(WAIT)[0], 200)

    def test_what_is_wrong_with_a_command_is_said(self):
        device = self.device()
        for body, word in (
            ({"paras": None}, "paras"),
            ({"paras": [1]}, "paras"),
            ({"command_name": "x" * 129}, "command_name"),
            ({"service_id": "x" * 65}, "service_id"),
        ):
            status, answer = device.command(**body)
            self.assertEqual((status, answer["error_code"]), (400, "IOTDA.000006"))
            self.assertIn(word, answer["error_msg"])
        nobody = self.application.call("POST", "/devices/nobody-at-all/commands", {"paras": {}})
        self.assertEqual((nobody[0], nobody[1]["error_code"]), (404, "IOTDA.014000"))


class Impatience(DeviceTestCase):
    config = {"delivery": {"command_timeout": "1s", "commands_waiting_per_device_max": 2}}

    def test_who_does_not_answer_is_not_waited_for_and_a_late_answer_is_nobodys(self):
        device = self.device()
        client = self.log_in(device, V5)
        began = time.monotonic()
        begun = self.command(device)
        packet = client.expect(Kind.PUBLISH)
        self.assertEqual(packet.properties["message_expiry_interval"], 1)
        status, answer = begun.result(WAIT)
        self.assertEqual((status, answer["error_code"]), (403, "IOTDA.014111"))
        self.assertGreaterEqual(time.monotonic() - began, 1)
        before = self.metric("device_answers_unknown")
        late = packet.topic.rpartition("=")[2]
        self.assertEqual(self.answer(client, device, late, {}, qos=1), 0)
        self.assertEqual(self.metric("device_answers_unknown"), before + 1)

    def test_only_so_many_wait_for_one_device(self):
        device = self.device()
        client = self.log_in(device)
        waiting = [self.command(device) for _ in range(2)]
        asked = [self.take_request(client, device)[0] for _ in waiting]
        status, answer = device.command()
        self.assertEqual((status, answer["error_code"]), (429, "APIGW.0308"))
        self.answer(client, device, asked[0], {})
        third = self.command(device)
        asked.append(self.take_request(client, device)[0])
        for request_id in asked[1:]:
            self.answer(client, device, request_id, {})
        self.assertEqual([each.result(WAIT)[0] for each in (*waiting, third)], [200] * 3)


class Stop(DeviceTestCase):
    def test_the_end_of_the_server_ends_the_wait(self):
        device = self.device()
        client = self.log_in(device)
        begun = self.command(device)
        self.take_request(client, device)
        began = time.monotonic()
        self.hub.stop()
        status, _ = begun.result(WAIT)
        self.assertIn(status, (403, 503))
        self.assertLess(time.monotonic() - began, 15)


class Properties(DeviceTestCase):
    def test_properties_are_set_and_read_by_the_device(self):
        device = self.device()
        client = self.log_in(device)
        path = f"/devices/{device.device_id}/properties"
        services = [{"service_id": "Pump", "properties": {"rpm": 5}}]
        begun = self.callers.submit(self.application.call, "PUT", path, {"services": services})
        request_id, asked = self.take_request(client, device, "properties/set")
        self.assertEqual(asked, {"services": services})
        said = {"result_code": 0, "result_desc": "success"}
        self.answer(client, device, request_id, said, "properties/set")
        self.assertEqual(begun.result(WAIT), (200, {"response": said}))

        begun = self.callers.submit(self.application.call, "GET", path + "?service_id=Pump")
        request_id, asked = self.take_request(client, device, "properties/get")
        self.assertEqual(asked, {"service_id": "Pump"})
        said = {"services": [{"service_id": "Pump", "properties": {"rpm": 5}}]}
        self.answer(client, device, request_id, said, "properties/get")
        self.assertEqual(begun.result(WAIT), (200, {"response": said}))

    def test_what_is_wrong_with_properties_is_said(self):
        path = f"/devices/{self.device().device_id}/properties"
        for services in (None, [], [{}], [{"service_id": "Pump"}]):
            status, answer = self.application.call("PUT", path, {"services": services})
            self.assertEqual((status, answer["error_code"]), (400, "IOTDA.000006"))
        status, answer = self.application.call("GET", path)
        self.assertEqual((status, answer["error_code"]), (400, "IOTDA.000006"))


class Uplink(DeviceTestCase):
    """What devices say by themselves."""

    def event(self, client, device, service_id, event_type, paras):
        service = {"service_id": service_id, "event_type": event_type, "paras": paras}
        service["event_time"] = "20260101T000000Z"
        body = {"object_device_id": device.device_id, "services": [service]}
        return client.publish(device.topic("events/up"), json.dumps(body).encode(), qos=1)

    @each_version
    def test_the_time_is_told(self, version):
        device = self.device()
        client = self.log_in(device, version)
        before = time.time() * 1000
        self.event(client, device, "$time_sync", "time_sync_request", {"device_send_time": 7})
        message = client.message()
        self.assertEqual(message.topic, device.topic("events/down"))
        body = json.loads(message.payload)
        self.assertEqual(body["object_device_id"], device.device_id)
        (service,) = body["services"]
        self.assertEqual(service["service_id"], "$time_sync")
        self.assertEqual(service["event_type"], "time_sync_response")
        paras = service["paras"]
        self.assertEqual(paras["device_send_time"], 7)
        self.assertGreaterEqual(paras["server_recv_time"], before - 1)
        self.assertGreaterEqual(paras["server_send_time"], paras["server_recv_time"])
        self.assertLessEqual(paras["server_send_time"], time.time() * 1000 + 1)

    def test_the_versions_of_a_device_are_shown(self):
        device = self.device()
        client = self.log_in(device)
        paras = {"device_sdk_version": "C_v1.2.0", "sw_version": "v1.0", "fw_version": "v2.0"}
        self.event(client, device, "$sdk_info", "sdk_info_report", paras)

        def shown():
            return self.application.call("GET", f"/devices/{device.device_id}")[1]

        wait_until("the versions to be shown", lambda: paras.items() <= shown().items())
        self.event(client, device, "$sdk_info", "sdk_info_report", {"sw_version": "v1.1"})
        wait_until("the new one", lambda: shown().get("sw_version") == "v1.1")

    def test_whatever_else_comes_is_taken(self):
        device = self.device()
        client = self.log_in(device, V5)
        self.event(client, device, "$log", "log_report", {"type": "DEVICE_STATUS"})
        self.event(client, device, "$nobody", "knows_this", {})
        report = {"services": [{"service_id": "Pump", "properties": {"rpm": 1}}]}
        for suffix, payload in (
            ("events/up", b"no json"),
            ("properties/report", b"[]"),
            ("properties/report", json.dumps(report).encode()),
            ("gateway/sub_devices/properties/report", b"{}"),
            ("messages/up", b"\xff\xfe"),
            ("messages/up?request_id=abc", b"{}"),
            ("commands/response/request_id=nobodys", b"{}"),
            ("some/other/topic", b"{}"),
        ):
            self.assertEqual(client.publish(device.topic(suffix), payload, qos=1), 0, suffix)
        client.ping()

    def test_what_a_device_says_is_told_with_its_properties(self):
        device = self.device()
        properties = {
            "response_topic": "answers/7",
            "correlation_data": b"c-1",
            "content_type": "text/plain",
            "message_expiry_interval": 60,
            "user_property": [("k", "v"), ("k", "w")],
        }
        client = self.log_in(device, V5)
        client.publish(device.topic("messages/up"), b"hello", qos=1, properties=properties)
        self.log_in(device, V311).publish(device.topic("messages/up"), b"bare", qos=1)
        query = f"resource=device.message&event=report&device_id={device.device_id}"

        def read():
            events = self.application.call("GET", f"/events?{query}")[1]["events"]
            return len(events) == 2 and [each["notify_data"]["body"] for each in events]

        first, second = wait_until("two events", read)
        pairs = [{"prop_key": "k", "prop_value": value} for value in "vw"]
        told = {"correlation_data": "c-1", "response_topic": "answers/7"}
        told.update(content_type="text/plain", user_properties=pairs)
        self.assertEqual((first["content"], first["properties"]), ("hello", told))
        self.assertEqual(second, {"topic": device.topic("messages/up"), "content": "bare"})

    def test_mqtt_applications_see_what_devices_say(self):
        device = self.device()
        watcher = self.client(V5, "watcher")
        watcher.subscribe("$oc/devices/+/sys/messages/up", qos=1)
        self.log_in(device).publish(device.topic("messages/up"), b"hello", qos=1)
        self.assertEqual(watcher.message().payload, b"hello")


class Shadows(DeviceTestCase):
    def path(self, device):
        return f"/devices/{device.device_id}/shadow"

    def report(self, client, device, suffix="properties/report", **properties):
        service = {"service_id": "Pump", "properties": properties, "event_time": "20260101T000000Z"}
        body = {"services": [service]}
        if device.device_id != client.client_id.partition("_0_0_")[0]:
            body = {"devices": [{"device_id": device.device_id, **body}]}
        gateway = client.client_id.partition("_0_0_")[0]
        topic = f"$oc/devices/{gateway}/sys/{suffix}"
        self.assertEqual(client.publish(topic, json.dumps(body).encode(), qos=1), 0)

    def shown(self, application, device):
        status, answer = application.call("GET", self.path(device))
        self.assertEqual((status, answer["device_id"]), (200, device.device_id))
        return answer["shadow"]

    def test_a_shadow_has_what_is_desired_and_what_was_reported(self):
        device = self.device()
        client = self.log_in(device, V5)
        self.report(client, device, rpm=300)
        self.report(client, device, level=1.5)
        desired = {"shadow": [{"service_id": "Pump", "desired": {"rpm": 400}, "version": 0}]}
        status, answer = self.application.call("PUT", self.path(device), desired)
        self.assertEqual(status, 200)
        (service,) = answer["shadow"]
        self.assertEqual((service["service_id"], service["version"]), ("Pump", 1))
        self.assertEqual(service["desired"]["properties"], {"rpm": 400})
        reported = {"properties": {"rpm": 300, "level": 1.5}, "event_time": "20260101T000000Z"}
        self.assertEqual(service["reported"], reported)
        status, answer = self.application.call("PUT", self.path(device), desired)
        self.assertEqual((status, answer["error_code"]), (409, "IOTDA.014173"))

        client.publish(device.topic("shadow/get/request_id=r-1"), b"{}", qos=1)
        message = client.message()
        self.assertEqual(message.topic, device.topic("shadow/get/response/request_id=r-1"))
        told = json.loads(message.payload)
        self.assertEqual(told, {"object_device_id": device.device_id, "shadow": [service]})
        self.assertEqual(self.application.call("DELETE", self.path(device))[0], 204)
        self.assertEqual(self.shown(self.application, device), [])

    def test_a_gateway_reports_for_what_is_behind_it(self):
        gateway, stranger = self.device("gateway"), self.device("stranger")
        sensor = self.device("sensor", gateway_id=gateway.device_id)
        client = self.log_in(gateway, V5)
        for device in (sensor, stranger):
            self.report(client, device, "gateway/sub_devices/properties/report", rpm=7)
        wait_until("a report", lambda: self.shown(self.application, sensor) != [])
        self.assertEqual(self.shown(self.application, stranger), [])

    def test_what_is_desired_outlives_a_kill_and_what_was_reported_a_second_ago_too(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-data-")
        self.addCleanup(folder.cleanup)
        hub = Hub("--data", folder.name).start()
        self.addCleanup(hub.kill)
        application = Application(hub)
        device = application.register("pump-7")
        client = Client(hub.port, V5, device.client_id, **device.connect_options(V5))
        self.addCleanup(client.close)
        client.open()
        self.report(client, device, rpm=1)
        time.sleep(2)
        desired = {"shadow": [{"service_id": "Pump", "desired": {"rpm": 2}}]}
        self.assertEqual(application.call("PUT", self.path(device), desired)[0], 200)
        hub.kill()
        hub = start_hub(self, "--data", folder.name)
        (service,) = self.shown(Application(hub), device)
        self.assertEqual(service["desired"]["properties"], {"rpm": 2})
        self.assertEqual(service["reported"]["properties"], {"rpm": 1})

    def test_a_clean_end_keeps_what_was_reported_just_now(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-data-")
        self.addCleanup(folder.cleanup)
        hub = Hub("--data", folder.name).start()
        self.addCleanup(hub.kill)
        device = Application(hub).register("pump-7")
        client = Client(hub.port, V5, device.client_id, **device.connect_options(V5))
        self.addCleanup(client.close)
        self.report(client.open(), device, rpm=1)
        hub.stop()
        hub = start_hub(self, "--data", folder.name)
        (service,) = self.shown(Application(hub), device)
        self.assertEqual(service["reported"]["properties"], {"rpm": 1})


class Gateways(DeviceTestCase):
    """Messages for devices behind a gateway go through its session."""

    config = {"delivery": {"acknowledgement_wait": "20s"}}

    def test_messages_wait_for_the_gateway_and_name_the_device(self):
        gateway = self.device("gateway")
        sensor = self.device("sensor", gateway_id=gateway.device_id)
        sent = sensor.post("calibrate", message_id="m-1")
        self.assertEqual((sent["message_id"], sent["result"]["status"]), ("m-1", "PENDING"))
        gateway.post("for yourself", message_id="m-1")
        client = self.log_in(gateway)
        first, second = client.message(), client.message()
        self.assertEqual((first.topic, second.topic), (gateway.downlink, gateway.downlink))
        self.assertEqual(
            json.loads(first.payload),
            {"object_device_id": sensor.device_id, "id": "m-1", "content": "calibrate"},
        )
        self.assertEqual(json.loads(second.payload), {"id": "m-1", "content": "for yourself"})
        for device, message in ((sensor, "calibrate"), (gateway, "for yourself")):
            wait_until("delivery", lambda device=device: device.status("m-1")[0] == "DELIVERED")
            self.assertEqual(device.show("m-1")["message"], message)
            listed = self.application.call("GET", device.path)[1]["messages"]
            self.assertEqual([each["message_id"] for each in listed], ["m-1"])
            self.assertEqual(listed[0]["message"], message)
            self.assertIn("acknowledged", device.trace("m-1"))

    def test_pages_of_a_list_are_those_of_one_device(self):
        gateway = self.device("gateway")
        one = self.device("one", gateway_id=gateway.device_id)
        two = self.device("two", gateway_id=gateway.device_id)
        for n in range(3):
            for device in (one, two):
                device.post("x", message_id=f"m-{n}")
        status, page = self.application.call("GET", one.path + "?limit=2")
        self.assertEqual([each["message_id"] for each in page["messages"]], ["m-2", "m-1"])
        status, page = self.application.call("GET", f"{one.path}?limit=2&marker={page['marker']}")
        self.assertEqual([each["message_id"] for each in page["messages"]], ["m-0"])
        self.assertEqual(self.application.call("GET", gateway.path)[1]["messages"], [])
        self.assertEqual(self.application.call("DELETE", two.path + "/m-0")[0], 204)
        self.assertEqual(one.status("m-0")[0], "PENDING")

    def test_messages_of_a_device_that_is_deleted_do_not_reach_its_gateway(self):
        gateway = self.device("gateway")
        sensor = self.device("sensor", gateway_id=gateway.device_id)
        other = self.device("other", gateway_id=gateway.device_id)
        for device in (sensor, other, sensor):
            device.post("for " + device.device_id)
        path = f"/devices/{sensor.device_id}"
        self.assertEqual(self.application.call("DELETE", path)[0], 204)
        client = self.log_in(gateway)
        self.assertEqual(json.loads(client.message().payload)["content"], "for " + other.device_id)
        client.expect_nothing()

    def test_a_user_topic_is_the_gateways(self):
        gateway = self.device("gateway")
        sensor = self.device("sensor", gateway_id=gateway.device_id)
        topics = {"topics": [{"topic": "set", "permission": "SUBSCRIBE"}]}
        path = f"/products/{sensor.product_id}/topics"
        self.assertEqual(self.application.call("PUT", path, topics)[0], 200)
        client = self.log_in(gateway)
        topic = f"$oc/devices/{gateway.device_id}/user/set"
        client.subscribe(topic, qos=1)
        posted = self.callers.submit(sensor.post, "speed 3", topic="set")
        message = client.message()
        self.assertEqual(message.topic, topic)
        self.assertEqual(json.loads(message.payload)["object_device_id"], sensor.device_id)
        self.assertEqual(posted.result(WAIT)["result"]["status"], "DELIVERED")


class Subscriptions(DeviceTestCase):
    config = {"limits": {"subscriptions_per_device_max": 3}}

    def test_a_device_has_so_many_subscriptions_and_no_more(self):
        device = self.device()
        client = self.log_in(device, V5)
        topics = [f"a/{n}" for n in range(4)]
        self.assertEqual(client.subscribe(topics, qos=1), [1, 1, 1, 0x97])
        self.assertEqual(client.subscribe(topics[:1], qos=0), [0])
        plain = self.client(V5, "plain")
        self.assertEqual(plain.subscribe(topics, qos=1), [1, 1, 1, 1])


if __name__ == "__main__":
    unittest.main()
