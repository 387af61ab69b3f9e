"""The server as a service: what its start says, the service manager told, one HTTP listener or none."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from support.hub import READY_SECONDS, STOP_SECONDS, binary, sanitizer_environment, to_toml
from support.packets import V5
from support.wire import Client, wait_until

FREE = {"mqtt": {"listeners": [{"address": "127.0.0.1", "port": "free"}]}}


class Service(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-scenario-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, sections, **environment):
        """The process and what its ready line says."""
        file = self.folder / "holdfast.toml"
        file.write_text(to_toml(sections))
        self.log = self.folder / "stderr"
        with open(self.log, "wb") as log:
            process = subprocess.Popen(
                [binary(), "serve", "--config", str(file)],
                cwd=self.folder,  # where its data goes
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=sanitizer_environment() | environment,
            )
        self.addCleanup(self.end, process)
        return process, json.loads(process.stdout.readline())

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.wait(STOP_SECONDS)
        process.stdout.close()

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(STOP_SECONDS), 0, self.log.read_text())
        self.assertEqual(process.stdout.read(), b"")

    def test_it_says_where_it_listens_and_who_may_come(self):
        process, ready = self.start(FREE | {"http": {"port": "free"}})
        Client(ready["mqtt"], V5, "client").open().disconnect()
        socket.create_connection(("127.0.0.1", ready["http"]), timeout=5).close()
        banner = self.log.read_text()
        self.assertIn(f"pid {process.pid}", banner)
        self.assertIn(f"MQTT 3.1, 3.1.1 and 5.0 on 127.0.0.1:{ready['mqtt']}: this machine", banner)
        self.assertIn(f"HTTP on 127.0.0.1:{ready['http']}: this machine only", banner)
        self.assertNotIn("WARNING", banner)
        self.stop(process)

    def test_without_an_http_section_there_is_no_http(self):
        process, ready = self.start(FREE)
        self.assertIsNone(ready["http"])
        self.assertNotIn("HTTP on", self.log.read_text())
        self.stop(process)

    def test_a_listener_for_other_machines_is_announced_loudly(self):
        process, ready = self.start(
            {
                "server": {"allow_anonymous_remote": True},
                "mqtt": {"listeners": [{"address": "0.0.0.0", "port": "free"}]},
            }
        )
        self.assertRegex(
            self.log.read_text(), rf"WARNING: .* 0\.0\.0\.0:{ready['mqtt']}: OPEN TO OTHER MACHINES"
        )
        self.stop(process)

    def test_with_json_every_line_of_the_start_is_json(self):
        process, _ = self.start(FREE | {"log": {"format": "json"}})
        self.stop(process)
        events = [json.loads(line)["event"] for line in self.log.read_text().splitlines()]
        self.assertEqual(events[0], "started")
        self.assertEqual(events[-2:], ["stopping", "stopped"])

    def test_the_service_manager_is_told(self):
        for path in (str(self.folder / "notify"), f"@holdfast-test-{os.getpid()}"):
            with self.subTest(path), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(path.replace("@", "\0") if path.startswith("@") else path)
                manager.settimeout(READY_SECONDS)
                process, _ = self.start(FREE, NOTIFY_SOCKET=path)
                self.assertEqual(manager.recv(100), b"READY=1")
                process.send_signal(signal.SIGTERM)
                self.assertEqual(manager.recv(100), b"STOPPING=1")
                self.assertEqual(process.wait(STOP_SECONDS), 0)

    def test_a_service_manager_that_is_gone_is_no_reason_to_fail(self):
        process, _ = self.start(FREE, NOTIFY_SOCKET=str(self.folder / "nobody"))
        told = "service_manager_not_told"
        wait_until("the warning", lambda: told in self.log.read_text())
        self.stop(process)

    def test_the_soft_descriptor_limit_is_raised(self):
        process, _ = self.start(FREE)
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        soft, hard = next(
            line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files")
        )
        self.assertEqual(soft, hard)
        self.stop(process)


if __name__ == "__main__":
    unittest.main()
