"""Connections of the crash test: MQTT and HTTP, asynchronous, and prepared to lose the server.

Packets are those of the scenario tests (`support.packets`): strictly decoded. `Lost` is the end of a
connection, which is no failure here; `Broken` is a promise of the server that was not kept.
"""

import asyncio
import json

from support import packets
from support.packets import V5, Kind

# Seconds after which an answer of a server that runs counts as missing.
ANSWER_SECONDS = 60.0
# Reasons for which a server may end a connection: it is shutting down, the session was taken over.
GOODBYES = (0x8B, 0x8E)


class Lost(Exception):
    """The server, or one of the two sides, has ended the connection."""


class Broken(AssertionError):
    """The server did not keep a promise."""


class Stream:
    """Bytes in both directions; every end of them is Lost."""

    @classmethod
    async def open(cls, port):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        except OSError as error:
            raise Lost(str(error)) from None
        return cls(reader, writer)

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.received = bytearray()

    def send(self, data):
        if self.writer.is_closing():
            raise Lost("closed")
        self.writer.write(data)

    async def fill(self):
        try:
            data = await self.reader.read(1 << 16)
        except OSError as error:
            raise Lost(str(error)) from None
        if not data:
            raise Lost("closed by the server")
        self.received += data

    def cut(self):
        """What is not sent yet is not sent; the server sees a reset."""
        self.writer.transport.abort()


# MQTT --------------------------------------------------------------------------------------------


class MqttPeer(Stream):
    """A connected MQTT client. Nothing is acknowledged unless the caller says so."""

    @classmethod
    async def connect(cls, port, version, client_id, **options):
        peer = await cls.open(port)
        peer.version, peer.packet_id = version, 0
        peer.send(packets.connect(version, client_id, **options))
        peer.connack = await peer.receive(ANSWER_SECONDS)
        if peer.connack is None or peer.connack.kind != Kind.CONNACK or peer.connack.reason != 0:
            peer.cut()
            raise Broken(f"{client_id}: CONNECT was answered with {peer.connack}")
        return peer

    async def receive(self, seconds):
        """The next packet; None when none has come in that time."""
        try:
            async with asyncio.timeout(seconds):
                while (packet := self.take_packet()) is None:
                    await self.fill()
        except TimeoutError:
            return None
        if packet.kind == Kind.DISCONNECT and packet.reason in GOODBYES:
            raise Lost(str(packet))
        return packet

    def take_packet(self):
        length = 0
        for size in range(1, 5):
            if size >= len(self.received):
                return None
            digit = self.received[size]
            length |= (digit & 0x7F) << 7 * (size - 1)
            if not digit & 0x80:
                break
        start, end = size + 1, size + 1 + length
        if len(self.received) < end:
            return None
        first, body = self.received[0], bytes(self.received[start:end])
        del self.received[:end]
        return packets.decode(self.version, first, body)

    def acknowledge(self, kind, packet_id, reason=None):
        self.send(packets.acknowledgement(kind, self.version, packet_id, reason))

    def new_packet_id(self):
        self.packet_id = self.packet_id % 65535 + 1
        return self.packet_id

    async def disconnect(self):
        """DISCONNECT, and the end of the connection by the server."""
        self.send(packets.disconnect(self.version))
        try:
            while await self.receive(ANSWER_SECONDS) is not None:
                pass
            raise Broken("a connection stays open after DISCONNECT")
        except Lost:
            self.cut()


def persistent_options(version, **properties):
    """CONNECT of a session that outlives its connections."""
    options = {"clean_start": False}
    if version == V5:
        options["properties"] = {"session_expiry_interval": 86_400, **properties}
    return options


# HTTP --------------------------------------------------------------------------------------------


class HttpPeer(Stream):
    """A keep-alive connection, one request at a time."""

    async def request(self, method, path, token, body=None):
        """(status, JSON of the answer, or None where it has no body)."""
        text = b"" if body is None else json.dumps(body).encode()
        head = [f"{method} {path} HTTP/1.1", "Host: hub", f"X-Auth-Token: {token}"]
        if body is not None:
            head += ["Content-Type: application/json", f"Content-Length: {len(text)}"]
        self.send("\r\n".join([*head, "", ""]).encode() + text)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self.answer()
        except TimeoutError:
            raise Broken(f"no answer to {method} {path}") from None

    async def answer(self):
        while (end := self.received.find(b"\r\n\r\n")) < 0:
            await self.fill()
        lines = self.received[:end].decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:])
        length = int(fields.get("content-length", 0))
        while len(self.received) < end + 4 + length:
            await self.fill()
        text = bytes(self.received[end + 4 : end + 4 + length])
        del self.received[: end + 4 + length]
        is_json = fields.get("content-type", "").startswith("application/json")
        return int(lines[0].split()[1]), json.loads(text) if is_json else text.decode()
