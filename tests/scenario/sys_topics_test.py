"""$SYS topics: what the server says about itself, at an interval, with one switch."""

import re
import unittest

from support import packets
from support.clauses import clause
from support.hub import Hub, HubTestCase, each_version
from support.packets import V5, Will
from support.wire import Client, wait_until

NUMBERS = [
    "clients/connected",
    "clients/disconnected",
    "clients/total",
    "messages/received",
    "messages/sent",
    "messages/inflight",
    "publish/messages/received",
    "publish/messages/sent",
    "publish/messages/dropped",
    "publish/messages/refused",
    "bytes/received",
    "bytes/sent",
    "subscriptions/count",
    "retained messages/count",
    "retained messages/bytes",
    "store/messages/count",
    "store/messages/bytes",
    "dropped/refused_by_client",
]


class SysTopicsCase(HubTestCase):
    config = {"sys_topics": {"interval": "1s"}}

    def value(self, topic):
        reader = self.client(V5)
        reader.subscribe("$SYS/broker/" + topic)
        value = reader.message().payload.decode()
        reader.close()
        return value

    def number(self, topic):
        return int(self.value(topic))

    def wait_for_number(self, topic, is_right):
        return wait_until(topic, lambda: is_right(self.number(topic)))


class Topics(SysTopicsCase):
    @each_version
    def test_everything_is_there_at_once_for_a_new_subscriber(self, version):
        # They are there a moment after the start.
        self.wait_for_number(NUMBERS[-1], lambda n: n == 0)
        reader = self.client(version)
        reader.subscribe("$SYS/#")
        values = {packet.topic: packet.payload.decode() for packet in reader.ping()}
        for topic in NUMBERS:
            self.assertRegex(values["$SYS/broker/" + topic], r"^\d+$")
        self.assertRegex(values["$SYS/broker/version"], r"^holdfast \d+\.\d+")
        self.assertRegex(values["$SYS/broker/uptime"], r"^\d+ seconds$")
        self.assertTrue(any(topic.startswith("$SYS/broker/dropped/") for topic in values))

    @clause("MQTT5-4.7.2-1", "MQTT3-4.7.2-1")
    @each_version
    def test_a_leading_wildcard_does_not_find_them(self, version):
        reader = self.client(version)
        reader.subscribe(["#", "+/broker/#", "+/broker/uptime"])
        self.assertFalse([p for p in reader.ping() if p.topic.startswith("$")])

    def test_they_come_again_at_every_interval(self):
        reader = self.client(V5)
        reader.subscribe("$SYS/broker/uptime")
        seconds = [int(re.match(r"\d+", reader.message().payload.decode())[0]) for _ in range(3)]
        self.assertEqual(seconds, sorted(set(seconds)))

    @each_version
    def test_clients_cannot_write_them(self, version):
        client = self.client(version)
        reason = client.publish("$SYS/broker/version", b"mine", qos=1, retain=True)
        self.assertEqual(reason, 0x87 if version == V5 else 0)
        self.assertTrue(self.value("version").startswith("holdfast"))


class OwnServer(SysTopicsCase):
    """A server for each test: what it says about itself is the test's own."""

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        self.hub = Hub(config=self.config).start()
        self.addCleanup(self.hub.stop)

    def test_clients_are_counted(self):
        clients = [self.persistent(V5, str(number)) for number in range(20)]
        # Besides them the client that reads; a former one may still be counted.
        self.wait_for_number("clients/connected", lambda n: n in (20, 21, 22))
        for client in clients:
            client.disconnect()
        self.wait_for_number("clients/connected", lambda n: n < 3)
        self.wait_for_number("clients/disconnected", lambda n: n == 20)
        self.assertIn(self.number("clients/total"), (20, 21, 22))

    def test_subscriptions_and_retained_messages_are_counted(self):
        # The first round counts what of itself was published before the count: the second one all of it.
        wait_until("a second round", lambda: int(self.value("uptime").split()[0]) >= 2)
        own = self.number("retained messages/count")
        client = self.client(V5)
        client.subscribe([self.name(str(number)) for number in range(50)])
        for number in range(30):
            client.publish(self.name(str(number)), b"x" * 100, retain=True)
        self.wait_for_number("subscriptions/count", lambda n: n in (50, 51))
        self.wait_for_number("retained messages/count", lambda n: n >= own + 30)
        self.assertGreaterEqual(self.number("retained messages/bytes"), 3000)
        for number in range(30):
            client.publish(self.name(str(number)), b"", retain=True)
        client.disconnect()
        self.wait_for_number("subscriptions/count", lambda n: n < 2)
        self.wait_for_number("retained messages/count", lambda n: n < own + 30)

    def test_messages_and_bytes_are_counted(self):
        subscriber, publisher = self.client(V5), self.client(V5)
        subscriber.subscribe(self.name("t"))
        for _ in range(100):
            publisher.send(packets.publish(V5, self.name("t"), b"x" * 1000))
        publisher.ping()
        subscriber.payloads(100)
        for topic, growth in {
            "publish/messages/received": 100,
            "publish/messages/sent": 100,
            "messages/received": 100,
            "messages/sent": 100,
            "bytes/received": 100_000,
            "bytes/sent": 100_000,
        }.items():
            self.wait_for_number(topic, lambda n: n >= growth)

    def test_waiting_messages_and_drops_are_counted(self):
        absent = self.persistent(V5, "absent")
        absent.subscribe(self.name("t"), qos=1)
        absent.disconnect()
        publisher = self.client(V5)
        for _ in range(25):
            publisher.publish(self.name("t"), b"x" * 100, qos=1)
            publisher.publish(self.name("t"), b"x" * 100, qos=0)
        self.wait_for_number("store/messages/count", lambda n: n == 25)
        self.assertGreaterEqual(self.number("store/messages/bytes"), 2500)
        self.wait_for_number("publish/messages/dropped", lambda n: n == 25)
        self.assertEqual(self.number("dropped/offline_qos_0"), 25)
        self.client(V5, "absent", clean_start=True).disconnect()
        self.wait_for_number("dropped/session_ended", lambda n: n == 25)
        self.wait_for_number("store/messages/count", lambda n: n == 0)

    @each_version
    def test_a_will_cannot_write_them_either(self, version):
        self.wait_for_number(NUMBERS[-1], lambda n: n == 0)
        reader = self.client(V5)
        reader.subscribe(["$SYS/broker/version", self.name("will")], retain_handling=2)
        for topic in ("$SYS/broker/version", self.name("will")):
            will = Will(topic, b"mine", retain=True)
            self.client(version, "victim", will=will).cut()
        while (message := reader.message()).topic != self.name("will"):
            self.assertNotEqual(message.payload, b"mine")
        self.assertTrue(self.value("version").startswith("holdfast"))


class Off(unittest.TestCase):
    def test_there_are_none_when_switched_off(self):
        with Hub(config={"sys_topics": {"interval": "off"}}) as hub:
            client = Client(hub.port, V5, "reader").open()
            client.subscribe("$SYS/#")
            client.expect_nothing()
            client.close()


if __name__ == "__main__":
    unittest.main()
