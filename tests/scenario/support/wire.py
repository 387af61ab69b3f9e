"""A raw MQTT client for what real clients cannot do: exact bytes out, strictly decoded packets in.

It reads in the caller's thread, when asked, and every wait has a limit. "Nothing arrives" is never
a pause: `ping()` returns what the server sent before its PINGRESP, and by then everything that was
published and acknowledged earlier has been sent, unless its amount fills the server's buffers.
"""

import collections
import os
import select
import socket
import struct
import time

from support import packets, transports
from support.packets import V5, Kind

# Seconds after which an event that should have come counts as missing.
WAIT = float(os.environ.get("HOLDFAST_WAIT_SECONDS", "20"))


class Closed(AssertionError):
    """The server closed the connection while something else was expected."""


class Missing(AssertionError):
    """What was waited for did not come in time."""


class Client:
    def __init__(
        self,
        port,
        version,
        client_id="",
        receive_buffer=None,
        source=None,
        through=None,
        **connect_options,
    ):
        """`through`: a connected socket, or what looks like one; else the scenario's transport.
        `source`: the address it comes from."""
        self.version, self.client_id = version, client_id
        self.connect_options = connect_options
        self.socket = through or transports.through(
            transports.TRANSPORT,
            transports.tcp(port, receive_buffer, WAIT, source),
            os.environ.get("HOLDFAST_BIN"),
        )
        self.received = bytearray()
        self.passed_over = collections.deque()  # packets that came while another was waited for
        self.next_packet_id = 0
        self.connack = None

    # Sending

    def send(self, data):
        self.socket.settimeout(WAIT)
        self.socket.sendall(data)

    def try_send(self, data):
        """As send(); the server may have closed by now, which is no failure."""
        try:
            self.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def new_packet_id(self):
        self.next_packet_id = self.next_packet_id % 65535 + 1
        return self.next_packet_id

    # Receiving

    def wait_for_anything(self):
        """Until the server has sent something; it stays unread."""
        if not select.select([self.socket], [], [], WAIT)[0]:
            raise Missing(f"{self.client_id}: nothing came in time")

    def receive(self, limit=WAIT):
        """The next packet; raises Closed or Missing."""
        if self.passed_over:
            return self.passed_over.popleft()
        return self.receive_from_socket(time.monotonic() + limit)

    def receive_from_socket(self, deadline):
        while True:
            packet = self.take_packet()
            if packet is not None:
                return packet
            self.fill(deadline)

    def take_packet(self):
        length, multiplier = 0, 1
        for size in range(1, 5):
            if size >= len(self.received):
                return None
            digit = self.received[size]
            length += (digit & 0x7F) * multiplier
            multiplier *= 128
            if not digit & 0x80:
                break
        else:
            raise packets.Malformed("Remaining Length is longer than four bytes")
        start, end = size + 1, size + 1 + length
        if len(self.received) < end:
            return None
        first, body = self.received[0], bytes(self.received[start:end])
        del self.received[:end]
        return packets.decode(self.version, first, body)

    def fill(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise Missing(f"{self.client_id}: nothing came in time")
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(256 * 1024)
        except TimeoutError:
            raise Missing(f"{self.client_id}: nothing came in time") from None
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed(f"{self.client_id}: the server closed the connection")
        self.received += data

    def expect(self, kind, limit=WAIT, **fields):
        """The very next packet must be of this kind, with these fields."""
        packet = self.receive(limit)
        for name, value in [("kind", kind), *fields.items()]:
            if getattr(packet, name, None) != value:
                raise AssertionError(f"expected {kind.name}{fields}, got {packet}")
        return packet

    def wait_for(self, kind, limit=WAIT):
        """The next packet of this kind; others stay, in order, for later receive()s."""
        for packet in self.passed_over:
            if packet.kind == kind:
                self.passed_over.remove(packet)
                return packet
        deadline = time.monotonic() + limit
        while True:
            packet = self.receive_from_socket(deadline)
            if packet.kind == kind:
                return packet
            self.passed_over.append(packet)

    def expect_closed(self, limit=WAIT):
        """Nothing more comes, and the server closes; then this side closes too."""
        try:
            packet = self.receive(limit)
        except Closed:
            self.socket.close()
            return
        raise AssertionError(f"expected the connection to be closed, got {packet}")

    def expect_disconnect(self, reason, limit=WAIT):
        """The server ends the connection: DISCONNECT with the reason in 5.0, only a close before.
        `reason` may be a set of reasons that will do."""
        if self.version == V5:
            reasons = reason if isinstance(reason, set) else {reason}
            packet = self.expect(Kind.DISCONNECT, limit)
            if packet.reason not in reasons:
                raise AssertionError(f"expected a reason of {reasons}, got {packet}")
        self.expect_closed(limit)

    # Whole exchanges

    def open(self):
        """CONNECT and its CONNACK, which must be a success."""
        connack = self.open_any()
        if connack.reason != 0:
            raise AssertionError(f"{self.client_id}: refused with {connack}")
        return self

    def open_any(self):
        self.send(packets.connect(self.version, self.client_id, **self.connect_options))
        self.connack = self.expect(Kind.CONNACK)
        return self.connack

    def send_subscribe(self, filters, qos=0, properties=None, **options):
        filters = [filters] if isinstance(filters, str) else filters
        bits = packets.subscription_options(qos, **options)
        pairs = [each if isinstance(each, tuple) else (each, bits) for each in filters]
        packet_id = self.new_packet_id()
        self.send(packets.subscribe(self.version, packet_id, pairs, properties))
        return packet_id

    def subscribe(self, filters, qos=0, properties=None, **options):
        """Returns the reasons of the SUBACK. Packets that come before it stay for later."""
        packet_id = self.send_subscribe(filters, qos, properties, **options)
        suback = self.wait_for(Kind.SUBACK)
        if suback.packet_id != packet_id:
            raise AssertionError(f"expected a SUBACK of {packet_id}, got {suback}")
        return suback.reasons

    def unsubscribe(self, filters, properties=None):
        filters = [filters] if isinstance(filters, str) else filters
        packet_id = self.new_packet_id()
        self.send(packets.unsubscribe(self.version, packet_id, filters, properties))
        unsuback = self.wait_for(Kind.UNSUBACK)
        if unsuback.packet_id != packet_id:
            raise AssertionError(f"expected an UNSUBACK of {packet_id}, got {unsuback}")
        return unsuback.reasons

    def send_publish(self, topic, payload=b"", qos=0, packet_id=None, **options):
        if qos and packet_id is None:
            packet_id = self.new_packet_id()
        data = packets.publish(
            self.version, topic, payload, qos=qos, packet_id=packet_id, **options
        )
        self.send(data)
        return packet_id

    def acknowledge(self, kind, packet_id, reason=None, properties=None):
        self.send(packets.acknowledgement(kind, self.version, packet_id, reason, properties))

    def publish(self, topic, payload=b"", qos=0, **options):
        """Publishes and waits until it was routed; returns the reason of PUBACK or PUBREC."""
        packet_id = self.send_publish(topic, payload, qos, **options)
        if qos == 0:
            self.send(packets.pingreq())
            self.wait_for(Kind.PINGRESP)
            return 0
        if qos == 1:
            return self.finish(Kind.PUBACK, packet_id).reason
        pubrec = self.finish(Kind.PUBREC, packet_id)
        if pubrec.reason < 0x80:
            self.acknowledge(Kind.PUBREL, packet_id)
            self.finish(Kind.PUBCOMP, packet_id)
        return pubrec.reason

    def finish(self, kind, packet_id):
        packet = self.wait_for(kind)
        if packet.packet_id != packet_id:
            raise AssertionError(f"expected {kind.name} of {packet_id}, got {packet}")
        return packet

    def message(self, limit=WAIT):
        """The next packet must be a PUBLISH; acknowledges it completely."""
        packet = self.expect(Kind.PUBLISH, limit)
        self.settle(packet)
        return packet

    def settle(self, packet):
        if packet.qos == 1:
            self.acknowledge(Kind.PUBACK, packet.packet_id)
        elif packet.qos == 2:
            self.acknowledge(Kind.PUBREC, packet.packet_id)
            self.finish(Kind.PUBREL, packet.packet_id)
            self.acknowledge(Kind.PUBCOMP, packet.packet_id)

    def payloads(self, count, limit=WAIT):
        """The payloads of the next `count` messages, as text."""
        return [self.message(limit).payload.decode() for _ in range(count)]

    def ping(self):
        """Everything the server sent before it answered a PINGREQ."""
        self.send(packets.pingreq())
        came = list(self.passed_over)
        self.passed_over.clear()
        deadline = time.monotonic() + WAIT
        while True:
            packet = self.receive_from_socket(deadline)
            if packet.kind == Kind.PINGRESP:
                return came
            came.append(packet)

    def expect_nothing(self):
        came = self.ping()
        if came:
            raise AssertionError(f"{self.client_id}: expected nothing, got {came}")

    def disconnect(self, reason=None, properties=None):
        """Sends DISCONNECT and waits until the server has closed."""
        self.send(packets.disconnect(self.version, reason, properties))
        self.drain_until_closed()
        self.socket.close()

    def drain_until_closed(self, limit=WAIT):
        """Reads and returns whatever comes until the server closes."""
        came = list(self.passed_over)
        self.passed_over.clear()
        deadline = time.monotonic() + limit
        try:
            while True:
                came.append(self.receive_from_socket(deadline))
        except Closed:
            return came

    def cut(self):
        """The connection is lost: a reset instead of DISCONNECT."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


def wait_until(what, condition, limit=WAIT):
    """Asks again and again until `condition()` is true; `what` names it if it never is."""
    deadline = time.monotonic() + limit
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Missing(f"{what}: not within {limit} seconds")
        time.sleep(0.02)
