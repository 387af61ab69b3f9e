"""Queues of sessions have bounds and a policy; slow readers cost bounded memory and harm nobody."""

import time
import unittest

from support import packets
from support.clauses import clause
from support.hub import HubTestCase, each_version
from support.packets import V5, V311, Kind
from support.wire import Missing, wait_until

COUNT = 5


class PolicyCase(HubTestCase):
    policy = None
    queue = {"queue_messages_max": COUNT}

    def __init_subclass__(cls):
        super().__init_subclass__()
        sys_topics = {"interval": "1s"}
        limits = {**cls.queue, "queue_policy": cls.policy}
        cls.config = {"limits": limits, "sys_topics": sys_topics}

    def absent(self, version, client_id="absent"):
        subscriber = self.persistent(version, client_id)
        subscriber.subscribe(self.name("t"), qos=1)
        subscriber.disconnect()

    def publish(self, version, count, qos=1, payload=b""):
        """The reasons with which each of so many messages was acknowledged."""
        publisher = self.client(version)
        return [
            publisher.publish(self.name("t"), str(number).encode() + payload, qos=qos)
            for number in range(count)
        ]

    def waiting(self, version, client_id="absent"):
        subscriber = self.persistent(version, client_id)
        came = []
        for packet in subscriber.ping():
            came.append(packet.payload.decode())
            subscriber.settle(packet)
        subscriber.disconnect()
        return came

    def dropped(self, reason):
        """The number of messages dropped for this reason, as $SYS tells."""
        watcher = self.client(V5)
        watcher.subscribe("$SYS/broker/dropped/" + reason)
        count = int(watcher.message().payload)
        watcher.close()
        return count


class Reject(PolicyCase):
    policy = "reject"

    def test_a_publisher_of_5_0_is_told_0x97(self):
        for version in (V5, V311):
            for qos in (1, 2):
                client_id = f"{version.name}-{qos}"
                with self.subTest(client_id):
                    self.absent(version, client_id)
                    self.assertEqual(self.publish(V5, COUNT + 2, qos), [0] * COUNT + [0x97] * 2)
                    expected = [str(number) for number in range(COUNT)]
                    self.assertEqual(self.waiting(version, client_id), expected)
                    self.client(version, client_id, clean_start=True).disconnect()

    def test_a_publisher_of_3_1_1_cannot_be_told_and_the_drop_is_counted(self):
        before = self.dropped("queue_full_messages")
        self.absent(V5)
        self.assertEqual(self.publish(V311, COUNT + 3), [0] * (COUNT + 3))
        self.assertEqual(self.waiting(V5), [str(number) for number in range(COUNT)])
        wait_until("the drops", lambda: self.dropped("queue_full_messages") == before + 3)

    @each_version
    def test_room_that_was_made_is_used(self, version):
        self.absent(version)
        self.publish(version, COUNT + 1)
        self.assertEqual(len(self.waiting(version)), COUNT)
        self.assertEqual(self.publish(V5, COUNT), [0] * COUNT)
        self.assertEqual(len(self.waiting(version)), COUNT)

    @each_version
    def test_others_get_what_one_refuses(self, version):
        self.absent(version)
        present = self.client(version)
        present.subscribe(self.name("t"), qos=1)
        self.publish(version, 2 * COUNT)
        self.assertEqual(present.payloads(2 * COUNT), [str(n) for n in range(2 * COUNT)])

    @clause("MQTT5-3.3.4-10", "MQTT5-4.9.0-3")
    @each_version
    def test_control_packets_pass_a_full_queue(self, version):
        options = {"properties": {"receive_maximum": 1}} if version == V5 else {}
        client = self.persistent(version, "full", **options)
        client.subscribe(self.name("t"), qos=2)
        in_flight = 1 if version == V5 else 1024
        self.publish(version, in_flight + 2 * COUNT)
        self.assertEqual(len(client.ping()), in_flight)
        self.assertEqual(client.subscribe(self.name("other")), [0])
        reasons = client.unsubscribe([self.name("other"), self.name("t")])
        self.assertEqual(reasons, [0, 0] if version == V5 else [])
        reason = client.publish(self.name("elsewhere"), b"x", qos=2)
        self.assertEqual(reason, 0x10 if version == V5 else 0)


class DropOldest(PolicyCase):
    policy = "drop_oldest"

    @each_version
    def test_the_newest_stay(self, version):
        before = self.dropped("queue_full_messages")
        self.absent(version)
        self.assertEqual(self.publish(version, COUNT + 4), [0] * (COUNT + 4))
        self.assertEqual(self.waiting(version), [str(number) for number in range(4, COUNT + 4)])
        wait_until("the drops", lambda: self.dropped("queue_full_messages") == before + 4)


class DropNewest(PolicyCase):
    policy = "drop_newest"

    @each_version
    def test_the_oldest_stay(self, version):
        before = self.dropped("queue_full_messages")
        self.absent(version)
        self.assertEqual(self.publish(version, COUNT + 4), [0] * (COUNT + 4))
        self.assertEqual(self.waiting(version), [str(number) for number in range(COUNT)])
        wait_until("the drops", lambda: self.dropped("queue_full_messages") == before + 4)


class Bytes(PolicyCase):
    policy = "reject"
    queue = {"queue_bytes_max": "8KiB"}

    @each_version
    def test_bytes_are_bounded_too(self, version):
        self.absent(version)
        reasons = self.publish(V5, 10, payload=b"." * 1000)
        fitted = reasons.index(0x97)
        self.assertIn(fitted, (6, 7))
        self.assertEqual(reasons, [0] * fitted + [0x97] * (10 - fitted))
        self.assertEqual(len(self.waiting(version)), fitted)
        wait_until("the drops", lambda: self.dropped("queue_full_bytes") >= 10 - fitted)


class Age(PolicyCase):
    policy = "reject"
    queue = {"queue_age_max": "1s"}

    @each_version
    def test_what_waited_too_long_is_dropped(self, version):
        before = self.dropped("queue_age")
        self.absent(version)
        self.publish(version, 3)
        wait_until("the drops", lambda: self.dropped("queue_age") == before + 3)
        self.assertEqual(self.waiting(version), [])


class SlowReader(HubTestCase):
    BOUND = 1024 * 1024
    PAYLOAD = b"x" * 8000
    config = {
        "limits": {
            "queue_bytes_max": "1MiB",
            "outbound_buffer_bytes_max": "64KiB",
            "queue_policy": "drop_newest",
        },
        "sys_topics": {"interval": "1s"},
    }

    def flood(self, publisher, count):
        batch = 25 * packets.publish(publisher.version, self.name("t"), self.PAYLOAD)
        for _ in range(0, count, 25):
            publisher.send(batch)
        publisher.ping()

    def catch_up(self, slow, publisher):
        """What had been kept for a slow reader: reads until something new has room again."""
        came = []

        def is_live():
            publisher.publish(self.name("t"), b"now")
            came.extend(slow.ping())
            return came[-1].payload == b"now"

        wait_until("a live message", is_live)
        return [packet for packet in came if packet.payload != b"now"]

    @each_version
    def test_costs_bounded_memory_and_harms_nobody(self, version):
        publisher = self.client(version)
        slow = self.client(version, "slow", receive_buffer=4096)
        slow.subscribe(self.name("t"), qos=0)
        self.flood(publisher, 1000)  # 8 MB: every buffer and queue is full now
        full = self.hub.resident_bytes()
        fast = self.client(version, "fast")
        fast.subscribe(self.name("fast"), qos=1)
        for number in range(4):
            self.flood(publisher, 1000)
            publisher.publish(self.name("fast"), str(number), qos=1)
            self.assertEqual(fast.payloads(1), [str(number)])
        grown = self.hub.resident_bytes() - full
        self.assertLess(grown, 8 * self.BOUND, "32 MB were sent to a client that does not read")
        # What was kept for it comes, whole, and then the connection is as good as new.
        came = self.catch_up(slow, publisher)
        self.assertTrue(came)
        self.assertTrue(all(packet.payload == self.PAYLOAD for packet in came))
        self.assertLess(sum(packet.size for packet in came), 12 * self.BOUND)

    @clause("MQTT5-3.1.2-22", "MQTT3-3.1.2-24")
    @each_version
    def test_keeps_its_connection_as_long_as_it_keeps_the_keep_alive(self, version):
        publisher = self.client(version)
        slow = self.client(version, "slow", receive_buffer=4096, keep_alive=2)
        slow.subscribe(self.name("t"), qos=0)
        pings = 0
        for _ in range(10):  # in parts: each must be done within the keep alive on a busy machine too
            self.flood(publisher, 100)
            slow.send(packets.pingreq())
            pings += 1
        deadline = time.monotonic() + 4.0
        while time.monotonic() < deadline:
            slow.send(packets.pingreq())
            pings += 1
            with self.assertRaises(Missing):  # a third of a second in which nobody else comes
                publisher.receive(limit=0.3)
        kinds = []
        while kinds.count(Kind.PINGRESP) < pings:
            kinds.append(slow.receive().kind)
        self.assertLessEqual(set(kinds), {Kind.PUBLISH, Kind.PINGRESP})

    def test_what_it_missed_is_counted(self):
        slow = self.client(V5, "slow", receive_buffer=4096)
        slow.subscribe(self.name("t"), qos=0)
        publisher = self.client(V5)
        self.flood(publisher, 2000)
        came = len(self.catch_up(slow, publisher))
        self.assertLess(came, 2000)
        watcher = self.client(V5)
        watcher.subscribe("$SYS/broker/publish/messages/dropped")
        wait_until("the drops", lambda: int(watcher.message().payload) >= 2000 - came)


class WriteStall(HubTestCase):
    config = {"limits": {"write_stall_max": "1s", "outbound_buffer_bytes_max": "64KiB"}}

    def test_a_client_that_takes_nothing_is_closed(self):
        stuck = [self.client(version, receive_buffer=4096) for version in (V311, V5)]
        publisher = self.client(V5)
        for client in stuck:
            client.subscribe(self.name("t"))
        for _ in range(1000):
            publisher.send_publish(self.name("t"), b"x" * 10_000)
        publisher.ping()
        wait_until("both closed", lambda: self.hub.log_text().count("write_stalled") == 2)
        publisher.publish(self.name("t"), b"x")
        for client in stuck:
            kinds = {packet.kind for packet in client.drain_until_closed()}
            self.assertLessEqual(kinds, {Kind.PUBLISH, Kind.DISCONNECT})


if __name__ == "__main__":
    unittest.main()
