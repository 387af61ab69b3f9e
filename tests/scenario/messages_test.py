"""Messages for devices, from the post to the receipt: applications with curl, devices with mosquitto_sub
and paho, and a raw client where a device must do what no library does."""

import base64
import json
import queue
import tempfile
import unittest

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from support.hub import Hub, HubTestCase, each_version, start_hub
from support.packets import V5, V311, Kind
from support.platform import Application
from support.processes import LineProcess
from support.wire import WAIT, Client, wait_until

VERSION_NAMES = {V311: "mqttv311", V5: "mqttv5"}
REFUSED = 0x87  # Not authorized


class DeviceTestCase(HubTestCase):
    """Each test has devices of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.application = Application(cls.hub)

    def device(self, name="d", application=None):
        test = self._testMethodName.removeprefix("test_")
        return (application or self.application).register(f"{test}-{name}"[-60:])

    def log_in(self, device, version, hub=None, clean_start=True, **properties):
        """A raw client as the device, connected."""
        options = device.connect_options(version, **properties)
        client = Client((hub or self.hub).port, version, device.client_id,
                        clean_start=clean_start, **options)
        self.addCleanup(client.close)
        return client.open()

    def mosquitto_sub(self, device, version, hub=None):
        """The device as a program; it prints each message as JSON."""
        process = LineProcess(
            "stdbuf", "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", str((hub or self.hub).port),
            "-V", VERSION_NAMES[version], "-i", device.client_id, "-u", device.device_id,
            "-P", device.password, "-q", "1", "-t", device.downlink, "-d", "-F", "MSG %j",
        )  # fmt: skip
        self.addCleanup(process.kill)
        process.line_with("Subscribed (mid")
        # What waited for the device may come before its SUBACK.
        for line in [line for line in process.seen if line.startswith("MSG ")]:
            process.lines.put(line)
        return process

    def content(self, payload):
        return json.loads(payload)["content"]

    def take(self, client):
        """The next message's packet, and its content; not acknowledged."""
        packet = client.expect(Kind.PUBLISH)
        return packet, self.content(packet.payload)

    def expect_status(self, device, message_id, *expected):
        wait_until(f"{message_id} to be {expected}", lambda: device.status(message_id) == expected)


class Away(DeviceTestCase):
    @each_version
    def test_a_message_outlives_a_kill_and_reaches_its_device_when_it_is_back(self, version):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-data-")
        self.addCleanup(folder.cleanup)
        hub = Hub("--data", folder.name).start()
        self.addCleanup(hub.kill)
        device = self.device("away", Application(hub))
        status, answer = device.application.curl("POST", device.path, {"message": "open valve 2"})
        self.assertEqual((status, answer["result"]["status"]), (201, "PENDING"))
        self.assertEqual(answer["result"]["cause"], "offline")
        hub.kill()

        hub = start_hub(self, "--data", folder.name)
        device.application = Application(hub)
        self.assertEqual(device.status(answer["message_id"]), ("PENDING", "offline"))
        subscriber = self.mosquitto_sub(device, version, hub)
        message = json.loads(subscriber.line_with("MSG "))
        self.assertEqual(message["topic"], device.downlink)
        self.assertEqual(self.content(message["payload"]), "open valve 2")
        self.expect_status(device, answer["message_id"], "DELIVERED", "acknowledged")
        subscriber.kill()

    def test_a_delivered_message_is_delivered_after_a_kill_and_does_not_come_again(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-data-")
        self.addCleanup(folder.cleanup)
        hub = Hub("--data", folder.name).start()
        self.addCleanup(hub.kill)
        device = self.device("away", Application(hub))
        message_id = device.post("once")["message_id"]
        self.log_in(device, V5, hub).message()
        self.expect_status(device, message_id, "DELIVERED", "acknowledged")
        hub.kill()

        hub = start_hub(self, "--data", folder.name)
        device.application = Application(hub)
        self.assertEqual(device.status(message_id), ("DELIVERED", "acknowledged"))
        self.log_in(device, V5, hub).expect_nothing()

    def test_the_ttl_travels_with_the_message(self):
        device = self.device()
        result = device.post("soon", ttl=5)["result"]
        self.assertEqual(result["expires_at_ms"] - result["accepted_at_ms"], 300_000)
        packet, _ = self.take(self.log_in(device, V5))
        self.assertLessEqual(packet.properties["message_expiry_interval"], 300)
        self.assertGreater(packet.properties["message_expiry_interval"], 300 - WAIT)

    def test_ttl_0_is_for_devices_that_are_there(self):
        device = self.device()
        answer = device.post("now or never", ttl=0)
        self.assertEqual(answer["result"]["status"], "FAILED")
        shown = device.show(answer["message_id"])
        self.assertEqual(shown["error_info"]["error_code"], "IOTDA.014016")
        self.log_in(device, V311).expect_nothing()

    def test_a_topic_waits_for_its_subscription(self):
        device = self.device()
        topics = {"topics": [{"topic": "set", "permission": "SUBSCRIBE"}]}
        path = f"/products/{device.product_id}/topics"
        self.assertEqual(self.application.call("PUT", path, topics)[0], 200)
        client = self.log_in(device, V311)
        message_id = device.post("speed 3", topic="set")["message_id"]
        shown = device.show(message_id)
        self.assertEqual((shown["status"], shown["cause"]), ("PENDING", "not_subscribed"))
        self.assertEqual(shown["error_info"]["error_code"], "IOTDA.014112")
        system = device.post("not behind it")["message_id"]
        self.assertEqual(self.content(client.message().payload), "not behind it")
        topic = f"$oc/devices/{device.device_id}/user/set"
        self.assertEqual(client.subscribe(topic, qos=1), [1])
        message = client.message()
        self.assertEqual((message.topic, self.content(message.payload)), (topic, "speed 3"))
        for each in (message_id, system):
            self.expect_status(device, each, "DELIVERED", "acknowledged")


class There(DeviceTestCase):
    """The device is connected: a post waits until it has acknowledged."""

    config = {"delivery": {"acknowledgement_wait": "20s"}}

    @each_version
    def test_the_201_says_delivered(self, version):
        device = self.device()
        subscriber = self.mosquitto_sub(device, version)
        status, answer = device.application.curl("POST", device.path, {"message": {"speed": 23.5}})
        self.assertEqual((status, answer["result"]["status"]), (201, "DELIVERED"))
        self.assertRegex(answer["result"]["finished_time"], r"^\d{8}T\d{6}Z$")
        message = json.loads(subscriber.line_with("MSG "))
        self.assertEqual(self.content(message["payload"]), {"speed": 23.5})
        steps = device.trace(answer["message_id"])
        self.assertEqual(steps[0], "accepted")
        self.assertEqual(steps[-1], "acknowledged")
        self.assertIn("durable", steps)
        self.assertIn("sent", steps)

    def test_paho_gets_bytes_and_properties(self):
        device = self.device()
        messages, connects = queue.Queue(), queue.Queue()
        client = paho.Client(device.client_id, protocol=paho.MQTTv5)
        client.username_pw_set(device.device_id, device.password)
        client.on_connect = lambda *arguments: connects.put(arguments[3])
        client.on_message = lambda _, data, message: messages.put(message)
        client.connect("127.0.0.1", self.hub.port, properties=Properties(PacketTypes.CONNECT))
        client.loop_start()
        self.addCleanup(client.loop_stop)
        self.addCleanup(client.disconnect)
        self.assertEqual(connects.get(timeout=WAIT).value, 0)
        pairs = [{"prop_key": "unit", "prop_value": "rpm"}, {"prop_key": "unit", "prop_value": "Hz"}]
        properties = {"correlation_data": "c-1", "response_topic": "answers/1"}
        answer = device.post(
            base64.b64encode(b"\0\1\2").decode(),
            encoding="base64",
            properties={**properties, "user_properties": pairs},
        )
        self.assertEqual(answer["result"]["status"], "DELIVERED")
        message = messages.get(timeout=WAIT)
        self.assertEqual((message.topic, message.payload), (device.downlink, b"\0\1\2"))
        self.assertEqual(message.properties.CorrelationData, b"c-1")
        self.assertEqual(message.properties.ResponseTopic, "answers/1")
        self.assertEqual(message.properties.UserProperty, [("unit", "rpm"), ("unit", "Hz")])

    def test_nobody_else_gets_it(self):
        device, other = self.device("one"), self.device("other")
        eavesdropper = self.client(V5, "all")
        eavesdropper.subscribe("#", qos=1)
        neighbour = self.log_in(other, V5)
        subscriber = self.mosquitto_sub(device, V5)
        self.assertEqual(device.post("for one")["result"]["status"], "DELIVERED")
        subscriber.line_with("MSG ")
        eavesdropper.expect_nothing()
        neighbour.expect_nothing()


class Devices(DeviceTestCase):
    """What a device may do with its messages. No post waits for it."""

    config = {"delivery": {"acknowledgement_wait": "0ms", "device_queue_messages_max": 300}}

    @each_version
    def test_a_takeover_while_it_drains_keeps_order_and_marks_repetitions(self, version):
        device = self.device()
        ids = [device.post(f"{i}")["message_id"] for i in range(30)]
        first = self.log_in(device, version, clean_start=False)
        packets = [self.take(first)[0] for _ in range(10)]
        for packet in packets[:5]:
            first.acknowledge(Kind.PUBACK, packet.packet_id)
        for message_id in ids[:5]:
            self.expect_status(device, message_id, "DELIVERED", "acknowledged")
        second = self.log_in(device, version, clean_start=False)
        came = [self.take(second) for _ in range(25)]
        self.assertEqual([content for _, content in came], [f"{i}" for i in range(5, 30)])
        self.assertTrue(all(packet.dup for packet, _ in came[:5]))
        for packet, _ in came:
            second.acknowledge(Kind.PUBACK, packet.packet_id)
        for message_id in ids:
            self.expect_status(device, message_id, "DELIVERED", "acknowledged")
        second.expect_nothing()

    def test_receive_maximum_1_gets_one_after_the_other(self):
        device = self.device()
        ids = [device.post(f"{i}")["message_id"] for i in range(5)]
        client = self.log_in(device, V5, receive_maximum=1)
        for i in range(5):
            packet, content = self.take(client)
            self.assertEqual(content, f"{i}")
            client.expect_nothing()
            if i < 4:
                self.assertEqual(device.status(ids[i]), ("PENDING", "awaiting_acknowledgement"))
                self.assertEqual(device.status(ids[i + 1]), ("PENDING", "send_quota_exhausted"))
            client.acknowledge(Kind.PUBACK, packet.packet_id)
        for message_id in ids:
            self.expect_status(device, message_id, "DELIVERED", "acknowledged")

    @each_version
    def test_200_in_flight(self, version):
        device = self.device()
        client = self.log_in(device, version)
        ids = [device.post(f"{i}")["message_id"] for i in range(200)]
        came = [self.take(client) for _ in ids]
        self.assertEqual([content for _, content in came], [f"{i}" for i in range(200)])
        self.assertEqual(len({packet.packet_id for packet, _ in came}), 200)
        self.assertEqual(device.status(ids[-1]), ("PENDING", "awaiting_acknowledgement"))
        for packet, _ in came:
            client.acknowledge(Kind.PUBACK, packet.packet_id)
        self.expect_status(device, ids[-1], "DELIVERED", "acknowledged")

    def test_a_refusal_ends_only_the_message_refused(self):
        device = self.device()
        ids = [device.post(f"{i}")["message_id"] for i in range(2)]
        client = self.log_in(device, V5)
        client.acknowledge(Kind.PUBACK, self.take(client)[0].packet_id, REFUSED)
        client.acknowledge(Kind.PUBACK, self.take(client)[0].packet_id)
        self.expect_status(device, ids[0], "FAILED", "refused_by_device")
        self.expect_status(device, ids[1], "DELIVERED", "acknowledged")
        shown = device.show(ids[0])
        self.assertEqual(shown["reason_code"], REFUSED)
        self.assertEqual(shown["error_info"]["error_code"], "IOTDA.014195")

    def test_a_packet_too_large_fails_and_the_next_goes_on(self):
        device = self.device()
        large = device.post("x" * 500)["message_id"]
        small = device.post("y")["message_id"]
        client = self.log_in(device, V5, maximum_packet_size=400)
        self.assertEqual(self.content(client.message().payload), "y")
        self.expect_status(device, large, "FAILED", "packet_too_large")
        self.expect_status(device, small, "DELIVERED", "acknowledged")


class Queue(DeviceTestCase):
    """What an application may do with a device's queue."""

    config = {"delivery": {"device_queue_messages_max": 3}}

    def test_a_full_queue_refuses_and_says_how_full_it_is(self):
        device = self.device()
        for i in range(3):
            device.post(f"{i}")
        status, answer = device.try_post("one too many")
        self.assertEqual((status, answer["error_code"]), (403, "IOTDA.014191"))
        self.assertEqual(answer["queue"]["messages"], 3)
        self.assertGreater(answer["queue"]["bytes"], 0)
        self.assertGreaterEqual(answer["queue"]["oldest_age_seconds"], 0)
        self.assertEqual(self.log_in(device, V311).payloads(3)[-1][-3:-1], '2"')
        wait_until("room", lambda: device.try_post("again")[0] == 201)

    def test_a_cancelled_message_never_comes(self):
        device = self.device()
        ids = [device.post(f"{i}")["message_id"] for i in range(2)]
        path = f"{device.path}/{ids[0]}"
        self.assertEqual(self.application.curl("DELETE", path), (204, None))
        self.expect_gone(path)
        client = self.log_in(device, V5)
        self.assertEqual(self.content(client.message().payload), "1")
        client.expect_nothing()

    def test_a_finished_message_can_be_deleted(self):
        device = self.device()
        message_id = device.post("done")["message_id"]
        self.log_in(device, V5).message()
        self.expect_status(device, message_id, "DELIVERED", "acknowledged")
        path = f"{device.path}/{message_id}"
        self.assertEqual(self.application.curl("DELETE", path), (204, None))
        self.expect_gone(path)

    def expect_gone(self, path):
        for method in ("GET", "DELETE"):
            status, answer = self.application.curl(method, path)
            self.assertEqual((status, answer["error_code"]), (404, "IOTDA.014193"))

    def test_the_same_id_is_the_same_message_or_an_error(self):
        device = self.device()
        first = device.post("a", message_id="m-1")
        self.assertEqual(device.post("a", message_id="m-1"), first)
        status, answer = device.try_post("b", message_id="m-1")
        self.assertEqual((status, answer["error_code"]), (400, "IOTDA.014190"))
        client = self.log_in(device, V5)
        self.assertEqual(self.content(client.message().payload), "a")
        client.expect_nothing()

    def test_lists_are_newest_first_and_have_pages(self):
        device = self.device()
        for name in ("m-1", "m-2", "m-3"):
            device.post(name, message_id=name)
        client = self.log_in(device, V5, receive_maximum=1)
        client.message()
        self.expect_status(device, "m-1", "DELIVERED", "acknowledged")

        def page(query):
            status, answer = self.application.call("GET", f"{device.path}?{query}")
            self.assertEqual((status, answer["device_id"]), (200, device.device_id))
            return [each["message_id"] for each in answer["messages"]], answer.get("marker")

        names, marker = page("limit=2")
        self.assertEqual(names, ["m-3", "m-2"])
        self.assertEqual(page(f"limit=2&marker={marker}"), (["m-1"], None))
        self.assertEqual(page("status=PENDING")[0], ["m-3", "m-2"])
        self.assertEqual(page("status=DELIVERED")[0], ["m-1"])

    def test_a_trace_tells_the_life_of_a_message(self):
        device = self.device()
        message_id = device.post("traced")["message_id"]
        first = self.log_in(device, V5)
        self.take(first)
        first.cut()
        self.expect_status(device, message_id, "PENDING", "offline")
        self.log_in(device, V5).message()
        self.expect_status(device, message_id, "DELIVERED", "acknowledged")
        steps = [step for step in device.trace(message_id) if step not in ("queued", "paused")]
        lost_and_again = ["sent", "connection_lost", "sent", "acknowledged"]
        self.assertEqual(steps, ["accepted", "durable", *lost_and_again])

    def test_others_may_not(self):
        device = self.device()
        for token, project_id, expected in [
            ("0" * 64, None, 401),
            ("", None, 401),
            (None, "another-project", 403),
        ]:
            stranger = Application(self.hub, token, project_id)
            status, answer = stranger.curl("POST", device.path, {"message": "x"})
            self.assertEqual(status, expected, answer)
        status, answer = self.application.call("GET", device.path)
        self.assertEqual((status, answer["messages"]), (200, []))


if __name__ == "__main__":
    unittest.main()
