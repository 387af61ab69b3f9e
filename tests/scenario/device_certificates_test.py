"""Devices that log in with a certificate, devices that must come over TLS, and secrets on the disk."""

import hashlib
import json
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import packets, transports
from support.hub import Hub, binary
from support.packets import V5, V311, Kind
from support.platform import Application, Device
from support.transports import Certificates, tls
from support.wire import WAIT, Client, wait_until

BAD_CREDENTIALS = {V5: 0x86, V311: 4}
NOT_AUTHORIZED = {V5: 0x87, V311: 5}


def fingerprint(certificate, digest=hashlib.sha256):
    return digest(ssl.PEM_cert_to_DER_cert(Path(certificate).read_text())).hexdigest()


class CertificatesTestCase(unittest.TestCase):
    """Each test has a server of its own: a plain listener, one with TLS, one that asks for certificates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = Certificates(binary())
        cls.pump, cls.spare = (cls.certificates.client(name) for name in ("pump-7", "spare"))

    def start(self, *arguments):
        made = self.certificates
        tables = [{"port": 8883, "tls": made.server()}, {"port": 8884, "tls": made.with_clients()}]
        config = {"mqtt": {"listeners": tables}}
        hub = Hub(*arguments, config=config, threads=2).start()
        self.addCleanup(hub.stop)
        self.ports = dict(zip(("tcp", "tls", "mtls"), (each["port"] for each in hub.ready["listeners"])))
        self.hub, self.application = hub, Application(hub)
        return hub

    def register(self, device_id, **auth_info):
        body = {"device_id": device_id, "node_id": device_id, "auth_info": auth_info}
        status, answer = self.application.call("POST", "/devices", body)
        self.assertEqual(status, 201, answer)
        return Device(self.application, device_id, auth_info.get("secret", ""), answer["product_id"])

    def auth_info(self, device):
        status, answer = self.application.call("GET", f"/devices/{device.device_id}")
        self.assertEqual(status, 200)
        return answer["auth_info"]

    def reset(self, device, **body):
        path = f"/devices/{device.device_id}/reset-fingerprint"
        status, answer = self.application.call("POST", path, body)
        self.assertEqual((status, answer["device_id"]), (200, device.device_id))
        return answer

    def client(self, device, kind, certificate=None, version=V5, password=None, **options):
        through = transports.tcp(self.ports[kind])
        if kind != "tcp":
            through = tls(through, self.certificates.file("authority.pem"), certificate)
        client = Client(0, version, device.client_id, through=through,
                        user_name=device.device_id, password=password, **options)
        self.addCleanup(client.socket.close)
        return client

    def refusal(self, *arguments, version=V5, **options):
        return self.client(*arguments, version=version, **options).open_any().reason


class Devices(CertificatesTestCase):
    def test_a_device_is_known_by_its_certificate(self):
        self.start()
        for version in (V311, V5):
            for digest in (hashlib.sha1, hashlib.sha256):
                device = self.register(f"pump-{version.name}-{digest().name}", auth_type="CERTIFICATES",
                                       fingerprint=fingerprint(self.pump[0], digest).upper())
                client = self.client(device, "mtls", self.pump, version).open()
                refused = BAD_CREDENTIALS[version]
                self.assertEqual(self.refusal(device, "mtls", self.spare, version=version), refused)
                self.assertEqual(self.refusal(device, "tls", version=version), refused)
                self.assertEqual(self.refusal(device, "tcp", version=version), refused)
                client.disconnect()

    def test_messages_reach_it(self):
        for version in (V311, V5):
            with self.subTest(version=version):
                self.check_messages(version)

    def check_messages(self, version):
        self.start()
        device = self.register("pump", auth_type="CERTIFICATES",
                               secondary_fingerprint=fingerprint(self.spare[0]),
                               fingerprint=fingerprint(self.pump[0]))
        before = device.post("while away")["message_id"]
        for number, certificate in enumerate((self.pump, self.spare)):
            client = self.client(device, "mtls", certificate, version).open()
            if number == 0:
                self.assertEqual(json.loads(client.message().payload)["content"], "while away")
            message_id = device.post(f"number {number}")["message_id"]
            message = client.message()
            self.assertEqual(message.topic, device.downlink)
            self.assertEqual(json.loads(message.payload)["content"], f"number {number}")
            for each in (before, message_id):
                wait_until("its delivery",
                           lambda each=each: device.status(each) == ("DELIVERED", "acknowledged"))
            client.disconnect()

    def test_the_first_certificate_is_learnt(self):
        self.start()
        device = self.register("pump", auth_type="CERTIFICATES")
        self.assertNotIn("fingerprint", self.auth_info(device))
        self.assertEqual(self.refusal(device, "tls"), 0x86)
        self.client(device, "mtls", self.pump).open().disconnect()
        self.assertEqual(self.auth_info(device)["fingerprint"], fingerprint(self.pump[0]))
        self.assertEqual(self.refusal(device, "mtls", self.spare), 0x86)
        self.client(device, "mtls", self.pump).open()

    def test_of_many_at_once_one_is_the_first(self):
        self.start()
        for number in range(10):
            device = self.register(f"pump-{number}", auth_type="CERTIFICATES")
            clients = [self.client(device, "mtls", each) for each in (self.pump, self.spare)]
            for client in clients:
                client.send(packets.connect(V5, client.client_id, **client.connect_options))
            reasons = [client.expect(Kind.CONNACK).reason for client in clients]
            self.assertEqual(sorted(reasons), [0, 0x86])
            winner = (self.pump, self.spare)[reasons.index(0)]
            self.assertEqual(self.auth_info(device)["fingerprint"], fingerprint(winner[0]))

    def test_a_reset_takes_another_certificate(self):
        self.start()
        device = self.register("pump", auth_type="CERTIFICATES", fingerprint=fingerprint(self.pump[0]))
        client = self.client(device, "mtls", self.pump).open()
        answer = self.reset(device, fingerprint=fingerprint(self.spare[0]), fingerprint_type="SECONDARY")
        self.assertEqual(answer["fingerprint_type"], "SECONDARY")
        client.ping()  # nobody asked for its end
        answer = self.reset(device, fingerprint="a" * 64, force_disconnect=True)
        self.assertEqual((answer["fingerprint"], answer["fingerprint_type"]), ("a" * 64, "PRIMARY"))
        client.expect_disconnect(0x98)
        self.assertEqual(self.refusal(device, "mtls", self.pump), 0x86)
        self.client(device, "mtls", self.spare).open().disconnect()
        self.reset(device, fingerprint_type="SECONDARY")
        self.assertEqual(self.refusal(device, "mtls", self.spare), 0x86)
        self.assertEqual(self.reset(device)["fingerprint"], "")
        self.client(device, "mtls", self.spare).open()
        self.assertEqual(self.auth_info(device)["fingerprint"], fingerprint(self.spare[0]))

    def test_a_secret_is_asked_for_behind_certificates_too(self):
        self.start()
        device = self.register("pump", secret="secret-of-a-pump")
        self.assertEqual(self.refusal(device, "mtls", self.pump), 0x86)
        self.assertEqual(self.refusal(device, "mtls", self.pump, password="wrong"), 0x86)
        self.client(device, "mtls", self.pump, password=device.password).open()
        status, _ = self.application.call("POST", "/devices/pump/reset-fingerprint", {})
        self.assertEqual(status, 403)

    def test_secure_access_is_over_tls(self):
        self.start()
        device = self.register("pump", secret="secret-of-a-pump", secure_access=True)
        for version in (V311, V5):
            refused = self.refusal(device, "tcp", version=version, password=device.password)
            self.assertEqual(refused, NOT_AUTHORIZED[version])
            self.client(device, "tls", version=version, password=device.password).open().disconnect()
        status, _ = self.application.call("PUT", "/devices/pump", {"auth_info": {"secure_access": False}})
        self.assertEqual(status, 200)
        self.client(device, "tcp", password=device.password).open()


class SecretsOnDisk(CertificatesTestCase):
    """What a copy of the data directory tells, and what the server does with a wrong one."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-data-")
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name)
        self.key = self.data / "secrets.key"

    def start(self, *arguments):
        return super().start("--data", str(self.data), *arguments)

    def refused_start(self):
        """What it says on the way out."""
        command = [binary(), "serve", "--test", "--data", str(self.data)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=False)
        self.assertEqual((done.returncode, done.stdout), (5, ""))
        return done.stderr

    def test_both_kinds_log_in_after_a_restart(self):
        self.start()
        secret = self.register("pump", secret="secret-of-a-pump", secondary_secret="another-one-of-it")
        certified = self.register("valve", auth_type="CERTIFICATES")
        self.client(certified, "mtls", self.pump).open()
        self.hub.stop()
        stored = b"".join(each.read_bytes() for each in self.data.rglob("*") if each.is_file())
        self.assertIn(fingerprint(self.pump[0]).encode(), stored)
        for text in (b"secret-of-a-pump", b"another-one-of-it"):
            self.assertNotIn(text, stored)
        self.assertEqual((self.key.stat().st_size, self.key.stat().st_mode & 0o777), (32, 0o600))

        self.start()
        self.client(secret, "tcp", password=secret.password).open()
        secret.secret = "another-one-of-it"
        self.client(secret, "tcp", password=secret.password).open()
        self.client(certified, "mtls", self.pump).open()
        certified.application = self.application
        self.assertEqual(self.refusal(certified, "mtls", self.spare), 0x86)

    def test_without_its_key_it_does_not_start(self):
        self.start()
        device = self.register("pump", secret="secret-of-a-pump")
        self.hub.stop()
        key = self.key.read_bytes()
        self.key.unlink()
        self.assertIn("is missing", self.refused_start())
        self.assertFalse(self.key.exists())
        self.key.write_bytes(bytes(32))
        self.key.chmod(0o600)
        self.assertIn("is not the one", self.refused_start())
        self.key.write_bytes(key)
        self.key.chmod(0o640)
        self.assertIn("chmod", self.refused_start())
        self.key.chmod(0o600)
        self.start()
        self.client(device, "tcp", password=device.password).open()


if __name__ == "__main__":
    unittest.main()
