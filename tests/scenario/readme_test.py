"""The README's first story, typed as it stands: every command runs, and what it says is what is seen.

Between `<!-- story -->` and `<!-- /story -->` a block fenced with ```sh is typed into one shell, and a
block fenced with ```text is what the block before it prints; `...` stands for anything within a line.
Only ports and the path of the binary are replaced.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from support.hub import REPOSITORY, Hub, binary
from support.platform import Application

PAGE = REPOSITORY / "README.md"
EXAMPLES = REPOSITORY / "docs" / "examples"
STORY = re.compile(r"<!-- story -->\n(.*?)<!-- /story -->", re.DOTALL)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BINARY = "build/release/holdfast"
PORTS = ("1883", "8080")
MARK = "----- end of block -----"
STORY_SECONDS = 120


def read_story(page):
    """Pairs of what is typed and what is seen (None: nothing is said about it)."""
    story = STORY.search(page)
    if story is None:
        raise ValueError(f"{PAGE} has no <!-- story --> ... <!-- /story -->")
    steps = []
    for kind, text in BLOCK.findall(story.group(1)):
        if kind == "sh":
            steps.append([text, None])
        elif kind == "text" and steps and steps[-1][1] is None:
            steps[-1][1] = text
        else:
            raise ValueError(f"a block of kind {kind!r} says neither what is typed nor what is seen")
    return steps


def pattern_of(text):
    return r"[^\n]*".join(re.escape(part) for part in text.strip().split("..."))


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Story(unittest.TestCase):
    def test_the_story_comes_true(self):
        steps = read_story(PAGE.read_text())
        self.assertGreaterEqual(len(steps), 5)
        outputs = self.type_in([typed for typed, _ in steps])
        self.assertEqual(len(outputs), len(steps), outputs)
        for (typed, seen), output in zip(steps, outputs):
            if seen is not None:
                self.assertRegex(output.strip(), rf"\A{pattern_of(seen)}\Z", typed)

    def type_in(self, blocks):
        """Runs all blocks in one shell; what each of them printed."""
        folder = tempfile.mkdtemp(prefix="holdfast-readme-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        script = f"\necho; echo '{MARK}'\n".join(["set -e", *blocks, ""])
        for port, free in zip(PORTS, free_ports(len(PORTS))):
            script = re.sub(rf"\b{port}\b", free, script)
        self.assertIn(BINARY, script)
        script = script.replace(BINARY, binary())
        with open(Path(folder) / "stderr", "wb") as errors:
            shell = subprocess.Popen(
                ["bash", "-c", script],
                cwd=folder,
                env={**os.environ, "HOME": folder},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        try:
            output, _ = shell.communicate(timeout=STORY_SECONDS)
        except subprocess.TimeoutExpired:
            self.end(shell)
            output, _ = shell.communicate()
            self.fail(f"still typing after {STORY_SECONDS} s: {output.decode()}")
        finally:
            self.end(shell)
        errors = (Path(folder) / "stderr").read_text()
        self.assertEqual(shell.returncode, 0, output.decode() + errors)
        return output.decode().split(MARK)[1:-1]

    @staticmethod
    def end(shell):
        """The server that the story leaves running, with everything else that it started."""
        try:
            os.killpg(shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Clients(unittest.TestCase):
    """What README and docs/examples show of signing does post a message, and a wrong key does not."""

    @classmethod
    def setUpClass(cls):
        cls.hub = Hub().start()
        cls.application = Application(cls.hub)
        cls.application.register("pump-7")
        cls.host = f"127.0.0.1:{cls.hub.http_port}"

    @classmethod
    def tearDownClass(cls):
        cls.hub.stop()

    def messages(self):
        """What was posted so far, oldest first."""
        status, listed = self.application.call("GET", "/devices/pump-7/messages")
        self.assertEqual(status, 200)
        return [each["message"] for each in reversed(listed["messages"])]

    def run_example(self, *command, sk=None):
        """What it prints."""
        ready = self.hub.ready
        keys = {"AK": ready["ak"], "SK": sk or ready["sk"], "PROJECT": ready["project_id"]}
        done = subprocess.run(command, env={**os.environ, **keys}, capture_output=True, text=True,
                              timeout=STORY_SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def check_example(self, *command):
        name = Path(command[1]).name
        said = self.run_example(*command, self.host, "pump-7", f"by {name}")
        self.assertIn("201", said)
        self.assertIn(f"by {name}", self.messages())
        said = self.run_example(*command, self.host, "pump-7", "forged", sk="wrong")
        self.assertIn("401", said)
        self.assertIn("APIGW.0301", said)
        self.assertNotIn("forged", self.messages())

    def test_python_of_the_readme(self):
        code = next(text for kind, text in BLOCK.findall(PAGE.read_text()) if kind == "python")
        ready, names = self.hub.ready, {}
        exec(code, names)  # pylint: disable=exec-used
        path = f"/v5/iot/{ready['project_id']}/devices/pump-7/messages"
        answer = names["post"](self.host, path, b'{"message": "by python"}', ready["ak"], ready["sk"])
        self.assertIn(b"message_id", answer)
        self.assertIn("by python", self.messages())

    @unittest.skipUnless(shutil.which("node"), "node is not installed")
    def test_node(self):
        self.check_example("node", str(EXAMPLES / "post_message.mjs"))

    @unittest.skipUnless(shutil.which("java"), "java is not installed")
    def test_java(self):
        self.check_example("java", str(EXAMPLES / "PostMessage.java"))

    def test_curl(self):
        self.check_example("bash", str(EXAMPLES / "post_message.sh"))


class Reading(unittest.TestCase):
    def test_blocks_are_commands_and_what_they_print(self):
        page = "x\n<!-- story -->\n```sh\na\n```\nthen\n```text\nb ... c\n```\n```sh\nd\n```\n"
        self.assertEqual(
            read_story(page + "<!-- /story -->\n"), [["a\n", "b ... c\n"], ["d\n", None]]
        )
        with self.assertRaises(ValueError):
            read_story("no story")
        with self.assertRaises(ValueError):
            read_story("<!-- story -->\n```\nneither\n```\n<!-- /story -->\n")

    def test_dots_stand_for_anything_within_a_line(self):
        self.assertRegex("b 12 c", pattern_of("b ... c"))
        self.assertNotRegex("b 1\n2 c", pattern_of("b ... c"))


if __name__ == "__main__":
    unittest.main()
