"""Retained messages: kept, replaced, deleted, sent to new subscriptions, however many."""

import unittest

from support import packets
from support.clauses import clause
from support.hub import HubTestCase, each_version
from support.packets import V5, V311, Kind
from support.wire import wait_until


class Retained(HubTestCase):
    def retained_for(self, version, topic, qos=2):
        """What a new subscriber gets."""
        client = self.client(version)
        client.subscribe(topic, qos=qos)
        came = client.ping()
        client.close()
        return came

    @clause("MQTT5-3.3.1-5", "MQTT3-3.3.1-5", "MQTT3-3.3.1-6", "MQTT3-3.3.1-8", "MQTT5-3.3.1-9")
    @each_version
    def test_a_new_subscription_gets_the_last_one_with_retain_set(self, version):
        publisher = self.client(version)
        for payload in (b"first", b"last"):
            publisher.publish(self.name("t"), payload, qos=1, retain=True)
        came = self.retained_for(version, self.name("t"))
        self.assertEqual([(p.payload, p.retain, p.qos) for p in came], [(b"last", True, 1)])

    @clause("MQTT3-3.3.1-9", "MQTT5-3.3.1-12")
    @each_version
    def test_an_established_subscription_gets_it_with_retain_clear(self, version):
        subscriber = self.client(version)
        subscriber.subscribe(self.name("t"), qos=1)
        self.client(version).publish(self.name("t"), b"x", qos=1, retain=True)
        self.assertFalse(subscriber.message().retain)

    @clause("MQTT5-3.3.1-6", "MQTT5-3.3.1-7", "MQTT3-3.3.1-10", "MQTT3-3.3.1-11")
    @each_version
    def test_an_empty_one_is_delivered_and_deletes(self, version):
        publisher, subscriber = self.client(version), self.client(version)
        publisher.publish(self.name("t"), b"x", qos=1, retain=True)
        subscriber.subscribe(self.name("t"), qos=1)
        self.assertEqual(subscriber.message().payload, b"x")
        publisher.publish(self.name("t"), b"", qos=1, retain=True)
        message = subscriber.message()
        self.assertEqual((message.payload, message.retain), (b"", False))
        self.assertEqual(self.retained_for(version, self.name("t")), [])

    @clause("MQTT5-3.3.1-8", "MQTT3-3.3.1-12")
    @each_version
    def test_a_message_without_retain_changes_nothing(self, version):
        publisher = self.client(version)
        publisher.publish(self.name("t"), b"kept", qos=1, retain=True)
        publisher.publish(self.name("t"), b"live", qos=1)
        publisher.publish(self.name("t"), b"", qos=1)
        came = self.retained_for(version, self.name("t"))
        self.assertEqual([packet.payload for packet in came], [b"kept"])
        publisher.publish(self.name("none"), b"live", qos=1)
        self.assertEqual(self.retained_for(version, self.name("none")), [])

    @clause("MQTT3-3.3.1-7")
    @each_version
    def test_qos_0_replaces_what_was_retained(self, version):
        publisher = self.client(version)
        publisher.publish(self.name("t"), b"two", qos=2, retain=True)
        publisher.publish(self.name("t"), b"zero", qos=0, retain=True)
        came = self.retained_for(version, self.name("t"))
        self.assertEqual([(p.payload, p.qos) for p in came], [(b"zero", 0)])

    @clause("MQTT5-3.8.4-8", "MQTT3-3.8.4-6")
    @each_version
    def test_it_comes_at_the_lower_of_both_qos(self, version):
        publisher = self.client(version)
        for published in (0, 1, 2):
            publisher.publish(self.name("t"), b"x", qos=published, retain=True)
            for granted in (0, 1, 2):
                came = self.retained_for(version, self.name("t"), qos=granted)
                self.assertEqual([p.qos for p in came], [min(published, granted)])

    @clause("MQTT3-3.1.2-7")
    @each_version
    def test_it_outlives_the_session_of_its_publisher(self, version):
        publisher = self.client(version, "publisher", clean_start=True)
        publisher.publish(self.name("t"), b"x", qos=1, retain=True)
        publisher.disconnect()
        self.client(version, "publisher", clean_start=True).disconnect()
        self.assertEqual(len(self.retained_for(version, self.name("t"))), 1)

    @clause("MQTT3-3.8.4-3", "MQTT5-3.8.4-4", "MQTT5-3.8.4-3")
    @each_version
    def test_subscribing_again_sends_it_again_once(self, version):
        self.client(version).publish(self.name("t"), b"x", qos=1, retain=True)
        subscriber = self.client(version)
        for qos in (0, 1, 1):
            subscriber.subscribe(self.name("t"), qos=qos)
            self.assertEqual([(p.payload, p.qos) for p in subscriber.ping()], [(b"x", qos)])
        self.client(version).publish(self.name("t"), b"live", qos=1)
        self.assertEqual([packet.payload for packet in subscriber.ping()], [b"live"])

    @clause("MQTT5-4.7.2-1", "MQTT3-4.7.2-1", "MQTT5-4.7.1-1", "MQTT5-4.7.1-2")
    @clause("MQTT3-4.7.1-2", "MQTT3-4.7.1-3")
    @each_version
    def test_wildcards_find_what_they_match(self, version):
        publisher, base = self.client(version), self.name("w")
        topics = ["", "/a", "/a/b", "/a/b/c", "/b", "/a/", "//b", "/é"]
        for topic in topics:
            publisher.publish(base + topic, b"x", qos=1, retain=True)
        expected = {
            "/#": topics,
            "/+": ["/a", "/b", "/é"],
            "/+/b": ["/a/b", "//b"],
            "/a/#": ["/a", "/a/b", "/a/b/c", "/a/"],
            "/a/+": ["/a/b", "/a/"],
            "/+/+/c": ["/a/b/c"],
            "/é": ["/é"],
        }
        for filter_end, found in expected.items():
            with self.subTest(filter=filter_end):
                came = self.retained_for(version, base + filter_end)
                self.assertCountEqual([p.topic for p in came], [base + end for end in found])
        self.assertFalse([p for p in self.retained_for(version, "#") if p.topic.startswith("$")])


class Options(HubTestCase):
    """What 5.0 lets a subscriber choose."""

    def setUp(self):
        self.publisher, self.subscriber = self.client(V5), self.client(V5)
        self.publisher.publish(self.name("t"), b"x", qos=1, retain=True)

    def subscribe(self, **options):
        self.subscriber.subscribe(self.name("t"), qos=1, **options)
        return [packet.payload for packet in self.subscriber.ping()]

    @clause("MQTT5-3.3.1-9", "MQTT5-3.3.1-10", "MQTT5-3.3.1-11")
    def test_retain_handling(self):
        self.assertEqual(self.subscribe(retain_handling=2), [])
        self.assertEqual(self.subscribe(retain_handling=1), [])
        self.assertEqual(self.subscribe(retain_handling=0), [b"x"])
        self.assertEqual(self.subscribe(retain_handling=0), [b"x"])
        self.assertEqual(self.subscribe(retain_handling=1), [])
        self.subscriber.unsubscribe(self.name("t"))
        self.assertEqual(self.subscribe(retain_handling=1), [b"x"])

    @clause("MQTT5-3.3.1-12", "MQTT5-3.3.1-13")
    def test_retain_as_published(self):
        for kept in (False, True):
            self.subscribe(retain_as_published=kept, retain_handling=2)
            for retain in (False, True):
                self.publisher.publish(self.name("t"), b"x", qos=1, retain=retain)
                self.assertEqual(self.subscriber.message().retain, retain and kept)
        self.subscriber.subscribe(self.name("t"), retain_as_published=False)
        self.assertTrue(self.subscriber.message().retain)

    def test_the_subscription_identifier_comes_with_it(self):
        self.subscriber.subscribe(self.name("t"), properties={"subscription_identifier": 268435455})
        properties = self.subscriber.message().properties
        self.assertEqual(properties, {"subscription_identifier": [268435455]})

    @clause("MQTT5-3.3.2-5", "MQTT5-3.3.2-6")
    def test_it_expires(self):
        expiring = {"message_expiry_interval": 1}
        self.publisher.publish(self.name("t"), b"y", qos=1, retain=True, properties=expiring)
        self.subscriber.subscribe(self.name("t"))
        self.assertEqual(self.subscriber.message().properties, expiring)
        wait_until("expiry", lambda: self.subscribe() == [])

    def test_properties_are_retained_too(self):
        properties = {
            "payload_format_indicator": 1,
            "content_type": "text/plain",
            "response_topic": "answers",
            "correlation_data": b"\0\xff",
            "user_property": [("b", "2"), ("a", "1"), ("b", "2")],
        }
        self.publisher.publish(self.name("t"), b"y", qos=1, retain=True, properties=properties)
        self.subscriber.subscribe(self.name("t"))
        self.assertEqual(self.subscriber.message().properties, properties)

    def test_a_shared_subscription_gets_none(self):
        self.subscriber.subscribe("$share/g/" + self.name("t"), qos=1)
        self.subscriber.expect_nothing()


class Many(HubTestCase):
    COUNT = 5000
    PAYLOAD_BYTES = 1000

    def publish_all(self, version):
        publisher = self.client(version)
        padding = b"." * self.PAYLOAD_BYTES
        for first in range(0, self.COUNT, 100):
            batch = b"".join(
                packets.publish(version, self.name(f"{n % 50}/{n}"), padding, retain=True)
                for n in range(first, first + 100)
            )
            publisher.send(batch)
        publisher.ping()
        return publisher

    def delete_all(self, publisher):
        for n in range(self.COUNT):
            publisher.send_publish(self.name(f"{n % 50}/{n}"), b"", retain=True)
        publisher.ping()

    def check(self, version, came):
        self.assertEqual(len(came), self.COUNT)
        expected = {self.name(f"{n % 50}/{n}") for n in range(self.COUNT)}
        self.assertEqual({packet.topic for packet in came}, expected)
        self.assertTrue(all(packet.retain for packet in came))

    @each_version
    def test_a_slow_reader_gets_all_of_them(self, version):
        publisher = self.publish_all(version)
        reader = self.client(version, receive_buffer=4096)
        reader.send_subscribe(self.name("+/+"), qos=0)
        reader.wait_for_anything()
        # It is subscribed and has not read a byte yet: others are served all the same, new messages among them.
        other = self.client(version)
        other.subscribe(self.name("7/7"))
        self.assertEqual(len(other.ping()), 1)
        publisher.publish(self.name("live/x"), b"live", qos=1)
        reader.wait_for(Kind.SUBACK)
        came = [reader.message() for _ in range(self.COUNT + 1)]
        live = [packet for packet in came if packet.payload == b"live"]
        self.assertEqual([packet.retain for packet in live], [False])
        came.remove(live[0])
        self.check(version, came)
        reader.expect_nothing()
        self.delete_all(publisher)

    @each_version
    def test_a_reader_that_acknowledges_one_by_one_gets_all_of_them(self, version):
        publisher = self.client(version)
        for n in range(self.COUNT):
            topic = self.name(f"{n % 50}/{n}")
            publisher.send_publish(topic, b"x", qos=1, retain=True)
        for n in range(self.COUNT):
            publisher.wait_for(Kind.PUBACK)
        options = {"properties": {"receive_maximum": 3}} if version == V5 else {}
        reader = self.client(version, **options)
        reader.subscribe(self.name("#"), qos=1)
        self.check(version, [reader.message() for _ in range(self.COUNT)])
        reader.expect_nothing()
        self.delete_all(publisher)

    def test_two_wildcard_readers_at_once_get_all_of_them_each(self):
        publisher = self.publish_all(V311)
        readers = [self.client(version, receive_buffer=4096) for version in (V311, V5)]
        for reader in readers:
            reader.send_subscribe(self.name("#"), qos=0)
        for reader in readers:
            reader.wait_for(Kind.SUBACK)
            self.check(reader.version, [reader.message() for _ in range(self.COUNT)])
            reader.expect_nothing()
        self.delete_all(publisher)


if __name__ == "__main__":
    unittest.main()
