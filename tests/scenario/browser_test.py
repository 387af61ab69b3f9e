"""A page in a headless Chromium, with mqtt.js over WSS and WS: what a web console does."""

import contextlib
import functools
import http.server
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from support.hub import Hub, binary
from support.packets import V5
from support.transports import Certificates
from support.wire import Client, wait_until

FOLDER = Path(__file__).resolve().parent
PAGE = """<!doctype html><script src="mqtt.min.js"></script><script>
const client = mqtt.connect(URL_HERE, { protocolVersion: VERSION_HERE, reconnectPeriod: 0 });
const answer = (text, qos) => client.publish("page/out", text, { qos });
client.on("connect", () => client.subscribe("page/in", { qos: 1 }, () => answer("ready", 1)));
client.on("message", (topic, payload) => answer(payload.toString().toUpperCase(), 2));
</script>"""


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Browser(unittest.TestCase):
    def setUp(self):
        self.chromium = shutil.which("chromium")
        if not self.chromium:
            raise FileNotFoundError("no chromium: apt-get install chromium")
        self.folder = tempfile.TemporaryDirectory(prefix="holdfast-browser-")
        self.addCleanup(self.folder.cleanup)
        shutil.copy(FOLDER / "node_modules/mqtt/dist/mqtt.min.js", self.folder.name)
        handler = functools.partial(Handler, directory=self.folder.name)
        self.pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.pages.serve_forever, daemon=True).start()
        self.addCleanup(self.pages.server_close)
        self.addCleanup(self.pages.shutdown)
        self.certificates = Certificates(binary())
        listeners = [
            {"port": 8883, "websocket": True, "tls": self.certificates.server()},
            {"port": 8083, "websocket": True},
        ]
        self.hub = Hub(config={"mqtt": {"listeners": listeners}}).start()
        self.addCleanup(self.hub.stop)
        self.client = Client(self.hub.ready["mqtt"], V5, "watcher").open()
        self.client.subscribe("page/out", qos=2)

    @contextlib.contextmanager
    def page(self, url, version, host="localhost"):
        page = PAGE.replace("URL_HERE", repr(url)).replace("VERSION_HERE", str(version))
        (Path(self.folder.name) / "page.html").write_text(page)
        profile = tempfile.mkdtemp(dir=self.folder.name)
        # Whether a certificate is trusted is the browser's business, and not what is tested.
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors"]
        flags += [f"--user-data-dir={profile}", "--no-first-run", "--disable-dev-shm-usage"]
        flags += ["--remote-debugging-port=0"]  # stays until it is told to go
        address = f"http://{host}:{self.pages.server_address[1]}/page.html"
        browser = subprocess.Popen(
            [self.chromium, *flags, address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()

    def test_a_page_talks_in_both_versions_and_through_both_transports(self):
        for index, scheme in ((1, "wss"), (2, "ws")):
            port = self.hub.ready["listeners"][index]["port"]
            for version in (4, 5):
                with self.page(f"{scheme}://localhost:{port}/mqtt", version):
                    self.assertEqual(self.client.message(60).payload, b"ready")
                    self.client.publish("page/in", b"a question", qos=1)
                    self.assertEqual(self.client.message(60).payload, b"A QUESTION")

    def test_a_page_of_another_host_may_not(self):
        port = self.hub.ready["listeners"][2]["port"]
        reason = 'holdfast_connections_closed_by_reason_total{reason="websocket_refused"}'
        with self.page(f"ws://localhost:{port}/mqtt", 5, host="127.0.0.1"):
            wait_until("the refusal", lambda: self.hub.metrics().get(reason, 0) >= 1, 60)
            self.client.expect_nothing()


if __name__ == "__main__":
    unittest.main()
