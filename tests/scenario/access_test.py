"""Users, passwords and rules: who is let in, what they may do, and what a reload changes."""

import json
import os
import queue
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import paho.mqtt.client as paho
from support.hub import STOP_SECONDS, binary, sanitizer_environment, to_toml
from support.packets import V5, V31, V311, Kind, Will
from support.processes import LineProcess
from support.wire import WAIT, Client, wait_until

BAD_CREDENTIALS = {V31: 4, V311: 4, V5: 0x86}
NOT_AUTHORIZED = {V31: 5, V311: 5, V5: 0x87}
VERSIONS = {V311: "mqttv311", V5: "mqttv5"}

ACL = """# clients without a name
topic read news/#

user alice
topic readwrite plant/#
topic deny plant/secret
topic read news/#

user bob
topic read plant/#

pattern write dev/%c/%u
"""

RULES = """
[[rules]]
who = "*"
deny = ["receive"]
topics = ["plant/secret"]

[[rules]]
who = ["user:alice", "user:bob"]
allow = ["readwrite"]
topics = ["plant/#"]

[[rules]]
who = "users"
allow = ["publish"]
topics = ["home/${username}/${client_id}"]
qos_max = 1
"""


# As mosquitto_passwd 2.0.11 writes them, PBKDF2 and SHA-512: carol's "christmas", dave's "bowman".
MOSQUITTO_PASSWORDS = (
    "carol:"
    "$7$101$4Zgl1v4t8uazCXOk$+Bg8EBASk8VfCZqUhkm+MJL/kWz+Yox8wWYRI3tvDi8CelRDVnU/Qdey"
    "OcmNxC5ozqeOdNDTGR2fF6oqk7WX0w==\n"
    "dave:"
    "$6$k/TJnEaAEMKyy6cO$B2DeFwHvTRW9T7xBCxB6He/ps6FHrhFuyo8rAn6E9j9Nrn6AbvjH3mkavswS"
    "/BT6Rk9tpZPlA//zvK3XAxcFug==\n"
)


class AccessCase(unittest.TestCase):
    access = {}
    limits = {}

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-scenario-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.user("add", "alice", "wonderland")
        self.user("add", "bob", "builder")
        (self.folder / "passwords").write_text(MOSQUITTO_PASSWORDS)
        (self.folder / "acl").write_text(ACL)
        (self.folder / "rules.toml").write_text(RULES)

    def command(self, *arguments, text=None):
        return subprocess.run(
            [binary(), *arguments], cwd=self.folder, input=text, text=True, capture_output=True,
            timeout=STOP_SECONDS, env=sanitizer_environment(),
        )

    def user(self, action, name, password=None):
        text = None if password is None else password + "\n"
        done = self.command("user", action, "--file", "users", name, text=text)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def configure(self, listener=None, **access):
        sections = {
            # The clients of a test stay until its end: nobody waits long for them.
            "server": {
                "threads": int(os.environ.get("HOLDFAST_THREADS", "1")),
                "shutdown_grace": "1s",
            },
            "mqtt": {"listeners": [{"address": "127.0.0.1", "port": "free"} | (listener or {})]},
            "access": {"users_file": "users", "password_file": "passwords"} | access,
        }
        if self.limits:
            sections["limits"] = self.limits
        (self.folder / "holdfast.toml").write_text(to_toml(sections))

    def start(self, listener=None, **access):
        self.configure(listener, **access)
        return self.start_again()

    def start_again(self):
        self.log = self.folder / "stderr"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [binary(), "serve", "--config", "holdfast.toml"], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                env=sanitizer_environment(),
            )
        self.addCleanup(self.end, self.process)
        self.port = json.loads(self.process.stdout.readline())["mqtt"]

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.wait(STOP_SECONDS)
        process.stdout.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(STOP_SECONDS), 0, self.log.read_text())

    def reload(self, word):
        before = self.log.read_text().count(word)
        self.process.send_signal(signal.SIGHUP)
        wait_until(f"the log to say {word}", lambda: self.log.read_text().count(word) > before)

    def dial(self, version, client_id, user=None, password=None, **options):
        client = Client(self.port, version, client_id, user_name=user, password=password, **options)
        self.addCleanup(client.close)
        return client

    def join(self, version, client_id, user=None, password=None, **options):
        return self.dial(version, client_id, user, password, **options).open()

    def refuse(self, code, version, client_id, user=None, password=None, **options):
        client = self.dial(version, client_id, user, password, **options)
        self.assertEqual(client.open_any().reason, code[version])
        client.expect_closed()

    def each(self):
        for version in (V311, V5):
            with self.subTest(version):
                yield version


class Logins(AccessCase):
    def test_users_of_every_file_come_in_with_their_password_only(self):
        self.start()
        known = {"alice": "wonderland", "bob": "builder", "carol": "christmas", "dave": "bowman"}
        for version in (V31, V311, V5):
            with self.subTest(version):
                for user, password in known.items():
                    self.join(version, f"c-{user}", user, password).disconnect()
                    self.join(version, f"c-{user}", user, password).disconnect()  # known by now
                    self.refuse(BAD_CREDENTIALS, version, f"c-{user}", user, password + "x")
                self.refuse(BAD_CREDENTIALS, version, "c", "nobody", "wonderland")
                self.refuse(BAD_CREDENTIALS, version, "c", "alice", "")
                self.refuse(BAD_CREDENTIALS, version, "c", "alice")
                self.refuse(BAD_CREDENTIALS, version, "c", "", "wonderland")
                self.refuse(BAD_CREDENTIALS, version, "c", "alice", b"\x00\xff")
                self.join(version, "c").disconnect()  # without a name: this machine
        self.refuse(BAD_CREDENTIALS, V5, "c", None, "wonderland")
        # What looks like a device's is the platform's to judge.
        self.refuse(BAD_CREDENTIALS, V5, "alice_0_0_2024010100", "alice", "wonderland")
        self.stop()

    def test_a_listener_may_ask_everybody_for_a_name(self):
        self.start({"allow_anonymous": False})
        for version in self.each():
            self.refuse(NOT_AUTHORIZED, version, "c")
            self.join(version, "c", "alice", "wonderland").disconnect()
        self.stop()

    def test_a_listener_for_other_machines_asks_for_names(self):
        self.start({"address": "0.0.0.0"})
        self.refuse(NOT_AUTHORIZED, V5, "c")
        self.join(V5, "c", "alice", "wonderland").disconnect()
        self.assertNotIn("WARNING", self.log.read_text())
        self.stop()

    def test_a_broken_or_missing_file_refuses_the_start(self):
        for name, text, said in (
            ("users", "alice\n", "users:1: a user without a password"),
            ("passwords", "carol:plain\n", "passwords:1: what follows the name is no hash"),
            ("acl", "user alice\ntopics a\n", 'acl:2: "topics" is no word'),
            ("rules.toml", "[[rules]]\nwho = 'alice'\n", 'rules.toml:2: "alice" is nobody'),
            ("users", None, "users: the file cannot be read"),
        ):
            with self.subTest(said):
                file = self.folder / name
                before = file.read_bytes()
                rules = {"acl_file": "acl"} if name == "acl" else {"rules_file": "rules.toml"}
                self.configure(**rules)
                self.addCleanup(file.write_bytes, before)
                file.unlink() if text is None else file.write_text(text)
                for command in (["serve", "--config"], ["check-config"]):
                    done = self.command(*command, "holdfast.toml")
                    self.assertEqual(done.returncode, 3, done)
                    self.assertIn(said, done.stderr)
                file.write_bytes(before)

    def test_mosquittos_and_pahos_clients_log_in(self):
        self.start({"allow_anonymous": False}, acl_file="acl")
        for version in self.each():
            here = ["-h", "127.0.0.1", "-p", str(self.port), "-V", VERSIONS[version]]
            reader = LineProcess(
                "stdbuf", "-oL", "mosquitto_sub", *here, "-d", "-F", "MSG %t %p", "-u", "bob",
                "-P", "builder", "-t", "plant/#",
            )
            self.addCleanup(reader.kill)
            reader.line_with("Subscribed (mid")
            for topic in ("plant/secret", "other", "plant/1"):
                sent = ["mosquitto_pub", *here, "-u", "alice", "-P", "wonderland", "-q", "1"]
                subprocess.run([*sent, "-t", topic, "-m", topic], check=False, timeout=WAIT,
                               capture_output=True)
            self.assertEqual(reader.line_with("MSG "), "plant/1 plant/1")
            reader.kill()
            wrong = subprocess.run(
                ["mosquitto_pub", *here, "-u", "alice", "-P", "no", "-t", "a", "-m", "a"],
                capture_output=True, timeout=WAIT,
            )
            self.assertNotEqual(wrong.returncode, 0)
            options = {} if version == V5 else {"clean_session": True}
            protocol = paho.MQTTv5 if version == V5 else paho.MQTTv311
            client = paho.Client("paho", protocol=protocol, **options)
            client.username_pw_set("carol", "christmas")
            answers = queue.Queue()
            client.on_connect = lambda *arguments: answers.put(arguments[3])
            client.connect("127.0.0.1", self.port)
            client.loop_start()
            self.assertEqual(answers.get(timeout=WAIT), 0)
            client.disconnect()
            client.loop_stop()
        self.stop()


class Rights(AccessCase):
    def test_an_acl_file_of_mosquittos_holds(self):
        self.start(acl_file="acl")
        for version in self.each():
            refused = 0x87 if version == V5 else 0x80
            alice = self.join(version, f"a{version}", "alice", "wonderland")
            bob = self.join(version, f"b{version}", "bob", "builder")
            nobody = self.join(version, f"n{version}")
            self.assertEqual(bob.subscribe("plant/#", 1), [1])
            self.assertEqual(bob.subscribe("news/#", 1), [refused])
            self.assertEqual(nobody.subscribe(["news/#", "#", "plant/1"], 1), [1, 1, refused])
            self.assertEqual(alice.subscribe("plant/secret", 1), [refused])
            denied = 0x87 if version == V5 else 0
            self.assertEqual(alice.publish("plant/secret", b"1", 1), denied)
            self.assertEqual(alice.publish("plant/secret", b"2", 2), denied)
            alice.publish("plant/secret", b"3")
            self.assertEqual(alice.publish("news/1", b"4", 1), denied)
            self.assertEqual(bob.publish("plant/1", b"5", 1), denied)
            self.assertLess(alice.publish("plant/1", b"6", 1), 0x80)
            self.assertLess(alice.publish(f"dev/a{version}/alice", b"7", 1), 0x80)
            self.assertEqual(alice.publish("dev/x/alice", b"8", 1), denied)
            self.assertEqual(bob.message().payload, b"6")
            bob.expect_nothing()
            nobody.expect_nothing()
        self.stop()

    def test_rules_of_our_own_hold(self):
        self.start(rules_file="rules.toml")
        for version in self.each():
            refused = 0x87 if version == V5 else 0x80
            denied = 0x87 if version == V5 else 0
            alice = self.join(version, f"a{version}", "alice", "wonderland")
            bob = self.join(version, f"b{version}", "bob", "builder")
            self.assertEqual(bob.subscribe(["plant/#", "#", "plant/+"], 1), [1, refused, 1])
            self.assertEqual(bob.subscribe("$share/g/#", 1), [refused])
            self.assertLess(alice.publish("plant/secret", b"1", 1), 0x80)  # received by nobody
            self.assertLess(alice.publish("plant/1", b"2", 1), 0x80)
            self.assertLess(alice.publish(f"home/alice/a{version}", b"3", 1), 0x80)
            self.assertEqual(alice.publish(f"home/alice/a{version}", b"3", 2), denied)
            self.assertEqual(alice.publish("home/bob/x", b"3", 1), denied)
            self.assertEqual({bob.message().payload for _ in range(1)}, {b"2"})
            self.refuse(NOT_AUTHORIZED, version, "w", "carol", "christmas",
                        will=Will("plant/1", b"gone"))
            hostile = self.join(version, "+", "alice", "wonderland")
            self.assertEqual(hostile.publish("home/alice/x", b"4", 1), denied)
        self.stop()

    def test_a_session_is_its_users_also_after_a_restart(self):
        self.start()
        expiry = {"properties": {"session_expiry_interval": 300}}
        owner = self.join(V5, "mine", "alice", "wonderland", clean_start=False, **expiry)
        for version in self.each():
            self.refuse(NOT_AUTHORIZED, version, "mine", "bob", "builder")
            self.refuse(NOT_AUTHORIZED, version, "mine", "bob", "builder", clean_start=False)
            self.refuse(NOT_AUTHORIZED, version, "mine")
        owner.ping()
        self.join(V5, "nobodys", clean_start=False, **expiry).disconnect()
        self.stop()
        self.start_again()
        self.refuse(NOT_AUTHORIZED, V5, "mine", "bob", "builder", clean_start=False)
        self.refuse(NOT_AUTHORIZED, V5, "nobodys", "bob", "builder")
        back = self.join(V5, "mine", "alice", "wonderland", clean_start=False, **expiry)
        self.assertTrue(back.connack.session_present)
        self.stop()


class Reloads(AccessCase):
    def test_a_reload_changes_what_connected_clients_may_do(self):
        self.start(acl_file="acl")
        expiry = {"properties": {"session_expiry_interval": 300}}
        alice = self.join(V5, "a", "alice", "wonderland")
        bob = self.join(V5, "b", "bob", "builder")
        away = self.join(V5, "away", "bob", "builder", clean_start=False, **expiry)
        self.assertEqual(bob.subscribe(["plant/1", "plant/+"], 1), [1, 1])
        away.subscribe("plant/#", 1)
        away.cut()
        alice.publish("plant/1", b"before", 1)
        bob.payloads(1)
        (self.folder / "acl").write_text("user alice\ntopic plant/#\nuser bob\ntopic read plant/2\n")
        self.reload("reloaded")
        alice.publish("plant/1", b"withheld", 1)
        alice.publish("plant/2", b"after", 1)
        self.assertEqual(bob.message().payload, b"after")
        bob.expect_nothing()
        self.assertEqual(bob.unsubscribe(["plant/1", "plant/+"]), [0x11, 0])
        back = self.join(V5, "away", "bob", "builder", clean_start=False, **expiry)
        self.assertEqual(back.message().payload, b"after")
        back.expect_nothing()
        self.stop()

    def test_a_broken_file_changes_nothing_and_says_where(self):
        self.start(acl_file="acl")
        alice = self.join(V5, "a", "alice", "wonderland")
        self.user("delete", "alice")
        (self.folder / "acl").write_text("nonsense\n")
        self.reload("reload_refused")
        self.assertIn("acl:1: ", self.log.read_text())
        self.assertLess(alice.publish("plant/1", b"1", 1), 0x80)
        self.join(V5, "b", "alice", "wonderland").disconnect()
        self.stop()

    def test_users_who_are_gone_are_disconnected(self):
        self.start()
        alice = self.join(V5, "a", "alice", "wonderland")
        old = self.join(V311, "o", "alice", "wonderland")
        bob = self.join(V5, "b", "bob", "builder")
        self.user("delete", "alice")
        self.user("passwd", "bob", "changed")
        self.reload("reloaded")
        self.assertEqual(alice.expect(Kind.DISCONNECT).reason, 0x98)
        old.expect_closed()
        bob.ping()
        self.refuse(BAD_CREDENTIALS, V5, "a", "alice", "wonderland")
        self.refuse(BAD_CREDENTIALS, V5, "b2", "bob", "builder")
        self.join(V5, "b2", "bob", "changed").disconnect()
        self.stop()


class Commands(AccessCase):
    def test_users_are_listed_and_wrong_changes_refused(self):
        self.assertEqual(self.command("user", "list", "--file", "users").stdout, "alice\nbob\n")
        self.assertEqual((self.folder / "users").stat().st_mode & 0o777, 0o600)
        text = (self.folder / "users").read_text()
        self.assertNotIn("wonderland", text)
        for arguments, password in (
            (["add", "--file", "users", "alice"], "x\n"),
            (["passwd", "--file", "users", "nobody"], "x\n"),
            (["delete", "--file", "users", "nobody"], ""),
            (["add", "--file", "users", "a:b"], "x\n"),
            (["add", "--file", "users", "eve"], "\n"),
            (["add", "--file", "users", "eve"], ""),
        ):
            done = self.command("user", *arguments, text=password)
            self.assertEqual((done.returncode, done.stdout), (3, ""), arguments)
        self.assertEqual((self.folder / "users").read_text(), text)
        self.assertEqual(self.command("user", "add", "--file", "users", "eve", "pw").returncode, 2)

    def test_explain_names_the_line_that_decides(self):
        self.configure(acl_file="acl")

        def explain(*arguments):
            done = self.command("explain", *arguments, "--config", "holdfast.toml")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return done.stdout

        self.assertIn(
            "the user alice: refused: by acl:6",
            explain("publish", "--client-id", "c", "--user", "alice", "--topic", "plant/secret"),
        )
        self.assertIn(
            "allowed: by acl:2", explain("subscribe", "--client-id", "c", "--topic", "news/#")
        )
        self.assertIn(
            "refused: no rule of acl speaks of it",
            explain("publish", "--client-id", "c", "--topic", "x", "--qos", "1", "--retain"),
        )
        self.assertIn(
            "stands in passwords:1", explain("connect", "--client-id", "c", "--user", "carol")
        )
        self.assertIn("no file of users", explain("connect", "--client-id", "c", "--user", "eve"))


if __name__ == "__main__":
    unittest.main()
