"""Everything at once: publishers, sessions that keep breaking, takeovers, and noise, from threads.

What must be true in the end is the promise of the protocol: QoS 1 at least once, QoS 2 exactly once,
each publisher's messages in order, whatever happened to the connection meanwhile. The seed is printed
with a failure; set HOLDFAST_SEED to repeat it (threads do not repeat exactly).
"""

import os
import random
import signal
import threading
import time
import unittest

from support import packets
from support.clauses import clause
from support.hub import HubTestCase, each_version
from support.packets import V5, V311, Kind, Will
from support.wire import Client, Closed

MESSAGES = 400  # of each publisher
PUBLISHERS = {"a": 1, "b": 2, "c": 1, "d": 2}  # name: QoS
BROKEN = (Closed, BrokenPipeError, ConnectionResetError)


class Subscriber:
    """A session of QoS 2 as a client keeps it: it knows what it has received across connections."""

    def __init__(self, port, version, client_id, topic, rng):
        self.port, self.version, self.client_id, self.rng = port, version, client_id, rng
        self.got = {name: [] for name in PUBLISHERS}
        self.unreleased = set()  # packet identifiers whose PUBREL has not come
        self.connection = self.connect()
        self.connection.subscribe(topic, qos=2)

    def connect(self):
        properties = {"session_expiry_interval": 300} if self.version == V5 else None
        options = {"clean_start": False, "properties": properties}
        return Client(self.port, self.version, self.client_id, **options).open()

    def is_done(self):
        return all(len(set(got)) == MESSAGES for got in self.got.values())

    def run(self, deadline):
        while not self.is_done() and time.monotonic() < deadline:
            for _ in range(self.rng.randrange(1, 200)):
                try:
                    self.on_packet(self.connection.receive(deadline - time.monotonic()))
                except BROKEN:
                    break
                if self.is_done():
                    return
            self.reconnect()

    def on_packet(self, packet):
        if packet.kind == Kind.PUBREL:
            self.unreleased.discard(packet.packet_id)
            self.connection.acknowledge(Kind.PUBCOMP, packet.packet_id)
            return
        if packet.qos == 2:
            if packet.packet_id not in self.unreleased:
                self.keep(packet)
            self.unreleased.add(packet.packet_id)
            self.connection.acknowledge(Kind.PUBREC, packet.packet_id)
        else:
            self.keep(packet)
            self.connection.acknowledge(Kind.PUBACK, packet.packet_id)

    def keep(self, packet):
        self.got[packet.topic.rsplit("/", 1)[1]].append(int(packet.payload))

    def reconnect(self):
        older = self.connection
        if self.rng.random() < 0.5:
            older.cut()
        self.connection = self.connect()
        older.close()


class Storm(HubTestCase):
    LIMIT = 60.0

    def setUp(self):
        self.seed = int(os.environ.get("HOLDFAST_SEED", "0")) or random.randrange(1, 2**31)
        self.failures, self.is_over = [], threading.Event()

    def thread(self, work, *arguments):
        def guarded():
            try:
                work(*arguments)
            except Exception as error:  # reported by the test's own thread
                self.failures.append(f"{work.__name__}{arguments[:1]}: {error!r}")

        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        return thread

    def join(self, threads):
        deadline = time.monotonic() + self.LIMIT + 10
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            self.assertFalse(thread.is_alive(), f"seed {self.seed}: a thread hangs")
        self.assertEqual(self.failures, [], f"seed {self.seed}")

    def publish_all(self, name, qos, version, topic):
        """With up to ten exchanges open at a time."""
        publisher = Client(self.hub.port, version, f"{topic}-{name}").open()
        acknowledgement = {1: Kind.PUBACK, 2: Kind.PUBREC}[qos]
        for first in range(0, MESSAGES, 10):
            for number in range(first, first + 10):
                publisher.send_publish(f"{topic}/{name}", str(number), qos=qos)
            for _ in range(10):
                packet = publisher.wait_for(acknowledgement)
                if qos == 2:
                    publisher.acknowledge(Kind.PUBREL, packet.packet_id)
                    publisher.wait_for(Kind.PUBCOMP)
        publisher.disconnect()

    def make_noise(self, number, topic):
        """Clients that come, subscribe, publish, retain and leave in every way, all the time."""
        rng = random.Random(self.seed + number)
        while not self.is_over.is_set():
            version = rng.choice((V311, V5))
            will = Will(f"{topic}-noise/will", b"gone", qos=rng.randrange(3))
            client_id = f"noise-{rng.randrange(6)}"  # they take each other over
            clean = rng.random() < 0.5
            client = Client(self.hub.port, version, client_id, clean_start=clean, will=will)
            try:
                client.open()
                self.noise_of(client, rng, topic)
            except BROKEN:
                pass
            client.close()

    def noise_of(self, client, rng, topic):
        noise = f"{topic}-noise"
        filters = [f"{noise}/#", f"$share/noise/{noise}/+", f"{topic}/+", "#", "$SYS/#"]
        for _ in range(rng.randrange(1, 15)):
            action = rng.randrange(5)
            if action == 0:
                client.send_subscribe(rng.choice(filters), qos=rng.randrange(3))
            elif action == 1:
                client.unsubscribe(rng.choice(filters))
            elif action == 2:
                retain = rng.random() < 0.5
                payload = rng.choice((b"", b"x" * 3000))
                name = f"{noise}/{rng.randrange(20)}"
                client.send_publish(name, payload, qos=1, retain=retain)
            else:
                for packet in client.ping()[:5]:
                    if packet.kind == Kind.PUBLISH and packet.qos == 1:
                        client.acknowledge(Kind.PUBACK, packet.packet_id)
        if rng.random() < 0.5:
            client.cut()

    @clause("MQTT5-4.6.0-5", "MQTT3-4.6.0-6", "MQTT5-4.4.0-1", "MQTT3-4.4.0-1", "MQTT5-4.3.3-10")
    @each_version
    def test_nothing_is_lost_doubled_or_out_of_order(self, version):
        topic = self.name("storm")
        rng = random.Random(self.seed)
        subscriber = Subscriber(self.hub.port, version, self.name("s"), topic + "/+", rng)
        noise = [self.thread(self.make_noise, number, topic) for number in range(4)]
        publishers = [
            self.thread(self.publish_all, name, qos, (V311, V5)[index % 2], topic)
            for index, (name, qos) in enumerate(PUBLISHERS.items())
        ]
        try:
            subscriber.run(time.monotonic() + self.LIMIT)
            self.join(publishers)
        finally:
            self.is_over.set()
        self.join(noise)
        subscriber.connection.close()
        for name, qos in PUBLISHERS.items():
            got = subscriber.got[name]
            if qos == 1:  # what came again is left out; the first of each must be in order
                got = list(dict.fromkeys(got))
            self.assertEqual(got, list(range(MESSAGES)), f"publisher {name}, seed {self.seed}")


class EveryoneLeavesAtOnce(HubTestCase):
    """The server stands still while they leave, so it finds them all in one turn of its loops."""

    LEAVERS = 150

    def leave(self, number, client, topic):
        if number % 3 == 2:
            client.cut()  # and what it might have sent with it
            return
        client.send_publish(f"{topic}/last", str(number), qos=1)
        if number % 3 == 0:
            client.send(packets.disconnect(client.version))
        client.close()

    @clause("MQTT5-3.1.2-8", "MQTT3-3.1.2-8", "MQTT5-3.14.4-3", "MQTT3-3.14.4-3")
    @each_version
    def test_what_they_sent_last_comes_and_then_the_wills_of_those_who_said_nothing(self, version):
        topic = self.name("leave")
        watcher = self.client(version, "watcher")
        watcher.subscribe(topic + "/+", qos=1)
        clients = [
            self.client(version, f"leaver-{number}", will=Will(f"{topic}/will", str(number).encode()))
            for number in range(self.LEAVERS)
        ]
        os.kill(self.hub.process.pid, signal.SIGSTOP)
        try:
            for number, client in enumerate(clients):
                self.leave(number, client, topic)
        finally:
            os.kill(self.hub.process.pid, signal.SIGCONT)
        expected = {"last": [], "will": []}
        for number in range(self.LEAVERS):
            if number % 3 != 2:
                expected["last"].append(number)
            if number % 3 != 0:
                expected["will"].append(number)
        got = {"last": [], "will": []}
        for _ in range(sum(map(len, expected.values()))):
            message = watcher.message()
            kind, number = message.topic.rsplit("/", 1)[1], int(message.payload)
            if kind == "will" and number % 3 == 1:
                self.assertIn(number, got["last"], "its will came before its last message")
            got[kind].append(number)
        self.assertEqual({kind: sorted(numbers) for kind, numbers in got.items()}, expected)
        watcher.expect_nothing()


if __name__ == "__main__":
    unittest.main()
