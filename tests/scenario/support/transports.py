"""What a raw client may connect through: TCP, TLS, WebSocket, both, a PROXY header, a unix socket.

All of them look like a socket to wire.Client. HOLDFAST_TRANSPORT (tcp, tls, ws or wss) says what the
clients of a whole scenario use.
"""

import base64
import functools
import os
import socket
import ssl
import struct
import subprocess
import tempfile
from pathlib import Path

TRANSPORT = os.environ.get("HOLDFAST_TRANSPORT", "tcp")
BINARY, CLOSE, PING, PONG = 2, 8, 9, 10


class Certificates:
    """Made by `holdfast tls` in a folder of the test's own."""

    def __init__(self, binary):
        self.binary = binary
        self.folder = tempfile.TemporaryDirectory(prefix="holdfast-tls-")
        self.run("init")

    def run(self, action, *names):
        command = [self.binary, "tls", action, "--dir", self.folder.name, *names]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60)

    def file(self, name):
        return str(Path(self.folder.name) / name)

    def server(self, **more):
        """A listener's tls table."""
        return {"certificate": self.file("server.pem"), "key": self.file("server.key"), **more}

    def with_clients(self, **more):
        return self.server(client_authorities=self.file("authority.pem"), **more)

    def client(self, name):
        self.run("client", name)
        return self.file(f"clients/{name}.pem"), self.file(f"clients/{name}.key")


@functools.cache
def shared_certificates(binary):
    return Certificates(binary)


def tcp(port, receive_buffer=None, timeout=20, source=None):
    raw = socket.socket()
    if source is not None:
        raw.bind((source, 0))  # any address of 127.0.0.0/8 is this machine's
    if receive_buffer is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    raw.settimeout(timeout)
    raw.connect(("127.0.0.1", port))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return raw


def unix(path, timeout=20):
    raw = socket.socket(socket.AF_UNIX)
    raw.settimeout(timeout)
    raw.connect(path)
    return raw


def tls(raw, authority, certificate=None, minimum=None, maximum=None):
    context = ssl.create_default_context(cafile=authority)
    if certificate:
        context.load_cert_chain(*certificate)
    if minimum:
        context.minimum_version = minimum
    if maximum:
        context.maximum_version = maximum
    return context.wrap_socket(raw, server_hostname="localhost")


class WebSocket:
    """A client's side of RFC 6455 over a socket, as far as the tests want it."""

    def __init__(self, below, path="/mqtt", headers=()):
        self.below, self.plain, self.raw = below, bytearray(), bytearray()
        self.close_code, self.pongs = None, []
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        lines += ["Sec-WebSocket-Protocol: mqtt", *headers, "", ""]
        below.sendall("\r\n".join(lines).encode())
        while b"\r\n\r\n" not in self.raw:
            part = below.recv(4096)
            if not part:
                break
            self.raw += part
        self.answer, _, rest = bytes(self.raw).partition(b"\r\n\r\n")
        self.raw = bytearray(rest)

    def send_frame(self, first, payload):
        mask = os.urandom(4)
        if len(payload) < 126:
            length = bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            length = b"\xfe" + struct.pack("!H", len(payload))
        else:
            length = b"\xff" + struct.pack("!Q", len(payload))
        repeated = mask * (len(payload) // 4 + 1)
        number = int.from_bytes(payload, "big") ^ int.from_bytes(repeated[: len(payload)], "big")
        self.below.sendall(bytes([first]) + length + mask + number.to_bytes(len(payload), "big"))

    def sendall(self, data):
        self.send_frame(0x80 | BINARY, bytes(data))

    def recv(self, size):
        """Empty once the server has sent its close frame or has closed."""
        while not self.plain:
            if self.close_code is not None or not self.take_frame():
                part = self.below.recv(256 * 1024) if self.close_code is None else b""
                if not part:
                    return b""
                self.raw += part
        data = bytes(self.plain[:size])
        del self.plain[:size]
        return data

    def take_frame(self):
        """False: there is no whole one."""
        if len(self.raw) < 2:
            return False
        first, length, start = self.raw[0], self.raw[1], 2
        if length == 126:
            length, start = int.from_bytes(self.raw[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(self.raw[2:10], "big"), 10
        if len(self.raw) < start or len(self.raw) < start + length:
            return False
        payload = bytes(self.raw[start : start + length])
        del self.raw[: start + length]
        opcode = first & 0x0F
        if opcode == BINARY:
            self.plain += payload
        elif opcode == CLOSE:
            self.close_code = int.from_bytes(payload[:2], "big")
        elif opcode == PONG:
            self.pongs.append(payload)
        return True

    def settimeout(self, seconds):
        self.below.settimeout(seconds)

    def setsockopt(self, *arguments):
        self.below.setsockopt(*arguments)

    def fileno(self):
        return self.below.fileno()

    def close(self):
        self.below.close()


def listener(kind, binary):
    """What the configuration says of a listener of this kind."""
    tables = {"tls": ["tls"], "ws": ["websocket"], "wss": ["tls", "websocket"]}[kind]
    values = {"tls": shared_certificates(binary).server(), "websocket": True}
    return {name: values[name] for name in tables}


def url(port):
    """Where a client library finds the scenario's listener."""
    scheme = {"tcp": "mqtt", "tls": "mqtts"}.get(TRANSPORT, TRANSPORT)
    return f"{scheme}://127.0.0.1:{port}" + ("/mqtt" if TRANSPORT in ("ws", "wss") else "")


def through(kind, raw, binary):
    if kind in ("tls", "wss"):
        raw = tls(raw, shared_certificates(binary).file("authority.pem"))
    return WebSocket(raw) if kind in ("ws", "wss") else raw
