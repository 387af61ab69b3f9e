"""Sessions across connections: start, resume, queue while away, order, takeover, expiry, quotas."""

import unittest

from support.clauses import clause
from support.hub import HubTestCase, each_version
from support.packets import V5, V311, Kind, Will
from support.wire import wait_until


class CleanStart(HubTestCase):
    @clause("MQTT5-3.1.2-4", "MQTT3-3.1.2-6", "MQTT5-3.2.2-2", "MQTT3-3.2.2-1")
    @clause("MQTT5-3.1.4-4", "MQTT3-3.1.4-3")
    @each_version
    def test_clean_start_discards_the_session(self, version):
        first = self.persistent(version, "pump")
        first.subscribe(self.name("t"), qos=1)
        first.disconnect()
        again = self.client(version, "pump", clean_start=True)
        self.assertFalse(again.connack.session_present)
        self.client(version).publish(self.name("t"), b"gone", qos=1)
        again.expect_nothing()
        again.disconnect()
        third = self.persistent(version, "pump")
        self.assertFalse(third.connack.session_present)

    @clause("MQTT5-3.1.2-5", "MQTT3-3.1.2-4", "MQTT5-3.2.2-3", "MQTT3-3.2.2-2", "MQTT3-3.2.2-3")
    @clause("MQTT5-3.1.2-6", "MQTT5-3.1.2-23", "MQTT5-4.1.0-1", "MQTT3-4.1.0-1")
    @each_version
    def test_a_session_is_created_and_then_resumed(self, version):
        first = self.persistent(version, "pump")
        self.assertFalse(first.connack.session_present)
        first.subscribe(self.name("t"), qos=1)
        first.disconnect()
        again = self.persistent(version, "pump")
        self.assertTrue(again.connack.session_present)
        self.client(version).publish(self.name("t"), b"still subscribed", qos=1)
        self.assertEqual(again.payloads(1), ["still subscribed"])

    @clause("MQTT5-4.1.0-2", "MQTT3-4.1.0-2")
    @each_version
    def test_a_session_without_expiry_ends_with_its_connection(self, version):
        first = self.client(version, "pump", clean_start=True)
        first.subscribe(self.name("t"), qos=1)
        first.disconnect()
        again = self.persistent(version, "pump")
        self.assertFalse(again.connack.session_present)

    @each_version
    def test_a_lost_connection_keeps_a_persistent_session(self, version):
        first = self.persistent(version, "pump")
        first.subscribe(self.name("t"), qos=1)
        first.cut()
        again = self.persistent(version, "pump")
        self.assertTrue(again.connack.session_present)


class Queue(HubTestCase):
    @clause("MQTT3-3.1.2-5", "MQTT5-4.5.0-1", "MQTT3-4.5.0-1")
    @clause("MQTT5-4.6.0-5", "MQTT3-4.6.0-6", "MQTT5-4.6.0-6", "MQTT3-4.6.0-5")
    @each_version
    def test_what_is_published_while_away_comes_in_order(self, version):
        subscriber = self.persistent(version, "pump")
        subscriber.subscribe(self.name("t"), qos=2)
        subscriber.disconnect()
        publisher = self.client(version)
        for number in range(300):
            publisher.publish(self.name("t"), str(number), qos=1 + number % 2)
        again = self.persistent(version, "pump")
        self.assertEqual(again.payloads(300), [str(number) for number in range(300)])
        again.expect_nothing()

    @each_version
    def test_queued_comes_before_live_across_the_reconnect(self, version):
        """The publisher never stops; the subscriber comes back in the middle, several times."""
        subscriber = self.persistent(version, "pump")
        subscriber.subscribe(self.name("t"), qos=1)
        subscriber.disconnect()
        publisher, published, got = self.client(version), 0, []
        for _ in range(5):
            for _ in range(40):
                publisher.publish(self.name("t"), str(published), qos=1)
                published += 1
            subscriber = self.persistent(version, "pump")
            for _ in range(40):
                publisher.send_publish(self.name("t"), str(published), qos=1)
                published += 1
            got += subscriber.payloads(80)
            for _ in range(40):
                publisher.wait_for(Kind.PUBACK)
            subscriber.disconnect()
        self.assertEqual(got, [str(number) for number in range(published)])

    @each_version
    def test_qos_0_published_while_away_is_not_kept(self, version):
        """QoS 0 does not wait for an absent client, which is ours to choose; QoS 1 must."""
        subscriber = self.persistent(version, "pump")
        subscriber.subscribe(self.name("t"), qos=1)
        subscriber.disconnect()
        publisher = self.client(version)
        publisher.publish(self.name("t"), b"zero", qos=0)
        publisher.publish(self.name("t"), b"one", qos=1)
        again = self.persistent(version, "pump")
        self.assertEqual(again.payloads(1), ["one"])

    @clause("MQTT5-3.3.2-5", "MQTT5-3.3.2-6")
    def test_expired_messages_are_not_delivered_and_the_rest_know_their_time(self):
        subscriber = self.persistent(V5, "pump")
        subscriber.subscribe(self.name("t"), qos=1)
        subscriber.disconnect()
        publisher = self.client(V5)
        watcher = self.client(V5)
        watcher.subscribe(self.name("w"))
        for payload, interval in [(b"short", 1), (b"long", 100)]:
            properties = {"message_expiry_interval": interval}
            publisher.publish(self.name("t"), payload, qos=1, properties=properties)
        self.one_second_passes(watcher)
        again = self.persistent(V5, "pump")
        message = again.message()
        self.assertEqual(message.payload, b"long")
        self.assertIn(message.properties["message_expiry_interval"], range(80, 100))
        again.expect_nothing()

    def one_second_passes(self, watcher):
        """Measured by the server's own timers: a will with a delay of one second."""
        properties = {"will_delay_interval": 1}
        will = Will(self.name("w"), b"now", properties=properties)
        timer = self.client(
            V5, "timer", will=will, properties={"session_expiry_interval": 100}
        )
        timer.cut()
        watcher.message()


class Takeover(HubTestCase):
    @clause("MQTT5-3.1.4-3", "MQTT3-3.1.4-2", "MQTT5-3.1.3-2", "MQTT3-3.1.3-2")
    @each_version
    def test_the_older_connection_is_closed(self, version):
        older = self.persistent(version, "pump")
        newer = self.persistent(version, "pump")
        self.assertTrue(newer.connack.session_present)
        older.expect_disconnect(0x8E)
        newer.expect_nothing()

    @clause("MQTT5-4.4.0-1", "MQTT3-4.4.0-1", "MQTT5-3.3.1-1", "MQTT3-3.3.1-1")
    @clause("MQTT5-4.6.0-1", "MQTT3-4.6.0-1", "MQTT3-2.3.1-4")
    @each_version
    def test_unacknowledged_messages_come_first_with_dup_in_order(self, version):
        older = self.persistent(version, "pump")
        older.subscribe(self.name("t"), qos=2)
        publisher = self.client(version)
        for number in range(6):
            publisher.publish(self.name("t"), str(number), qos=1 + number % 2)
        sent = [older.expect(Kind.PUBLISH) for _ in range(6)]
        older.acknowledge(Kind.PUBACK, sent[2].packet_id)
        older.ping()
        newer = self.persistent(version, "pump")
        publisher.publish(self.name("t"), b"live", qos=1)
        again = [newer.message() for _ in range(5)]
        expected = [(p.payload, p.packet_id) for p in sent if p is not sent[2]]
        self.assertEqual([(p.payload, p.packet_id) for p in again], expected)
        self.assertTrue(all(packet.dup for packet in again))
        live = newer.message()
        self.assertEqual((live.payload, live.dup), (b"live", False))
        newer.expect_nothing()

    @each_version
    def test_messages_sent_into_a_half_open_connection_are_not_lost(self, version):
        """The old connection is neither read nor closed: what went into it comes again."""
        older = self.persistent(version, "pump")
        older.subscribe(self.name("t"), qos=1)
        publisher = self.client(version)
        expected = [str(number) for number in range(50)]
        for payload in expected:
            publisher.publish(self.name("t"), payload, qos=1)
        newer = self.persistent(version, "pump")
        self.assertEqual(newer.payloads(50), expected)

    @each_version
    def test_takeover_with_clean_start_begins_anew(self, version):
        older = self.persistent(version, "pump")
        older.subscribe(self.name("t"), qos=1)
        newer = self.client(version, "pump", clean_start=True)
        self.assertFalse(newer.connack.session_present)
        older.expect_disconnect(0x8E)
        self.client(version).publish(self.name("t"), b"nobody's", qos=1)
        newer.expect_nothing()

    @clause("MQTT3-3.1.2-6", "MQTT5-4.1.0-2")
    @each_version
    def test_a_session_that_lasts_as_long_as_its_connection_ends_at_takeover(self, version):
        older = self.client(version, "pump", clean_start=True)
        older.subscribe(self.name("t"), qos=1)
        newer = self.persistent(version, "pump")
        self.assertFalse(newer.connack.session_present)
        older.expect_disconnect(0x8E)
        self.client(version).publish(self.name("t"), b"nobody's", qos=1)
        newer.expect_nothing()

    def test_a_client_of_the_other_version_takes_over(self):
        older = self.persistent(V311, "pump")
        older.subscribe(self.name("t"), qos=1)
        newer = self.persistent(V5, "pump")
        self.assertTrue(newer.connack.session_present)
        older.expect_closed()
        self.client(V311).publish(self.name("t"), b"for the newer", qos=1)
        self.assertEqual(newer.payloads(1), ["for the newer"])

    @each_version
    def test_a_hundred_takeovers_in_a_row_leave_one_connection(self, version):
        clients = [self.persistent(version, "pump") for _ in range(100)]
        for older in clients[:-1]:
            older.expect_disconnect(0x8E)
        clients[-1].subscribe(self.name("t"), qos=1)
        self.client(version).publish(self.name("t"), b"last", qos=1)
        self.assertEqual(clients[-1].payloads(1), ["last"])


class Expiry(HubTestCase):
    def session_is_there(self, client_id):
        client = self.persistent(V5, client_id, expiry=300)
        present = client.connack.session_present
        return client, present

    @clause("MQTT5-4.1.0-2")
    def test_a_session_ends_when_its_expiry_interval_has_passed(self):
        client = self.persistent(V5, "pump", expiry=1)
        client.subscribe(self.name("t"), qos=1)
        publisher = self.client(V5)
        client.disconnect()
        # The publisher is told when nobody is subscribed any more.
        wait_until(
            "the end of the session",
            lambda: publisher.publish(self.name("t"), b"x", qos=1) == 0x10,
        )
        self.assertFalse(self.session_is_there("pump")[1])

    @clause("MQTT5-3.1.2-23")
    def test_a_return_in_time_keeps_the_session(self):
        client = self.persistent(V5, "pump", expiry=60)
        client.disconnect()
        self.assertTrue(self.session_is_there("pump")[1])

    def test_disconnect_changes_the_expiry(self):
        client = self.persistent(V5, "shorter", expiry=300)
        client.disconnect(0, {"session_expiry_interval": 0})
        self.assertFalse(self.session_is_there("shorter")[1])
        client = self.persistent(V5, "longer", expiry=1)
        client.subscribe(self.name("t"), qos=1)
        client.disconnect(0, {"session_expiry_interval": 300})
        other = self.persistent(V5, "other", expiry=1)
        other.subscribe(self.name("other"), qos=1)
        other.disconnect()
        publisher = self.client(V5)
        wait_until(
            "the end of a session of one second",
            lambda: publisher.publish(self.name("other"), b"x", qos=1) == 0x10,
        )
        self.assertTrue(self.session_is_there("longer")[1])

    def test_disconnect_cannot_give_an_expiry_to_a_session_that_had_none(self):
        client = self.client(V5, "pump")
        client.send(b"\xe0\x07\x00\x05\x11\x00\x00\x00\x3c")
        client.expect_disconnect(0x82)
        self.assertFalse(self.session_is_there("pump")[1])

    def test_an_expiry_of_never_is_kept(self):
        client = self.persistent(V5, "pump", expiry=0xFFFFFFFF)
        client.disconnect()
        self.assertTrue(self.session_is_there("pump")[1])


class ReceiveMaximum(HubTestCase):
    def published(self, version, count):
        publisher = self.client(version)
        for number in range(count):
            publisher.publish(self.name("t"), str(number), qos=1)

    @clause("MQTT5-3.3.4-9", "MQTT5-4.9.0-1", "MQTT5-4.9.0-2")
    def test_the_client_is_not_sent_more_than_it_wants(self):
        client = self.client(V5, "pump", properties={"receive_maximum": 3})
        client.subscribe(self.name("t"), qos=1)
        self.published(V5, 10)
        packets = client.ping()
        self.assertEqual([packet.payload for packet in packets], [b"0", b"1", b"2"])
        for packet in packets:
            client.acknowledge(Kind.PUBACK, packet.packet_id)
        self.assertEqual(client.payloads(7), [str(number) for number in range(3, 10)])

    @clause("MQTT5-3.3.4-10", "MQTT5-4.9.0-3")
    def test_other_packets_pass_a_full_quota(self):
        client = self.client(V5, "pump", properties={"receive_maximum": 1})
        client.subscribe(self.name("t"), qos=1)
        self.published(V5, 2)
        first = client.expect(Kind.PUBLISH)
        client.expect_nothing()
        self.assertEqual(client.subscribe(self.name("other"), qos=0), [0])
        self.assertEqual(client.unsubscribe(self.name("other")), [0])
        self.assertEqual(client.publish(self.name("other"), b"x", qos=2), 0x10)
        client.acknowledge(Kind.PUBACK, first.packet_id)
        self.assertEqual(client.payloads(1), ["1"])

    def test_the_quota_is_fresh_with_each_connection(self):
        client = self.persistent(V5, "pump", properties={"receive_maximum": 2})
        client.subscribe(self.name("t"), qos=1)
        self.published(V5, 8)
        self.assertEqual(len(client.ping()), 2)
        for quota in (4, 1):
            client.cut()
            client = self.persistent(V5, "pump", properties={"receive_maximum": quota})
            packets = client.ping()
            expected = [str(number).encode() for number in range(quota)]
            self.assertEqual([packet.payload for packet in packets], expected)
            self.assertTrue(packets[0].dup)
        client.acknowledge(Kind.PUBACK, packets[0].packet_id)
        self.assertEqual(client.payloads(7), [str(number) for number in range(1, 8)])

    @clause("MQTT5-4.4.0-2", "MQTT5-3.4.2-1")
    def test_a_negative_acknowledgement_gives_the_quota_back(self):
        client = self.persistent(V5, "pump", properties={"receive_maximum": 1})
        client.subscribe(self.name("t"), qos=2)
        publisher = self.client(V5)
        publisher.publish(self.name("t"), b"one", qos=1)
        publisher.publish(self.name("t"), b"two", qos=2)
        publisher.publish(self.name("t"), b"three", qos=1)
        client.acknowledge(Kind.PUBACK, client.expect(Kind.PUBLISH).packet_id, 0x83)
        client.acknowledge(Kind.PUBREC, client.expect(Kind.PUBLISH).packet_id, 0x97)
        self.assertEqual(client.payloads(1), ["three"])
        client.disconnect()
        again = self.persistent(V5, "pump")
        again.expect_nothing()


class ClientIdentifier(HubTestCase):
    @clause("MQTT5-3.1.3-6", "MQTT5-3.1.3-7", "MQTT5-3.2.2-16")
    def test_an_empty_client_identifier_gets_one_that_can_be_used(self):
        first = self.dial(V5, "", properties={"session_expiry_interval": 60}).open()
        second = self.dial(V5, "").open()
        assigned = first.connack.properties["assigned_client_identifier"]
        self.assertTrue(assigned)
        self.assertNotEqual(assigned, second.connack.properties["assigned_client_identifier"])
        first.disconnect()
        again = self.dial(V5, assigned, clean_start=False).open()
        self.assertTrue(again.connack.session_present)
        self.assertNotIn("assigned_client_identifier", again.connack.properties)

    @clause("MQTT3-3.1.3-6", "MQTT3-3.1.3-7", "MQTT3-3.1.3-8")
    def test_an_empty_client_identifier_of_3_1_1_wants_a_clean_session(self):
        self.dial(V311, "", clean_start=True).open()
        refused = self.dial(V311, "", clean_start=False)
        self.assertEqual(refused.open_any().reason, 2)
        refused.expect_closed()

    @clause("MQTT5-3.1.3-5", "MQTT3-3.1.3-5")
    @each_version
    def test_client_identifiers_of_one_to_23_letters_and_digits_are_allowed(self, version):
        for client_id in ("a", "0123456789abcdefghijABC"):
            self.dial(version, client_id).open().disconnect()


if __name__ == "__main__":
    unittest.main()
