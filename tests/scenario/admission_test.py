"""Limits before a client has proved anything, and how many may come in."""

import time
import unittest

from support import packets
from support.clauses import clause
from support.hub import HubTestCase, each_version, start_hub
from support.packets import V5, V311, Kind
from support.wire import Client, Closed, Missing, wait_until


class Deadline(HubTestCase):
    config = {"limits": {"connect_deadline": "1s", "first_packet_bytes_max": "1KiB"}}

    def expect_closed_after_a_second(self, client, started):
        client.expect_closed()
        elapsed = time.monotonic() - started
        self.assertGreaterEqual(elapsed, 0.95)
        self.assertLess(elapsed, 4.0)

    def test_a_silent_connection_is_closed(self):
        connected = self.client(V5)
        started = time.monotonic()
        silent = self.dial(V5)
        self.expect_closed_after_a_second(silent, started)
        connected.expect_nothing()

    @each_version
    def test_half_a_connect_is_no_connect(self, version):
        started = time.monotonic()
        half = self.dial(version)
        half.send(packets.connect(version, self.name("half"))[:-1])
        self.expect_closed_after_a_second(half, started)

    @each_version
    def test_a_connect_that_trickles_in_has_the_same_deadline(self, version):
        started = time.monotonic()
        trickling = self.dial(version)
        for byte in packets.connect(version, "x" * 500):
            try:
                trickling.send(bytes([byte]))
                trickling.fill(time.monotonic() + 0.1)
            except Missing:
                continue  # nothing came for a tenth of a second: one more byte
            except (Closed, BrokenPipeError, ConnectionResetError):
                break
        else:
            self.fail("the whole CONNECT was waited for")
        self.assertLess(time.monotonic() - started, 5.0)

    @each_version
    def test_a_first_packet_too_large_is_closed_at_once(self, version):
        started = time.monotonic()
        large = self.dial(version)
        large.send(packets.connect(version, "x" * 2000)[:3])
        large.expect_closed()
        self.assertLess(time.monotonic() - started, 0.95)

    @each_version
    def test_a_first_packet_of_the_largest_size_is_welcome(self, version):
        empty = len(packets.connect(version, "x" * 200)) - 200
        client = self.dial(version, "x" * (1024 - empty)).open()
        self.assertEqual(len(packets.connect(version, client.client_id)), 1024)
        too_long = self.dial(version)
        too_long.send(packets.connect(version, "x" * (1025 - empty)))
        too_long.expect_closed()

    def test_other_limits_hold_after_the_first_packet(self):
        client = self.client(V5)
        client.publish(self.name("t"), b"x" * 100_000, qos=1)


class Connections(unittest.TestCase):
    def open_all(self, hub, count, version=V5, client_id="flood"):
        """So many connections, each with the CONNACK it got, or None if it was just closed."""
        clients = []
        for number in range(count):
            client = Client(hub.port, version, f"{client_id}-{number}")
            self.addCleanup(client.close)
            clients.append(client)
        for client in clients:
            try:
                client.open_any()
            except (Closed, BrokenPipeError, ConnectionResetError):
                client.connack = None
        return clients

    def outcomes(self, clients):
        return [client.connack.reason if client.connack else None for client in clients]

    def sort(self, clients, accepted, refused, reason):
        """Which were accepted and which refused; with several threads that is not their order."""
        outcomes = self.outcomes(clients)
        self.assertCountEqual(outcomes, [0] * accepted + [reason] * refused)
        inside = [client for client in clients if client.connack.reason == 0]
        outside = [client for client in clients if client.connack.reason != 0]
        for client in outside:
            self.assertFalse(client.connack.session_present)
            client.expect_closed()
            client.close()
        return inside

    @clause("MQTT5-3.2.2-6", "MQTT3-3.2.2-4", "MQTT5-3.1.4-2", "MQTT5-3.2.2-7", "MQTT3-3.2.2-5")
    def test_more_than_connections_max_are_refused_with_a_reason(self):
        for version, reason in [(V5, 0x89), (V311, 3)]:
            with self.subTest(version.name):
                hub = start_hub(self, config={"limits": {"connections_max": 5}})
                inside = self.sort(self.open_all(hub, 8, version), 5, 3, reason)
                inside.pop().disconnect()
                again = self.when_accepted(hub, version)
                again.publish("t", b"x", qos=1)
                for client in inside:
                    client.expect_nothing()

    def when_accepted(self, hub, version):
        """A connection as soon as there is room again."""

        def attempt():
            client = self.open_all(hub, 1, version, "late")[0]
            if client.connack and client.connack.reason == 0:
                return client
            client.close()
            return None

        return wait_until("room for a connection", attempt)

    def test_more_than_allowed_from_one_address_are_refused(self):
        hub = start_hub(self, config={"limits": {"connections_per_address_max": 3}})
        inside = self.sort(self.open_all(hub, 5), 3, 2, 0x89)
        inside[0].cut()
        self.when_accepted(hub, V5)

    def test_more_than_sessions_max_are_refused(self):
        hub = start_hub(self, config={"limits": {"sessions_max": 3}})
        inside = self.sort(self.open_all(hub, 4), 3, 1, 0x97)
        # Whoever has a session may take it over.
        Client(hub.port, V5, inside[0].client_id).open().close()

    def test_a_flood_near_the_descriptor_limit_is_refused_cleanly(self):
        # All connections are there before the first CONNECT, which a busy machine sends late.
        hub = start_hub(self, descriptors=400, config={"limits": {"connect_deadline": "60s"}})
        first = Client(hub.port, V311, "first").open()
        self.addCleanup(first.close)
        clients = self.open_all(hub, 500)
        outcomes = self.outcomes(clients)
        accepted = outcomes.count(0)
        self.assertGreater(accepted, 100)
        self.assertLess(accepted, 400)
        self.assertLessEqual(set(outcomes), {0, 0x89, None})
        self.assertGreater(outcomes.count(0x89), 0, "nobody was told why")
        # Those who are in are served.
        inside = [client for client in clients if client.connack and not client.connack.reason]
        inside[-1].subscribe("t", qos=1)
        first.publish("t", b"still here", qos=1)
        self.assertEqual(inside[-1].payloads(1), ["still here"])
        for client in clients:
            client.close()
        self.when_accepted(hub, V5)

    def test_connections_come_and_go_without_leaving_descriptors(self):
        hub = start_hub(self)
        keeper = Client(hub.port, V5, "keeper").open()
        before = hub.open_descriptors()
        for _ in range(5):
            for client in self.open_all(hub, 100):
                client.cut()
        wait_until("closed descriptors", lambda: hub.open_descriptors() <= before)
        keeper.expect_nothing()
        keeper.close()


class Packets(HubTestCase):
    """What may follow CONNECT without waiting for its answer."""

    @clause("MQTT5-3.2.0-1", "MQTT3-3.2.0-1", "MQTT5-3.2.0-2", "MQTT5-3.1.4-5", "MQTT3-3.1.4-4")
    @each_version
    def test_packets_sent_with_connect_are_handled_after_it(self, version):
        client = self.dial(version, self.name("eager"))
        client.send(
            packets.connect(version, client.client_id)
            + packets.subscribe(version, 1, [(self.name("t"), 1)])
            + packets.publish(version, self.name("t"), b"x", qos=1, packet_id=2)
            + packets.pingreq()
        )
        came = [client.expect(Kind.CONNACK).kind] + [client.receive().kind for _ in range(4)]
        expected = [Kind.CONNACK, Kind.SUBACK, Kind.PUBLISH, Kind.PUBACK, Kind.PINGRESP]
        self.assertCountEqual(came, expected)
        self.assertEqual(came[0], Kind.CONNACK)

    @clause("MQTT5-3.1.4-6", "MQTT3-3.1.4-5")
    @each_version
    def test_nothing_is_done_after_a_connect_that_was_rejected(self, version):
        watcher = self.client(version)
        watcher.subscribe(self.name("t"))
        rejected = self.dial(version)
        rejected.send(
            packets.connect(version, self.name("x"), connect_flags=3)
            + packets.publish(version, self.name("t"), b"x")
        )
        rejected.drain_until_closed()
        watcher.expect_nothing()

    @each_version
    def test_packets_may_come_byte_by_byte(self, version):
        client = self.dial(version, self.name("slow"))
        data = packets.connect(version, client.client_id) + packets.subscribe(
            version, 1, [(self.name("t"), 0)]
        )
        data += packets.publish(version, self.name("t"), b"x" * 300) + packets.pingreq()
        for byte in data:
            client.send(bytes([byte]))
        kinds = [client.receive().kind for _ in range(4)]
        self.assertEqual(kinds, [Kind.CONNACK, Kind.SUBACK, Kind.PUBLISH, Kind.PINGRESP])


if __name__ == "__main__":
    unittest.main()
