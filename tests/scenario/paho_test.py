"""The Python client library paho-mqtt (1.6) in 3.1.1 and 5.0: what an application does with it."""

import queue
import socket
import unittest
import zlib

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions
from support.clauses import clause
from support.hub import HubTestCase, each_version
from support.packets import V5, V31, V311
from support.wire import WAIT, Missing

PROTOCOLS = {V31: paho.MQTTv31, V311: paho.MQTTv311, V5: paho.MQTTv5}


def properties_of(kind, **values):
    properties = Properties(kind)
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


class PahoClient:
    """A paho client with its network thread; everything it reports becomes an event in a queue."""

    def __init__(self, hub, version, client_id, clean=True, expiry=None, will=None, **connect):
        self.version, self.is_closed = version, False
        options = {} if version == V5 else {"clean_session": clean}
        self.client = paho.Client(client_id, protocol=PROTOCOLS[version], **options)
        self.connects, self.disconnects = queue.Queue(), queue.Queue()
        self.messages, self.acknowledged = queue.Queue(), queue.Queue()
        self.client.on_connect = self.on_connect
        self.client.on_message = lambda client, data, message: self.messages.put(message)
        self.client.on_publish = lambda client, data, mid: self.acknowledged.put(("publish", mid))
        self.client.on_subscribe = self.on_subscribe
        self.client.on_unsubscribe = self.on_unsubscribe
        self.client.on_disconnect = lambda *arguments: self.disconnects.put(arguments[2])
        self.client.max_queued_messages_set(0)
        if will:
            self.client.will_set(**will)
        if version == V5:
            connect["clean_start"] = clean
            if expiry is not None:
                properties = properties_of(PacketTypes.CONNECT, SessionExpiryInterval=expiry)
                connect["properties"] = properties
        self.client.connect("127.0.0.1", hub.port, **connect)
        self.client.loop_start()
        self.flags = self.next(self.connects)

    def on_connect(self, client, data, flags, reason, properties=None):
        self.connects.put({**flags, "reason": int(getattr(reason, "value", reason))})

    def on_subscribe(self, client, data, mid, granted, properties=None):
        reasons = [int(getattr(each, "value", each)) for each in granted]
        self.acknowledged.put(("subscribe", mid, reasons))

    def on_unsubscribe(self, client, data, mid, *of_version_5):
        self.acknowledged.put(("unsubscribe", mid, None))

    def next(self, events):
        try:
            return events.get(timeout=WAIT)
        except queue.Empty:
            raise Missing("nothing from paho in time") from None

    def acknowledgement(self, kind, mid):
        while True:
            event = self.next(self.acknowledged)
            if event[:2] == (kind, mid):
                return event[2]

    def subscribe(self, *arguments, **options):
        _, mid = self.client.subscribe(*arguments, **options)
        return self.acknowledgement("subscribe", mid)

    def unsubscribe(self, *arguments):
        _, mid = self.client.unsubscribe(*arguments)
        self.acknowledgement("unsubscribe", mid)

    def publish(self, topic, payload, qos=0, **options):
        """Publishes and waits for the end of the exchange."""
        self.client.publish(topic, payload, qos=qos, **options).wait_for_publish(WAIT)

    def message(self):
        return self.next(self.messages)

    def payloads(self, count):
        return [self.message().payload.decode() for _ in range(count)]

    def lose(self):
        """The connection ends without DISCONNECT, and the library does not reconnect."""
        self.client.loop_stop()
        self.client.socket().close()
        self.is_closed = True

    def close(self):
        if not self.is_closed:
            self.client.disconnect()
            self.client.loop_stop()
            self.is_closed = True


class PahoCase(HubTestCase):
    def paho(self, version, client_id="", **options):
        if client_id:
            client_id += f"{zlib.crc32(self.id().encode()):08x}"
        client = PahoClient(self.hub, version, client_id, **options)
        self.addCleanup(client.close)
        return client

    def persistent(self, version, client_id, **options):
        return self.paho(
            version, client_id, clean=False, expiry=300 if version == V5 else None, **options
        )


class Messages(PahoCase):
    @each_version(V31, V311, V5)
    def test_every_qos_reaches_every_qos_in_order(self, version):
        publisher = self.paho(version, "p")
        for granted in (0, 1, 2):
            subscriber = self.paho(version, f"s{granted}")
            topic = self.name(f"t{granted}")
            self.assertEqual(subscriber.subscribe(topic, granted), [granted])
            for published in (0, 1, 2):
                expected = [f"{published}-{number}" for number in range(30)]
                for payload in expected:
                    publisher.publish(topic, payload, published)
                messages = [subscriber.message() for _ in expected]
                self.assertEqual([m.payload.decode() for m in messages], expected)
                self.assertEqual({m.qos for m in messages}, {min(granted, published)})

    @each_version
    def test_a_thousand_messages_in_flight(self, version):
        subscriber, publisher = self.paho(version, "s"), self.paho(version, "p")
        subscriber.subscribe(self.name("t"), 2)
        publisher.client.max_inflight_messages_set(100)
        infos = [publisher.client.publish(self.name("t"), str(n), qos=2) for n in range(1000)]
        self.assertEqual(subscriber.payloads(1000), [str(n) for n in range(1000)])
        for info in infos:
            info.wait_for_publish(WAIT)

    @each_version
    def test_retained_messages_and_a_large_one(self, version):
        publisher = self.paho(version, "p")
        large = bytes(range(256)) * 3000
        publisher.publish(self.name("t"), large, 1, retain=True)
        subscriber = self.paho(version, "s")
        subscriber.subscribe(self.name("t"), 1)
        message = subscriber.message()
        self.assertTrue(message.retain)
        self.assertEqual(message.payload, large)
        publisher.publish(self.name("t"), None, 1, retain=True)
        self.assertEqual(subscriber.message().payload, b"")

    @each_version
    def test_a_will_of_a_lost_connection_and_none_after_disconnect(self, version):
        watcher = self.paho(version, "w")
        watcher.subscribe(self.name("will"), 1)
        will = {"topic": self.name("will"), "payload": "gone", "qos": 1}
        self.paho(version, "v", will=will).lose()
        self.assertEqual(watcher.payloads(1), ["gone"])
        polite = self.paho(version, "v2", will={**will, "payload": "never"})
        polite.client.disconnect()
        polite.next(polite.disconnects)
        self.paho(version, "v2").close()
        self.paho(version, "p").publish(self.name("will"), "afterwards", 1)
        self.assertEqual(watcher.payloads(1), ["afterwards"])

    @clause("MQTT5-3.8.4-6", "MQTT3-3.8.4-5")
    @each_version
    def test_several_filters_at_once(self, version):
        client = self.paho(version, "c")
        if version == V5:
            filters = [(self.name(str(qos)), SubscribeOptions(qos)) for qos in (0, 1, 2)]
        else:
            filters = [(self.name(str(qos)), qos) for qos in (0, 1, 2)]
        self.assertEqual(client.subscribe(filters), [0, 1, 2])
        for qos in (0, 1, 2):
            client.publish(self.name(str(qos)), str(qos), 2)
            message = client.message()
            self.assertEqual((message.payload.decode(), message.qos), (str(qos), qos))

    @clause("MQTT5-3.10.4-2", "MQTT3-3.10.4-2")
    @each_version(V31, V311, V5)
    def test_unsubscribe_leaves_the_other_filters(self, version):
        client, publisher = self.paho(version, "c"), self.paho(version, "p")
        for end in ("gone", "stays", "too"):
            client.subscribe(self.name(end), 1)
        client.unsubscribe([self.name("gone"), self.name("never there")])
        client.unsubscribe(self.name("too"))
        for end in ("gone", "too", "stays"):
            publisher.publish(self.name(end), end, 1)
        self.assertEqual(client.payloads(1), ["stays"])


class Sessions(PahoCase):
    @each_version
    def test_queued_messages_come_after_the_reconnect_then_live_ones(self, version):
        first = self.persistent(version, "s")
        self.assertEqual(first.flags["session present"], 0)
        first.subscribe(self.name("t"), 2)
        first.close()
        publisher = self.paho(version, "p")
        for number in range(100):
            publisher.publish(self.name("t"), str(number), 2)
        second = self.persistent(version, "s")
        self.assertEqual(second.flags["session present"], 1)
        for number in range(100, 120):
            publisher.publish(self.name("t"), str(number), 2)
        self.assertEqual(second.payloads(120), [str(number) for number in range(120)])

    @each_version
    def test_the_library_reconnects_by_itself_and_misses_nothing(self, version):
        subscriber = self.persistent(version, "s")
        subscriber.client.reconnect_delay_set(1, 1)
        subscriber.subscribe(self.name("t"), 1)
        publisher = self.paho(version, "p")
        publisher.publish(self.name("t"), "before", 1)
        self.assertEqual(subscriber.payloads(1), ["before"])
        subscriber.client.socket().shutdown(socket.SHUT_RDWR)
        subscriber.next(subscriber.disconnects)
        publisher.publish(self.name("t"), "meanwhile", 1)
        flags = subscriber.next(subscriber.connects)
        self.assertEqual(flags["reason"], 0)
        if version != V5:  # paho asks for a clean start with each of its own reconnects in 5.0
            self.assertEqual(flags["session present"], 1)
            came = subscriber.payloads(1)
            if came == ["before"]:  # its PUBACK was still on the way when the connection was cut
                came = subscriber.payloads(1)
            self.assertEqual(came, ["meanwhile"])

    @each_version
    def test_the_newer_of_two_with_one_identifier_stays(self, version):
        older = self.persistent(version, "s")
        older.subscribe(self.name("t"), 1)
        older.client.reconnect_delay_set(60, 60)
        newer = self.persistent(version, "s")
        self.assertEqual(newer.flags["session present"], 1)
        older.next(older.disconnects)
        self.paho(version, "p").publish(self.name("t"), "for the newer", 1)
        self.assertEqual(newer.payloads(1), ["for the newer"])


class Version5(PahoCase):
    @clause("MQTT5-3.3.2-15", "MQTT5-3.3.2-16", "MQTT5-3.3.2-17")
    @clause("MQTT5-3.3.2-18", "MQTT5-3.3.2-20")
    def test_properties_pass_through(self):
        subscriber, publisher = self.paho(V5, "s"), self.paho(V5, "p")
        identifier = properties_of(PacketTypes.SUBSCRIBE, SubscriptionIdentifier=7)
        subscriber.subscribe(self.name("t"), options=SubscribeOptions(1), properties=identifier)
        sent = {
            "PayloadFormatIndicator": 1,
            "ContentType": "text/plain",
            "ResponseTopic": "answers/here",
            "CorrelationData": b"\x00\x01",
            "UserProperty": [("b", "2"), ("a", "1"), ("b", "2")],
            "MessageExpiryInterval": 100,
        }
        properties = properties_of(PacketTypes.PUBLISH, **sent)
        publisher.publish(self.name("t"), "x", 1, properties=properties)
        got = subscriber.message().properties
        self.assertIn(got.MessageExpiryInterval, range(95, 101))
        for name in set(sent) - {"MessageExpiryInterval"}:
            self.assertEqual(getattr(got, name), sent[name])
        self.assertEqual(got.SubscriptionIdentifier, [7])

    def test_subscription_options(self):
        client, other = self.paho(V5, "c"), self.paho(V5, "o")
        other.publish(self.name("t"), "kept", 1, retain=True)
        options = SubscribeOptions(1, noLocal=True, retainAsPublished=True, retainHandling=2)
        client.subscribe(self.name("t"), options=options)
        client.publish(self.name("t"), "own", 1)
        other.publish(self.name("t"), "other's", 1, retain=True)
        message = client.message()
        self.assertEqual((message.payload, message.retain), (b"other's", True))
        client.subscribe(self.name("t"), options=SubscribeOptions(1, retainHandling=0))
        self.assertEqual(client.message().payload, b"other's")
        client.publish(self.name("t"), "own", 1)
        message = client.message()
        self.assertEqual((message.payload, message.retain), (b"own", False))

    def test_shared_subscriptions(self):
        members = [self.paho(V5, name) for name in "abc"]
        for member in members:
            member.subscribe("$share/group/" + self.name("t"), 1)
        publisher = self.paho(V5, "p")
        for number in range(60):
            publisher.publish(self.name("t"), str(number), 1)
        # A marker of its own for each tells that everything before has come.
        for number, member in enumerate(members):
            member.subscribe(self.name(f"end{number}"), 1)
            publisher.publish(self.name(f"end{number}"), "end", 1)
        got = []
        for member in members:
            mine = []
            while not mine or mine[-1] != "end":
                mine += member.payloads(1)
            self.assertGreater(len(mine), 1, "a member got nothing")
            got += mine[:-1]
        self.assertCountEqual(got, [str(number) for number in range(60)])

    def test_an_assigned_client_identifier(self):
        client = self.paho(V5, "")
        client.subscribe(self.name("t"), 1)
        client.publish(self.name("t"), "x", 1)
        self.assertEqual(client.payloads(1), ["x"])


if __name__ == "__main__":
    unittest.main()
