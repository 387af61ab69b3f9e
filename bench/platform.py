#!/usr/bin/env python3
"""Figures of the platform: devices registered and listed, a batch of messages, events pushed, with the real
server and its disk.

  bench/platform.py [--holdfast build/release/holdfast] [--data DIR] [--only register,list,batch,online,push]
                    [--devices 100000] [--targets 30000] [--online 9000] [--events 20000]

  register  registrations per second with 16 and with 64 connections, half of the devices each
  list      all devices, page by page with the marker, 50 each
  batch     createMessages for --targets devices, of which --online are connected and acknowledge; and what
            single posts take meanwhile, and alone
  online    the same for the connected devices only
  push      events per second that reach one receiver, while posts make them

The parts share one server on loopback, `serve --test --data`, and each prints one JSON line; `register` always
runs. The connected devices, and the receiver, are processes of their own. Both sides need an open file for each
connected device. Numbers of a machine that does other things at the time are worth nothing but the CPU.
"""

import argparse
import asyncio
import hashlib
import hmac
import itertools
import json
import multiprocessing
import os
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

SECRET = "12345678"
HOUR = "2026010100"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = 50
CONFIG = """
[delivery]
device_queue_messages_max = 1000000
device_queue_bytes_max = "4GiB"
[push]
events_per_second = 100000
[log]
level = "warning"
"""


# --- The server

class Hub:
    def __init__(self, options):
        self.folder = tempfile.mkdtemp(prefix="holdfast-bench-", dir=options.data)
        config = Path(self.folder) / "bench.toml"
        config.write_text(CONFIG)
        self.process = subprocess.Popen(
            [options.holdfast, "serve", "--test", "--threads", str(options.threads), "--oversubscribe", "--data",
             self.folder + "/data", "--config", str(config)], stdout=subprocess.PIPE)
        ready = json.loads(self.process.stdout.readline())
        self.mqtt, self.http, self.token = ready["mqtt"], ready["http"], ready["token"]
        self.base = f"/v5/iot/{ready['project_id']}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def cpu(self):
        """Seconds of the whole process, all threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def request(self, method, path, body=None):
        """The bytes of a request below the project."""
        data = b"" if body is None else json.dumps(body).encode()
        head = (f"{method} {self.base}{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.http}\r\n"
                f"X-Auth-Token: {self.token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(data)}\r\n\r\n")
        return head.encode() + data


# --- HTTP

class HttpPeer:
    """One connection that is kept alive; reads just enough of HTTP to part the answers."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(self, request):
        self.socket.sendall(request)

    def read(self):
        """What has come; (status, body) when that is a whole answer, else None."""
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError("the server closed a connection")
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if len(rest) < length:
            return None
        self.buffer = rest[length:]
        return int(head.split(b" ", 2)[1]), rest[:length]

    def ask(self, request, expected):
        self.send(request)
        while (answer := self.read()) is None:
            pass
        status, body = answer
        if status != expected:
            raise RuntimeError(f"{status}: {body.decode(errors='replace')}")
        return json.loads(body) if body else None


def ask_all(port, requests, connections, expected):
    """All requests, over so many connections, each with one open at a time. Returns their seconds."""
    pending = iter(requests)
    poll = select.epoll()
    peers, began, times = {}, {}, []

    def next_one(peer):
        request = next(pending, None)
        if request is None:
            return False
        began[peer] = time.monotonic()
        peer.send(request)
        return True

    for _ in range(connections):
        peer = HttpPeer(port)
        if not next_one(peer):
            peer.socket.close()
            continue
        peers[peer.socket.fileno()] = peer
        poll.register(peer.socket, select.EPOLLIN)
    while peers:
        for descriptor, _ in poll.poll():
            peer = peers[descriptor]
            answer = peer.read()
            if answer is None:
                continue
            times.append(time.monotonic() - began[peer])
            if answer[0] != expected:
                raise RuntimeError(f"{answer[0]}: {answer[1].decode(errors='replace')}")
            if not next_one(peer):
                poll.unregister(descriptor)
                del peers[descriptor]
                peer.socket.close()
    return times


# --- MQTT

def connect_packet(name):
    text = lambda value: struct.pack(">H", len(value)) + value.encode()
    password = hmac.new(HOUR.encode(), SECRET.encode(), hashlib.sha256).hexdigest()
    body = text("MQTT") + bytes([4, 0xC2, 0, 0]) + text(f"{name}_0_0_{HOUR}") + text(name) + text(password)
    length = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 0x7F | 0x80, len(body) >> 7])
    return b"\x10" + length + body


class Device:
    """Speaks just enough MQTT 3.1.1 to log in, take messages and acknowledge them."""

    def __init__(self, port, name):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(connect_packet(name))
        self.buffer = b""
        self.is_connected = False

    def take(self):
        """Reads and acknowledges what has come; how many messages that were."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed the connection of a device")
        view, at, answers, messages = self.buffer + data, 0, bytearray(), 0
        while True:
            length, shift, head = 0, 0, at + 1
            while head < len(view):
                byte = view[head]
                head += 1
                length |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    break
            else:
                break
            if head + length > len(view):
                break
            kind = view[at] >> 4
            if kind == 2:
                if view[head + 1] != 0:
                    raise ConnectionError(f"CONNACK {view[head + 1]}")
                self.is_connected = True
            elif kind == 3:
                messages += 1
                if view[at] & 6:
                    topic = head + 2 + (view[head] << 8 | view[head + 1])
                    answers += b"\x40\x02" + view[topic:topic + 2]
            at = head + length
        self.buffer = view[at:]
        if answers:
            self.socket.sendall(answers)
        return messages


def run_fleet(pipe, port, names):
    """A process: the devices are connected, then it says when as many messages as it is told have come and
    were acknowledged, since it was told."""
    poll, devices, waiting = select.epoll(), {}, 0
    for name in names:
        device = Device(port, name)
        devices[device.socket.fileno()] = device
        poll.register(device.socket, select.EPOLLIN)
        waiting += 1
        while waiting >= 200 or (waiting and len(devices) == len(names)):
            for descriptor, _ in poll.poll():
                had, device = devices[descriptor].is_connected, devices[descriptor]
                device.take()
                waiting -= device.is_connected and not had
    pipe.send(len(devices))
    poll.register(pipe.fileno(), select.EPOLLIN)
    wanted, came = 0, 0
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == pipe.fileno():
                wanted, came = pipe.recv(), 0
                if wanted is None:
                    return
                continue
            came += devices[descriptor].take()
        if wanted and came >= wanted:
            pipe.send(time.monotonic())  # one clock for all processes
            wanted = 0


class Fleet:
    """Devices that are connected, in a process of their own."""

    def __init__(self, hub, names):
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=run_fleet, args=(other, hub.mqtt, names))
        self.process.start()
        other.close()
        self.pipe.recv()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pipe.send(None)
        self.process.join()


# --- A receiver of events

async def receive(pipe, tell_port):
    """Answers every push with 204, and says how many came, and when the last."""
    state = {"count": 0, "last": 0.0}

    async def serve(reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = 0
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                await reader.readexactly(length)
                state["count"] += 1
                state["last"] = time.monotonic()
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    tell_port(server.sockets[0].getsockname()[1])
    ended = asyncio.get_running_loop().create_future()

    def on_asked():
        if pipe.recv() is None:
            ended.set_result(None)
        else:
            pipe.send((state["count"], state["last"]))

    asyncio.get_running_loop().add_reader(pipe.fileno(), on_asked)
    await ended


def run_receiver(pipe):
    asyncio.run(receive(pipe, pipe.send))


class Receiver:
    def __init__(self):
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=run_receiver, args=(other,))
        self.process.start()
        other.close()
        self.port = self.pipe.recv()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pipe.send(None)
        self.process.join()

    def wait_for(self, count, seconds=300):
        """When the last of them came."""
        ends = time.monotonic() + seconds
        while True:
            self.pipe.send(True)
            came, last = self.pipe.recv()
            if came >= count:
                return last
            if time.monotonic() > ends:
                raise RuntimeError(f"only {came} of {count} events came")
            time.sleep(0.02)


# --- Figures

def tell(part, **figures):
    print(json.dumps({"part": part, **figures}), flush=True)


def share(sorted_times, part):
    return sorted_times[min(len(sorted_times) - 1, int(len(sorted_times) * part))]


def spread(times, unit=1e3, digits=3):
    """p50 and p99, in milliseconds."""
    ordered = sorted(times)
    return {"p50_ms": round(share(ordered, 0.5) * unit, digits),
            "p99_ms": round(share(ordered, 0.99) * unit, digits)}


def name_of(number):
    return f"pump-{number}"


def register(hub, options):
    numbers = iter(range(options.devices))
    for connections, count in ((16, options.devices // 2), (64, options.devices - options.devices // 2)):
        requests = [hub.request("POST", "/devices", {"device_id": name_of(number), "node_id": name_of(number),
                                                     "auth_info": {"secret": SECRET}})
                    for number in itertools.islice(numbers, count)]
        cpu, began = hub.cpu(), time.monotonic()
        times = ask_all(hub.http, requests, connections, 201)
        seconds = time.monotonic() - began
        tell("register", connections=connections, devices=count, per_second=round(count / seconds),
             cpu_us_each=round((hub.cpu() - cpu) * 1e6 / count, 1), **spread(times))


def list_devices(hub, options):
    peer, marker, times, seen = HttpPeer(hub.http), "", [], 0
    cpu, began = hub.cpu(), time.monotonic()
    while True:
        asked = time.monotonic()
        path = f"/devices?limit={PAGE}" + (f"&marker={marker}" if marker else "")
        answer = peer.ask(hub.request("GET", path), 200)
        if not answer["devices"]:
            break
        times.append(time.monotonic() - asked)
        seen += len(answer["devices"])
        marker = answer["page"]["marker"]
    seconds = time.monotonic() - began
    if seen != options.devices:
        raise RuntimeError(f"{seen} devices were listed, not {options.devices}")
    tell("list", devices=seen, pages=len(times), seconds=round(seconds, 2), **spread(times),
         first_ms=round(times[0] * 1e3, 3), last_ms=round(times[-1] * 1e3, 3),
         cpu_us_per_page=round((hub.cpu() - cpu) * 1e6 / len(times), 1))


def post_one(hub, peer):
    """To a device that is away and in no batch: the seconds until it is durable."""
    began = time.monotonic()
    peer.ask(hub.request("POST", f"/devices/{name_of(0)}/messages", {"message": "x" * 200}), 201)
    return time.monotonic() - began


def run_batch(hub, part, targets, fleet, online):
    peer, task_peer = HttpPeer(hub.http), HttpPeer(hub.http)
    alone = [post_one(hub, peer) for _ in range(500)]
    time.sleep(0.5)
    fleet.pipe.send(online)
    cpu, began, meanwhile, last = hub.cpu(), time.monotonic(), [], None
    task = task_peer.ask(hub.request("POST", "/batchtasks", {
        "task_name": part, "task_type": "createMessages", "targets": targets,
        "document": {"message": "x" * 200}}), 201)
    kept = time.monotonic() - began
    path, looked = f"/batchtasks/{task['task_id']}", time.monotonic()
    while True:
        meanwhile.append(post_one(hub, peer))
        if last is None and fleet.pipe.poll():
            last = fleet.pipe.recv() - began
        if time.monotonic() - looked < 0.2:
            continue
        looked = time.monotonic()
        batch = task_peer.ask(hub.request("GET", path + "?limit=1"), 200)["batchtask"]
        if batch["status"] not in ("Initializing", "Waitting", "Processing"):
            break
    ended = time.monotonic() - began
    if batch["status"] != "Success":
        raise RuntimeError(f"the batch ended so: {batch}")
    if last is None:
        last = fleet.pipe.recv() - began
    spent = hub.cpu() - cpu
    tell(part, targets=len(targets), online=online, task_kept_seconds=round(kept, 2),
         last_puback_seconds=round(last, 2), task_over_seconds=round(ended, 2),
         per_second=round(len(targets) / ended),
         cpu_us_each=round(spent * 1e6 / (len(targets) + len(meanwhile)), 1),
         posts_alone=spread(alone), posts_meanwhile={"count": len(meanwhile), **spread(meanwhile)})


def batches(hub, options, parts):
    # The first device is nobody's target: single posts go there.
    targets = [name_of(number) for number in range(1, options.targets + 1)]
    online = targets[:options.online]
    with Fleet(hub, online) as fleet:
        if "batch" in parts:
            run_batch(hub, "batch", targets, fleet, len(online))
        if "online" in parts:
            run_batch(hub, "online", online, fleet, len(online))


def post_many(hub, options, seconds_of):
    names = [name_of(options.devices - 1 - number) for number in range(min(1_000, options.devices // 4))]
    requests = [hub.request("POST", f"/devices/{names[number % len(names)]}/messages", {"message": "x" * 200})
                for number in range(options.events)]
    cpu, began = hub.cpu(), time.monotonic()
    ask_all(hub.http, requests, 16, 201)
    posted = time.monotonic()
    ended = seconds_of() or posted
    return {"seconds": ended - began, "behind": ended - posted, "cpu": hub.cpu() - cpu}


def push(hub, options):
    peer = HttpPeer(hub.http)
    without = post_many(hub, options, lambda: None)
    with Receiver() as receiver:
        rule = peer.ask(hub.request("POST", "/routing-rule/rules", {
            "subject": {"resource": "device.message.status", "event": "update"}}), 201)["rule_id"]
        peer.ask(hub.request("POST", "/routing-rule/actions", {
            "rule_id": rule, "channel": "HTTP_FORWARDING", "channel_detail": {
                "http_forwarding": {"url": f"http://127.0.0.1:{receiver.port}/push"}}}), 201)
        peer.ask(hub.request("PUT", f"/routing-rule/rules/{rule}", {"active": True}), 200)
        told = post_many(hub, options, lambda: receiver.wait_for(options.events))
        peer.ask(hub.request("DELETE", f"/routing-rule/rules/{rule}"), 204)
    tell("push", events=options.events, posts_per_second=round(options.events / without["seconds"]),
         events_per_second=round(options.events / told["seconds"]),
         last_behind_last_post_seconds=round(told["behind"], 2),
         cpu_us_per_post=round(without["cpu"] * 1e6 / options.events, 1),
         cpu_us_per_event=round((told["cpu"] - without["cpu"]) * 1e6 / options.events, 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--holdfast", default="build/release/holdfast")
    parser.add_argument("--data", default=None, help="where to put the data directory")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="list,batch,online,push")
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--targets", type=int, default=30_000)
    parser.add_argument("--online", type=int, default=9_000)
    parser.add_argument("--events", type=int, default=20_000)
    options = parser.parse_args()
    options.targets = min(options.targets, options.devices - 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    options.online = min(options.online, options.targets, hard - 500)
    parts = options.only.split(",")
    with Hub(options) as hub:
        register(hub, options)
        if "list" in parts:
            list_devices(hub, options)
        if "batch" in parts or "online" in parts:
            batches(hub, options, parts)
        if "push" in parts:
            push(hub, options)


if __name__ == "__main__":
    main()
