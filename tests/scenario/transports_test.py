"""MQTT through TLS, WebSocket, PROXY headers and unix sockets, side by side on one server."""

import http.client
import json
import os
import signal
import socket
import ssl
import struct
import subprocess
import unittest
from pathlib import Path

from support import packets, transports
from support.hub import Hub, binary
from support.packets import V5, V311, Kind
from support.transports import Certificates, WebSocket, tls, unix
from support.wire import WAIT, Client, wait_until

LARGE = bytes(range(256)) * 2000
RULES = """
[[rules]]
who = "users"
allow = ["readwrite"]
topics = ["own/${username}/#"]
[[rules]]
who = ["anonymous", "user:pump"]
allow = ["readwrite"]
topics = ["#"]
"""


class Transports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates(binary())
        cls.folder = Path(cls.certificates.folder.name)
        cls.certificates.run("client", "pump-7")
        cls.certificates.run("client", "spare")
        cls.certificates.run("revoke", "spare")
        (cls.folder / "psk").write_text("pump:0123456789abcdef\n")
        (cls.folder / "page").write_text("no certificate")

    def setUp(self):
        made = self.certificates
        listeners = {
            "tls": {"tls": made.server()},
            "ws": {"websocket": True},
            "wss": {"tls": made.server(), "websocket": {"origins": ["https://console.example"]}},
            "mtls": {"tls": made.with_clients(revocations=made.file("revoked.pem"))},
            "psk": {"tls": {"psk_file": made.file("psk")}},
            "proxied": {"proxies": ["127.0.0.0/8"], "allow_anonymous": True},
            "proxied_tls": {
                "proxies": ["127.0.0.1"],
                "tls": made.server(),
                "allow_anonymous": True,
            },
            "proxied_closed": {"proxies": ["127.0.0.1"]},
            "named": {"tls": made.with_clients(), "certificate_identity": "common_name"},
            "not_for_us": {"proxies": ["192.0.2.0/24"]},
        }
        config = [{"port": 20000 + i, **table} for i, table in enumerate(listeners.values())]
        config.append({"path": made.file("socket")})
        rules = self.folder / "rules"
        rules.write_text(RULES)
        limits = {"outbound_buffer_bytes_max": "64KiB", "queue_messages_max": "unlimited"}
        sections = {"mqtt": {"listeners": config}, "limits": limits}
        sections["access"] = {"rules_file": str(rules)}
        self.hub = Hub(config=sections).start()
        self.addCleanup(self.hub.stop)
        ports = [each["port"] for each in self.hub.ready["listeners"]]
        self.ports = dict(zip(["tcp", *listeners, "unix"], ports))

    def socket_of(self, kind, receive_buffer=None, maximum=None):
        if kind == "unix":
            return unix(self.certificates.file("socket"))
        raw = transports.tcp(self.ports[kind], receive_buffer)
        if kind.startswith("proxied"):
            raw.sendall(b"PROXY TCP4 192.0.2.77 10.0.0.1 51344 1883\r\n")
        certificate = None
        if kind in ("mtls", "named"):
            names = ("clients/pump-7.pem", "clients/pump-7.key")
            certificate = [self.certificates.file(name) for name in names]
        if kind in ("tls", "wss", "mtls", "named", "proxied_tls"):
            raw = tls(raw, self.certificates.file("authority.pem"), certificate, maximum=maximum)
        return WebSocket(raw) if kind in ("ws", "wss") else raw

    def client(self, kind, version, name, receive_buffer=None, **options):
        through = self.socket_of(kind, receive_buffer)
        return Client(0, version, name, through=through, **options).open()

    def log(self):
        return self.hub.log_text()

    def wait_for_log(self, *words):
        def lines():
            return [line for line in self.log().splitlines() if all(word in line for word in words)]

        return wait_until(f"{words} in the log", lines)[-1]

    KINDS = ("tcp", "tls", "ws", "wss", "mtls", "proxied", "proxied_tls", "unix")

    def test_every_transport_reaches_every_other(self):
        subscribers = {}
        for version in (V311, V5):
            for kind in self.KINDS:
                subscriber = self.client(kind, version, f"sub-{kind}-{version.name}")
                subscriber.subscribe("t/#", qos=2)
                subscribers[kind, version] = subscriber
        for index, kind in enumerate(self.KINDS):
            publisher = self.client(kind, (V311, V5)[index % 2], f"pub-{kind}")
            publisher.publish(f"t/{kind}", LARGE if index % 2 else kind, qos=index % 3)
            for subscriber in subscribers.values():
                message = subscriber.message()
                self.assertEqual(message.topic, f"t/{kind}")
                self.assertEqual(message.payload, LARGE if index % 2 else kind.encode())
            publisher.disconnect()

    def test_a_takeover_crosses_transports(self):
        for kind in self.KINDS:
            first = self.client("tcp", V5, "same")
            second = self.client(kind, V5, "same")
            first.expect_disconnect(0x8E)
            third = self.client("tcp", V5, "same")
            second.expect_disconnect(0x8E)
            third.disconnect()

    def test_a_reader_that_stopped_gets_everything_in_order_later(self):
        for kind in ("tls", "ws", "wss"):
            reader = self.client(kind, V5, f"slow-{kind}", receive_buffer=4096)
            reader.subscribe(f"slow/{kind}", qos=0)
            publisher = self.client(kind, V311, f"fast-{kind}")
            count = 400
            for number in range(count):
                text = f"{number} ".encode().ljust(10_000, b".")
                publisher.publish(f"slow/{kind}", text, qos=1)
            for number in range(count):
                self.assertEqual(reader.message().payload.split()[0], str(number).encode())

    def test_a_stopping_server_says_good_bye_in_every_layer(self):
        clients = {kind: self.client(kind, V5, kind) for kind in self.KINDS}
        self.hub.signal_stop()
        for client in clients.values():
            client.expect(Kind.DISCONNECT, reason=0x8B)
        self.assertEqual(clients["ws"].socket.recv(1), b"")
        self.assertEqual(clients["ws"].socket.close_code, 1000)
        # Without a close_notify Python would say so here.
        clients["tls"].socket.suppress_ragged_eofs = False
        self.assertEqual(clients["tls"].socket.recv(1), b"")
        for client in clients.values():
            client.close()

    # TLS

    def test_versions_below_1_2_are_refused(self):
        context = ssl._create_unverified_context()
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with self.assertRaises(ssl.SSLError):
            context.wrap_socket(transports.tcp(self.ports["tls"]))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            through = self.socket_of("tls", maximum=version)
            self.assertEqual(through.version(), version.name.replace("_", ".", 1))
            Client(0, V5, "versions", through=through).open().disconnect()

    def test_only_ciphers_with_forward_secrecy_are_offered(self):
        for cipher in ("AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256"):
            context = ssl._create_unverified_context()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(cipher)
            with self.assertRaises(ssl.SSLError, msg=cipher):
                context.wrap_socket(transports.tcp(self.ports["tls"]))

    def test_who_does_not_speak_tls_is_told_in_the_log(self):
        plain = transports.tcp(self.ports["tls"])
        plain.sendall(packets.connect(V5, "plain"))
        self.assertIn(plain.recv(1)[:1], (b"", b"\x15"))  # an alert
        self.wait_for_log("reason=tls_failed")
        # And the other way round.
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            tls(transports.tcp(self.ports["tcp"]), self.certificates.file("authority.pem"))

    def test_a_handshake_that_stops_is_given_up(self):
        half_open = transports.tcp(self.ports["tls"])
        half_open.sendall(b"\x16\x03\x01")
        half_open.settimeout(30)
        self.assertEqual(half_open.recv(1), b"")
        self.wait_for_log("reason=connect_timeout")

    def test_a_client_without_a_certificate_is_refused_where_one_is_asked_for(self):
        nobody = tls(transports.tcp(self.ports["mtls"]), self.certificates.file("authority.pem"))
        with self.assertRaises((ssl.SSLError, ConnectionError, AssertionError)):
            Client(0, V5, "nobody", through=nobody).open()
        self.wait_for_log("reason=tls_failed", "did not return a certificate")

    def test_a_revoked_certificate_is_refused_and_a_connected_one_ended(self):
        self.certificates.run("client", "soon")
        names = [self.certificates.file(f"clients/soon.{kind}") for kind in ("pem", "key")]
        through = tls(transports.tcp(self.ports["mtls"]), self.certificates.file("authority.pem"), names)
        soon = Client(0, V5, "soon", through=through).open()
        stays = self.client("mtls", V311, "stays")
        self.certificates.run("revoke", "soon")
        self.hub.process.send_signal(signal.SIGHUP)
        soon.expect_disconnect(0x98)
        stays.expect_nothing()
        self.wait_for_log("reason=administrative_action", "revoked")
        with self.assertRaises((ssl.SSLError, ConnectionError, AssertionError)):
            raw = transports.tcp(self.ports["mtls"])
            again = tls(raw, self.certificates.file("authority.pem"), names)
            Client(0, V5, "soon", through=again).open()

    def test_new_files_are_for_new_connections_and_broken_ones_for_nobody(self):
        def serial():
            through = self.socket_of("tls")
            Client(0, V5, "serial", through=through).open().disconnect()
            return through_certificate[0]

        through_certificate = [None]
        original = transports.tls

        def remember(*arguments, **options):
            made = original(*arguments, **options)
            through_certificate[0] = made.getpeercert()["serialNumber"]
            return made

        globals()["tls"] = remember
        self.addCleanup(lambda: globals().update(tls=original))
        first = serial()
        stays = self.client("tls", V5, "stays")
        good = (self.folder / "server.pem").read_bytes()
        (self.folder / "server.pem").write_text("broken")
        self.hub.process.send_signal(signal.SIGHUP)
        self.wait_for_log("tls_files_refused", "server.pem")
        self.assertEqual(serial(), first)
        (self.folder / "server.pem").write_bytes(good)
        self.certificates.run("init")
        # Nobody has to say that the files are new.
        wait_until("the new certificate", lambda: serial() != first)
        stays.expect_nothing()

    def test_a_session_is_resumed_with_a_ticket(self):
        context = ssl.create_default_context(cafile=self.certificates.file("authority.pem"))
        session = None
        for _ in range(2):
            raw = transports.tcp(self.ports["tls"])
            through = context.wrap_socket(raw, server_hostname="localhost", session=session)
            Client(0, V5, "resumes", through=through).open().ping()
            session = through.session
            was_resumed = through.session_reused
            through.close()
        self.assertTrue(was_resumed)
        self.assertEqual(self.hub.metrics()["holdfast_tls_handshakes_resumed_total"], 1)

    def test_pre_shared_keys(self):
        def publish(key):
            command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.ports["psk"])]
            command += ["-t", "psk", "-m", "x", "-q", "1"]
            command += ["--psk-identity", "pump", "--psk", key]
            return subprocess.run(command, capture_output=True, timeout=WAIT).returncode

        subscriber = self.client("tcp", V5, "subscriber")
        subscriber.subscribe("psk")
        self.assertEqual(publish("0123456789abcdef"), 0)
        self.assertEqual(subscriber.message().payload, b"x")
        self.assertNotEqual(publish("0123456789abcdee"), 0)

    # WebSocket

    def test_packets_and_frames_begin_where_they_like(self):
        through = self.socket_of("ws")
        data = packets.connect(V5, "frames") + packets.pingreq() * 3
        for byte in data[:-1]:
            through.send_frame(0x82, bytes([byte]))
        through.send_frame(0x02, b"")
        through.send_frame(0x89, b"hello")
        through.send_frame(0x80, data[-1:])
        client = Client(0, V5, "frames", through=through)
        client.expect(Kind.CONNACK, reason=0)
        for _ in range(3):
            client.expect(Kind.PINGRESP)
        self.assertEqual(through.pongs, [b"hello"])
        client.disconnect()
        self.assertEqual(through.close_code, 1000)

    def test_text_is_not_mqtt(self):
        through = self.socket_of("ws")
        Client(0, V5, "text", through=through).open()
        through.send_frame(0x81, packets.pingreq())
        self.assertEqual(through.recv(1), b"")
        self.assertEqual(through.close_code, 1003)
        self.wait_for_log("reason=websocket_broken", "binary")

    def test_a_close_frame_is_answered_and_the_will_sent(self):
        watcher = self.client("tcp", V311, "watcher")
        watcher.subscribe("will")
        through = self.socket_of("wss")
        will = packets.Will("will", b"gone")
        Client(0, V5, "closes", through=through, will=will).open()
        through.send_frame(0x88, struct.pack("!H", 1001))
        self.assertEqual(through.recv(1), b"")
        self.assertEqual(through.close_code, 1001)
        self.assertEqual(watcher.message().payload, b"gone")

    def test_pages_of_other_hosts_are_refused_unless_listed(self):
        def status(kind, origin):
            below = transports.tcp(self.ports[kind])
            if kind == "wss":
                below = tls(below, self.certificates.file("authority.pem"))
            return WebSocket(below, headers=[f"Origin: {origin}"]).answer.split()[1]

        self.assertEqual(status("ws", "http://localhost:3000"), b"101")
        self.assertEqual(status("ws", "https://evil.example"), b"403")
        self.assertEqual(status("wss", "https://console.example"), b"101")
        self.wait_for_log("reason=websocket_refused", "evil.example")

    def test_what_is_no_websocket_gets_an_http_answer(self):
        requests = {b"GET / HTTP/1.1\r\nHost: x\r\n\r\n": b"404", b"\x10\x0c\r\n\r\n": b"400"}
        for request, status in requests.items():
            peer = transports.tcp(self.ports["ws"])
            peer.sendall(request)
            answer = b""
            while part := peer.recv(4096):
                answer += part
            self.assertEqual(answer.split()[1], status)

    # Who it is

    def test_a_certificates_name_is_a_user_name(self):
        watcher = self.client("tcp", V5, "watcher")
        watcher.subscribe("#", qos=1)
        pump = self.client("named", V5, "any", user_name="somebody-else", password=b"whatever")
        self.assertEqual(pump.publish("own/pump-7/level", b"1", qos=1), 0)
        self.assertEqual(pump.publish("own/somebody-else/level", b"2", qos=1), 0x87)
        self.assertEqual(pump.subscribe(["own/pump-7/#", "#"], qos=1), [1, 0x87])
        self.assertEqual(watcher.message().payload, b"1")
        watcher.expect_nothing()
        # Its session is its own.
        stranger = Client(self.ports["tcp"], V5, "any")
        self.assertEqual(stranger.open_any().reason, 0x87)
        pump.ping()

    def test_who_comes_through_a_balancer_comes_from_anywhere(self):
        through = self.socket_of("proxied_closed")
        self.assertEqual(Client(0, V5, "behind", through=through).open_any().reason, 0x87)

    # PROXY

    def test_the_log_names_the_client_behind_the_balancer(self):
        self.client("proxied", V311, "behind")
        self.wait_for_log("connection_opened", 'client_id="behind"', "address=192.0.2.77:51344")
        raw = transports.tcp(self.ports["proxied"])
        addresses = socket.inet_pton(socket.AF_INET6, "2001:db8::5") * 2 + struct.pack("!HH", 99, 1)
        header = b"\r\n\r\n\0\r\nQUIT\n\x21\x21" + struct.pack("!H", len(addresses)) + addresses
        for byte in header + packets.connect(V5, "second"):
            raw.sendall(bytes([byte]))
        Client(0, V5, "second", through=raw).expect(Kind.CONNACK, reason=0)
        self.wait_for_log('client_id="second"', "address=[2001:db8::5]:99")

    def test_who_is_no_balancer_or_sends_no_header_is_refused(self):
        raw = transports.tcp(self.ports["proxied"])
        raw.sendall(packets.connect(V5, "direct"))
        self.assertEqual(raw.recv(1), b"")
        self.wait_for_log("reason=proxy_header_invalid")
        raw = transports.tcp(self.ports["not_for_us"])
        try:
            self.assertEqual(raw.recv(1), b"")
        except ConnectionResetError:
            pass
        wait_until("its count", lambda: self.hub.metrics().get(
            'holdfast_connections_closed_by_reason_total{reason="not_a_proxy"}') == 1)

    # HTTPS

    def test_the_api_is_served_with_tls(self):
        made = self.certificates
        config = {"http": {"tls": made.server()}, "limits": {"connect_deadline": "2s"}}
        with Hub(config=config) as hub:
            hub.http_is_secure = True
            context = ssl.create_default_context(cafile=made.file("authority.pem"))
            peer = http.client.HTTPSConnection("127.0.0.1", hub.http_port, context=context, timeout=WAIT)
            headers = {"X-Auth-Token": hub.ready["token"], "Content-Type": "application/json"}
            path = f"/v5/iot/{hub.ready['project_id']}"
            for number in range(3):
                device = {"product_id": "p", "node_id": f"n{number}", "description": "d" * 100_000}
                peer.request("POST", path + "/devices", json.dumps(device), headers)
                answer = peer.getresponse()
                answer.read()
                self.assertIn(answer.status, (400, 404))  # no such product: understood all the same
                self.assertNotEqual(answer.status, 401)
            peer.request("GET", path + "/devices", headers=headers)
            listed = peer.getresponse()
            self.assertEqual((listed.status, json.loads(listed.read())["devices"]), (200, []))
            # Who does not speak TLS, or stops within the handshake, harms nobody.
            plain = transports.tcp(hub.http_port)
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(plain.recv(1), (b"", b"\x15"))
            half = transports.tcp(hub.http_port)
            half.sendall(b"\x16\x03")
            peer.request("GET", "/metrics")
            metrics = peer.getresponse()
            self.assertIn(b"holdfast_connections_accepted_total", metrics.read())
            peer.close()

    # unix

    def test_a_dead_servers_socket_is_replaced_and_a_living_ones_is_not(self):
        config = {"mqtt": {"listeners": [{"path": self.certificates.file("other")}]}}
        with Hub(config=config) as first:
            second = Hub(config=config)
            with self.assertRaisesRegex(AssertionError, "ddress already in use"):
                second.start()
            os.kill(first.process.pid, signal.SIGKILL)
            first.process.wait()
            first.kill()
            first.log.close()
        self.assertTrue(os.path.exists(self.certificates.file("other")))
        with Hub(config=config):
            Client(0, V5, "back", through=unix(self.certificates.file("other"))).open()
        self.assertFalse(os.path.exists(self.certificates.file("other")))


if __name__ == "__main__":
    unittest.main()
