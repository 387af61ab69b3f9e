"""Limits of a connection, each met and exceeded: packet sizes, receive maximum, aliases, ..."""

import unittest

from support import packets
from support.clauses import clause
from support.hub import HubTestCase, each_version
from support.packets import V5, V311, Kind, Will

PACKET_BYTES_MAX = 64 * 1024
RECEIVE_MAXIMUM = 5
ALIASES = 4


class LimitsCase(HubTestCase):
    config = {
        "limits": {
            "packet_bytes_max": "64KiB",
            "receive_maximum": RECEIVE_MAXIMUM,
            "topic_alias_maximum": ALIASES,
            "outbound_topic_alias_maximum": 8,
            "subscriptions_per_session_max": 3,
            "subscriptions_per_packet_max": 4,
            "topic_levels_max": 8,
            "user_properties_max": 3,
            "client_id_bytes_max": 100,
            "keep_alive_max": "30s",
            "session_expiry_max": "1h",
            "retained_messages_max": 2,
            "topic_bytes_max": 200,
        },
        "sys_topics": {"interval": "off"},
    }

    def subscriber(self, version, qos=1, **options):
        subscriber = self.client(version, **options)
        subscriber.subscribe(self.name("t"), qos=qos)
        return subscriber


class PacketSize(LimitsCase):
    def packet_of(self, version, size):
        """A QoS 0 PUBLISH of exactly so many bytes."""
        empty = packets.publish(version, self.name("t"), b"")
        length_bytes = len(packets.varint(size)) - 1
        data = packets.publish(version, self.name("t"), b"x" * (size - len(empty) - length_bytes))
        self.assertEqual(len(data), size)
        return data

    def test_connack_tells_the_limits(self):
        properties = self.client(V5).connack.properties
        self.assertEqual(properties["maximum_packet_size"], PACKET_BYTES_MAX)
        self.assertEqual(properties["receive_maximum"], RECEIVE_MAXIMUM)
        self.assertEqual(properties["topic_alias_maximum"], ALIASES)

    @each_version
    def test_the_largest_packet_passes(self, version):
        subscriber, publisher = self.subscriber(version), self.client(version)
        publisher.send(self.packet_of(version, PACKET_BYTES_MAX))
        self.assertEqual(subscriber.message().size, PACKET_BYTES_MAX)
        publisher.expect_nothing()

    @clause("MQTT5-3.2.2-15")
    @each_version
    def test_one_byte_more_closes(self, version):
        subscriber, publisher = self.subscriber(version), self.client(version)
        publisher.try_send(self.packet_of(version, PACKET_BYTES_MAX + 1))
        publisher.expect_disconnect(0x95)
        subscriber.expect_nothing()

    @each_version
    def test_a_packet_too_large_is_refused_before_it_has_arrived(self, version):
        publisher = self.client(version)
        publisher.send(b"\x30" + packets.varint(PACKET_BYTES_MAX))
        publisher.expect_disconnect(0x95)

    @clause("MQTT5-3.1.2-24", "MQTT5-3.1.2-25")
    def test_a_message_too_large_for_the_client_counts_as_delivered(self):
        limit = 200
        properties = {"maximum_packet_size": limit, "receive_maximum": 1}
        client_id = "small"
        small = self.persistent(V5, client_id, properties=dict(properties))
        small.subscribe(self.name("t"), qos=2)
        large = self.subscriber(V5)
        publisher = self.client(V5)
        for qos in (0, 1, 2):
            publisher.publish(self.name("t"), b"x" * limit, qos=qos)
        publisher.publish(self.name("t"), b"fits", qos=1)
        self.assertEqual(small.message().payload, b"fits")
        for _ in range(3):
            self.assertEqual(len(large.message().payload), limit)
        small.disconnect()
        publisher.publish(self.name("t"), b"x" * limit, qos=1)
        publisher.publish(self.name("t"), b"fits too", qos=1)
        small = self.persistent(V5, client_id, properties=dict(properties))
        self.assertEqual(small.message().payload, b"fits too")
        small.expect_nothing()

    @clause("MQTT5-3.1.2-24")
    def test_a_message_of_exactly_the_clients_size_is_delivered(self):
        limit = 300
        client = self.subscriber(V5, qos=0, properties={"maximum_packet_size": limit})
        publisher = self.client(V5)
        for size in (limit + 1, limit):
            publisher.send(self.packet_of(V5, size))
        publisher.ping()
        self.assertEqual([packet.size for packet in client.ping()], [limit])

    @clause("MQTT5-3.14.2-3", "MQTT5-3.9.2-1")
    def test_reason_strings_do_not_make_a_packet_too_large(self):
        limit = 20
        client = self.client(V5, properties={"maximum_packet_size": 200})
        small = self.dial(V5, self.name("s"), properties={"maximum_packet_size": limit})
        small.open_any()
        for refused in (client, small):
            refused.send(packets.packet(Kind.PINGRESP))
            goodbye = refused.expect(Kind.DISCONNECT)
            self.assertEqual(goodbye.reason, 0x82)
            self.assertLessEqual(goodbye.size, 200 if refused is client else limit)
            refused.expect_closed()


    @clause("MQTT5-3.1.2-24")
    def test_an_answer_that_does_not_fit_closes_instead_of_never_coming(self):
        for limit in (1, 5, 10):
            client = self.dial(V5, self.name("c"), properties={"maximum_packet_size": limit})
            client.send(packets.connect(V5, client.client_id, **client.connect_options))
            answers = client.drain_until_closed()  # an error that fits, or nothing
            self.assertTrue(all(answer.reason == 0x95 for answer in answers), answers)
        limit = 30
        client = self.dial(V5, self.name("c"), properties={"maximum_packet_size": limit}).open()
        client.send_subscribe([self.name("+")] * 4, qos=1)
        client.ping()
        client.send(packets.unsubscribe(V5, 9, [self.name(str(n)) for n in range(limit)]))
        came = client.drain_until_closed()
        self.assertTrue(all(packet.size <= limit for packet in came), came)
        self.assertNotIn(Kind.UNSUBACK, [packet.kind for packet in came])


class ReceiveMaximum(LimitsCase):
    @clause("MQTT5-3.3.4-7")
    def test_as_many_as_announced_may_be_open(self):
        client = self.client(V5)
        for number in range(RECEIVE_MAXIMUM):
            client.send_publish(self.name("t"), b"x", qos=2, packet_id=number + 1)
        for number in range(RECEIVE_MAXIMUM):
            client.expect(Kind.PUBREC)
        client.send_publish(self.name("t"), b"zero", qos=0)
        client.expect_nothing()
        client.acknowledge(Kind.PUBREL, 1)
        client.expect(Kind.PUBCOMP)
        client.publish(self.name("t"), b"room again", qos=2)

    @clause("MQTT5-3.3.4-7", "MQTT5-4.13.2-1")
    def test_one_more_closes(self):
        for qos in (1, 2):
            client = self.client(V5)
            for number in range(RECEIVE_MAXIMUM):
                client.send_publish(self.name("t"), b"x", qos=2, packet_id=number + 1)
                client.expect(Kind.PUBREC)
            client.send_publish(self.name("t"), b"x", qos=qos, packet_id=100)
            client.expect_disconnect(0x93)

    def test_the_quota_is_fresh_with_each_connection(self):
        client = self.persistent(V5, "pump")
        for _ in range(2):
            for number in range(RECEIVE_MAXIMUM):
                client.send_publish(self.name("t"), b"x", qos=2, packet_id=number + 1)
                client.expect(Kind.PUBREC)
            client.cut()
            client = self.persistent(V5, "pump")
            self.assertTrue(client.connack.session_present)

    def test_3_1_1_knows_no_such_limit(self):
        client = self.client(V311)
        for number in range(4 * RECEIVE_MAXIMUM):
            client.send_publish(self.name("t"), b"x", qos=2, packet_id=number + 1)
            client.expect(Kind.PUBREC)
        client.expect_nothing()


class InboundAliases(LimitsCase):
    def publish(self, client, topic, alias, payload=b"x"):
        client.publish(topic, payload, qos=1, properties={"topic_alias": alias})

    @clause("MQTT5-3.3.2-12")
    def test_every_alias_up_to_the_maximum_works(self):
        publisher, watcher = self.client(V5), self.client(V5)
        watcher.subscribe(self.name("#"), qos=1)
        for alias in range(1, ALIASES + 1):
            self.publish(publisher, self.name(str(alias)), alias)
        for alias in range(1, ALIASES + 1):
            self.publish(publisher, "", alias)
        topics = [watcher.message().topic for _ in range(2 * ALIASES)]
        self.assertEqual(topics, 2 * [self.name(str(alias)) for alias in range(1, ALIASES + 1)])

    def test_an_alias_can_be_given_another_topic(self):
        publisher, watcher = self.client(V5), self.client(V5)
        watcher.subscribe(self.name("#"), qos=1)
        for topic in (self.name("a"), "", self.name("b"), ""):
            self.publish(publisher, topic, 1)
        topics = [watcher.message().topic for _ in range(4)]
        self.assertEqual(topics, [self.name(end) for end in "aabb"])

    @clause("MQTT5-3.3.2-9", "MQTT5-3.2.2-17", "MQTT5-3.3.2-8")
    def test_an_alias_of_0_or_above_the_maximum_closes(self):
        for alias in (0, ALIASES + 1, 65535):
            client = self.client(V5)
            client.send_publish(self.name("t"), b"x", properties={"topic_alias": alias})
            client.expect_disconnect(0x94)

    def test_an_alias_without_a_topic_is_a_protocol_error(self):
        client = self.client(V5)
        client.send_publish("", b"x", properties={"topic_alias": 1})
        client.expect_disconnect(0x82)

    @clause("MQTT5-3.3.2-7")
    def test_aliases_end_with_the_connection(self):
        client = self.persistent(V5, "pump")
        self.publish(client, self.name("t"), 1)
        client.cut()
        client = self.persistent(V5, "pump")
        client.send_publish("", b"x", properties={"topic_alias": 1})
        client.expect_disconnect(0x82)


class OutboundAliases(LimitsCase):
    def topics_of(self, client, count, maximum):
        """Resolves aliases as a client must; returns topics and the aliases seen."""
        known, topics, seen = {}, [], set()
        for _ in range(count):
            message = client.expect(Kind.PUBLISH)
            alias = message.properties.get("topic_alias")
            if alias is not None:
                self.assertIn(alias, range(1, maximum + 1))
                seen.add(alias)
                if message.topic:
                    known[alias] = message.topic
            topics.append(message.topic or known[alias])
        return topics, seen

    def published(self, rounds):
        publisher = self.client(V5)
        expected = [self.name(end) for end in "abc" * rounds]
        for topic in expected:
            publisher.publish(topic, b"x", qos=0)
        return expected

    @clause("MQTT5-3.1.2-26", "MQTT5-3.3.2-11")
    def test_aliases_stay_within_the_clients_maximum(self):
        for maximum in (1, 2, 3, 65535):
            client = self.client(V5, properties={"topic_alias_maximum": maximum})
            client.subscribe(self.name("#"))
            expected = self.published(4)
            topics, seen = self.topics_of(client, len(expected), maximum)
            self.assertEqual(topics, expected)
            self.assertTrue(seen, "an alias would have been allowed")
            client.disconnect()

    @clause("MQTT5-3.1.2-27")
    def test_without_a_maximum_there_are_none(self):
        for properties in ({}, {"topic_alias_maximum": 0}):
            client = self.client(V5, properties=properties)
            client.subscribe(self.name("#"))
            expected = self.published(2)
            self.assertEqual(self.topics_of(client, len(expected), 0), (expected, set()))
            client.disconnect()

    @clause("MQTT5-3.3.2-7")
    def test_a_new_connection_knows_no_alias(self):
        for _ in range(2):
            client = self.persistent(V5, "pump", properties={"topic_alias_maximum": 10})
            client.subscribe(self.name("#"))
            expected = self.published(2)
            self.assertEqual(self.topics_of(client, len(expected), 10)[0], expected)
            client.cut()


class Counts(LimitsCase):
    @each_version
    def test_subscriptions_of_a_session(self, version):
        client = self.client(version)
        filters = [self.name(end) for end in "abc"]
        self.assertEqual(client.subscribe(filters, qos=1), [1, 1, 1])
        self.assertEqual(client.subscribe(self.name("d")), [0x97 if version == V5 else 0x80])
        self.assertEqual(client.subscribe(filters[0], qos=2), [2])
        client.unsubscribe(filters[0])
        self.assertEqual(client.subscribe(self.name("d")), [0])

    @each_version
    def test_filters_of_a_packet(self, version):
        client = self.client(version)
        self.assertEqual(len(client.subscribe([self.name("a")] * 4)), 4)
        client.send_subscribe([self.name("a")] * 5)
        client.expect_disconnect(0x97)

    @each_version
    def test_levels_of_a_topic(self, version):
        subscriber = self.client(version)
        deep = "/".join("abcdefgh")
        refused = 0x8F if version == V5 else 0x80
        self.assertEqual(subscriber.subscribe([deep, deep + "/i"]), [0, refused])
        publisher = self.client(version)
        publisher.publish(deep, b"x")
        self.assertEqual(subscriber.message().topic, deep)
        publisher.send_publish(deep + "/i", b"x")
        publisher.expect_disconnect(0x90)

    @each_version
    def test_bytes_of_a_topic(self, version):
        publisher, longest = self.client(version), "x" * 200
        subscriber = self.client(version)
        self.assertEqual(subscriber.subscribe(longest), [0])
        publisher.publish(longest, b"x")
        self.assertEqual(subscriber.message().topic, longest)
        publisher.send_publish(longest + "x", b"x")
        publisher.expect_disconnect(0x90)

    def test_user_properties_of_a_packet(self):
        client = self.client(V5)
        for count in (3, 4):
            properties = {"user_property": [("a", "b")] * count}
            client.send_publish(self.name("t"), b"x", properties=properties)
            if count == 3:
                client.expect_nothing()
        client.expect_disconnect(0x97)

    @clause("MQTT5-3.1.3-8", "MQTT3-3.1.3-9", "MQTT5-3.2.2-7", "MQTT3-3.2.2-5")
    @each_version
    def test_bytes_of_a_client_identifier(self, version):
        self.dial(version, "x" * 100).open().disconnect()
        refused = self.dial(version, "x" * 101)
        connack = refused.open_any()
        self.assertEqual(connack.reason, 0x85 if version == V5 else 2)
        self.assertFalse(connack.session_present)
        refused.expect_closed()

    def test_keep_alive_and_session_expiry_are_cut_and_told(self):
        for keep_alive, told in [(0, 30), (31, 30), (30, None), (5, None)]:
            properties = self.client(V5, keep_alive=keep_alive).connack.properties
            self.assertEqual(properties.get("server_keep_alive"), told)
        for expiry, told in [(3600, None), (3601, 3600), (0xFFFFFFFF, 3600), (0, None)]:
            client = self.client(V5, properties={"session_expiry_interval": expiry})
            self.assertEqual(client.connack.properties.get("session_expiry_interval"), told)

    @each_version
    def test_retained_messages(self, version):
        publisher = self.client(version)
        accepted = {0, 0x10} if version == V5 else {0}
        full = {0x97} if version == V5 else {0}
        for topic, reasons in [("a", accepted), ("b", accepted), ("c", full), ("a", accepted)]:
            self.assertIn(publisher.publish(self.name(topic), b"x", qos=1, retain=True), reasons)
        watcher = self.client(version)
        watcher.subscribe(self.name("#"))
        came = watcher.ping()
        self.assertCountEqual([p.topic for p in came], [self.name("a"), self.name("b")])
        for topic in "ab":
            publisher.publish(self.name(topic), b"", qos=1, retain=True)

    @each_version
    def test_a_large_will_counts_as_any_packet(self, version):
        topic = self.name("t")
        watcher = self.subscriber(version)
        victim = self.client(version, "victim", will=Will(topic, b"x" * 40_000, qos=1))
        victim.cut()
        self.assertEqual(len(watcher.message().payload), 40_000)


if __name__ == "__main__":
    unittest.main()
