"""What keeps the server up: rates, bans, flapping client identifiers, overload, the memory budget."""

import json
import os
import re
import signal
import socket
import time
import unittest
import urllib.error
import urllib.request

from support import packets
from support.hub import HubTestCase, each_version, start_hub
from support.packets import V5, V311, Kind
from support.platform import Application
from support.wire import WAIT, Client, Closed, wait_until

BANNED, BAD_CREDENTIALS, QUOTA_EXCEEDED = 0x8A, 0x86, 0x97


def refusal(client):
    """The reason of its CONNACK; None if it was closed unanswered."""
    try:
        return client.open_any().reason
    except (Closed, BrokenPipeError, ConnectionResetError):
        return None


class Rates(HubTestCase):
    """A client that sends too fast is slowed down and loses nothing."""

    config = {
        "limits": {
            "messages_per_second_per_client_max": 50,
            "bytes_per_second_per_client_max": "128KiB",
        }
    }

    def listen(self, version, topic):
        reader = self.client(version)
        reader.subscribe(topic, qos=1)
        return reader

    def expect_all(self, reader, count):
        """That the payloads are 0 to count - 1, and how long the last one took to come."""
        started = time.monotonic()
        expected = [str(number) for number in range(count)]
        self.assertEqual([text.split("x")[0] for text in reader.payloads(count)], expected)
        return time.monotonic() - started

    def send_all(self, client, topic, count, qos=0, padding=0):
        data = b""
        for number in range(count):
            packet_id = number + 1 if qos else None
            payload = str(number).encode() + b"x" * padding
            data += packets.publish(client.version, topic, payload, qos=qos, packet_id=packet_id)
        client.send(data)

    @each_version
    def test_messages_above_the_rate_come_later_and_in_order(self, version):
        topic = self.name("t")
        reader = self.listen(version, topic)
        fast = self.client(version, "fast")
        self.send_all(fast, topic, 150)
        self.assertGreater(self.expect_all(reader, 150), 1.5)
        fast.ping()
        self.hub.wait_for_log("client_throttled")
        self.assertGreater(self.hub.metrics()["holdfast_reads_paused_message_rate_total"], 0)

    @each_version
    def test_each_acknowledgement_comes(self, version):
        fast = self.client(version, "fast")
        self.send_all(fast, self.name("t"), 120, qos=1)
        ids = [fast.expect(Kind.PUBACK).packet_id for _ in range(120)]
        self.assertEqual(ids, list(range(1, 121)))

    @each_version
    def test_what_was_sent_before_the_end_is_handled(self, version):
        topic = self.name("t")
        reader = self.listen(version, topic)
        fast = self.client(version, "fast", will=packets.Will(self.name("will"), b"w"))
        self.send_all(fast, topic, 120)
        fast.send(packets.disconnect(version))
        fast.socket.shutdown(socket.SHUT_WR)
        self.expect_all(reader, 120)

    def test_bytes_above_the_rate_come_later(self):
        topic = self.name("t")
        reader = self.listen(V5, topic)
        fast = self.client(V5, "large")
        self.send_all(fast, topic, 40, padding=10_000)
        self.assertGreater(self.expect_all(reader, 40), 1.0)
        self.assertGreater(self.hub.metrics()["holdfast_reads_paused_byte_rate_total"], 0)

    def test_others_are_not_slowed(self):
        fast = self.client(V5, "fast")
        self.send_all(fast, self.name("elsewhere"), 500)
        topic = self.name("t")
        reader = self.listen(V5, topic)
        slow = self.client(V5, "slow")
        started = time.monotonic()
        slow.publish(topic, b"0", qos=1)
        self.assertEqual(reader.payloads(1), ["0"])
        self.assertLess(time.monotonic() - started, 5.0)

    def test_a_takeover_does_not_wait(self):
        fast = self.client(V5, "same")
        self.send_all(fast, self.name("t"), 2_000)
        again = self.dial(V5, fast.client_id).open()
        again.ping()
        fast.drain_until_closed()


class Connections(unittest.TestCase):
    def dial(self, hub, number, source=None):
        client = Client(hub.port, V5, f"client-{number}", source=source)
        self.addCleanup(client.close)
        return client

    def test_too_many_from_one_address_are_closed_and_others_are_not(self):
        limits = {"connections_per_second_per_address_max": 5}
        hub = start_hub(self, config={"limits": limits})
        outcomes = [refusal(self.dial(hub, number, "127.0.0.2")) for number in range(20)]
        self.assertIn(None, outcomes)
        self.assertGreaterEqual(outcomes.count(0), 5)
        self.assertEqual(refusal(self.dial(hub, 100, "127.0.0.3")), 0)
        wait_until("room again", lambda: refusal(self.dial(hub, 101, "127.0.0.2")) == 0)
        reason = 'holdfast_connections_closed_by_reason_total{reason="connection_rate_exceeded"}'
        self.assertGreater(hub.metrics()[reason], 0)
        hub.wait_for_log("reason=connection_rate_exceeded")

    def test_too_many_in_all_wait_and_nobody_is_refused(self):
        hub = start_hub(self, config={"limits": {"connections_per_second_max": 20}})
        started = time.monotonic()
        clients = [self.dial(hub, number) for number in range(60)]
        for client in clients:
            client.send(packets.connect(V5, client.client_id))
        for client in clients:
            self.assertEqual(client.expect(Kind.CONNACK).reason, 0)
        self.assertGreater(time.monotonic() - started, 1.5)
        self.assertGreater(hub.metrics()["holdfast_accepts_paused_total"], 0)

    def test_a_server_stops_while_connections_wait(self):
        hub = start_hub(self, config={"limits": {"connections_per_second_max": 1}})
        for number in range(20):
            self.dial(hub, number)
        hub.signal_stop()
        hub.stop()


class Bans(unittest.TestCase):
    limits = {"login_failures_max": 3, "login_failures_per_address_max": 8, "ban_loopback": True}

    def start(self, **limits):
        hub = start_hub(self, config={"limits": {**self.limits, **limits}})
        application = Application(hub)
        return hub, application

    def log_in(self, hub, device, password=None, version=V5, source=None):
        """The reason of the CONNACK."""
        options = device.connect_options(version)
        if password is not None:
            options["password"] = password
        client = Client(hub.port, version, device.client_id, source=source, **options)
        self.addCleanup(client.close)
        return refusal(client)

    def ask(self, hub, method, path, token=None):
        """(status, JSON of the answer or None)"""
        headers = {"X-Auth-Token": hub.ready["token"] if token is None else token}
        url = f"http://127.0.0.1:{hub.http_port}{path}"
        request = urllib.request.Request(url, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=WAIT) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None

    def test_a_name_that_guesses_is_banned_listed_and_lifted(self):
        hub, application = self.start()
        victim, neighbour = application.register("pump-7"), application.register("pump-8")
        inside = Client(hub.port, V5, "inside").open()
        self.addCleanup(inside.close)
        for _ in range(3):
            self.assertEqual(self.log_in(hub, victim, "wrong"), BAD_CREDENTIALS)
        # Not even with the right one now; others behind the address are let in, and whoever is in stays.
        self.assertEqual(self.log_in(hub, victim), BANNED)
        self.assertEqual(self.log_in(hub, victim, version=V311), 5)
        self.assertEqual(self.log_in(hub, neighbour), 0)
        self.assertEqual(self.log_in(hub, victim, source="127.0.0.9"), 0)
        inside.ping()
        hub.wait_for_log("ban_begun")
        hub.wait_for_log("reason=banned")
        status, listed = self.ask(hub, "GET", "/admin/bans")
        self.assertEqual((status, len(listed["bans"])), (200, 1))
        ban = listed["bans"][0]
        self.assertEqual((ban["address"], ban["name"]), ("127.0.0.1", "pump-7"))
        self.assertEqual((ban["failures"], ban["times_banned"]), (3, 1))
        self.assertEqual(hub.metrics()["holdfast_bans"], 1)
        self.assertEqual(self.ask(hub, "GET", "/admin/bans", token="none")[0], 401)
        self.assertEqual(self.ask(hub, "DELETE", f"/admin/bans/{ban['ban_id']}")[0], 204)
        self.assertEqual(self.ask(hub, "DELETE", f"/admin/bans/{ban['ban_id']}")[0], 404)
        self.assertEqual(self.log_in(hub, victim), 0)
        hub.wait_for_log("ban_lifted")

    def test_an_address_that_guesses_many_names_is_banned_as_a_whole(self):
        hub, application = self.start()
        devices = [application.register(f"pump-{number}") for number in range(8)]
        for device in devices:
            self.assertEqual(self.log_in(hub, device, "wrong"), BAD_CREDENTIALS)
        stranger = Client(hub.port, V5, "stranger")
        self.addCleanup(stranger.close)
        self.assertEqual(stranger.open_any().reason, BANNED)
        self.assertIn("banned", stranger.connack.properties["reason_string"])
        self.assertEqual(self.log_in(hub, devices[0], source="127.0.0.9"), 0)
        answer = self.ask(hub, "DELETE", "/admin/bans?address=127.0.0.1")
        self.assertEqual(answer, (200, {"lifted": 1}))
        self.assertEqual(self.log_in(hub, devices[0]), 0)

    def test_passwords_that_come_all_at_once_are_not_all_looked_at(self):
        hub, application = self.start()
        device = application.register("pump-7")
        options = {**device.connect_options(V5), "password": "wrong"}
        clients = [Client(hub.port, V5, device.client_id, **options) for _ in range(40)]
        for client in clients:
            self.addCleanup(client.close)
            client.send(packets.connect(V5, client.client_id, **options))
        reasons = [client.expect(Kind.CONNACK).reason for client in clients]
        self.assertEqual(reasons.count(BAD_CREDENTIALS), 3)
        self.assertEqual(reasons.count(BANNED), 37)
        self.assertEqual(hub.metrics()["holdfast_logins_failed_total"], 3)

    def test_a_ban_ends(self):
        hub, application = self.start(ban_time="1s")
        device = application.register("pump-7")
        for _ in range(3):
            self.log_in(hub, device, "wrong")
        self.assertEqual(self.log_in(hub, device), BANNED)
        wait_until("the ban to end", lambda: self.log_in(hub, device) == 0)

    def test_this_machine_is_not_banned_unless_the_file_says_so(self):
        hub, application = self.start(ban_loopback=False)
        device = application.register("pump-7")
        for _ in range(20):
            self.assertEqual(self.log_in(hub, device, "wrong"), BAD_CREDENTIALS)
        self.assertEqual(self.log_in(hub, device), 0)


class Flapping(HubTestCase):
    @each_version
    def test_an_identifier_that_is_used_twice_is_announced_with_both_addresses(self, version):
        client_id = self.name("twin")
        ports = []
        for _ in range(8):
            client = self.dial(version, client_id).open()
            ports.append(client.socket.getsockname()[1])
        self.hub.wait_for_log(f'client_id_flapping client_id="{client_id}"')
        line = next(
            line
            for line in self.hub.log_text().splitlines()
            if "client_id_flapping" in line and client_id in line
        )
        named = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", line.split("detail=")[1])]
        self.assertEqual(len(named), 2)
        self.assertEqual(named, ports[ports.index(named[0]) : ports.index(named[1]) + 1])

    def test_one_that_comes_back_now_and_then_is_not(self):
        client_id = self.name("restless")
        for _ in range(4):
            self.dial(V5, client_id).open()
        self.assertNotIn(f'client_id_flapping client_id="{client_id}"', self.hub.log_text())


class Overload(unittest.TestCase):
    def test_a_server_that_lags_says_so_and_recovers(self):
        hub = start_hub(self, config={"limits": {"loop_lag_max": "50ms"}})
        client = Client(hub.port, V5, "inside").open()
        self.addCleanup(client.close)
        os.kill(hub.process.pid, signal.SIGSTOP)
        time.sleep(1.0)
        os.kill(hub.process.pid, signal.SIGCONT)
        hub.wait_for_log("server_overloaded")
        client.ping()
        hub.wait_for_log("server_recovered")
        wait_until(
            "every thread to recover",
            lambda: hub.metrics()["holdfast_overloaded_threads"] == 0,
        )
        Client(hub.port, V5, "late").open().close()


class Memory(unittest.TestCase):
    def test_without_memory_nothing_new_is_taken_until_there_is_some(self):
        usual = start_hub(self).resident_bytes()
        limit = f"{usual + 64 * 1024 * 1024}B"
        limits = {"memory_max": limit, "packet_bytes_max": "2MiB"}
        hub = start_hub(self, config={"limits": limits})
        client = Client(hub.port, V5, "filler").open()
        self.addCleanup(client.close)
        payload, kept = b"x" * 1_000_000, 0
        while client.publish(f"t/{kept}", payload, qos=1, retain=True) != QUOTA_EXCEEDED:
            kept += 1
            self.assertLess(kept, 400)
        self.assertGreater(kept, 8)  # a sanitizer takes some memory for each byte
        hub.wait_for_log("memory_exhausted")
        refused = Client(hub.port, V5, "late")
        self.addCleanup(refused.close)
        self.assertEqual(refused.open_any().reason, QUOTA_EXCEEDED)
        self.assertIn("memory_exhausted", refused.connack.properties["reason_string"])
        older = Client(hub.port, V311, "older")
        self.addCleanup(older.close)
        self.assertEqual(older.open_any().reason, 3)
        metrics = hub.metrics()
        self.assertEqual(metrics["holdfast_memory_exhausted"], 1)
        self.assertGreater(metrics["holdfast_publish_refused_memory_exhausted_total"], 0)
        device = Application(hub).register("pump-7")
        self.assertEqual(device.try_post("hello")[0], 429)
        # Whoever is in is served, and can make room.
        client.ping()
        for number in range(kept):
            client.publish(f"t/{number}", b"", qos=1, retain=True)
        hub.wait_for_log("memory_recovered")
        client.publish("t", b"x", qos=1)
        Client(hub.port, V5, "again").open().close()


if __name__ == "__main__":
    unittest.main()
