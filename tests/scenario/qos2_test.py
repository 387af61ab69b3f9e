"""QoS 2 in both directions: no duplicate, nothing lost, with the state kept across reconnects."""

import unittest

from support.clauses import clause
from support.hub import HubTestCase, each_version
from support.packets import V5, Kind
from support.wire import wait_until


class Inbound(HubTestCase):
    """The client publishes; the server is the receiver."""

    def watcher(self, version):
        watcher = self.client(version)
        watcher.subscribe(self.name("t"), qos=2)
        return watcher

    @clause("MQTT5-4.3.3-8", "MQTT5-4.3.3-11", "MQTT3-4.3.3-2", "MQTT5-2.2.1-5", "MQTT3-2.3.1-6")
    @clause("MQTT5-3.3.4-1", "MQTT3-3.3.4-1")
    @each_version
    def test_every_step_is_answered_with_the_same_identifier(self, version):
        client = self.client(version)
        for packet_id in (1, 2, 255, 256, 65535):
            client.send_publish(self.name("t"), b"x", qos=2, packet_id=packet_id)
            pubrec = client.expect(Kind.PUBREC, packet_id=packet_id)
            self.assertLess(pubrec.reason, 0x80)
            client.acknowledge(Kind.PUBREL, packet_id)
            client.expect(Kind.PUBCOMP, packet_id=packet_id, reason=0)

    @clause("MQTT5-4.3.3-10", "MQTT3-4.3.3-2")
    @each_version
    def test_a_duplicate_before_pubrel_is_answered_and_not_delivered(self, version):
        watcher, client = self.watcher(version), self.client(version)
        for dup in (False, True, True):
            client.send_publish(self.name("t"), b"once", qos=2, packet_id=7, dup=dup)
            client.expect(Kind.PUBREC, packet_id=7)
        client.acknowledge(Kind.PUBREL, 7)
        client.expect(Kind.PUBCOMP, packet_id=7)
        self.assertEqual(watcher.payloads(1), ["once"])
        watcher.expect_nothing()

    @clause("MQTT5-4.3.3-12", "MQTT3-4.3.3-2", "MQTT5-4.3.2-5", "MQTT3-4.3.2-2")
    @each_version
    def test_after_the_end_the_same_identifier_is_a_new_message(self, version):
        watcher, client = self.watcher(version), self.client(version)
        for payload in (b"first", b"second"):
            client.send_publish(self.name("t"), payload, qos=2, packet_id=7, dup=True)
            client.expect(Kind.PUBREC, packet_id=7)
            client.acknowledge(Kind.PUBREL, 7)
            client.expect(Kind.PUBCOMP, packet_id=7)
        for payload in (b"third", b"fourth"):
            client.send_publish(self.name("t"), payload, qos=1, packet_id=7, dup=True)
            client.expect(Kind.PUBACK, packet_id=7)
        self.assertEqual(watcher.payloads(4), ["first", "second", "third", "fourth"])

    @clause("MQTT5-3.3.1-3", "MQTT3-3.3.1-3")
    @each_version
    def test_dup_of_the_publisher_is_not_passed_on(self, version):
        watcher, client = self.watcher(version), self.client(version)
        client.send_publish(self.name("t"), b"x", qos=1, packet_id=9, dup=True)
        client.expect(Kind.PUBACK)
        self.assertFalse(watcher.message().dup)

    @clause("MQTT5-4.3.3-10", "MQTT5-4.4.0-1", "MQTT3-4.4.0-1", "MQTT3-4.3.3-2")
    @each_version
    def test_an_unreleased_message_survives_the_connection(self, version):
        watcher = self.watcher(version)
        client = self.persistent(version, "pump")
        client.send_publish(self.name("t"), b"once", qos=2, packet_id=7)
        client.expect(Kind.PUBREC, packet_id=7)
        client.cut()
        client = self.persistent(version, "pump")
        client.send_publish(self.name("t"), b"once", qos=2, packet_id=7, dup=True)
        client.expect(Kind.PUBREC, packet_id=7)
        client.acknowledge(Kind.PUBREL, 7)
        client.expect(Kind.PUBCOMP, packet_id=7)
        self.assertEqual(watcher.payloads(1), ["once"])
        watcher.expect_nothing()

    @each_version
    def test_pubrel_after_the_reconnect_is_answered(self, version):
        watcher = self.watcher(version)
        client = self.persistent(version, "pump")
        client.send_publish(self.name("t"), b"once", qos=2, packet_id=7)
        client.expect(Kind.PUBREC, packet_id=7)
        client.cut()
        client = self.persistent(version, "pump")
        client.acknowledge(Kind.PUBREL, 7)
        pubcomp = client.expect(Kind.PUBCOMP, packet_id=7)
        self.assertEqual(pubcomp.reason, 0)
        # A PUBREL that is sent again is answered again.
        client.acknowledge(Kind.PUBREL, 7)
        client.expect(Kind.PUBCOMP, packet_id=7)
        self.assertEqual(watcher.payloads(1), ["once"])

    @each_version
    def test_a_clean_start_forgets_unreleased_messages(self, version):
        watcher = self.watcher(version)
        client = self.persistent(version, "pump")
        client.send_publish(self.name("t"), b"old", qos=2, packet_id=7)
        client.expect(Kind.PUBREC, packet_id=7)
        client.cut()
        client = self.client(version, "pump", clean_start=True)
        client.send_publish(self.name("t"), b"new", qos=2, packet_id=7)
        client.expect(Kind.PUBREC, packet_id=7)
        client.acknowledge(Kind.PUBREL, 7)
        client.expect(Kind.PUBCOMP, packet_id=7)
        payloads = [watcher.message().payload]
        while payloads[-1] != b"new":
            payloads.append(watcher.message().payload)
        watcher.expect_nothing()
        self.assertIn(payloads, ([b"old", b"new"], [b"new"]))

    @clause("MQTT5-3.7.2-1")
    def test_pubrel_of_an_unknown_identifier_is_answered_0x92(self):
        client = self.client(V5)
        client.acknowledge(Kind.PUBREL, 4711)
        client.expect(Kind.PUBCOMP, packet_id=4711, reason=0x92)

    @each_version
    def test_many_open_exchanges_complete_in_any_order(self, version):
        watcher, client = self.watcher(version), self.client(version)
        for number in range(100):
            client.send_publish(self.name("t"), str(number), qos=2, packet_id=number + 1)
        for number in range(100):
            client.expect(Kind.PUBREC, packet_id=number + 1)
        for number in reversed(range(100)):
            client.acknowledge(Kind.PUBREL, number + 1)
            client.expect(Kind.PUBCOMP, packet_id=number + 1)
        self.assertEqual(watcher.payloads(100), [str(number) for number in range(100)])


class Outbound(HubTestCase):
    """The client subscribes; the server is the sender."""

    def subscriber(self, version, count=1):
        """A persistent subscriber for whom `count` messages have been published."""
        subscriber = self.persistent(version, "pump")
        subscriber.subscribe(self.name("t"), qos=2)
        publisher = self.client(version)
        for number in range(count):
            publisher.publish(self.name("t"), str(number), qos=2)
        return subscriber

    @clause("MQTT5-4.3.3-1", "MQTT5-4.3.3-2", "MQTT5-4.3.3-4", "MQTT3-4.3.3-1")
    @clause("MQTT5-2.2.1-4", "MQTT3-2.3.1-1", "MQTT5-4.3.2-1", "MQTT5-4.3.2-2", "MQTT3-4.3.2-1")
    @each_version
    def test_identifiers_in_use_differ_and_are_answered(self, version):
        subscriber = self.subscriber(version, 20)
        self.client(version).publish(self.name("t"), b"one", qos=1)
        sent = [subscriber.expect(Kind.PUBLISH, dup=False) for _ in range(21)]
        self.assertEqual(len({packet.packet_id for packet in sent}), 21)
        self.assertEqual([packet.qos for packet in sent], [2] * 20 + [1])
        for packet in sent[:20]:
            subscriber.acknowledge(Kind.PUBREC, packet.packet_id)
            subscriber.expect(Kind.PUBREL, packet_id=packet.packet_id)
            subscriber.acknowledge(Kind.PUBCOMP, packet.packet_id)
        subscriber.acknowledge(Kind.PUBACK, sent[20].packet_id)
        subscriber.expect_nothing()

    @clause("MQTT5-4.3.3-3", "MQTT3-4.3.3-1", "MQTT5-3.3.1-1", "MQTT3-3.3.1-1")
    @each_version
    def test_publish_without_pubrec_is_sent_again_with_dup(self, version):
        subscriber = self.subscriber(version)
        first = subscriber.expect(Kind.PUBLISH)
        subscriber.cut()
        again = self.persistent(version, "pump")
        packet = again.expect(Kind.PUBLISH, packet_id=first.packet_id, dup=True, qos=2)
        again.settle(packet)
        again.disconnect()
        self.persistent(version, "pump").expect_nothing()

    @clause("MQTT5-4.3.3-5", "MQTT5-4.3.3-6", "MQTT3-4.3.3-1", "MQTT5-4.4.0-1", "MQTT3-4.4.0-1")
    @each_version
    def test_after_pubrec_only_pubrel_is_sent_again(self, version):
        subscriber = self.subscriber(version)
        first = subscriber.expect(Kind.PUBLISH)
        subscriber.acknowledge(Kind.PUBREC, first.packet_id)
        subscriber.expect(Kind.PUBREL, packet_id=first.packet_id)
        for _ in range(2):
            subscriber.cut()
            subscriber = self.persistent(version, "pump")
            subscriber.expect(Kind.PUBREL, packet_id=first.packet_id)
        subscriber.acknowledge(Kind.PUBCOMP, first.packet_id)
        subscriber.expect_nothing()
        subscriber.disconnect()
        self.persistent(version, "pump").expect_nothing()

    @clause("MQTT5-4.6.0-1", "MQTT3-4.6.0-1", "MQTT5-4.6.0-4", "MQTT3-4.6.0-4")
    @each_version
    def test_resends_keep_the_order_of_what_was_sent(self, version):
        subscriber = self.subscriber(version, 6)
        sent = [subscriber.expect(Kind.PUBLISH) for _ in range(6)]
        for packet in (sent[1], sent[3]):
            subscriber.acknowledge(Kind.PUBREC, packet.packet_id)
        for packet in (sent[1], sent[3]):
            subscriber.expect(Kind.PUBREL, packet_id=packet.packet_id)
        subscriber.cut()
        again = self.persistent(version, "pump")
        came = again.ping()
        publishes = [packet.packet_id for packet in came if packet.kind == Kind.PUBLISH]
        pubrels = [packet.packet_id for packet in came if packet.kind == Kind.PUBREL]
        self.assertEqual(publishes, [sent[index].packet_id for index in (0, 2, 4, 5)])
        self.assertEqual(pubrels, [sent[index].packet_id for index in (1, 3)])
        self.assertEqual(len(came), 6)

    @each_version
    def test_pubrel_does_not_wait_for_the_quota(self, version):
        """In 5.0 an exchange whose PUBREC came still counts, but its PUBREL always goes out."""
        properties = {"properties": {"receive_maximum": 1}} if version == V5 else {}
        subscriber = self.persistent(version, "pump", **properties)
        subscriber.subscribe(self.name("t"), qos=2)
        publisher = self.client(version)
        for payload in (b"0", b"1"):
            publisher.publish(self.name("t"), payload, qos=2)
        first = subscriber.expect(Kind.PUBLISH, payload=b"0")
        subscriber.acknowledge(Kind.PUBREC, first.packet_id)
        came = subscriber.ping()
        self.assertIn((Kind.PUBREL, first.packet_id), [(p.kind, p.packet_id) for p in came])
        if version == V5:
            self.assertEqual(len(came), 1)
            subscriber.acknowledge(Kind.PUBCOMP, first.packet_id)
            self.assertEqual(subscriber.payloads(1), ["1"])

    @clause("MQTT5-4.3.3-7")
    def test_a_message_that_was_sent_does_not_expire(self):
        subscriber = self.persistent(V5, "pump")
        subscriber.subscribe(self.name("t"), qos=2)
        short = self.persistent(V5, "short", expiry=300)
        short.subscribe(self.name("t"), qos=2)
        short.disconnect()
        publisher = self.client(V5)
        properties = {"message_expiry_interval": 1}
        publisher.publish(self.name("t"), b"1", qos=2, properties=properties)
        first = subscriber.expect(Kind.PUBLISH)
        self.wait_until_expired(publisher)
        subscriber.cut()
        again = self.persistent(V5, "pump")
        again.settle(again.expect(Kind.PUBLISH, packet_id=first.packet_id, dup=True))
        # For the session that was never sent it, it has expired.
        self.persistent(V5, "short").expect_nothing()

    def wait_until_expired(self, publisher):
        """A retained message with the same interval is gone for a new subscriber."""
        topic = self.name("retained")
        properties = {"message_expiry_interval": 1}
        publisher.publish(topic, b"x", qos=1, retain=True, properties=properties)

        def is_gone():
            probe = self.client(V5)
            probe.subscribe(topic)
            came = probe.ping()
            probe.disconnect()
            return not came

        wait_until("the expiry of a retained message", is_gone)

    def test_pubrec_of_an_unknown_identifier_is_answered_0x92(self):
        subscriber = self.subscriber(V5, 0)
        subscriber.acknowledge(Kind.PUBREC, 4711)
        subscriber.expect(Kind.PUBREL, packet_id=4711, reason=0x92)


if __name__ == "__main__":
    unittest.main()
