#!/usr/bin/env python3
"""One client of any broker that subscribes and unsubscribes all the time: what does that cost those who publish
meanwhile? Run a load without it and with it, and compare.

  bench/churn.py PORT [--per-second 1000] [--seconds 10] [--filters 10000]

Half of the requests subscribe, half unsubscribe; the filters are taken in turn, every second one with a wildcard, and
match nothing that a load publishes. Each request has its acknowledgement, or the client ends with an error. Prints one
line of JSON.
"""

import argparse
import json
import socket
import struct
import sys
import time

ROUND_SECONDS = 0.01


def text(value):
    data = value.encode()
    return struct.pack("!H", len(data)) + data


def packet(first, body):
    return bytes([first, len(body)]) + body


def filter_of(number):
    return f"churn/{number % 97}/{'+' if number % 2 else 'x'}/{number}"


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(10)
        self.socket.sendall(packet(0x10, text("MQTT") + bytes([4, 2]) + struct.pack("!H", 0) + text("churn")))
        if self.take(4)[3] != 0:
            sys.exit("the broker refuses the client")
        self.sent = 0

    def take(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                sys.exit("the broker has closed the connection")
            data += piece
        return data

    def subscribe(self, number):
        self.sent += 1
        return packet(0x82, struct.pack("!H", self.sent % 65535 + 1) + text(filter_of(number)) + b"\0")

    def unsubscribe(self, number):
        self.sent += 1
        return packet(0xA2, struct.pack("!H", self.sent % 65535 + 1) + text(filter_of(number)))

    def change(self, numbers):
        """All of them subscribed, then unsubscribed; five bytes come back for each SUBSCRIBE, four for UNSUBSCRIBE."""
        for make, answer_bytes in ((self.subscribe, 5), (self.unsubscribe, 4)):
            self.socket.sendall(b"".join(make(number) for number in numbers))
            self.take(answer_bytes * len(numbers))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("--per-second", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--filters", type=int, default=10_000)
    options = parser.parse_args()
    client = Client(options.port)
    begun = time.monotonic()
    pairs = 0
    while (now := time.monotonic()) - begun < options.seconds:
        due = int((now - begun) * options.per_second / 2) - pairs
        client.change([number % options.filters for number in range(pairs, pairs + due)])
        pairs += due
        time.sleep(max(0, now + ROUND_SECONDS - time.monotonic()))
    seconds = time.monotonic() - begun
    print(json.dumps({"requests": client.sent, "per_second": round(client.sent / seconds)}))


if __name__ == "__main__":
    main()
