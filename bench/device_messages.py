#!/usr/bin/env python3
"""Figures of the message API and the device queues, with the real server and its disk.

  bench/device_messages.py [--holdfast build/release/holdfast] [--data DIR] [--only posts,reconnect,...]

  bare       CPU per post, 64 connections, of a server that does nothing else, and how many times that posts to
             devices that are away take here, with queues in memory and on disk; medians of interleaved runs
             (needs wrk, and bare_http: cmake --build --preset release --target bare_http)
  posts      posts per second and CPU per post for 100 devices that are away, 1, 16 and 256 connections (needs wrk)
  online     the same for a device that is connected and acknowledges
  reconnect  from connect() to the first waiting message
  drain      one device with 100,000 waiting, and 10,000 devices with 10 each
  memory     memory and disk per waiting message
  start      ready with 1,000,000 waiting over 10,000 devices

Every part starts a server of its own on loopback with `serve --test --data` and prints one JSON line. Numbers
of a machine that does other things at the time are worth nothing but the CPU per message.
"""

import argparse
import hashlib
import hmac
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

SECRET = "12345678"
HOUR = "2026010100"
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """Something that answers posts, in a process of its own."""

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def cpu(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def wrk(self, names, connections, seconds=None, count=None):
        """Posts with wrk; returns what it says. With `count`, until about so many were answered."""
        script = Path(self.folder) / "post.lua"
        paths = [f"{self.base}/{name}/messages" for name in names]
        (Path(self.folder) / "paths.lua").write_text("return {" + ",".join(f'"{p}"' for p in paths) + "}")
        script.write_text(f"""
local paths = dofile("{self.folder}/paths.lua")
wrk.method = "POST"
wrk.headers["X-Auth-Token"] = "{self.token}"
wrk.headers["Content-Type"] = "application/json"
local body = '{{"message":"{'x' * 200}"}}'
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format(nil, paths[at], nil, body)
end
done = function(summary, latency, requests)
  print(string.format("RESULT %d %d %d %d %d", summary.requests, summary.duration,
        summary.errors.status + summary.errors.read + summary.errors.timeout, latency:percentile(50), latency:percentile(99)))
end
""")
        length = seconds if seconds else 2
        total = [0, 0, 0, 0, 0]
        while True:
            out = subprocess.run(
                ["wrk", "-t1", f"-c{connections}", f"-d{length}s", "-s", str(script),
                 f"http://127.0.0.1:{self.http}/"], capture_output=True, text=True, check=True).stdout
            row = [int(each) for each in out.split("RESULT ")[1].split()]
            total = [total[0] + row[0], total[1] + row[1], total[2] + row[2], row[3], row[4]]
            if not count or total[0] >= count:
                return {"posts": total[0], "per_second": round(total[0] / (total[1] / 1e6)),
                        "errors": total[2], "p50_us": total[3], "p99_us": total[4]}


class Hub(Server):
    def __init__(self, options, threads=1, data=None, is_durable=True):
        self.folder = data or tempfile.mkdtemp(prefix="holdfast-bench-", dir=options.data)
        self.options, self.threads, self.is_durable = options, threads, is_durable
        config = Path(self.folder) / "bench.toml"
        config.write_text(
            "[delivery]\ndevice_queue_messages_max = 1000000\ndevice_queue_bytes_max = \"4GiB\"\n"
            "finished_messages_max = 0\n[log]\nlevel = \"warning\"\n"
        )
        self.config = str(config)

    def __enter__(self):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.options.holdfast, "serve", "--test", "--threads", str(self.threads), "--oversubscribe", "--config",
             self.config, *(["--data", self.folder + "/data"] if self.is_durable else [])],
            stdout=subprocess.PIPE,
        )
        ready = json.loads(self.process.stdout.readline())
        self.ready_seconds = time.monotonic() - began
        self.mqtt, self.http = ready["mqtt"], ready["http"]
        self.token, self.base = ready["token"], f"/v5/iot/{ready['project_id']}/devices"
        return self

    def memory(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon"):
                return int(line.split()[1]) * 1024
        return 0

    def metric(self, name):
        connection = http.client.HTTPConnection("127.0.0.1", self.http)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        for line in text.splitlines():
            if line.startswith(f"holdfast_{name} "):
                return int(line.split()[1])
        raise KeyError(name)

    def headers(self):
        return {"X-Auth-Token": self.token, "Content-Type": "application/json"}

    def register(self, names):
        connection = http.client.HTTPConnection("127.0.0.1", self.http)
        for name in names:
            body = json.dumps({"device_id": name, "node_id": name,
                               "auth_info": {"secret": SECRET}})
            connection.request("POST", self.base, body, self.headers())
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 201, answer.status


class Bare(Server):
    """What bare_http.cpp makes: it reads the same posts, and forgets them."""

    def __init__(self, options):
        self.folder = tempfile.mkdtemp(prefix="holdfast-bench-", dir=options.data)
        self.program = Path(options.holdfast).parent / "bench" / "bare_http"
        self.token, self.base = "0" * 62, "/v5/iot/" + "0" * 32 + "/devices"

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.http = probe.getsockname()[1]
        self.process = subprocess.Popen([str(self.program), str(self.http)], stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"
        return self


class Device:
    """Speaks just enough MQTT 3.1.1 to log in, take messages and acknowledge them."""

    def __init__(self, hub, name):
        password = hmac.new(HOUR.encode(), SECRET.encode(), hashlib.sha256).hexdigest()
        self.began = time.monotonic()
        self.socket = socket.create_connection(("127.0.0.1", hub.mqtt))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        text = lambda value: struct.pack(">H", len(value)) + value.encode()
        body = text("MQTT") + bytes([4, 0xC2, 0, 0]) + text(f"{name}_0_0_{HOUR}") + text(name)
        body += text(password)
        self.socket.sendall(bytes([0x10, len(body) & 0x7F | 0x80, len(body) >> 7]) + body
                            if len(body) > 127 else bytes([0x10, len(body)]) + body)
        self.buffer = b""
        self.messages = 0

    def take(self, wanted):
        """Takes and acknowledges until `wanted` messages have come in all."""
        while self.messages < wanted:
            data = self.socket.recv(1 << 18)
            if not data:
                raise ConnectionError("closed")
            self.buffer += data
            self.handle()

    def handle(self):
        view, at, answers = self.buffer, 0, bytearray()
        while True:
            if at + 2 > len(view):
                break
            length, shift, head = 0, 0, at + 1
            while head < len(view):
                byte = view[head]
                length |= (byte & 0x7F) << shift
                shift += 7
                head += 1
                if byte < 0x80:
                    break
            else:
                break
            if head + length > len(view):
                break
            if view[at] >> 4 == 3:
                topic = view[head] << 8 | view[head + 1]
                if view[at] & 6:
                    answers += b"\x40\x02" + view[head + 2 + topic: head + 4 + topic]
                self.messages += 1
            at = head + length
        self.buffer = view[at:]
        if answers:
            self.socket.sendall(answers)


def tell(part, **figures):
    print(json.dumps({"part": part, **figures}), flush=True)


def measured(server, names, connections, seconds):
    cpu = server.cpu()
    result = server.wrk(names, connections, seconds=seconds)
    return {**result, "cpu_us_per_post": round((server.cpu() - cpu) * 1e6 / result["posts"], 1)}


def bare(options):
    names = [f"pump-{i}" for i in range(100)]
    makers = {"bare": lambda: Bare(options), "memory": lambda: Hub(options, is_durable=False),
              "durable": lambda: Hub(options)}
    spent = {kind: [] for kind in makers}
    for _ in range(options.runs):
        for kind, make in makers.items():
            with make() as server:
                if kind != "bare":
                    server.register(names)
                server.wrk(names, 64, seconds=1)
                result = measured(server, names, 64, seconds=4)
            server.remove()
            tell("bare_run", server=kind, connections=64, **result)
            spent[kind].append(result["cpu_us_per_post"])
    medians = {kind: statistics.median(each) for kind, each in spent.items()}
    tell("bare", runs=options.runs, cpu_us_per_post=medians,
         times_bare={kind: round(median / medians["bare"], 2) for kind, median in medians.items()})


def posts(options):
    for connections in (1, 16, 256):
        with Hub(options) as hub:
            names = [f"pump-{i}" for i in range(100)]
            hub.register(names)
            hub.wrk(names, connections, seconds=1)
            tell("posts", connections=connections, **measured(hub, names, connections, seconds=5))
        hub.remove()


def online(options):
    with Hub(options) as hub:
        names = [f"pump-{i}" for i in range(64)]
        hub.register(names)
        devices = [Device(hub, name) for name in names]
        stop = threading.Event()

        def run():
            import selectors
            selector = selectors.DefaultSelector()
            for device in devices:
                selector.register(device.socket, selectors.EVENT_READ, device)
            while not stop.is_set():
                for key, _ in selector.select(0.1):
                    key.data.buffer += key.data.socket.recv(1 << 18)
                    key.data.handle()

        thread = threading.Thread(target=run)
        thread.start()
        hub.wrk(names, 64, seconds=1)
        elided = hub.metric("store_written_bytes_total")
        result = measured(hub, names, 64, seconds=5)
        written = hub.metric("store_written_bytes_total") - elided
        stop.set()
        thread.join()
        tell("online", connections=64, **result,
             disk_bytes_per_message=round(written / result["posts"]))
    hub.remove()


def reconnect(options):
    with Hub(options) as hub:
        hub.register(["pump-1"])
        connection = http.client.HTTPConnection("127.0.0.1", hub.http)
        times = []
        for _ in range(200):
            connection.request("POST", f"{hub.base}/pump-1/messages", '{"message":"x"}', hub.headers())
            answer = connection.getresponse()
            assert json.loads(answer.read())["result"]["status"] == "PENDING"
            device = Device(hub, "pump-1")
            device.take(1)
            times.append((time.monotonic() - device.began) * 1000)
            device.socket.sendall(b"\xe0\x00")
            device.socket.close()
            time.sleep(0.01)
        tell("reconnect", times=len(times), median_ms=round(statistics.median(times), 2),
             p99_ms=round(sorted(times)[int(len(times) * 0.99)], 2))
    hub.remove()


def drain(options):
    for devices, each in ((1, 100_000), (10_000, 10)):
        with Hub(options) as hub:
            names = [f"pump-{i}" for i in range(devices)]
            hub.register(names)
            hub.wrk(names, 64, count=devices * each)
            waiting = hub.metric("device_messages_waiting")
            cpu, began = hub.cpu(), time.monotonic()
            for name in names:
                device = Device(hub, name)
                goal = waiting if devices == 1 else each - 1
                device.take(goal)
                device.socket.close()
            seconds = time.monotonic() - began
            taken = waiting if devices == 1 else devices * (each - 1)
            tell("drain", devices=devices, messages=taken, per_second=round(taken / seconds),
                 cpu_us_per_message=round((hub.cpu() - cpu) * 1e6 / taken, 1),
                 memory_mib=round(hub.memory() / 2**20))
        hub.remove()


def fill(options, hub, devices, messages):
    names = [f"pump-{i}" for i in range(devices)]
    hub.register(names)
    time.sleep(1)
    before = hub.memory()
    cpu = hub.cpu()
    result = hub.wrk(names, 256, count=messages)
    waiting = hub.metric("device_messages_waiting")
    return waiting, before, hub.memory(), hub.metric("store_disk_bytes"), result, hub.cpu() - cpu


def memory(options):
    with Hub(options) as hub:
        waiting, before, after, disk, _, _ = fill(options, hub, 1_000, 100_000)
        tell("memory", devices=1_000, waiting=waiting, bytes_each=round((after - before) / waiting),
             index_bytes_each=round(hub.metric("store_index_bytes") / waiting, 1),
             disk_bytes_each=round(disk / waiting))
    hub.remove()


def start(options):
    first = Hub(options)
    with first as hub:
        waiting, _, after, disk, result, cpu = fill(options, hub, 10_000, 1_000_000)
        tell("fill", waiting=waiting, memory_mib=round(after / 2**20), disk_mib=round(disk / 2**20),
             posts_per_second=result["per_second"], cpu_us_per_post=round(cpu * 1e6 / waiting, 1))
        os.kill(hub.process.pid, signal.SIGKILL)
    for how in ("after SIGKILL", "after SIGTERM"):
        with Hub(options, data=first.folder) as hub:
            tell("start", how=how, waiting=hub.metric("device_messages_waiting"),
                 ready_seconds=round(hub.ready_seconds, 2), memory_mib=round(hub.memory() / 2**20))
    first.remove()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--holdfast", default="build/release/holdfast")
    parser.add_argument("--data", default=None, help="where to put data directories")
    parser.add_argument("--runs", type=int, default=5, help="of bare: how many times each server runs")
    parser.add_argument("--only", default="posts,online,reconnect,drain,memory,start")
    options = parser.parse_args()
    parts = {"bare": bare, "posts": posts, "online": online, "reconnect": reconnect, "drain": drain,
             "memory": memory, "start": start}
    for name in options.only.split(","):
        parts[name](options)


if __name__ == "__main__":
    main()
