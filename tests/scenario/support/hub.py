"""Starts the real server for a test, on free ports of the loopback interface, and stops it.

HOLDFAST_BIN names the binary, HOLDFAST_THREADS its number of threads (1 unless said). Every stop
asserts what SIGTERM promises: exit code 0 in time, nothing on stdout but the ready line, and no
sanitizer report.
"""

import functools
import json
import os
import re
import resource
import selectors
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from support import transports
from support.accounting import device_message_imbalance, message_imbalance, read_metrics
from support.packets import V5, V311
from support.transports import TRANSPORT
from support.wire import Client, wait_until

READY_SECONDS = 30.0
STOP_SECONDS = 15.0  # longer than the grace that clients are given, for sanitizer builds
REPOSITORY = Path(__file__).resolve().parents[3]
SANITIZER = re.compile(
    r"(ERROR|WARNING): \w*Sanitizer|runtime error: |SUMMARY: \w*Sanitizer|invariant broken", re.I
)
THREADS = int(os.environ.get("HOLDFAST_THREADS", "1"))


def binary():
    named = os.environ.get("HOLDFAST_BIN")
    candidates = [Path(named)] if named else []
    candidates += [REPOSITORY / "build" / preset / "holdfast" for preset in ("dev", "release")]
    for candidate in candidates[: 1 if named else None]:
        if candidate.is_file():
            return str(candidate)
    raise FileNotFoundError("no server to test: build it, or set HOLDFAST_BIN")


def toml_value(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(each) for each in value) + "]"
    return json.dumps(value)


def to_toml(sections):
    """{"limits": {"connect_deadline": "1s"}} as a configuration file."""
    lines = []
    for section, keys in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {toml_value(value)}" for name, value in keys.items()]
    return "\n".join(lines) + "\n"


def with_listener(sections, listener):
    mqtt = dict(sections.get("mqtt", {}))
    mqtt["listeners"] = [*mqtt.get("listeners", []), {"port": 8883, **listener}]
    return {**sections, "mqtt": mqtt}


def sanitizer_environment():
    """ASan keeps freed memory for a while; little of it, so that memory can be measured."""
    environment = dict(os.environ)
    options = environment.get("ASAN_OPTIONS", "")
    environment["ASAN_OPTIONS"] = (options + ":" if options else "") + "quarantine_size_mb=4"
    return environment


class Hub:
    def __init__(self, *arguments, config=None, threads=None, descriptors=None):
        self.folder = tempfile.TemporaryDirectory(prefix="holdfast-scenario-")
        self.threads = THREADS if threads is None else threads
        self.arguments, self.descriptors = list(arguments), descriptors
        if TRANSPORT != "tcp":
            config = with_listener(config or {}, transports.listener(TRANSPORT, binary()))
        if config:
            file = Path(self.folder.name) / "holdfast.toml"
            file.write_text(to_toml(config))
            self.arguments += ["--config", str(file)]
        self.process, self.ready, self.is_stopping = None, None, False
        self.http_is_secure = False

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()

    # Running

    def command(self):
        # So many even where there are fewer processors: what depends on the number is what is tested.
        threads = ["--threads", str(self.threads), "--oversubscribe"]
        return [binary(), "serve", "--test", *threads, *self.arguments]

    def limit_descriptors(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))

    def start(self):
        self.log = open(Path(self.folder.name) / "stderr", "w+b")
        self.process = subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=sanitizer_environment(),
            preexec_fn=self.limit_descriptors if self.descriptors else None,
        )
        line = self.read_ready_line()
        try:
            self.ready = json.loads(line)
        except ValueError:
            self.kill()
            raise AssertionError(f"no ready line but {line!r}; {self.log_text()}") from None
        # What clients of the scenario connect to: the listener of the transport comes last.
        self.port = self.ready["listeners"][0 if TRANSPORT == "tcp" else -1]["port"]
        self.http_port = self.ready["http"]
        return self

    def read_ready_line(self):
        line, deadline = b"", time.monotonic() + READY_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    break
                part = os.read(self.process.stdout.fileno(), 4096)
                if not part:
                    break
                line += part
        return line

    def signal_stop(self):
        self.is_stopping = True
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """SIGTERM unless it was sent already, and everything that must be true afterwards."""
        if self.log.closed:
            return  # its end was checked before
        if not self.is_stopping and self.process.poll() is None:
            self.check_accounts()
            self.signal_stop()
        self.check_end()

    def metrics(self):
        url = f"http://127.0.0.1:{self.http_port}/metrics"
        with urllib.request.urlopen(url, timeout=STOP_SECONDS) as answer:
            return read_metrics(answer.read().decode())

    def check_accounts(self):
        """Every message that was accepted is delivered, dropped for a reason, or waits. The counters are
        read one after the other: what moves between them meanwhile is no loss, and comes to rest."""
        if self.http_port is None or self.http_is_secure:
            return

        def is_balanced():
            try:
                metrics = self.metrics()
            except urllib.error.HTTPError:
                return False  # the connections of the test that ends are not all gone
            return message_imbalance(metrics) == 0 == device_message_imbalance(metrics)

        wait_until("the accounting equations to hold", is_balanced)

    def check_end(self):
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {STOP_SECONDS} s after SIGTERM") from None
        log, rest = self.log_text(), self.process.stdout.read()
        self.clean()
        if SANITIZER.search(log):
            raise AssertionError(f"a sanitizer or an invariant complains:\n{log}")
        if code != 0:
            raise AssertionError(f"exit code {code} after SIGTERM:\n{log[-4000:]}")
        if rest:
            raise AssertionError(f"more than the ready line on stdout: {rest!r}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.clean()

    def clean(self):
        """Forgets the process, which has ended and whose end was judged."""
        if self.log.closed:
            return
        self.process.stdout.close()
        self.last_log = self.log_text()
        self.log.close()
        self.folder.cleanup()

    # Looking at it

    def log_text(self):
        if self.log.closed:
            return self.last_log
        return Path(self.log.name).read_text(errors="replace")

    def wait_for_log(self, text):
        wait_until(f"a log line with {text!r}", lambda: text in self.log_text())

    def resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def open_descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


# Test cases --------------------------------------------------------------------------------------


def start_hub(test, *arguments, **options):
    """A server of the test's own, stopped when it ends, after the clients that it opens later."""
    hub = Hub(*arguments, **options).start()
    test.addCleanup(hub.stop)
    return hub


def each_version(*versions):
    """Runs the test once per protocol version, its argument: 3.1.1 and 5.0 unless named."""
    if len(versions) == 1 and callable(versions[0]):
        return each_version()(versions[0])

    def mark(test):
        test.versions = versions or (V311, V5)
        return test

    return mark


class HubTestCase(unittest.TestCase):
    """One server for all tests of the class; tests keep apart by client identifiers and topics."""

    config = None
    arguments = ()
    descriptors = None

    def __init_subclass__(cls):
        super().__init_subclass__()
        cls.expand_versions()

    @classmethod
    def expand_versions(cls):
        """Makes one test of each version of the tests that each_version marked."""
        for name, test in list(vars(cls).items()):
            for version in getattr(test, "versions", ()):
                setattr(cls, f"{name}__{version.name}", cls.bound_to(test, version))
            if hasattr(test, "versions"):
                delattr(cls, name)

    @staticmethod
    def bound_to(test, version):
        @functools.wraps(test)
        def run(self):
            return test(self, version)

        del run.versions
        return run

    @classmethod
    def setUpClass(cls):
        cls.hub = Hub(*cls.arguments, config=cls.config, descriptors=cls.descriptors).start()

    @classmethod
    def tearDownClass(cls):
        cls.hub.stop()

    def run(self, result=None):
        already = len(result.failures) + len(result.errors) if result else 0
        outcome = super().run(result)
        if result and len(result.failures) + len(result.errors) > already:
            hub = getattr(self, "hub", None)
            if hub and hub.process and hub.process.poll() is not None:
                print(f"the server has ended:\n{hub.log_text()[-8000:]}", flush=True)
        return outcome

    def name(self, text):
        """A client identifier or topic that no other test uses."""
        return f"{self._testMethodName}/{text}"

    def dial(self, version, client_id="", hub=None, **options):
        """A connection on which nothing has been sent yet; closed when the test ends."""
        client = Client((hub or self.hub).port, version, client_id, **options)
        self.addCleanup(client.close)
        return client

    def client(self, version, client_id="", hub=None, **options):
        """A connected client; its client identifier is made unique to the test."""
        full_id = self.name(client_id) if client_id else ""
        return self.dial(version, full_id, hub, **options).open()

    def persistent(self, version, client_id, hub=None, expiry=300, clean_start=False, **options):
        """A connected client whose session outlives its connections."""
        if version == V5:
            properties = {"session_expiry_interval": expiry, **options.pop("properties", {})}
            options["properties"] = properties
        return self.client(version, client_id, hub, clean_start=clean_start, **options)
