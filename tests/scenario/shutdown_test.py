"""The end of the server: no new connections, a word to 5.0 clients, all written, exit code 0."""

import signal
import socket
import time
import unittest

from support import packets
from support.clauses import clause
from support.hub import Hub, start_hub
from support.packets import V5, V31, V311, Kind
from support.wire import Client

IDLE_STOP_SECONDS = 5.0  # generous for a sanitizer build; the grace itself is set to one second


class Shutdown(unittest.TestCase):
    config = {"server": {"shutdown_grace": "1s"}}

    def open(self, hub, version, client_id, **options):
        client = Client(hub.port, version, client_id, **options)
        self.addCleanup(client.close)
        return client.open()

    @clause("MQTT5-3.14.0-1", "MQTT5-3.14.2-2")
    def test_clients_of_5_0_are_told_and_others_closed(self):
        with Hub(config=self.config) as hub:
            clients = [
                self.open(hub, version, f"{version.name}-{number}")
                for number in range(10)
                for version in (V31, V311, V5)
            ]
            hub.signal_stop()
            for client in clients:
                client.expect_disconnect(0x8B)

    def test_it_ends_quickly_when_nobody_is_there(self):
        hub = start_hub(self, config=self.config)
        started = time.monotonic()
        hub.stop()
        self.assertLess(time.monotonic() - started, IDLE_STOP_SECONDS)

    def test_sigint_is_as_good(self):
        hub = start_hub(self, config=self.config)
        client = self.open(hub, V5, "client")
        hub.process.send_signal(signal.SIGINT)
        client.expect_disconnect(0x8B)
        hub.check_end()

    def test_no_connection_is_accepted_afterwards(self):
        hub = start_hub(self, config=self.config)
        client = self.open(hub, V5, "client")
        hub.signal_stop()
        client.expect_disconnect(0x8B)
        hub.check_end()
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", hub.port), timeout=5)

    def test_a_connection_without_connect_does_not_hold_it_up(self):
        with Hub(config=self.config) as hub:
            silent = Client(hub.port, V5)
            self.addCleanup(silent.close)
            client = self.open(hub, V5, "client")
            hub.signal_stop()
            silent.expect_closed()
            client.expect_disconnect(0x8B)

    def test_connections_that_are_ending_already_do_not_hold_it_up(self):
        """Told to go and staying all the same: refused, taken over, at fault."""
        hub = start_hub(self, config={"server": {"shutdown_grace": "1h"}})
        taken_over = self.open(hub, V5, "client")
        at_fault = self.open(hub, V5, "at fault")
        at_fault.send(b"\x00\x00")
        at_fault.expect(Kind.DISCONNECT, reason=0x81)
        client = self.open(hub, V5, "client")
        taken_over.expect(Kind.DISCONNECT, reason=0x8E)
        hub.signal_stop()
        client.expect(Kind.DISCONNECT, reason=0x8B)
        client.close()
        started = time.monotonic()
        hub.check_end()
        self.assertLess(time.monotonic() - started, IDLE_STOP_SECONDS)

    def test_what_is_on_its_way_is_written_before_the_end(self):
        with Hub(config={"server": {"shutdown_grace": "10s"}}) as hub:
            subscribers, publisher = [], self.open(hub, V5, "publisher")
            for version in (V311, V5):
                subscriber = self.open(hub, version, version.name, receive_buffer=4096)
                subscriber.subscribe(version.name, qos=0)
                for _ in range(20):
                    publisher.send(packets.publish(V5, version.name, b"x" * 10_000))
                publisher.ping()
                subscribers.append(subscriber)
            hub.signal_stop()
            publisher.expect_disconnect(0x8B)
            for subscriber in subscribers:
                came = [packet.kind for packet in subscriber.drain_until_closed()]
                goodbye = [Kind.DISCONNECT] if subscriber.version == V5 else []
                self.assertEqual(came, [Kind.PUBLISH] * 20 + goodbye)

    def test_a_client_that_does_not_read_is_not_waited_for_longer_than_the_grace(self):
        hub = start_hub(self, config=self.config)
        subscriber = self.open(hub, V5, "stuck", receive_buffer=4096)
        subscriber.subscribe("t", qos=0)
        publisher = self.open(hub, V5, "publisher")
        for _ in range(1000):
            publisher.send(packets.publish(V5, "t", b"x" * 10_000))
        publisher.ping()
        started = time.monotonic()
        hub.stop()
        elapsed = time.monotonic() - started
        self.assertGreaterEqual(elapsed, 0.9, "nobody was given the grace")
        self.assertLess(elapsed, 1.0 + IDLE_STOP_SECONDS)

    def test_a_second_signal_ends_it_at_once(self):
        hub = start_hub(self, config={"server": {"shutdown_grace": "1h"}})
        subscriber = self.open(hub, V5, "stuck", receive_buffer=4096)
        subscriber.subscribe("t", qos=0)
        publisher = self.open(hub, V5, "publisher")
        for _ in range(1000):
            publisher.send(packets.publish(V5, "t", b"x" * 10_000))
        publisher.ping()
        hub.signal_stop()
        publisher.expect_disconnect(0x8B)
        hub.signal_stop()
        self.assertEqual(hub.process.wait(IDLE_STOP_SECONDS), 7)
        hub.clean()

    def test_sighup_without_files_to_read_changes_nothing(self):
        with Hub(config=self.config) as hub:
            client = self.open(hub, V5, "client")
            hub.process.send_signal(signal.SIGHUP)
            hub.wait_for_log("reloaded")
            client.expect_nothing()


if __name__ == "__main__":
    unittest.main()
