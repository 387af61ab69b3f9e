"""The command line: help, version, mistakes told in one line with a remedy, the ready line."""

import json
import re
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from support.hub import READY_SECONDS, Hub, binary, sanitizer_environment, to_toml
from support.packets import V5
from support.wire import Client

USAGE, CONFIGURATION, LISTEN, STORE = 2, 3, 4, 5


def run(*arguments):
    return subprocess.run(
        [binary(), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=READY_SECONDS / 2,
        env=sanitizer_environment(),
    )


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-scenario-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, text):
        file = self.folder / "holdfast.toml"
        file.write_text(text if isinstance(text, str) else to_toml(text))
        return str(file)

    def refused(self, code, *arguments):
        """The one line on stderr with which the program ends; nothing is on stdout."""
        outcome = run(*arguments)
        self.assertEqual(outcome.returncode, code, outcome.stderr)
        self.assertEqual(outcome.stdout, "")
        lines = outcome.stderr.splitlines()
        self.assertEqual(len(lines), 1, outcome.stderr)
        self.assertTrue(lines[0].startswith("holdfast: "), lines[0])
        return lines[0]

    def test_help_names_every_command_and_exit_code(self):
        texts = [run(*words) for words in (["--help"], ["-h"], ["help"])]
        self.assertEqual([each.returncode for each in texts], [0, 0, 0])
        self.assertEqual(len({each.stdout for each in texts}), 1)
        for word in ("serve", "--config", "--test", "check-config", "--version", "Exit codes"):
            self.assertIn(word, texts[0].stdout)
        self.assertEqual(texts[0].stderr, "")

    def test_help_of_serve_names_every_option(self):
        for words in (["serve", "--help"], ["help", "serve"]):
            outcome = run(*words)
            self.assertEqual(outcome.returncode, 0)
            options = ["--config", "--test", "--mqtt-port", "--http-port", "--threads", "--oversubscribe",
                       "--data"]
            for option in options:
                self.assertIn(option, outcome.stdout)
            self.assertIn('{"ready":true', outcome.stdout)

    def test_version_says_what_it_is_and_is_made_of(self):
        outcome = run("--version")
        self.assertEqual(outcome.returncode, 0)
        self.assertRegex(outcome.stdout, r"^holdfast \d+\.\d+\.\d+\S*\n")
        for part in ("Boost", "OpenSSL"):
            self.assertIn(part, outcome.stdout)

    def test_no_command_is_a_mistake(self):
        self.assertIn("holdfast help", self.refused(USAGE))

    def test_an_unknown_option_suggests_the_near_one(self):
        self.assertIn("--threads", self.refused(USAGE, "serve", "--test", "--thread", "2"))
        self.assertIn("--mqtt-port", self.refused(USAGE, "serve", "--test", "--mqtt-prot", "0"))
        self.assertIn("--version", self.refused(USAGE, "--versoin"))

    def test_an_unknown_command_suggests_the_near_one(self):
        self.assertIn("serve", self.refused(USAGE, "sevre"))
        self.assertIn("check-config", self.refused(USAGE, "checkconfig"))

    def test_values_of_options_are_checked(self):
        for option, value in [("threads", "0"), ("threads", "x"), ("mqtt-port", "65536")]:
            self.assertIn(option, self.refused(USAGE, "serve", "--test", f"--{option}", value))
        self.refused(USAGE, "serve", "--test", "--threads")
        self.refused(USAGE, "serve")
        self.refused(USAGE, "serve", "--threads", "2", "--config", "x")

    def test_an_unknown_key_is_named_with_its_place_and_the_near_one(self):
        file = self.file("[limits]\nqueue_message_max = 5\n")
        line = self.refused(CONFIGURATION, "serve", "--test", "--config", file)
        self.assertIn(file + ":2:", line)
        self.assertIn("queue_messages_max", line)
        line = self.refused(CONFIGURATION, "check-config", self.file("[limit]\n"))
        self.assertIn("limits", line)

    def test_a_value_out_of_range_is_named_with_its_range(self):
        for text in ("[limits]\nreceive_maximum = 0\n", '[limits]\nqueue_policy = "ignore"\n'):
            line = self.refused(CONFIGURATION, "serve", "--test", "--config", self.file(text))
            self.assertRegex(line, r"limits\.\w+")
        line = self.refused(CONFIGURATION, "check-config", self.file("[limits\n"))
        self.assertIn(":1:", line)

    def test_a_missing_file_is_an_error_not_a_default(self):
        missing = str(self.folder / "missing.toml")
        self.assertIn(missing, self.refused(CONFIGURATION, "serve", "--config", missing))
        self.assertIn(missing, self.refused(CONFIGURATION, "check-config", missing))

    def test_check_config_prints_what_it_would_read_again(self):
        text = {"limits": {"queue_messages_max": 123, "queue_policy": "drop_oldest"}}
        outcome = run("check-config", self.file(text))
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""))
        self.assertRegex(outcome.stdout, r"(?m)^queue_messages_max\s*=\s*123$")
        again = run("check-config", self.file(outcome.stdout))
        self.assertEqual((again.returncode, again.stdout), (0, outcome.stdout))

    def test_a_port_in_use_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            line = self.refused(LISTEN, "serve", "--test", "--mqtt-port", port)
            self.assertIn(port, line)

    def test_the_port_of_another_server_is_in_use_too(self):
        with Hub() as hub:
            for option, port in [("--mqtt-port", hub.port), ("--http-port", hub.http_port)]:
                with self.subTest(option):
                    line = self.refused(LISTEN, "serve", "--test", option, str(port))
                    self.assertIn(str(port), line)

    def test_a_data_directory_that_cannot_be_used_is_named(self):
        file = self.folder / "file"
        file.write_text("no folder")
        line = self.refused(STORE, "serve", "--test", "--data", str(file))
        self.assertIn(str(file), line)

    def test_a_data_directory_has_one_user_at_a_time(self):
        data = str(self.folder / "data")
        with Hub("--data", data):
            line = self.refused(STORE, "serve", "--test", "--data", data)
            self.assertIn("another process", line)


class ReadyLine(unittest.TestCase):
    def test_it_is_one_line_of_json_and_true(self):
        hub = Hub(threads=2)
        hub.start()
        self.assertIs(hub.ready["ready"], True)
        self.assertEqual(hub.ready["pid"], hub.process.pid)
        for key in ("mqtt", "http"):
            self.assertIsInstance(hub.ready[key], int)
        Client(hub.port, V5, "client").open().disconnect()
        socket.create_connection(("127.0.0.1", hub.http_port), timeout=5).close()
        hub.stop()

    def test_its_form_is_fixed(self):
        process = subprocess.Popen(
            [binary(), "serve", "--test"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = process.stdout.readline()
        process.terminate()
        rest = process.communicate(timeout=READY_SECONDS)[0]
        self.assertEqual((process.returncode, rest), (0, ""))
        form = (
            r'\{"ready":true,"mqtt":\d+,"http":\d+,"pid":\d+,'
            r'"project_id":"[0-9a-f]{32}",'
            r'"listeners":\[\{"scheme":"mqtt","port":\d+\}\],"token":"[0-9a-f]{64}",'
            r'"ak":"HF[0-9A-Z]{18}","sk":"[0-9a-z]{40}"\}\n'
        )
        self.assertTrue(re.fullmatch(form, line), line)
        self.assertEqual(json.loads(line)["pid"], process.pid)

    def test_a_port_that_is_named_is_used(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with Hub("--mqtt-port", str(port)) as hub:
            self.assertEqual(hub.port, port)
            Client(port, V5, "client").open().disconnect()

    def test_only_this_machine_can_connect(self):
        with Hub() as hub:
            for family, _, _, _, address in self.other_addresses():
                with socket.socket(family) as outside:
                    outside.settimeout(2)
                    with self.assertRaises(OSError):
                        outside.connect((address[0], hub.port))

    def other_addresses(self):
        try:
            found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
        except OSError:
            return []
        return [each for each in found if not each[4][0].startswith("127.") and each[4][0] != "::1"]

    def test_many_servers_run_side_by_side(self):
        hubs = [Hub(threads=1).start() for _ in range(5)]
        self.assertEqual(len({hub.port for hub in hubs}), 5)
        for hub in hubs:
            hub.stop()


if __name__ == "__main__":
    unittest.main()
