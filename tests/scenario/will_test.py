"""Will Messages: every way in which a connection can end, and that each will comes exactly once."""

import time
import unittest

from support import packets
from support.clauses import clause
from support.hub import Hub, HubTestCase, each_version
from support.packets import V5, V311, Kind, Will, packet
from support.wire import Client, wait_until

NEVER = 0xFFFFFFFF


class WillCase(HubTestCase):
    """`watcher` sees the wills of a test; `victim` has one."""

    def watcher(self, version=V5, qos=0, **options):
        watcher = self.client(version)
        watcher.subscribe(self.name("will"), qos=qos, **options)
        return watcher

    def will(self, payload=b"gone", delay=0, properties=None, **options):
        properties = dict(properties or {})
        if delay:
            properties["will_delay_interval"] = delay
        return Will(self.name("will"), payload, properties=properties, **options)

    def victim(self, version, expiry=0, delay=0, clean_start=True, client_id="victim", **options):
        if version == V5 and expiry:
            options.setdefault("properties", {})["session_expiry_interval"] = expiry
        options.setdefault("will", self.will(delay=delay))
        return self.client(version, client_id, clean_start=clean_start, **options)

    def expect_once(self, watcher, payload=b"gone"):
        """The will comes, and nothing else before what is published afterwards."""
        self.assertEqual(watcher.message().payload, payload)
        self.expect_none(watcher)

    def expect_none(self, watcher):
        self.client(V5).publish(self.name("will"), b"afterwards", qos=1)
        self.assertEqual(watcher.message().payload, b"afterwards")

    def a_second_passes(self, watcher):
        """By the server's own timers; nothing else may come meanwhile."""
        timer = self.victim(V5, expiry=100, client_id="timer", will=self.will(b"tick", delay=1))
        timer.cut()
        self.assertEqual(watcher.message().payload, b"tick")


class EndOfConnection(WillCase):
    @clause("MQTT5-3.14.4-3", "MQTT3-3.14.4-3", "MQTT5-3.1.2-10", "MQTT3-3.1.2-10")
    @each_version
    def test_normal_disconnect_discards_it(self, version):
        watcher = self.watcher()
        self.victim(version).disconnect()
        self.expect_none(watcher)

    @clause("MQTT5-3.14.4-3", "MQTT3-3.14.4-3")
    @each_version
    def test_nor_does_it_come_when_the_client_is_back_at_once(self, version):
        """Its new connection may be read first, by another thread than the old one."""
        watcher = self.watcher()
        for _ in range(100):
            victim = self.victim(version)
            victim.send(packets.disconnect(version))
            victim.close()
        self.expect_none(watcher)

    @clause("MQTT5-3.1.2-8")
    def test_disconnect_with_another_reason_publishes_it(self):
        watcher = self.watcher()
        for reason in (0x04, 0x80, 0x82, 0x93):
            with self.subTest(reason=hex(reason)):
                self.victim(V5).disconnect(reason)
                self.expect_once(watcher)

    @clause("MQTT5-3.1.2-7", "MQTT5-3.1.2-8", "MQTT3-3.1.2-8", "MQTT5-3.1.2-9", "MQTT3-3.1.2-9")
    @each_version
    def test_a_lost_connection_publishes_it(self, version):
        watcher = self.watcher()
        for end in ("cut", "close"):  # a reset, and an orderly end of the stream without DISCONNECT
            with self.subTest(end=end):
                getattr(self.victim(version), end)()
                self.expect_once(watcher)

    @clause("MQTT3-3.1.2-12")
    @each_version
    def test_without_a_will_nothing_is_published(self, version):
        watcher = self.watcher()
        victim = self.client(version, "victim")
        victim.cut()
        # By the time its successor is there, the end of the first has been seen.
        self.client(version, "victim").disconnect()
        self.expect_none(watcher)

    @clause("MQTT5-3.1.2-22", "MQTT3-3.1.2-24")
    @each_version
    def test_a_keep_alive_that_runs_out_publishes_it(self, version):
        watcher = self.watcher()
        victim = self.victim(version, keep_alive=1)
        started = time.monotonic()
        victim.expect_disconnect(0x8D)
        elapsed = time.monotonic() - started
        self.assertGreaterEqual(elapsed, 1.4, "closed before one and a half keep alive times")
        self.assertLess(elapsed, 4.0)
        self.expect_once(watcher)

    @clause("MQTT5-4.13.1-1", "MQTT3-4.8.0-1")
    @each_version
    def test_a_protocol_error_publishes_it(self, version):
        watcher = self.watcher()
        victim = self.victim(version)
        victim.send(packet(Kind.CONNACK, b"\0\0\0"[: 3 if version == V5 else 2]))
        victim.drain_until_closed()
        self.expect_once(watcher)

    @each_version
    def test_a_malformed_packet_publishes_it(self, version):
        watcher = self.watcher()
        victim = self.victim(version)
        victim.send(b"\x00\x00")
        victim.drain_until_closed()
        self.expect_once(watcher)

    @each_version
    def test_a_keep_alive_is_kept_by_any_packet(self, version):
        watcher = self.watcher()
        victim = self.victim(version, keep_alive=1)
        deadline = time.monotonic() + 2.0
        while time.monotonic() < deadline:
            victim.publish(self.name("other"), b"", qos=0)
            # Between packets: the time until the next message that never comes.
            try:
                victim.receive(limit=0.3)
            except AssertionError as error:
                self.assertIn("nothing came in time", str(error))
        victim.disconnect()
        self.expect_none(watcher)


class Takeover(WillCase):
    @each_version
    def test_without_clean_start_and_without_delay_it_is_published(self, version):
        watcher = self.watcher()
        self.victim(version, expiry=100, clean_start=False)
        self.persistent(version, "victim")
        self.expect_once(watcher)

    @each_version
    def test_with_clean_start_it_is_published(self, version):
        watcher = self.watcher()
        self.victim(version, expiry=100, clean_start=False)
        self.client(version, "victim", clean_start=True)
        self.expect_once(watcher)

    @clause("MQTT5-3.1.3-9")
    def test_with_a_delay_and_without_clean_start_it_is_cancelled(self):
        watcher = self.watcher()
        self.victim(V5, expiry=100, delay=1)
        self.persistent(V5, "victim")
        self.a_second_passes(watcher)
        self.expect_none(watcher)

    def test_with_a_delay_and_with_clean_start_it_is_published_at_once(self):
        watcher = self.watcher()
        self.victim(V5, expiry=100, delay=NEVER)
        self.client(V5, "victim", clean_start=True)
        self.expect_once(watcher)

    def test_with_a_delay_and_a_session_that_ends_it_is_published_at_once(self):
        watcher = self.watcher()
        self.victim(V5, expiry=0, delay=NEVER)
        self.persistent(V5, "victim")
        self.expect_once(watcher)

    @each_version
    def test_the_successor_has_a_will_of_its_own(self, version):
        watcher = self.watcher()
        self.victim(version, expiry=100, clean_start=False, will=self.will(b"first"))
        second = self.victim(version, expiry=100, clean_start=False, will=self.will(b"second"))
        self.assertEqual(watcher.message().payload, b"first")
        second.cut()
        self.expect_once(watcher, b"second")


class Delay(WillCase):
    @clause("MQTT5-3.1.2-8")
    def test_it_comes_after_the_delay_and_not_before(self):
        watcher = self.watcher()
        victim = self.victim(V5, expiry=100, delay=1)
        cut_at = time.monotonic()
        victim.cut()
        self.assertEqual(watcher.message().payload, b"gone")
        self.assertGreaterEqual(time.monotonic() - cut_at, 0.99)
        self.expect_none(watcher)

    def test_disconnect_0x04_waits_for_the_delay_too(self):
        watcher = self.watcher()
        victim = self.victim(V5, expiry=100, delay=1)
        left_at = time.monotonic()
        victim.disconnect(0x04)
        self.assertEqual(watcher.message().payload, b"gone")
        self.assertGreaterEqual(time.monotonic() - left_at, 0.99)
        self.expect_none(watcher)

    @clause("MQTT5-3.1.3-9")
    def test_a_return_within_the_delay_cancels_it(self):
        watcher = self.watcher()
        self.victim(V5, expiry=100, delay=1).cut()
        back = self.persistent(V5, "victim")
        self.assertTrue(back.connack.session_present)
        self.a_second_passes(watcher)
        self.expect_none(watcher)
        back.cut()  # came back without a will
        self.expect_none(watcher)

    def test_a_return_with_clean_start_ends_the_session_and_publishes_it(self):
        watcher = self.watcher()
        self.victim(V5, expiry=100, delay=NEVER).cut()
        self.client(V5, "victim", clean_start=True)
        self.expect_once(watcher)

    def test_a_session_that_ends_first_publishes_it(self):
        watcher = self.watcher()
        victim = self.victim(V5, expiry=1, delay=NEVER)
        cut_at = time.monotonic()
        victim.cut()
        self.assertEqual(watcher.message().payload, b"gone")
        self.assertGreaterEqual(time.monotonic() - cut_at, 0.99)
        self.expect_none(watcher)

    def test_a_session_that_ends_with_its_connection_publishes_it_at_once(self):
        watcher = self.watcher()
        self.victim(V5, expiry=0, delay=NEVER).cut()
        self.expect_once(watcher)

    def test_disconnect_that_ends_the_session_publishes_it_at_once(self):
        watcher = self.watcher()
        victim = self.victim(V5, expiry=100, delay=NEVER)
        victim.disconnect(0x04, {"session_expiry_interval": 0})
        self.expect_once(watcher)

    def test_the_end_of_the_session_does_not_publish_it_again(self):
        watcher = self.watcher()
        victim = self.victim(V5, expiry=1)
        victim.subscribe(self.name("own"), qos=1)
        victim.cut()
        self.assertEqual(watcher.message().payload, b"gone")
        publisher = self.client(V5)
        wait_until(
            "the end of the session",
            lambda: publisher.publish(self.name("own"), b"x", qos=1) == 0x10,
        )
        self.expect_none(watcher)

    @clause("MQTT5-3.1.2-10")
    def test_a_will_that_was_published_is_not_published_by_the_next_connection(self):
        watcher = self.watcher()
        self.victim(V5, expiry=100).cut()
        self.assertEqual(watcher.message().payload, b"gone")
        self.persistent(V5, "victim").cut()
        self.persistent(V5, "victim").disconnect()
        self.expect_none(watcher)


class AsPublished(WillCase):
    @clause("MQTT5-3.1.2-14", "MQTT3-3.1.2-16", "MQTT5-3.1.2-15", "MQTT3-3.1.2-17")
    @each_version
    def test_retain_and_qos_are_those_of_the_will(self, version):
        watcher = self.watcher(qos=2, **{"retain_as_published": True})
        for qos in (0, 1, 2):
            for retain in (False, True):
                with self.subTest(qos=qos, retain=retain):
                    payload = f"{qos} {retain}".encode()
                    will = self.will(payload, qos=qos, retain=retain)
                    self.victim(version, will=will).cut()
                    message = watcher.message()
                    seen = (message.payload, message.qos, message.retain)
                    self.assertEqual(seen, (payload, qos, retain))
        late = self.watcher(qos=2)
        self.assertEqual(late.message().payload, b"2 True")
        late.expect_nothing()
        self.client(version).publish(self.name("will"), b"", qos=1, retain=True)

    @clause("MQTT5-3.1.3-10")
    def test_properties_are_passed_on(self):
        properties = {
            "payload_format_indicator": 1,
            "message_expiry_interval": 50,
            "content_type": "text/plain",
            "response_topic": "answers/here",
            "correlation_data": b"\x00\x01",
            "user_property": [("b", "2"), ("a", "1"), ("b", "1")],
        }
        watcher = self.watcher()
        self.victim(V5, will=self.will(properties=properties)).cut()
        seen = watcher.message().properties
        self.assertIn(seen.pop("message_expiry_interval"), range(45, 51))
        properties.pop("message_expiry_interval")
        self.assertEqual(seen, properties)

    @each_version
    def test_it_waits_for_persistent_subscribers(self, version):
        subscriber = self.persistent(version, "subscriber")
        subscriber.subscribe(self.name("will"), qos=1)
        subscriber.disconnect()
        watcher = self.watcher()
        self.victim(version, will=self.will(qos=1)).cut()
        self.assertEqual(watcher.message().payload, b"gone")
        self.assertEqual(self.persistent(version, "subscriber").payloads(1), ["gone"])

    def test_no_local_holds_for_the_own_will(self):
        watcher = self.watcher()
        victim = self.victim(V5, expiry=100, will=self.will(qos=1))
        victim.subscribe(self.name("will"), qos=1, no_local=True)
        victim.cut()
        self.assertEqual(watcher.message().payload, b"gone")
        back = self.persistent(V5, "victim")
        self.assertTrue(back.connack.session_present)
        back.expect_nothing()

    @each_version
    def test_an_empty_will_is_a_message(self, version):
        watcher = self.watcher()
        self.victim(version, will=self.will(b"")).cut()
        self.expect_once(watcher, b"")

    def test_a_hundred_clients_lost_at_once_leave_a_hundred_wills(self):
        watcher = self.watcher(qos=1)
        victims = []
        for number in range(100):
            will = self.will(str(number).encode(), qos=1)
            version = (V5, V311)[number % 2]
            victims.append(self.victim(version, client_id=str(number), will=will))
        for victim in victims:
            victim.cut()
        self.assertEqual(sorted(watcher.payloads(100), key=int), [str(n) for n in range(100)])
        self.expect_none(watcher)


class Shutdown(unittest.TestCase):
    """A shutdown is no DISCONNECT of the client: who is still there may get others' wills."""

    def test_wills_are_published_exactly_once_or_not_at_all(self):
        with Hub() as hub:


            watcher = Client(hub.port, V5, "watcher").open()
            watcher.subscribe("will", qos=0)
            victim = Client(hub.port, V5, "victim", will=Will("will", b"gone")).open()
            hub.signal_stop()
            came = watcher.drain_until_closed()
            victim.drain_until_closed()
            wills = [each for each in came if each.kind == Kind.PUBLISH]
            self.assertLessEqual(len(wills), 1)
            self.assertEqual(came[-1].kind, Kind.DISCONNECT)
            watcher.close()
            victim.close()


if __name__ == "__main__":
    unittest.main()
